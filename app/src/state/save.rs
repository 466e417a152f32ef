//! The save status: one word for all writes of this page that are under way.

use crate::signal::RwSignal;
use zhicha_core::store::StoreError;

/// The states of `data-testid="save-status"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// At least one write has not reached the disk yet.
    Saving,
    /// All is on disk.
    Saved,
    /// The last write failed; what it held is still on screen only.
    Failed(StoreError),
}

impl SaveState {
    /// The value of `data-state`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Saving => "saving",
            Self::Saved => "saved",
            Self::Failed(_) => "failed",
        }
    }
}

/// Counts the writes under way. "Saved" means that all of them were confirmed by the disk.
#[derive(Clone, Copy, Debug)]
pub struct SaveStatus {
    under_way: RwSignal<u32>,
    failed: RwSignal<Option<StoreError>>,
}

impl Default for SaveStatus {
    fn default() -> Self {
        Self {
            under_way: RwSignal::new(0),
            failed: RwSignal::new(None),
        }
    }
}

impl SaveStatus {
    /// A write began: text is dirty, or a transaction was started. Every call is followed by one of `done`.
    pub fn begin(self) {
        self.under_way.update(|n| *n += 1);
    }

    /// A write ended. Success of a later write of the same thing takes a failure back (`recovered`).
    pub fn done(self, result: Result<(), StoreError>) {
        self.under_way.update(|n| *n = n.saturating_sub(1));
        if let Err(error) = result {
            self.failed.set(Some(error));
        }
    }

    /// What had failed is on disk now, or was given up by the person.
    pub fn recovered(self) {
        if self.failed.get_untracked().is_some() {
            self.failed.set(None);
        }
    }

    /// The status.
    pub fn get(self) -> SaveState {
        match (self.failed.get(), self.under_way.get()) {
            (Some(error), _) => SaveState::Failed(error),
            (None, 0) => SaveState::Saved,
            (None, _) => SaveState::Saving,
        }
    }

    /// Whether a write is under way, read without tracking.
    pub fn is_busy(self) -> bool {
        self.under_way.get_untracked() > 0
    }
}
