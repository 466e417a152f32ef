//! Files kept in a bucket instead of a folder, and what happens when that is down, slow or says half of the truth
//! (`faults.md` D06, D07).

use crate::world::{
    Caller, Device, World,
    bucket::{Bucket, Mood},
    pictures::{ask, jpeg},
    program::Program,
    record, sealed,
    tus::{Client, code, delivered_in, photo},
};
use reqwest::Method;
use serde_json::Value;
use std::{
    io::Cursor,
    process::{Command, Output},
};
use zhicha_core::{checklist::Digest, event::EventHash, id::RecordId, inspection::Mode};
use zhicha_server::export::unpack::unpack;

const PART: usize = 20_000;

// A server whose files lie in a bucket, and a device.
async fn kept_in(bucket: &Bucket) -> (Program, Device) {
    let (world, _, _, device) = World::equipped().await;
    let program = Program::start(world.stop().await, &bucket.settings());
    (program, device)
}

async fn told(program: &Program, device: &Device, files: &[&[u8]]) -> (RecordId, EventHash) {
    let (record, body) = (record(), sealed(Mode::SpotCheck));
    let event = delivered_in(&program.nobody(), device, record, &body, files).await;
    (record, event)
}

fn client(program: &Program) -> Client {
    Client {
        caller: program.nobody(),
    }
}

fn name_of(device: &Device, bytes: &[u8]) -> String {
    let (tenant, sha256) = (device.certificate.tenant, Digest::of(bytes).0);
    format!("town/{tenant}/{}/{}/{sha256}", &sha256[..2], &sha256[2..4])
}

async fn status(caller: &Caller, path: &str) -> u16 {
    let answer = caller.send(Method::GET, path, None).await;
    answer.status().as_u16()
}

fn fsck(program: &Program, bucket: &Bucket) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(["fsck", "--json", "--data-dir"])
        .arg(program.folder())
        .envs(bucket.settings())
        .output()
        .unwrap()
}

