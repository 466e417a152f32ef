//! What every store must do, as a suite that each implementation runs: [`store_contract!`](crate::store_contract).

use super::{Fence, Head, PushState, Store, StoreError};
use crate::{
    answer::AnswerValue,
    checklist::Digest,
    event::{Disposition, EventHash},
    id::{RecordId, SiteId, Uuid},
    store::PulledEvent,
    sync::{
        epoch::Seen,
        wire::{PullPage, PullRow, Site, Stream},
    },
    testing::{answer, append_after, draft, identity, receipt},
    time::Timestamp,
};

/// Makes one test of each case of the contract. `$test` is the attribute of an async test, `$open` an expression
/// that gives a future of a fresh, empty store.
#[macro_export]
macro_rules! store_contract {
    ($test:meta, $open:expr) => {
        $crate::store_contract!(@each $test, $open,
            a_fresh_store_is_empty, an_identity_begins_the_chain, enrolling_again_keeps_drafts_and_old_events,
            enrolling_again_waits_for_unsent_events, the_same_identity_keeps_the_chain, drafts_come_back_as_they_were,
            a_stale_draft_is_refused, answers_come_back_one_row_each, an_answer_moves_revision_and_position,
            an_answer_to_no_draft_is_refused, deleting_an_answer_leaves_the_others, a_lost_fence_refuses_every_write,
            deleting_a_draft_takes_its_answers, events_come_back_verbatim_and_in_order,
            a_moved_head_refuses_an_event, a_seal_closes_its_draft, a_seal_of_a_changed_draft_changes_nothing,
            a_fenced_seal_changes_nothing, numbers_may_jump_forward, receipts_and_state_go_together,
            troubled_receipts_are_listed, records_are_listed_newest_first, a_page_comes_with_its_cursor,
            a_false_checklist_is_refused_whole, a_snapshot_drops_what_it_does_not_name,
            a_broken_snapshot_drops_nothing, dropped_rows_go, absence_deletes_nothing, notes_are_kept,
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
        .put_receipts(
            std::slice::from_ref(&row),
            &PushState {
                acked: 1,
                ..PushState::default()
            },
        )
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
        [(&event.text, &row)]
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
        epoch: crate::id::EpochId(Uuid::from_u128(5)),
        size: 9,
    });
    let state = PushState {
        acked: 1,
        seen,
        halted: None,
        offset: Some((-4_000, 30)),
    };
    store
        .put_receipts(std::slice::from_ref(&row), &state)
        .await
        .expect("receipts");
    assert_eq!(store.receipt(&event.hash).await, Ok(Some(row)));
    assert_eq!(store.receipt(&EventHash::of("another")).await, Ok(None));
    assert_eq!(store.push_state().await, Ok(state));
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
            .put_receipts(std::slice::from_ref(&row), &PushState::default())
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

fn a_site(n: u128, name: &str) -> Site {
    Site {
        site_id: SiteId(Uuid::from_u128(n)),
        version: 1,
        name: name.to_owned(),
        address: "虚拟路".to_owned(),
        region: "示例".to_owned(),
        credit_code: None,
        category: String::new(),
        initials: String::new(),
        checklists: vec![],
    }
}

fn page(stream: Stream, rows: Vec<PullRow>, cursor: &str) -> PullPage {
    PullPage {
        stream,
        rows,
        cursor: cursor.to_owned(),
        more: false,
        snapshot: false,
        log: Seen {
            epoch: crate::id::EpochId(Uuid::from_u128(5)),
            size: 0,
        },
        now: Timestamp(0),
    }
}

fn sites_page(sites: &[(u128, &str)], cursor: &str) -> PullPage {
    let rows = sites
        .iter()
        .map(|(n, name)| PullRow::Site {
            site: a_site(*n, name),
        })
        .collect();
    page(Stream::Sites, rows, cursor)
}

async fn site_names(store: &impl Store) -> Vec<String> {
    store
        .sites()
        .await
        .expect("read")
        .into_iter()
        .map(|s| s.name)
        .collect()
}

fn checklist_json() -> String {
    r#"{"id":"sample","version":1,"title":{"zh":"样例","en":"Sample"},"summary":{"zh":"样例","en":"Sample"},"status_date":"2026-11-22","documents":{},"sections":[]}"#.to_owned()
}

/// Case of the contract.
pub async fn a_page_comes_with_its_cursor(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(2, "乙"), (1, "甲")], "c1"), &[])
        .await
        .expect("page");
    assert_eq!(store.cursor(Stream::Sites).await, Ok(Some("c1".to_owned())));
    assert_eq!(store.cursor(Stream::Records).await, Ok(None));
    let mut names = site_names(store).await;
    names.sort();
    assert_eq!(names, ["乙", "甲"]);
    let json = checklist_json();
    let digest = Digest::of(json.as_bytes());
    let rows = vec![PullRow::Checklist {
        digest: digest.clone(),
        json: json.clone(),
    }];
    store
        .apply_page(&page(Stream::Checklists, rows, "k1"), &[])
        .await
        .expect("page");
    let found = store.checklists().await.expect("read");
    assert_eq!(
        found
            .iter()
            .map(|c| (&c.digest, &c.json, c.version))
            .collect::<Vec<_>>(),
        [(&digest, &json, 1)]
    );
}

