//! What a server said before the tag `wire-1`, and what devices wrote then, against the device of today: it still lies on the
//! disks of devices, and a server that nobody has renewed says nothing else (`faults.md` B12, B13).

use crate::world::recorded::{Exchange, traffic};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::cell::RefCell;
use zhicha_core::{
    api::{SessionInfo, SignIn},
    client::{Failure, Transport, enrolled, pull::CheckedEvents, pull_page, push_once},
    event::{
        BlobReceipt, Certificate, Checkpoint, Disposition, EventHash, Jwk, Jws, Kind, Payload,
        Receipt, jws::native,
    },
    id::RecordId,
    inspection::{Captured, fold::fold},
    json,
    store::{Append, EventRow, Store as _, memory::MemoryStore},
    sync::{
        push::Input,
        tus::RECEIPT,
        wire::{
            BlobReceipts, DraftCopy, DraftKept, EnrolReply, EnrolRequest, Identity, Problem,
            PullPage, PushReply, PushRequest, Stream,
        },
    },
    testing::NativeVerifier,
    time::Timestamp,
};

// Whether everything that stood in `then` stands in `now`, with the same value. More may stand there.
fn holds(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => then
            .iter()
            .all(|(name, then)| now.get(name).is_some_and(|now| holds(now, then))),
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| holds(now, then))
        }
        _ => now == then,
    }
}

// Reads a body as today's type, and finds all of it again in what that would write.
fn read<T: Serialize + DeserializeOwned>(at: &str, body: &[u8]) -> T {
    // As the app reads it.
    let read: T = json::from_slice(body).unwrap_or_else(|e| panic!("{at}: {e}"));
    is_whole(at, &read, &serde_json::from_slice(body).unwrap());
    read
}

fn is_whole(at: &str, read: &impl Serialize, then: &Value) {
    let now = serde_json::to_value(read).unwrap();
    assert!(holds(&now, then), "{at}: {now:#} has lost some of {then:#}");
}

fn enrolments() -> Vec<EnrolReply> {
    let all = traffic();
    let steps = all.iter().filter(|then| then.step() == "enrol");
    steps.map(Exchange::json).collect()
}

fn signed(jws: &Jws, key: &Jwk, at: &str) {
    native::verify(jws, key).unwrap_or_else(|e| panic!("{at}: {e}"));
}

