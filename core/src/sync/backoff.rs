//! How long to wait before trying again: full jitter, 1 s … 5 min, never shorter than `Retry-After`.

/// First upper bound, in milliseconds.
pub const BASE_MS: u64 = 1_000;
/// Last upper bound, in milliseconds.
pub const CAP_MS: u64 = 300_000;

/// The wait in milliseconds before try number `attempt` (from 1). `random` is uniform in 0..=u32::MAX;
/// `retry_after_s` is what the server asked for, in seconds.
pub fn delay_ms(attempt: u32, random: u32, retry_after_s: Option<u64>) -> u64 {
    let bound = BASE_MS
        .saturating_mul(1 << attempt.saturating_sub(1).min(20))
        .min(CAP_MS);
    let jittered = (bound.saturating_mul(u64::from(random)) >> 32).max(BASE_MS / 4);
    retry_after_s.map_or(jittered, |s| {
        jittered.max(s.saturating_mul(1_000).min(CAP_MS))
    })
}

/// Whether a failure with this HTTP status is worth trying again by itself.
pub fn retryable(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stays_in_its_bounds(attempt in 0_u32..200, random: u32, after in proptest::option::of(0_u64..1_000_000)) {
            let ms = delay_ms(attempt, random, after);
            prop_assert!((BASE_MS / 4..=CAP_MS).contains(&ms));
            prop_assert!(ms >= after.unwrap_or(0).saturating_mul(1_000).min(CAP_MS));
        }
    }

    #[test]
    fn only_passing_troubles_are_retried() {
        for status in [408, 425, 429, 500, 502, 503, 599] {
            assert!(retryable(status), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 410, 413, 415, 422, 426] {
            assert!(!retryable(status), "{status}");
        }
    }
}
