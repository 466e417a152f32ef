//! Every row of the table "Push" of `docs/formats.md`, over HTTP against a real server on SQLite.

use crate::world::{
    World, amended, damage, disposition, loss, problem, record, sealed, started, tampered,
};
use serde_json::json;
use zhicha_core::{
    access::Role,
    event::Disposition,
    id::UserId,
    inspection::Mode,
    sync::wire::{PushOutcome as O, Reason as R},
};

#[tokio::test]
async fn valid_events_are_applied_in_order_and_need_no_session() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    let events = [device.started(id), device.sealed(id)];
    let reply = device.push(&world, 1, &events).await;
    assert_eq!(
        reply.results.iter().map(|r| r.outcome).collect::<Vec<_>>(),
        [O::Applied, O::Applied]
    );
    assert_eq!(disposition(&reply, 1), Disposition::Applied);
    assert_eq!((reply.next_seq, reply.log.size), (3, 2));
    let detail = admin.get_json(&format!("/api/v1/records/{id}")).await;
    assert_eq!(
        detail["events"][1]["text"], events[1],
        "the text comes back verbatim"
    );
    assert_eq!(detail["events"][1]["receipt"], reply.results[1].receipt);
}

#[tokio::test]
async fn the_same_event_again_brings_the_same_receipt() {
    let (world, _, _, device) = World::equipped().await;
    let events = [device.started(record())];
    let first = device.push(&world, 1, &events).await;
    let again = device.push(&world, 1, &events).await;
    assert_eq!(again.results[0].outcome, O::Duplicate);
    assert_eq!(again.results[0].receipt, first.results[0].receipt);
    assert_eq!(again.log.size, 1);
}

#[tokio::test]
async fn another_signature_over_the_same_text_is_a_duplicate_and_the_first_text_stays() {
    let (world, admin, inspector, device) = World::equipped().await;
    let id = record();
    let text = device.started(id);
    device.push(&world, 1, std::slice::from_ref(&text)).await;
    let (input, _) = text.rsplit_once('.').unwrap();
    let other = format!("{input}.{}", "A".repeat(86));
    assert_eq!(device.push_one(&inspector, 1, &other).await.0, O::Duplicate);
    let detail = admin.get_json(&format!("/api/v1/records/{id}")).await;
    assert_eq!(detail["events"][0]["text"], text);
}

#[tokio::test]
async fn another_text_under_a_taken_number_freezes_the_device() {
    let (world, admin, _, device) = World::equipped().await;
    let first = device.payload(record(), &started(Mode::SpotCheck));
    let twin = device.sign(&device.payload(record(), &started(Mode::SpotCheck)));
    let text = device.append(&first);
    device.push(&world, 1, &[text]).await;
    let fork = device.push(&world, 1, std::slice::from_ref(&twin)).await;
    assert_eq!(
        (fork.results[0].outcome, fork.results[0].reason),
        (O::Fork, Some(R::Fork))
    );
    assert_eq!(disposition(&fork, 0), Disposition::Quarantined);
    assert_eq!(fork.next_seq, 2, "a fork takes no number");
    let again = device.push(&world, 1, std::slice::from_ref(&twin)).await;
    assert_eq!(
        again.results[0].receipt, fork.results[0].receipt,
        "and is stored once"
    );
    let people = admin.get_json("/api/v1/people").await;
    let frozen = people
        .as_array()
        .unwrap()
        .iter()
        .any(|p| p["devices"][0]["frozen"] == true);
    assert!(frozen);
    let kept = admin.get_json("/api/v1/quarantine").await;
    assert_eq!(
        (&kept[0]["text"], &kept[0]["reason"]),
        (&json!(twin), &json!("fork"))
    );
    // What the frozen device goes on to write is kept, not applied.
    let later = device.push(&world, 2, &[device.started(record())]).await;
    assert_eq!((later.results[0].outcome, later.next_seq), (O::Fork, 2));
}

