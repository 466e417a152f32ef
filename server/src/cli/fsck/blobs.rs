//! Bytes that events name: what they name is noted, and all that has a receipt is there and is what its name says
//! (`faults.md` D06).

use super::Finding;
use crate::{
    blob::Blobs,
    store::{self, Conn, events},
};
use std::collections::BTreeSet;
use zhicha_core::{checklist::Digest, id::TenantId};

/// Hashes all bytes of a tenant anew. Without their folder all of them are missing.
pub async fn check(
    conn: &mut Conn,
    blobs: Option<&Blobs>,
    tenant: TenantId,
) -> store::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for blob in store::blobs::all(conn, tenant).await? {
        let read = match blobs {
            Some(blobs) => blobs.read(tenant, &blob.sha256).await,
            None => Ok(None),
        };
        let (code, message) = match read {
            Err(error) => ("blob_unreadable", error.to_string()),
            Ok(None) => (
                "blob_missing",
                "the server gave a receipt for these bytes, and they are not there".to_owned(),
            ),
            Ok(Some(bytes)) if Digest::of(&bytes) == blob.sha256 => continue,
            Ok(Some(_)) => (
                "blob_altered",
                "these bytes were altered; move the file away, and a device that still has them can send them again"
                    .to_owned(),
            ),
        };
        findings.push(Finding {
            item: format!("blob {}", blob.sha256),
            code,
            message,
        });
    }
    Ok(findings)
}

/// Compares the list of bytes that events name with what the events say.
pub async fn noted(conn: &mut Conn, tenant: TenantId) -> store::Result<Vec<Finding>> {
    let noted = store::blobs::dump(conn, tenant).await?;
    let (mut named, mut after) = (BTreeSet::new(), 0);
    loop {
        let rows = events::after(conn, tenant, after, 200).await?;
        let Some(last) = rows.last() else { break };
        after = last.tenant_seq;
        for row in &rows {
            if let Some(payload) = row.believed() {
                named.extend(store::blobs::names(&row.hash, &payload.blobs));
            }
        }
    }
    let wrong = noted.symmetric_difference(&named);
    Ok(wrong
        .map(|(event, sha256, _)| Finding {
            item: format!("event {event}"),
            code: "blob_names",
            message: format!("the list of bytes that events name is wrong about {sha256}; `zhicha admin rebuild` makes it anew"),
        })
        .collect())
}
