//! Drafts, answers, fences.

use super::{record, with_draft};
use crate::{
    answer::AnswerValue,
    store::{Fence, Store, StoreError},
    testing::{answer, draft},
};

/// Case of the contract.
pub async fn drafts_come_back_as_they_were(store: &impl Store) {
    let fence = store.take_fence(record(7)).await.expect("fence");
    let mut wanted = draft(7);
    wanted.remarks = "\u{0}引号\"、换行\n、😀".to_owned();
    wanted.rev = store.put_draft(&wanted, fence).await.expect("draft");
    assert_eq!(wanted.rev, 1);
    assert_eq!(store.draft(record(7)).await, Ok(Some(wanted.clone())));
    wanted.remarks.clear();
    wanted.rev = store.put_draft(&wanted, fence).await.expect("draft");
    assert_eq!(store.drafts().await, Ok(vec![wanted]));
}

/// Case of the contract.
pub async fn a_stale_draft_is_refused(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    assert_eq!(
        store.put_draft(&draft(7), fence).await,
        Err(StoreError::Changed)
    );
    assert_eq!(
        store.draft(record(7)).await.expect("read").map(|d| d.rev),
        Some(1)
    );
}

/// Case of the contract.
pub async fn answers_come_back_one_row_each(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    with_draft(store, 8).await;
    let first = answer("A-1", AnswerValue::Pass);
    store
        .put_answer(record(7), &first, fence)
        .await
        .expect("answer");
    let changed = answer("A-1", AnswerValue::Fail);
    store
        .put_answer(record(7), &changed, fence)
        .await
        .expect("answer");
    let mut repeated = answer("A-1", AnswerValue::NotApplicable);
    repeated.key.instance = "2".to_owned();
    store
        .put_answer(record(7), &repeated, fence)
        .await
        .expect("answer");
    let mut found = store.answers(record(7)).await.expect("read");
    found.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(found, [changed, repeated]);
    assert_eq!(store.answers(record(8)).await, Ok(vec![]));
}

/// Case of the contract.
pub async fn an_answer_moves_revision_and_position(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    let given = answer("A-2", AnswerValue::Pass);
    assert_eq!(store.put_answer(record(7), &given, fence).await, Ok(2));
    let stored = store
        .draft(record(7))
        .await
        .expect("read")
        .expect("a draft");
    assert_eq!(
        (stored.rev, stored.changed, stored.position),
        (2, given.at, Some(given.key))
    );
}

/// Case of the contract.
pub async fn an_answer_to_no_draft_is_refused(store: &impl Store) {
    let refused = store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), Fence(0))
        .await;
    assert_eq!(refused, Err(StoreError::Changed));
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
}

/// Case of the contract.
pub async fn deleting_an_answer_leaves_the_others(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    let (a, b) = (
        answer("A-1", AnswerValue::Pass),
        answer("A-2", AnswerValue::Pass),
    );
    store
        .put_answer(record(7), &a, fence)
        .await
        .expect("answer");
    store
        .put_answer(record(7), &b, fence)
        .await
        .expect("answer");
    assert_eq!(store.delete_answer(record(7), &a.key, fence).await, Ok(4));
    assert_eq!(store.answers(record(7)).await, Ok(vec![b]));
}

/// Case of the contract.
pub async fn a_lost_fence_refuses_every_write(store: &impl Store) {
    let lost = with_draft(store, 7).await;
    let given = answer("A-1", AnswerValue::Pass);
    store
        .put_answer(record(7), &given, lost)
        .await
        .expect("answer");
    let held = store.take_fence(record(7)).await.expect("fence");
    assert!(held > lost);
    let mut later = store
        .draft(record(7))
        .await
        .expect("read")
        .expect("a draft");
    later.remarks = "late".to_owned();
    assert_eq!(store.put_draft(&later, lost).await, Err(StoreError::Fenced));
    assert_eq!(
        store
            .put_answer(record(7), &answer("A-1", AnswerValue::Fail), lost)
            .await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.delete_answer(record(7), &given.key, lost).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.delete_draft(record(7), lost).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.answers(record(7)).await, Ok(vec![given]));
    store
        .put_draft(&later, held)
        .await
        .expect("the new holder writes");
}

/// Case of the contract.
pub async fn deleting_a_draft_takes_its_answers(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), fence)
        .await
        .expect("answer");
    store.delete_draft(record(7), fence).await.expect("delete");
    assert_eq!(store.draft(record(7)).await, Ok(None));
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
}
