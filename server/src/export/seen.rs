//! What is known of bytes that passed by and were not kept.

use super::format::Picture;
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};
use zhicha_core::checklist::{Digest, digest::hex};

/// Digest, length and beginning of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256.
    pub sha256: Digest,
    /// How many.
    pub len: u64,
    /// What picture they begin as.
    pub picture: Option<Picture>,
}

/// Sums bytes up as they pass.
#[derive(Default)]
pub struct Passing {
    sum: Sha256,
    len: u64,
    head: Vec<u8>,
}

impl Passing {
    /// Some more bytes.
    pub fn add(&mut self, piece: &[u8]) {
        self.sum.update(piece);
        self.len += piece.len() as u64;
        let missing = Picture::HEAD - self.head.len();
        self.head.extend(piece.iter().take(missing));
    }

    /// What they were.
    pub fn end(self) -> Seen {
        Seen {
            sha256: Digest(hex(&self.sum.finalize())),
            len: self.len,
            picture: Picture::of(&self.head),
        }
    }
}

const PIECE: usize = 128 * 1024;

/// Gives all bytes of `from` to `to`, piece by piece.
///
/// # Errors
/// Whatever reading or `to` says.
pub fn pieces<E: From<io::Error>>(
    from: &mut impl Read,
    mut to: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(some) => to(piece.get(..some).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
