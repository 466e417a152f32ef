//! Bytes against a scripted server that keeps them: what is delivered has a receipt about just these bytes.

mod shelf;

use super::*;
use crate::{
    checklist::Digest,
    client::evidence::{Ended, LOST, Round, Server, UNREADABLE, send_evidence},
    inspection::{
        EvidenceRow,
        evidence::{Captured, PartRow, Role},
    },
    store::{Append, STRETCH},
    testing::{append_after, draft, photo, receipt},
};
use shelf::{Shelf, problem};

const ROUND: Round = Round {
    originals: true,
    refused: false,
    singly: false,
};

fn big(seed: u8) -> Vec<u8> {
    (0..STRETCH + 9).map(|n| (n % 251) as u8 ^ seed).collect()
}

fn original(bytes: &[u8], id: u128) -> PartRow {
    PartRow {
        role: Role::Original,
        ..photo(1, id, bytes).parts[0].clone()
    }
}

async fn keep(store: &MemoryStore, part: &PartRow, bytes: &[u8]) {
    for (n, stretch) in (0..).zip(bytes.chunks(STRETCH)) {
        store.put_chunk(part.blob, n, stretch).await.expect("kept");
    }
}

/// A sealed record with two photos, the first of them with its original; the event has a receipt if `acked`.
async fn sealed(acked: bool) -> (MemoryStore, Vec<EvidenceRow>) {
    let store = MemoryStore::default();
    store.put_identity(&identity(1)).await.expect("enrol");
    let record = RecordId(Uuid::from_u128(7));
    let fence = store.take_fence(record).await.expect("fence");
    let mut rev = store.put_draft(&draft(7), fence).await.expect("draft");
    let mut rows = vec![photo(7, 1, b"small"), photo(7, 2, b"second")];
    let first = original(&big(1), 11);
    keep(&store, &first, &big(1)).await;
    rows[0].parts.insert(0, first);
    keep(&store, &rows[0].parts[1], b"small").await;
    keep(&store, &rows[1].parts[0], b"second").await;
    for row in &rows {
        rev = store.put_evidence(row, fence).await.expect("evidence");
    }
    let head = store.head().await.expect("read").expect("head");
    let seal = append_after(&head, record);
    let seal = Append {
        captured: Captured::of(rows.clone()),
        closes: Some((record, rev, fence)),
        ..seal
    };
    store.append(&seal).await.expect("seal");
    if acked {
        let row = receipt(&identity(1), &seal.event, Disposition::Applied);
        store.put_receipts(&[row], &|_| ()).await.expect("receipt");
    }
    (store, rows)
}

async fn send(store: &MemoryStore, shelf: &Shelf, round: Round) -> Ended {
    try_send(store, shelf, round)
        .await
        .expect("the store works")
}

async fn try_send(store: &MemoryStore, shelf: &Shelf, round: Round) -> Result<Ended, StoreError> {
    let identity = identity(1);
    let server = Server {
        tenant: identity.tenant,
        keys: &identity.server_keys,
    };
    send_evidence(store, shelf, &NativeVerifier, server, round, shelf).await
}

#[tokio::test]
async fn all_bytes_are_delivered_once_and_the_original_leaves_the_device() {
    for (says_at_once, each) in [(false, false), (false, true), (true, false), (true, true)] {
        delivered_once(Shelf {
            says_at_once,
            each,
            ..Shelf::default()
        })
        .await;
    }
}

async fn delivered_once(shelf: Shelf) {
    let (store, rows) = sealed(true).await;
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(
        (ended.delivered, ended.refused, ended.failure),
        (3, 0, None)
    );
    assert_eq!(store.waiting_count().await, Ok(0));
    let all = big(1).len() + b"small".len() + b"second".len();
    assert_eq!(*shelf.added.borrow(), all);
    assert_eq!(store.chunk(rows[0].parts[0].blob, 0).await, Ok(None));
    let shown = store.chunk(rows[0].parts[1].blob, 0).await;
    assert_eq!(shown, Ok(Some(b"small".to_vec())));
    let kept = store.evidence_of(rows[0].record).await.expect("read");
    let dropped: Vec<bool> = kept[0].parts.iter().map(|part| part.dropped).collect();
    assert_eq!(dropped, [true, false]);
}

