//! What every store must do, as a suite that each implementation runs: [`store_contract!`](crate::store_contract).

mod drafts;
mod events;
mod evidence;
mod pages;

use super::{Fence, Head, PushState, Store, StoreError};
use crate::{
    event::{Disposition, EventHash},
    id::{RecordId, Uuid},
    testing::{append_after, draft, identity, receipt},
};
pub use drafts::*;
pub use events::*;
pub use evidence::*;
pub use pages::*;

/// Makes one test of each case of the contract. `$test` is the attribute of an async test, `$open` an expression
/// that gives a future of a fresh, empty store.
#[macro_export]
macro_rules! store_contract {
    ($test:meta, $open:expr) => {
        $crate::store_contract!(@each $test, $open,
            a_fresh_store_is_empty, an_identity_begins_the_chain, enrolling_again_keeps_drafts_and_old_events,
            enrolling_again_waits_for_unsent_events, what_was_never_confirmed_stays_readable, the_same_identity_keeps_the_chain, drafts_come_back_as_they_were,
            a_stale_draft_is_refused, answers_come_back_one_row_each, an_answer_moves_revision_and_position,
            an_answer_to_no_draft_is_refused, deleting_an_answer_leaves_the_others, a_lost_fence_refuses_every_write,
            deleting_a_draft_takes_its_answers, events_come_back_verbatim_and_in_order,
            a_moved_head_refuses_an_event, a_seal_closes_its_draft, a_seal_of_a_changed_draft_changes_nothing,
            a_fenced_seal_changes_nothing, bytes_come_back_as_they_were, evidence_moves_the_revision_of_its_draft,
            deleted_evidence_takes_its_bytes, a_deleted_draft_takes_its_evidence, sealed_evidence_waits_until_it_has_its_receipts, numbers_may_jump_forward, receipts_and_state_go_together, changes_of_the_state_build_on_each_other,
            troubled_receipts_are_listed, records_are_listed_newest_first, a_page_comes_with_its_cursor,
            a_false_checklist_is_refused_whole, a_snapshot_drops_what_it_does_not_name,
            a_broken_snapshot_drops_nothing, dropped_rows_go, absence_deletes_nothing, what_is_archived_stays_and_is_told_until_a_page_brings_it, notes_are_kept,
        );
    };
    (@each $test:meta, $open:expr, $($case:ident),+ $(,)?) => {
        $(#[$test] async fn $case() {
            $crate::store::contract::$case(&$open.await).await;
        })+
    };
}

fn record(n: u128) -> RecordId {
    RecordId(Uuid::from_u128(n))
}

async fn enrolled(store: &impl Store) -> Head {
    store.put_identity(&identity(1)).await.expect("enrol");
    store.head().await.expect("read").expect("a head")
}

async fn with_draft(store: &impl Store, n: u128) -> Fence {
    let fence = store.take_fence(record(n)).await.expect("fence");
    store.put_draft(&draft(n), fence).await.expect("draft");
    fence
}

async fn appended(store: &impl Store, n: u128) -> super::EventRow {
    let head = store.head().await.expect("read").expect("a head");
    let append = append_after(&head, record(n));
    store.append(&append).await.expect("append");
    append.event
}

/// Case of the contract.
pub async fn a_fresh_store_is_empty(store: &impl Store) {
    assert_eq!(store.identity().await, Ok(None));
    assert_eq!(store.head().await, Ok(None));
    assert_eq!(store.drafts().await, Ok(vec![]));
    assert_eq!(store.events_after(0, 10).await, Ok(vec![]));
    assert_eq!(store.push_state().await, Ok(PushState::default()));
    assert_eq!(store.sites().await, Ok(vec![]));
    assert_eq!(store.checklists().await, Ok(vec![]));
}

/// Case of the contract.
pub async fn an_identity_begins_the_chain(store: &impl Store) {
    let head = enrolled(store).await;
    assert_eq!(store.identity().await, Ok(Some(identity(1))));
    assert_eq!(
        head,
        Head {
            seq: 0,
            hash: EventHash::of_text(&identity(1).certificate)
        }
    );
}

/// Case of the contract.
pub async fn the_same_identity_keeps_the_chain(store: &impl Store) {
    enrolled(store).await;
    let event = appended(store, 1).await;
    let renewed = crate::sync::wire::Identity {
        name: "张示例二".to_owned(),
        ..identity(1)
    };
    store.put_identity(&renewed).await.expect("renew");
    assert_eq!(
        store.head().await.expect("read").map(|h| h.hash),
        Some(event.hash)
    );
    assert_eq!(store.identity().await, Ok(Some(renewed)));
}

/// Case of the contract.
pub async fn enrolling_again_keeps_drafts_and_old_events(store: &impl Store) {
    enrolled(store).await;
    with_draft(store, 7).await;
    let event = appended(store, 1).await;
    let row = receipt(&identity(1), &event, Disposition::Quarantined);
    store
        .put_receipts(std::slice::from_ref(&row), &|state: &mut PushState| {
            state.acked = 1;
        })
        .await
        .expect("receipt");
    store.put_identity(&identity(2)).await.expect("enrol again");
    assert_eq!(store.head().await.expect("read").map(|h| h.seq), Some(0));
    assert_eq!(store.push_state().await, Ok(PushState::default()));
    assert_eq!(store.events_after(0, 10).await, Ok(vec![]));
    let old = store.pulled_of(record(1)).await.expect("read");
    assert_eq!(
        old.iter()
            .map(|p| (&p.text, &p.receipt))
            .collect::<Vec<_>>(),
        [(&event.text, &Some(row))]
    );
    assert_eq!(store.drafts().await.expect("read").len(), 1);
}

/// Case of the contract.
pub async fn enrolling_again_waits_for_unsent_events(store: &impl Store) {
    enrolled(store).await;
    let event = appended(store, 1).await;
    assert_eq!(
        store.put_identity(&identity(2)).await,
        Err(StoreError::Unsent(1))
    );
    assert_eq!(store.identity().await, Ok(Some(identity(1))));
    assert_eq!(store.events_after(0, 10).await, Ok(vec![event]));
}

/// Case of the contract.
pub async fn notes_are_kept(store: &impl Store) {
    assert_eq!(store.note("lang").await, Ok(None));
    store.put_note("lang", "zh").await.expect("note");
    store.put_note("lang", "en").await.expect("note");
    assert_eq!(store.note("lang").await, Ok(Some("en".to_owned())));
}
