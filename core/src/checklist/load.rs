//! Reading a published checklist from its bytes.

use super::{Checklist, Digest};

/// A checklist with the digest of the bytes it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// SHA-256 of the published bytes.
    pub digest: Digest,
    /// What they say.
    pub checklist: Checklist,
}

/// Published bytes that cannot be used; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes are not the ones that were cited.
    #[error("checklist bytes have digest {found}, expected {expected}")]
    Digest {
        /// What was cited.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// The bytes are not a checklist of a form that this build knows.
    #[error("not a checklist that this version can read: {0}")]
    Form(String),
}

impl Loaded {
    /// Reads published JSON bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        let checklist =
            crate::json::from_slice(bytes).map_err(|e| LoadError::Form(e.to_string()))?;
        Ok(Self {
            digest: Digest::of(bytes),
            checklist,
        })
    }

    /// As [`Self::from_bytes`], and refuses bytes other than the cited ones.
    pub fn expect(bytes: &[u8], expected: &Digest) -> Result<Self, LoadError> {
        let found = Digest::of(bytes);
        if &found != expected {
            return Err(LoadError::Digest {
                expected: expected.clone(),
                found,
            });
        }
        Self::from_bytes(bytes)
    }
}
