//! What was captured, and its bytes.

use super::{enrolled, record, with_draft};
use crate::{
    id::{BlobId, Uuid},
    inspection::{EvidenceRow, evidence::Captured},
    store::{Fence, Store, StoreError},
    testing::{append_after, photo},
};

const BYTES: [&[u8]; 2] = [b"\x00first\xff", b"second"];

async fn kept(store: &impl Store, row: &EvidenceRow) {
    for (n, bytes) in (0..).zip(BYTES) {
        let blob = row.parts[0].blob;
        store.put_chunk(blob, n, bytes).await.expect("chunk");
    }
}

async fn is_here(store: &impl Store, row: &EvidenceRow) -> bool {
    let first = store.chunk(row.parts[0].blob, 0).await.expect("read");
    first.is_some()
}

/// Case of the contract.
pub async fn bytes_come_back_as_they_were(store: &impl Store) {
    let (row, other) = (photo(7, 1, b"a"), photo(7, 2, b"b"));
    kept(store, &row).await;
    kept(store, &other).await;
    let blob = row.parts[0].blob;
    for (n, bytes) in (0..).zip(BYTES) {
        assert_eq!(store.chunk(blob, n).await, Ok(Some(bytes.to_vec())));
    }
    assert_eq!(store.chunk(blob, 2).await, Ok(None));
    assert_eq!(store.chunk(BlobId(Uuid::nil()), 0).await, Ok(None));
    store.drop_chunks(blob).await.expect("drop");
    assert!(!is_here(store, &row).await);
    assert!(is_here(store, &other).await);
}

/// Case of the contract.
pub async fn evidence_moves_the_revision_of_its_draft(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    let mut row = photo(7, 2, b"a");
    assert_eq!(store.put_evidence(&row, fence).await, Ok(2));
    row.about = None;
    row.text = "后门".to_owned();
    assert_eq!(store.put_evidence(&row, fence).await, Ok(3));
    let earlier = photo(7, 1, b"b");
    assert_eq!(store.put_evidence(&earlier, fence).await, Ok(4));
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![earlier, row]));
    assert_eq!(store.evidence_of(record(8)).await, Ok(vec![]));
    let draft = store
        .draft(record(7))
        .await
        .expect("read")
        .expect("a draft");
    assert_eq!(draft.rev, 4);
    let refused = store
        .put_evidence(&photo(7, 3, b"c"), Fence(fence.0 + 1))
        .await;
    assert_eq!(refused, Err(StoreError::Fenced));
    assert_eq!(store.evidence_of(record(7)).await.expect("read").len(), 2);
}

/// Case of the contract.
pub async fn deleted_evidence_takes_its_bytes(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    let (row, other) = (photo(7, 1, b"a"), photo(7, 2, b"b"));
    for row in [&row, &other] {
        kept(store, row).await;
        store.put_evidence(row, fence).await.expect("evidence");
    }
    let rev = store.delete_evidence(record(7), row.id, fence).await;
    assert_eq!(rev, Ok(4));
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![other.clone()]));
    assert!(!is_here(store, &row).await);
    assert!(is_here(store, &other).await);
}

/// Case of the contract.
pub async fn a_deleted_draft_takes_its_evidence(store: &impl Store) {
    let fence = with_draft(store, 7).await;
    let row = photo(7, 1, b"a");
    kept(store, &row).await;
    store.put_evidence(&row, fence).await.expect("evidence");
    store.delete_draft(record(7), fence).await.expect("delete");
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![]));
    assert!(!is_here(store, &row).await);
}

/// Case of the contract.
pub async fn sealed_evidence_waits_until_it_has_its_receipts(store: &impl Store) {
    let head = enrolled(store).await;
    let fence = with_draft(store, 7).await;
    let mut row = photo(7, 1, b"a");
    kept(store, &row).await;
    let rev = store.put_evidence(&row, fence).await.expect("evidence");
    assert_eq!(store.waiting_evidence(10).await, Ok(vec![]));
    let mut seal = append_after(&head, record(7));
    seal.captured = Captured::of(vec![row.clone()]);
    row = row.named_by(&seal.event.hash, 1);
    seal.closes = Some((record(7), rev - 1, fence));
    assert_eq!(store.append(&seal).await, Err(StoreError::Changed));
    assert_eq!(store.waiting_count().await, Ok(0));
    seal.closes = Some((record(7), rev, fence));
    store.append(&seal).await.expect("seal");
    assert_eq!(store.draft(record(7)).await, Ok(None));
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![row.clone()]));
    assert!(is_here(store, &row).await);
    assert_eq!(store.waiting_evidence(10).await, Ok(vec![row.clone()]));
    assert_eq!(store.waiting_count().await, Ok(1));
    row.parts[0].receipt = Some("a.b.c".to_owned());
    let settled = std::slice::from_ref(&row);
    store.settle_evidence(settled).await.expect("receipt");
    assert_eq!(store.waiting_count().await, Ok(0));
    assert_eq!(store.evidence_of(record(7)).await, Ok(vec![row]));
}
