//! A day from end to end: the device's own code (`zhicha_core::client`) over HTTP against the real server on SQLite.

use crate::world::{
    World, built_in,
    phone::{Http, Phone},
};
use serde_json::{Value, json};
use zhicha_core::{
    access::Role,
    client::{Failure, Transport as _},
    event::Disposition,
    id::RecordId,
    store::Store as _,
    sync::{
        push::{Input, State},
        wire::{PullPage, Stream},
    },
    testing::{CountingIds, NativeKey},
};

#[tokio::test]
async fn an_offline_day_is_delivered_once_and_unchanged_and_the_office_reads_it() {
    let world = World::start().await;
    let admin = world.administrator().await;
    for n in 1..=3 {
        admin.add_site(&format!("示例厂{n}"), "shili-1").await;
    }
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    let (sites, lists) = (phone.store.sites().await.unwrap(), phone.lists().await);
    assert_eq!((sites.len(), lists.len()), (3, built_in()));

    // Offline: three inspections with every item answered.
    let mut ids = CountingIds::default();
    let mut written = Vec::new();
    for (site, loaded) in sites.iter().zip(&lists) {
        written.extend(phone.inspect(&mut ids, site, loaded).await);
    }

    // The first answer is lost after the server has committed: nothing counts as delivered, and the same goes again.
    phone.http.lose.set(1);
    assert_eq!(phone.push(2).await, Input::Failed(Failure::Network));
    assert!(phone.receipt(&written[0]).await.is_none());
    while phone.push(2).await != Input::Nothing {}
    for event in &written {
        let receipt = phone
            .receipt(event)
            .await
            .expect("every event has a verified receipt");
        assert_eq!(receipt.disposition, Disposition::Applied);
    }

    // The office reads each one, once and verbatim.
    let page = admin.get_json("/api/v1/records").await;
    assert_eq!(page["total"], 3);
    for pair in written.chunks(2) {
        let detail = admin
            .get_json(&format!("/api/v1/records/{}", pair[1].record_id))
            .await;
        let texts: Vec<&str> = detail["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["text"].as_str().unwrap())
            .collect();
        assert_eq!(texts, [&pair[0].text, &pair[1].text]);
        assert_eq!(
            detail["summary"]["flags"],
            json!([]),
            "checklists and parents are known"
        );
        assert!(detail["summary"]["counts"]["fail"].as_u64().unwrap() >= 1);
        assert_eq!(detail["checklists"].as_array().unwrap().len(), 1);
    }

    // Another device of the same person gets them back, with everything that proves them.
    let tablet = Phone::enrol(&anna, 2).await;
    tablet.pull_everything().await;
    for event in &written {
        let pulled = tablet.store.pulled_of(event.record_id).await.unwrap();
        assert!(pulled.iter().any(|p| p.text == event.text));
    }
}

#[tokio::test]
async fn an_ended_session_pauses_sending_and_signing_in_again_delivers() {
    let (world, _, anna) = World::staffed().await;
    let mut phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    // A text that the device's key did not sign, as after damage on its disk: only its holder may close a number
    // with it, so the server wants a session.
    let own = std::mem::replace(&mut phone.key, NativeKey::number(9));
    let mut ids = CountingIds::default();
    let damaged = phone.note(&mut ids).await;
    phone.key = own;
    let sound = phone.note(&mut ids).await;
    anna.send(reqwest::Method::DELETE, "/api/v1/session", None)
        .await;

    let refused = phone.push(100).await;
    let (state, _) = State::SENDING.step(&refused, 0);
    assert_eq!(state, State::SignedOut);
    assert_eq!(phone.store.push_state().await.unwrap().acked, 0);

    phone.http.caller = world.sign_in("anna").await;
    assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    let damaged = phone.receipt(&damaged).await.unwrap();
    assert_eq!(damaged.disposition, Disposition::Quarantined);
    let sound = phone.receipt(&sound).await.unwrap();
    assert_eq!(sound.disposition, Disposition::Applied);
}

// What a server of another key gave out stands on the phone, as after a rotation or a restored data folder.
async fn give_foreign_cursors(phone: &Phone) {
    let (_elsewhere, _, somebody) = World::staffed().await;
    for stream in Stream::ALL {
        let foreign = Http::of(&somebody).pull(stream, None).await.unwrap();
        let empty = PullPage {
            rows: vec![],
            snapshot: false,
            more: false,
            log: phone.store.push_state().await.unwrap().seen.unwrap(),
            ..foreign
        };
        phone.store.apply_page(&empty, &[]).await.unwrap();
        let refused = phone.http.pull(stream, Some(&empty.cursor)).await;
        assert!(
            matches!(&refused, Err(Failure::Problem { problem, .. })
                if (problem.status, problem.code.as_str()) == (410, "cursor_gone")),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_cursor_of_another_key_leads_to_a_fresh_snapshot_and_loses_nothing() {
    let (_world, admin, anna) = World::staffed().await;
    let leaving = admin.add_site("示例厂1", "shili-1").await;
    admin.add_site("示例厂2", "shili-1").await;
    let (phone, tablet) = (Phone::enrol(&anna, 1).await, Phone::enrol(&anna, 2).await);
    let mut ids = CountingIds::default();
    let written_elsewhere = tablet.note(&mut ids).await;
    assert_eq!(tablet.push(100).await, Input::Receipts { more: false });
    let sent = phone.note(&mut ids).await;
    assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    phone.pull_everything().await;
    let unsent = phone.note(&mut ids).await;
    let lists = phone.lists().await.len();

    give_foreign_cursors(&phone).await;
    // Meanwhile one site left and one came: the snapshot notices both.
    let moved =
        json!({ "version": 1, "name": "示例厂1", "address": "虚构路1号", "region": "shili-2" });
    let path = format!("/api/v1/sites/{leaving}");
    let change = admin.send(reqwest::Method::PUT, &path, Some(moved)).await;
    assert_eq!(change.status(), 200);
    admin.add_site("示例厂3", "shili-1").await;

    phone.pull_everything().await;
    let sites = phone.store.sites().await.unwrap();
    let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["示例厂2", "示例厂3"]);
    assert_eq!(phone.lists().await.len(), lists);
    let record = written_elsewhere.record_id;
    assert_eq!(phone.store.pulled_of(record).await.unwrap().len(), 1);
    let own = phone.store.events_after(0, 9).await.unwrap();
    assert_eq!(own, [sent, unsent.clone()]);
    assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    assert!(phone.receipt(&unsent).await.is_some());
}

#[tokio::test]
async fn search_and_filters_find_what_they_should() {
    let (world, admin, _, device) = World::equipped().await;
    let ids: Vec<RecordId> = (0..5).map(|_| crate::world::record()).collect();
    let events: Vec<String> = ids.iter().map(|id| device.sealed(*id)).collect();
    device.push(&world, 1, &events).await;
    device
        .push(&world, 6, &[device.started(crate::world::record())])
        .await;
    let total = async |query: &str| {
        admin.get_json(&format!("/api/v1/records?{query}")).await["total"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(total("").await, 6);
    assert_eq!(total("with_fails=true").await, 5);
    assert_eq!(total("sealed=true").await, 5);
    assert_eq!(
        total("sealed=false").await,
        1,
        "begun and not sealed: the gap that shows"
    );
    let open = admin.get_json("/api/v1/records?sealed=false&limit=1").await;
    assert_eq!(open["records"][0]["sealed"], false);
    assert_eq!(open["next"], Value::Null);
    assert_eq!(
        admin.get("/api/v1/records?sealed=perhaps").await.status(),
        400
    );
    for (query, found) in [
        ("q=%E7%BA%B8%E7%AE%A1", 6),
        ("q=slzgc", 6),
        ("q=%E5%BC%A0%E7%A4%BA%E4%BE%8B", 5),
        ("q=nothing", 0),
        ("from=2026-11-24&to=2026-11-24", 6),
        ("from=2026-11-25", 0),
        ("mode=self_inspection", 0),
        ("checklist=sample&region=shili-1", 6),
        ("checklist=fire-exits", 0),
    ] {
        assert_eq!(total(query).await, found, "{query}");
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = admin
            .get_json(&format!("/api/v1/records?limit=2&after={after}"))
            .await;
        seen.extend(
            page["records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["record_id"].clone()),
        );
        let Value::String(next) = &page["next"] else {
            break;
        };
        after.clone_from(next);
    }
    let distinct: std::collections::BTreeSet<String> =
        seen.iter().map(ToString::to_string).collect();
    assert_eq!(
        (seen.len(), distinct.len()),
        (6, 6),
        "pages neither repeat nor leave out"
    );
}

#[tokio::test]
async fn a_first_download_begins_with_one_checklist_and_the_others_follow_together() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let anna = world.person(&admin, "anna", Role::Inspector, &[]).await;
    let path = "/api/v1/sync/pull?stream=checklists";
    let first = anna.get_json(path).await;
    assert_eq!(first["rows"].as_array().unwrap().len(), 1);
    assert_eq!(first["more"], true);
    let mut digests = vec![first["rows"][0]["digest"].clone()];
    let (mut page, mut pages) = (first, 1);
    while page["more"] == true {
        let cursor = page["cursor"].as_str().unwrap().to_owned();
        page = anna.get_json(&format!("{path}&cursor={cursor}")).await;
        let rows = page["rows"].as_array().unwrap();
        digests.extend(rows.iter().map(|row| row["digest"].clone()));
        pages += 1;
    }
    assert!(pages * 5 < built_in(), "{pages} pages");
    let all: std::collections::BTreeSet<_> = digests.iter().map(ToString::to_string).collect();
    assert_eq!((digests.len(), all.len()), (built_in(), built_in()));
}
