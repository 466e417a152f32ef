//! P-256 public keys as JWK (RFC 7517, 7518 §6.2) and their thumbprints (RFC 7638).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A P-256 public key. `x` and `y` are base64url without padding, 32 bytes each.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// Always `EC`.
    pub kty: String,
    /// Always `P-256`.
    pub crv: String,
    /// First coordinate.
    pub x: String,
    /// Second coordinate.
    pub y: String,
}

impl Jwk {
    /// A key from its coordinates.
    pub fn new(x: &[u8; 32], y: &[u8; 32]) -> Self {
        Self {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        }
    }

    /// The coordinates, or nothing when this is not a P-256 key in its one allowed form.
    pub fn coordinates(&self) -> Option<([u8; 32], [u8; 32])> {
        if self.kty != "EC" || self.crv != "P-256" {
            return None;
        }
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
        Some((bytes(&self.x)?, bytes(&self.y)?))
    }

    /// The RFC 7638 thumbprint: base64url of the SHA-256 of the required members in lexical order.
    pub fn thumbprint(&self) -> String {
        let canonical = format!(
            r#"{{"crv":"{}","kty":"{}","x":"{}","y":"{}"}}"#,
            self.crv, self.kty, self.x, self.y
        );
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }
}
