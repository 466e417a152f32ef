//! About how many bytes each person has here, so that not every upload adds up all that came before.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use zhicha_core::{
    id::{TenantId, UserId},
    time::Timestamp,
};

// How long a sum is gone on with before it is computed anew.
const FRESH_MS: i64 = 60_000;

/// Sums of a short while ago, and what has been begun since. They may lack what was on its way when they were computed, which is
/// at most what may be in memory at once, and what an event has named since of bytes that others brought.
#[derive(Default)]
pub struct Weights(Mutex<HashMap<(TenantId, UserId), Sum>>);

struct Sum {
    bytes: u64,
    at: Timestamp,
}

impl Weights {
    /// Adds `len` where a sum is known and stays within `room`; false when it must be computed.
    pub fn add(&self, whose: (TenantId, UserId), len: u64, room: u64, now: Timestamp) -> bool {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |sum: &&mut Sum| (0..FRESH_MS).contains(&(now.0 - sum.at.0));
        let Some(sum) = sums.get_mut(&whose).filter(fresh) else {
            return false;
        };
        let fits = sum.bytes.checked_add(len).filter(|bytes| *bytes <= room);
        sum.bytes = fits.unwrap_or(sum.bytes);
        fits.is_some()
    }

    /// Notes a sum that was just computed.
    pub fn note(&self, whose: (TenantId, UserId), bytes: u64, now: Timestamp) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sums.retain(|_, sum| (0..FRESH_MS).contains(&(now.0 - sum.at.0)));
        sums.insert(whose, Sum { bytes, at: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::Uuid;

    #[test]
    fn a_sum_is_gone_on_with_while_it_is_fresh_and_fits() {
        let whose = (TenantId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let weights = Weights::default();
        assert!(
            !weights.add(whose, 1, 100, Timestamp(0)),
            "nothing is known"
        );
        weights.note(whose, 90, Timestamp(0));
        assert!(weights.add(whose, 10, 100, Timestamp(1)));
        assert!(!weights.add(whose, 1, 100, Timestamp(2)), "look again");
        weights.note(whose, 50, Timestamp(3));
        assert!(weights.add(whose, 1, 100, Timestamp(FRESH_MS)));
        assert!(
            !weights.add(whose, 1, 100, Timestamp(FRESH_MS + 3)),
            "too old"
        );
        assert!(
            !weights.add(whose, 1, 100, Timestamp(-1)),
            "a clock that was put back"
        );
    }
}