/// Case of the contract.
pub async fn a_false_checklist_is_refused_whole(store: &impl Store) {
    let rows = vec![PullRow::Checklist {
        digest: Digest::of(b"other"),
        json: checklist_json(),
    }];
    assert!(
        store
            .apply_page(&page(Stream::Checklists, rows, "k1"), &[])
            .await
            .is_err()
    );
    assert_eq!(store.cursor(Stream::Checklists).await, Ok(None));
    assert_eq!(store.checklists().await, Ok(vec![]));
}

/// Case of the contract.
pub async fn a_snapshot_drops_what_it_does_not_name(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙"), (3, "丙")], "c1"), &[])
        .await
        .expect("page");
    let first = PullPage {
        snapshot: true,
        more: true,
        ..sites_page(&[(1, "甲")], "c2")
    };
    store.apply_page(&first, &[]).await.expect("page");
    assert_eq!(
        site_names(store).await.len(),
        3,
        "nothing goes before the snapshot is whole"
    );
    store
        .apply_page(&sites_page(&[(3, "丙二")], "c3"), &[])
        .await
        .expect("page");
    let mut names = site_names(store).await;
    names.sort();
    assert_eq!(names, ["丙二", "甲"]);
}

/// Case of the contract.
pub async fn a_broken_snapshot_drops_nothing(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙")], "c1"), &[])
        .await
        .expect("page");
    let first = PullPage {
        snapshot: true,
        more: true,
        ..sites_page(&[(1, "甲")], "c2")
    };
    store.apply_page(&first, &[]).await.expect("page");
    let again = PullPage {
        snapshot: true,
        more: false,
        ..sites_page(&[(1, "甲"), (2, "乙")], "c3")
    };
    store.apply_page(&again, &[]).await.expect("page");
    assert_eq!(site_names(store).await.len(), 2);
}

/// Case of the contract.
pub async fn dropped_rows_go(store: &impl Store) {
    store
        .apply_page(&sites_page(&[(1, "甲"), (2, "乙")], "c1"), &[])
        .await
        .expect("page");
    let rows = vec![PullRow::Drop {
        key: SiteId(Uuid::from_u128(1)).to_string(),
    }];
    store
        .apply_page(&page(Stream::Sites, rows, "c2"), &[])
        .await
        .expect("page");
    assert_eq!(site_names(store).await, ["乙"]);
}

/// Case of the contract.
pub async fn absence_deletes_nothing(store: &impl Store) {
    enrolled(store).await;
    let event = appended(store, 1).await;
    let row = receipt(&identity(1), &event, Disposition::Applied);
    let pulled = PulledEvent {
        v: 1,
        hash: EventHash::of("x"),
        record_id: record(2),
        text: "a.b.c".to_owned(),
        receipt: row,
    };
    store
        .apply_page(
            &page(Stream::Records, vec![], "r1"),
            std::slice::from_ref(&pulled),
        )
        .await
        .expect("page");
    store
        .apply_page(&page(Stream::Records, vec![], "r2"), &[])
        .await
        .expect("page");
    assert_eq!(store.pulled_of(record(2)).await, Ok(vec![pulled]));
    let empty = PullPage {
        snapshot: true,
        ..page(Stream::Records, vec![], "r3")
    };
    store.apply_page(&empty, &[]).await.expect("page");
    assert_eq!(
        store.pulled_of(record(2)).await,
        Ok(vec![]),
        "a whole snapshot drops what left the scope"
    );
    assert_eq!(
        store.events_of(record(1)).await,
        Ok(vec![event]),
        "own events are never in a snapshot"
    );
}

/// Case of the contract.
pub async fn notes_are_kept(store: &impl Store) {
    assert_eq!(store.note("lang").await, Ok(None));
    store.put_note("lang", "zh").await.expect("note");
    store.put_note("lang", "en").await.expect("note");
    assert_eq!(store.note("lang").await, Ok(Some("en".to_owned())));
}
