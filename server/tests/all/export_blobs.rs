//! Exports with photos and other bytes: whole ones check, what is not here is said, and every alteration is found and
//! named.

use crate::world::{
    captured::{Sample, Shots, named, sample, sample_with},
    id,
    tus::{Client, place_of},
    zips::{unzipped, zipped},
};
use serde_json::Value;
use std::io::Cursor;
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, Typ},
    id::TenantId,
    testing::NativeKey,
};
use zhicha_server::{
    cli::verify::judge,
    export::{
        format::{Keys, Manifest, ManifestBlob, Picture, blob_path, blob_receipt_path},
        unpack::Files,
    },
};

fn page(files: &Files) -> String {
    String::from_utf8(files["index.html"].clone()).unwrap()
}

#[tokio::test]
async fn a_whole_export_holds_every_byte_and_is_good() {
    let s = sample().await;
    s.upload().await;
    let zip = s.exported().await;
    assert_eq!(s.checked(&zip), ("good".to_owned(), vec![]));

    let files = unzipped(&zip);
    let manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest.blobs.len(), 6);
    for bytes in s.shots.of_seal().into_iter().chain([&s.shots.later]) {
        let sha256 = Digest::of(bytes);
        assert_eq!(files[&blob_path(&sha256)], *bytes);
        let listed = manifest.blobs.iter().find(|b| b.sha256 == sha256).unwrap();
        assert_eq!((listed.len, listed.absent), (bytes.len() as u64, false));
        assert_eq!(listed.picture, Picture::of(bytes));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(&zip)).unwrap();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).unwrap();
        if entry.name().starts_with("blobs/") {
            assert_eq!(entry.compression(), zip::CompressionMethod::Stored);
        }
    }
    let staging = s.world.folder().join("staging");
    for file in std::fs::read_dir(staging).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with(".tmp"), "{name}");
    }

    // The same files, put together again by hand.
    let again = s.resealed(files, |_| {});
    assert_eq!(s.checked(&zipped(&again)), ("good".to_owned(), vec![]));
}

#[tokio::test]
async fn a_marked_copy_is_exported_and_checked_like_all_bytes() {
    let s = sample_with(|blobs| blobs[0].role = "marked".to_owned()).await;
    s.upload().await;
    let zip = s.exported().await;
    assert_eq!(s.checked(&zip), ("good".to_owned(), vec![]));
    let mut files = unzipped(&zip);
    assert_eq!(
        files[&blob_path(&Digest::of(&s.shots.later))],
        s.shots.later
    );
    assert!(page(&files).contains("标注副本"));
    let path = blob_path(&Digest::of(&s.shots.later));
    files.get_mut(&path).unwrap()[9] ^= 1;
    let (verdict, _) = s.checked(&zipped(&files));
    assert_ne!(verdict, "good");
}

