//! The server key: signs certificates and receipts. Its file is the one secret of the data folder.

use anyhow::Context as _;
use p256::{SecretKey, ecdsa::SigningKey};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};
use zhicha_core::{
    checklist::{Digest, digest::hex},
    event::{BlobReceipt, Certificate, Checkpoint, Jwk, Receipt, Typ, jws::native},
    id::TenantId,
};

const FILE: &str = "server-key.jwk";

/// The server key and what follows from it.
pub struct ServerKey {
    key: SigningKey,
    public: Jwk,
    cursor: [u8; 32],
}

impl ServerKey {
    /// Reads the key of a data folder, or makes one when the folder has none.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::from_jwk(&text)
                .with_context(|| format!("{} is not a server key", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(&path),
            Err(error) => Err(error).with_context(|| format!("could not read {}", path.display())),
        }
    }

    /// Whether a data folder has a key.
    pub fn exists(data_dir: &Path) -> bool {
        data_dir.join(FILE).exists()
    }

    fn create(path: &Path) -> anyhow::Result<Self> {
        let secret = loop {
            // Fails only for the few numbers that are no key.
            if let Ok(secret) = SecretKey::from_slice(&crate::ids::random::<32>()) {
                break secret;
            }
        };
        let text = secret.to_jwk_string();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options
            .open(path)
            .with_context(|| format!("could not write {}", path.display()))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if let Some(folder) = path.parent() {
            fs::File::open(folder)?.sync_all()?;
        }
        Self::from_jwk(&text)
    }

    fn from_jwk(text: &str) -> anyhow::Result<Self> {
        let secret = SecretKey::from_jwk_str(text).map_err(|e| anyhow::anyhow!("{e}"))?;
        // Cursors are secrets of this server only; a key of their own kind follows from the one file there is.
        let cursor = Sha256::new_with_prefix("zhicha-cursor-1")
            .chain_update(secret.to_bytes())
            .finalize()
            .into();
        let key = SigningKey::from(secret);
        Ok(Self {
            public: native::public(&key),
            key,
            cursor,
        })
    }

    /// The public half.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The key that seals cursors.
    pub fn cursor(&self) -> &[u8; 32] {
        &self.cursor
    }

    /// Signs a certificate.
    pub fn certificate(&self, certificate: &Certificate) -> String {
        self.sign(
            Typ::Certificate,
            &serde_json::to_vec(certificate).expect("strings and numbers serialise"),
        )
    }

    /// Signs what an export's manifest hashes to.
    pub fn export(&self, seal: &crate::export::format::Seal) -> String {
        self.sign(
            Typ::Export,
            &serde_json::to_vec(seal).expect("strings and numbers serialise"),
        )
    }

    /// Signs what a backup's manifest hashes to.
    pub fn backup(&self, seal: &crate::backup::Seal) -> String {
        self.sign(
            Typ::Backup,
            &serde_json::to_vec(seal).expect("strings and numbers serialise"),
        )
    }

    /// The name of bytes in a backup: who has no key learns nothing from it, and the next backup finds them again.
    pub fn backup_name(&self, tenant: TenantId, sha256: &Digest) -> String {
        let name = Sha256::new_with_prefix("zhicha-backup-name-1")
            .chain_update(self.key.to_bytes())
            .chain_update(format!("{tenant} {sha256}"))
            .finalize();
        hex(&name)
    }

    /// The file of the key of a data folder.
    pub fn file(data_dir: &Path) -> PathBuf {
        data_dir.join(FILE)
    }

    /// Signs a receipt. The same receipt always gives the same text (RFC 6979), so texts need not be stored.
    pub fn receipt(&self, receipt: &Receipt) -> String {
        self.sign(
            Typ::Receipt,
            &serde_json::to_vec(receipt).expect("strings and numbers serialise"),
        )
    }

    /// Signs how the log stands.
    pub fn checkpoint(&self, checkpoint: &Checkpoint) -> String {
        self.sign(
            Typ::Checkpoint,
            &serde_json::to_vec(checkpoint).expect("strings and numbers serialise"),
        )
    }

    /// Signs a receipt for bytes; like [`ServerKey::receipt`], always the same text.
    pub fn blob_receipt(&self, receipt: &BlobReceipt) -> String {
        self.sign(
            Typ::BlobReceipt,
            &serde_json::to_vec(receipt).expect("strings and numbers serialise"),
        )
    }

    fn sign(&self, typ: Typ, payload: &[u8]) -> String {
        native::sign(typ, &self.key, payload)
    }
}
