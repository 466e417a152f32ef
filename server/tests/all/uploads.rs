//! Photos and other bytes by tus 1.0.0: whole, once, and believed only after they were hashed again on the server's disk
//! (`faults.md` D01 to D05, D08, D09).

use crate::world::{
    World, damage, record, sealed,
    tus::{
        Begun, Client, begun, code, delivered, delivered_in, half_sent, header, photo, place_of,
        staged,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zhicha_core::{
    checklist::Digest,
    event::{BlobRef, EventHash},
    inspection::Mode,
    sync::wire::Reason,
};
use zhicha_server::{Config, cli::admin, store::Store, sweep};

async fn restarted(dir: TempDir) -> World {
    World::start_in(dir, |_| {}).await
}

#[tokio::test]
async fn bytes_arrive_in_parts_and_get_a_receipt_only_when_they_are_whole() {
    let (world, _, _, device) = World::equipped().await;
    let (one, two) = (photo(1, 300_000), photo(2, 1));
    let event = delivered(&world, &device, &[&one, &two]).await;
    let client = Client::of(&world);
    let place = client.create(&event, &one).await;
    for (at, end) in [(0, 100_000), (100_000, 250_000)] {
        let part = &one[at..end];
        let response = client.patch(&place, at as u64, part).await;
        assert_eq!(response.status(), 204);
        assert_eq!(header(&response, "upload-offset"), end as u64);
    }
    assert_eq!(client.receipts(&device, &event).await, []);
    let last = client.patch(&place, 250_000, &one[250_000..]).await;
    assert_eq!(last.status(), 204);
    let receipts = client.receipts(&device, &event).await;
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].sha256, Digest::of(&one));
    assert_eq!(receipts[0].len, 300_000);
    assert_eq!(receipts[0].tenant, device.certificate.tenant);
    assert_eq!(
        std::fs::read(place_of(world.folder(), &device, &one)).unwrap(),
        one
    );

    // The answer to the last part was lost: whoever asks learns that all is there.
    assert_eq!(client.offset(&place).await, 300_000);
    client.upload(&event, &two).await;
    assert_eq!(client.receipts(&device, &event).await.len(), 2);
    let dir = world.stop().await;
    assert_eq!(crate::world::findings(dir.path()).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_hangs_does_not_hold_up_the_next_one() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(15, 60_000).await;
    let hanging =
        tokio::task::block_in_place(|| half_sent(&world.running.url, &place, 0, &bytes, 25_000));
    let file = staged(&world, &place);
    while std::fs::metadata(&file).map_or(0, |meta| meta.len()) < 25_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.offset(&place).await, 25_000);
    let rest = client.patch(&place, 25_000, &bytes[25_000..]).await;
    assert_eq!(rest.status(), 204);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    drop(hanging);
}

