//! The device certificate: the server's signed word about who holds a device key.

use super::{EventHash, Jwk, Jws, JwsError, Typ};
use crate::{
    access::Role,
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Payload of a `zhicha-cert+1` text. It carries the device key itself (`cnf`, RFC 7800 §3.2), so that a restored
/// server or a stranger with an export can check events without having seen the enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Tenant that the device belongs to.
    pub tenant: TenantId,
    /// This enrolment.
    pub device_id: DeviceId,
    /// Thumbprint of the device key.
    pub kid: String,
    /// Who holds it.
    pub user: UserId,
    /// That person's name.
    pub name: String,
    /// That person's role at the time.
    pub role: Role,
    /// Regions granted; `*` is the whole tenant.
    pub grants: Vec<String>,
    /// When it was issued.
    pub iat: Timestamp,
    /// The device key.
    pub cnf: Confirmation,
}

/// The key that is certified (RFC 7800).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Public key of the device.
    pub jwk: Jwk,
}

impl Certificate {
    /// Reads a certificate text; its signature is still to be checked against the server key named by `Jws::kid`.
    pub fn parse(text: &str) -> Result<(Self, Jws), JwsError> {
        let jws = Jws::parse(text, Typ::Certificate)?;
        let certificate: Self = crate::json::from_value(jws.payload.clone())
            .map_err(|e| JwsError::Payload(e.to_string()))?;
        if certificate.kid != certificate.cnf.jwk.thumbprint() {
            return Err(JwsError::Payload(
                "kid is not the thumbprint of cnf.jwk".to_owned(),
            ));
        }
        Ok((certificate, jws))
    }

    /// The `prev` of the device's first event.
    pub fn hash(text: &str) -> EventHash {
        EventHash::of_text(text)
    }
}