#[test]
fn every_answer_of_then_is_read_whole_and_every_signature_holds() {
    let key = enrolments()[0].server_keys[0].clone();
    let blob_receipt = |text: &str, at: &str| {
        let (_, jws) = BlobReceipt::parse(text).unwrap();
        signed(&jws, &key, at);
    };
    let mut kinds = [0; 8];
    for then in traffic() {
        let (at, answer) = (then.name.as_str(), &then.answer[..]);
        let kind = match then.route() {
            _ if !then.status.is_success() => {
                let problem: Problem = read(at, answer);
                assert_eq!(problem.status, then.status.as_u16());
                0
            }
            "/api/v1/session" => {
                read::<SessionInfo>(at, answer);
                1
            }
            "/api/v1/devices" => {
                let reply: EnrolReply = read(at, answer);
                let (certificate, jws) = Certificate::parse(&reply.certificate).unwrap();
                signed(&jws, &key, at);
                assert_eq!(certificate.kid, certificate.cnf.jwk.thumbprint());
                2
            }
            "/api/v1/sync/pull" => {
                read::<PullPage>(at, answer);
                3
            }
            "/api/v1/sync/push" => {
                let reply: PushReply = read(at, answer);
                for result in &reply.results {
                    let (receipt, jws) = Receipt::parse(&result.receipt).unwrap();
                    signed(&jws, &key, at);
                    assert_eq!(receipt.event_hash, result.event_hash);
                }
                let (checkpoint, jws) = Checkpoint::parse(&reply.checkpoint.unwrap()).unwrap();
                signed(&jws, &key, at);
                assert_eq!(
                    (checkpoint.epoch, checkpoint.size),
                    (reply.log.epoch, reply.log.size)
                );
                4
            }
            "/api/v1/blobs/receipts" => {
                let reply: BlobReceipts = read(at, answer);
                reply
                    .receipts
                    .iter()
                    .for_each(|text| blob_receipt(text, at));
                5
            }
            route if route.starts_with("/api/v1/drafts/") => {
                read::<DraftKept>(at, answer);
                6
            }
            route => {
                assert!(route.starts_with("/api/v1/uploads"), "{at}");
                if let Some(text) = then.said(RECEIPT) {
                    blob_receipt(text, at);
                }
                7
            }
        };
        kinds[kind] += 1;
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
}

#[test]
fn every_request_of_then_is_read_whole() {
    for then in traffic().iter().filter(|then| !then.body.is_empty()) {
        let (at, body) = (then.name.as_str(), &then.body[..]);
        match then.route() {
            "/api/v1/session" => drop(read::<SignIn>(at, body)),
            "/api/v1/devices" => drop(read::<EnrolRequest>(at, body)),
            "/api/v1/sync/push" => drop(read::<PushRequest>(at, body)),
            route if route.starts_with("/api/v1/drafts/") => drop(read::<DraftCopy>(at, body)),
            route => assert!(route.starts_with("/api/v1/uploads"), "{at}"),
        }
    }
}

#[test]
fn every_event_of_then_is_read_whole_under_its_name_and_signature() {
    let keys: Vec<Jwk> = enrolments()
        .iter()
        .map(|reply| Certificate::parse(&reply.certificate).unwrap().0.cnf.jwk)
        .collect();
    let mut kinds = Vec::new();
    for then in traffic().iter().filter(|then| then.is_push()) {
        let (request, reply): (PushRequest, PushReply) = (then.asked(), then.json());
        for (text, result) in request.events.iter().zip(&reply.results) {
            let (payload, jws) = Payload::parse(text).unwrap();
            let key = keys.iter().find(|key| key.thumbprint() == jws.kid).unwrap();
            signed(&jws, key, &then.name);
            assert_eq!(EventHash::of_text(text), result.event_hash, "its name");
            is_whole(&then.name, &payload, &jws.payload);
            let body = payload.body();
            match then.step() {
                "push-invalid" => assert!(body.is_err()),
                "push-unknown" => assert!(payload.schema == 9_999 || body == Ok(None)),
                _ => {
                    let read = body.unwrap().unwrap().to_value().unwrap();
                    assert!(holds(&read, &payload.body), "{}", then.name);
                    kinds.push(payload.kind);
                }
            }
        }
    }
    for kind in Kind::ALL.map(Kind::as_str) {
        assert!(kinds.iter().any(|k| k == kind), "{kind} was recorded");
    }
}

// The same with a member more in every object but keys, as a later version may write it.
fn extended(value: &mut Value) {
    match value {
        Value::Object(members) if !members.contains_key("kty") => {
            members.values_mut().for_each(extended);
            members.insert("added_later".to_owned(), serde_json::json!({ "n": 1 }));
        }
        Value::Array(values) => values.iter_mut().for_each(extended),
        _ => {}
    }
}

#[test]
fn what_a_later_server_adds_to_its_answers_disturbs_no_device_of_today() {
    for then in traffic() {
        let Ok(mut answer) = serde_json::from_slice::<Value>(&then.answer) else {
            continue;
        };
        extended(&mut answer);
        let (at, answer) = (then.name.as_str(), serde_json::to_vec(&answer).unwrap());
        let read = match then.route() {
            _ if !then.status.is_success() => json::from_slice::<Problem>(&answer).map(drop),
            "/api/v1/session" => json::from_slice::<SessionInfo>(&answer).map(drop),
            "/api/v1/devices" => json::from_slice::<EnrolReply>(&answer).map(drop),
            "/api/v1/sync/pull" => json::from_slice::<PullPage>(&answer).map(drop),
            "/api/v1/sync/push" => json::from_slice::<PushReply>(&answer).map(drop),
            "/api/v1/blobs/receipts" => json::from_slice::<BlobReceipts>(&answer).map(drop),
            _ => json::from_slice::<DraftKept>(&answer).map(drop),
        };
        assert_eq!(read.err().map(|e| e.to_string()), None, "{at}");
    }
}

// A server that says what was recorded, in that order.
struct Then {
    answers: RefCell<Vec<Exchange>>,
}

impl Then {
    fn says(mut answers: Vec<Exchange>) -> Self {
        answers.reverse();
        Self {
            answers: RefCell::new(answers),
        }
    }

    fn next(&self) -> Exchange {
        self.answers
            .borrow_mut()
            .pop()
            .expect("nothing more was said")
    }
}

impl Transport for Then {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        let then = self.next();
        // An old server finds all that it was told then.
        let (now, asked) = (
            serde_json::to_value(request).unwrap(),
            then.asked::<Value>(),
        );
        for name in ["protocol", "certificate", "first_seq", "events"] {
            assert_eq!(now[name], asked[name], "{}: {name}", then.name);
        }
        Ok(then.json())
    }

    async fn pull(&self, stream: Stream, _: Option<&str>) -> Result<PullPage, Failure> {
        let page: PullPage = self.next().json();
        assert_eq!(page.stream, stream);
        Ok(page)
    }

    async fn keep_draft(&self, _: RecordId, _: &DraftCopy) -> Result<DraftKept, Failure> {
        Ok(self.next().json())
    }
}

