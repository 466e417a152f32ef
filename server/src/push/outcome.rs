//! What a push comes to.

use crate::store::events::EventRow;
use zhicha_core::{
    event::{Checkpoint, Receipt},
    sync::wire::{PhotoPolicy, PushOutcome, Reason},
};

/// What became of a push.
pub enum Outcome {
    /// Committed.
    Taken(Done),
    /// The first event claims a number that is not the next; nothing was stored.
    Expected(u64),
    /// The first event would take a place or freeze the device without proof that the device sent it.
    Unproven,
    /// The certificate is of our key, but not one that this database can place.
    UnknownHolder,
}

/// What was committed.
pub struct Done {
    /// One for each event that was looked at.
    pub results: Vec<Stored>,
    /// The log after the commit.
    pub log: Checkpoint,
    /// What the tenant wants of photos.
    pub photos: PhotoPolicy,
    /// The number expected next.
    pub next_seq: u64,
}

/// A committed row, as its sender hears of it.
pub struct Stored {
    /// What was done.
    pub outcome: PushOutcome,
    /// Why, when it was not applied.
    pub reason: Option<Reason>,
    /// What the receipt says.
    pub receipt: Receipt,
}

impl Stored {
    /// Of an event that was here already.
    pub fn duplicate(row: &EventRow) -> Self {
        Self {
            outcome: PushOutcome::Duplicate,
            reason: row.reason,
            receipt: row.receipt(),
        }
    }
}
