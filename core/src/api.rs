//! What the office app and the sign-in pages exchange with the server under `/api/v1/` (outside sync).

use crate::{
    access::Role,
    answer::AnswerValue,
    checklist::{Digest, Text},
    event::{Disposition, EventHash, Jwk},
    id::{DeviceId, RecordId, SiteId, TenantId, UserId},
    inspection::{ChecklistAnswers, Mode, Visit},
    sync::wire::{PhotoPolicy, Reason},
    time::{CivilDate, Timestamp, ZoneOffset},
};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignIn {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `POST /api/v1/invites/accept` and `POST /api/v1/first-administrator`: uses a one-time link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AcceptInvite {
    /// The token after `#` in the link.
    pub token: String,
    /// Name; only for the first administrator, whose invite has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Login name; only for the first administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The password chosen (at least 10 characters).
    pub password: String,
}

/// `POST /api/v1/invites/look` with `{token}`: what a link is for, without using it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InviteInfo {
    /// Whether it makes the first administrator.
    pub first: bool,
    /// Who is invited.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Tenant.
    pub tenant_name: String,
}

/// `GET /api/v1/session`, and the answer to signing in: who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionInfo {
    /// The person.
    pub user: UserId,
    /// Name.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Regions granted; `*` is all.
    pub grants: Vec<String>,
    /// Tenant.
    pub tenant: TenantId,
    /// Tenant's name.
    pub tenant_name: String,
    /// Tenant's zone.
    pub zone: ZoneOffset,
    /// What the tenant wants of photos.
    #[serde(default)]
    pub photos: PhotoPolicy,
    /// Server keys, the current one first.
    pub server_keys: Vec<Jwk>,
    /// Address under which phones reach the server.
    pub public_url: String,
    /// Whether phones can use that address: https, and not the loopback of the server.
    pub phones_can_use: bool,
    /// Whether there is a backup that counts and is young enough; none is an alarm.
    pub backup_configured: bool,
    /// For who manages people, while devices are still awaited after the server's data was that of an earlier moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refill: Option<Refill>,
    /// Server's clock.
    pub now: Timestamp,
}

/// The server was restored from a backup, or has fallen back; devices send again what it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refill {
    /// Since when.
    pub since: Timestamp,
    /// How many devices have sent again what it lacked.
    pub seen: u64,
    /// How many there are, without revoked ones.
    pub devices: u64,
}

/// `GET /api/v1/certificate`: what has to be done about the server's certificate of TLS. `null` while there is nothing, and where the
/// server itself speaks plain http: what a proxy in front of it shows is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateNotice {
    /// What is wrong with it.
    pub standing: CertificateStanding,
    /// When it ends or ended; of one that is not valid yet, when that begins.
    pub at: Timestamp,
    /// Who renews it.
    pub renewed_by: RenewedBy,
}

/// What is wrong with a certificate of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CertificateStanding {
    /// It is not valid yet, or the server's clock is wrong.
    NotYet,
    /// It ends soon, and its renewal is late.
    Soon,
    /// It has ended; browsers refuse it.
    Over,
}

/// Who renews a certificate of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RenewedBy {
    /// Whoever replaces the files.
    Files,
    /// The CA that `zhicha tls init` made.
    Own,
    /// An ACME directory (RFC 8555).
    Directory,
}

/// `GET /api/v1/records/{record_id}/signed/{sha256}`: what somebody was shown when signing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedText {
    /// The very text; its UTF-8 bytes have the digest that was asked for.
    pub text: String,
}

/// `PUT /api/v1/settings`: what an administrator decides for the whole tenant.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Settings {
    /// What devices keep of a photo, from their next contact on.
    pub photos: PhotoPolicy,
}

/// `POST /api/v1/invites`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewInvite {
    /// Name of the person.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Regions granted.
    pub grants: Vec<String>,
}

/// Answer to a new invite. The link works once, for seven days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InviteLink {
    /// `<public URL>/join#<token>.<thumbprint of the server key>` (administrators: `/office/join#…`).
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// A row of `GET /api/v1/people`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Person {
    /// Id.
    pub user: UserId,
    /// Name.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Regions granted.
    pub grants: Vec<String>,
    /// Whether an invite is still open.
    pub invited: bool,
    /// When revoked.
    pub revoked_at: Option<Timestamp>,
    /// Enrolled devices.
    pub devices: Vec<Device>,
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Device {
    /// Id.
    pub device_id: DeviceId,
    /// What the browser said it is.
    pub label: String,
    /// When enrolled.
    pub enrolled_at: Timestamp,
    /// When last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// Number of its last event here.
    pub last_seq: u64,
    /// What it said it still holds unsent.
    pub unsent: u64,
    /// Frozen after a fork.
    pub frozen: bool,
    /// When revoked.
    pub revoked_at: Option<Timestamp>,
    /// Came with a certificate of ours that this server had no row for (restored from a backup).
    pub recovered: bool,
}

/// `GET /api/v1/records?q=&from=&to=&mode=&checklist=&region=&with_fails=&sealed=&after=&limit=`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordPage {
    /// The records.
    pub records: Vec<RecordSummary>,
    /// How many fit the filter in all.
    pub total: u64,
    /// Pass as `after` for the next page.
    pub next: Option<String>,
}