#[tokio::test]
async fn nothing_goes_before_its_event() {
    let (store, _) = sealed(false).await;
    let shelf = Shelf::default();
    let early = Ended {
        early: 4,
        ..Ended::default()
    };
    assert_eq!(send(&store, &shelf, ROUND).await, early);
    assert!(shelf.bytes.borrow().is_empty());
    assert_eq!(store.waiting_count().await, Ok(2));
}

#[tokio::test]
async fn originals_wait_until_they_may_go() {
    let (store, rows) = sealed(true).await;
    let shelf = Shelf::default();
    let small = Round {
        originals: false,
        refused: false,
        singly: false,
    };
    assert_eq!(send(&store, &shelf, small).await.delivered, 2);
    assert_eq!(store.waiting_count().await, Ok(1));
    assert!(
        store
            .chunk(rows[0].parts[0].blob, 0)
            .await
            .expect("read")
            .is_some()
    );
    assert_eq!(send(&store, &shelf, ROUND).await.delivered, 1);
}

#[tokio::test]
async fn a_marked_copy_goes_with_the_working_copies_and_before_the_originals() {
    let store = MemoryStore::default();
    store.put_identity(&identity(1)).await.expect("enrol");
    let record = RecordId(Uuid::from_u128(7));
    let fence = store.take_fence(record).await.expect("fence");
    store.put_draft(&draft(7), fence).await.expect("draft");
    let mut row = photo(7, 1, b"small");
    row.parts.insert(0, original(b"large", 11));
    let marked = PartRow {
        role: Role::Marked,
        ..photo(1, 12, b"marked").parts[0].clone()
    };
    row.parts.push(marked);
    for (part, bytes) in row.parts.iter().zip([&b"large"[..], b"small", b"marked"]) {
        keep(&store, part, bytes).await;
    }
    assert_eq!(row.shown().map(|part| part.role), Some(Role::Marked));
    let rev = store.put_evidence(&row, fence).await.expect("evidence");
    let head = store.head().await.expect("read").expect("head");
    let seal = Append {
        captured: Captured::of(vec![row]),
        closes: Some((record, rev, fence)),
        ..append_after(&head, record)
    };
    store.append(&seal).await.expect("seal");
    let acked = receipt(&identity(1), &seal.event, Disposition::Applied);
    store
        .put_receipts(&[acked], &|_| ())
        .await
        .expect("receipt");
    let shelf = Shelf::default();
    let small = Round {
        originals: false,
        refused: false,
        singly: false,
    };
    assert_eq!(send(&store, &shelf, small).await.delivered, 2);
    let sent = |bytes: &[u8]| shelf.bytes.borrow().contains_key(&Digest::of(bytes).0);
    assert_eq!(
        [sent(b"small"), sent(b"marked"), sent(b"large")],
        [true, true, false]
    );
    assert_eq!(send(&store, &shelf, ROUND).await.delivered, 1);
    let kept = store.evidence_of(record).await.expect("read");
    let dropped: Vec<bool> = kept[0].parts.iter().map(|part| part.dropped).collect();
    assert_eq!(dropped, [true, false, false], "the original leaves alone");
}

#[tokio::test]
async fn a_broken_connection_goes_on_where_it_stopped() {
    let (store, _) = sealed(true).await;
    let shelf = Shelf::default();
    // Taken from the end: a flipped bit, then a connection that breaks.
    *shelf.fail_add.borrow_mut() = vec![Failure::Network, problem(460, "upload_checksum")];
    // What goes along with the beginning and is damaged goes again by itself.
    *shelf.fail_along.borrow_mut() = vec![problem(460, "upload_checksum")];
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(ended.failure, Some(Failure::Network));
    assert!(shelf.fail_along.borrow().is_empty());
    assert_eq!(send(&store, &shelf, ROUND).await.failure, None);
    assert_eq!(store.waiting_count().await, Ok(0));
    let all = big(1).len() + b"small".len() + b"second".len();
    assert_eq!(*shelf.added.borrow(), all);
}

