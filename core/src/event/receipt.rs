//! Receipts: the server's signed word that it holds an event, or bytes that an event names, durably.

use super::{EventHash, Jws, JwsError, Typ};
use crate::{
    checklist::Digest,
    id::{DeviceId, EpochId, TenantId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Where an event went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Applied to its record.
    Applied,
    /// Kept, not applied; a person must look.
    Quarantined,
    /// Kept, applied after an upgrade of the server.
    Deferred,
}

impl Disposition {
    /// The name used in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Quarantined => "quarantined",
            Self::Deferred => "deferred",
        }
    }
}

/// Payload of a `zhicha-receipt+1` text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Tenant.
    pub tenant: TenantId,
    /// Life of the log that holds it.
    pub epoch: EpochId,
    /// The event.
    pub event_hash: EventHash,
    /// Its device.
    pub device_id: DeviceId,
    /// Its number on the device.
    pub device_seq: u64,
    /// Where it went.
    pub disposition: Disposition,
    /// Its place in the tenant's log.
    pub tenant_seq: u64,
    /// When the server had it: it was not written after this.
    pub received_at: Timestamp,
}

impl Receipt {
    /// Reads a receipt text; its signature is still to be checked.
    pub fn parse(text: &str) -> Result<(Self, Jws), JwsError> {
        let jws = Jws::parse(text, Typ::Receipt)?;
        let receipt = crate::json::from_value(jws.payload.clone())
            .map_err(|e| JwsError::Payload(e.to_string()))?;
        Ok((receipt, jws))
    }
}

/// Payload of a `zhicha-blob-receipt+1` text: the server holds the bytes with this digest, for every event of the tenant
/// that names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobReceipt {
    /// Tenant.
    pub tenant: TenantId,
    /// Life of the log in which they came.
    pub epoch: EpochId,
    /// SHA-256 of the bytes.
    pub sha256: Digest,
    /// How many they are.
    pub len: u64,
    /// When the server had them all.
    pub received_at: Timestamp,
}

impl BlobReceipt {
    /// Reads a receipt text; its signature is still to be checked.
    pub fn parse(text: &str) -> Result<(Self, Jws), JwsError> {
        let jws = Jws::parse(text, Typ::BlobReceipt)?;
        let receipt = crate::json::from_value(jws.payload.clone())
            .map_err(|e| JwsError::Payload(e.to_string()))?;
        Ok((receipt, jws))
    }
}

/// Payload of a `zhicha-checkpoint+1` text: how long a tenant's log is and which texts it holds. Who keeps one can tell later
/// whether the log still begins with the same texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Tenant.
    pub tenant: TenantId,
    /// Life of the log.
    pub epoch: EpochId,
    /// How many texts it holds.
    pub size: u64,
    /// Root of the tree over them (`log::Tree`), 64 lower-case hex digits.
    pub root: String,
    /// The server's clock.
    pub time: Timestamp,
}

impl Checkpoint {
    /// Reads a checkpoint text; its signature is still to be checked.
    pub fn parse(text: &str) -> Result<(Self, Jws), JwsError> {
        let jws = Jws::parse(text, Typ::Checkpoint)?;
        let checkpoint = crate::json::from_value(jws.payload.clone())
            .map_err(|e| JwsError::Payload(e.to_string()))?;
        Ok((checkpoint, jws))
    }
}