async fn device(reply: &EnrolReply) -> (MemoryStore, Identity) {
    let (certificate, _) = Certificate::parse(&reply.certificate).unwrap();
    let identity = enrolled(certificate, reply);
    let store = MemoryStore::default();
    store.put_identity(&identity).await.unwrap();
    (store, identity)
}

async fn written(store: &MemoryStore, text: &str) {
    let (payload, jws) = Payload::parse(text).unwrap();
    let event = EventRow {
        v: 1,
        seq: payload.device_seq,
        hash: jws.hash,
        record_id: payload.record_id,
        kind: payload.kind,
        at: payload.t.wall,
        text: text.to_owned(),
    };
    let append = Append {
        expect: store.head().await.unwrap().unwrap(),
        event,
        captured: Captured::default(),
        closes: None,
    };
    store.append(&append).await.unwrap();
}

#[tokio::test]
async fn a_device_of_today_believes_the_receipts_of_then_and_drops_nothing_that_is_deferred() {
    let mut deferred = 0;
    for reply in enrolments() {
        let (store, identity) = device(&reply).await;
        let own = |then: &Exchange| {
            let first = then.is_push()
                && !["push-again", "push-relayed", "push-fork"].contains(&then.step());
            first && then.asked::<PushRequest>().certificate == identity.certificate
        };
        let pushes: Vec<Exchange> = traffic().into_iter().filter(own).collect();
        for then in &pushes {
            let request: PushRequest = then.asked();
            for text in &request.events {
                written(&store, text).await;
            }
            let server = Then::says(vec![then.clone()]);
            let (limit, now) = (request.events.len(), || Timestamp(1_795_520_000_000));
            let step = push_once(&store, &server, &NativeVerifier, limit, &now).await;
            let step = step.unwrap();
            assert_eq!(step.input, Input::Receipts { more: false }, "{}", then.name);
            assert_eq!(step.receipts, limit, "{}", then.name);
        }
        let sent: usize = pushes
            .iter()
            .map(|then| then.asked::<PushRequest>().events.len())
            .sum();
        let events = store.events_after(0, usize::MAX).await.unwrap();
        assert_eq!(events.len(), sent, "all of it stays");
        for event in &events {
            let receipt = store.receipt(&event.hash).await.unwrap().unwrap();
            deferred += usize::from(receipt.disposition == Disposition::Deferred);
        }
        assert_eq!(store.push_state().await.unwrap().halted, None);
    }
    assert_eq!(
        deferred, 2,
        "a kind and a schema that the server did not know"
    );
}

#[tokio::test]
async fn a_device_of_today_takes_every_page_of_then() {
    let enrolments = enrolments();
    let (first, _) = device(&enrolments[0]).await;
    let (second, _) = device(&enrolments[1]).await;
    for (store, steps) in [
        (&first, &["first-download", "download"][..]),
        (&second, &["first-download-of-another-device"]),
    ] {
        let pages = traffic().into_iter();
        let pages: Vec<Exchange> = pages.filter(|then| steps.contains(&then.step())).collect();
        let streams: Vec<Stream> = pages
            .iter()
            .map(|then| then.json::<PullPage>().stream)
            .collect();
        let server = Then::says(pages);
        let events = CheckedEvents {
            verifier: &NativeVerifier,
            store,
        };
        for stream in streams {
            pull_page(store, &server, &events, stream).await.unwrap();
        }
    }
    assert_eq!(first.sites().await.unwrap().len(), 2);
    assert_eq!(first.checklists().await.unwrap().len(), 3);
    for store in [first, second] {
        let mut sealed = 0;
        for record in store.records(100).await.unwrap() {
            let events = store.pulled_of(record).await.unwrap();
            let read = events
                .iter()
                .map(|event| Payload::parse(&event.text).unwrap());
            sealed += usize::from(
                fold(read.map(|(payload, jws)| (jws.hash, payload)))
                    .sealed
                    .is_some(),
            );
        }
        assert_eq!(
            sealed, 4,
            "what anybody sees of a record is folded from these texts"
        );
    }
}
