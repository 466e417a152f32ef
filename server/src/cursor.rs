//! Pull cursors: encrypted and authenticated, so that a device learns nothing from one and cannot make one.

use crate::ids;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use serde::{Deserialize, Serialize};
use zhicha_core::{
    event::Checkpoint,
    id::{EpochId, TenantId, UserId},
    sync::wire::Stream,
    time::Timestamp,
};

const PURPOSE: &[u8] = b"zhicha-cursor-1";
const NONCE: usize = 12;
const TAG: usize = 16;

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
    /// Size and root of the log when it was made: who finds a shorter or other one has fallen back.
    pub size: u64,
    /// See `size`.
    pub root: String,
}

/// Why a text gives no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It never was one: no base64url, or too short to be anything encrypted.
    NoCursor,
    /// It may have been one, but not under this key: made by another server or before its key changed, or altered.
    Gone,
}

impl Cursor {
    /// What it says about the log, as a word of ours. It has no time, so it is no proof about a life that is not known here; that
    /// comes with the next push.
    pub fn word(&self) -> Checkpoint {
        Checkpoint {
            tenant: self.tenant,
            epoch: self.epoch,
            size: self.size,
            root: self.root.clone(),
            time: Timestamp(0),
        }
    }

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

    /// Reads a text that [`Self::seal`] made with this key.
    ///
    /// # Errors
    /// When it was not.
    pub fn open(text: &str, key: &[u8; 32]) -> Result<Self, Unreadable> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Unreadable::NoCursor)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE>()
            .filter(|(_, sealed)| sealed.len() >= TAG)
            .ok_or(Unreadable::NoCursor)?;
        let message = Payload {
            msg: sealed,
            aad: PURPOSE,
        };
        let text = cipher(key)
            .decrypt(&Nonce::from(*nonce), message)
            .map_err(|_| Unreadable::Gone)?;
        serde_json::from_slice(&text).map_err(|_| Unreadable::Gone)
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&Key::from(*key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::Uuid;

    #[test]
    fn only_its_own_key_reads_a_cursor_and_what_is_none_is_told_apart() {
        let cursor = Cursor {
            epoch: EpochId(Uuid::from_u128(1)),
            stream: Stream::Sites,
            tenant: TenantId(Uuid::from_u128(2)),
            user: UserId(Uuid::from_u128(3)),
            authz_version: 4,
            seq: 5,
            size: 6,
            root: "root".to_owned(),
        };
        let text = cursor.seal(&[7; 32]);
        assert_eq!(Cursor::open(&text, &[7; 32]), Ok(cursor));
        assert_eq!(Cursor::open(&text, &[8; 32]), Err(Unreadable::Gone));
        let short = URL_SAFE_NO_PAD.encode([0; NONCE + TAG - 1]);
        for none in ["no cursor", "ab=", "AAAA", &short] {
            assert_eq!(
                Cursor::open(none, &[7; 32]),
                Err(Unreadable::NoCursor),
                "{none}"
            );
        }
    }
}
