//! What a device must be able to keep. Implemented by memory (tests) and by IndexedDB (`zhicha-storage`), which
//! both pass `contract`.
//!
//! Every method that writes is one transaction: when it returns `Ok`, the data is on disk; when it returns an
//! error, nothing of it was written. No method is `Send`: both users are single-threaded.

use crate::{
    answer::AnswerKey,
    checklist::Digest,
    event::{Disposition, EventHash},
    id::{BlobId, EvidenceId, RecordId},
    inspection::{Draft, DraftAnswer, EvidenceRow, evidence::Captured},
    sync::{
        epoch::Seen,
        wire::{Identity, PullPage, Reason, Site, Stream},
    },
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "testing")]
pub mod contract;
#[cfg(feature = "testing")]
pub mod memory;

/// The end of the device's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last event; 0 before the first.
    pub seq: u64,
    /// Its hash; the certificate's before the first.
    pub hash: EventHash,
}

/// An event of this device, kept verbatim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Version of this row's form.
    pub v: u8,
    /// Its number on the device.
    pub seq: u64,
    /// Its hash.
    pub hash: EventHash,
    /// The record it belongs to.
    pub record_id: RecordId,
    /// Its kind.
    pub kind: String,
    /// When it was written (wall clock).
    pub at: Timestamp,
    /// The signed text.
    pub text: String,
}

/// A verified receipt of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptRow {
    /// Version of this row's form.
    pub v: u8,
    /// The event.
    pub hash: EventHash,
    /// Where it went.
    pub disposition: Disposition,
    /// Why, when it was not applied.
    pub reason: Option<Reason>,
    /// Its place in the tenant's log.
    pub tenant_seq: u64,
    /// When the server had it.
    pub received_at: Timestamp,
    /// The signed text.
    pub text: String,
}

/// An event that is not of this enrolment's chain: it came from the server, or was written here under an earlier enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PulledEvent {
    /// Version of this row's form.
    pub v: u8,
    /// Its hash.
    pub hash: EventHash,
    /// The record it belongs to.
    pub record_id: RecordId,
    /// The signed text.
    pub text: String,
    /// Its receipt; nothing for one of an earlier enrolment that the server never confirmed.
    pub receipt: Option<ReceiptRow>,
}

/// A published checklist on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistRow {
    /// Version of this row's form.
    pub v: u8,
    /// Digest of `json`.
    pub digest: Digest,
    /// Id, for finding the newest version.
    pub id: String,
    /// Version.
    pub version: u32,
    /// The published text, verbatim.
    pub json: String,
}

/// Where sending stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushState {
    /// Highest number for which (and for all before it) a verified receipt is here.
    pub acked: u64,
    /// The log as last seen.
    pub seen: Option<Seen>,
    /// Why sending stands still until a person acts.
    pub halted: Option<Halt>,
    /// Server clock minus wall clock at the last contact, in milliseconds, and its uncertainty.
    pub offset: Option<(i64, i64)>,
}

/// Why sending stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// The server froze the device after a fork; enrol again.
    Frozen,
    /// The device or person was revoked.
    Revoked,
    /// The server does not accept the certificate.
    Certificate,
    /// A receipt is signed by a key that is not known here.
    UnknownServerKey,
    /// The server expects a number that this device does not have any more.
    Gap,
    /// The server refuses the request for another reason; see the log.
    Refused,
}

/// A guard against writers that lost their lock: raised at every take-over of a record, checked by every write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

/// What one appended event writes: all of it or nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The head that the event was built on; another one in the store means [`StoreError::Changed`].
    pub expect: Head,
    /// The event.
    pub event: EventRow,
    /// What it names of what was captured: from now on that waits to be sent.
    pub captured: Captured,
    /// For a seal: the draft to close (deleted with its answers) if it is still at this revision and fence.
    pub closes: Option<(RecordId, u64, Fence)>,
}