#[tokio::test]
async fn a_next_event_that_does_not_follow_is_a_fork() {
    let (world, _, _, device) = World::equipped().await;
    device.push(&world, 1, &[device.started(record())]).await;
    let mut payload = device.payload(record(), &started(Mode::SpotCheck));
    payload.prev = zhicha_core::event::EventHash::of("something else");
    let reply = device.push(&world, 2, &[device.sign(&payload)]).await;
    assert_eq!((reply.results[0].outcome, reply.next_seq), (O::Fork, 2));
}

#[tokio::test]
async fn what_is_not_valid_or_not_permitted_is_quarantined_and_blocks_nothing() {
    let (world, admin, _, device) = World::equipped().await;
    let business = world
        .person(&admin, "bao", Role::Business, &[])
        .await
        .enrol(2)
        .await;
    let not_permitted = business.event(record(), &started(Mode::SpotCheck));
    let after = business.event(record(), &started(Mode::SelfInspection));
    let reply = business.push(&world, 1, &[not_permitted, after]).await;
    assert_eq!(
        (reply.results[0].outcome, reply.results[0].reason),
        (O::Quarantined, Some(R::NotPermitted))
    );
    assert_eq!(reply.results[1].outcome, O::Applied);

    let payload = device.payload(record(), &started(Mode::SpotCheck));
    let text = tampered(&device, &payload, |v| {
        v["body"] = json!({ "mode": "no such mode" });
    });
    device.set_head(1, zhicha_core::event::EventHash::of_text(&text));
    let reply = device
        .push(&world, 1, &[text, device.started(record())])
        .await;
    assert_eq!(
        (reply.results[0].outcome, reply.results[0].reason),
        (O::Quarantined, Some(R::Invalid))
    );
    assert_eq!(reply.results[1].outcome, O::Applied);
}

#[tokio::test]
async fn a_second_seal_and_another_persons_record_are_quarantined() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    let seal = device.sealed(id);
    let reply = device
        .push(&world, 1, &[seal.clone(), device.sealed(id)])
        .await;
    assert_eq!(
        (reply.results[1].outcome, reply.results[1].reason),
        (O::Quarantined, Some(R::SealedTwice))
    );
    let other = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await
        .enrol(2)
        .await;
    let reply = other
        .push(&world, 1, &[other.event(id, &amended(&seal))])
        .await;
    assert_eq!(reply.results[0].reason, Some(R::NotPermitted));
    let supervisor = world
        .person(&admin, "cai", Role::Supervisor, &["shili-1"])
        .await
        .enrol(3)
        .await;
    let reply = supervisor
        .push(&world, 1, &[supervisor.event(id, &amended(&seal))])
        .await;
    assert_eq!(reply.results[0].outcome, O::Applied);
}

#[tokio::test]
async fn an_event_of_another_person_is_quarantined_as_foreign() {
    let (world, _, _, device) = World::equipped().await;
    let mut payload = device.payload(record(), &started(Mode::SpotCheck));
    payload.actor = UserId(crate::world::id());
    let reply = device
        .push(
            &world,
            1,
            &[device.append(&payload), device.started(record())],
        )
        .await;
    assert_eq!(reply.results[0].reason, Some(R::Foreign));
    assert_eq!(reply.results[1].outcome, O::Applied);
}

#[tokio::test]
async fn newer_kinds_and_schemas_are_deferred() {
    let (world, _, _, device) = World::equipped().await;
    let mut kind = device.payload(record(), &started(Mode::SpotCheck));
    kind.kind = "hazard_closed".to_owned();
    let kind = device.append(&kind);
    let mut schema = device.payload(record(), &started(Mode::SpotCheck));
    schema.schema = 2;
    let reply = device
        .push(
            &world,
            1,
            &[kind, device.append(&schema), device.started(record())],
        )
        .await;
    for at in 0..2 {
        assert_eq!(
            (reply.results[at].outcome, reply.results[at].reason),
            (O::Deferred, Some(R::UnknownKind))
        );
        assert_eq!(disposition(&reply, at), Disposition::Deferred);
    }
    assert_eq!(reply.results[2].outcome, O::Applied);
}

