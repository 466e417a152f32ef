//! Exports: a good one checks, and every kind of tampering is found and named.

use crate::world::{
    Caller, Device, World, amended, record,
    zips::{unzipped, zipped},
};
use serde_json::{Value, json};
use std::io::Cursor;
use zhicha_core::{
    checklist::Digest,
    event::{EventHash, Typ},
    id::RecordId,
    inspection::Mode,
    testing::NativeKey,
};
use zhicha_server::{
    checklists::built_in,
    cli::{Found, verify::judge},
    export::{
        format::{Manifest, Seal},
        render,
        unpack::{Files, unpack},
    },
};

struct Sample {
    _world: World,
    admin: Caller,
    device: Device,
    record: RecordId,
    files: Files,
    trust: String,
}

async fn sample() -> Sample {
    let (world, admin, _, device) = World::equipped().await;
    let record = record();
    let begun = device.started(record);
    let mut payload = device.payload(record, &crate::world::sealed(Mode::SpotCheck));
    payload.checklists = vec![built_in().unwrap()[0].loaded.digest.clone()];
    let seal = device.append(&payload);
    let amendment = device.event(record, &amended(&seal));
    device.push(&world, 1, &[begun, seal, amendment]).await;
    let response = admin.get(&format!("/api/v1/export/{record}.zip")).await;
    assert_eq!(response.headers()["content-type"], "application/zip");
    let files = unzipped(&response.bytes().await.unwrap());
    let trust = world.running.app.fixed.key.public().thumbprint();
    Sample {
        _world: world,
        admin,
        device,
        record,
        files,
        trust,
    }
}

// The verdict's code and the items named before it.
fn checked(files: &Files, trust: Option<&str>) -> (String, Vec<String>, Found) {
    let (lines, found) = judge(Cursor::new(zipped(files)), trust);
    let (last, named) = lines.split_last().unwrap();
    (
        last.1.to_owned(),
        named.iter().map(|l| l.0.clone()).collect(),
        found,
    )
}

#[tokio::test]
async fn a_good_export_is_good_only_for_whoever_names_the_signer() {
    let s = sample().await;
    assert_eq!(
        checked(&s.files, Some(&s.trust)),
        ("good".to_owned(), vec![], Found::Good)
    );
    assert_eq!(
        checked(&s.files, None),
        ("unconfirmed".to_owned(), vec![], Found::Wrong)
    );
    let other = NativeKey::number(77).jwk().thumbprint();
    assert_eq!(
        checked(&s.files, Some(&other)),
        ("untrusted".to_owned(), vec![], Found::Wrong)
    );
    let many = s
        .admin
        .post("/api/v1/export", json!({ "record_ids": [s.record] }))
        .await;
    assert!(unpack(Cursor::new(many.bytes().await.unwrap())).is_ok());
}

#[tokio::test]
async fn the_page_is_readable_and_escapes_what_people_wrote() {
    let s = sample().await;
    let page = String::from_utf8(s.files["index.html"].clone()).unwrap();
    assert!(
        page.contains("示例纸管厂")
            && page.contains("封存的检查记录")
            && page.contains("amendment")
    );
    assert!(
        page.contains("&lt;b&gt;上锁 &amp; 无钥匙&lt;/b&gt;")
            && !page.contains("<b>")
            && !page.contains("<script")
    );
    insta::assert_json_snapshot!(s.files.keys().map(|path| shape(path)).collect::<Vec<_>>());
}