/// What kept a store from reading or writing. Nothing of the failed call was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The device is full.
    #[error("the device is full; nothing of this was saved, everything saved before is safe")]
    Quota,
    /// The transaction was aborted for another reason.
    #[error("the browser aborted the write: {0}")]
    Aborted(String),
    /// Somebody else wrote in between; read again and retry.
    #[error("the data changed in between")]
    Changed,
    /// Another tab took the record over.
    #[error("another window has taken this record over")]
    Fenced,
    /// The database belongs to a newer version of the app.
    #[error("the data on this device belongs to a newer version of the app")]
    TooNew,
    /// Another tab with an older version holds the database open.
    #[error("another window of the app must be closed first")]
    Blocked,
    /// There is no database (private window, storage switched off).
    #[error("this browser does not let the app store anything: {0}")]
    Unavailable(String),
    /// Events of the enrolment before wait for a receipt; send them first.
    #[error("{0} events wait unsent; nothing was changed")]
    Unsent(u64),
    /// A row cannot be read.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
}

/// What a person or the program can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Try again by itself.
    Retry,
    /// A person must act on this device (free space, close a window, update).
    Act,
    /// An administrator must look.
    TellAdministrator,
}

impl StoreError {
    /// What to do.
    pub fn advice(&self) -> Advice {
        match self {
            Self::Changed | Self::Aborted(_) => Advice::Retry,
            Self::Quota
            | Self::Fenced
            | Self::TooNew
            | Self::Blocked
            | Self::Unavailable(_)
            | Self::Unsent(_) => Advice::Act,
            Self::Corrupt(_) => Advice::TellAdministrator,
        }
    }
}

/// How many bytes lie in one stretch of a store, but for the last one.
pub const STRETCH: usize = 512 * 1024;

