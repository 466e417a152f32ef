//! What tus asks of a server beyond moving bytes, the limits that an operator sets, and what is cleared away while the
//! server runs.

use crate::world::{
    World,
    tus::{Begun, Client, begun, code, delivered, photo, staged},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Parser as _;
use reqwest::{Method, Response};
use sha1::{Digest as _, Sha1};
use tempfile::TempDir;
use zhicha_core::{checklist::Digest, event::EventHash};
use zhicha_server::{Config, state::Room, sweep};

const DAY_MS: i64 = 24 * 3_600_000;

async fn patch_by(client: &Client, place: &str, bytes: &[u8], sum: String) -> Response {
    let headers = [
        ("upload-offset", "0".to_owned()),
        ("content-type", "application/offset+octet-stream".to_owned()),
        ("upload-checksum", sum),
    ];
    client
        .send(Method::PATCH, place, &headers, bytes.to_vec())
        .await
}

#[tokio::test]
async fn a_part_can_be_checked_by_sha1_too() {
    let Begun {
        world: _world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(31, 40_000).await;
    let spoken = client
        .send(Method::OPTIONS, "/api/v1/uploads", &[], vec![])
        .await;
    assert_eq!(spoken.headers()["tus-checksum-algorithm"], "sha1,sha256");
    let sum = |bytes: &[u8]| format!("sha1 {}", STANDARD.encode(Sha1::digest(bytes)));
    let mut flipped = bytes.clone();
    flipped[5] ^= 1;
    let refused = patch_by(&client, &place, &flipped, sum(&bytes)).await;
    assert_eq!(code(refused).await, (460, "upload_checksum".to_owned()));
    for unknown in ["md5 AAAA", "sha1", "sha1 %", "SHA1 AAAA"] {
        let refused = patch_by(&client, &place, &bytes, unknown.to_owned()).await;
        assert_eq!(
            code(refused).await,
            (400, "bad_request".to_owned()),
            "{unknown}"
        );
    }
    let taken = patch_by(&client, &place, &bytes, sum(&bytes)).await;
    assert_eq!(taken.status(), 204);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn who_asks_for_an_upload_hears_what_its_client_said_about_it() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(32, 9_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let sha256 = STANDARD.encode(Digest::of(&bytes).0);
    let event = STANDARD.encode(event.as_str());
    let metadata = format!("filename 5Zu+,event {event}, sha256 {sha256},is_final");
    let create = async |metadata: &str| {
        let headers = [
            ("upload-length", bytes.len().to_string()),
            ("upload-metadata", metadata.to_owned()),
        ];
        client
            .send(Method::POST, "/api/v1/uploads", &headers, vec![])
            .await
    };
    let long = format!("{metadata},note {}", "A".repeat(4096));
    assert_eq!(
        code(create(&long).await).await,
        (400, "upload_metadata".to_owned())
    );
    let place = create(&metadata).await.headers()["location"].clone();
    let stand = client
        .send(Method::HEAD, place.to_str().unwrap(), &[], vec![])
        .await;
    assert_eq!(stand.headers()["upload-metadata"], metadata.as_str());
    assert_eq!(stand.headers()["upload-length"], "9000");
}

#[tokio::test]
async fn uploads_that_are_over_and_files_of_nobody_go_while_the_server_runs() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(33, 30_000).await;
    client.patch(&place, 0, &bytes[..10_000]).await;
    let (file, nobodys) = (
        staged(&world, &place),
        world.folder().join("staging/nobody"),
    );
    std::fs::write(&nobodys, b"x").unwrap();
    sweep::staging(&world.running.app).await.unwrap();
    assert!(file.exists() && !nobodys.exists());
    world.clock.advance(89 * DAY_MS);
    sweep::staging(&world.running.app).await.unwrap();
    assert_eq!(client.offset(&place).await, 10_000);
    world.clock.advance(2 * DAY_MS);
    sweep::staging(&world.running.app).await.unwrap();
    assert!(!file.exists());
    let (read, _) = world.running.app.store.pools();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM upload")
        .fetch_one(read)
        .await
        .unwrap();
    assert_eq!(left, 0);
    client.upload(&event, &bytes).await;
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn wrong_bytes_are_noted_once_a_day_however_often_they_are_sent() {
    let (world, _, _, device) = World::equipped().await;
    let (right, wrong) = (photo(34, 4_000), photo(35, 4_000));
    let event = delivered(&world, &device, &[&right]).await;
    let client = Client::of(&world);
    let noted = async || {
        let (read, _) = world.running.app.store.pools();
        let sql = "SELECT count(*) FROM audit WHERE action = 'blob_refused'";
        sqlx::query_scalar::<_, i64>(sql)
            .fetch_one(read)
            .await
            .unwrap()
    };
    for (again, rows) in [(0, 1), (0, 1), (DAY_MS, 2)] {
        world.clock.advance(again);
        let place = client.create(&event, &right).await;
        let refused = client.patch(&place, 0, &wrong).await;
        assert_eq!(code(refused).await, (422, "blob_mismatch".to_owned()));
        assert_eq!(noted().await, rows);
    }
}

#[tokio::test]
async fn the_operator_says_how_much_is_taken() {
    let world = World::start_with(|config| {
        config.max_file = 1;
        config.person_quota = 1;
    })
    .await;
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
    let bytes = photo(36, (1 << 20) + 1);
    let event = delivered(&world, &device, &[&bytes, &bytes[..1 << 20]]).await;
    let client = Client::of(&world);
    let spoken = client
        .send(Method::OPTIONS, "/api/v1/uploads", &[], vec![])
        .await;
    assert_eq!(spoken.headers()["tus-max-size"], "1048576");
    let refused = client.try_create(&event, &bytes).await;
    assert_eq!(code(refused).await, (413, "blob_too_large".to_owned()));
    // As if a gigabyte of hers were on its way.
    client.create(&event, &bytes[..1 << 20]).await;
    let (_, write) = world.running.app.store.pools();
    let full = "UPDATE upload SET len = 1073741824";
    sqlx::query(full).execute(write).await.unwrap();
    // For a minute the server goes on with the sum that it knows.
    world.clock.advance(60_000);
    let more = photo(37, 10);
    let event = delivered(&world, &device, &[&more]).await;
    let refused = client.try_create(&event, &more).await;
    assert_eq!(code(refused).await, (413, "blob_quota".to_owned()));
}

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    config: Config,
}

#[test]
fn limits_are_flags_with_defaults() {
    let room = |args: &[&str]| {
        let line = Line::try_parse_from([&["zhicha"], args].concat());
        line.map(|line| line.config.room()).ok()
    };
    let (mib, gib) = (1 << 20, 1 << 30);
    let usual = Room {
        file: 64 * mib,
        person: 20 * gib,
    };
    assert_eq!(room(&[]), Some(usual));
    let said = room(&["--max-file", "100", "--person-quota", "5"]);
    let wanted = Room {
        file: 100 * mib,
        person: 5 * gib,
    };
    assert_eq!(said, Some(wanted));
    for wrong in [
        ["--max-file", "0"],
        ["--person-quota", "0"],
        ["--max-file", "9999"],
    ] {
        assert_eq!(room(&wrong), None);
    }
}

#[tokio::test]
async fn a_database_of_the_form_before_takes_uploads_up_again() {
    let Begun {
        world,
        client,
        bytes,
        place,
        ..
    } = begun(38, 20_000).await;
    client.patch(&place, 0, &bytes[..5_000]).await;
    let (_, write) = world.running.app.store.pools();
    for sql in [
        "ALTER TABLE upload DROP COLUMN metadata",
        "ALTER TABLE tenant DROP COLUMN photos",
        "DROP INDEX feed_by_scope_covered",
        "CREATE INDEX feed_by_scope ON feed (tenant, stream, scope, seq)",
        "DROP VIEW event_now",
        "DROP INDEX event_waits",
        "DROP INDEX projection_inspection_checklist_of_record",
        "DROP TABLE settlement",
        "DROP TABLE projection_log",
        "DROP TABLE backup",
        "PRAGMA user_version = 3",
    ] {
        sqlx::query(sql).execute(write).await.unwrap();
    }
    let dir: TempDir = world.stop().await;
    let world = World::start_in(dir, |_| {}).await;
    let client = Client::of(&world);
    let stand = client.send(Method::HEAD, &place, &[], vec![]).await;
    assert!(!stand.headers().contains_key("upload-metadata"));
    let rest = client.patch(&place, 5_000, &bytes[5_000..]).await;
    assert_eq!(rest.status(), 204);
}

#[tokio::test]
async fn what_is_no_upload_of_ours_is_refused() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(13, 5_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let refused =
        async |event: &EventHash, bytes: &[u8]| code(client.try_create(event, bytes).await).await;
    let unnamed = (409, "blob_unnamed".to_owned());
    assert_eq!(refused(&event, b"other").await, unnamed);
    assert_eq!(refused(&EventHash::of_text("a.b.c"), &bytes).await, unnamed);

    let described = |sha256: &str, len: &str| {
        let event = STANDARD.encode(event.as_str());
        let metadata = format!("sha256 {},event {event}", STANDARD.encode(sha256));
        [
            ("upload-length", len.to_owned()),
            ("upload-metadata", metadata),
        ]
    };
    let sha256 = Digest::of(&bytes).0;
    for (sha256, len, said) in [
        (sha256.as_str(), "4999", (409, "blob_unnamed")),
        (sha256.as_str(), "-1", (400, "upload_metadata")),
        (sha256.as_str(), "0", (400, "upload_metadata")),
        (sha256.as_str(), "99999999999", (413, "blob_too_large")),
        ("../../etc/passwd", "5000", (400, "upload_metadata")),
        ("", "5000", (400, "upload_metadata")),
    ] {
        let headers = described(sha256, len);
        let response = client
            .send(Method::POST, "/api/v1/uploads", &headers, vec![])
            .await;
        assert_eq!(
            code(response).await,
            (said.0, said.1.to_owned()),
            "{sha256} {len}"
        );
    }
}

#[tokio::test]
async fn a_client_that_jumps_sends_too_much_or_speaks_otherwise_is_refused() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(14, 5_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let silent = client
        .caller
        .post("/api/v1/uploads", serde_json::json!({}))
        .await;
    assert_eq!(silent.headers()["tus-version"], "1.0.0");
    assert_eq!(code(silent).await, (412, "tus_version".to_owned()));

    let place = client.create(&event, &bytes).await;
    let longer = client.patch(&place, 0, &photo(14, 5_001)).await;
    assert_eq!(code(longer).await, (413, "blob_too_large".to_owned()));
    assert_eq!(client.offset(&place).await, 0);
    let headers = [
        ("upload-offset", "0".to_owned()),
        ("content-type", "image/jpeg".to_owned()),
    ];
    let typed = client
        .send(Method::PATCH, &place, &headers, bytes.clone())
        .await;
    assert_eq!(code(typed).await, (415, "upload_media_type".to_owned()));
    let nowhere = format!("/api/v1/uploads/{}", "A".repeat(43));
    assert_eq!(code(client.patch(&nowhere, 0, &bytes).await).await.0, 404);
    assert_eq!(
        client
            .patch("/api/v1/uploads/..%2F..%2Fkey", 0, &bytes)
            .await
            .status(),
        404
    );

    assert_eq!(
        client
            .send(Method::DELETE, &place, &[], vec![])
            .await
            .status(),
        204
    );
    assert!(!staged(&world, &place).exists());
    assert_eq!(
        client
            .send(Method::HEAD, &place, &[], vec![])
            .await
            .status(),
        404
    );
    let spoken = client
        .send(Method::OPTIONS, "/api/v1/uploads", &[], vec![])
        .await;
    assert_eq!(
        spoken.headers()["tus-extension"],
        "creation,creation-with-upload,checksum,expiration,termination"
    );
    assert_eq!(spoken.headers()["tus-version"], "1.0.0");
}