#[tokio::test]
async fn a_bad_one_is_told_and_does_not_hold_up_the_others() {
    let (store, rows) = sealed(true).await;
    store
        .drop_chunks(rows[0].parts[1].blob)
        .await
        .expect("lost");
    let shelf = Shelf {
        unnamed: Some(rows[1].parts[0].sha256.clone()),
        ..Shelf::default()
    };
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(
        (ended.delivered, ended.refused, ended.early, ended.failure),
        (1, 1, 2, None)
    );
    let kept = store.evidence_of(rows[0].record).await.expect("read");
    let why: Vec<_> = kept
        .iter()
        .flat_map(|row| &row.parts)
        .map(|part| part.refused.as_deref())
        .collect();
    // Its event is applied, so a server that does not know it any more was restored: it waits for that.
    assert_eq!(why, [None, Some(LOST), None]);
    assert_eq!(store.waiting_count().await, Ok(2), "it is not delivered");
    assert_eq!(send(&store, &Shelf::default(), ROUND).await.delivered, 1);
    assert_eq!(
        send(&store, &Shelf::default(), ROUND).await,
        Ended::default()
    );
    let asked = Round {
        refused: true,
        ..ROUND
    };
    assert_eq!(send(&store, &Shelf::default(), asked).await.delivered, 0);
    assert_eq!(
        store.waiting_count().await,
        Ok(1),
        "what is lost stays told"
    );
}

#[tokio::test]
async fn a_receipt_of_a_stranger_or_about_other_bytes_is_none() {
    for shelf in [
        Shelf {
            signer: 9,
            ..Shelf::default()
        },
        Shelf {
            false_len: 1,
            ..Shelf::default()
        },
        Shelf {
            signer: 9,
            says_at_once: true,
            ..Shelf::default()
        },
    ] {
        let (store, _) = sealed(true).await;
        let ended = send(&store, &shelf, ROUND).await;
        assert_eq!((ended.delivered, ended.refused), (0, 3), "it is told");
        assert_eq!(store.waiting_count().await, Ok(2));
    }
}

#[tokio::test]
async fn a_busy_or_vanished_upload_is_no_refusal() {
    let (store, _) = sealed(true).await;
    let shelf = Shelf::default();
    *shelf.fail_add.borrow_mut() = vec![problem(423, "upload_busy"), problem(404, "not_found")];
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(ended.refused, 0);
    assert!(ended.failure.is_some());
    assert_eq!(send(&store, &shelf, ROUND).await.failure, None);
    assert_eq!(store.waiting_count().await, Ok(0));
}

#[tokio::test]
async fn what_is_not_on_the_device_any_more_may_be_at_the_server() {
    let (store, rows) = sealed(true).await;
    let small = &rows[0].parts[1];
    store.drop_chunks(small.blob).await.expect("lost");
    let shelf = Shelf {
        says_at_once: true,
        ..Shelf::default()
    };
    let there = (small.sha256.0.clone(), b"small".to_vec());
    shelf.bytes.borrow_mut().extend([there]);
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!((ended.delivered, ended.refused), (3, 0));
}

#[tokio::test]
async fn what_the_server_has_is_not_sent_again_after_a_start() {
    let (store, rows) = sealed(true).await;
    let shelf = Shelf::default();
    let there = (rows[1].parts[0].sha256.0.clone(), b"second".to_vec());
    shelf.bytes.borrow_mut().extend([there]);
    let first = Round {
        refused: true,
        ..ROUND
    };
    assert_eq!(send(&store, &shelf, first).await.delivered, 3);
    assert_eq!(*shelf.added.borrow(), big(1).len() + b"small".len());
}

#[tokio::test]
async fn the_same_bytes_in_two_photos_go_once() {
    for singly in [false, true] {
        let store = same_twice().await;
        let shelf = Shelf {
            says_at_once: true,
            ..Shelf::default()
        };
        let round = Round { singly, ..ROUND };
        let ended = send(&store, &shelf, round).await;
        assert_eq!(
            (ended.delivered, ended.refused, ended.failure),
            (2, 0, None)
        );
        assert_eq!(
            (*shelf.begun.borrow(), *shelf.added.borrow()),
            (1, big(1).len())
        );
        assert_eq!(store.waiting_count().await, Ok(0));
    }
}

