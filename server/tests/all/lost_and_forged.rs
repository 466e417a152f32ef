//! Queues with something wrong in them: poisoned, damaged, lost, copied or somebody else's events, sessions and people that
//! end in the middle, rows that vanish at the server (`faults.md`, groups C and F). One bad event holds up nothing else,
//! and each is visible on the phone and in quarantine.

use crate::world::{
    Caller, World, findings, ledger,
    phone::{Http, Phone},
    program::Program,
    record,
};
use serde_json::{Value, json};
use zhicha_core::{
    access::Role,
    client::{Failure, Gap, Transport as _, gap, pull::PullError},
    event::{Disposition, EventHash},
    store::{EventRow, Halt, Store as _},
    sync::{
        push::{Input, State},
        wire::{Reason, Stream},
    },
    testing::{CountingIds, NativeKey},
};
use zhicha_server::store::{self, counter, feed, sites};

async fn quarantine(admin: &Caller) -> Vec<Value> {
    let rows = admin.get_json("/api/v1/quarantine").await;
    rows.as_array().unwrap().clone()
}

async fn reason(phone: &Phone, event: &EventRow) -> Option<Reason> {
    let receipt = phone.receipt(event).await.expect("a receipt");
    assert_ne!(receipt.disposition, Disposition::Applied);
    receipt.reason
}

async fn flags(admin: &Caller, event: &EventRow) -> Value {
    let path = format!("/api/v1/records/{}", event.record_id);
    admin.get_json(&path).await["summary"]["flags"].clone()
}

#[tokio::test]
async fn one_event_that_cannot_be_read_among_fifty_holds_up_none() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let mut poison = None;
    for n in 0..50 {
        if n == 20 {
            poison = Some(phone.poison(&mut ids).await);
        } else {
            phone.note(&mut ids).await;
        }
    }
    let poison = poison.unwrap();
    let sent = phone.deliver(10).await;
    assert_eq!((sent.state, sent.requests), (State::Idle, 1));
    assert_eq!(ledger::truthful(world.folder(), &phone).await, 50);
    assert_eq!(reason(&phone, &poison).await, Some(Reason::Invalid));
    let troubled = phone.store.troubled().await.unwrap();
    assert_eq!(troubled.len(), 1, "it is shown on the phone");
    let kept = quarantine(&admin).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["text"], json!(poison.text));
    let rows = ledger::rows(world.folder(), phone.id().await).await;
    let applied = rows.iter().filter(|row| row.disposition == "applied");
    assert_eq!(applied.count(), 49);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn a_session_that_ends_in_the_middle_of_a_queue_loses_nothing_and_says_nothing_to_the_log() {
    let (world, _, _) = World::staffed().await;
    let program = Program::start(world.stop().await, &[("ZHICHA_LOG", "debug")]);
    let anna = program.sign_in("anna").await;
    let mut phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    // One that only its holder may close a number with.
    let own = std::mem::replace(&mut phone.key, NativeKey::number(9));
    let damaged = phone.note(&mut ids).await;
    phone.key = own;
    for _ in 0..3 {
        phone.note(&mut ids).await;
    }
    let ended = anna
        .send(reqwest::Method::DELETE, "/api/v1/session", None)
        .await;
    assert_eq!(ended.status(), 204);
    let sent = phone.deliver(20).await;
    assert_eq!(sent.state, State::SignedOut);
    assert!(
        sent.requests < 4,
        "it is not asked again and again: {sent:?}"
    );
    let before = phone.events().await;
    assert_eq!(before.len(), 5);
    let acked = phone.store.push_state().await.unwrap().acked;
    assert_eq!(acked, 1);
    assert_eq!(
        phone
            .pull_page(Stream::Sites)
            .await
            .err()
            .map(|e| matches!(e, PullError::Failed(Failure::Problem { .. }))),
        Some(true)
    );

    phone.http = Http::of(&program.sign_in("anna").await);
    let sent = phone.deliver(20).await;
    assert_eq!(sent.state, State::Idle);
    assert_eq!(phone.events().await, before);
    assert_eq!(ledger::truthful(program.folder(), &phone).await, 5);
    assert_eq!(reason(&phone, &damaged).await, Some(Reason::Damaged));
    let log = program.log();
    assert!(log.contains("quarantined"), "there is a log");
    let secrets = [crate::world::PASSWORD, "示例纸管厂", "虚构", "示例anna"];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}");
    }
    let (_, cookie) = anna.cookie.split_once('=').unwrap();
    assert!(!log.contains(cookie));
    for event in before {
        let payload = event.text.split('.').nth(1).unwrap();
        assert!(!log.contains(payload));
    }
}