/// A device's storage.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Store {
    /// Who is enrolled here.
    async fn identity(&self) -> Result<Option<Identity>, StoreError>;
    /// Enrols: writes the identity. When its device is a new one, the head becomes {0, certificate hash}, the push
    /// state is new, and the events of the enrolment before are kept as pulled events with their receipts; drafts
    /// and all else stay. [`StoreError::Unsent`] when an event of the enrolment before has no receipt yet.
    async fn put_identity(&self, identity: &Identity) -> Result<(), StoreError>;
    /// As `put_identity`, for a device whose events the server will not confirm: those without a receipt are kept without
    /// one, and stay in `unconfirmed`.
    async fn replace_identity(&self, identity: &Identity) -> Result<(), StoreError>;
    /// Events of earlier enrolments that have no receipt to this day.
    async fn unconfirmed(&self) -> Result<Vec<EventHash>, StoreError>;

    /// All drafts, in no particular order.
    async fn drafts(&self) -> Result<Vec<Draft>, StoreError>;
    /// One draft.
    async fn draft(&self, id: RecordId) -> Result<Option<Draft>, StoreError>;
    /// Raises the fence of a record and returns it; every earlier holder's writes fail from now on.
    async fn take_fence(&self, id: RecordId) -> Result<Fence, StoreError>;
    /// Adds or changes a draft. The stored revision must be `draft.rev` (or the draft new with `rev` 0); it is raised
    /// by one, and the new one returned.
    async fn put_draft(&self, draft: &Draft, fence: Fence) -> Result<u64, StoreError>;
    /// Deletes a draft with its answers and all that was captured for it.
    async fn delete_draft(&self, id: RecordId, fence: Fence) -> Result<(), StoreError>;
    /// All answers of a draft, in no particular order.
    async fn answers(&self, id: RecordId) -> Result<Vec<DraftAnswer>, StoreError>;
    /// Adds or changes one answer, raises the draft's revision, sets its `changed` and `position`, and returns the
    /// new revision. One strict transaction of two small rows.
    async fn put_answer(
        &self,
        id: RecordId,
        answer: &DraftAnswer,
        fence: Fence,
    ) -> Result<u64, StoreError>;
    /// Deletes one answer, raises the draft's revision and returns it.
    async fn delete_answer(
        &self,
        id: RecordId,
        key: &AnswerKey,
        fence: Fence,
    ) -> Result<u64, StoreError>;

    /// Keeps [`STRETCH`] bytes, or the last ones: stretch `n` (from 0) of those of `blob`. They count once evidence names
    /// them.
    async fn put_chunk(&self, blob: BlobId, n: u32, bytes: &[u8]) -> Result<(), StoreError>;
    /// A stretch of bytes.
    async fn chunk(&self, blob: BlobId, n: u32) -> Result<Option<Vec<u8>>, StoreError>;
    /// Deletes bytes; no row may name them as still here.
    async fn drop_chunks(&self, blob: BlobId) -> Result<(), StoreError>;
    /// Adds or changes evidence of a draft, raises the draft's revision and returns it. The bytes are here already.
    async fn put_evidence(&self, row: &EvidenceRow, fence: Fence) -> Result<u64, StoreError>;
    /// Deletes evidence of a draft with its bytes, raises the draft's revision and returns it.
    async fn delete_evidence(
        &self,
        record: RecordId,
        id: EvidenceId,
        fence: Fence,
    ) -> Result<u64, StoreError>;
    /// Evidence of a draft or record, in the order of capture.
    async fn evidence_of(&self, record: RecordId) -> Result<Vec<EvidenceRow>, StoreError>;
    /// Sealed evidence with bytes that have no receipt, in the order of the events that name it, at most `limit`.
    async fn waiting_evidence(&self, limit: usize) -> Result<Vec<EvidenceRow>, StoreError>;
    /// How many rows [`Self::waiting_evidence`] has without a limit.
    async fn waiting_count(&self) -> Result<usize, StoreError>;
    /// Changes sealed evidence: its receipts and refusals; all of these rows or none.
    async fn settle_evidence(&self, rows: &[EvidenceRow]) -> Result<(), StoreError>;

    /// The end of the chain; nothing before the first enrolment.
    async fn head(&self) -> Result<Option<Head>, StoreError>;
    /// Adds an event, moves the head and closes the draft, in one strict transaction.
    async fn append(&self, append: &Append) -> Result<(), StoreError>;
    /// Own events with numbers above `after`, ascending, at most `limit`.
    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<EventRow>, StoreError>;
    /// Own events of one record, ascending.
    async fn events_of(&self, id: RecordId) -> Result<Vec<EventRow>, StoreError>;
    /// Records with own or pulled events, newest first, at most `limit`.
    async fn records(&self, limit: usize) -> Result<Vec<RecordId>, StoreError>;

    /// Where sending stands.
    async fn push_state(&self) -> Result<PushState, StoreError>;
    /// Adds receipts and changes the push state, together. `change` gets the state as it is in that moment: somebody else may have
    /// changed it since the caller read it.
    async fn put_receipts(
        &self,
        receipts: &[ReceiptRow],
        change: &dyn Fn(&mut PushState),
    ) -> Result<(), StoreError>;
    /// The receipt for an event.
    async fn receipt(&self, hash: &EventHash) -> Result<Option<ReceiptRow>, StoreError>;
    /// Receipts that are not `applied`: what a person must look at.
    async fn troubled(&self) -> Result<Vec<ReceiptRow>, StoreError>;

    /// Where pulling a stream stands.
    async fn cursor(&self, stream: Stream) -> Result<Option<String>, StoreError>;
    /// Applies a page with its cursor, in one transaction. `pulled` holds its events, verified by the caller.
    async fn apply_page(&self, page: &PullPage, pulled: &[PulledEvent]) -> Result<(), StoreError>;
    /// Keeps pulled events, as they are given, whatever a snapshot names; a page that brings them again replaces them. Those without
    /// a receipt are among `unconfirmed`.
    async fn archive(&self, events: &[PulledEvent]) -> Result<(), StoreError>;
    /// Pulled events of one record.
    async fn pulled_of(&self, id: RecordId) -> Result<Vec<PulledEvent>, StoreError>;
    /// All sites on the device, by name.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;
    /// All checklists on the device.
    async fn checklists(&self) -> Result<Vec<ChecklistRow>, StoreError>;

    /// A small named text of the app (preferences, canary).
    async fn note(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// Writes a small named text.
    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError>;
}