// A sealed record in which two pieces of evidence are the same bytes.
async fn same_twice() -> MemoryStore {
    let store = MemoryStore::default();
    store.put_identity(&identity(1)).await.expect("enrol");
    let record = RecordId(Uuid::from_u128(7));
    let fence = store.take_fence(record).await.expect("fence");
    let mut rev = store.put_draft(&draft(7), fence).await.expect("draft");
    let rows = vec![photo(7, 1, &big(1)), photo(7, 2, &big(1))];
    for row in &rows {
        keep(&store, &row.parts[0], &big(1)).await;
        rev = store.put_evidence(row, fence).await.expect("evidence");
    }
    let head = store.head().await.expect("read").expect("head");
    let seal = Append {
        captured: Captured::of(rows),
        closes: Some((record, rev, fence)),
        ..append_after(&head, record)
    };
    store.append(&seal).await.expect("seal");
    let acked = receipt(&identity(1), &seal.event, Disposition::Applied);
    store
        .put_receipts(&[acked], &|_| ())
        .await
        .expect("receipt");
    store
}

#[tokio::test]
async fn a_connection_that_begins_to_cost_stops_originals_in_the_middle_of_a_round() {
    let (store, _) = sealed(true).await;
    let shelf = Shelf {
        costs: true,
        ..Shelf::default()
    };
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(
        (ended.delivered, ended.refused, ended.failure),
        (2, 0, None)
    );
    assert_eq!(store.waiting_count().await, Ok(1), "the original waits");
}

#[tokio::test]
async fn bytes_that_cannot_be_read_are_told_and_do_not_hold_up_the_others() {
    let (store, rows) = sealed(true).await;
    let shelf = Shelf {
        says_at_once: true,
        ..Shelf::default()
    };
    store.fail_reads_of(Some(rows[0].parts[1].blob));
    let ended = send(&store, &shelf, ROUND).await;
    assert_eq!(
        (ended.delivered, ended.refused, ended.failure),
        (2, 1, None)
    );
    let kept = store.evidence_of(rows[0].record).await.expect("read");
    assert_eq!(kept[0].parts[1].refused.as_deref(), Some(UNREADABLE));
    store.fail_reads_of(None);
    let asked = Round {
        refused: true,
        ..ROUND
    };
    assert_eq!(send(&store, &shelf, asked).await.delivered, 1);
    assert_eq!(store.waiting_count().await, Ok(0));
}

#[tokio::test]
async fn one_that_the_server_fails_at_does_not_hold_up_the_others() {
    let (store, rows) = sealed(true).await;
    let shelf = Shelf {
        faulty: Some(rows[0].parts[1].sha256.clone()),
        ..Shelf::default()
    };
    for _ in 0..2 {
        let ended = send(&store, &shelf, ROUND).await;
        assert!(matches!(ended.failure, Some(Failure::Problem { .. })));
        assert_eq!(ended.refused, 0, "it may work another time");
    }
    assert_eq!(
        store.waiting_count().await,
        Ok(1),
        "the original has gone too"
    );
}

#[tokio::test]
async fn receipts_that_cannot_be_written_are_asked_for_again() {
    let (store, _) = sealed(true).await;
    let shelf = Shelf::default();
    store.fail_next_write(StoreError::Quota);
    assert_eq!(
        try_send(&store, &shelf, ROUND).await,
        Err(StoreError::Quota)
    );
    let sent = *shelf.added.borrow();
    // As after any failure and at every start: the server is asked first.
    let singly = Round {
        singly: true,
        ..ROUND
    };
    let ended = send(&store, &shelf, singly).await;
    assert_eq!((ended.failure, ended.refused), (None, 0));
    assert_eq!(store.waiting_count().await, Ok(0));
    let all = big(1).len() + b"small".len() + b"second".len();
    assert_eq!(*shelf.added.borrow(), all, "{sent} before the failure");
}
