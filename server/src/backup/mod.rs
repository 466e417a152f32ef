//! Backups: what `zhicha backup` writes, and what `zhicha restore` reads. `docs/operate.md` says how they are used.
//!
//! ```text
//! TO/zhicha-backup.json              whose backups these are, and to which public key they are encrypted
//! TO/blobs.jsonl, TO/blobs/ab/…       photos and other bytes, each written once, by the first backup that has it
//! TO/2026-11-23T021500123Z-1f2e3d4c/  one backup: manifest.json, manifest.jws, blobs.jsonl, files/….age
//! ```
//!
//! Every `.age` file is of the age format (<https://age-encryption.org/v1>) to one X25519 recipient, so that other programs open it
//! too. The server holds the public half alone: what a backup proves to itself is that the copy was sound before it was
//! encrypted and that the disk gives back what was written; only `zhicha backup verify --key` proves that it opens.
//!
//! Invariants: the database is copied first, bytes after it, so that whatever its rows name is there; a folder gets its
//! name when everything in it has been read again; only then the backup counts (`store::backups`).

pub mod alarm;
pub mod key;
pub mod make;
pub mod restore;
pub mod set;
mod target;
mod write;

use crate::cli::fsck::Finding;
use serde::{Deserialize, Serialize};
use std::fmt;
use zhicha_core::{
    checklist::Digest,
    id::{EpochId, TenantId},
    time::Timestamp,
};

/// Name of the present form of backups.
pub const FORMAT: &str = "zhicha-backup-1";

const MANIFEST: &str = "manifest.json";
const SEAL: &str = "manifest.jws";
const INDEX: &str = "blobs.jsonl";
const FILES: &str = "files";
const DATABASE: &str = "zhicha.sqlite";

/// `manifest.json`: everything that belongs to a backup. It holds no names and no secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// When the database was copied.
    pub made_at: Timestamp,
    /// Version of `zhicha` that made it.
    pub zhicha: String,
    /// Form of its database.
    pub form: usize,
    /// Thumbprint of the server's key.
    pub server_key: String,
    /// Public key that everything is encrypted to.
    pub recipient: String,
    /// How far the log of each tenant was.
    pub logs: Vec<Log>,
    /// Files of the data folder, each as `files/NAME.age`.
    pub files: Vec<Named>,
    /// `blobs.jsonl`, the list of the bytes that the rows of its database name.
    pub index: Stored,
    /// What was wrong with the data folder itself when it was copied.
    pub found: Vec<Said>,
}

/// The log of a tenant as a backup has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Tenant.
    pub tenant: TenantId,
    /// Life of the log.
    pub epoch: EpochId,
    /// How many texts it holds.
    pub size: u64,
}

/// A file as it lies in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// SHA-256 of its bytes as they lie there.
    pub sha256: Digest,
    /// How many they are.
    pub len: u64,
}

/// A file with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Path in the data folder, or the name of bytes in `blobs`.
    pub name: String,
    /// What lies in the backup.
    #[serde(flatten)]
    pub stored: Stored,
}

/// A finding, written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it is about.
    pub item: String,
    /// Code.
    pub code: String,
    /// In words.
    pub message: String,
}

impl From<&Finding> for Said {
    fn from(finding: &Finding) -> Self {
        Self {
            item: finding.item.clone(),
            code: finding.code.to_owned(),
            message: finding.message.clone(),
        }
    }
}

/// Payload of `manifest.jws`, signed by the server that made the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// [`FORMAT`].
    pub format: String,
    /// When the backup was made.
    pub made_at: Timestamp,
    /// SHA-256 of `manifest.json`.
    pub manifest: Digest,
}

/// `zhicha-backup.json`: whose backups a folder holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// [`FORMAT`].
    pub format: String,
    /// Thumbprint of the server's key.
    pub server_key: String,
    /// Public key that everything is encrypted to.
    pub recipient: String,
}

/// A backup is not what it says, or the folder that was copied was not sound.
#[derive(Debug)]
pub struct Damaged(pub Vec<Finding>);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} things are wrong", self.0.len())
    }
}

impl std::error::Error for Damaged {}

fn finding(item: impl Into<String>, code: &'static str, message: impl Into<String>) -> Finding {
    Finding {
        item: item.into(),
        code,
        message: message.into(),
    }
}

// A folder that nobody else reads, gone when it is dropped: database and key are in it in the clear.
fn private_folder(prefix: &str, parent: &std::path::Path) -> anyhow::Result<tempfile::TempDir> {
    use anyhow::Context as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
        .tempdir_in(parent)
        .with_context(|| format!("could not make a folder in {}", parent.display()))
}

// Names come from outside: none may lead out of its folder.
fn stays_inside(name: &str) -> bool {
    use std::path::{Component, Path};
    !name.is_empty()
        && !name.contains('\\')
        && Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}
