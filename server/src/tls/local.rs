//! A certificate authority of one's own, for a LAN or a closed network: phones install its certificate once, and it
//! vouches for this server's names and addresses only.

use super::{certificate, files::Pair, provider};
use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    pki_types::{CertificateDer, DnsName, ServerName, UnixTime, pem::PemObject as _},
};
use std::{
    fs,
    io::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use time::OffsetDateTime;
use zhicha_core::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
// iOS refuses certificates of servers that hold for more than 825 days, also those of a CA that its owner installed
// (Apple, “Requirements for trusted certificates in iOS 13”).
const SERVER_DAYS: i64 = 820;
const CA_DAYS: i64 = 3653;
const DUE_MS: i64 = 30 * DAY_MS;
// A phone whose clock is a little behind shall not refuse.
const BEFORE_MS: i64 = DAY_MS;
// A common name has at most 64 characters (RFC 5280, appendix A.1).
const LONGEST_NAME: usize = 40;

/// What the certificate of a server is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A name in the DNS, in lower case.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

impl Name {
    /// Reads a host as people write it.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            anyhow::ensure!(
                !address.is_unspecified(),
                "{text} is every address of this machine; name the one that phones open"
            );
            return Ok(Self::Ip(address));
        }
        let name = text.to_ascii_lowercase();
        let all_numbers = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        anyhow::ensure!(
            !all_numbers && DnsName::try_from(name.as_str()).is_ok(),
            "{text} is neither a name like zhicha.example nor an address like 10.0.0.5 (no https://, no port, no *; other letters as xn--…)"
        );
        Ok(Self::Dns(name))
    }

    fn san(&self) -> anyhow::Result<SanType> {
        Ok(match self {
            Self::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
            Self::Ip(address) => SanType::IpAddress(*address),
        })
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// The folder `tls` of a data folder: `ca.pem` (certificate and key of the CA), `ca.crt` (its certificate, for phones) and
/// `server.pem` (certificate and key of the server, in one file so that both change at once).
#[derive(Clone, Debug)]
pub struct Local {
    folder: PathBuf,
}

/// The certificate of a CA, as it is handed out.
#[derive(Clone, Debug)]
pub struct Handed {
    /// DER.
    pub der: CertificateDer<'static>,
    /// SHA-256, as phones show it.
    pub fingerprint: String,
    /// What it is called on the phone.
    pub name: String,
}

impl Local {
    /// That of a data folder.
    pub fn in_folder(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join("tls"),
        }
    }

    /// Whether there is a certificate for the server.
    pub fn exists(&self) -> bool {
        self.server().exists()
    }

    /// Where certificate and key of the server lie.
    pub fn pair(&self) -> Pair {
        Pair::new(&self.server(), &self.server())
    }

    /// The file with both.
    pub fn server(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    /// The file for phones.
    pub fn for_phones(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The CA's certificate.
    ///
    /// # Errors
    /// When there is none.
    pub fn handed(&self) -> anyhow::Result<Handed> {
        let path = self.for_phones();
        let read = || anyhow::Ok(CertificateDer::from_pem_slice(&fs::read(&path)?)?);
        let der = read().with_context(|| {
            format!(
                "{} is no certificate of a CA; make one with zhicha tls init",
                path.display()
            )
        })?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&der)?;
        let name = parsed.subject().iter_common_name().next();
        Ok(Handed {
            fingerprint: certificate::fingerprint(&der),
            name: name
                .and_then(|n| n.as_str().ok())
                .unwrap_or_default()
                .to_owned(),
            der: der.clone(),
        })
    }

    /// What the server's certificate is for.
    ///
    /// # Errors
    /// When there is none.
    pub fn names(&self) -> anyhow::Result<Vec<Name>> {
        let names = certificate::names(&self.present()?)?;
        names.iter().map(|name| Name::parse(name)).collect()
    }

    /// Until when the server's certificate holds.
    ///
    /// # Errors
    /// When there is none.
    pub fn until(&self) -> anyhow::Result<Timestamp> {
        Ok(certificate::validity(&self.present()?)?.1)
    }

    fn present(&self) -> anyhow::Result<CertificateDer<'static>> {
        let path = self.server();
        let bytes = fs::read(&path).with_context(|| {
            format!(
                "could not read {}; make it with zhicha tls init",
                path.display()
            )
        })?;
        CertificateDer::from_pem_slice(&bytes).with_context(|| path.display().to_string())
    }

    /// Makes a certificate for `names`, and a CA named for `organisation` if there is none or `new_ca` asks for one.
    ///
    /// # Errors
    /// When files cannot be written, or the CA that is there may not vouch for one of the names.
    pub fn init(
        &self,
        names: &[Name],
        organisation: &str,
        new_ca: bool,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        anyhow::ensure!(!names.is_empty(), "name at least one name or address");
        private(&self.folder)?;
        if new_ca || !self.ca().exists() {
            anyhow::ensure!(
                new_ca || !self.for_phones().exists(),
                "{} is here but its key {} is not; put it back, or make a new CA with --new-ca, which every phone has to install",
                self.for_phones().display(),
                self.ca().display()
            );
            let (ca, key) = made_ca(names, organisation, now)?;
            // The server's first: with a CA that is not in use yet, nothing else has changed if this ends in between.
            let server = issued(&ca, &key, names, now)?;
            keep(&self.ca(), &format!("{ca}{key}"), true)?;
            keep(&self.for_phones(), &ca, false)?;
            return keep(&self.server(), &server, true);
        }
        self.issue(names, now)
    }

    /// A fresh certificate for the names of the present one; the CA on the phones stays.
    ///
    /// # Errors
    /// When there is none, or the CA's key is not here.
    pub fn renew(&self, now: Timestamp) -> anyhow::Result<()> {
        self.issue(&self.names()?, now)
    }

    /// The same when it is soon over and the CA's key is here.
    ///
    /// # Errors
    /// As [`Local::renew`].
    pub fn renew_if_due(&self, now: Timestamp) -> anyhow::Result<()> {
        if !self.ca().exists() || self.until()?.0 - now.0 > DUE_MS {
            return Ok(());
        }
        self.renew(now)?;
        tracing::info!("the certificate of this server was renewed by its own CA");
        Ok(())
    }

    fn issue(&self, names: &[Name], now: Timestamp) -> anyhow::Result<()> {
        let path = self.ca();
        let both = fs::read_to_string(&path)
            .with_context(|| format!("could not read the CA {}", path.display()))?;
        let at = both
            .find("-----BEGIN PRIVATE KEY-----")
            .with_context(|| format!("{} holds no private key", path.display()))?;
        let (ca, key) = both.split_at(at);
        keep(&self.server(), &issued(ca, key, names, now)?, true)
    }
}

