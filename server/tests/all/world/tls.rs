//! Servers that speak https by a CA of the test's own, and clients that trust it.

use super::Caller;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use zhicha_core::time::Timestamp;
use zhicha_server::tls::local::{Local, Name};

/// When the clock of the tests stands at its beginning.
pub const NOW: Timestamp = Timestamp(1_795_510_000_000);

/// What the clock of this machine says, by which clients judge certificates.
pub fn today() -> Timestamp {
    zhicha_server::clock::Clock::default().now()
}

/// A CA in `folder` and its certificate for the loopback, made at `at`.
pub fn loopback(folder: &Path, at: Timestamp) -> Local {
    let local = Local::in_folder(folder);
    let names = ["127.0.0.1", "localhost"].map(|name| Name::parse(name).unwrap());
    local.init(&names, "示例单位", false, at).unwrap();
    local
}

/// The CA's certificate.
pub fn ca(local: &Local) -> CertificateDer<'static> {
    local.handed().unwrap().der
}

/// The first certificate in a file.
pub fn first(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Somebody without a session who trusts this CA, and nobody else.
pub fn trusting(url: &str, local: &Local) -> Caller {
    let _ = ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_der(&ca(local)).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([ca]).no_proxy();
    Caller {
        url: url.to_owned(),
        http: http.build().unwrap(),
        cookie: String::new(),
    }
}

/// A connection to `https://ADDRESS`, and what the server showed as its certificate.
pub async fn shaken(
    url: &str,
    local: &Local,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (TlsStream<TcpStream>, CertificateDer<'static>) {
    let address = url.strip_prefix("https://").unwrap();
    let shaken = connected(address, "127.0.0.1", ca(local), versions).await;
    shaken.unwrap()
}

/// A connection to whoever is at `address` and is `name` to those who trust `ca`; and its certificate.
pub async fn connected(
    address: &str,
    name: &str,
    ca: CertificateDer<'static>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> std::io::Result<(TlsStream<TcpStream>, CertificateDer<'static>)> {
    let mut roots = RootCertStore::empty();
    roots.add(ca).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
    Ok((stream, shown.into_owned()))
}

/// Ends a test that would wait for ever for what another program does not do.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(std::time::Duration::from_secs(180), work).await;
    done.expect("it comes in time")
}

/// A port of the loopback that nobody uses now.
pub fn free() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The certificate and the key of a file with both, in two files of `folder`, as other tools keep them.
pub fn apart(local: &Local, folder: &Path) -> (PathBuf, PathBuf) {
    let both = std::fs::read_to_string(local.server()).unwrap();
    let at = both.find("-----BEGIN PRIVATE KEY-----").unwrap();
    let (cert, key) = (folder.join("fullchain.pem"), folder.join("privkey.pem"));
    std::fs::write(&cert, &both[..at]).unwrap();
    std::fs::write(&key, &both[at..]).unwrap();
    (cert, key)
}
