//! Parts for tests of every crate: keys, clocks and ids that repeat, and sample rows. Never in a release build.

use crate::{
    access::Role,
    answer::{AnswerKey, AnswerValue},
    checklist::Digest,
    client::{Clock, Signer, Verifier},
    event::{
        Certificate, Disposition, EventHash, Jwk, Jws, Receipt, Testimony, Typ,
        certificate::Confirmation, jws::native,
    },
    id::{
        BlobId, DeviceId, EpochId, EvidenceId, IdSource, PageSession, RecordId, TenantId, UserId,
        Uuid,
    },
    inspection::{
        ChecklistRef, Draft, DraftAnswer, EvidenceKind, EvidenceRow, Mode, SiteSnapshot,
        drawn::Drawn,
        evidence::{self, Capture, Captured, PartRow, Place, Source},
    },
    store::{Append, EventRow, Head, ReceiptRow},
    sync::wire::Identity,
    time::{Timestamp, ZoneOffset},
};
use p256::ecdsa::SigningKey;
use std::cell::Cell;

/// Ids that count up.
#[derive(Clone, Debug, Default)]
pub struct CountingIds(pub u64);

impl IdSource for CountingIds {
    fn next_id(&mut self) -> Uuid {
        self.0 += 1;
        // Version and variant bits of a UUIDv7, so that parsers take it for one.
        Uuid::from_u128((u128::from(self.0) << 80) | (7 << 76) | (2 << 62) | u128::from(self.0))
    }
}

/// A clock that stands where it is put.
#[derive(Debug)]
pub struct FixedClock(pub Cell<i64>);

impl FixedClock {
    /// A clock at `ms`.
    pub fn at(ms: i64) -> Self {
        Self(Cell::new(ms))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.get())
    }

    fn testimony(&self, offset: Option<(i64, i64)>) -> Testimony {
        Testimony {
            wall: self.now(),
            mono: 1_000,
            page_session: PageSession(Uuid::from_u128(9)),
            server_est: offset.map(|(ms, _)| self.now().plus(ms)),
            uncertainty: offset.map(|(_, ms)| ms),
        }
    }
}

/// A key in Rust. The same number gives the same key.
pub struct NativeKey {
    key: SigningKey,
    kid: String,
}

impl NativeKey {
    /// Key number `n` (from 1).
    pub fn number(n: u8) -> Self {
        let mut bytes = [0_u8; 32];
        bytes[31] = n.max(1);
        let key = SigningKey::from_slice(&bytes).expect("a small number is a valid P-256 key");
        let kid = native::public(&key).thumbprint();
        Self { key, kid }
    }

    /// The public half.
    pub fn jwk(&self) -> Jwk {
        native::public(&self.key)
    }

    /// A signed text of kind `typ`.
    pub fn sign_text(&self, typ: Typ, payload: &impl serde::Serialize) -> String {
        native::sign(
            typ,
            &self.key,
            &serde_json::to_vec(payload).expect("test payloads serialise"),
        )
    }
}

impl Signer for NativeKey {
    fn kid(&self) -> &str {
        &self.kid
    }

    async fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], String> {
        Ok(native::sign_bytes(&self.key, bytes))
    }
}

/// Checks signatures in Rust.
pub struct NativeVerifier;

impl Verifier for NativeVerifier {
    async fn verify(&self, jws: &Jws, key: &Jwk) -> bool {
        native::verify_bytes(jws.signing_input.as_bytes(), &jws.signature, key)
    }
}

/// Device number `n`, enrolled by a server whose key is number 200.
pub fn identity(n: u8) -> Identity {
    identity_of(n, TenantId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)))
}

/// Device number `n` of a person, enrolled by a server whose key is number 200.
pub fn identity_of(n: u8, tenant: TenantId, user: UserId) -> Identity {
    let server = NativeKey::number(200);
    let device = NativeKey::number(n);
    let certificate = Certificate {
        tenant,
        device_id: DeviceId(Uuid::from_u128(100 + u128::from(n))),
        kid: device.jwk().thumbprint(),
        user,
        name: "张示例".to_owned(),
        role: Role::Inspector,
        grants: vec!["*".to_owned()],
        iat: Timestamp(1_795_000_000_000),
        cnf: Confirmation { jwk: device.jwk() },
    };
    Identity {
        v: 1,
        tenant: certificate.tenant,
        tenant_name: "示例区".to_owned(),
        zone: ZoneOffset::CHINA,
        device_id: certificate.device_id,
        kid: certificate.kid.clone(),
        user: certificate.user,
        name: certificate.name.clone(),
        role: certificate.role,
        certificate: server.sign_text(Typ::Certificate, &certificate),
        server_keys: vec![server.jwk()],
    }
}

