//! The common part of every event, and building one up to its signature.

use super::{Body, EventHash, Jws, JwsError, Typ, jws};
use crate::{
    access::Role,
    checklist::Digest,
    id::{DeviceId, EventId, PageSession, RecordId, TenantId, UserId},
    time::{CivilDate, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The version of payload and bodies that this build writes. A server defers events of a newer one.
pub const SCHEMA: u32 = 1;

/// Payload of a `zhicha-event+1` text (frozen).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// Tenant.
    pub tenant: TenantId,
    /// This event.
    pub event_id: EventId,
    /// What happened, one of `body::Kind` or a name that only a newer build knows.
    pub kind: String,
    /// What it happened to, for example `inspection`.
    pub record_type: String,
    /// The record it belongs to.
    pub record_id: RecordId,
    /// Heads of this record that the author saw.
    pub parents: Vec<EventHash>,
    /// The enrolment that wrote it.
    pub device_id: DeviceId,
    /// Gapless number of the device, from 1.
    pub device_seq: u64,
    /// Hash of the device's previous event; of its certificate for number 1.
    pub prev: EventHash,
    /// Who did it.
    pub actor: UserId,
    /// In which role.
    pub role: Role,
    /// Digests of the checklists it rests on.
    pub checklists: Vec<Digest>,
    /// Build hash of the app.
    pub app_build: String,
    /// Version of this form.
    pub schema: u32,
    /// What the device's clocks said.
    pub t: Testimony,
    /// Day in the tenant's zone; it selects the law in force.
    pub inspection_date: CivilDate,
    /// What `kind` says it holds.
    pub body: serde_json::Value,
    /// Photos, signatures and other bytes it names.
    pub blobs: Vec<BlobRef>,
}

/// What the clocks of a device said: testimony, not truth (`docs/formats.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testimony {
    /// Wall clock.
    pub wall: Timestamp,
    /// Monotonic milliseconds since the page was loaded.
    pub mono: i64,
    /// Which page load `mono` counts from.
    pub page_session: PageSession,
    /// Wall clock plus the last measured offset to the server; absent before any contact.
    pub server_est: Option<Timestamp>,
    /// How far `server_est` may be off, in milliseconds.
    pub uncertainty: Option<i64>,
}

impl Testimony {
    /// The best guess of the true time: the server's estimate where there is one.
    pub fn best(&self) -> Timestamp {
        self.server_est.unwrap_or(self.wall)
    }
}

/// Bytes that an event names by their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Lower-case hex SHA-256.
    pub sha256: Digest,
    /// Length in bytes.
    pub len: u64,
    /// Media type.
    pub mime: String,
    /// What it is in the record, for example `photo`, `signature`.
    pub role: String,
}

/// What is signed: made without I/O, given to a signer, then assembled.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsigned {
    /// `BASE64URL(header) "." BASE64URL(payload)`.
    pub signing_input: String,
    /// The event's name.
    pub hash: EventHash,
    /// What it says.
    pub payload: Payload,
}

/// Why an event could not be built. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The finished text would be larger than an event may be.
    #[error("the record has {bytes} bytes, more than the {max} that fit one event", max = jws::MAX_EVENT_BYTES)]
    TooLarge {
        /// Size of the finished text.
        bytes: usize,
    },
    /// The body could not be written as strict JSON.
    #[error("the record cannot be written: {0}")]
    Form(String),
}

// A point and 64 signature bytes in base64url.
const SIGNATURE_TEXT: usize = 1 + 86;

impl Unsigned {
    /// Builds the signing input of `payload` for the key with thumbprint `kid`.
    pub fn build(payload: Payload, kid: &str) -> Result<Self, BuildError> {
        let bytes = serde_json::to_vec(&payload).map_err(|e| BuildError::Form(e.to_string()))?;
        super::strict::parse(&bytes).map_err(|e| BuildError::Form(e.to_string()))?;
        let signing_input = jws::signing_input(Typ::Event, kid, &bytes);
        let size = signing_input.len() + SIGNATURE_TEXT;
        if size > jws::MAX_EVENT_BYTES {
            return Err(BuildError::TooLarge { bytes: size });
        }
        Ok(Self {
            hash: EventHash::of(&signing_input),
            signing_input,
            payload,
        })
    }

    /// The finished text.
    pub fn signed(&self, signature: &[u8; 64]) -> String {
        jws::assemble(&self.signing_input, signature)
    }
}

impl Payload {
    /// Reads an event text; its signature is still to be checked.
    pub fn parse(text: &str) -> Result<(Self, Jws), JwsError> {
        let jws = Jws::parse(text, Typ::Event)?;
        let payload = crate::json::from_value(jws.payload.clone())
            .map_err(|e| JwsError::Payload(e.to_string()))?;
        Ok((payload, jws))
    }

    /// The body as this build understands it; nothing for a kind or schema that only a newer build knows.
    pub fn body(&self) -> Result<Option<Body>, JwsError> {
        if self.schema > SCHEMA {
            return Ok(None);
        }
        Body::read(&self.kind, &self.body).map_err(|e| JwsError::Payload(e.to_string()))
    }
}
