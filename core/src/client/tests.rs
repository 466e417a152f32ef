//! The device against a scripted server: what is shown as delivered must have a believable receipt.

mod copying;
mod evidence;
mod gap;
mod pulling;

use super::{append::NewEvent, *};
use crate::{
    event::{
        Body, Certificate, Disposition, EventHash, Jwk, Payload, Receipt, Typ, body::DeviceLoss,
    },
    id::{EpochId, RecordId, Uuid},
    inspection::{Mode, Started, evidence::Captured},
    store::{Halt, PushState, Store, StoreError, memory::MemoryStore},
    sync::{
        epoch::Seen,
        push::{Action, Input, State},
        wire::{
            DraftCopy, DraftKept, PhotoPolicy, Problem, PullPage, PullRow, PushOutcome, PushReply,
            PushRequest, PushResult, Stream,
        },
    },
    testing::{CountingIds, FixedClock, NativeKey, NativeVerifier, identity, site},
    time::Timestamp,
};
use std::cell::RefCell;

const NOW: i64 = 1_795_500_000_000;

type Answer = Box<dyn Fn(&PushRequest) -> Result<PushReply, Failure>>;

struct Script {
    answers: RefCell<Vec<Answer>>,
    asked: RefCell<Vec<PushRequest>>,
    page: Option<PullPage>,
}

impl Script {
    fn pushing(answers: Vec<Answer>) -> Self {
        Self {
            answers: RefCell::new(answers),
            asked: RefCell::default(),
            page: None,
        }
    }
}

impl Transport for Script {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        self.asked.borrow_mut().push(request.clone());
        let answer = self.answers.borrow_mut().remove(0);
        answer(request)
    }
    async fn pull(&self, _: Stream, cursor: Option<&str>) -> Result<PullPage, Failure> {
        if let Some(cursor) = cursor.filter(|cursor| cursor.starts_with("gone")) {
            let (_, status) = cursor.split_once(' ').unwrap();
            let problem = Problem {
                status: status.parse().unwrap(),
                ..Problem::default()
            };
            return Err(Failure::Problem {
                problem,
                retry_after_s: None,
            });
        }
        self.page.clone().ok_or(Failure::Network)
    }
    async fn keep_draft(&self, _: RecordId, _: &DraftCopy) -> Result<DraftKept, Failure> {
        Err(Failure::Network)
    }
}

fn log() -> Seen {
    Seen {
        epoch: EpochId(Uuid::from_u128(5)),
        size: 3,
    }
}

fn receipt_text(key: u8, seq: u64, hash: EventHash, disposition: Disposition) -> String {
    let receipt = Receipt {
        tenant: identity(1).tenant,
        epoch: log().epoch,
        event_hash: hash,
        device_id: identity(1).device_id,
        device_seq: seq,
        disposition,
        tenant_seq: seq + 10,
        received_at: Timestamp(NOW + 5_000),
    };
    NativeKey::number(key).sign_text(Typ::Receipt, &receipt)
}

/// A server that answers every event with `outcome`, signing with key number `key`.
fn server(key: u8, outcome: PushOutcome) -> Answer {
    Box::new(move |request| {
        let disposition = match outcome {
            PushOutcome::Applied | PushOutcome::Duplicate => Disposition::Applied,
            PushOutcome::Deferred => Disposition::Deferred,
            PushOutcome::Quarantined | PushOutcome::Fork => Disposition::Quarantined,
        };
        let result = |(n, text): (u64, &String)| {
            let (seq, event_hash) = (request.first_seq + n, EventHash::of_text(text));
            let receipt = receipt_text(key, seq, event_hash.clone(), disposition);
            PushResult {
                device_seq: seq,
                event_hash,
                outcome,
                reason: None,
                receipt,
            }
        };
        let results: Vec<_> = (0..).zip(&request.events).map(result).collect();
        let next_seq = request.first_seq + results.len() as u64;
        Ok(PushReply {
            log: log(),
            checkpoint: None,
            results,
            next_seq,
            photos: PhotoPolicy::default(),
            now: Timestamp(NOW + 4_000),
        })
    })
}

fn refusing(status: u16, code: &'static str, expected_seq: Option<u64>) -> Answer {
    Box::new(move |_| {
        let problem = Problem {
            code: code.to_owned(),
            status,
            expected_seq,
            ..Problem::default()
        };
        Err(Failure::Problem {
            problem,
            retry_after_s: None,
        })
    })
}

async fn device(events: u64) -> MemoryStore {
    let store = MemoryStore::default();
    store.put_identity(&identity(1)).await.unwrap();
    for n in 0..events {
        write(&store, n).await.unwrap();
    }
    store
}

