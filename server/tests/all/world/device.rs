//! A device that signs whatever a test wants, also what the app never would.

use super::{Caller, World, sealed, started};
use reqwest::Response;
use serde_json::{Value, json};
use std::cell::Cell;
use zhicha_core::{
    event::{
        Body, Certificate, Disposition, EventHash, Jwk, Payload, Receipt, Testimony, Typ,
        jws::native,
    },
    id::{DeviceId, EventId, PageSession, RecordId, Uuid},
    inspection::Mode,
    sync::wire::{EnrolReply, PushOutcome, PushReply, Reason},
    testing::NativeKey,
    time::{CivilDate, Timestamp, ZoneOffset},
};

/// A device in Rust: signs events one after another.
pub struct Device {
    pub key: NativeKey,
    pub certificate: Certificate,
    pub certificate_text: String,
    pub server_key: Jwk,
    seq: Cell<u64>,
    prev: Cell<Option<EventHash>>,
}

thread_local! {
    static COUNT: Cell<u128> = const { Cell::new(1) };
}

/// A fresh id.
pub fn id() -> Uuid {
    COUNT.with(|n| {
        n.set(n.get() + 1);
        Uuid::from_u128((7 << 76) | (2 << 62) | n.get())
    })
}

/// A fresh record.
pub fn record() -> RecordId {
    RecordId(id())
}

impl Device {
    pub fn new(key: NativeKey, reply: &EnrolReply) -> Self {
        let (certificate, jws) = Certificate::parse(&reply.certificate).unwrap();
        native::verify(&jws, &reply.server_keys[0]).unwrap();
        Self {
            key,
            certificate,
            server_key: reply.server_keys[0].clone(),
            seq: Cell::new(0),
            prev: Cell::new(Some(jws.hash)),
            certificate_text: reply.certificate.clone(),
        }
    }

    pub fn id(&self) -> DeviceId {
        self.certificate.device_id
    }

    pub fn head(&self) -> EventHash {
        let head = self.prev.take().unwrap();
        self.prev.set(Some(head.clone()));
        head
    }

    /// Puts the end of the chain somewhere else.
    pub fn set_head(&self, seq: u64, prev: EventHash) {
        self.seq.set(seq);
        self.prev.set(Some(prev));
    }

    /// The next payload, not yet signed; the chain does not move.
    pub fn payload(&self, record: RecordId, body: &Body) -> Payload {
        let wall = Timestamp(1_795_500_000_000);
        Payload {
            tenant: self.certificate.tenant,
            event_id: EventId(id()),
            kind: body.kind().as_str().to_owned(),
            record_type: body.kind().record_type().to_owned(),
            record_id: record,
            parents: Vec::new(),
            device_id: self.id(),
            device_seq: self.seq.get() + 1,
            prev: self.head(),
            actor: self.certificate.user,
            role: self.certificate.role,
            checklists: Vec::new(),
            app_build: "test".to_owned(),
            schema: 1,
            t: Testimony {
                wall,
                mono: 1,
                page_session: PageSession(id()),
                server_est: None,
                uncertainty: None,
            },
            inspection_date: CivilDate::of(wall, ZoneOffset::CHINA),
            body: body.to_value().unwrap(),
            blobs: Vec::new(),
        }
    }

    /// Signs a payload; the chain does not move.
    pub fn sign(&self, payload: &Payload) -> String {
        self.key.sign_text(Typ::Event, payload)
    }

    /// Signs a payload and moves the chain behind it.
    pub fn append(&self, payload: &Payload) -> String {
        let seq = payload.device_seq;
        let text = self.sign(payload);
        self.set_head(seq, EventHash::of_text(&text));
        text
    }

    /// The next event.
    pub fn event(&self, record: RecordId, body: &Body) -> String {
        self.append(&self.payload(record, body))
    }

    pub fn started(&self, record: RecordId) -> String {
        self.event(record, &started(Mode::SpotCheck))
    }

    pub fn sealed(&self, record: RecordId) -> String {
        self.event(record, &sealed(Mode::SpotCheck))
    }

    /// The body of a push.
    pub fn request(&self, first_seq: u64, events: &[String]) -> Value {
        json!({ "protocol": 1, "certificate": self.certificate_text, "first_seq": first_seq, "events": events })
    }

    /// Pushes without a session.
    pub async fn try_push(&self, world: &World, first_seq: u64, events: &[String]) -> Response {
        world
            .nobody()
            .post("/api/v1/sync/push", self.request(first_seq, events))
            .await
    }

    /// Pushes as somebody, and checks every receipt.
    pub async fn push_as(&self, caller: &Caller, first_seq: u64, events: &[String]) -> PushReply {
        let response = caller
            .post("/api/v1/sync/push", self.request(first_seq, events))
            .await;
        assert_eq!(response.status(), 200);
        let reply: PushReply = response.json().await.unwrap();
        for (result, text) in reply.results.iter().zip(events) {
            let (receipt, jws) = Receipt::parse(&result.receipt).unwrap();
            native::verify(&jws, &self.server_key).unwrap();
            assert_eq!(receipt.event_hash, result.event_hash);
            assert_eq!(receipt.event_hash, EventHash::of_text(text));
            assert_eq!(
                (receipt.device_id, receipt.device_seq),
                (self.id(), result.device_seq)
            );
            assert_eq!(receipt.epoch, reply.log.epoch);
        }
        reply
    }

    /// Pushes without a session, and checks every receipt.
    pub async fn push(&self, world: &World, first_seq: u64, events: &[String]) -> PushReply {
        self.push_as(&world.nobody(), first_seq, events).await
    }

    /// Pushes one event and returns what became of it.
    pub async fn push_one(
        &self,
        caller: &Caller,
        seq: u64,
        text: &str,
    ) -> (PushOutcome, Option<Reason>) {
        let reply = self.push_as(caller, seq, &[text.to_owned()]).await;
        assert_eq!(reply.results.len(), 1);
        (reply.results[0].outcome, reply.results[0].reason)
    }
}

/// The text with its signature broken.
pub fn damage(text: &str) -> String {
    let (input, signature) = text.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{flipped}{}", &signature[1..])
}

/// The JSON of a payload with a member replaced, signed by the device.
pub fn tampered(device: &Device, payload: &Payload, change: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::to_value(payload).unwrap();
    change(&mut value);
    device.key.sign_text(Typ::Event, &value)
}

/// What the receipt for the event at place `at` says.
pub fn disposition(reply: &PushReply, at: usize) -> Disposition {
    Receipt::parse(&reply.results[at].receipt)
        .unwrap()
        .0
        .disposition
}
