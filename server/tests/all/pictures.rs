//! Photos of a record as they are served: small, upright, silent about themselves, and only to who may see the record.
//! The bytes as they were captured: to the office alone, and noted.

use crate::world::{
    Caller, World,
    captured::{evidence, named, unplaced},
    pictures::{
        CANARY, address, ask, assert_clean, encoded, jpeg, segments, shot, talkative, uploaded,
        with_segments,
    },
    problem, record, sealed,
    tus::{Client, delivered_in, photo, place_of},
};
use image::ImageFormat;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use zhicha_core::{
    access::Role,
    checklist::Digest,
    event::{BlobRef, Body, EventHash},
    id::RecordId,
    inspection::{EvidenceKind, Mode},
    sync::wire::PushOutcome,
};

async fn status(caller: &Caller, record: RecordId, bytes: &[u8], form: &str) -> u16 {
    ask(caller, record, bytes, form).await.status().as_u16()
}

async fn seen(caller: &Caller, record: RecordId, bytes: &[u8], form: &str) -> Vec<u8> {
    let response = ask(caller, record, bytes, form).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    let bytes = response.bytes().await.unwrap().to_vec();
    assert_clean(&bytes);
    bytes
}

#[tokio::test]
async fn a_photo_is_served_upright_and_says_nothing_about_itself() {
    let photo = with_segments(&jpeg(2500, 1250), &talkative(6));
    assert!(photo.windows(CANARY.len()).any(|part| part == CANARY));
    assert!(segments(&photo).iter().any(|(marker, _)| *marker == 0xe1));
    let (_world, _, anna, record) = shot(&[&photo]).await;
    for (form, size) in [("view", (960, 1920)), ("thumb", (160, 320))] {
        let bytes = seen(&anna, record, &photo, form).await;
        let read = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!(read.dimensions(), size);
        // What was left is up.
        let (up, down) = (read.get_pixel(80, 20).0, read.get_pixel(80, size.1 - 20).0);
        assert!(up[0] > 180 && up[2] < 70, "{up:?}");
        assert!(down[2] > 180 && down[0] < 70, "{down:?}");
    }
}