#[tokio::test]
async fn a_number_that_commits_late_is_skipped_by_no_cursor() {
    let (world, admin, anna) = World::staffed().await;
    admin.add_site("示例厂0", "shili-1").await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    let app = world.running.app.clone();
    // Whoever has taken a number and hesitates holds up the next number, not the readers.
    let mut slow = app.store.begin().await.unwrap();
    let tenant = phone.tenant().await;
    let seq = counter::next(&mut slow, tenant, Stream::Sites.as_str())
        .await
        .unwrap();
    let quick = {
        let admin = admin.clone();
        tokio::spawn(async move { admin.add_site("示例厂2", "shili-1").await })
    };
    for _ in 0..5 {
        phone.pull_everything().await;
        assert_eq!(phone.store.sites().await.unwrap().len(), 1);
        // Whether the second has come and waits cannot be seen; where it comes later, less is tried, and nothing fails.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!quick.is_finished(), "the second waits for the first");
    let site = json!({ "site_id": record().0, "version": 1, "name": "示例厂1", "address": "虚构路1号", "region": "shili-1" });
    let site = serde_json::from_value(site).unwrap();
    sites::put(&mut slow, tenant, &site, None, app.clock.now())
        .await
        .unwrap();
    let key = site.site_id.to_string();
    let now = app.clock.now();
    let fed = feed::add(
        &mut slow,
        tenant,
        Stream::Sites,
        "shili-1",
        &key,
        feed::Op::Put,
        now,
    )
    .await;
    assert!(fed.unwrap() > seq);
    store::commit(slow).await.unwrap();
    quick.await.unwrap();
    phone.pull_everything().await;
    let sites = phone.store.sites().await.unwrap();
    let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["示例厂0", "示例厂1", "示例厂2"]);
}

#[tokio::test]
async fn what_vanishes_at_the_server_stays_on_the_phones() {
    let (world, _, anna) = World::staffed().await;
    let (phone, tablet) = (Phone::enrol(&anna, 1).await, Phone::enrol(&anna, 2).await);
    let mut ids = CountingIds::default();
    let mut own = Vec::new();
    for _ in 0..3 {
        own.push(phone.note(&mut ids).await);
    }
    phone.delivers_all(world.folder()).await;
    tablet.pull_everything().await;
    let gone = "DROP TRIGGER event_stays; DELETE FROM feed WHERE stream = 'records'; DELETE FROM event WHERE device_seq > 1";
    let (_, write) = world.running.app.store.pools();
    sqlx::raw_sql(gone).execute(write).await.unwrap();
    for reader in [&phone, &tablet] {
        reader.pull_everything().await;
    }
    for event in &own {
        let pulled = tablet.store.pulled_of(event.record_id).await.unwrap();
        assert!(pulled.iter().any(|pulled| pulled.text == event.text));
        assert!(phone.receipt(event).await.is_some());
    }
    assert_eq!(phone.events().await, own);
    // A fresh snapshot drops what others wrote and the server names no more; never what is the phone's own.
    let (_elsewhere, _, somebody) = World::staffed().await;
    let foreign = Http::of(&somebody).pull(Stream::Records, None).await;
    let mut page = foreign.unwrap();
    page.log = phone.store.push_state().await.unwrap().seen.unwrap();
    (page.rows, page.snapshot) = (vec![], false);
    phone.store.apply_page(&page, &[]).await.unwrap();
    phone.pull_everything().await;
    assert_eq!(phone.events().await, own);
}

#[tokio::test]
async fn a_person_who_is_revoked_while_offline_deposits_what_was_sealed() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    let mut sealed = Vec::new();
    for n in 0..3 {
        sealed.push(phone.seal_with_photo(&mut ids, &[n; 100]).await);
    }
    let user = anna.get_json("/api/v1/session").await["user"].clone();
    let path = format!("/api/v1/people/{}/revoke", user.as_str().unwrap());
    assert_eq!(admin.post(&path, json!({})).await.status(), 204);

    let refused = phone.pull_page(Stream::Records).await;
    assert!(
        matches!(&refused, Err(PullError::Failed(Failure::Problem { problem, .. })) if problem.status == 401),
        "{refused:?}"
    );
    let sent = phone.deliver(10).await;
    assert_eq!(sent.state, State::Idle);
    assert_eq!(ledger::truthful(world.folder(), &phone).await, 4);
    let kept = quarantine(&admin).await;
    for event in &sealed {
        assert_eq!(reason(&phone, event).await, Some(Reason::Revoked));
        let row = kept.iter().find(|row| row["text"] == json!(event.text));
        assert_eq!(row.unwrap()["reason"], "revoked", "the office sees it");
        let there = phone.store.events_of(event.record_id).await.unwrap();
        assert_eq!(there, std::slice::from_ref(event), "and the phone keeps it");
    }
    assert_eq!(phone.store.troubled().await.unwrap().len(), 3);
    assert_eq!(admin.get_json("/api/v1/records").await["total"], 1);
}

