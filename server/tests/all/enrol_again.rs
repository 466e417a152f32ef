//! Enrolling a device again while the server gives no receipts to its old enrolment: drafts come along, old events stay
//! readable, what was never confirmed is known, and the new enrolment works.

use crate::world::{Caller, World, phone::Phone};
use zhicha_core::{
    client::{Deposit, Failure, deposit},
    event::Disposition,
    store::{Halt, Store as _, StoreError},
    sync::push::{Input, State},
    testing::{self, CountingIds, NativeVerifier},
    time::Timestamp,
};

async fn deposited(phone: &Phone) -> Deposit {
    deposit(&phone.store, &phone.http, &NativeVerifier, &|| {
        Timestamp(1_795_500_000_000)
    })
    .await
    .unwrap()
}

// The same phone under a new key.
async fn enrolled_again(phone: Phone, caller: &Caller) -> (Phone, Result<(), StoreError>) {
    let fresh = Phone::enrol(caller, 9).await;
    let identity = fresh.store.identity().await.unwrap().unwrap();
    let put = phone.store.put_identity(&identity).await;
    if put.is_err() {
        phone.store.replace_identity(&identity).await.unwrap();
    }
    let phone = Phone {
        store: phone.store,
        ..fresh
    };
    (phone, put)
}

#[tokio::test]
async fn a_refused_certificate_does_not_bind_the_person_to_a_dead_enrolment() {
    let (world, admin, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let sent = phone.note(&mut ids).await;
    phone.push(9).await;
    let fence = phone.store.take_fence(testing::draft(7).id).await.unwrap();
    phone
        .store
        .put_draft(&testing::draft(7), fence)
        .await
        .unwrap();

    // The database knows this device under another key, as after a restore that went wrong.
    let (_, write) = world.running.app.store.pools();
    sqlx::query("UPDATE device SET kid = 'another'")
        .execute(write)
        .await
        .unwrap();
    let unsent = [phone.note(&mut ids).await, phone.note(&mut ids).await];
    let input = phone.push(9).await;
    assert!(matches!(input, Input::Failed(_)), "{input:?}");
    assert_eq!(
        State::SENDING.step(&input, 0).0,
        State::Halted(Halt::Certificate)
    );
    assert_eq!(deposited(&phone).await, Deposit::Refused);

    let (phone, put) = enrolled_again(phone, &anna).await;
    assert_eq!(put, Err(StoreError::Unsent(2)), "never without saying so");
    let unconfirmed = phone.store.unconfirmed().await.unwrap();
    assert_eq!(unconfirmed.len(), 2);
    for event in &unsent {
        assert!(unconfirmed.contains(&event.hash));
        let row = phone
            .store
            .pulled_of(event.record_id)
            .await
            .unwrap()
            .remove(0);
        assert_eq!((&row.text, &row.receipt), (&event.text, &None));
    }
    assert_eq!(phone.store.drafts().await.unwrap().len(), 1);

    // The new enrolment sends, and what it downloads takes nothing of the old one away.
    let new = phone.note(&mut ids).await;
    assert_eq!(phone.push(9).await, Input::Receipts { more: false });
    let receipt = phone.receipt(&new).await.unwrap();
    assert_eq!(receipt.disposition, Disposition::Applied);
    phone.pull_everything().await;
    assert_eq!(phone.store.records(9).await.unwrap().len(), 4);
    assert_eq!(phone.store.unconfirmed().await.unwrap().len(), 2);
    assert!(
        !phone
            .store
            .pulled_of(sent.record_id)
            .await
            .unwrap()
            .is_empty()
    );

    // The texts were deposited: a person finds them in the quarantine.
    let quarantine = admin.get_json("/api/v1/quarantine").await.to_string();
    for event in &unsent {
        assert!(quarantine.contains(event.hash.as_str()), "{quarantine}");
    }
}

#[tokio::test]
async fn a_frozen_device_has_receipts_for_everything_and_enrols_again() {
    let (world, _, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.push(9).await;
    let (_, write) = world.running.app.store.pools();
    sqlx::query("UPDATE device SET frozen_at = 1")
        .execute(write)
        .await
        .unwrap();
    phone.note(&mut ids).await;
    assert_eq!(deposited(&phone).await, Deposit::Confirmed);
    let (phone, put) = enrolled_again(phone, &anna).await;
    assert_eq!(put, Ok(()));
    assert_eq!(phone.store.unconfirmed().await, Ok(vec![]));
    // The server has the deposited one in quarantine, not on the feed; it stays readable all the same.
    phone.pull_everything().await;
    assert_eq!(phone.store.records(9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn nothing_is_given_up_while_the_answer_may_still_come() {
    let (_world, _, anna) = World::staffed().await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.note(&mut CountingIds::default()).await;
    phone.http.lose.set(1);
    assert_eq!(deposited(&phone).await, Deposit::Later(Failure::Network));
    assert_eq!(deposited(&phone).await, Deposit::Confirmed);
}