#[tokio::test]
async fn a_part_that_was_damaged_on_its_way_is_not_used() {
    let Begun {
        world: _world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(4, 50_000).await;
    let mut flipped = bytes.clone();
    flipped[777] ^= 1;
    let sum = Sha256::digest(&bytes).to_vec();
    let refused = client.patch_with(&place, 0, &flipped, sum).await;
    assert_eq!(code(refused).await, (460, "upload_checksum".to_owned()));
    assert_eq!(client.offset(&place).await, 0);
    assert_eq!(client.patch(&place, 0, &bytes).await.status(), 204);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn the_disk_says_where_an_upload_stands() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(5, 90_000).await;
    client.patch(&place, 0, &bytes[..60_000]).await;
    let file = staged(&world, &place);
    // A power cut took the end of the file.
    std::fs::write(&file, &bytes[..20_000]).unwrap();
    assert_eq!(client.offset(&place).await, 20_000);
    // Bytes that were written and never noted do not count.
    std::fs::write(&file, &bytes[..70_000]).unwrap();
    assert_eq!(client.offset(&place).await, 20_000);
    let jump = client.patch(&place, 60_000, &bytes[60_000..]).await;
    assert_eq!(code(jump).await, (409, "upload_offset".to_owned()));
    let rest = client.patch(&place, 20_000, &bytes[20_000..]).await;
    assert_eq!(rest.status(), 204);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn who_begins_again_hears_what_the_disk_says() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(19, 90_000).await;
    client.patch(&place, 0, &bytes[..60_000]).await;
    let file = staged(&world, &place);
    let at = async || header(&client.try_create(&event, &bytes).await, "upload-offset");
    assert_eq!(at().await, 60_000);
    std::fs::write(&file, &bytes[..70_000]).unwrap();
    assert_eq!(at().await, 60_000, "what was never noted does not count");
    std::fs::write(&file, &bytes[..20_000]).unwrap();
    assert_eq!(at().await, 20_000);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(at().await, 0);
    // All of it came, and the server died before it was brought to its place.
    std::fs::write(&file, &bytes).unwrap();
    let (_, write) = world.running.app.store.pools();
    let complete = "UPDATE upload SET at = len";
    sqlx::query(complete).execute(write).await.unwrap();
    assert_eq!(client.receipts(&device, &event).await, []);
    assert_eq!(at().await, 90_000);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    assert!(!file.exists());
}

#[tokio::test]
async fn the_same_bytes_from_two_devices_are_one_blob_that_both_records_have() {
    let (world, _, anna, device) = World::equipped().await;
    let other = anna.enrol(2).await;
    let bytes = photo(6, 80_000);
    let first = delivered(&world, &device, &[&bytes]).await;
    let second = delivered(&world, &other, &[&bytes]).await;
    let client = Client::of(&world);
    let place = client.create(&first, &bytes).await;
    client.patch(&place, 0, &bytes[..30_000]).await;
    assert_eq!(
        client.create(&second, &bytes).await,
        place,
        "it goes on where the other was"
    );
    let (one, two) = tokio::join!(
        client.patch(&place, 30_000, &bytes[30_000..]),
        client.patch(&place, 30_000, &bytes[30_000..]),
    );
    let mut said = [one.status().as_u16(), two.status().as_u16()];
    said.sort_unstable();
    assert_eq!(said, [204, 409], "who sends is not interrupted");
    assert_eq!(client.receipts(&device, &first).await.len(), 1);
    assert_eq!(client.receipts(&device, &second).await.len(), 1);
    // Who comes later has nothing to send.
    let third = delivered(&world, &other, &[&bytes]).await;
    assert_eq!(client.receipts(&device, &third).await.len(), 1);
    let place = client.create(&third, &bytes).await;
    assert_eq!(client.offset(&place).await, 80_000);
}

#[tokio::test]
async fn other_bytes_than_the_event_names_are_refused_and_noted() {
    let (world, admin, _, device) = World::equipped().await;
    let (right, wrong) = (photo(7, 40_000), photo(8, 40_000));
    let (record, body) = (record(), sealed(Mode::SpotCheck));
    let event = delivered_in(&world.nobody(), &device, record, &body, &[&right]).await;
    let client = Client::of(&world);
    let office = async || {
        let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
        detail["blobs"][0]["received_at"].is_i64()
    };
    let place = client.create(&event, &right).await;
    let refused = client.patch(&place, 0, &wrong).await;
    assert_eq!(code(refused).await, (422, "blob_mismatch".to_owned()));
    assert_eq!(client.receipts(&device, &event).await, []);
    assert!(!office().await, "the record waits for its file");
    for bytes in [&right, &wrong] {
        assert!(!place_of(world.folder(), &device, bytes).exists());
    }
    assert!(!staged(&world, &place).exists());
    let (read, _) = world.running.app.store.pools();
    let noted: i64 = sqlx::query_scalar("SELECT count(*) FROM audit WHERE action = 'blob_refused'")
        .fetch_one(read)
        .await
        .unwrap();
    assert_eq!(noted, 1);
    client.upload(&event, &right).await;
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    assert!(office().await);
}

#[tokio::test]
async fn a_crash_between_the_place_and_the_row_is_mended_at_the_next_start() {
    let (world, _, _, device) = World::equipped().await;
    let (one, two) = (photo(9, 20_000), photo(10, 20_000));
    let event = delivered(&world, &device, &[&one, &two]).await;
    // In place, but the row was never written; and a stranger's file beside it.
    for (bytes, name) in [(&one, &one), (&two, &two), (&photo(11, 9), &photo(11, 9))] {
        let place = place_of(world.folder(), &device, name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
    std::fs::write(place_of(world.folder(), &device, &two), b"altered").unwrap();
    std::fs::write(world.folder().join("staging/nobody"), b"x").unwrap();
    let world = restarted(world.stop().await).await;
    let client = Client::of(&world);
    let receipts = client.receipts(&device, &event).await;
    assert_eq!(
        receipts.len(),
        1,
        "what is not what its name says is not taken in"
    );
    assert_eq!(receipts[0].sha256, Digest::of(&one));
    assert!(!world.folder().join("staging/nobody").exists());
    // The reverse: a receipt was given, and the bytes are gone or altered later.
    let (gone, altered) = (
        place_of(world.folder(), &device, &one),
        place_of(world.folder(), &device, &two),
    );
    std::fs::remove_file(&altered).unwrap();
    client.upload(&event, &two).await;
    std::fs::remove_file(gone).unwrap();
    std::fs::write(altered, b"altered").unwrap();
    let dir = restarted(world.stop().await).await.stop().await;
    let mut codes: Vec<_> = crate::world::findings(dir.path())
        .await
        .iter()
        .map(|f| f.code)
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["blob_altered", "blob_missing"]);
}

#[tokio::test]
async fn what_events_name_can_be_computed_anew() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(18, 20_000).await;
    assert_eq!(client.patch(&place, 0, &bytes).await.status(), 204);
    let before = client.receipts(&device, &event).await;
    let (_, write) = world.running.app.store.pools();
    let altered = "UPDATE projection_blob SET len = 1";
    sqlx::query(altered).execute(write).await.unwrap();
    let dir = world.stop().await;
    let found = crate::world::findings(dir.path()).await;
    let codes: Vec<_> = found.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["blob_names", "blob_names"], "{found:?}");
    let config = Config::in_folder(dir.path().to_owned());
    let store = Store::open_existing(&config.database().unwrap())
        .await
        .unwrap();
    admin::rebuild(&store, config.clock.now()).await.unwrap();
    store.close().await;
    assert_eq!(crate::world::findings(dir.path()).await, []);
    let world = restarted(dir).await;
    assert_eq!(Client::of(&world).receipts(&device, &event).await, before);
}