#[tokio::test]
async fn png_and_webp_come_out_as_jpegs_and_small_ones_do_not_grow() {
    let files = [ImageFormat::Png, ImageFormat::WebP].map(|format| encoded(64, 32, format));
    let (_world, _, anna, record) = shot(&[&files[0], &files[1]]).await;
    for file in &files {
        for form in ["thumb", "view"] {
            let bytes = seen(&anna, record, file, form).await;
            let read = image::load_from_memory(&bytes).unwrap();
            assert_eq!((read.width(), read.height()), (64, 32));
        }
    }
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_taking_it_for_something_else() {
    let photo = with_segments(&jpeg(64, 32), &talkative(1));
    let (_world, admin, _, record) = shot(&[&photo]).await;
    for form in ["thumb", "view", "original"] {
        let response = ask(&admin, record, &photo, form).await;
        assert_eq!(response.status(), 200);
        let said = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap());
        assert_eq!(said("x-content-type-options"), Some("nosniff"));
        let csp = "sandbox; default-src 'none'; frame-ancestors 'none'";
        assert_eq!(said("content-security-policy"), Some(csp));
        assert_eq!(said("cache-control"), Some("no-store"));
        assert_eq!(said("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(said("referrer-policy"), Some("no-referrer"));
        let (kind, name) = (said("content-type"), said("content-disposition"));
        if form == "original" {
            assert_eq!(kind, Some("application/octet-stream"));
            let name = name.unwrap().strip_prefix("attachment; filename=\"zhicha-");
            let name = name.unwrap().strip_suffix(".bin\"").unwrap();
            assert_eq!(name.len(), 16);
            assert!(!Digest::of(&photo).0.contains(name));
            assert_eq!(response.bytes().await.unwrap(), photo, "the very bytes");
        } else {
            assert_eq!((kind, name), (Some("image/jpeg"), None));
        }
    }
}

async fn originals_noted(world: &World) -> Vec<(String, Value)> {
    noted(world, "original_read").await
}

async fn noted(world: &World, action: &str) -> Vec<(String, Value)> {
    let (read, _) = world.running.app.store.pools();
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT actor, detail FROM audit WHERE action = $1 ORDER BY seq")
            .bind(action)
            .fetch_all(read)
            .await
            .unwrap();
    rows.into_iter()
        .map(|(actor, detail)| (actor, serde_json::from_str(&detail).unwrap()))
        .collect()
}

#[tokio::test]
async fn originals_are_for_the_office_and_leave_a_row_in_the_audit_log() {
    let photo = jpeg(64, 32);
    let (world, admin, anna, record) = shot(&[&photo]).await;
    let near = world
        .person(&admin, "near", Role::Supervisor, &["shili-1"])
        .await;
    for form in ["thumb", "view"] {
        assert_eq!(status(&anna, record, &photo, form).await, 200);
        assert_eq!(status(&near, record, &photo, form).await, 200);
        assert_eq!(status(&admin, record, &photo, form).await, 200);
    }
    let refused = problem(ask(&anna, record, &photo, "original").await).await;
    assert_eq!((refused.status, refused.code.as_str()), (403, "forbidden"));
    let absent = crate::world::id();
    let unknown = format!(
        "/api/v1/records/{absent}/blobs/{}?as=original",
        Digest::of(&photo)
    );
    assert_eq!(anna.get(&unknown).await.status(), 403);
    assert_eq!(originals_noted(&world).await, []);
    for reader in [&near, &admin] {
        assert_eq!(status(reader, record, &photo, "original").await, 200);
    }
    let noted = originals_noted(&world).await;
    let detail = json!({ "record": record, "sha256": Digest::of(&photo) });
    assert_eq!(noted.len(), 2);
    for (reader, (actor, said)) in [&near, &admin].into_iter().zip(noted) {
        assert_eq!(
            json!(actor),
            reader.get_json("/api/v1/session").await["user"]
        );
        assert_eq!(said, detail);
    }
    assert_eq!(crate::world::findings(world.stop().await.path()).await, []);
}

/// A record with two photos: the first has a marked copy, which may not have come.
async fn marked(files: [&[u8]; 4], with_marked: bool) -> (World, Caller, Caller, RecordId) {
    let (world, admin, anna, device) = World::equipped().await;
    let (record, roles) = (record(), ["original", "working", "marked", "working"]);
    let Body::Sealed(mut body) = sealed(Mode::SpotCheck) else {
        unreachable!()
    };
    body.evidence = vec![
        evidence(EvidenceKind::Photo, unplaced(), &[0, 1, 2], ""),
        evidence(EvidenceKind::Photo, unplaced(), &[3], ""),
    ];
    let mut payload = device.payload(record, &Body::Sealed(body));
    let all = files.iter().zip(roles);
    payload.blobs = all.map(|(b, role)| named(b, "image/jpeg", role)).collect();
    let text = device.append(&payload);
    let (outcome, _) = device.push_one(&world.nobody(), 1, &text).await;
    assert_eq!(outcome, PushOutcome::Applied);
    let client = Client::of(&world);
    for (bytes, role) in files.into_iter().zip(roles) {
        if with_marked || role != "marked" {
            client.upload(&EventHash::of_text(&text), bytes).await;
        }
    }
    (world, admin, anna, record)
}

#[tokio::test]
async fn what_marks_cover_needs_the_right_to_originals_and_is_noted() {
    let [original, working, covered, other] =
        [(64, 32), (48, 24), (48, 25), (24, 12)].map(|(w, h)| jpeg(w, h));
    let files: [&[u8]; 4] = [&original, &working, &covered, &other];
    let (world, admin, anna, record) = marked(files, true).await;
    let near = world
        .person(&admin, "near", Role::Supervisor, &["shili-1"])
        .await;
    for form in ["thumb", "view"] {
        for bytes in [&covered, &other] {
            seen(&anna, record, bytes, form).await;
            seen(&near, record, bytes, form).await;
        }
        for bytes in [&original, &working] {
            let refused = problem(ask(&anna, record, bytes, form).await).await;
            assert_eq!((refused.status, refused.code.as_str()), (403, "forbidden"));
        }
    }
    assert_eq!(noted(&world, "unmarked_read").await, []);
    seen(&near, record, &working, "view").await;
    seen(&admin, record, &original, "thumb").await;
    let noted = noted(&world, "unmarked_read").await;
    let details: Vec<&Value> = noted.iter().map(|(_, detail)| detail).collect();
    let said = |bytes: &[u8]| json!({ "record": record, "sha256": Digest::of(bytes) });
    assert_eq!(details, [&said(&working), &said(&original)]);
    assert_eq!(originals_noted(&world).await, []);
}

#[tokio::test]
async fn what_marks_cover_is_not_shown_while_the_marked_copy_is_on_its_way() {
    let [original, working, covered, other] =
        [(64, 32), (48, 24), (48, 25), (24, 12)].map(|(w, h)| jpeg(w, h));
    let files: [&[u8]; 4] = [&original, &working, &covered, &other];
    let (_world, _, anna, record) = marked(files, false).await;
    let absent = problem(ask(&anna, record, &covered, "view").await).await;
    assert_eq!(absent.code, "blob_not_here");
    assert_eq!(status(&anna, record, &working, "view").await, 403);
    assert_eq!(status(&anna, record, &working, "thumb").await, 403);
    assert_eq!(status(&anna, record, &other, "thumb").await, 200);
}

#[tokio::test]
async fn who_may_not_see_the_record_learns_as_much_as_of_one_that_is_not_there() {
    let (photo, other) = (jpeg(64, 32), jpeg(32, 64));
    let (world, admin, anna, device) = World::equipped().await;
    let mine = uploaded(&world.nobody(), &device, &[&photo]).await;
    let elsewhere = uploaded(&world.nobody(), &device, &[&other]).await;
    let mut strangers = vec![world.stranger().await];
    for (login, role, grant) in [
        ("bea", Role::Inspector, "shili-1"),
        ("far", Role::Supervisor, "shili-2"),
        ("shop", Role::Business, "shili-1"),
    ] {
        strangers.push(world.person(&admin, login, role, &[grant]).await);
    }
    let unknown = RecordId(crate::world::id());
    let nothing = ask(&anna, unknown, &photo, "view").await;
    assert_eq!(nothing.status(), 404);
    let nothing = nothing.text().await.unwrap();
    for stranger in &strangers {
        for record in [mine, unknown] {
            let response = ask(stranger, record, &photo, "view").await;
            assert_eq!(response.status(), 404);
            assert_eq!(response.text().await.unwrap(), nothing);
        }
    }
    for far in &strangers[..1] {
        assert_eq!(status(far, mine, &photo, "original").await, 404);
    }
    // Of another record of her own it is not either, nor what is no digest, nor what no event names.
    for (record, bytes) in [(mine, &other), (elsewhere, &photo), (mine, &jpeg(8, 8))] {
        let response = ask(&anna, record, bytes, "thumb").await;
        assert_eq!(response.status(), 404);
        assert_eq!(response.text().await.unwrap(), nothing);
    }
    let crooked = format!("/api/v1/records/{mine}/blobs/..%2F..%2Fkey?as=view");
    assert_eq!(anna.get(&crooked).await.status(), 404);
    for crooked in ["", "?as=", "?as=raw", "?size=thumb"] {
        let path = address(mine, &photo, "");
        let path = format!("{}{crooked}", path.split('?').next().unwrap());
        assert_eq!(anna.get(&path).await.status(), 400, "{crooked}");
    }
    assert_eq!(status(&world.nobody(), mine, &photo, "view").await, 401);
}

#[tokio::test]
async fn what_somebody_else_claims_about_a_record_names_none_of_its_files() {
    let (photo, foreign) = (jpeg(64, 32), jpeg(32, 64));
    let (world, admin, anna, device) = World::equipped().await;
    let record = uploaded(&world.nobody(), &device, &[&photo]).await;
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await;
    let hers = bea.enrol(2).await;
    let mut payload = hers.payload(record, &sealed(Mode::SpotCheck));
    payload.blobs = vec![BlobRef {
        sha256: Digest::of(&foreign),
        len: foreign.len() as u64,
        mime: "image/jpeg".to_owned(),
        role: "original".to_owned(),
    }];
    let text = hers.append(&payload);
    let (outcome, _) = hers.push_one(&world.nobody(), 1, &text).await;
    assert_eq!(outcome, PushOutcome::Quarantined);
    let event = EventHash::of_text(&text);
    Client::of(&world).upload(&event, &foreign).await;
    assert_eq!(status(&anna, record, &foreign, "view").await, 404);
    assert_eq!(status(&bea, record, &foreign, "view").await, 404);
    assert_eq!(status(&admin, record, &foreign, "original").await, 404);
    let list = admin.get_json("/api/v1/records").await;
    assert_eq!(list["records"][0]["blobs_named"], 1);
}

#[tokio::test]
async fn a_business_sees_the_photos_of_its_own_inspections() {
    let photo = jpeg(64, 32);
    let (world, admin, _) = World::staffed().await;
    let shop = world.person(&admin, "shop", Role::Business, &[]).await;
    let rival = world.person(&admin, "rival", Role::Business, &[]).await;
    let (device, record) = (shop.enrol(3).await, record());
    let body = sealed(Mode::SelfInspection);
    let event = delivered_in(&world.nobody(), &device, record, &body, &[&photo]).await;
    Client::of(&world).upload(&event, &photo).await;
    seen(&shop, record, &photo, "view").await;
    assert_eq!(status(&shop, record, &photo, "original").await, 403);
    assert_eq!(status(&rival, record, &photo, "view").await, 404);
}

#[tokio::test]
async fn what_has_not_come_or_is_gone_or_altered_is_said_so() {
    let (photo, late) = (jpeg(64, 32), jpeg(32, 64));
    let (world, admin, anna, device) = World::equipped().await;
    let record = record();
    let body = sealed(Mode::SpotCheck);
    let event = delivered_in(&world.nobody(), &device, record, &body, &[&photo, &late]).await;
    let code = async |caller: &Caller, bytes: &[u8], form: &str| {
        problem(ask(caller, record, bytes, form).await).await.code
    };
    assert_eq!(code(&anna, &late, "view").await, "blob_not_here");
    assert_eq!(code(&admin, &late, "original").await, "blob_not_here");
    Client::of(&world).upload(&event, &photo).await;
    seen(&anna, record, &photo, "view").await;

    // Altered later, with the same length: the small picture is of what was received, the original is not given.
    let place = place_of(world.folder(), &device, &photo);
    let mut altered = photo.clone();
    *altered.last_mut().unwrap() ^= 1;
    std::fs::write(&place, &altered).unwrap();
    assert_eq!(code(&admin, &photo, "original").await, "blob_not_here");
    std::fs::remove_dir_all(world.folder().join("derived")).unwrap();
    assert_eq!(code(&anna, &photo, "thumb").await, "blob_not_here");
    std::fs::write(&place, &photo).unwrap();
    seen(&anna, record, &photo, "thumb").await;
    std::fs::remove_file(&place).unwrap();
    for form in ["thumb", "view", "original"] {
        assert_eq!(code(&admin, &photo, form).await, "blob_not_here");
    }
    let found = admin.get_json(&format!("/api/v1/records/{record}")).await;
    assert_eq!(found["blobs"][0]["received_at"], Value::Null);
}

#[tokio::test]
async fn small_pictures_are_kept_and_can_be_made_anew() {
    let photo = jpeg(2500, 1250);
    let (world, _, anna, record) = shot(&[&photo]).await;
    let first = seen(&anna, record, &photo, "view").await;
    let mut kept = Vec::new();
    let mut folders = vec![world.folder().join("derived")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let list = if path.is_dir() {
                &mut folders
            } else {
                &mut kept
            };
            list.push(path);
        }
    }
    assert_eq!(kept.len(), 2, "both sizes, at once");
    // What is kept is what is served, until somebody takes it away.
    let view = kept
        .iter()
        .find(|path| path.to_str().unwrap().ends_with(".view.jpg"));
    std::fs::write(view.unwrap(), jpeg(9, 9)).unwrap();
    assert_eq!(seen(&anna, record, &photo, "view").await, jpeg(9, 9));
    std::fs::remove_dir_all(world.folder().join("derived")).unwrap();
    assert_eq!(seen(&anna, record, &photo, "view").await, first);
}

#[tokio::test]
async fn the_office_sees_which_files_of_a_record_are_here() {
    let (picture, opaque, late) = (jpeg(64, 32), photo(21, 500), photo(22, 700));
    let (world, admin, _, device) = World::equipped().await;
    let record = record();
    let files: [&[u8]; 3] = [&picture, &opaque, &late];
    let begun = crate::world::started(Mode::SpotCheck);
    delivered_in(&world.nobody(), &device, record, &begun, &[&picture]).await;
    let body = sealed(Mode::SpotCheck);
    let event = delivered_in(&world.nobody(), &device, record, &body, &files).await;
    let counted = async || {
        let list = admin.get_json("/api/v1/records").await;
        let row = &list["records"][0];
        let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
        for name in ["blobs_named", "blobs_here"] {
            assert_eq!(row[name], detail["summary"][name]);
        }
        (row["blobs_named"].clone(), row["blobs_here"].clone())
    };
    assert_eq!(counted().await, (json!(3), Value::Null));
    for bytes in [&picture, &opaque] {
        Client::of(&world).upload(&event, bytes).await;
    }
    assert_eq!(counted().await, (json!(3), json!(2)));
    let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
    let blobs = detail["blobs"].as_array().unwrap();
    assert_eq!(blobs.len(), 3, "each once");
    let of = |bytes: &[u8]| {
        let sha256 = json!(Digest::of(bytes));
        let found = blobs.iter().find(|blob| blob["sha256"] == sha256).unwrap();
        assert_eq!(found["len"], bytes.len());
        assert_eq!(found["received_at"].is_null(), found["sort"].is_null());
        found["sort"].clone()
    };
    assert_eq!(
        [of(&picture), of(&opaque), of(&late)],
        [json!("picture"), json!("opaque"), Value::Null]
    );
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_cleared_at_the_next_start() {
    let photo = jpeg(64, 32);
    let (world, _, anna, record) = shot(&[&photo]).await;
    seen(&anna, record, &photo, "view").await;
    let folders = ["derived", "blobs"].map(|name| world.folder().join(name));
    let whole = folders.each_ref().map(|folder| files_below(folder));
    for file in whole.iter().flatten() {
        std::fs::write(format!("{}#1", file.display()), b"half").unwrap();
    }
    let world = World::start_in(world.stop().await, |_| {}).await;
    assert_eq!(folders.each_ref().map(|folder| files_below(folder)), whole);
    let anna = world.sign_in("anna").await;
    seen(&anna, record, &photo, "view").await;
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path),
            false => BTreeSet::from([path]),
        })
        .collect()
}
