//! A certificate from an ACME directory (RFC 8555), by a check on the very port that it is for (TLS-ALPN-01, RFC 8737).
//! Account and certificates are kept in the data folder; renewing goes on beside the server.

use super::{
    Opened, Tls, configured,
    dates::{self, Dates, InUse},
    provider,
};
use crate::Config;
use anyhow::Context as _;
use async_trait::async_trait;
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_acme::{AccountCache, AcmeConfig, CertCache, EventOk, caches::DirCache};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;
use zhicha_core::api::RenewedBy;

/// Begins to look after the certificate. Until the first one has come, handshakes fail.
pub fn start(config: &Config, beside: &mut JoinSet<()>) -> anyhow::Result<Opened> {
    let (reach, folder) = (&config.reach, config.data_dir.join("acme"));
    let names = reach.acme.iter().map(|name| name.trim().to_owned());
    let names: Vec<String> = names.collect();
    for name in &names {
        let known = super::local::Name::parse(name)?;
        anyhow::ensure!(
            matches!(known, super::local::Name::Dns(_)),
            "{name} is an address; ACME directories certify names only"
        );
    }
    private(&folder).with_context(|| format!("could not make {}", folder.display()))?;
    let in_use = InUse::renewed(RenewedBy::Directory);
    let kept = Kept {
        folder: DirCache::new(folder),
        in_use: Arc::clone(&in_use),
    };
    let contact = reach.acme_contact.iter();
    let wanted = AcmeConfig::new_with_client_config(&names, Arc::new(client()?))
        .contact(contact.map(|mail| format!("mailto:{mail}")))
        .cache(kept);
    let wanted = match &reach.acme_directory {
        Some(url) => wanted.directory(url),
        None => wanted.directory_lets_encrypt(true),
    };
    let mut state = wanted.state();
    let tls = Tls {
        config: configured(state.resolver())?,
        challenge: Some(state.challenge_rustls_config_with_provider(provider())),
    };
    beside.spawn(async move {
        while let Some(event) = state.next().await {
            match event {
                Ok(EventOk::DeployedCachedCert | EventOk::DeployedNewCert) => {
                    tracing::info!("ACME: a certificate is in use");
                }
                Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore) => {}
                Err(error) => tracing::error!(
                    "ACME: {error}; a certificate in use stays, and it is tried again"
                ),
            }
        }
    });
    beside.spawn(dates::keep(Arc::clone(&in_use), config.clock.clone()));
    let notice = format!(
        "证书由 ACME 目录签发并自动续期；首次签发前 https 尚不可用 / the certificate of {} comes from an ACME directory and is renewed by itself; before the first one has come, https does not answer",
        names.join(", ")
    );
    Ok(Opened {
        tls: Some(tls),
        notices: vec![notice],
        in_use,
        present: None,
    })
}

// Account and certificate in a folder. Whatever certificate is used comes from there or goes there: its dates are noted.
struct Kept {
    folder: DirCache<PathBuf>,
    in_use: Arc<InUse>,
}

impl Kept {
    // What cannot be read is not used either, and said by who reads it.
    fn note(&self, pem: &[u8]) {
        let first = CertificateDer::from_pem_slice(pem);
        if let Some(dates) = first.ok().and_then(|der| Dates::of(&der).ok()) {
            self.in_use.set(dates);
        }
    }
}

#[async_trait]
impl CertCache for Kept {
    type EC = io::Error;

    async fn load_cert(&self, names: &[String], directory: &str) -> io::Result<Option<Vec<u8>>> {
        let kept = self.folder.load_cert(names, directory).await?;
        kept.iter().for_each(|pem| self.note(pem));
        Ok(kept)
    }

    async fn store_cert(&self, names: &[String], directory: &str, pem: &[u8]) -> io::Result<()> {
        self.note(pem);
        self.folder.store_cert(names, directory, pem).await
    }
}

#[async_trait]
impl AccountCache for Kept {
    type EA = io::Error;

    async fn load_account(&self, contact: &[String], url: &str) -> io::Result<Option<Vec<u8>>> {
        self.folder.load_account(contact, url).await
    }

    async fn store_account(&self, contact: &[String], url: &str, key: &[u8]) -> io::Result<()> {
        self.folder.store_account(contact, url, key).await
    }
}

// Trusts what this machine trusts: a directory of one's own has a CA of one's own.
fn client() -> anyhow::Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()
        .context("this machine has no CA certificates to check the directory with (package ca-certificates)")?;
    Ok(config.with_no_client_auth())
}

// It will hold keys.
fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
