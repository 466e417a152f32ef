//! What is pulled must check, and only a cursor that is gone makes a fresh snapshot.

use super::*;
use crate::client::pull::{CheckedEvents, PullError};

fn page(rows: Vec<PullRow>) -> PullPage {
    PullPage {
        stream: Stream::Records,
        rows,
        cursor: "c".to_owned(),
        more: false,
        snapshot: false,
        log: log(),
        now: Timestamp(NOW),
    }
}

async fn pull(store: &MemoryStore, page: PullPage) -> Result<bool, PullError> {
    let script = Script {
        answers: RefCell::default(),
        asked: RefCell::default(),
        page: Some(page),
    };
    pull_page(
        store,
        &script,
        &CheckedEvents {
            verifier: &NativeVerifier,
            store,
        },
        Stream::Records,
    )
    .await
}

async fn own_event(receipt_key: u8) -> (PullRow, RecordId) {
    let row = device(1).await.events_after(0, 1).await.unwrap().remove(0);
    let receipt = receipt_text(receipt_key, 1, row.hash, Disposition::Applied);
    let certificate = identity(1).certificate;
    (
        PullRow::Event {
            event: row.text,
            certificate,
            receipt,
            reason: None,
        },
        row.record_id,
    )
}

#[tokio::test]
async fn a_sound_event_is_pulled_and_an_unsound_one_moves_no_cursor() {
    let store = device(0).await;
    let (unsound, _) = own_event(201).await;
    assert!(matches!(
        pull(&store, page(vec![unsound])).await,
        Err(PullError::Unsound(_))
    ));
    assert_eq!(store.cursor(Stream::Records).await, Ok(None));
    let (sound, record) = own_event(200).await;
    assert_eq!(pull(&store, page(vec![sound])).await, Ok(false));
    assert_eq!(store.pulled_of(record).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_a_cursor_that_is_gone_makes_a_fresh_snapshot() {
    let left = |status: u16| PullPage {
        cursor: format!("gone {status}"),
        ..page(vec![])
    };
    let snapshot = PullPage {
        snapshot: true,
        ..page(vec![])
    };
    // 403 is the cursor of another person: a snapshot would put her rows into this person's storage.
    for (status, taken) in [(410, true), (400, false), (403, false)] {
        let store = device(1).await;
        assert_eq!(pull(&store, left(status)).await, Ok(false));
        let answer = pull(&store, snapshot.clone()).await;
        assert_eq!(answer == Ok(false), taken, "{status}: {answer:?}");
        let cursor = store.cursor(Stream::Records).await.unwrap().unwrap();
        assert_eq!(cursor == "c", taken, "{status}");
        assert_eq!(store.events_after(0, 9).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_restored_server_is_not_pulled_from() {
    let store = device(1).await;
    push(
        &store,
        &Script::pushing(vec![server(200, PushOutcome::Applied)]),
    )
    .await;
    let other_life = PullPage {
        log: Seen {
            epoch: EpochId(Uuid::from_u128(6)),
            size: 9,
        },
        ..page(vec![])
    };
    assert_eq!(pull(&store, other_life).await, Err(PullError::Restored));
}

#[tokio::test]
async fn a_page_that_was_made_before_the_last_push_comes_from_no_restored_server() {
    let store = device(1).await;
    let knows = |state: &mut PushState| state.seen = Some(log());
    store.put_receipts(&[], &knows).await.unwrap();
    let before = PullPage {
        log: Seen { size: 2, ..log() },
        ..page(vec![])
    };
    assert_eq!(pull(&store, before).await, Ok(false));
}
