//! A certificate and its key in files that somebody else renews: read again when they change, without a restart and
//! without touching connections that run.

use super::{
    certificate,
    dates::{Dates, InUse},
    local::Local,
    provider,
};
use crate::clock::Clock;
use anyhow::Context as _;
use rustls::{
    Error, InconsistentKeys,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use zhicha_core::time::Timestamp;

// Two small files; a renewal is in use before the person who renews has opened a browser.
const LOOK: Duration = Duration::from_secs(2);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Where they lie; both may be in one file.
#[derive(Clone, Debug)]
pub struct Pair {
    cert: PathBuf,
    key: PathBuf,
}

/// The bytes of both files.
#[derive(Clone, PartialEq, Eq)]
struct Bytes(Vec<u8>, Vec<u8>);

/// A certificate that fits its key.
struct Usable {
    bytes: Bytes,
    key: Arc<CertifiedKey>,
    dates: Dates,
}

/// The certificate in use.
pub struct Present {
    usable: RwLock<Usable>,
    in_use: Arc<InUse>,
}

impl Pair {
    /// The two files.
    pub fn new(cert: &Path, key: &Path) -> Self {
        Self {
            cert: cert.to_owned(),
            key: key.to_owned(),
        }
    }

    fn bytes(&self) -> anyhow::Result<Bytes> {
        let read = |path: &Path, what: &str| {
            std::fs::read(path)
                .with_context(|| format!("could not read the {what} {}", path.display()))
        };
        Ok(Bytes(
            read(&self.cert, "certificate")?,
            read(&self.key, "private key")?,
        ))
    }

    fn usable(&self, bytes: Bytes) -> anyhow::Result<Usable> {
        let chain = self.chain(&bytes.0)?;
        let dates = Dates::of(&chain[0]).with_context(|| self.cert.display().to_string())?;
        let key = self.key(&bytes.1)?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|e| self.refused(&e))?;
        Ok(Usable {
            bytes,
            key: Arc::new(key),
            dates,
        })
    }

    fn chain(&self, pem: &[u8]) -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let shown = self.cert.display();
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let chain = chain.map_err(|e| anyhow::anyhow!("{shown} is damaged PEM: {e}"))?;
        anyhow::ensure!(
            !chain.is_empty(),
            "{shown} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); convert .pfx and .der files with openssl first"
        );
        Ok(chain)
    }

    fn key(&self, pem: &[u8]) -> anyhow::Result<PrivateKeyDer<'static>> {
        let shown = self.key.display();
        PrivateKeyDer::from_pem_slice(pem).map_err(|error| {
            if pem.windows(9).any(|word| word == b"ENCRYPTED") {
                return anyhow::anyhow!(
                    "the private key {shown} has a password; the server starts without anybody to type it: remove the password (openssl pkey) and protect the file instead"
                );
            }
            anyhow::anyhow!("{shown} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----): {error}")
        })
    }

    fn refused(&self, error: &Error) -> anyhow::Error {
        let (cert, key) = (self.cert.display(), self.key.display());
        match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => anyhow::anyhow!(
                "the private key {key} does not belong to the certificate {cert}; the server's own certificate must be the first one in its file"
            ),
            other => anyhow::anyhow!("{cert} with {key}: {other}"),
        }
    }
}

impl Present {
    /// Reads the files.
    ///
    /// # Errors
    /// When they are not a certificate and its key. An expired one is used all the same: whoever has the app goes on
    /// working, and the renewed files are taken without a start.
    pub fn read(pair: &Pair, in_use: Arc<InUse>) -> anyhow::Result<Self> {
        let usable = pair.usable(pair.bytes()?)?;
        in_use.set(usable.dates);
        Ok(Self {
            usable: RwLock::new(usable),
            in_use,
        })
    }

    /// Whether the certificate is for `host`.
    pub fn names(&self, host: &str) -> bool {
        let key = self.key();
        key.end_entity_cert()
            .is_ok_and(|cert| certificate::is_for(cert, host))
    }

    // Takes `new`, unless it is worse than what there is.
    fn take(&self, new: Usable, now: Timestamp) -> anyhow::Result<()> {
        let mut present = self.usable.write().unwrap_or_else(PoisonError::into_inner);
        anyhow::ensure!(
            !new.dates.over(now) || present.dates.over(now),
            "it expired on {} and the present one has not",
            new.dates.end()
        );
        self.in_use.set(new.dates);
        *present = new;
        Ok(())
    }

    fn key(&self) -> Arc<CertifiedKey> {
        self.with(|usable| Arc::clone(&usable.key))
    }

    fn with<T>(&self, read: impl FnOnce(&Usable) -> T) -> T {
        read(&self.usable.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Present {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Present").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Present {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key())
    }
}

/// Looks for changes of the files, and once a day whether our own CA should renew them, for as long as the server runs.
pub async fn follow(present: Arc<Present>, pair: Pair, ours: Option<Local>, clock: Clock) {
    let mut seen = present.with(|usable| usable.bytes.clone());
    let mut renewed_at = clock.now();
    loop {
        tokio::time::sleep(LOOK).await;
        let now = clock.now();
        if let Some(ours) = &ours
            && now.0.abs_diff(renewed_at.0) >= DAY_MS.unsigned_abs()
        {
            renewed_at = now;
            if let Err(error) = ours.renew_if_due(now) {
                tracing::error!("the certificate could not be renewed: {error:#}");
            }
        }
        // A file that is being replaced may be gone for a moment.
        let Ok(bytes) = pair.bytes() else { continue };
        if bytes == seen {
            continue;
        }
        seen = bytes.clone();
        let taken = pair.usable(bytes).and_then(|new| present.take(new, now));
        match taken {
            Ok(()) => tracing::info!("the new certificate is in use"),
            Err(error) => {
                tracing::error!("the new certificate is not used, the one before stays: {error:#}");
            }
        }
    }
}
