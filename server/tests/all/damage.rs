//! A database that was damaged or altered behind the server's back (`faults.md` E07, E11, E15): the start sees what is on the
//! surface and only reads then, `fsck` sees the rest, and a change of form that is cut off is done again.

use crate::world::{World, findings, ledger, phone::Phone, problem, program::Program};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{os::unix::fs::FileExt as _, path::Path};
use tempfile::TempDir;
use zhicha_core::{
    client::Failure,
    event::EventHash,
    sync::push::{Input, State},
    testing::CountingIds,
};

// What is in the database of a stopped server.
async fn alter(folder: &Path, sql: &'static str) {
    let file = folder.join("zhicha.sqlite");
    let pool = sqlx::SqlitePool::connect(file.to_str().unwrap())
        .await
        .unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn codes(folder: &Path) -> Vec<&'static str> {
    findings(folder).await.iter().map(|f| f.code).collect()
}

// A server with some events of a phone.
async fn with_events() -> (World, Phone) {
    let (world, _, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    for _ in 0..200 {
        phone.note(&mut ids).await;
    }
    phone.delivers_all(world.folder()).await;
    (world, phone)
}

// Writes nonsense over a page in the middle that belongs to a table or an index.
async fn damage_a_page(folder: &Path) {
    let mut conn = ledger::database(folder).await;
    let page: i64 =
        sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = 'event_by_record'")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    let size: i64 = sqlx::query_scalar("PRAGMA page_size")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    drop(conn);
    let file = std::fs::File::options()
        .write(true)
        .open(folder.join("zhicha.sqlite"))
        .unwrap();
    let at = u64::try_from((page - 1) * size).unwrap();
    file.write_all_at(&[0xa5; 512], at).unwrap();
}

async fn only_reads(world: &World, phone: &mut Phone) {
    let mut ids = CountingIds(9_000);
    let said = world.running.notices.join("\n");
    assert!(said.contains("damaged and only read"), "{said}");
    phone.http.caller.url.clone_from(&world.running.url);
    phone.note(&mut ids).await;
    let before = phone.events().await.len();
    let refused = phone.push(100).await;
    let Input::Failed(Failure::Problem {
        problem: said,
        retry_after_s,
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((said.status, said.code.as_str()), (503, "unavailable"));
    assert!(said.detail.contains("damaged"), "{}", said.detail);
    assert_eq!(retry_after_s, Some(300));
    assert_eq!(phone.events().await.len(), before, "nothing is given up");
    assert_eq!(phone.http.caller.get("/api/v1/session").await.status(), 200);
    assert_eq!(
        phone
            .http
            .caller
            .get("/api/v1/sync/pull?stream=sites")
            .await
            .status(),
        200
    );
    assert_eq!(world.nobody().get("/healthz").await.status(), 200);
    let ready = problem(world.nobody().get("/readyz").await).await;
    assert_eq!(ready.status, 503, "whoever watches over it hears of it");
}

#[tokio::test]
async fn a_damaged_page_is_seen_at_the_start_which_then_only_reads() {
    let (world, mut phone) = with_events().await;
    let dir = world.stop().await;
    damage_a_page(dir.path()).await;
    assert!(codes(dir.path()).await.contains(&"integrity"));
    let world = World::start_in(dir, |_| {}).await;
    only_reads(&world, &mut phone).await;
}

#[tokio::test]
async fn an_altered_or_missing_last_event_is_seen_at_the_start() {
    for sql in [
        "DROP TRIGGER event_keeps; UPDATE event SET text = replace(text, 'a', 'b') WHERE device_seq = 200",
        "DROP TRIGGER event_stays; DELETE FROM event WHERE device_seq = 200",
        "UPDATE device SET last_hash = certificate_hash",
    ] {
        let (world, mut phone) = with_events().await;
        let dir = world.stop().await;
        alter(dir.path(), sql).await;
        let found = codes(dir.path()).await;
        assert!(
            found.contains(&"hash") || found.contains(&"head"),
            "{found:?}"
        );
        let world = World::start_in(dir, |_| {}).await;
        only_reads(&world, &mut phone).await;
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_any_more_is_refused_in_words() {
    let (world, _) = with_events().await;
    let dir = world.stop().await;
    let file = dir.path().join("zhicha.sqlite");
    let whole = std::fs::read(&file).unwrap();
    for damaged in [
        whole[..5_000].to_vec(),
        [&[0; 100][..], &whole[100..]].concat(),
    ] {
        std::fs::write(&file, &damaged).unwrap();
        let mut config = zhicha_server::Config::in_folder(dir.path().to_owned());
        config.listen = "127.0.0.1:0".parse().unwrap();
        let started = zhicha_server::serve(config).await;
        match started {
            Err(error) => assert!(format!("{error:#}").contains("database"), "{error:#}"),
            Ok(running) => {
                assert!(running.app.store.damage().is_some());
                running.shutdown().await.unwrap();
            }
        }
        assert_eq!(
            std::fs::read(&file).unwrap().len(),
            damaged.len(),
            "and left as it is"
        );
    }
}

// The administrator of the machine rewrites history: the text of an event, its name in every row, and the log's size still
// fits. Only the device's key is not there.
#[tokio::test]
async fn who_rewrites_an_event_and_its_hash_is_found_by_the_signature() {
    let (world, phone) = with_events().await;
    let dir = world.stop().await;
    let event = &phone.events().await[99];
    let (head, rest) = event.text.split_once('.').unwrap();
    let (payload, signature) = rest.rsplit_once('.').unwrap();
    let mut said: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    said["body"]["site"]["name"] = json!("另一家（虚构）");
    let payload = URL_SAFE_NO_PAD.encode(said.to_string());
    let text = format!("{head}.{payload}.{signature}");
    let file = dir.path().join("zhicha.sqlite");
    let pool = sqlx::SqlitePool::connect(file.to_str().unwrap())
        .await
        .unwrap();
    sqlx::raw_sql("DROP TRIGGER event_keeps")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("UPDATE event SET text = $1, event_hash = $2 WHERE device_seq = 100")
        .bind(&text)
        .bind(EventHash::of_text(&text).as_str())
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let found = findings(dir.path()).await;
    let about = |code: &str| {
        found
            .iter()
            .any(|f| f.code == code && f.item.contains("100"))
    };
    assert!(about("signature"), "{found:?}");
    assert!(
        found.iter().any(|f| f.code == "chain"),
        "the next one names another: {found:?}"
    );
}

#[tokio::test]
async fn a_change_of_form_that_is_killed_at_any_step_is_done_again() {
    let (world, phone) = with_events().await;
    let (_, write) = world.running.app.store.pools();
    let newest: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(write)
        .await
        .unwrap();
    sqlx::raw_sql(crate::data_folder::BACK_TO_FORM_1)
        .execute(write)
        .await
        .unwrap();
    let dir = world.stop().await;
    let old = std::fs::read(dir.path().join("zhicha.sqlite")).unwrap();
    let mut program = Program::start(TempDir::new().unwrap(), &[]);
    program.kill();
    for (site, times) in [
        ("form-copied", 1),
        ("form-changes", newest - 1),
        ("form-changed", newest - 1),
    ] {
        for nth in 0..times {
            let name = format!("{site}, time {}", nth + 1);
            for file in std::fs::read_dir(program.folder()).unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_some_and(|end| {
                    end.to_string_lossy().starts_with("sqlite") || end == "unfinished"
                }) {
                    std::fs::remove_file(path).unwrap();
                }
            }
            std::fs::write(program.folder().join("zhicha.sqlite"), &old).unwrap();
            std::fs::copy(
                dir.path().join("server-key.jwk"),
                program.folder().join("server-key.jwk"),
            )
            .unwrap();
            let how = format!("{site}={nth}*off->1*return(crash)");
            assert!(!program.try_restart(&[("FAILPOINTS", &how)]), "{name}");
            program.restart(&[]);
            assert_eq!(
                ledger::truthful(program.folder(), &phone).await,
                200,
                "{name}"
            );
            let mut conn = ledger::database(program.folder()).await;
            let form: i64 = sqlx::query_scalar("PRAGMA user_version")
                .fetch_one(&mut conn)
                .await
                .unwrap();
            assert_eq!(form, newest, "{name}");
            drop(conn);
            let mut again = phone.cloned(1);
            program.url().clone_into(&mut again.http.caller.url);
            assert_eq!(again.deliver(3).await.state, State::Idle, "{name}");
            program.kill();
            assert_eq!(findings(program.folder()).await, [], "{name}");
        }
    }
}
