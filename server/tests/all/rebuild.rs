//! `zhicha admin rebuild` on damaged feeds: afterwards every device can pull exactly what it should see, however far it had read.

use crate::world::{
    Caller, World, built_in, findings,
    phone::{Http, Phone},
};
use serde_json::json;
use std::{collections::BTreeSet, path::Path};
use tempfile::TempDir;
use zhicha_core::{access::Role, id::RecordId, store::Store as _, testing::CountingIds};
use zhicha_server::{Config, cli::admin, store::Store};

struct Office {
    world: World,
    anna: Caller,
    bea: Caller,
    phone: Phone,
    records: [RecordId; 2],
}

// Two regions with an inspector each, a site that moved between them, and a phone of anna that has read everything.
async fn office() -> Office {
    let world = World::start().await;
    let admin = world.administrator().await;
    admin.add_site("示例厂甲", "shili-1").await;
    let moved = admin.add_site("示例厂乙", "shili-1").await;
    admin.add_site("示例厂丙", "shili-2").await;
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-2"])
        .await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    let mut ids = CountingIds::default();
    let (one, two) = (phone.note(&mut ids).await, phone.note(&mut ids).await);
    phone.push(100).await;
    let other = Phone::enrol(&bea, 2).await;
    other.note(&mut CountingIds(50)).await;
    other.push(100).await;
    // The phone has not heard of the move when the feed is damaged.
    let site =
        json!({ "version": 1, "name": "示例厂乙", "address": "虚构路1号", "region": "shili-2" });
    let path = format!("/api/v1/sites/{moved}");
    let answer = admin.send(reqwest::Method::PUT, &path, Some(site)).await;
    assert_eq!(answer.status(), 200);
    let records = [one.record_id, two.record_id];
    Office {
        world,
        anna,
        bea,
        phone,
        records,
    }
}

async fn behind_its_back(folder: &Path, sql: &'static str) {
    let file = folder.join("zhicha.sqlite");
    let pool = sqlx::SqlitePool::connect(file.to_str().unwrap())
        .await
        .unwrap();
    let done = sqlx::query(sql).execute(&pool).await.unwrap();
    assert!(done.rows_affected() > 0, "{sql}");
    pool.close().await;
}

async fn rebuilt(dir: TempDir) -> World {
    let config = Config::in_folder(dir.path().to_owned());
    let store = Store::open_existing(&config.database().unwrap())
        .await
        .unwrap();
    let done = admin::rebuild(&store, config.clock.now()).await.unwrap();
    store.close().await;
    assert_eq!((done.records, done.refilled), (3, 1));
    assert_eq!(findings(dir.path()).await, []);
    World::start_in(dir, |_| {}).await
}

async fn sites(phone: &Phone) -> Vec<String> {
    let sites = phone.store.sites().await.unwrap();
    sites.into_iter().map(|site| site.name).collect()
}

async fn records(phone: &Phone) -> BTreeSet<RecordId> {
    phone.store.records(99).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn a_rebuild_leaves_every_device_able_to_pull_what_it_should_see() {
    for damage in [
        "DELETE FROM feed",
        "DELETE FROM feed WHERE op = 'drop'",
        "DELETE FROM feed WHERE stream = 'records' AND seq = 1",
        "DELETE FROM counter WHERE stream = 'records'",
        "UPDATE feed SET scope = (SELECT scope FROM feed f WHERE f.stream = 'records' AND f.scope <> feed.scope LIMIT 1)
         WHERE stream = 'records' AND seq = 1",
    ] {
        let Office {
            world,
            anna,
            bea,
            mut phone,
            records: own,
        } = office().await;
        let dir = world.stop().await;
        assert_eq!(findings(dir.path()).await, []);
        behind_its_back(dir.path(), damage).await;
        assert_ne!(findings(dir.path()).await, [], "{damage}");
        let world = rebuilt(dir).await;

        // The phone that had read on goes on from its cursors; new ones begin anew.
        let at = |caller: &Caller| Caller {
            url: world.running.url.clone(),
            ..caller.clone()
        };
        phone.http = Http::of(&at(&anna));
        let new = Phone::enrol(&at(&anna), 3).await;
        let other = Phone::enrol(&at(&bea), 4).await;
        for phone in [&phone, &new, &other] {
            phone.pull_everything().await;
            assert_eq!(phone.lists().await.len(), built_in(), "{damage}");
        }
        for phone in [&phone, &new] {
            assert_eq!(sites(phone).await, ["示例厂甲"], "{damage}");
            assert_eq!(records(phone).await, own.into(), "{damage}");
        }
        assert_eq!(sites(&other).await, ["示例厂丙", "示例厂乙"], "{damage}");
        let of_bea = records(&other).await;
        assert!(of_bea.len() == 1 && of_bea.is_disjoint(&own.into()), "{damage}");
        world.stop().await;
    }
}
