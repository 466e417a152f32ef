//! Limits against guessing and flooding: in memory, by login name, account, device, address and tenant. No lock-out is
//! permanent, and what is refused is safe on its device, which comes back after `Retry-After`.

use crate::{error::ApiError, http::body::Peer, state::App};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};
use zhicha_core::{
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};

const FREE_FAILURES: u32 = 5;
const WINDOW_MS: i64 = 60_000;
const LONGEST_WAIT_MS: i64 = 300_000;
const DAY_MS: i64 = 24 * 60 * WINDOW_MS;
const PER_ADDRESS: u32 = 60;
const DROPS_PER_MINUTE: u32 = 20;
// Keeps the table small when somebody tries ever new names.
const MOST_KEYS: usize = 50_000;

const MIB: i64 = 1024 * 1024;
// A backlog of thousands of records goes through at once; who sends more goes on at a steady pace.
const DEVICE_BYTES: Rate = Rate::new(64 * MIB, MIB);
const ADDRESS_BYTES: Rate = Rate::new(256 * MIB, 8 * MIB);
const TENANT_BYTES: Rate = Rate::new(1024 * MIB, 16 * MIB);
const ACCOUNT_REQUESTS: Rate = Rate::new(1_200, 20);
// A whole office may come from one address.
const ADDRESS_REQUESTS: Rate = Rate::new(6_000, 200);

// A bucket of tokens: so many at first, and so many more each second. Who has one left is served whatever it costs, so that
// the largest event always goes through; the debt is waited for.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: i64,
    per_second: i64,
}

impl Rate {
    const fn new(burst: i64, per_second: i64) -> Self {
        Self { burst, per_second }
    }

    // What is in a bucket now that held `left` at `at`, in thousandths of tokens.
    fn filled(self, left: i64, at: i64, now: i64) -> i64 {
        let since = (now - at).max(0);
        left.saturating_add(since.saturating_mul(self.per_second))
            .min(self.burst * 1000)
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: Rate,
    // In thousandths of tokens: a millisecond fills in a thousandth of what a second does.
    left: i64,
    at: i64,
}

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
    buckets: Mutex<HashMap<String, Bucket>>,
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

    /// Whether so many bytes of events are taken from this address; else in how many seconds.
    pub fn push_from(&self, peer: &str, bytes: u64, now: Timestamp) -> Result<(), u64> {
        self.pour(&format!("push from {peer}"), ADDRESS_BYTES, bytes, now)
    }

    /// Whether so many bytes of events are taken of this device; else in how many seconds. To be asked once its certificate
    /// is believed: nobody else can use up what is its own.
    pub fn push_of(
        &self,
        device: DeviceId,
        tenant: TenantId,
        bytes: u64,
        now: Timestamp,
    ) -> Result<(), u64> {
        self.pour(&format!("push of {device}"), DEVICE_BYTES, bytes, now)?;
        self.pour(&format!("push into {tenant}"), TENANT_BYTES, bytes, now)
    }

    /// Whether a person may ask for something more; else in how many seconds.
    pub fn account(&self, user: UserId, now: Timestamp) -> Result<(), u64> {
        self.pour(&format!("account {user}"), ACCOUNT_REQUESTS, 1, now)
    }

    /// Whether anything more is answered to this address; else in how many seconds. This machine itself is let off: behind a
    /// proxy that names nobody, everybody is this machine.
    pub fn address(&self, peer: &str, now: Timestamp) -> Result<(), u64> {
        let own = peer.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if own || peer.is_empty() {
            return Ok(());
        }
        self.pour(&format!("from {peer}"), ADDRESS_REQUESTS, 1, now)
    }

