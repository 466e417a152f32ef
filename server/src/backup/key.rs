//! The pair of keys of backups: X25519 keys of age (<https://age-encryption.org/v1>). The public half is a setting of the server, the
//! private half is kept elsewhere.

use age::{DecryptError, Decryptor, Encryptor, secrecy::ExposeSecret as _, x25519};
use anyhow::Context as _;
use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::Path,
};

/// The public half: encrypts.
#[derive(Clone)]
pub struct Public(x25519::Recipient);

impl Public {
    /// Reads `age1…`.
    ///
    /// # Errors
    /// When it is no such key.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let key = text.trim().parse().map_err(|why| {
            anyhow::anyhow!(
                "“{}” is no public key of the form age1…: {why}",
                text.trim()
            )
        })?;
        Ok(Self(key))
    }

    /// A writer that encrypts into `out`; to be ended with `finish`.
    pub(super) fn writer<W: Write>(&self, out: W) -> anyhow::Result<age::stream::StreamWriter<W>> {
        let encryptor = Encryptor::with_recipients(std::iter::once(&self.0 as _))?;
        Ok(encryptor.wrap_output(out)?)
    }
}

impl std::fmt::Display for Public {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The private half: opens.
pub struct Private(x25519::Identity);

/// What kept a file of a backup from being opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// It is encrypted to another key.
    #[error("the file is encrypted to another key")]
    WrongKey,
    /// It was altered or cut short.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// It cannot be read or the plain text not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Private {
    /// A new one.
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    /// Reads a file as [`Private::file`] or `age-keygen` make it.
    ///
    /// # Errors
    /// When there is no file, or no key in it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the key file {}", path.display()))?;
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("AGE-SECRET-KEY-1"));
        let line = line.with_context(|| {
            format!(
                "{} holds no private key (a line AGE-SECRET-KEY-1…); a public key age1… opens nothing",
                path.display()
            )
        })?;
        let key = line
            .parse()
            .map_err(|why| anyhow::anyhow!("the key in {} is damaged: {why}", path.display()))?;
        Ok(Self(key))
    }

    /// Its public half.
    pub fn public(&self) -> Public {
        Public(self.0.to_public())
    }

    /// The text of its file. A secret.
    pub fn file(&self) -> String {
        format!(
            "# 直查备份私钥：请离线保存两份，切勿留在服务器上。丢失后备份无法恢复。\n\
             # Private key of 直查 backups: keep two copies offline, none on the server. Without it no backup opens.\n\
             # public key: {}\n{}\n",
            self.public(),
            self.0.to_string().expose_secret()
        )
    }

    /// Opens an encrypted file.
    pub(super) fn open(&self, path: &Path) -> Result<impl Read + use<>, Unopened> {
        let damaged = |error: DecryptError| match error {
            DecryptError::NoMatchingKeys => Unopened::WrongKey,
            DecryptError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Unopened::Io(error)
            }
            error => Unopened::Damaged(error.to_string()),
        };
        let file = BufReader::new(File::open(path)?);
        let decryptor = Decryptor::new_buffered(file).map_err(damaged)?;
        decryptor
            .decrypt(std::iter::once(&self.0 as _))
            .map_err(damaged)
    }
}
