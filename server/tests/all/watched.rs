//! What an administrator watches: metrics on a listener of their own, and the alarm about backups.

use crate::world::{World, backups::Saved, client, numbers, program::Program, record};

const DAY_MS: i64 = 24 * 3_600_000;

async fn watched() -> World {
    World::start_with(|config| {
        config.metrics_listen = Some(([127, 0, 0, 1], 0).into());
    })
    .await
}

#[tokio::test]
async fn the_numbers_say_what_came_and_what_waits() {
    let world = watched().await;
    let admin = world.administrator().await;
    let anna = world
        .person(
            &admin,
            "anna",
            zhicha_core::access::Role::Inspector,
            &["shili-1"],
        )
        .await;
    let device = anna.enrol(1).await;
    let events = [device.started(record()), device.sealed(record())];
    for _ in 0..3 {
        device.push(&world, 1, &events).await;
    }
    world.nobody().get("/api/v1/records/unknown").await;
    let read = numbers::read(world.running.metrics_url.as_ref().unwrap()).await;
    let value = |name: &str| *read.get(name).unwrap_or_else(|| panic!("{name}: {read:?}"));
    assert_eq!(value("zhicha_log_texts"), 2.0);
    assert_eq!(value("zhicha_devices"), 1.0);
    assert_eq!(value("zhicha_backup_overdue"), 1.0);
    assert!(!read.contains_key("zhicha_backup_age_seconds"));
    assert!(value("zhicha_disk_free_bytes") > 1e6);
    assert_eq!(value("zhicha_blobs_missing"), 0.0);
    assert!(value("zhicha_database_wait_seconds") >= 0.0);
    let pushed = r#"zhicha_requests_total{method="POST",route="/api/v1/sync/push",status="200"}"#;
    assert_eq!(value(pushed), 3.0);
    assert_eq!(value(r#"zhicha_events_total{outcome="applied"}"#), 2.0);
    assert_eq!(value(r#"zhicha_events_total{outcome="duplicate"}"#), 4.0);
    let route =
        r#"zhicha_requests_total{method="GET",route="/api/v1/records/{record_id}",status="401"}"#;
    assert_eq!(value(route), 1.0, "the pattern, never the path");
}

#[tokio::test]
async fn metrics_name_nobody_and_are_not_on_the_public_listener() {
    let world = watched().await;
    let admin = world.administrator().await;
    world
        .person(
            &admin,
            "kanarienvogel",
            zhicha_core::access::Role::Inspector,
            &["shili-1"],
        )
        .await;
    let path = "/api/v1/records/0192f0e0-0000-7000-8000-00000000cafe";
    admin.get(path).await;
    let url = world.running.metrics_url.clone().unwrap();
    let text = client()
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for word in ["kanarienvogel", "cafe", "shili-1", "示例", "admin\""] {
        assert!(!text.contains(word), "{word}");
    }
    let public = world
        .nobody()
        .http
        .get(format!("{}/metrics", world.running.url));
    let public = public.send().await.unwrap().text().await.unwrap();
    assert!(!public.contains("zhicha_requests"), "{public}");
}

#[tokio::test]
async fn administrators_are_told_until_a_backup_counts_and_again_when_it_is_old() {
    let saved = Saved::new().await;
    let (world, admin) = (&saved.sample.world, &saved.sample.admin);
    let told = async || admin.get_json("/api/v1/session").await["backup_configured"] == false;
    assert!(told().await, "there is none");
    saved.backed_up();
    // The program's clock is that of this machine, the server's one is a test's: the backup is made now, for this.
    let now = zhicha_server::clock::Clock::default().now().0 - world.clock.now().0;
    world.clock.advance(now);
    assert!(!told().await);
    world.clock.advance(2 * DAY_MS);
    assert!(!told().await);
    world.clock.advance(2 * DAY_MS);
    let admin = world.sign_in("admin").await;
    let info = admin.get_json("/api/v1/session").await;
    assert_eq!(info["backup_configured"], false, "it is four days old");
}

#[tokio::test]
async fn the_program_says_where_metrics_are_read() {
    let (world, ..) = World::staffed().await;
    let dir = world.stop().await;
    let mut program = Program::start(dir, &[("ZHICHA_METRICS_LISTEN", "127.0.0.1:0")]);
    let line = program.next_line_with("metrics on ");
    let answer = client().get(line).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}