async fn write(store: &MemoryStore, n: u64) -> Result<crate::store::EventRow, AppendError> {
    let body = Body::Started(Started {
        mode: Mode::SpotCheck,
        site: site(),
        checklists: vec![],
        from: Timestamp(NOW),
    });
    write_body(store, n, body).await
}

async fn write_body(
    store: &MemoryStore,
    n: u64,
    body: Body,
) -> Result<crate::store::EventRow, AppendError> {
    let (signer, clock) = (NativeKey::number(1), FixedClock::at(NOW));
    let cx = Context {
        store,
        signer: &signer,
        clock: &clock,
        app_build: "test",
    };
    let record_id = RecordId(Uuid::from_u128(u128::from(n) + 1));
    let new = NewEvent {
        record_id,
        parents: vec![],
        checklists: vec![],
        body: (&body).into(),
        captured: Captured::default(),
        closes: None,
    };
    append(&cx, &mut CountingIds(n * 10), &new).await
}

async fn push(store: &MemoryStore, script: &Script) -> PushStep {
    push_once(store, script, &NativeVerifier, 100, &|| Timestamp(NOW))
        .await
        .unwrap()
}

#[tokio::test]
async fn events_form_a_chain_that_a_stranger_can_check() {
    let store = device(3).await;
    let certificate = Certificate::parse(&identity(1).certificate).unwrap().0;
    let mut prev = Certificate::hash(&identity(1).certificate);
    for (n, row) in (1..).zip(store.events_after(0, 9).await.unwrap()) {
        let (payload, jws) = Payload::parse(&row.text).unwrap();
        assert!(NativeVerifier.verify(&jws, &certificate.cnf.jwk).await);
        assert_eq!(
            (payload.device_seq, payload.prev, &jws.hash),
            (n, prev, &row.hash)
        );
        prev = jws.hash;
    }
}

#[tokio::test]
async fn only_a_devices_own_loss_skips_the_lost_numbers() {
    let loss = |device_id| {
        Body::DeviceLoss(DeviceLoss {
            device_id,
            from: 3,
            to: 7,
            note: String::new(),
        })
    };
    let store = device(2).await;
    let of_another = loss(identity(2).device_id);
    assert_eq!(write_body(&store, 5, of_another).await.unwrap().seq, 3);
    let store = device(2).await;
    let own = loss(identity(1).device_id);
    assert_eq!(write_body(&store, 5, own).await.unwrap().seq, 8);
}

#[tokio::test]
async fn a_failed_write_leaves_number_and_draft_for_the_next() {
    let store = device(1).await;
    store.fail_next_write(StoreError::Quota);
    assert_eq!(
        write(&store, 1).await,
        Err(AppendError::Store(StoreError::Quota))
    );
    assert_eq!(store.events_after(0, 9).await.unwrap().len(), 1);
    assert_eq!(write(&store, 1).await.unwrap().seq, 2);
}

#[tokio::test]
async fn a_believed_receipt_counts_and_the_clock_is_measured() {
    let store = device(2).await;
    let script = Script::pushing(vec![server(200, PushOutcome::Applied)]);
    assert_eq!(
        push(&store, &script).await,
        PushStep {
            input: Input::Receipts { more: false },
            receipts: 2,
            restored: false,
        }
    );
    let state = store.push_state().await.unwrap();
    assert_eq!(
        (state.acked, state.seen, state.offset),
        (2, Some(log()), Some((4_000, 1)))
    );
    assert_eq!(push(&store, &script).await.input, Input::Nothing);
}

#[tokio::test]
async fn a_lost_answer_sends_the_same_texts_again() {
    let store = device(2).await;
    let lost: Answer = Box::new(|_| Err(Failure::Network));
    let script = Script::pushing(vec![lost, server(200, PushOutcome::Duplicate)]);
    assert_eq!(
        push(&store, &script).await.input,
        Input::Failed(Failure::Network)
    );
    assert_eq!(store.push_state().await.unwrap(), PushState::default());
    assert_eq!(push(&store, &script).await.receipts, 2);
    let asked = script.asked.borrow();
    assert_eq!(asked[0].events, asked[1].events);
}

#[tokio::test]
async fn an_ended_session_loses_nothing_and_the_same_texts_go_after_signing_in() {
    let store = device(2).await;
    let script = Script::pushing(vec![
        refusing(401, "not_signed_in", None),
        server(200, PushOutcome::Applied),
    ]);
    let refused = push(&store, &script).await.input;
    let (state, _) = State::SENDING.step(&refused, 0);
    assert_eq!(state, State::SignedOut);
    assert_eq!(store.push_state().await.unwrap(), PushState::default());
    assert_eq!(state.step(&Input::Resumed, 0).1, Action::Send);
    assert_eq!(push(&store, &script).await.receipts, 2);
    let asked = script.asked.borrow();
    assert_eq!(asked[0].events, asked[1].events);
}

