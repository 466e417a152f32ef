//! The one clock of the server. Nothing else may ask the system for the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};
use zhicha_core::time::Timestamp;

/// System time, which tests can move.
#[derive(Clone, Debug)]
pub struct Clock {
    // Time that tests let pass.
    offset: Arc<AtomicI64>,
    // How far tests have set the clock of the wall.
    set: Arc<AtomicI64>,
    // A clock that goes only when it is moved.
    standing: Option<Timestamp>,
    // What the wall said when this clock was made.
    began: (Instant, Timestamp),
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            offset: Arc::default(),
            set: Arc::default(),
            standing: None,
            began: (Instant::now(), system()),
        }
    }
}

fn system() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
}

impl Clock {
    /// A clock that stands until it is moved, for tests that must go the same way each time.
    pub fn standing(at: Timestamp) -> Self {
        Self {
            standing: Some(at),
            ..Self::default()
        }
    }

    /// Now, as the clock of the wall says. It may jump: only what is shown and recorded goes by it.
    pub fn now(&self) -> Timestamp {
        let wall = self.standing.unwrap_or_else(system);
        wall.plus(self.offset.load(Ordering::Relaxed))
            .plus(self.set.load(Ordering::Relaxed))
    }

    /// Now for what lasts a while: it begins as [`Self::now`] and goes on evenly, also when somebody sets the clock of the
    /// wall. Time in which the machine sleeps may be missing.
    pub fn steady(&self) -> Timestamp {
        let (began, wall) = self.began;
        let passed = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let at = self.standing.unwrap_or_else(|| wall.plus(passed));
        at.plus(self.offset.load(Ordering::Relaxed))
    }

    /// Lets `ms` milliseconds pass, for tests of what expires.
    pub fn advance(&self, ms: i64) {
        self.offset.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sets the clock of the wall `ms` milliseconds forward without any time passing, for tests of clocks that jump.
    pub fn jump(&self, ms: i64) {
        self.set.fetch_add(ms, Ordering::Relaxed);
    }
}
