//! Lives of a server's log. A restored server begins a new one, and devices then ask what it still has.

use crate::id::EpochId;
use serde::{Deserialize, Serialize};

/// What a device last saw of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seen {
    /// The life.
    pub epoch: EpochId,
    /// Events in the log.
    pub size: u64,
}

/// What a device concludes from the log it sees now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same life, at least as long: go on.
    Same,
    /// Another life, or the same one shorter than before: stop pulling, delete nothing, refill the server.
    Restored,
}

impl Seen {
    /// Compares what was seen before with what is seen now.
    pub fn compare(before: Option<&Self>, now: &Self) -> Change {
        match before {
            Some(before) if before.epoch != now.epoch || before.size > now.size => Change::Restored,
            _ => Change::Same,
        }
    }
}
