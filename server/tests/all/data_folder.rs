//! What the data folder guarantees: durable settings, insert-only evidence, projections that a rebuild repeats, and a
//! check that finds what was altered behind the server's back.

use crate::world::{Caller, Device, World, amended, findings, record};
use zhicha_core::{access::Role, id::RecordId};
use zhicha_server::{
    Config,
    cli::admin,
    store::{projection, tenants},
};

async fn begin() -> (World, Caller, Device, RecordId) {
    let (world, administrator, _, device) = World::equipped().await;
    let id = record();
    let begun = device.started(id);
    let seal = device.sealed(id);
    let amendment = device.event(id, &amended(&seal));
    device
        .push(
            &world,
            1,
            &[begun, seal, amendment, device.started(record())],
        )
        .await;
    (world, administrator, device, id)
}

#[tokio::test]
async fn commits_are_durable_and_references_hold() {
    let (world, ..) = begin().await;
    let (read, write) = world.running.app.store.pools();
    for (pool, name) in [(read, "read"), (write, "write")] {
        let sync: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(pool)
            .await
            .unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(pool)
            .await
            .unwrap();
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!((sync, journal.as_str(), keys), (2, "wal", 1), "{name}");
    }
    assert!(
        sqlx::query("DELETE FROM setting")
            .execute(read)
            .await
            .is_err(),
        "the reading pool cannot write"
    );
}

#[tokio::test]
async fn evidence_and_audit_rows_cannot_be_changed_or_deleted() {
    let (world, ..) = begin().await;
    let (_, write) = world.running.app.store.pools();
    for sql in [
        "UPDATE event SET text = 'x'",
        "UPDATE event SET received_at = 0",
        "DELETE FROM event",
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
        "UPDATE checklist SET json = '{}'",
        "DELETE FROM checklist",
    ] {
        let refused = sqlx::query(sql)
            .execute(write)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("insert-only") || refused.contains("never changes"),
            "{sql}: {refused}"
        );
    }
    let twice = "INSERT INTO event SELECT tenant, tenant_seq + 100, epoch, event_hash, device_id, device_seq + 100, user_id,
        kind, record_type, record_id, disposition, reason, detail, flags, received_at, text FROM event LIMIT 1";
    assert!(
        sqlx::query(twice).execute(write).await.is_err(),
        "a hash counts once"
    );
}

#[tokio::test]
async fn a_rebuild_gives_the_same_projections() {
    let (world, ..) = begin().await;
    let store = &world.running.app.store;
    let tenant = tenants::all(&mut store.reader().await.unwrap())
        .await
        .unwrap()[0]
        .tenant;
    let dump = async || {
        projection::dump(&mut store.reader().await.unwrap(), tenant)
            .await
            .unwrap()
    };
    let before = dump().await;
    assert_eq!(before.len(), 2);
    let (_, write) = store.pools();
    sqlx::query("DELETE FROM projection_inspection")
        .execute(write)
        .await
        .unwrap();
    assert!(dump().await.is_empty());
    let done = admin::rebuild(store, world.clock.now()).await.unwrap();
    assert_eq!((done.records, done.refilled), (2, 0), "sound feeds stay");
    assert_eq!(dump().await, before);
}

async fn checked(folder: &std::path::Path) -> Vec<&'static str> {
    let mut codes: Vec<&str> = findings(folder).await.iter().map(|f| f.code).collect();
    codes.dedup();
    codes
}

#[tokio::test]
async fn fsck_finds_nothing_in_a_sound_folder() {
    let (world, _, device, _) = begin().await;
    let report = {
        let mut report = device.payload(record(), &crate::world::loss(device.id(), 5, 6));
        report.device_seq = 7;
        report.record_type = "device".to_owned();
        device.append(&report)
    };
    device
        .push(&world, 7, &[report, device.started(record())])
        .await;
    let dir = world.stop().await;
    assert_eq!(checked(dir.path()).await, Vec::<&str>::new());
}

#[tokio::test]
async fn fsck_finds_what_was_altered_behind_the_servers_back() {
    let alterations = [
        (
            "DROP TRIGGER event_keeps; UPDATE event SET text = replace(text, 'a', 'b') WHERE tenant_seq = 2",
            "hash",
        ),
        (
            "DROP TRIGGER event_keeps; UPDATE event SET kind = 'started' WHERE tenant_seq = 3",
            "columns",
        ),
        (
            "DROP TRIGGER event_stays; DELETE FROM event WHERE tenant_seq = 4",
            "head",
        ),
        (
            "DROP TRIGGER event_stays; DELETE FROM event WHERE tenant_seq = 3",
            "chain",
        ),
        (
            "DROP TRIGGER audit_keeps; UPDATE audit SET action = 'nothing' WHERE seq = 2",
            "audit",
        ),
        (
            "DROP TRIGGER audit_stays; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
            "audit",
        ),
        (
            "UPDATE projection_inspection SET summary = replace(summary, '\"fail\":1', '\"fail\":0')",
            "projection",
        ),
        (
            "UPDATE device SET certificate = certificate || 'A'",
            "certificate",
        ),
        (
            "DROP TRIGGER checklist_keeps; UPDATE checklist SET json = json || ' '",
            "checklist",
        ),
    ];
    for (sql, code) in alterations {
        let (world, ..) = begin().await;
        let (_, write) = world.running.app.store.pools();
        sqlx::raw_sql(sql).execute(write).await.unwrap();
        let dir = world.stop().await;
        let found = checked(dir.path()).await;
        assert!(found.contains(&code), "{sql}: {found:?}");
    }
}