#[tokio::test]
async fn what_a_damaged_event_names_is_named_by_nobody_now_and_after_a_rebuild() {
    let (world, _, anna, device) = World::equipped().await;
    let bytes = photo(19, 20_000);
    let mut payload = device.payload(record(), &sealed(Mode::SpotCheck));
    payload.blobs = vec![BlobRef {
        sha256: Digest::of(&bytes),
        len: bytes.len() as u64,
        mime: "image/jpeg".to_owned(),
        role: "photo".to_owned(),
    }];
    let text = damage(&device.append(&payload));
    let event = EventHash::of_text(&text);
    let (_, reason) = device.push_one(&anna, 1, &text).await;
    assert_eq!(reason, Some(Reason::Damaged));
    let refused = Client::of(&world).try_create(&event, &bytes).await;
    assert_eq!(code(refused).await.1, "blob_unnamed");
    let dir = world.stop().await;
    assert_eq!(crate::world::findings(dir.path()).await, []);
    let config = Config::in_folder(dir.path().to_owned());
    let store = Store::open_existing(&config.database().unwrap())
        .await
        .unwrap();
    admin::rebuild(&store, config.clock.now()).await.unwrap();
    store.close().await;
    let world = restarted(dir).await;
    let refused = Client::of(&world).try_create(&event, &bytes).await;
    assert_eq!(code(refused).await.1, "blob_unnamed");
}

#[tokio::test]
async fn an_upload_that_was_left_for_a_hundred_days_begins_anew() {
    let Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    } = begun(12, 30_000).await;
    client.patch(&place, 0, &bytes[..10_000]).await;
    world.clock.advance(100 * 24 * 3_600_000);
    let gone = client.send(Method::HEAD, &place, &[], vec![]).await;
    assert_eq!(gone.status(), 404);
    assert_eq!(
        client
            .patch(&place, 10_000, &bytes[10_000..])
            .await
            .status(),
        404
    );
    let brought = client.bring(&event, &bytes, 10_000).await.unwrap();
    assert!(brought.refused.is_none());
    assert_eq!(
        brought.sent, 30_000,
        "all of it, from the device's own copy"
    );
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    assert!(!staged(&world, &place).exists());

    // The same when the hour has come before the device.
    let later = photo(20, 30_000);
    let event = delivered(&world, &device, &[&later]).await;
    let place = client.create(&event, &later).await;
    client.patch(&place, 0, &later[..10_000]).await;
    world.clock.advance(100 * 24 * 3_600_000);
    sweep::staging(&world.running.app).await.unwrap();
    assert!(!staged(&world, &place).exists());
    let brought = client.bring(&event, &later, 10_000).await.unwrap();
    assert_eq!(brought.sent, 30_000);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn bytes_that_are_gone_lose_their_receipt_and_can_be_sent_again() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(16, 20_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    client.upload(&event, &bytes).await;
    let place = place_of(world.folder(), &device, &bytes);
    std::fs::remove_file(&place).unwrap();
    assert_eq!(client.receipts(&device, &event).await, []);
    client.upload(&event, &bytes).await;
    assert_eq!(std::fs::read(&place).unwrap(), bytes);
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn an_event_that_names_a_wrong_length_stands_in_nobodys_way() {
    let (world, _, anna, device) = World::equipped().await;
    let other = anna.enrol(2).await;
    let bytes = photo(17, 20_000);
    let record = record();
    let mut payload = other.payload(record, &sealed(Mode::SpotCheck));
    payload.blobs = vec![BlobRef {
        sha256: Digest::of(&bytes),
        len: 5,
        mime: "image/jpeg".to_owned(),
        role: "photo".to_owned(),
    }];
    let text = other.append(&payload);
    other.push(&world, 1, std::slice::from_ref(&text)).await;
    let wrong = EventHash::of_text(&text);
    let right = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let sha256 = STANDARD.encode(Digest::of(&bytes).0);
    let metadata = format!("sha256 {sha256},event {}", STANDARD.encode(wrong.as_str()));
    let headers = [
        ("upload-length", "5".to_owned()),
        ("upload-metadata", metadata),
    ];
    let begun = client
        .send(Method::POST, "/api/v1/uploads", &headers, vec![])
        .await;
    assert_eq!(begun.status(), 201);
    client.upload(&right, &bytes).await;
    assert_eq!(client.receipts(&device, &right).await.len(), 1);
}
