//! What devices and server send each other under `/api/v1/sync/` and for enrolment (`docs/formats.md`).

use super::epoch::Seen;
use crate::{
    access::Role,
    checklist::Digest,
    event::{EventHash, Jwk},
    id::{DeviceId, SiteId, TenantId, UserId},
    json::Tagged,
    time::{Timestamp, ZoneOffset},
};
use serde::{Deserialize, Deserializer, Serialize};

/// Version of the protocol; a server may refuse pulls of an older one, pushes never.
pub const PROTOCOL: u32 = 1;
/// Most events in one push.
pub const MAX_PUSH_EVENTS: usize = 100;
/// Most bytes of event texts in one push; one event always fits.
pub const MAX_PUSH_BYTES: usize = 1024 * 1024;
/// Most bytes of a draft's safety copy, decoded. A draft that a seal can hold (256 KiB) fits in any wording of it.
pub const MAX_DRAFT_BYTES: usize = 512 * 1024;
/// Media type of every answer of ours; anything else is "not answered" (captive portals).
pub const CONTENT_TYPE: &str = "application/json";

/// `POST /api/v1/sync/push`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushRequest {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The device certificate.
    pub certificate: String,
    /// The number that the first event claims.
    pub first_seq: u64,
    /// Event texts, in order.
    pub events: Vec<String>,
    /// What this device last saw of the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The newest [`PushReply::checkpoint`] that it keeps: a server that has fallen back behind it knows its own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// The newest `zhicha-blob-receipt+1` that it keeps, for the same reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob_receipt: Option<String>,
    /// Another device of the same person sends what it has of this one's events: it is no word of the device itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relayed: bool,
    /// How many events the device still holds unsent, these included.
    #[serde(default)]
    pub unsent: u64,
}

/// Answer to a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushReply {
    /// The log as it is now.
    pub log: Seen,
    /// The same, signed (`zhicha-checkpoint+1`), for the device to keep; absent from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// One for each event that was looked at, in order.
    pub results: Vec<PushResult>,
    /// The number the server expects next from this device.
    pub next_seq: u64,
    /// What the tenant wants of photos from now on; absent from older servers.
    #[serde(default)]
    pub photos: PhotoPolicy,
    /// Server's clock.
    pub now: Timestamp,
}

/// What a tenant wants devices to keep of a photo. What was captured before a change stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhotoPolicy {
    /// The smaller copy alone, where there is one.
    WorkingCopies,
    /// The bytes as captured, and a smaller copy without metadata; a word of a later server is read as this, which keeps most.
    #[default]
    #[serde(other)]
    Originals,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushResult {
    /// The number it claimed.
    pub device_seq: u64,
    /// Its hash as the server computed it.
    pub event_hash: EventHash,
    /// What was done.
    pub outcome: PushOutcome,
    /// Why, for `quarantined`, `deferred` and `fork`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The signed receipt.
    pub receipt: String,
}

/// What the server did with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PushOutcome {
    /// Applied.
    Applied,
    /// Kept in quarantine.
    Quarantined,
    /// Kept until the server knows its kind.
    Deferred,
    /// Contradicts an earlier event of the device: kept in quarantine, the device is frozen.
    Fork,
    /// It was there already; the receipt says where it went. So it does for a word of a later server, which is read as this one.
    #[serde(other)]
    Duplicate,
}

/// `PUT /api/v1/drafts/{record_id}`: a safety copy of a draft, unsigned. The highest revision is kept until the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DraftCopy {
    /// The draft's revision.
    pub rev: u64,
    /// What the device wants to find again, base64url without padding; opaque to the server.
    pub bytes: String,
}

/// Answer to a safety copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DraftKept {
    /// The revision that is kept; a higher one than was sent if that was here already.
    pub rev: u64,
}

/// Why an event was not applied (stable codes; both apps translate them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is damaged: no JWS, or the signature does not fit.
    Damaged,
    /// The body is not of the form that its kind demands.
    Invalid,
    /// The role may not do this.
    NotPermitted,
    /// The device is revoked.
    Revoked,
    /// It belongs to another tenant, device or person.
    Foreign,
    /// The record has a seal already.
    SealedTwice,
    /// It contradicts an earlier event of the device.
    Fork,
    /// Its kind or schema is newer than the server.
    UnknownKind,
    /// The server failed to apply it.
    ServerFault,
    /// A word of a later server; never sent.
    #[serde(other)]
    Other,
}