#[tokio::test]
async fn of_a_phone_and_its_copy_both_versions_are_kept_and_the_device_stands_still() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    let copy = phone.cloned(1);
    let mut other_ids = CountingIds(500);
    let (here, there) = (phone.note(&mut ids).await, copy.note(&mut other_ids).await);
    let later = copy.note(&mut other_ids).await;
    phone.delivers_all(world.folder()).await;

    let sent = copy.deliver(10).await;
    assert_eq!(sent.state, State::Halted(Halt::Frozen));
    for event in [&there, &later] {
        assert_eq!(reason(&copy, event).await, Some(Reason::Fork));
    }
    let kept = quarantine(&admin).await;
    for event in [&there, &later] {
        assert!(kept.iter().any(|row| row["text"] == json!(event.text)));
    }
    let held = ledger::rows(world.folder(), phone.id().await).await;
    assert!(held.iter().any(|row| row.text == here.text));
    let people = admin.get_json("/api/v1/people").await;
    let mut devices = people
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|p| p["devices"].as_array().unwrap());
    assert!(devices.any(|device| device["frozen"] == true));
    // From now on neither is believed, and neither loses what it writes.
    let more = phone.note(&mut ids).await;
    assert_eq!(phone.deliver(10).await.state, State::Halted(Halt::Frozen));
    assert_eq!(reason(&phone, &more).await, Some(Reason::Fork));
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn a_text_that_was_altered_on_the_phone_is_kept_as_damaged_and_the_next_says_so() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    let altered = phone.note(&mut ids).await;
    let next = phone.note(&mut ids).await;
    let (head, rest) = altered.text.split_once('.').unwrap();
    let (payload, signature) = rest.rsplit_once('.').unwrap();
    let text = format!("{head}.{}AA.{signature}", &payload[..payload.len() - 2]);
    phone.store.alter(2, &text);
    let sent = phone.deliver(10).await;
    assert_eq!(sent.state, State::Idle);
    assert_eq!(reason(&phone, &altered).await, Some(Reason::Damaged));
    assert_eq!(
        phone.receipt(&next).await.unwrap().disposition,
        Disposition::Applied
    );
    assert_eq!(flags(&admin, &next).await, json!(["gap"]));
    let kept = quarantine(&admin).await;
    assert_eq!(
        (&kept[0]["text"], &kept[0]["reason"]),
        (&json!(text), &json!("damaged"))
    );
    assert_eq!(phone.store.troubled().await.unwrap().len(), 1);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn what_somebody_else_replays_is_never_theirs_and_counts_once() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    for _ in 0..2 {
        phone.note(&mut ids).await;
    }
    let secret = "示例纸管厂";
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-2"])
        .await;
    let other = Phone::enrol(&bea, 2).await;
    let texts: Vec<String> = phone
        .events()
        .await
        .into_iter()
        .map(|event| event.text)
        .collect();
    let mine = phone.store.identity().await.unwrap().unwrap().certificate;
    let hers = other.store.identity().await.unwrap().unwrap().certificate;
    let push = |certificate: &str, texts: &[String]| json!({ "protocol": 1, "certificate": certificate, "first_seq": 1, "events": texts });

    // Under bea's certificate without a session it takes nothing.
    let refused = world
        .nobody()
        .post("/api/v1/sync/push", push(&hers, &texts))
        .await;
    assert_eq!(refused.status(), 401);
    // In her session: her own number is taken by what is not hers, and nothing of it is shown.
    let answer = bea
        .post("/api/v1/sync/push", push(&hers, &texts[..1]))
        .await;
    let reply: Value = answer.json().await.unwrap();
    assert_eq!(reply["results"][0]["reason"], "damaged");
    // In another tenant.
    let stranger = world.stranger().await;
    let refused = stranger
        .post("/api/v1/sync/push", push(&mine, &texts[..0]))
        .await;
    assert!(refused.status().is_success() || refused.status().is_client_error());
    assert_eq!(ledger::rows(world.folder(), phone.id().await).await, []);
    for (who, path) in [
        (&bea, "/api/v1/sync/pull?stream=records"),
        (&stranger, "/api/v1/records"),
        (&stranger, "/api/v1/quarantine"),
    ] {
        let said = who.get(path).await.text().await.unwrap();
        assert!(!said.contains(secret), "{path}: {said}");
        for text in &texts {
            assert!(!said.contains(text.as_str()), "{path}");
        }
    }
    assert_eq!(
        admin.get_json("/api/v1/records").await["total"],
        0,
        "nothing is applied"
    );

    // Under anna's own certificate, as from a rescue file, by whoever carries it, and as often as it comes: once.
    for _ in 0..3 {
        let carried = bea.post("/api/v1/sync/push", push(&mine, &texts)).await;
        assert_eq!(carried.status(), 200);
    }
    let held = ledger::rows(world.folder(), phone.id().await).await;
    assert_eq!(held.len(), 2);
    phone.delivers_all(world.folder()).await;
    assert_eq!(admin.get_json("/api/v1/records").await["total"], 2);
    let said = bea
        .get("/api/v1/sync/pull?stream=records")
        .await
        .text()
        .await
        .unwrap();
    for text in &texts {
        assert!(
            !said.contains(text.as_str()),
            "what she carried is not hers"
        );
    }
    let name = EventHash::of_text(&texts[0]);
    let known = bea
        .post("/api/v1/sync/have", json!({ "hashes": [name] }))
        .await;
    let known: Value = known.json().await.unwrap();
    assert_eq!(known["missing"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn numbers_that_are_lost_on_the_phone_are_named_and_what_comes_behind_is_taken() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    for _ in 0..4 {
        phone.note(&mut ids).await;
    }
    phone.push(1).await;
    for seq in 2..=4 {
        phone.store.forget(seq);
    }
    // The next one of the same chain cannot follow what the server has: nothing is stored, and sending stands still.
    let behind = phone.note(&mut ids).await;
    assert_eq!(phone.push(100).await, Input::Stop(Halt::Gap));
    assert_eq!(
        ledger::rows(world.folder(), phone.id().await).await.len(),
        1
    );
    assert_eq!(
        phone.events().await.last(),
        Some(&behind),
        "it stays on the phone"
    );
    let (from, to) = (2, 5);
    let expected = Some(Gap {
        from,
        to,
        missing: 3,
    });
    assert_eq!(gap(&phone.store).await.unwrap(), expected);
    // The person has read it: the report goes before what it stands behind, and that comes after it.
    let report = phone.admit_loss(&mut ids, from, to).await;
    assert_eq!(gap(&phone.store).await.unwrap(), None);
    assert_eq!(phone.deliver(10).await.state, State::Idle);
    let rows = ledger::rows(world.folder(), phone.id().await).await;
    let numbers: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, [1, 6, 5], "in the order of the log");
    for event in [&behind, &report] {
        assert_eq!(
            phone.receipt(event).await.unwrap().disposition,
            Disposition::Applied
        );
    }
    // From there on its chain goes on as any other.
    phone.note(&mut ids).await;
    assert_eq!(phone.deliver(10).await.state, State::Idle);

    let reader = Phone::enrol(&anna, 2).await;
    for _ in 0..3 {
        reader.note(&mut ids).await;
    }
    reader.push(1).await;
    for seq in 2..=3 {
        reader.store.forget(seq);
    }
    let report = reader.admit_loss(&mut ids, 2, 3).await;
    let later = reader.note(&mut ids).await;
    assert_eq!(reader.deliver(10).await.state, State::Idle);
    let rows = ledger::rows(world.folder(), reader.id().await).await;
    let numbers: Vec<u64> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, [1, 4, 5]);
    for event in [&report, &later] {
        assert_eq!(
            reader.receipt(event).await.unwrap().disposition,
            Disposition::Applied
        );
    }
    let mut conn = ledger::database(world.folder()).await;
    let noted: Vec<String> =
        sqlx::query_scalar("SELECT detail FROM audit WHERE action = 'device_loss'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let noted: Vec<Value> = noted
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let ranges: Vec<_> = noted.iter().map(|n| (&n["from"], &n["to"])).collect();
    assert_eq!(ranges, [(&json!(2), &json!(5)), (&json!(2), &json!(3))]);
    assert_eq!(admin.get_json("/api/v1/records").await["total"], 5);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}
