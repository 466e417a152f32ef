//! TLS of the server: where its certificate comes from, and taking connections with it. TLS 1.2 and 1.3 by rustls.

mod acme;
mod certificate;
mod dates;
mod files;
pub mod help;
pub mod local;

pub use dates::{InUse, shown};

use crate::{Config, clock::Clock};
use anyhow::Context as _;
use clap::Args;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    server::ResolvesServerCert,
};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    task::JoinSet,
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};
use zhicha_core::api::RenewedBy;

/// How phones reach the server.
#[derive(Args, Clone, Debug, Default)]
pub struct Reach {
    /// Certificate chain (PEM) to speak https with; read again when it changes. Without it, and without `--acme`, the
    /// certificate that `zhicha tls init` left in the data folder is used, if there is one
    #[arg(
        long,
        env = "ZHICHA_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM, without a password)
    #[arg(
        long,
        env = "ZHICHA_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
    /// Get and renew a certificate for DOMAIN from Let's Encrypt; needs port 443 of DOMAIN to be this server
    #[arg(
        long,
        env = "ZHICHA_ACME",
        value_name = "DOMAIN",
        value_delimiter = ',',
        conflicts_with = "tls_cert"
    )]
    pub acme: Vec<String>,
    /// Another ACME directory than that of Let's Encrypt
    #[arg(
        long,
        env = "ZHICHA_ACME_DIRECTORY",
        value_name = "URL",
        requires = "acme"
    )]
    pub acme_directory: Option<String>,
    /// Mail address that the directory may write to about the certificate
    #[arg(
        long,
        env = "ZHICHA_ACME_CONTACT",
        value_name = "EMAIL",
        requires = "acme"
    )]
    pub acme_contact: Option<String>,
    /// Address for a second listener, plain http, with one page only: how phones install the CA of `zhicha tls init`
    #[arg(long, env = "ZHICHA_TLS_HELP_LISTEN", value_name = "ADDR")]
    pub tls_help_listen: Option<SocketAddr>,
    /// Address or network (`10.0.0.0/8`) of a reverse proxy in front; only from there `X-Forwarded-For` is believed
    #[arg(
        long,
        env = "ZHICHA_TRUSTED_PROXY",
        value_name = "ADDR",
        value_delimiter = ',',
        value_parser = crate::auth::proxies::network
    )]
    pub trusted_proxy: Vec<ipnet::IpNet>,
}

/// What a listener needs to speak TLS.
pub struct Tls {
    config: Arc<ServerConfig>,
    // Answers the checks of an ACME directory (RFC 8737).
    challenge: Option<Arc<ServerConfig>>,
}

/// How a server will speak, with what its operator should hear.
pub struct Opened {
    /// TLS, if there is a certificate.
    pub tls: Option<Tls>,
    /// Lines for the operator.
    pub notices: Vec<String>,
    /// Until when the certificate in use holds.
    pub in_use: Arc<InUse>,
    // What the present certificate is, where it is known.
    present: Option<Arc<files::Present>>,
}

impl Opened {
    /// A word if browsers will refuse `public_url`, because the certificate is for other names or the scheme is another.
    pub fn mismatch(&self, public_url: &str) -> Option<String> {
        self.tls.as_ref()?;
        let url: axum::http::Uri = public_url.parse().ok()?;
        if url.scheme_str() != Some("https") {
            return Some(format!(
                "这里只说 https，而公开地址是 {public_url}；请用 --public-url https://… 启动 / this server speaks https, but its public URL is {public_url}: start it with --public-url https://…"
            ));
        }
        let host = url.host()?.trim_matches(['[', ']']);
        let fits = self.present.as_ref()?.names(host);
        (!fits).then(|| {
            format!("证书上没有名称 {host}，浏览器会拒绝 / the certificate does not name {host}; browsers will refuse it")
        })
    }
}

impl Tls {
    /// Opens what `config` names: files, an ACME directory, or what `zhicha tls init` left. Work that goes on beside the
    /// server, such as reading files again, is put into `beside`.
    ///
    /// # Errors
    /// When a file cannot be read, is no certificate or key, or the two do not belong together.
    pub async fn open(config: &Config, beside: &mut JoinSet<()>) -> anyhow::Result<Opened> {
        let reach = &config.reach;
        if !reach.acme.is_empty() {
            return acme::start(config, beside).context("--acme");
        }
        let local = local::Local::in_folder(&config.data_dir);
        let (pair, ours) = match (&reach.tls_cert, &reach.tls_key) {
            (Some(cert), Some(key)) => (files::Pair::new(cert, key), None),
            _ if local.exists() => (local.pair(), Some(local)),
            _ => {
                return Ok(Opened {
                    tls: None,
                    notices: Vec::new(),
                    in_use: Arc::default(),
                    present: None,
                });
            }
        };
        Self::with_files(pair, ours, config.clock.clone(), beside).await
    }

    async fn with_files(
        pair: files::Pair,
        ours: Option<local::Local>,
        clock: Clock,
        beside: &mut JoinSet<()>,
    ) -> anyhow::Result<Opened> {
        // A certificate that still holds is no reason not to start.
        if let Some(Err(error)) = ours.as_ref().map(|ours| ours.renew_if_due(clock.now())) {
            tracing::error!("the certificate could not be renewed: {error:#}");
        }
        let by = ours.as_ref().map_or(RenewedBy::Files, |_| RenewedBy::Own);
        let in_use = InUse::renewed(by);
        let present = Arc::new(files::Present::read(&pair, Arc::clone(&in_use))?);
        let notices = in_use.word(clock.now()).into_iter().collect();
        let tls = Self {
            config: configured(Arc::clone(&present) as Arc<dyn ResolvesServerCert>)?,
            challenge: None,
        };
        beside.spawn(dates::keep(Arc::clone(&in_use), clock.clone()));
        beside.spawn(files::follow(Arc::clone(&present), pair, ours, clock));
        Ok(Opened {
            tls: Some(tls),
            notices,
            in_use,
            present: Some(present),
        })
    }

    /// The handshake. Nothing, when it was only the check of an ACME directory.
    ///
    /// # Errors
    /// When the other side does not speak TLS, or refuses.
    pub async fn accept<S>(&self, stream: S) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let begun = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        if let Some(challenge) = &self.challenge
            && rustls_acme::is_tls_alpn_challenge(&begun.client_hello())
        {
            let mut checked = begun.into_stream(Arc::clone(challenge)).await?;
            checked.shutdown().await?;
            return Ok(None);
        }
        begun.into_stream(Arc::clone(&self.config)).await.map(Some)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn configured(resolver: Arc<dyn ResolvesServerCert>) -> anyhow::Result<Arc<ServerConfig>> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
