//! Fresh identifiers and secrets from the system's random numbers.

use crate::clock::Clock;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zhicha_core::{
    checklist::digest::hex,
    id::{IdSource, Uuid},
};

/// Makes UUIDv7s (RFC 9562 §5.7) by the server's clock.
pub struct Ids<'a>(pub &'a Clock);

impl IdSource for Ids<'_> {
    fn next_id(&mut self) -> Uuid {
        let ms = u64::try_from(self.0.now().0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random()).into_uuid()
    }
}

/// Random bytes.
///
/// # Panics
/// When the system has no random numbers: nothing here is safe without them.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    bytes
}

/// A secret of 256 bits for links and cookies, in base64url.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// A name for a file that says nothing: 16 hex digits, never the same again.
pub fn name() -> String {
    hex(&random::<8>())
}

/// What the database keeps of a secret: its SHA-256 in hex. The secret has 256 bits, so it needs no salt.
pub fn secret_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}