#[tokio::test]
async fn a_damaged_text_closes_its_place_and_the_next_event_is_flagged() {
    let (_world, admin, inspector, device) = World::equipped().await;
    let id = record();
    let events = [
        device.started(record()),
        damage(&device.started(record())),
        device.started(id),
    ];
    // The first two characters of the payload make it another text, so that `prev` of the third fits nothing here.
    let (head, rest) = events[1].split_once('.').unwrap();
    let garbled = format!("{head}.AA{}", &rest[2..]);
    let events = [events[0].clone(), garbled, events[2].clone()];
    let reply = device.push_as(&inspector, 1, &events).await;
    assert_eq!(
        (reply.results[1].outcome, reply.results[1].reason),
        (O::Quarantined, Some(R::Damaged))
    );
    assert_eq!(reply.results[2].outcome, O::Applied);
    let detail = admin.get_json(&format!("/api/v1/records/{id}")).await;
    assert_eq!(detail["summary"]["flags"], json!(["gap"]));
    let again = device.push_as(&inspector, 1, &events).await;
    assert!(again.results.iter().all(|r| r.outcome == O::Duplicate));
}

#[tokio::test]
async fn a_certificate_alone_closes_no_place_and_freezes_nothing() {
    // Certificates and old events stand in every export.
    let (world, admin, _, device) = World::equipped().await;
    let old = device.started(record());
    device.push(&world, 1, std::slice::from_ref(&old)).await;
    for (seq, text) in [
        (2, damage(&old)),
        (2, old.clone()),
        (1, "no event".to_owned()),
    ] {
        let refused = problem(device.try_push(&world, seq, &[text]).await).await;
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (401, "not_signed_in")
        );
    }
    let reply = device.push(&world, 2, &[device.started(record())]).await;
    assert_eq!(reply.results[0].outcome, O::Applied);
    let kept = admin.get_json("/api/v1/quarantine").await;
    assert_eq!(
        kept.as_array().unwrap().len(),
        3,
        "what was refused is kept all the same"
    );
}

#[tokio::test]
async fn a_loss_report_goes_on_behind_the_gap() {
    let (world, _, _, device) = World::equipped().await;
    device.push(&world, 1, &[device.started(record())]).await;
    let mut report = device.payload(record(), &loss(device.id(), 2, 4));
    report.device_seq = 5;
    report.record_type = "device".to_owned();
    let report = device.append(&report);
    let reply = device
        .push(&world, 5, &[report, device.started(record())])
        .await;
    assert_eq!(
        reply.results.iter().map(|r| r.outcome).collect::<Vec<_>>(),
        [O::Applied, O::Applied]
    );
    assert_eq!(reply.next_seq, 7);
}

#[tokio::test]
async fn a_number_too_far_ahead_stores_nothing() {
    let (world, _, _, device) = World::equipped().await;
    let skipped = device.started(record());
    let refused = problem(
        device
            .try_push(&world, 2, &[device.started(record())])
            .await,
    )
    .await;
    assert_eq!(
        (refused.status, refused.code.as_str(), refused.expected_seq),
        (409, "expected_seq", Some(1))
    );
    assert_eq!(device.push(&world, 1, &[skipped]).await.log.size, 1);
}

#[tokio::test]
async fn an_unknown_parent_is_flagged_and_blocks_nothing() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    let mut payload = device.payload(id, &sealed(Mode::SpotCheck));
    payload.parents = vec![zhicha_core::event::EventHash::of("unknown")];
    assert_eq!(
        device
            .push(&world, 1, &[device.append(&payload)])
            .await
            .results[0]
            .outcome,
        O::Applied
    );
    let detail = admin.get_json(&format!("/api/v1/records/{id}")).await;
    assert_eq!(detail["events"][0]["flags"], json!(["unknown_parent"]));
}