// One statement on the database file of a stopped server; returns the first column of what it gave.
async fn behind_its_back(folder: &std::path::Path, sql: &'static str) -> Vec<String> {
    let file = folder.join("zhicha.sqlite");
    let pool = sqlx::SqlitePool::connect(file.to_str().unwrap())
        .await
        .unwrap();
    let given = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    pool.close().await;
    given
}

#[tokio::test]
async fn fsck_names_what_is_not_on_its_feed() {
    let (world, administrator, _, _) = begin().await;
    let moved = administrator.add_site("示例厂1", "shili-1").await;
    administrator.add_site("示例厂2", "shili-1").await;
    let elsewhere =
        serde_json::json!({ "version": 1, "name": "示例厂1", "address": "", "region": "shili-2" });
    let path = format!("/api/v1/sites/{moved}");
    let put = reqwest::Method::PUT;
    assert_eq!(
        administrator
            .send(put, &path, Some(elsewhere))
            .await
            .status(),
        200
    );
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);

    // Rows 1 to 4 of the sites: put, put, the tombstone in the old region, put.
    let removals = [
        (
            "DELETE FROM feed WHERE stream = 'records' AND key = '3' RETURNING 'feed records: event ' || key",
            "not on the feed",
        ),
        (
            "DELETE FROM feed WHERE stream = 'checklists' AND seq = 2 RETURNING 'feed checklists: checklist ' || key",
            "not on the feed",
        ),
        (
            "DELETE FROM feed WHERE stream = 'sites' AND seq = 4 RETURNING 'feed sites: site ' || key",
            "not on the feed",
        ),
        (
            "DELETE FROM feed WHERE stream = 'sites' AND op = 'drop' RETURNING 'feed sites row ' || seq",
            "its row is not there",
        ),
        (
            "UPDATE feed SET scope = 'nobody' WHERE stream = 'records' AND seq = 1 RETURNING 'feed records: event ' || key",
            "not on the feed",
        ),
        (
            "INSERT INTO feed SELECT tenant, stream, seq + 100, scope, 'no-such-event', op, at FROM feed
             WHERE stream = 'records' AND seq = 2 RETURNING 'feed records row ' || seq",
            "does not belong there",
        ),
    ];
    let mut named = Vec::new();
    for (sql, why) in removals {
        named.extend(behind_its_back(dir.path(), sql).await);
        let found = findings(dir.path()).await;
        assert!(
            found.iter().all(|finding| finding.code == "feed"),
            "{found:?}"
        );
        let newest = named.last().unwrap();
        let finding = found
            .iter()
            .find(|finding| &finding.item == newest)
            .expect(sql);
        assert!(finding.message.contains(why), "{finding:?}");
        assert!(
            named
                .iter()
                .all(|item| found.iter().any(|f| &f.item == item)),
            "{found:?}"
        );
    }
    assert_eq!(named.len(), removals.len());
}

#[tokio::test]
async fn a_folder_of_a_newer_version_or_without_its_key_is_refused() {
    let (world, ..) = begin().await;
    let (_, write) = world.running.app.store.pools();
    sqlx::query("PRAGMA user_version = 999")
        .execute(write)
        .await
        .unwrap();
    let dir = world.stop().await;
    let refusal = async |dir: &std::path::Path| {
        let started = zhicha_server::serve(Config::in_folder(dir.to_owned())).await;
        format!("{:#}", started.map(|_| ()).unwrap_err())
    };
    let said = refusal(dir.path()).await;
    assert!(said.contains("newer version"), "{said}");
    std::fs::rename(
        dir.path().join("server-key.jwk"),
        dir.path().join("elsewhere"),
    )
    .unwrap();
    let said = refusal(dir.path()).await;
    assert!(said.contains("server key is missing"), "{said}");
}

