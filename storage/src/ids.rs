//! New identifiers from the browser's clock and random numbers.

use zhicha_core::id::{IdSource, Uuid};

/// Makes UUIDv7 (RFC 9562 §5.7) from `Date.now()` and `crypto.getRandomValues`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserIds;

impl IdSource for BrowserIds {
    fn next_id(&mut self) -> Uuid {
        let mut random = [0_u8; 10];
        getrandom::fill(&mut random).expect("every supported browser has crypto.getRandomValues");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and a UUIDv7 holds 48 bits of milliseconds"
        )]
        let millis = js_sys::Date::now() as u64;
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
