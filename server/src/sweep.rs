//! What is looked after among the bytes: at a start, what a crash left between staging file, place and row is brought in
//! line, and what is missing is said; while the server runs, uploads that nobody goes on with are cleared away.

use crate::{
    http::uploads::taken_up,
    state::App,
    store::{self, audit, blobs, tenants, uploads},
};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::oneshot;
use zhicha_core::{checklist::Digest, event::BlobReceipt, id::TenantId};

// How often the staging folder is cleared while the server runs.
const EVERY: Duration = Duration::from_secs(60 * 60);
// How soon files and rows are looked at again when their place did not answer.
const SOON: Duration = Duration::from_secs(60);

/// Brings files and rows in line.
///
/// # Errors
/// When database or folders do not answer.
pub async fn run(app: &App) -> anyhow::Result<()> {
    staging(app).await?;
    complete(app).await?;
    let tenants = tenants::all(&mut *app.store.reader().await?).await?;
    let mut missing = 0;
    for tenant in tenants {
        missing += places(app, tenant.tenant).await?;
    }
    app.fixed.metrics.set_missing(missing);
    Ok(())
}

/// Brings files and rows in line, again and again until their place has answered, and clears the staging folder every
/// hour, for as long as it is polled. `tried` hears once the first try is over.
pub async fn keep(app: App, tried: oneshot::Sender<()>) {
    let mut in_line = logged(&run(&app).await);
    // Nobody need wait for it.
    let _ = tried.send(());
    loop {
        tokio::time::sleep(if in_line { EVERY } else { SOON }).await;
        if in_line {
            logged(&staging(&app).await);
        } else {
            in_line = logged(&run(&app).await);
        }
    }
}

fn logged(done: &anyhow::Result<()>) -> bool {
    if let Err(error) = done {
        tracing::error!("the files of uploads could not be looked after: {error:#}");
    }
    done.is_ok()
}

/// Clears away uploads that are over, and files that belong to none. What is being written is left alone.
///
/// # Errors
/// When database or folders do not answer.
pub async fn staging(app: &App) -> anyhow::Result<()> {
    // Files first: each has had its row before it came to be, so that a file without a row now is nobody's.
    let files = app.fixed.blobs.staging_files().await?;
    let all = uploads::all(&mut *app.store.reader().await?).await?;
    let now = app.clock.now();
    for upload in all.iter().filter(|upload| upload.expires_at <= now) {
        let Some(_writing) = app.fixed.blobs.write(&upload.id).await else {
            continue;
        };
        let mut tx = app.store.begin().await?;
        uploads::remove(&mut tx, &upload.id).await?;
        store::commit(tx).await?;
        app.fixed.blobs.unstage(&upload.id).await?;
    }
    let known: BTreeSet<&str> = all.iter().map(|upload| upload.id.as_str()).collect();
    for name in files.iter().filter(|name| !known.contains(name.as_str())) {
        app.fixed.blobs.unstage(name).await?;
    }
    Ok(())
}

// Uploads whose last byte came right before a crash go to their place. One that cannot stops no other.
async fn complete(app: &App) -> anyhow::Result<()> {
    let files = app.fixed.blobs.staging_files().await?;
    let files: BTreeSet<String> = files.into_iter().collect();
    let all = uploads::all(&mut *app.store.reader().await?).await?;
    let now = app.clock.now();
    let mut failed = 0;
    for upload in all
        .iter()
        .filter(|upload| upload.complete() && upload.expires_at > now && files.contains(&upload.id))
    {
        if let Err(error) = taken_up(app, &upload.id).await {
            let (sha256, code) = (&upload.sha256, &error.problem().code);
            tracing::error!(%sha256, %code, "a complete upload could not be brought to its place");
            failed += usize::from(error.problem().status == 503);
        }
    }
    anyhow::ensure!(
        failed == 0,
        "{failed} complete uploads wait for their place"
    );
    Ok(())
}

// A crash between the place and the row leaves bytes without a row: they are hashed again and taken in, if an event names
// them. A row without bytes is a loss, and is said so; gives how many.
async fn places(app: &App, tenant: TenantId) -> anyhow::Result<u64> {
    let rows = blobs::all(&mut *app.store.reader().await?, tenant).await?;
    let places: BTreeSet<Digest> = app.fixed.blobs.places(tenant).await?.into_iter().collect();
    let mut lost = 0;
    for row in rows.iter().filter(|row| !places.contains(&row.sha256)) {
        lost += u64::from(missing(app, row).await?);
    }
    let rows: BTreeSet<Digest> = rows.into_iter().map(|row| row.sha256).collect();
    for sha256 in places.difference(&rows) {
        adopt(app, tenant, sha256).await?;
    }
    Ok(lost)
}

// A list may be incomplete; the place itself says whether bytes are gone.
async fn missing(app: &App, row: &BlobReceipt) -> anyhow::Result<bool> {
    let missing = !app.fixed.blobs.holds(row).await?;
    if missing {
        let (tenant, sha256) = (row.tenant, &row.sha256);
        tracing::error!(%tenant, %sha256, "bytes that have a receipt are missing; restore them from a backup and run fsck");
    }
    Ok(missing)
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
    // An upload may have written its row meanwhile.
    if blobs::find(&mut tx, tenant, sha256).await?.is_none() {
        let now = app.clock.now();
        blobs::add(&mut tx, tenant, sha256, len, now).await?;
        let detail = json!({ "sha256": sha256 });
        audit::write(&mut tx, tenant, now, None, "blob_adopted", &detail).await?;
    }
    store::commit(tx).await?;
    Ok(())
}
