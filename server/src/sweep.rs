//! What a start looks after among the bytes: what a crash left between a file and its row is brought in line, and what is
//! missing is said.

use crate::{
    state::App,
    store::{self, audit, blobs, tenants, uploads},
};
use serde_json::json;
use std::collections::BTreeSet;
use zhicha_core::{checklist::Digest, id::TenantId};

/// Brings files and rows in line.
///
/// # Errors
/// When database or folders do not answer.
pub async fn run(app: &App) -> anyhow::Result<()> {
    staging(app).await?;
    let tenants = tenants::all(&mut *app.store.reader().await?).await?;
    for tenant in tenants {
        places(app, tenant.tenant).await?;
    }
    Ok(())
}

// Uploads that are over, and files that belong to none.
async fn staging(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let (live, over): (Vec<_>, Vec<_>) = uploads::all(&mut tx)
        .await?
        .into_iter()
        .partition(|upload| upload.expires_at > now);
    for upload in &over {
        uploads::remove(&mut tx, &upload.id).await?;
    }
    store::commit(tx).await?;
    let live: BTreeSet<&str> = live.iter().map(|upload| upload.id.as_str()).collect();
    for name in app.fixed.blobs.staging_files().await? {
        if !live.contains(name.as_str()) {
            app.fixed.blobs.unstage(&name).await?;
        }
    }
    Ok(())
}

// A crash between the place and the row leaves bytes without a row: they are hashed again and taken in, if an event names
// them. A row without bytes is a loss, and is said so.
async fn places(app: &App, tenant: TenantId) -> anyhow::Result<()> {
    let rows = blobs::all(&mut *app.store.reader().await?, tenant).await?;
    let rows: BTreeSet<Digest> = rows.into_iter().map(|blob| blob.sha256).collect();
    let places: BTreeSet<Digest> = app.fixed.blobs.places(tenant).await?.into_iter().collect();
    for sha256 in rows.difference(&places) {
        tracing::error!(%tenant, %sha256, "bytes that have a receipt are missing; restore them from a backup and run fsck");
    }
    for sha256 in places.difference(&rows) {
        adopt(app, tenant, sha256).await?;
    }
    Ok(())
}

async fn adopt(app: &App, tenant: TenantId, sha256: &Digest) -> anyhow::Result<()> {
    let named = blobs::is_named(&mut *app.store.reader().await?, tenant, sha256).await?;
    let found = app.fixed.blobs.read(tenant, sha256).await?;
    let Some(bytes) = found.filter(|bytes| named && Digest::of(bytes) == *sha256) else {
        tracing::error!(%tenant, %sha256, "a file among the blobs is not what its name says, or no event names it; it is left alone");
        return Ok(());
    };
    let len = bytes.len() as u64;
    // Nobody knows whether what was read is on the disk or only in memory.
    app.fixed.blobs.put(tenant, sha256, bytes).await?;
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    blobs::add(&mut tx, tenant, sha256, len, now).await?;
    let detail = json!({ "sha256": sha256 });
    audit::write(&mut tx, tenant, now, None, "blob_adopted", &detail).await?;
    store::commit(tx).await?;
    Ok(())
}
