//! Bytes that events name: every one that has a receipt is there and is what its name says (`faults.md` D06).

use super::Finding;
use crate::{
    blob::Blobs,
    store::{self, Conn},
};
use zhicha_core::id::TenantId;

/// Hashes all bytes of a tenant anew.
pub async fn check(
    conn: &mut Conn,
    blobs: &Blobs,
    tenant: TenantId,
) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for blob in store::blobs::all(conn, tenant).await? {
        let (code, message) = match blobs.rehash(tenant, &blob.sha256).await? {
            None => (
                "blob_missing",
                "the server gave a receipt for these bytes, and they are not there",
            ),
            Some((digest, _)) if digest != blob.sha256 => {
                ("blob_altered", "these bytes were altered")
            }
            Some((_, len)) if len != blob.len => {
                ("blob_altered", "their length was altered in the database")
            }
            Some(_) => continue,
        };
        findings.push(Finding {
            item: format!("blob {}", blob.sha256),
            code,
            message: message.to_owned(),
        });
    }
    Ok(findings)
}
