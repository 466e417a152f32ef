//! Limits against guessing and flooding: in memory, by login name and by address. No lock-out is permanent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use zhicha_core::time::Timestamp;

const FREE_FAILURES: u32 = 5;
const WINDOW_MS: i64 = 60_000;
const LONGEST_WAIT_MS: i64 = 300_000;
const DAY_MS: i64 = 24 * 60 * WINDOW_MS;
const PER_ADDRESS: u32 = 60;
const DROPS_PER_MINUTE: u32 = 20;
// Keeps the table small when somebody tries ever new names.
const MOST_KEYS: usize = 50_000;

#[derive(Clone, Copy, Debug)]
struct Count {
    n: u32,
    since: i64,
    wait_until: i64,
}

/// Counts tries. Times are the server's clock.
#[derive(Debug, Default)]
pub struct Limits {
    counts: Mutex<HashMap<String, Count>>,
    // When something was last said that is worth saying once a day.
    said: Mutex<HashMap<String, i64>>,
}

impl Limits {
    /// Whether a sign-in may be tried now; else in how many seconds.
    pub fn sign_in(&self, login: &str, peer: &str, now: Timestamp) -> Result<(), u64> {
        self.waiting(&format!("login {login}"), now)?;
        self.spend(&format!("address {peer}"), PER_ADDRESS, now)
    }

    /// Notes a failed sign-in: after five in a minute each further one doubles the wait, up to five minutes.
    pub fn failed(&self, login: &str, now: Timestamp) {
        self.with(&format!("login {login}"), now, |count| {
            count.n += 1;
            let over = count.n.saturating_sub(FREE_FAILURES);
            if count.n >= FREE_FAILURES {
                count.wait_until = now.0
                    + (WINDOW_MS / 4)
                        .saturating_mul(1 << over.min(10))
                        .min(LONGEST_WAIT_MS);
                count.since = now.0;
            }
        });
    }

    /// Forgets the failures of a login name.
    pub fn succeeded(&self, login: &str) {
        self.lock().remove(&format!("login {login}"));
    }

    /// Whether the drop box takes another push from this address; else in how many seconds it does.
    pub fn drop_box(&self, peer: &str, now: Timestamp) -> Result<(), u64> {
        self.spend(&format!("drop {peer}"), DROPS_PER_MINUTE, now)
    }

    /// Whether a link may be tried from this address; else in how many seconds.
    pub fn links(&self, peer: &str, now: Timestamp) -> Result<(), u64> {
        self.spend(&format!("link {peer}"), PER_ADDRESS, now)
    }

    /// Whether something that repeats is to be noted now: the first time in a day, and the first after a start.
    pub fn once_a_day(&self, what: &str, now: Timestamp) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |at: i64| now.0 - at < DAY_MS;
        if said.get(what).is_some_and(|at| fresh(*at)) {
            return false;
        }
        if said.len() >= MOST_KEYS {
            said.retain(|_, at| fresh(*at));
        }
        said.insert(what.to_owned(), now.0);
        true
    }

    fn waiting(&self, key: &str, now: Timestamp) -> Result<(), u64> {
        let until = self.lock().get(key).map_or(0, |count| count.wait_until);
        if until > now.0 {
            Err(seconds(until - now.0))
        } else {
            Ok(())
        }
    }

    fn spend(&self, key: &str, most: u32, now: Timestamp) -> Result<(), u64> {
        self.with(key, now, |count| {
            count.n += 1;
            if count.n > most {
                Err(seconds(count.since + WINDOW_MS - now.0))
            } else {
                Ok(())
            }
        })
    }

    fn with<R>(&self, key: &str, now: Timestamp, change: impl FnOnce(&mut Count) -> R) -> R {
        let mut counts = self.lock();
        if counts.len() >= MOST_KEYS {
            counts.retain(|_, count| now.0 - count.since < WINDOW_MS || count.wait_until > now.0);
        }
        let fresh = Count {
            n: 0,
            since: now.0,
            wait_until: 0,
        };
        let count = counts.entry(key.to_owned()).or_insert(fresh);
        let quiet = count.since.max(count.wait_until) + WINDOW_MS <= now.0;
        if quiet {
            *count = fresh;
        }
        change(count)
    }

    // A panic elsewhere leaves counts, not broken invariants.
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0).div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_noted_once_a_day() {
        let (limits, now) = (Limits::default(), Timestamp(1_000_000));
        assert!(limits.once_a_day("a", now));
        assert!(!limits.once_a_day("a", now.plus(DAY_MS - 1)));
        assert!(limits.once_a_day("b", now));
        assert!(limits.once_a_day("a", now.plus(DAY_MS)));
    }

    #[test]
    fn waits_grow_and_end() {
        let limits = Limits::default();
        let mut now = Timestamp(1_000_000);
        for _ in 0..5 {
            assert_eq!(limits.sign_in("anna", "a", now), Ok(()));
            limits.failed("anna", now);
        }
        let first = limits.sign_in("anna", "a", now).unwrap_err();
        assert_eq!(
            limits.sign_in("berta", "a", now),
            Ok(()),
            "others are not held up"
        );
        now = now.plus(i64::try_from(first).unwrap() * 1000);
        assert_eq!(limits.sign_in("anna", "a", now), Ok(()));
        limits.failed("anna", now);
        assert!(limits.sign_in("anna", "a", now).unwrap_err() > first);
        assert_eq!(
            limits.sign_in("anna", "a", now.plus(LONGEST_WAIT_MS + WINDOW_MS)),
            Ok(())
        );
    }
}