/// A received inspection in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordSummary {
    /// The record.
    pub record_id: RecordId,
    /// Whether it is sealed; a begun one without a seal shows as such.
    pub sealed: bool,
    /// Why the visit was made.
    pub mode: Mode,
    /// Site's name.
    pub site_name: String,
    /// Site's address.
    pub site_address: String,
    /// Registered site.
    pub site_id: Option<SiteId>,
    /// Region code.
    pub region: Option<String>,
    /// Checklists by id.
    pub checklists: Vec<String>,
    /// Inspectors' names.
    pub inspectors: Vec<String>,
    /// Day of the inspection.
    pub inspection_date: CivilDate,
    /// Beginning and end.
    pub from: Timestamp,
    /// End; absent while not sealed.
    pub to: Option<Timestamp>,
    /// How it ended.
    pub visit: Option<Visit>,
    /// Number of answers by result.
    pub counts: Counts,
    /// Hazards that are suspected major.
    pub suspected_major: u64,
    /// Amendments.
    pub amendments: u64,
    /// When the server had the seal (or the beginning).
    pub received_at: Timestamp,
    /// Notes about the record.
    pub flags: Vec<Flag>,
    /// How many files (photos, signatures) its events name; left out when none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blobs_named: u64,
    /// How many of them the server has; left out when none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blobs_here: u64,
}

// Rows that the database kept before there were counts stay as they are.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Answers by result. There is no rate here: one over nothing would not be 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// 合格.
    pub pass: u64,
    /// 不合格.
    pub fail: u64,
    /// 不适用.
    pub not_applicable: u64,
    /// 未查.
    pub not_checked: u64,
}

impl Counts {
    /// Of the answers of a record, or to one of its checklists.
    pub fn of(groups: &[ChecklistAnswers]) -> Self {
        let mut counts = Self::default();
        for answer in groups.iter().flat_map(|group| &group.answers) {
            match answer.value {
                AnswerValue::Pass => counts.pass += 1,
                AnswerValue::Fail => counts.fail += 1,
                AnswerValue::NotApplicable => counts.not_applicable += 1,
                AnswerValue::NotChecked { .. } => counts.not_checked += 1,
                _ => {}
            }
        }
        counts
    }
}

/// Something to know about an applied event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It names a parent that is not here.
    UnknownParent,
    /// The event before it was damaged or lost.
    Gap,
    /// Its device came with a certificate that this server had no row for.
    Recovered,
    /// Clock differs from the server's by more than two minutes.
    ClockSkew,
    /// Fewer than two inspectors at a spot check.
    OneInspector,
    /// It names a checklist that is not published here.
    UnknownChecklist,
}

/// `GET /api/v1/records/{record_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordDetail {
    /// The list row.
    pub summary: RecordSummary,
    /// All its events, oldest first.
    pub events: Vec<RecordEvent>,
    /// The published checklists it rests on, verbatim, for showing items.
    pub checklists: Vec<PublishedChecklist>,
    /// The files that its events name, each once, in the order of the events.
    #[serde(default)]
    pub blobs: Vec<RecordBlob>,
}

/// A file that events of a record name. `GET /api/v1/records/{record_id}/blobs/{sha256}?as=thumb|view|sound|document|original` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordBlob {
    /// Its digest.
    pub sha256: Digest,
    /// How many bytes the first event that names it says.
    pub len: u64,
    /// When the server had it; nothing while it is not there.
    pub received_at: Option<Timestamp>,
    /// What its bytes are; nothing while it is not there.
    pub sort: Option<BlobSort>,
}

/// What bytes are by themselves, whatever an event says about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BlobSort {
    /// JPEG, PNG or WebP, which the server can show (unless it is damaged or too large).
    Picture,
    /// WebM, Ogg or MP4, which browsers play.
    Sound,
    /// PDF, which is only ever saved.
    Document,
    /// Anything else; it is never shown.
    Opaque,
}

/// An event of a record with what the server knows about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordEvent {
    /// Hash.
    pub event_hash: EventHash,
    /// The signed text; `event::Payload::parse` reads it.
    pub text: String,
    /// Device.
    pub device_id: DeviceId,
    /// Person.
    pub actor_name: String,
    /// Where it went.
    pub disposition: Disposition,
    /// Why, when it was not applied.
    pub reason: Option<Reason>,
    /// Place in the log.
    pub tenant_seq: u64,
    /// When the server had it.
    pub received_at: Timestamp,
    /// The receipt text.
    pub receipt: String,
    /// Notes.
    pub flags: Vec<Flag>,
}

/// A published checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishedChecklist {
    /// Digest of `json`.
    pub digest: Digest,
    /// The published text, verbatim.
    pub json: String,
}

/// A row of `GET /api/v1/checklists`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChecklistInfo {
    /// Id.
    pub id: String,
    /// Version.
    pub version: u32,
    /// Digest.
    pub digest: Digest,
    /// Name.
    pub title: Text,
    /// Number of items.
    pub items: u64,
    /// The kinds of sites it is for ([`crate::checklist::fits::KINDS`]); none means any.
    pub fits: Vec<String>,
}

/// A row of `GET /api/v1/quarantine`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineRow {
    /// Hash (of the text, when it is damaged).
    pub event_hash: EventHash,
    /// Device, where known.
    pub device_id: Option<DeviceId>,
    /// Number it claimed.
    pub device_seq: Option<u64>,
    /// Person, where known.
    pub actor_name: Option<String>,
    /// Why.
    pub reason: Reason,
    /// More words, for an administrator.
    pub detail: String,
    /// Kind it claims, where it can be read.
    pub kind: Option<String>,
    /// Record it claims, where it can be read.
    pub record_id: Option<RecordId>,
    /// When it came.
    pub received_at: Timestamp,
    /// The text as it came.
    pub text: String,
}

/// `POST /api/v1/sites` (new, without id) and `PUT /api/v1/sites/{site_id}` (with the version that was read).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SiteEdit {
    /// Version that was read; 0 for a new site.
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
    /// What it is.
    #[serde(default)]
    pub category: String,
    /// Checklists that fit.
    #[serde(default)]
    pub checklists: Vec<String>,
}