fn codes(found: &Output) -> Vec<String> {
    let text = String::from_utf8(found.stdout.clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .map(|line: Value| line["code"].as_str().unwrap().to_owned())
        .collect()
}

// The bucket answers while the test waits for a program to start.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_holds_what_a_folder_would() {
    let bucket = Bucket::start().await;
    let (program, device) = kept_in(&bucket).await;
    let pictures: Vec<_> = (0..5).map(|n| jpeg(64 + n, 32)).collect();
    let files: Vec<&[u8]> = pictures.iter().map(Vec::as_slice).collect();
    let (record, event) = told(&program, &device, &files).await;
    let client = client(&program);
    for bytes in &files {
        let brought = client.bring(&event, bytes, PART).await.unwrap();
        assert!(brought.refused.is_none(), "{brought:?}");
    }
    assert_eq!(client.receipts(&device, &event).await.len(), 5);
    let mut names: Vec<_> = files.iter().map(|bytes| name_of(&device, bytes)).collect();
    names.sort();
    assert_eq!(bucket.names(), names);
    let folder = std::fs::read_dir(program.folder().join("blobs")).unwrap();
    assert_eq!(
        folder.count(),
        0,
        "nothing in the folder of the server before"
    );
    assert_eq!(status(&program.nobody(), "/readyz").await, 200);

    let admin = program.sign_in("admin").await;
    for bytes in &files {
        assert_eq!(ask(&admin, record, bytes, "view").await.status(), 200);
        let original = ask(&admin, record, bytes, "original").await;
        assert_eq!(original.bytes().await.unwrap(), *bytes);
    }
    let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
    let sorts = detail["blobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|blob| &blob["sort"]);
    assert_eq!(sorts.collect::<Vec<_>>(), ["picture"; 5]);
    let zip = admin.get(&format!("/api/v1/export/{record}.zip")).await;
    let zip = unpack(Cursor::new(zip.bytes().await.unwrap())).unwrap();
    assert_eq!(zip.blobs.len(), 5);
    let sound = fsck(&program, &bucket);
    assert_eq!((sound.status.code(), codes(&sound)), (Some(0), vec![]));

    // Altered or lost later, it is found, and never shown.
    bucket.overwrite(&names[0], Some(b"something else"));
    bucket.overwrite(&names[1], None);
    let mut found = codes(&fsck(&program, &bucket));
    found.sort();
    assert_eq!(found, ["blob_altered", "blob_missing"]);
    assert_eq!(client.receipts(&device, &event).await.len(), 3);
    let lost = files
        .iter()
        .find(|bytes| name_of(&device, bytes) == names[1]);
    let refused = ask(&admin, record, lost.unwrap(), "view").await;
    assert_eq!(code(refused).await, (404, "blob_not_here".to_owned()));
    let brought = client.bring(&event, lost.unwrap(), PART).await.unwrap();
    assert_eq!(
        brought.sent,
        lost.unwrap().len(),
        "what is gone can be sent again"
    );
    assert_eq!(client.receipts(&device, &event).await.len(), 4);

    bucket.is(Mood::Fails);
    assert_eq!(
        fsck(&program, &bucket).status.code(),
        Some(2),
        "not all is lost that cannot be reached"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bucket_is_down_events_are_taken_and_uploads_wait() {
    let bucket = Bucket::start().await;
    let (program, device) = kept_in(&bucket).await;
    let client = client(&program);
    let before = photo(61, PART);
    let (_, held) = told(&program, &device, &[&before]).await;
    client.bring(&held, &before, PART).await.unwrap();
    for (mood, seed) in [(Mood::Fails, 62), (Mood::Hangs, 63)] {
        bucket.is(mood);
        let bytes = photo(seed, 3 * PART);
        let (_, event) = told(&program, &device, &[&bytes]).await;
        let brought = client.bring(&event, &bytes, PART).await.unwrap();
        assert_eq!(brought.sent, bytes.len(), "{mood:?}");
        let refused = brought.refused.unwrap();
        assert!(refused.headers().contains_key("retry-after"), "{mood:?}");
        assert_eq!(
            code(refused).await,
            (503, "unavailable".to_owned()),
            "{mood:?}"
        );
        assert_eq!(client.receipts(&device, &event).await, [], "{mood:?}");
        // What was held before is neither confirmed nor denied.
        let unknown = format!("/api/v1/blobs/receipts?event={}", held.as_str());
        assert_eq!(status(&client.caller, &unknown).await, 503, "{mood:?}");
        assert_eq!(status(&client.caller, "/readyz").await, 503, "{mood:?}");
        assert_eq!(status(&client.caller, "/healthz").await, 200, "{mood:?}");

        bucket.is(Mood::Works);
        let brought = client.bring(&event, &bytes, PART).await.unwrap();
        assert!(brought.refused.is_none(), "{mood:?}");
        assert_eq!(brought.sent, 0, "the server still has what came");
        assert_eq!(client.receipts(&device, &event).await.len(), 1, "{mood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_bucket_does_not_hold_up_the_database() {
    let bucket = Bucket::start().await;
    let (mut program, device) = kept_in(&bucket).await;
    program.kill();
    let patient = [("AWS_READ_TIMEOUT", "60s")];
    program.restart(&[&bucket.settings()[..], &patient].concat());
    let held = photo(64, PART);
    let (record, event) = told(&program, &device, &[&held]).await;
    client(&program).bring(&event, &held, PART).await.unwrap();
    let admin = program.sign_in("admin").await;
    bucket.is(Mood::Hangs);
    // More than there are connections to the database, all of them about bytes that are said to be here.
    let asking: Vec<_> = (0..24)
        .map(|n| {
            let (admin, client, event, held) =
                (admin.clone(), client(&program), event.clone(), held.clone());
            tokio::spawn(async move {
                let path = format!("/api/v1/records/{record}");
                match n % 2 {
                    0 => admin.get(&path).await.status().as_u16(),
                    _ => client.try_create(&event, &held).await.status().as_u16(),
                }
            })
        })
        .collect();
    for _ in 0..5 {
        told(&program, &device, &[&photo(65, 10)]).await;
    }
    let over = asking.iter().filter(|one| one.is_finished()).count();
    assert!(
        over < asking.len(),
        "events are taken while others wait for the bucket"
    );
    for one in asking {
        assert_eq!(one.await.unwrap(), 503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_bucket_or_with_half_a_list_loses_nothing() {
    let bucket = Bucket::start().await;
    let (mut program, device) = kept_in(&bucket).await;
    let files: Vec<_> = (70..75).map(|seed| photo(seed, PART)).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let (_, event) = told(&program, &device, &files).await;
    for bytes in &files[..4] {
        client(&program).bring(&event, bytes, PART).await.unwrap();
    }
    // The last one gets to its place, and no row.
    program.kill();
    let crash = [("FAILPOINTS", "promoted=return(crash)")];
    program.restart(&[&bucket.settings()[..], &crash].concat());
    let cut_off = client(&program).bring(&event, files[4], PART).await;
    assert!(cut_off.is_err());
    program.ended().await;
    assert_eq!(bucket.names().len(), 5);
    for mood in [Mood::Fails, Mood::Hangs, Mood::CutLists, Mood::ShortLists] {
        bucket.is(mood);
        program.restart(&bucket.settings());
        let more = photo(76, 10);
        told(&program, &device, &[&more]).await;
        bucket.is(Mood::Works);
        let here = client(&program).receipts(&device, &event).await.len();
        // Lists do not keep the upload from its place.
        assert_eq!(
            here,
            if matches!(mood, Mood::Fails | Mood::Hangs) {
                4
            } else {
                5
            },
            "{mood:?}"
        );
        program.kill();
    }
    program.restart(&bucket.settings());
    assert_eq!(client(&program).receipts(&device, &event).await.len(), 5);
    assert_eq!(codes(&fsck(&program, &bucket)), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_in_the_bucket_without_a_row_are_taken_in_page_by_page() {
    let bucket = Bucket::start().await;
    let (mut program, device) = kept_in(&bucket).await;
    let files: Vec<_> = (80..85).map(|seed| photo(seed, 1_000)).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let (_, event) = told(&program, &device, &files).await;
    for bytes in &files {
        bucket.overwrite(&name_of(&device, bytes), Some(bytes));
    }
    bucket.overwrite(
        &name_of(&device, b"nobody named this"),
        Some(b"nobody named this"),
    );
    program.kill();
    program.restart(&bucket.settings());
    assert_eq!(client(&program).receipts(&device, &event).await.len(), 5);
    assert_eq!(bucket.names().len(), 6, "what nobody named is left alone");
}

#[test]
fn a_bucket_in_the_clear_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--blob-url",
            "s3://photos",
            "--data-dir",
        ])
        .arg(dir.path())
        .env("AWS_ENDPOINT", "http://s3.example")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("AWS_ALLOW_HTTP"), "{said}");
}