/// A site that was typed on the spot.
pub fn site() -> SiteSnapshot {
    SiteSnapshot {
        site_id: None,
        name: "示例纸管厂".to_owned(),
        address: "东示镇虚拟路 8 号".to_owned(),
        region: None,
        credit_code: None,
        version: None,
    }
}

/// A draft of record `n` with one invented checklist.
pub fn draft(n: u128) -> Draft {
    let checklist = ChecklistRef {
        id: "sample".to_owned(),
        version: 1,
        digest: Digest::of(b"sample"),
    };
    Draft::new(
        RecordId(Uuid::from_u128(n)),
        Mode::SpotCheck,
        site(),
        vec![checklist],
        Timestamp(1_795_500_000_000),
    )
}

/// An answer to `item`.
pub fn answer(item: &str, value: AnswerValue) -> DraftAnswer {
    let key = AnswerKey {
        checklist: Digest::of(b"sample"),
        item: item.to_owned(),
        instance: String::new(),
    };
    DraftAnswer {
        v: 1,
        key,
        value,
        at: Timestamp(1_795_500_001_000),
        finding: None,
    }
}

/// A photo of draft or record `n`, in the working copy alone; its bytes are `bytes`.
pub fn photo(n: u128, id: u128, bytes: &[u8]) -> EvidenceRow {
    EvidenceRow {
        v: 1,
        id: EvidenceId(Uuid::from_u128(id)),
        record: RecordId(Uuid::from_u128(n)),
        kind: EvidenceKind::Photo,
        about: Some(answer("A-1", AnswerValue::Fail).key),
        capture: Capture {
            t: FixedClock::at(1_795_500_000_000).testimony(None),
            source: Source::App,
            place: Some(Place {
                lat: "31.2304".parse().expect("a decimal"),
                lon: "121.4737".parse().expect("a decimal"),
                accuracy_m: 12,
                at: Timestamp(1_795_499_999_000),
            }),
            no_place: None,
            heading: Some(271),
        },
        text: String::new(),
        parts: vec![PartRow {
            blob: BlobId(Uuid::from_u128(id + 1_000)),
            role: evidence::Role::Working,
            sha256: Digest::of(bytes),
            len: bytes.len() as u64,
            mime: "image/jpeg".to_owned(),
            receipt: None,
            refused: None,
            dropped: false,
        }],
        thumb: None,
        recording: None,
        drawn: Drawn::default(),
        sealed: None,
    }
}

/// An event row behind `head` that no server would take; enough for stores.
pub fn append_after(head: &Head, record: RecordId) -> Append {
    let seq = head.seq + 1;
    let event = EventRow {
        v: 1,
        seq,
        hash: EventHash::of(&format!("event {seq} of {record}")),
        record_id: record,
        kind: "comment".to_owned(),
        at: Timestamp(1_795_500_002_000),
        text: format!("a.b.{seq}"),
    };
    Append {
        expect: head.clone(),
        event,
        captured: Captured::default(),
        closes: None,
    }
}

/// A receipt for `event`, signed by server key number 200.
pub fn receipt(identity: &Identity, event: &EventRow, disposition: Disposition) -> ReceiptRow {
    let receipt = Receipt {
        tenant: identity.tenant,
        epoch: EpochId(Uuid::from_u128(5)),
        event_hash: EventHash::of_text(&event.text),
        device_id: identity.device_id,
        device_seq: event.seq,
        disposition,
        tenant_seq: event.seq,
        received_at: Timestamp(1_795_500_003_000),
    };
    ReceiptRow {
        v: 1,
        hash: event.hash.clone(),
        disposition,
        reason: None,
        tenant_seq: receipt.tenant_seq,
        received_at: receipt.received_at,
        text: NativeKey::number(200).sign_text(Typ::Receipt, &receipt),
    }
}