#[tokio::test]
async fn the_page_lists_evidence_and_links_to_pictures_only() {
    let s = sample().await;
    s.upload().await;
    let page = page(&unzipped(&s.exported().await));
    for said in [
        "照片 / photo",
        "31.2304, 121.4737 ± 12 m",
        "270°",
        "2026-11-24 12:36:40",
        "2026-11-24 12:37:41 ± 2 s",
        "无：此前未联系过服务器 / none: no contact with the server before",
        "无：未授权定位 / none: location refused",
        "无：定位超时 / none: location timed out",
        "无：设备无法定位 / none: location unavailable",
        "在应用内现场取证 / made in the app",
        "从设备选取",
        "&lt;img src=x onerror=alert(1)&gt;",
        "image/jpeg&quot;&gt;&lt;script&gt;",
        "引用无效 / no such file",
        "整次检查 / the visit as a whole",
        "23.5 ℃",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    let shown = Digest::of(b"what was shown").0;
    assert!(page.contains(&shown), "what was shown when signing");
    let link = |bytes: &[u8]| format!("<a href=\"blobs/{}\">", Digest::of(bytes));
    for (bytes, linked) in [
        (&s.shots.original, true),
        (&s.shots.working, true),
        (&s.shots.other, true),
        (&s.shots.later, true),
        (&s.shots.page, false),
        (&s.shots.strokes, false),
    ] {
        assert!(page.contains(&Digest::of(bytes).0));
        assert_eq!(page.contains(&link(bytes)), linked);
    }
    assert!(!page.contains("<script") && !page.contains("<svg") && !page.contains("<img"));
    assert!(!page.contains("不在此副本中"));
}

#[tokio::test]
async fn what_never_came_is_listed_as_absent_until_it_comes() {
    let s = sample().await;
    let client = Client::of(&s.world);
    for bytes in s.shots.of_seal() {
        client.upload(&s.seal, bytes).await;
    }
    let zip = s.exported().await;
    let path = blob_path(&Digest::of(&s.shots.later));
    assert_eq!(
        s.checked(&zip),
        ("incomplete".to_owned(), vec![(path, "blob_absent")])
    );
    let page = page(&unzipped(&zip));
    assert!(page.contains("⚠ 1 个文件不在此副本中"), "{page}");
    assert!(page.contains("不在此副本中 / not in this copy · 服务器未收到"));
    let (exit, said) = command(&s, &zip);
    assert_eq!((exit, said.len()), (Some(1), 2));
    assert_eq!(
        (said[0]["code"].as_str(), said[1]["code"].as_str()),
        (Some("blob_absent"), Some("incomplete"))
    );
    client.upload(&s.amendment, &s.shots.later).await;
    let zip = s.exported().await;
    assert_eq!(s.checked(&zip).0, "good");
    assert_eq!(command(&s, &zip).0, Some(0));
}

// Exit code and lines of `zhicha verify`.
fn command(s: &Sample, zip: &[u8]) -> (Option<i32>, Vec<Value>) {
    let file = s.world.folder().join("export.zip");
    std::fs::write(&file, zip).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(["verify", "--json", "--trust", &s.trust()])
        .arg(file)
        .output()
        .unwrap();
    let lines = std::str::from_utf8(&output.stdout).unwrap().lines();
    let lines = lines.map(|line| serde_json::from_str(line).unwrap());
    (output.status.code(), lines.collect())
}

#[tokio::test]
async fn what_was_lost_or_altered_at_the_server_is_absent_and_its_receipt_says_that_it_was_there() {
    let s = sample().await;
    s.upload().await;
    std::fs::remove_file(place_of(s.world.folder(), &s.device, &s.shots.later)).unwrap();
    let mut bytes = s.shots.original.clone();
    bytes[1_000] ^= 1;
    std::fs::write(
        place_of(s.world.folder(), &s.device, &s.shots.original),
        bytes,
    )
    .unwrap();
    let zip = s.exported().await;
    let (verdict, mut found) = s.checked(&zip);
    found.sort();
    let mut lost = [&s.shots.later, &s.shots.original]
        .map(|bytes| (blob_path(&Digest::of(bytes)), "blob_absent"))
        .to_vec();
    lost.sort();
    assert_eq!((verdict.as_str(), found), ("incomplete", lost.clone()));
    let files = unzipped(&zip);
    for (path, _) in &lost {
        assert!(!files.contains_key(path));
    }
    let (lines, _) = judge(Cursor::new(&zip), Some(&s.trust()));
    assert!(lines[0].2.contains("receipt says that it had these bytes"));
    assert!(page(&files).contains("not in this copy · 服务器收到时间"));
}

#[tokio::test]
async fn an_event_that_lies_about_lengths_or_digests_is_named() {
    let s = sample_with(|blobs| {
        let original = Shots::new().original;
        let mut longer = named(&original, "image/jpeg", "original");
        longer.len += 1;
        let mut none = named(b"x", "image/jpeg", "original");
        none.sha256 = Digest("../../index.html".to_owned());
        blobs.extend([longer, none]);
    })
    .await;
    s.upload().await;
    let zip = s.exported().await;
    let files = unzipped(&zip);
    let event = files
        .keys()
        .find(|path| path.contains(s.amendment.as_str()) && path.starts_with("events/"))
        .unwrap();
    assert_eq!(
        s.checked(&zip),
        (
            "refused".to_owned(),
            vec![(event.clone(), "length"), (event.clone(), "blob_absent")]
        )
    );
    let page = page(&files);
    assert!(page.contains("长度不符") && page.contains("no digest; there is no such file"));
    assert!(!page.contains("href=\"blobs/.."));
}

// What a copy may have been made to say, sealed again by the server's own key, and the one finding that names it.
type Change = fn(&Sample, &mut Files, &mut Manifest);

fn with_receipt(s: &Sample, files: &mut Files, change: impl FnOnce(&mut BlobReceipt)) {
    let path = blob_receipt_path(&Digest::of(&s.shots.original));
    let text = String::from_utf8(files[&path].clone()).unwrap();
    let mut receipt = BlobReceipt::parse(&text).unwrap().0;
    change(&mut receipt);
    let text = s.world.running.app.fixed.key.blob_receipt(&receipt);
    files.insert(path, text.into_bytes());
}

fn foreign_receipt(s: &Sample, files: &mut Files) {
    let path = blob_receipt_path(&Digest::of(&s.shots.original));
    let text = String::from_utf8(files[&path].clone()).unwrap();
    let receipt = BlobReceipt::parse(&text).unwrap().0;
    let forged = NativeKey::number(66).sign_text(Typ::BlobReceipt, &receipt);
    files.insert(path, forged.into_bytes());
}

fn listed<'a>(manifest: &'a mut Manifest, bytes: &[u8]) -> &'a mut ManifestBlob {
    let sha256 = Digest::of(bytes);
    let mut blobs = manifest.blobs.iter_mut();
    blobs.find(|blob| blob.sha256 == sha256).unwrap()
}

