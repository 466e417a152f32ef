//! Events, seals, receipts.

use super::{appended, enrolled, record, with_draft};
use crate::{
    answer::AnswerValue,
    client::evidence::all,
    event::{Disposition, EventHash},
    id::{EpochId, Uuid},
    store::{Halt, Head, PushState, Store, StoreError},
    sync::epoch::Seen,
    testing::{answer, append_after, identity, receipt},
};

/// Case of the contract.
pub async fn events_come_back_verbatim_and_in_order(store: &impl Store) {
    enrolled(store).await;
    let mut wanted = Vec::new();
    for n in [3, 1, 3] {
        wanted.push(appended(store, n).await);
    }
    assert_eq!(store.events_after(0, 10).await, Ok(wanted.clone()));
    assert_eq!(store.events_after(1, 1).await, Ok(vec![wanted[1].clone()]));
    assert_eq!(store.events_after(3, 10).await, Ok(vec![]));
    assert_eq!(
        store.events_of(record(3)).await,
        Ok(vec![wanted[0].clone(), wanted[2].clone()])
    );
}

/// Case of the contract.
pub async fn a_moved_head_refuses_an_event(store: &impl Store) {
    let head = enrolled(store).await;
    let event = appended(store, 1).await;
    assert_eq!(
        store.append(&append_after(&head, record(2))).await,
        Err(StoreError::Changed)
    );
    assert_eq!(store.events_after(0, 10).await, Ok(vec![event.clone()]));
    assert_eq!(
        store.head().await,
        Ok(Some(Head {
            seq: 1,
            hash: event.hash
        }))
    );
}

/// Case of the contract.
pub async fn a_seal_closes_its_draft(store: &impl Store) {
    let head = enrolled(store).await;
    let fence = with_draft(store, 7).await;
    let rev = store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), fence)
        .await
        .expect("answer");
    let mut append = append_after(&head, record(7));
    append.closes = Some((record(7), rev, fence));
    store.append(&append).await.expect("seal");
    assert_eq!(store.draft(record(7)).await, Ok(None));
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
    assert_eq!(store.events_of(record(7)).await, Ok(vec![append.event]));
}

/// Case of the contract.
pub async fn a_seal_of_a_changed_draft_changes_nothing(store: &impl Store) {
    let head = enrolled(store).await;
    let fence = with_draft(store, 7).await;
    let given = answer("A-1", AnswerValue::Pass);
    let rev = store
        .put_answer(record(7), &given, fence)
        .await
        .expect("answer");
    let mut append = append_after(&head, record(7));
    append.closes = Some((record(7), rev - 1, fence));
    assert_eq!(store.append(&append).await, Err(StoreError::Changed));
    assert_eq!(store.head().await, Ok(Some(head)));
    assert_eq!(store.events_after(0, 10).await, Ok(vec![]));
    assert_eq!(store.answers(record(7)).await, Ok(vec![given]));
}

/// Case of the contract.
pub async fn a_fenced_seal_changes_nothing(store: &impl Store) {
    let head = enrolled(store).await;
    let fence = with_draft(store, 7).await;
    store.take_fence(record(7)).await.expect("take over");
    let mut append = append_after(&head, record(7));
    append.closes = Some((record(7), 1, fence));
    assert_eq!(store.append(&append).await, Err(StoreError::Fenced));
    assert_eq!(store.head().await, Ok(Some(head)));
    assert!(store.draft(record(7)).await.expect("read").is_some());
}

/// Case of the contract.
pub async fn numbers_may_jump_forward(store: &impl Store) {
    let head = enrolled(store).await;
    let mut append = append_after(&head, record(1));
    append.event.seq = 5;
    store
        .append(&append)
        .await
        .expect("a loss report goes behind the lost numbers");
    assert_eq!(store.head().await.expect("read").map(|h| h.seq), Some(5));
    assert_eq!(appended(store, 1).await.seq, 6);
    assert_eq!(
        store
            .events_after(0, 10)
            .await
            .expect("read")
            .iter()
            .map(|e| e.seq)
            .collect::<Vec<_>>(),
        [5, 6]
    );
}

/// Case of the contract.
pub async fn receipts_and_state_go_together(store: &impl Store) {
    enrolled(store).await;
    let event = appended(store, 1).await;
    let row = receipt(&identity(1), &event, Disposition::Applied);
    let seen = Some(Seen {
        epoch: EpochId(Uuid::from_u128(5)),
        size: 9,
    });
    let state = PushState {
        acked: 1,
        seen,
        halted: None,
        offset: Some((-4_000, 30)),
    };
    store
        .put_receipts(std::slice::from_ref(&row), &|now| now.clone_from(&state))
        .await
        .expect("receipts");
    assert_eq!(store.receipt(&event.hash).await, Ok(Some(row)));
    assert_eq!(store.receipt(&EventHash::of("another")).await, Ok(None));
    assert_eq!(store.push_state().await, Ok(state));
}

/// Case of the contract.
pub async fn changes_of_the_state_build_on_each_other(store: &impl Store) {
    enrolled(store).await;
    let acked = |state: &mut PushState| state.acked += 1;
    let halted = |state: &mut PushState| state.halted = Some(Halt::Gap);
    let changes: [&dyn Fn(&mut PushState); 3] = [&acked, &halted, &acked];
    // None of them waits for another.
    let writes = changes.map(|change| store.put_receipts(&[], change));
    assert_eq!(all(writes.into()).await, Ok(()));
    let state = store.push_state().await.expect("read");
    assert_eq!((state.acked, state.halted), (2, Some(Halt::Gap)));
}

/// Case of the contract.
pub async fn troubled_receipts_are_listed(store: &impl Store) {
    enrolled(store).await;
    let rows = [
        Disposition::Applied,
        Disposition::Quarantined,
        Disposition::Deferred,
    ];
    let mut wanted = Vec::new();
    for disposition in rows {
        let event = appended(store, 1).await;
        let row = receipt(&identity(1), &event, disposition);
        store
            .put_receipts(std::slice::from_ref(&row), &|_| ())
            .await
            .expect("receipt");
        wanted.push(row);
    }
    let mut found = store.troubled().await.expect("read");
    found.sort_by_key(|row| row.tenant_seq);
    assert_eq!(found, wanted[1..]);
}

/// Case of the contract.
pub async fn records_are_listed_newest_first(store: &impl Store) {
    enrolled(store).await;
    for n in [3, 1, 2, 3] {
        appended(store, n).await;
    }
    // Record ids are UUIDv7, so the greatest is the newest.
    assert_eq!(store.records(2).await, Ok(vec![record(3), record(2)]));
    assert_eq!(store.records(9).await.expect("read").len(), 3);
}