// A path without what differs from run to run: hashes and ids.
fn shape(path: &str) -> String {
    let part = |part: &str| {
        if part.len() > 20 {
            "…".to_owned()
        } else {
            part.to_owned()
        }
    };
    path.split(['/', '.'])
        .map(part)
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_altered_file_is_named() {
    let s = sample().await;
    for path in s.files.keys() {
        let mut files = s.files.clone();
        let bytes = files.get_mut(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
        let (verdict, named, found) = checked(&files, Some(&s.trust));
        assert_eq!(found, Found::Wrong, "{path}");
        assert!(
            verdict == "refused" || verdict == "untrusted",
            "{path}: {verdict}"
        );
        assert!(named.iter().any(|item| item == path), "{path}: {named:?}");
    }
}

#[tokio::test]
async fn missing_and_added_files_are_named() {
    let s = sample().await;
    for path in s.files.keys() {
        let mut files = s.files.clone();
        files.remove(path);
        let (_, named, found) = checked(&files, Some(&s.trust));
        assert_eq!(found, Found::Wrong, "{path}");
        assert!(named.iter().any(|item| item == path), "{path}: {named:?}");
    }
    let mut files = s.files.clone();
    files.insert("events/0000000099-more.jws".to_owned(), b"x".to_vec());
    assert_eq!(
        checked(&files, Some(&s.trust)).1.first().unwrap(),
        "events/0000000099-more.jws"
    );
}

// The manifest and the page made to fit what the files now hold; signatures stay as they are.
fn tidied(mut files: Files, change: impl FnOnce(&mut Manifest)) -> Files {
    let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    change(&mut manifest);
    files.insert(
        "index.html".to_owned(),
        render::page(&manifest, &files).into_bytes(),
    );
    manifest.files.retain(|f| files.contains_key(&f.path));
    for file in &mut manifest.files {
        file.sha256 = Digest::of(&files[&file.path]);
        file.bytes = files[&file.path].len() as u64;
    }
    files.insert(
        "manifest.json".to_owned(),
        serde_json::to_vec_pretty(&manifest).unwrap(),
    );
    files
}

#[tokio::test]
async fn a_dropped_amendment_is_found_even_when_everything_else_is_made_to_fit() {
    let s = sample().await;
    let last = s
        .files
        .keys()
        .rfind(|p| p.starts_with("events/"))
        .unwrap()
        .clone();
    let hash = EventHash::of_text(std::str::from_utf8(&s.files[&last]).unwrap());
    let mut files = s.files.clone();
    files.remove(&last);
    files.remove(&format!("receipts/{hash}.jws"));
    let files = tidied(files, |m| m.records[0].events.retain(|h| *h != hash));
    let (verdict, named, _) = checked(&files, Some(&s.trust));
    assert_eq!(
        (verdict.as_str(), named),
        ("refused", vec!["manifest.json".to_owned()])
    );
}

#[tokio::test]
async fn an_event_signed_by_another_device_key_is_named() {
    let s = sample().await;
    let path = s
        .files
        .keys()
        .filter(|p| p.starts_with("events/"))
        .nth(1)
        .unwrap()
        .clone();
    let text = std::str::from_utf8(&s.files[&path]).unwrap();
    let (payload, _) = zhicha_core::event::Payload::parse(text).unwrap();
    let forged = NativeKey::number(5).sign_text(Typ::Event, &payload);
    let mut files = s.files.clone();
    files.insert(path.clone(), forged.into_bytes());
    let (_, named, _) = checked(&tidied(files, |_| {}), Some(&s.trust));
    assert!(named.contains(&path), "{named:?}");
}

// The same export with every text signed again by other keys, its remarks altered, and everything made to fit.
fn resigned(s: &Sample) -> Files {
    let (server, device) = (NativeKey::number(101), NativeKey::number(102));
    let mut files = Files::new();
    let mut hashes = Vec::new();
    let certificate = zhicha_core::event::Certificate {
        kid: device.jwk().thumbprint(),
        cnf: zhicha_core::event::certificate::Confirmation { jwk: device.jwk() },
        ..s.device.certificate.clone()
    };
    let certificate_text = server.sign_text(Typ::Certificate, &certificate);
    let mut prev = EventHash::of_text(&certificate_text);
    for path in s.files.keys().filter(|p| p.starts_with("events/")) {
        let text = std::str::from_utf8(&s.files[path]).unwrap();
        let (mut payload, jws) = zhicha_core::event::Payload::parse(text).unwrap();
        let old = std::str::from_utf8(&s.files[&format!("receipts/{}.jws", jws.hash)]).unwrap();
        let (mut receipt, _) = zhicha_core::event::Receipt::parse(old).unwrap();
        payload.prev = prev.clone();
        payload.body["remarks"] = json!("示例篡改");
        let text = device.sign_text(Typ::Event, &payload);
        prev = EventHash::of_text(&text);
        receipt.event_hash = prev.clone();
        files.insert(
            format!("events/{:010}-{prev}.jws", receipt.tenant_seq),
            text.into_bytes(),
        );
        files.insert(
            format!("receipts/{prev}.jws"),
            server.sign_text(Typ::Receipt, &receipt).into_bytes(),
        );
        hashes.push(prev.clone());
    }
    files.insert(
        format!("certificates/{}.jws", certificate.device_id),
        certificate_text.into_bytes(),
    );
    files.insert(
        "keys.json".to_owned(),
        serde_json::to_vec(&json!({ "keys": [server.jwk()] })).unwrap(),
    );
    for path in s
        .files
        .keys()
        .filter(|p| *p == "README.txt" || p.starts_with("checklists/"))
    {
        files.insert(path.clone(), s.files[path].clone());
    }
    sealed_by(&server, s, files, hashes)
}

fn sealed_by(server: &NativeKey, s: &Sample, mut files: Files, hashes: Vec<EventHash>) -> Files {
    let mut manifest: Manifest = serde_json::from_slice(&s.files["manifest.json"]).unwrap();
    manifest.server_key = server.jwk().thumbprint();
    manifest.records[0].events = hashes;
    manifest.files.clear();
    files.insert(
        "index.html".to_owned(),
        render::page(&manifest, &files).into_bytes(),
    );
    manifest.files = files
        .iter()
        .map(
            |(path, bytes)| zhicha_server::export::format::ManifestFile {
                path: path.clone(),
                sha256: Digest::of(bytes),
                bytes: bytes.len() as u64,
            },
        )
        .collect();
    let text = serde_json::to_vec_pretty(&manifest).unwrap();
    let seal = Seal {
        format: manifest.format.clone(),
        tenant: manifest.tenant,
        exported_at: manifest.exported_at,
        manifest: Digest::of(&text),
    };
    files.insert(
        "manifest.jws".to_owned(),
        server.sign_text(Typ::Export, &seal).into_bytes(),
    );
    files.insert("manifest.json".to_owned(), text);
    files
}

#[tokio::test]
async fn a_copy_signed_throughout_with_other_keys_is_refused() {
    let s = sample().await;
    let files = resigned(&s);
    assert_eq!(
        checked(&files, None),
        ("unconfirmed".to_owned(), vec![], Found::Wrong),
        "it is consistent in itself"
    );
    assert_eq!(
        checked(&files, Some(&s.trust)),
        ("untrusted".to_owned(), vec![], Found::Wrong)
    );
}

#[test]
fn what_is_no_export_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK\x03\x04", b"<html>"] {
        let (lines, found) = judge(Cursor::new(bytes), None);
        assert_eq!((lines[0].1, found), ("unreadable", Found::Wrong));
    }
    let empty: Value = json!({});
    let files = Files::from([("manifest.json".to_owned(), empty.to_string().into_bytes())]);
    assert_eq!(checked(&files, None).1, ["manifest.json"]);
}