const ALTERATIONS: &[(&str, &str, &str, Change)] = &[
    ("other bytes", "blob", "altered", |s, files, _| {
        let path = blob_path(&Digest::of(&s.shots.original));
        files.get_mut(&path).unwrap()[2_000] ^= 1;
    }),
    ("fewer bytes", "blob", "altered", |s, files, _| {
        let path = blob_path(&Digest::of(&s.shots.original));
        files.get_mut(&path).unwrap().truncate(299_000);
    }),
    (
        "another length",
        "receipt",
        "misplaced",
        |s, _, manifest| {
            listed(manifest, &s.shots.original).len += 1;
        },
    ),
    ("no bytes", "blob", "missing", |s, files, _| {
        files.remove(&blob_path(&Digest::of(&s.shots.original)));
    }),
    (
        "not even listed",
        "blob",
        "missing",
        |s, files, manifest| {
            let sha256 = Digest::of(&s.shots.original);
            files.remove(&blob_path(&sha256));
            files.remove(&blob_receipt_path(&sha256));
            manifest.blobs.retain(|blob| blob.sha256 != sha256);
        },
    ),
    (
        "bytes that nobody names",
        "stray",
        "unnamed",
        |_, files, _| {
            files.insert(blob_path(&Digest::of(b"stray")), b"stray".to_vec());
        },
    ),
    (
        "a list that nobody names",
        "stray",
        "unnamed",
        |s, files, manifest| {
            let sha256 = Digest::of(b"stray");
            files.insert(blob_path(&sha256), b"stray".to_vec());
            let mut receipt = None;
            with_receipt(s, &mut files.clone(), |found| receipt = Some(found.clone()));
            let receipt = BlobReceipt {
                sha256: sha256.clone(),
                len: 5,
                ..receipt.unwrap()
            };
            let text = s.world.running.app.fixed.key.blob_receipt(&receipt);
            files.insert(blob_receipt_path(&sha256), text.into_bytes());
            manifest.blobs.push(ManifestBlob {
                sha256,
                len: 5,
                absent: false,
                picture: None,
            });
        },
    ),
    (
        "said to be absent, and there",
        "blob",
        "blob_present",
        |s, _, manifest| {
            listed(manifest, &s.shots.original).absent = true;
        },
    ),
    (
        "absent with a receipt",
        "blob",
        "blob_absent",
        |s, files, manifest| {
            files.remove(&blob_path(&Digest::of(&s.shots.original)));
            listed(manifest, &s.shots.original).absent = true;
        },
    ),
    (
        "absent without a receipt",
        "blob",
        "blob_absent",
        |s, files, manifest| {
            let sha256 = Digest::of(&s.shots.original);
            files.remove(&blob_path(&sha256));
            files.remove(&blob_receipt_path(&sha256));
            listed(manifest, &s.shots.original).absent = true;
        },
    ),
    ("no receipt", "receipt", "missing", |s, files, _| {
        files.remove(&blob_receipt_path(&Digest::of(&s.shots.original)));
    }),
    (
        "the receipt for other bytes",
        "receipt",
        "misplaced",
        |s, files, _| {
            let other = files[&blob_receipt_path(&Digest::of(&s.shots.working))].clone();
            files.insert(blob_receipt_path(&Digest::of(&s.shots.original)), other);
        },
    ),
    (
        "a receipt for fewer bytes",
        "receipt",
        "misplaced",
        |s, files, _| {
            with_receipt(s, files, |receipt| receipt.len -= 1);
        },
    ),
    (
        "a receipt of another tenant",
        "receipt",
        "misplaced",
        |s, files, _| {
            with_receipt(s, files, |receipt| {
                receipt.tenant = TenantId(id());
            });
        },
    ),
    (
        "a receipt by another key",
        "receipt",
        "signer",
        |s, files, _| {
            foreign_receipt(s, files);
        },
    ),
    (
        "a receipt with a broken signature",
        "receipt",
        "signature",
        |s, files, _| {
            let path = blob_receipt_path(&Digest::of(&s.shots.original));
            let text = String::from_utf8(files[&path].clone()).unwrap();
            files.insert(path, crate::world::damage(&text).into_bytes());
        },
    ),
    (
        "another kind of text for a receipt",
        "receipt",
        "unreadable",
        |s, files, _| {
            let path = blob_receipt_path(&Digest::of(&s.shots.original));
            let text = files["manifest.jws"].clone();
            files.insert(path, text);
        },
    ),
    (
        "a script that is said to be a picture",
        "page",
        "altered",
        |s, _, manifest| {
            listed(manifest, &s.shots.page).picture = Some(Picture::Png);
        },
    ),
];