#[tokio::test]
async fn a_device_that_a_restored_server_does_not_know_comes_back() {
    let (world, _, _, device) = World::equipped().await;
    let id = record();
    let events = [device.started(id), device.sealed(id)];
    device.push(&world, 1, &events).await;
    // The server goes back to the time before the enrolment: same key, same tenant, no device and no person.
    let (_, write) = world.running.app.store.pools();
    for sql in [
        "DROP TRIGGER event_stays",
        "DELETE FROM feed",
        "DELETE FROM projection_inspection",
        "DELETE FROM event",
        "DELETE FROM session WHERE user_id IN (SELECT user_id FROM device)",
        "DELETE FROM invite",
        "DELETE FROM device",
        "DELETE FROM person WHERE login = 'anna'",
    ] {
        sqlx::query(sql).execute(write).await.unwrap();
    }
    let reply = device.push(&world, 1, &events).await;
    assert!(reply.results.iter().all(|r| r.outcome == O::Applied));
    let admin_token = world
        .nobody()
        .enter(
            "/api/v1/session",
            json!({ "login": "admin", "password": crate::world::PASSWORD }),
        )
        .await;
    let detail = admin_token.get_json(&format!("/api/v1/records/{id}")).await;
    assert_eq!(detail["summary"]["flags"], json!(["recovered"]));
}

#[tokio::test]
async fn without_a_certificate_of_ours_everything_is_deposited_without_an_echo() {
    let (world, admin, _, device) = World::equipped().await;
    let text = device.started(record());
    let foreign = zhicha_core::testing::identity(9);
    let request = json!({ "protocol": 1, "certificate": foreign.certificate, "first_seq": 1, "events": [text] });
    let refused = problem(world.nobody().post("/api/v1/sync/push", request).await).await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (401, "certificate")
    );
    let request = json!({ "protocol": 1, "certificate": "x", "first_seq": 1, "events": ["y"] });
    let refused = problem(
        world
            .nobody()
            .post("/api/v1/sync/push", request.clone())
            .await,
    )
    .await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (422, "unreadable_push")
    );
    assert_eq!(
        admin
            .get_json("/api/v1/quarantine")
            .await
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let mut last = 0;
    for _ in 0..30 {
        last = world
            .nobody()
            .post("/api/v1/sync/push", request.clone())
            .await
            .status()
            .as_u16();
    }
    assert_eq!(last, 429, "the drop box is limited");
    assert_eq!(
        device.push(&world, 1, &[text]).await.results[0].outcome,
        O::Applied,
        "which holds nobody else up"
    );
}

#[tokio::test]
async fn a_revoked_device_reads_nothing_and_its_evidence_is_kept() {
    let (world, admin, inspector, device) = World::equipped().await;
    device.push(&world, 1, &[device.started(record())]).await;
    let gone = admin
        .post(
            &format!("/api/v1/devices/{}/revoke", device.id()),
            json!({}),
        )
        .await;
    assert_eq!(gone.status(), 204);
    assert_eq!(
        inspector
            .get("/api/v1/sync/pull?stream=sites")
            .await
            .status(),
        401
    );
    let reply = device.push(&world, 2, &[device.started(record())]).await;
    assert_eq!(
        (reply.results[0].outcome, reply.results[0].reason),
        (O::Quarantined, Some(R::Revoked))
    );
    assert_eq!(disposition(&reply, 0), Disposition::Quarantined);
}

#[tokio::test]
async fn the_device_row_keeps_what_the_device_says_about_itself() {
    let (world, admin, _, device) = World::equipped().await;
    let mut request = device.request(1, &[device.started(record())]);
    request["unsent"] = json!(7);
    assert_eq!(
        world
            .nobody()
            .post("/api/v1/sync/push", request)
            .await
            .status(),
        200
    );
    let people = admin.get_json("/api/v1/people").await;
    let person = people
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["login"] == "anna")
        .unwrap();
    assert_eq!(person["devices"][0]["unsent"], 6);
}