/// What the steps behind the first one brought, taken back.
pub const BACK_TO_FORM_1: &str = "DROP INDEX feed_by_scope_covered; CREATE INDEX feed_by_scope ON feed (tenant, stream, scope, seq); DROP VIEW event_now; DROP INDEX event_waits; DROP INDEX projection_inspection_checklist_of_record; DROP TABLE settlement; DROP TABLE projection_log; DROP TABLE backup; DROP TABLE upload; DROP TABLE projection_blob; DROP TABLE blob; DROP TABLE draft; ALTER TABLE tenant DROP COLUMN photos; PRAGMA user_version = 1";

#[tokio::test]
async fn an_older_database_is_copied_before_its_form_changes() {
    let (world, ..) = begin().await;
    let (_, write) = world.running.app.store.pools();
    sqlx::raw_sql(BACK_TO_FORM_1).execute(write).await.unwrap();
    let world = World::start_in(world.stop().await, |_| {}).await;
    let (read, _) = world.running.app.store.pools();
    let drafts: i64 = sqlx::query_scalar("SELECT count(*) FROM draft")
        .fetch_one(read)
        .await
        .unwrap();
    assert_eq!(drafts, 0);
    let copy = world.folder().join("zhicha.form-1.sqlite");
    let copy = sqlx::SqlitePool::connect(copy.to_str().unwrap())
        .await
        .unwrap();
    let (form, events): (i64, i64) = (
        sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&copy)
            .await
            .unwrap(),
        sqlx::query_scalar("SELECT count(*) FROM event")
            .fetch_one(&copy)
            .await
            .unwrap(),
    );
    let here: i64 = sqlx::query_scalar("SELECT count(*) FROM event")
        .fetch_one(read)
        .await
        .unwrap();
    assert_eq!((form, events), (1, here), "the copy is whole and as it was");
    assert!(here > 0);
}

#[tokio::test]
async fn one_folder_serves_one_server_and_what_is_not_built_is_refused_in_words() {
    let (world, ..) = begin().await;
    let second = zhicha_server::serve(Config::in_folder(world.folder().to_owned())).await;
    assert!(
        second
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("in use")
    );
    let other = Config::in_folder(world.folder().join("other"));
    let postgres = Config {
        database_url: Some("postgres://example/zhicha".to_owned()),
        ..other.clone()
    };
    let elsewhere = Config {
        blob_url: Some("gs://example".to_owned()),
        ..other
    };
    for (config, words) in [
        (postgres, "PostgreSQL is not built"),
        (elsewhere, "--blob-url must be"),
    ] {
        let refused = zhicha_server::serve(config).await.map(|_| ()).unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, ..) = begin().await;
    let mode = std::fs::metadata(world.folder().join("server-key.jwk"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn the_demo_folder_is_filled_once_and_refuses_real_work() {
    let world = World::start_with(|c| c.demo = true).await;
    let line = |prefix: &str| {
        world
            .running
            .notices
            .iter()
            .find(|l| l.starts_with(prefix))
            .cloned()
    };
    for role in Role::ALL {
        assert!(line(&format!("invite {role}: ")).is_some(), "{role}");
    }
    let sign_in = line("sign-in supervisor: ").unwrap();
    let words: Vec<&str> = sign_in.split(' ').collect();
    let body = serde_json::json!({ "login": words[2], "password": words[3] });
    let supervisor = world.nobody().enter("/api/v1/session", body).await;
    assert_eq!(supervisor.get_json("/api/v1/sites").await["total"], 43);
    let world = World::start_in(world.stop().await, |c| c.demo = true).await;
    assert_eq!(
        world
            .running
            .notices
            .iter()
            .filter(|l| l.starts_with("sign-in"))
            .count(),
        4
    );

    let (world, ..) = begin().await;
    let dir = world.stop().await;
    let mut config = Config::in_folder(dir.path().to_owned());
    config.demo = true;
    assert!(
        zhicha_server::serve(config)
            .await
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("real work")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_serves_one_server_wherever_the_data_folder_is() {
    let (world, ..) = begin().await;
    let elsewhere = tempfile::TempDir::new().unwrap();
    let file = world.folder().join("zhicha.sqlite");
    let link = elsewhere.path().join("link.sqlite");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&file, &link] {
        let mut config = Config::in_folder(elsewhere.path().join("data"));
        config.database_url = Some(format!("sqlite:{}", path.display()));
        let second = zhicha_server::serve(config).await.map(|_| ()).unwrap_err();
        let said = second.to_string();
        assert!(
            said.contains("database") && said.contains("in use by another"),
            "{said}"
        );
    }
    let named = |folder: &str| {
        let mut config = Config::in_folder(elsewhere.path().join(folder));
        let path = elsewhere.path().join("new.sqlite");
        config.database_url = Some(format!("sqlite:{}", path.display()));
        config
    };
    let first = zhicha_server::serve(named("one")).await.unwrap();
    assert!(
        zhicha_server::serve(named("two")).await.is_err(),
        "a new one too"
    );
    first.shutdown().await.unwrap();
}