    fn pour(&self, key: &str, rate: Rate, cost: u64, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_KEYS {
            // A full one says no more than none.
            buckets.retain(|_, b| b.rate.filled(b.left, b.at, now.0) < b.rate.burst * 1000);
        }
        let full = Bucket {
            rate,
            left: rate.burst * 1000,
            at: now.0,
        };
        let bucket = buckets.entry(key.to_owned()).or_insert(full);
        bucket.left = rate.filled(bucket.left, bucket.at, now.0);
        // Also when the clock was set back: nobody waits until it is where it was.
        bucket.at = now.0;
        if bucket.left <= 0 {
            return Err(seconds(1 - bucket.left / rate.per_second));
        }
        let cost = i64::try_from(cost).unwrap_or(i64::MAX).saturating_mul(1000);
        bucket.left = bucket.left.saturating_sub(cost);
        Ok(())
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

/// Answers 429 to addresses that ask for too much.
///
/// # Errors
/// When it is too much.
pub async fn by_address(
    State(app): State<App>,
    peer: Peer,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    app.fixed
        .limits
        .address(&peer.0, app.clock.now())
        .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))?;
    Ok(next.run(request).await)
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

    fn device(n: u128) -> (DeviceId, TenantId) {
        use zhicha_core::id::Uuid;
        let id = |n| Uuid::from_u128((7 << 76) | (2 << 62) | n);
        (DeviceId(id(n)), TenantId(id(1)))
    }

    // Sends so many bytes in so many pushes as soon as each is let in; gives how many seconds that took.
    fn drained(limits: &Limits, n: u128, pushes: u64, bytes: u64) -> i64 {
        let ((device, tenant), start) = (device(n), Timestamp(1_000_000));
        let mut now = start;
        for _ in 0..pushes {
            while let Err(wait) = limits.push_of(device, tenant, bytes, now) {
                now = now.plus(i64::try_from(wait).unwrap() * 1000);
            }
        }
        (now.0 - start.0) / 1000
    }

    #[test]
    fn a_backlog_of_two_thousand_events_is_let_in_without_a_wait_and_of_the_largest_in_ten_minutes()
    {
        // Twenty pushes of a hundred events of ten KiB each; and one event of 256 KiB each.
        assert_eq!(drained(&Limits::default(), 1, 20, 1024 * 1024), 0);
        let longest = drained(&Limits::default(), 2, 2_000, 256 * 1024);
        assert!((1..600).contains(&longest), "{longest} s");
    }

    #[test]
    fn who_floods_waits_and_holds_up_nobody_else() {
        let (limits, now) = (Limits::default(), Timestamp(1_000_000));
        let (flooding, tenant) = device(1);
        let many = (0..100).map(|_| limits.push_of(flooding, tenant, 1024 * 1024, now));
        let refused = many.filter(Result::is_err).count();
        assert_eq!(refused, 36);
        assert_eq!(
            limits.push_of(device(2).0, tenant, 1024 * 1024, now),
            Ok(())
        );
        let wait = limits.push_of(flooding, tenant, 1, now).unwrap_err();
        let later = now.plus(i64::try_from(wait).unwrap() * 1000);
        assert_eq!(limits.push_of(flooding, tenant, 1, later), Ok(()));
    }

    #[test]
    fn an_address_that_asks_for_everything_waits_and_this_machine_never_does() {
        let (limits, now) = (Limits::default(), Timestamp(1_000_000));
        let asked = |peer: &str| {
            (0..7_000)
                .filter(|_| limits.address(peer, now).is_ok())
                .count()
        };
        assert_eq!(asked("192.0.2.1"), 6_000);
        assert_eq!(asked("2001:db8::1"), 6_000);
        assert_eq!((asked("127.0.0.1"), asked("::1")), (7_000, 7_000));
        assert_eq!(limits.address("192.0.2.1", now.plus(1_000)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (limits, now) = (Limits::default(), Timestamp(1_000_000_000));
        while limits.address("192.0.2.1", now).is_ok() {}
        let back = now.plus(-3_600_000);
        assert!(limits.address("192.0.2.1", back).is_err());
        assert_eq!(limits.address("192.0.2.1", back.plus(1_000)), Ok(()));
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
