//! Compact JWS (RFC 7515) with ES256, in the one form that is accepted here.
//!
//! A text is built once, on the device, and never serialised again. Its name is the hash of the *signing input*:
//! signatures of the same text differ from one signing to the next, so they are checked but never hashed.

use super::strict;
use crate::checklist::digest::{hex, is_hash};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The most bytes a signed event may have (256 KiB), checked before signing and by the server.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

/// Lower-case hex SHA-256 of a JWS signing input: the name of an event or certificate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("pattern" = "^[0-9a-f]{64}$"))
)]
#[serde(transparent)]
pub struct EventHash(String);

impl EventHash {
    /// The hash of `BASE64URL(header) "." BASE64URL(payload)`.
    pub fn of(signing_input: &str) -> Self {
        Self(hex(&Sha256::digest(signing_input)))
    }
    /// The name under which a server files a text that may be damaged: the hash of its signing input when it has
    /// three parts, of the whole text otherwise.
    pub fn of_text(text: &str) -> Self {
        text.rsplit_once('.')
            .map_or_else(|| Self::of(text), |(input, _)| Self::of(input))
    }
    /// A hash from its text form.
    pub fn parse(text: &str) -> Option<Self> {
        is_hash(text).then(|| Self(text.to_owned()))
    }
    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for EventHash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a hash of 64 lower-case hex digits"))
    }
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of signed text. The name stands in the protected header, so that none passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// An event signed by a device.
    Event,
    /// A device certificate signed by the server.
    Certificate,
    /// A receipt for an event.
    Receipt,
    /// A receipt for a blob.
    BlobReceipt,
    /// A checkpoint of the log.
    Checkpoint,
    /// The seal of an export: what its manifest hashes to.
    Export,
    /// The seal of a backup: what its manifest hashes to.
    Backup,
}

impl Typ {
    /// The `typ` header value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "zhicha-event+1",
            Self::Certificate => "zhicha-cert+1",
            Self::Receipt => "zhicha-receipt+1",
            Self::BlobReceipt => "zhicha-blob-receipt+1",
            Self::Checkpoint => "zhicha-checkpoint+1",
            Self::Export => "zhicha-export+1",
            Self::Backup => "zhicha-backup+1",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Why a text is not a signed text of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_EVENT_BYTES`].
    #[error("{0} bytes, more than the {MAX_EVENT_BYTES} allowed")]
    TooLarge(usize),
    /// Not three base64url parts.
    #[error("not a compact JWS")]
    Shape,
    /// The header has other members or values than the frozen ones.
    #[error("protected header is not of the accepted form")]
    Header,
    /// The payload is not JSON of the strict form.
    #[error("payload: {0}")]
    Payload(String),
    /// The signature does not fit key and text.
    #[error("the signature does not fit")]
    Signature,
}

/// A signed text taken apart; its signature is not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Jws {
    /// Thumbprint of the key it claims.
    pub kid: String,
    /// The signed bytes as text.
    pub signing_input: String,
    /// The name of the text.
    pub hash: EventHash,
    /// The payload, read strictly.
    pub payload: serde_json::Value,
    /// r and s, 32 bytes each (RFC 7518 §3.4).
    pub signature: [u8; 64],
}

/// The signing input of `payload` under a key: header and payload, each base64url, joined by a point.
pub fn signing_input(typ: Typ, kid: &str, payload: &[u8]) -> String {
    // Written by hand so that the order of members is fixed by this line; a thumbprint needs no escaping.
    let header = format!(
        r#"{{"alg":"ES256","typ":"{}","kid":"{kid}"}}"#,
        typ.as_str()
    );
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    )
}

/// The finished text.
pub fn assemble(signing_input: &str, signature: &[u8; 64]) -> String {
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

impl Jws {
    /// Takes a text apart and checks everything but the signature.
    pub fn parse(text: &str, typ: Typ) -> Result<Self, JwsError> {
        if text.len() > MAX_EVENT_BYTES {
            return Err(JwsError::TooLarge(text.len()));
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Shape);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Shape);
        let kid = header_kid(&decode(header)?, typ)?;
        let value =
            strict::parse(&decode(payload)?).map_err(|e| JwsError::Payload(e.to_string()))?;
        let signing_input = format!("{header}.{payload}");
        Ok(Self {
            kid,
            hash: EventHash::of(&signing_input),
            signing_input,
            payload: value,
            signature: decode(signature)?.try_into().map_err(|_| JwsError::Shape)?,
        })
    }
}

fn header_kid(bytes: &[u8], typ: Typ) -> Result<String, JwsError> {
    let value = strict::parse(bytes).map_err(|_| JwsError::Header)?;
    let header: Header = crate::json::from_value(value).map_err(|_| JwsError::Header)?;
    if header.alg != "ES256" || header.typ != typ.as_str() {
        return Err(JwsError::Header);
    }
    Ok(header.kid)
}

/// Checks ES256 in Rust; browsers do the same with WebCrypto.
#[cfg(feature = "p256")]
pub mod native {
    use super::{Jws, JwsError, Typ, assemble, signing_input};
    use crate::event::Jwk;
    use p256::{
        EncodedPoint,
        ecdsa::{
            Signature, SigningKey, VerifyingKey,
            signature::{Signer as _, Verifier as _},
        },
    };

    /// Checks the signature of `jws` under `key`, and that the header names that key.
    pub fn verify(jws: &Jws, key: &Jwk) -> Result<(), JwsError> {
        if jws.kid != key.thumbprint()
            || !verify_bytes(jws.signing_input.as_bytes(), &jws.signature, key)
        {
            return Err(JwsError::Signature);
        }
        Ok(())
    }

    /// Whether `signature` (r ‖ s) over `bytes` fits `key`.
    pub fn verify_bytes(bytes: &[u8], signature: &[u8; 64], key: &Jwk) -> bool {
        let Some((x, y)) = key.coordinates() else {
            return false;
        };
        let point = EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
        let (Ok(key), Ok(signature)) = (
            VerifyingKey::from_encoded_point(&point),
            Signature::from_slice(signature),
        ) else {
            return false;
        };
        key.verify(bytes, &signature).is_ok()
    }

    /// The public half of `key`.
    pub fn public(key: &SigningKey) -> Jwk {
        let point = key.verifying_key().to_encoded_point(false);
        let bytes = point.as_bytes();
        // An uncompressed point is 0x04 ‖ x ‖ y.
        let half = |at: usize| std::array::from_fn(|i| bytes[at + i]);
        Jwk::new(&half(1), &half(33))
    }

    /// Signs `payload` as a text of kind `typ`.
    pub fn sign(typ: Typ, key: &SigningKey, payload: &[u8]) -> String {
        let input = signing_input(typ, &public(key).thumbprint(), payload);
        assemble(&input, &sign_bytes(key, input.as_bytes()))
    }

    /// Signs bytes (RFC 6979, so the same bytes give the same signature).
    pub fn sign_bytes(key: &SigningKey, bytes: &[u8]) -> [u8; 64] {
        let signature: Signature = key.sign(bytes);
        signature.to_bytes().into()
    }
}
