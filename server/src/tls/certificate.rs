//! What a certificate says about itself.

use anyhow::Context as _;
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};
use sha2::{Digest as _, Sha256};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};
use zhicha_core::time::Timestamp;

/// From when until when it holds.
///
/// # Errors
/// When it is no certificate.
pub fn validity(der: &CertificateDer<'_>) -> anyhow::Result<(Timestamp, Timestamp)> {
    let (_, parsed) = parse_x509_certificate(der).context("not a certificate")?;
    let validity = parsed.validity();
    let ms = |at: i64| Timestamp(at.saturating_mul(1000));
    Ok((
        ms(validity.not_before.timestamp()),
        ms(validity.not_after.timestamp()),
    ))
}

/// Whether it is for a server of this name or address.
pub fn is_for(der: &CertificateDer<'_>, host: &str) -> bool {
    let Ok(name) = ServerName::try_from(host) else {
        return false;
    };
    ParsedCertificate::try_from(der).is_ok_and(|parsed| verify_server_name(&parsed, &name).is_ok())
}

/// The names and addresses that it is for, as text.
///
/// # Errors
/// When it is no certificate.
pub fn names(der: &CertificateDer<'_>) -> anyhow::Result<Vec<String>> {
    let (_, parsed) = parse_x509_certificate(der).context("not a certificate")?;
    let names = parsed.subject_alternative_name()?;
    let names = names.map_or(&[][..], |found| &found.value.general_names);
    Ok(names.iter().filter_map(text).collect())
}

fn text(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(four) => Some(std::net::Ipv4Addr::from(four).to_string()),
            Err(_) => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string()),
        },
        _ => None,
    }
}

/// Its SHA-256 as phones show it: `AB:CD:…`.
pub fn fingerprint(der: &CertificateDer<'_>) -> String {
    let pairs: Vec<String> = Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    pairs.join(":")
}
