//! Safety copies of drafts: the newest revision of each person's own, until the seal.

use crate::world::{
    Caller, World,
    phone::{Http, Phone},
    problem, record,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Response};
use serde_json::json;
use zhicha_core::{
    answer::AnswerValue,
    client::{Failure, known_copies},
    id::RecordId,
    inspection::Draft,
    store::Store as _,
    sync::{
        safety::{Copies, EVERY_MS},
        wire::{DraftKept, MAX_DRAFT_BYTES, PushOutcome},
    },
    testing::{self, CountingIds},
};

async fn put(caller: &Caller, record: RecordId, rev: u64, bytes: &[u8]) -> Response {
    let body = json!({ "rev": rev, "bytes": URL_SAFE_NO_PAD.encode(bytes) });
    let path = format!("/api/v1/drafts/{record}");
    caller.send(Method::PUT, &path, Some(body)).await
}

async fn kept(caller: &Caller, record: RecordId, rev: u64, bytes: &[u8]) -> u64 {
    let response = put(caller, record, rev, bytes).await;
    assert_eq!(response.status(), 200);
    response.json::<DraftKept>().await.unwrap().rev
}

async fn refused(response: Response) -> (u16, String) {
    let problem = problem(response).await;
    (problem.status, problem.code)
}

// What lies on the server for a record, by revision.
async fn copies(world: &World, record: RecordId) -> Vec<(i64, Vec<u8>)> {
    let (read, _) = world.running.app.store.pools();
    sqlx::query_as("SELECT rev, bytes FROM draft WHERE record_id = $1 ORDER BY rev")
        .bind(record.to_string())
        .fetch_all(read)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_highest_revision_is_kept_until_the_seal() {
    let (world, _, anna, device) = World::equipped().await;
    let (id, other) = (record(), record());
    assert_eq!(kept(&anna, id, 3, b"three").await, 3);
    assert_eq!(kept(&anna, id, 5, b"five").await, 5);
    assert_eq!(
        kept(&anna, id, 4, b"late").await,
        5,
        "a copy that was overtaken on its way changes nothing"
    );
    assert_eq!(kept(&anna, other, 1, b"another").await, 1);
    assert_eq!(copies(&world, id).await, [(5, b"five".to_vec())]);

    let reply = device
        .push(&world, 1, &[device.started(id), device.sealed(id)])
        .await;
    assert_eq!(reply.results[1].outcome, PushOutcome::Applied);
    assert_eq!(copies(&world, id).await, []);
    assert_eq!(copies(&world, other).await, [(1, b"another".to_vec())]);
    let late = put(&anna, id, 6, b"after the seal").await;
    assert_eq!(refused(late).await, (409, "draft_sealed".to_owned()));
    assert_eq!(copies(&world, id).await, []);
}

#[tokio::test]
async fn a_copy_belongs_to_its_person_alone() {
    let (world, admin, anna, _) = World::equipped().await;
    let bea = world
        .person(&admin, "bea", zhicha_core::access::Role::Inspector, &["*"])
        .await;
    let id = record();
    kept(&anna, id, 9, b"anna").await;
    assert_eq!(
        kept(&bea, id, 2, b"bea").await,
        2,
        "she learns nothing of it"
    );
    let device = bea.enrol(2).await;
    device.push(&world, 1, &[device.sealed(id)]).await;
    assert_eq!(
        copies(&world, id).await,
        [(9, b"anna".to_vec())],
        "a seal of hers deletes no draft of another"
    );
    assert_eq!(kept(&anna, id, 10, b"more").await, 10);
    let nobody = put(&world.nobody(), id, 1, b"x").await;
    assert_eq!(refused(nobody).await, (401, "not_signed_in".to_owned()));
    let office = put(&admin, id, 1, b"x").await;
    assert_eq!(refused(office).await, (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn a_copy_is_bounded_in_size_and_number() {
    let (world, _, anna, _) = World::equipped().await;
    let id = record();
    let largest = vec![7; MAX_DRAFT_BYTES];
    assert_eq!(kept(&anna, id, 1, &largest).await, 1);
    let larger = put(&anna, id, 2, &vec![7; MAX_DRAFT_BYTES + 1]).await;
    assert_eq!(refused(larger).await, (413, "draft_too_large".to_owned()));
    let flood = put(&anna, id, 2, &vec![7; 2 * MAX_DRAFT_BYTES]).await;
    assert_eq!(refused(flood).await.0, 413);
    assert_eq!(copies(&world, id).await, [(1, largest)]);

    for _ in 1..200 {
        kept(&anna, record(), 1, b"x").await;
    }
    let one_more = put(&anna, record(), 1, b"x").await;
    assert_eq!(refused(one_more).await, (413, "too_many_drafts".to_owned()));
    assert_eq!(kept(&anna, id, 2, b"goes on").await, 2);

    let path = format!("/api/v1/drafts/{id}");
    for body in [
        json!({ "rev": 3, "bytes": "no base64!" }),
        json!({ "rev": -1, "bytes": "" }),
        json!({ "rev": 1_u64 << 53, "bytes": "" }),
    ] {
        let odd = anna.send(Method::PUT, &path, Some(body)).await;
        assert_eq!(refused(odd).await, (400, "bad_request".to_owned()));
    }
}

// What the one copy on the server holds.
async fn held(world: &World, id: RecordId) -> (i64, serde_json::Value) {
    let [(rev, bytes)]: [_; 1] = copies(world, id).await.try_into().unwrap();
    (rev, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_phone_keeps_the_newest_of_its_drafts_on_the_server_until_the_seal() {
    let (world, _, anna) = World::staffed().await;
    let mut phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let begun = phone.note(&mut ids).await;
    let id = begun.record_id;
    let fence = phone.store.take_fence(id).await.unwrap();
    let draft = Draft {
        id,
        ..testing::draft(1)
    };
    phone.store.put_draft(&draft, fence).await.unwrap();
    let answer = |value| testing::answer("A-1", value);
    phone
        .store
        .put_answer(id, &answer(AnswerValue::Pass), fence)
        .await
        .unwrap();

    let mut known = Copies::default();
    assert_eq!(phone.copy_drafts(&mut known, 0).await, None);
    let (rev, copy) = held(&world, id).await;
    let row = phone.store.draft(id).await.unwrap().unwrap();
    assert_eq!(
        (rev, copy["draft"]["id"].as_str()),
        (2, Some(id.to_string().as_str()))
    );
    assert_eq!(copy["draft"], serde_json::to_value(&row).unwrap());
    assert_eq!(
        copy["answers"],
        serde_json::to_value(phone.store.answers(id).await.unwrap()).unwrap()
    );

    // Within the minute nothing goes; after it the newest, and the one in between never.
    for value in [AnswerValue::Fail, AnswerValue::NotApplicable] {
        phone
            .store
            .put_answer(id, &answer(value), fence)
            .await
            .unwrap();
        phone.copy_drafts(&mut known, EVERY_MS - 1).await;
        assert_eq!(held(&world, id).await.0, 2);
    }
    phone.copy_drafts(&mut known, EVERY_MS).await;
    let (rev, copy) = held(&world, id).await;
    assert_eq!(
        (rev, copy["answers"][0]["value"]["kind"].as_str()),
        (4, Some("not_applicable"))
    );

    // Another page of the app knows what is there, and a session that ended ends the round.
    let mut again = known_copies(&phone.store).await.unwrap();
    phone.http = Http::of(&world.nobody());
    assert_eq!(
        phone.copy_drafts(&mut again, 0).await,
        None,
        "nothing changed"
    );
    let changed = answer(AnswerValue::Pass);
    phone.store.put_answer(id, &changed, fence).await.unwrap();
    let ended = phone.copy_drafts(&mut again, EVERY_MS).await;
    assert!(matches!(ended, Some(Failure::Problem { problem, .. }) if problem.status == 401));
    assert_eq!(held(&world, id).await.0, 4);

    // The seal takes the copy with it; what comes late leaves nothing behind and is not asked again.
    phone.http = Http::of(&anna);
    phone.seal(&mut ids, &begun).await;
    phone.push(9).await;
    assert_eq!(copies(&world, id).await, []);
    for round in 2..4 {
        assert_eq!(phone.copy_drafts(&mut again, round * EVERY_MS).await, None);
        assert_eq!(copies(&world, id).await, []);
    }
}