/// `POST /api/v1/devices`: enrols the browser of the signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolRequest {
    /// Public half of the device key.
    pub jwk: Jwk,
    /// What the browser says it is, shown in the list of devices.
    pub label: String,
}

/// Answer to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnrolReply {
    /// The signed certificate.
    pub certificate: String,
    /// Server keys that sign certificates and receipts; the first is the current one.
    pub server_keys: Vec<Jwk>,
    /// The tenant's name.
    pub tenant_name: String,
    /// The tenant's zone.
    pub zone: ZoneOffset,
    /// The log as it is now.
    pub log: Seen,
    /// Server's clock.
    pub now: Timestamp,
}

/// Who is enrolled on this device; kept as one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of this row's form.
    pub v: u8,
    /// Tenant.
    pub tenant: TenantId,
    /// Tenant's name.
    pub tenant_name: String,
    /// Tenant's zone.
    pub zone: ZoneOffset,
    /// This enrolment.
    pub device_id: DeviceId,
    /// Thumbprint of the device key.
    pub kid: String,
    /// The person.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// The person's role.
    pub role: Role,
    /// The certificate text.
    pub certificate: String,
    /// Known server keys.
    pub server_keys: Vec<Jwk>,
}

/// What is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Sites of the regions granted.
    Sites,
    /// Published checklists.
    Checklists,
    /// The person's own records, from any device.
    Records,
}

impl Stream {
    /// All streams, in the order in which they are pulled.
    pub const ALL: [Self; 3] = [Self::Checklists, Self::Sites, Self::Records];

    /// The name in the query and in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sites => "sites",
            Self::Checklists => "checklists",
            Self::Records => "records",
        }
    }
}

/// Answer to `GET /api/v1/sync/pull?stream=…&cursor=…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PullPage {
    /// The stream.
    pub stream: Stream,
    /// Rows in feed order.
    pub rows: Vec<PullRow>,
    /// Where to go on; opaque to the device.
    pub cursor: String,
    /// Whether more rows wait.
    pub more: bool,
    /// Whether this page begins a fresh snapshot: rows that it and its followers do not name are dropped,
    /// except the device's own events.
    pub snapshot: bool,
    /// The log as it is now.
    pub log: Seen,
    /// Server's clock.
    pub now: Timestamp,
}

/// One row of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum PullRow {
    /// A site was added or changed.
    Site {
        /// The site.
        site: Site,
    },
    /// A checklist version was published.
    Checklist {
        /// Digest of `json`.
        digest: Digest,
        /// The published text, verbatim.
        json: String,
    },
    /// An event of the person's own.
    Event {
        /// The text, verbatim.
        event: String,
        /// Certificate of the device that wrote it.
        certificate: String,
        /// Receipt for it.
        receipt: String,
        /// Why it was not applied, if so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A row left the reader's scope or was deleted.
    Drop {
        /// Id of the site, digest of the checklist or hash of the event.
        key: String,
    },
}

impl<'de> Deserialize<'de> for PullRow {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Tagged::read(given, "op", false, |variant, fields| {
            Ok(match variant {
                "site" => Self::Site {
                    site: fields.field("site")?,
                },
                "checklist" => Self::Checklist {
                    digest: fields.field("digest")?,
                    json: fields.field("json")?,
                },
                "event" => Self::Event {
                    event: fields.field("event")?,
                    certificate: fields.field("certificate")?,
                    receipt: fields.field("receipt")?,
                    reason: fields.optional("reason")?.flatten(),
                },
                "drop" => Self::Drop {
                    key: fields.field("key")?,
                },
                _ => return fields.unknown(),
            })
        })
    }
}

/// A site as devices hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Site {
    /// Its id.
    pub site_id: SiteId,
    /// Version of the row, for compare-and-set.
    pub version: u32,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Region code.
    pub region: String,
    /// Unified social credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
    /// What it is, for example `workshop`, `shop`; free words of the tenant.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Lower-case initials of the name's pinyin, for search; made by the server.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub initials: String,
    /// Ids of the checklists that fit the site, in the order to offer them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklists: Vec<String>,
}

/// What the server holds of the bytes that an event names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BlobReceipts {
    /// A `zhicha-blob-receipt+1` text for each.
    pub receipts: Vec<String>,
}

/// An RFC 9457 problem, the answer to everything that went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// Stable code that both apps translate.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// Short English title.
    pub title: String,
    /// What happened, what is safe and what to do; Chinese, then English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// For `expected_seq`: the number the server expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<u64>,
}