// Certificate and key of a CA, as PEM.
fn made_ca(names: &[Name], organisation: &str, now: Timestamp) -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    let short: String = organisation.chars().take(LONGEST_NAME).collect();
    let named = &mut params.distinguished_name;
    *named = rcgen::DistinguishedName::new();
    named.push(DnType::OrganizationName, short.clone());
    named.push(DnType::CommonName, format!("{short} CA"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(only_for(names));
    (params.not_before, params.not_after) =
        (at(now.plus(-BEFORE_MS))?, at(now.plus(CA_DAYS * DAY_MS))?);
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

// What it may vouch for; a kind of name of which there is none is excluded whole, since constraints hold for each kind
// alone (RFC 5280 §4.2.1.10).
fn only_for(names: &[Name]) -> NameConstraints {
    let permitted_subtrees: Vec<_> = names
        .iter()
        .map(|name| match name {
            Name::Dns(name) => GeneralSubtree::DnsName(name.clone()),
            Name::Ip(ip @ IpAddr::V4(_)) => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*ip, 32))
            }
            Name::Ip(ip @ IpAddr::V6(_)) => {
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*ip, 128))
            }
        })
        .collect();
    let mut excluded_subtrees = Vec::new();
    if !names.iter().any(|name| matches!(name, Name::Dns(_))) {
        excluded_subtrees.push(GeneralSubtree::DnsName(String::new()));
    }
    if !names.iter().any(|name| matches!(name, Name::Ip(_))) {
        for all in [
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ] {
            excluded_subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                all, 0,
            )));
        }
    }
    NameConstraints {
        permitted_subtrees,
        excluded_subtrees,
    }
}

// Certificate and key of a server, as one PEM text.
fn issued(ca: &str, ca_key: &str, names: &[Name], now: Timestamp) -> anyhow::Result<String> {
    let ca_der =
        CertificateDer::from_pem_slice(ca.as_bytes()).context("the CA is no certificate")?;
    let issuer = Issuer::from_ca_cert_der(&ca_der, KeyPair::from_pem(ca_key)?)?;
    let (_, ca_until) = certificate::validity(&ca_der)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, names[0].to_string());
    params.subject_alt_names = names.iter().map(Name::san).collect::<Result<_, _>>()?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let from = now.plus(-BEFORE_MS);
    let until = from.plus(SERVER_DAYS * DAY_MS).min(ca_until);
    (params.not_before, params.not_after) = (at(from)?, at(until)?);
    let certificate = params.signed_by(&key, &issuer)?;
    accepted(&ca_der, certificate.der(), names, now)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

// Whether who trusts the CA believes the certificate: asked before it replaces one that works.
fn accepted(
    ca: &CertificateDer<'_>,
    server: &CertificateDer<'_>,
    names: &[Name],
    now: Timestamp,
) -> anyhow::Result<()> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.clone().into_owned())?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    let since = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    for name in names {
        let host = ServerName::try_from(name.to_string())?;
        verifier
            .verify_server_cert(server, &[], &host, &[], UnixTime::since_unix_epoch(since))
            .with_context(|| {
                format!("the CA of this folder may not vouch for {name}; a new CA (--new-ca) can, and every phone has to install it")
            })?;
    }
    Ok(())
}

fn at(time: Timestamp) -> anyhow::Result<OffsetDateTime> {
    Ok(OffsetDateTime::from_unix_timestamp(time.0 / 1000)?)
}

fn private(folder: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .with_context(|| format!("could not make {}", folder.display()))
}

// Replaces a file at once or not at all. Temporary files are for their owner only; what is no secret may be read by all.
fn keep(path: &Path, text: &str, secret: bool) -> anyhow::Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    let written = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        #[cfg(unix)]
        if !secret {
            use std::os::unix::fs::PermissionsExt as _;
            file.as_file()
                .set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        fs::File::open(folder)?.sync_all()
    };
    written().with_context(|| format!("could not write {}", path.display()))
}
