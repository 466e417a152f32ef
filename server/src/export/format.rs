//! The files of an export (frozen).
//!
//! ```text
//! manifest.json                      what is in it, with the SHA-256 of every other file
//! manifest.jws                       zhicha-export+1, signed by the server: the SHA-256 of manifest.json
//! events/<tenant_seq>-<hash>.jws     event texts, verbatim; tenant_seq with ten digits
//! receipts/<hash>.jws                one for each event
//! certificates/<device_id>.jws       one for each device
//! keys.json                          {"keys": [JWK…]}: the server's
//! checklists/<digest>.json           published bytes, verbatim
//! blobs/<sha256>                     photos and other bytes that events name, stored as they are
//! blob_receipts/<sha256>.jws         the server's receipt for each of them
//! index.html                         readable rendering, Chinese and English, without scripts
//! README.txt                         how to check it
//! ```

use serde::{Deserialize, Serialize};
use zhicha_core::{
    checklist::Digest,
    event::{EventHash, Jwk},
    id::{RecordId, TenantId},
    time::{Timestamp, ZoneOffset},
};

/// The value of [`Manifest::format`].
pub const FORMAT: &str = "zhicha-export-1";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub exported_at: Timestamp,
    /// Tenant.
    pub tenant: TenantId,
    /// Tenant's name.
    pub tenant_name: String,
    /// Tenant's zone, for the times in the page.
    pub zone: ZoneOffset,
    /// Thumbprint of the server key that signed it.
    pub server_key: String,
    /// Records in the order of the page.
    pub records: Vec<ManifestRecord>,
    /// Checklists that events cite and that were not published at this server.
    pub not_published: Vec<Digest>,
    /// All bytes that the events name, by digest, here or not.
    #[serde(default)]
    pub blobs: Vec<ManifestBlob>,
    /// Every other file but `manifest.jws`, by path.
    pub files: Vec<ManifestFile>,
}

/// A record and its events in log order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRecord {
    /// The record.
    pub record_id: RecordId,
    /// Its events.
    pub events: Vec<EventHash>,
}

/// Bytes that events name. What is no digest names nothing and is not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestBlob {
    /// Lower-case hex SHA-256.
    pub sha256: Digest,
    /// Length in bytes: the server's, or what the first event says where the server never had them.
    pub len: u64,
    /// Whether they are missing in this copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// What kind of picture they begin as; nothing for all else. The page links only to pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// Pictures that a browser may show, told by the first bytes and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl Picture {
    /// How many bytes [`Picture::of`] looks at.
    pub const HEAD: usize = 12;

    /// What bytes begin as.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else {
            None
        }
    }
}

/// A file of the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Path in the ZIP.
    pub path: String,
    /// Lower-case hex SHA-256.
    pub sha256: Digest,
    /// Length in bytes.
    pub bytes: u64,
}

/// Payload of `manifest.jws`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// [`FORMAT`].
    pub format: String,
    /// Tenant.
    pub tenant: TenantId,
    /// When it was made.
    pub exported_at: Timestamp,
    /// SHA-256 of `manifest.json`.
    pub manifest: Digest,
}

/// `keys.json` (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Server keys, the current one first.
    pub keys: Vec<Jwk>,
}

/// Path of an event.
pub fn event_path(tenant_seq: u64, hash: &EventHash) -> String {
    format!("events/{tenant_seq:010}-{hash}.jws")
}

/// Path of a receipt.
pub fn receipt_path(hash: &EventHash) -> String {
    format!("receipts/{hash}.jws")
}

/// The folder of the bytes that events name.
pub const BLOBS: &str = "blobs/";

/// The folder of the receipts for them.
pub const BLOB_RECEIPTS: &str = "blob_receipts/";

/// Path of bytes.
pub fn blob_path(sha256: &Digest) -> String {
    format!("{BLOBS}{sha256}")
}

/// Path of the receipt for bytes.
pub fn blob_receipt_path(sha256: &Digest) -> String {
    format!("{BLOB_RECEIPTS}{sha256}.jws")
}

/// `README.txt`.
pub const README: &str = "\
直查导出 / Zhicha export

index.html   可阅读的检查记录 / the records, readable
blobs/       照片等取证文件，文件名为其 SHA-256 / photos and other evidence, named by their SHA-256
其余文件是证据：由设备和服务器签名的文本 (JWS, RFC 7515, ES256)。
The other files are the evidence: texts signed by devices and by the server (JWS, RFC 7515, ES256).

核验 / Check:   zhicha verify THIS.zip --trust THUMBPRINT
THUMBPRINT 是服务器公钥指纹 (RFC 7638)，请向主管单位另行索取，不要取自本文件。
THUMBPRINT is that of the server key (RFC 7638). Ask the authority for it; do not take it from this file.
";