#[tokio::test]
async fn every_alteration_is_found_even_when_the_server_itself_had_sealed_it() {
    let s = sample().await;
    s.upload().await;
    let whole = unzipped(&s.exported().await);
    let (original, stray) = (Digest::of(&s.shots.original), Digest::of(b"stray"));
    for (name, item, code, change) in ALTERATIONS {
        let mut files = whole.clone();
        let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
        change(&s, &mut files, &mut manifest);
        // The list keeps what the alteration took away from the files and left in the list of blobs.
        let files = s.resealed(files, |m| *m = manifest);
        let item = match *item {
            "blob" => blob_path(&original),
            "receipt" => blob_receipt_path(&original),
            "stray" => blob_path(&stray),
            _ => blob_path(&Digest::of(&s.shots.page)),
        };
        let (verdict, mut found) = s.checked(&zipped(&files));
        let expected = if *code == "blob_absent" {
            "incomplete"
        } else {
            "refused"
        };
        assert_eq!(verdict, expected, "{name}: {found:?}");
        // The length stands in event, receipt and list.
        if *name == "another length" {
            found.retain(|(path, _)| *path == item);
        }
        assert_eq!(found, [(item, *code)], "{name}");
    }
}

#[tokio::test]
async fn without_the_servers_key_no_alteration_passes() {
    let s = sample().await;
    s.upload().await;
    let whole = unzipped(&s.exported().await);
    for path in whole.keys().filter(|path| path.starts_with("blob")) {
        let mut files = whole.clone();
        let bytes = files.get_mut(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
        let (verdict, found) = s.checked(&zipped(&files));
        assert_eq!(verdict, "refused", "{path}");
        assert!(found.iter().any(|(item, _)| item == path), "{found:?}");
        files.remove(path);
        let (verdict, found) = s.checked(&zipped(&files));
        assert_eq!(verdict, "refused", "{path}");
        assert_eq!(found[0], (path.clone(), "missing"));
    }

    // A key that comes along in the copy is no key of the server.
    let mut files = whole;
    foreign_receipt(&s, &mut files);
    let mut keys: Keys = serde_json::from_slice(&files["keys.json"]).unwrap();
    keys.keys.push(NativeKey::number(66).jwk());
    files.insert("keys.json".to_owned(), serde_json::to_vec(&keys).unwrap());
    let files = s.resealed(files, |_| {});
    assert_eq!(s.checked(&zipped(&files)), ("untrusted".to_owned(), vec![]));
}

#[tokio::test]
async fn bytes_that_were_damaged_inside_the_zip_are_named() {
    let s = sample().await;
    s.upload().await;
    let mut zip = s.exported().await;
    let some = &s.shots.original[5_000..5_032];
    let at = zip.windows(32).position(|window| window == some).unwrap();
    zip[at] ^= 1;
    let (verdict, found) = s.checked(&zip);
    let path = blob_path(&Digest::of(&s.shots.original));
    assert_eq!(verdict, "refused");
    assert_eq!(found, [(path.clone(), "damaged"), (path, "altered")]);
}
