//! The one clock of the server. Nothing else may ask the system for the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};
use zhicha_core::time::Timestamp;

/// System time, which tests can move.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
    // A clock that goes only when it is moved.
    standing: Option<Timestamp>,
}

impl Clock {
    /// A clock that stands until it is moved, for tests that must go the same way each time.
    pub fn standing(at: Timestamp) -> Self {
        Self {
            offset: Arc::default(),
            standing: Some(at),
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        if let Some(at) = self.standing {
            return at.plus(self.offset.load(Ordering::Relaxed));
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        Timestamp(ms).plus(self.offset.load(Ordering::Relaxed))
    }

    /// Moves the clock by `ms` milliseconds, for tests of what expires.
    pub fn advance(&self, ms: i64) {
        self.offset.fetch_add(ms, Ordering::Relaxed);
    }
}
