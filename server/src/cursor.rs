//! Pull cursors: encrypted and authenticated, so that a device learns nothing from one and cannot make one.

use crate::ids;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use serde::{Deserialize, Serialize};
use zhicha_core::{
    id::{EpochId, TenantId, UserId},
    sync::wire::Stream,
};

const PURPOSE: &[u8] = b"zhicha-cursor-1";
const NONCE: usize = 12;

/// What a cursor says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Life of the log.
    pub epoch: EpochId,
    /// Stream.
    pub stream: Stream,
    /// Tenant of the reader.
    pub tenant: TenantId,
    /// Reader.
    pub user: UserId,
    /// Version of the reader's rights.
    pub authz_version: u64,
    /// Last number read.
    pub seq: u64,
}

impl Cursor {
    /// The text that the device keeps.
    pub fn seal(&self, key: &[u8; 32]) -> String {
        let nonce = ids::random::<NONCE>();
        let text = serde_json::to_vec(self).expect("ids and numbers serialise");
        let message = Payload {
            msg: &text,
            aad: PURPOSE,
        };
        let sealed = cipher(key)
            .encrypt(&Nonce::from(nonce), message)
            .expect("a few bytes can be encrypted");
        URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
    }

    /// Reads a text; nothing when it was not made with this key.
    pub fn open(text: &str, key: &[u8; 32]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let message = Payload {
            msg: sealed,
            aad: PURPOSE,
        };
        let text = cipher(key).decrypt(&Nonce::from(nonce), message).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}
