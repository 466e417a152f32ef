//! Sending the bytes of sealed evidence, after the events that name them: by tus 1.0 (<https://tus.io/protocols/resumable-upload>),
//! stretch by stretch, a few of them in memory at a time and never a whole large file. Bytes count as delivered with the server's receipt alone.

mod sender;

use self::sender::Sender;
#[cfg(feature = "testing")]
pub(crate) use self::sender::all;
use super::{Failure, Verifier};
use crate::{
    event::{EventHash, Jwk},
    id::TenantId,
    inspection::{
        EvidenceRow,
        evidence::{PartRow, Role},
    },
    store::{Store, StoreError},
    sync::wire::BlobReceipts,
};

/// Where an upload lies at the server, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its path.
    pub path: String,
    /// How it stands.
    pub stand: Stand,
}

/// How an upload stands; the server's word holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// How many bytes are there.
    pub at: u64,
    /// What the server signed about them, once all are there; not every server says it here.
    pub receipt: Option<String>,
}

/// The way of bytes to the server.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Uploads {
    /// Begins an upload, or finds the one that was begun before. `whole` are its bytes, where they are few enough to go along
    /// (tus, creation with upload); the server may leave them.
    async fn begin(
        &self,
        event: &EventHash,
        part: &PartRow,
        whole: Option<Vec<u8>>,
    ) -> Result<Upload, Failure>;
    /// Adds bytes behind those that are there.
    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Stand, Failure>;
    /// What the server says it holds of an event's bytes.
    async fn receipts(&self, event: &EventHash) -> Result<BlobReceipts, Failure>;
}

/// What the device knows of the server that it sends to.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// Its keys.
    pub keys: &'a [Jwk],
}

/// What one round may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Originals too: nobody pays for each byte, or a person asks.
    pub originals: bool,
    /// What the server refused before too: a person asks.
    pub refused: bool,
    /// One after the other: the last round has failed, and on a slow connection each gets through only when it is alone.
    pub singly: bool,
}

/// How a round ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Parts that got their receipt.
    pub delivered: usize,
    /// Parts that the server does not take, or that are not on the device any more.
    pub refused: usize,
    /// Rows that waited because the server does not have their event yet.
    pub early: usize,
    /// What went wrong with some, or broke the round off; the rest waits.
    pub failure: Option<Failure>,
}

/// `refused` of bytes that are not on the device any more, as the row says they are.
pub const LOST: &str = "lost_on_device";
/// `refused` of bytes that are on the device and cannot be read.
pub const UNREADABLE: &str = "unreadable_on_device";
/// `refused` of bytes that the server calls complete and gives no receipt for that can be believed.
pub const NO_RECEIPT: &str = "no_receipt";

// So many rows are on their way at the same time: while one is sent, another is read from the disk. At most a stretch of each
// is in memory, together less than one photo.
const LANES: usize = 3;

/// Who follows a round.
pub trait Follower {
    /// Something that has come is written down.
    fn told(&self);
    /// Whether what has come is to be written down now; else it goes together with what comes next. What is lost before that the
    /// server says again.
    fn is_due(&self) -> bool;
    /// Whether originals may go now, which is asked before each: a connection may begin to cost while a round goes on.
    fn may_send_originals(&self) -> bool;
}

/// Sends what waits: first what is looked at (working copies and all else), then originals.
///
/// # Errors
/// When the store cannot be read or written. What was written down before counts; of all else the server knows the bytes again.
pub async fn send_evidence<S: Store, U: Uploads, V: Verifier>(
    store: &S,
    uploads: &U,
    verifier: &V,
    server: Server<'_>,
    round: Round,
    follower: &impl Follower,
) -> Result<Ended, StoreError> {
    let asks_first = round.refused || round.singly;
    let sender = Sender::new(store, uploads, verifier, server, follower, asks_first);
    let passes = if round.originals { 2 } else { 1 };
    for pass in 0..passes {
        // What has no smaller copy of the same goes with the first.
        let due = |row: &EvidenceRow, part: &PartRow| {
            part.receipt.is_none()
                && (round.refused || part.refused.is_none())
                && (pass == 1 || part.role != Role::Original || !row.has_copy())
        };
        let mut waiting = store.waiting_evidence(usize::MAX).await?;
        waiting.retain(|row| row.parts.iter().any(|part| due(row, part)));
        let lanes = if round.singly { 1 } else { LANES };
        sender.pass(waiting, lanes, &due).await?;
        if sender.is_broken() {
            break;
        }
    }
    Ok(sender.ended())
}