#[tokio::test]
async fn a_receipt_of_an_unknown_key_never_counts() {
    let store = device(1).await;
    let script = Script::pushing(vec![server(201, PushOutcome::Applied)]);
    assert_eq!(
        push(&store, &script).await,
        PushStep {
            input: Input::Stop(Halt::UnknownServerKey),
            receipts: 0,
            restored: false,
        }
    );
    assert_eq!(store.push_state().await.unwrap().acked, 0);
}

#[tokio::test]
async fn a_receipt_for_another_event_never_counts() {
    let store = device(1).await;
    let other: Answer = Box::new(|request| {
        let mut reply = server(200, PushOutcome::Applied)(request)?;
        reply.results[0].receipt =
            receipt_text(200, 1, EventHash::of("another"), Disposition::Applied);
        Ok(reply)
    });
    assert_eq!(
        push(&store, &Script::pushing(vec![other])).await.input,
        Input::Stop(Halt::Refused)
    );
    assert_eq!(store.push_state().await.unwrap().acked, 0);
}

#[tokio::test]
async fn a_receipt_whose_text_was_altered_never_counts() {
    let store = device(1).await;
    let altered: Answer = Box::new(|request| {
        let mut reply = server(200, PushOutcome::Applied)(request)?;
        let own = receipt_text(
            200,
            1,
            EventHash::of_text(&request.events[0]),
            Disposition::Quarantined,
        );
        let (head, _) = own.rsplit_once('.').unwrap();
        let signature = reply.results[0]
            .receipt
            .rsplit_once('.')
            .unwrap()
            .1
            .to_owned();
        reply.results[0].receipt = format!("{head}.{signature}");
        Ok(reply)
    });
    assert_eq!(
        push(&store, &Script::pushing(vec![altered])).await.input,
        Input::Stop(Halt::UnknownServerKey)
    );
}

#[tokio::test]
async fn quarantined_events_are_sent_but_stay_in_sight() {
    let store = device(2).await;
    let script = Script::pushing(vec![server(200, PushOutcome::Quarantined)]);
    assert_eq!(push(&store, &script).await.receipts, 2);
    assert_eq!(store.troubled().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_fork_deposits_the_rest_and_then_stops() {
    let store = device(3).await;
    let script = Script::pushing(vec![
        server(200, PushOutcome::Fork),
        server(200, PushOutcome::Fork),
    ]);
    let step = push_once(&store, &script, &NativeVerifier, 2, &|| Timestamp(NOW))
        .await
        .unwrap();
    assert_eq!(step.input, Input::Receipts { more: true });
    assert_eq!(push(&store, &script).await.input, Input::Stop(Halt::Frozen));
    assert_eq!(store.push_state().await.unwrap().halted, Some(Halt::Frozen));
    assert_eq!(store.push_state().await.unwrap().acked, 3);
    store
        .put_identity(&identity(2))
        .await
        .expect("everything has its receipt, so the device may be enrolled again");
}

#[tokio::test]
async fn a_server_that_lost_events_gets_them_again() {
    let store = device(3).await;
    let script = Script::pushing(vec![
        server(200, PushOutcome::Applied),
        refusing(409, "expected_seq", Some(2)),
        server(200, PushOutcome::Applied),
    ]);
    push(&store, &script).await;
    write(&store, 3).await.unwrap();
    assert_eq!(
        push(&store, &script).await.input,
        Input::Receipts { more: true }
    );
    assert_eq!(push(&store, &script).await.receipts, 3);
    assert_eq!(script.asked.borrow()[2].first_seq, 2);
}

#[tokio::test]
async fn a_number_that_is_not_here_stops_and_says_so() {
    let store = device(1).await;
    for expected in [None, Some(0), Some(1), Some(9)] {
        let script = Script::pushing(vec![refusing(409, "expected_seq", expected)]);
        assert_eq!(
            push(&store, &script).await.input,
            Input::Stop(Halt::Gap),
            "{expected:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_results_is_not_believed_for_ever() {
    let store = device(1).await;
    let empty: Answer = Box::new(|_| {
        Ok(PushReply {
            log: log(),
            checkpoint: None,
            results: vec![],
            next_seq: 1,
            photos: PhotoPolicy::default(),
            now: Timestamp(NOW),
        })
    });
    assert_eq!(
        push(&store, &Script::pushing(vec![empty])).await.input,
        Input::Failed(Failure::NotOurs)
    );
}

#[test]
fn a_key_that_is_not_p256_verifies_nothing() {
    let odd = Jwk {
        kty: "EC".to_owned(),
        crv: "P-384".to_owned(),
        x: String::new(),
        y: String::new(),
    };
    assert!(!crate::event::jws::native::verify_bytes(
        b"", &[0; 64], &odd
    ));
}
