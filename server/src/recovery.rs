//! When the log is not what it was: restored from a backup, or fallen back without anybody saying so (a copied file, an
//! earlier image of the machine). It begins a new life then, and devices send again what it lacks.

use crate::{
    clock::Clock,
    ids::Ids,
    store::{self, Conn, audit, blobs, devices, invites, log, sessions, tenants},
};
use serde_json::json;
use zhicha_core::{
    api::Refill,
    event::{BlobReceipt, Checkpoint},
    id::{EpochId, TenantId},
    sync::epoch::Seen,
};

/// Why a log begins a new life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// `zhicha restore` brought it back from this backup.
    Restored(&'a str),
    /// Somebody holds this word of the server: the log was longer, or held other texts.
    Behind(&'a Checkpoint),
    /// Somebody holds the word of the server that it had bytes of which it knows nothing.
    Lacks,
}

/// Whether the log lacks what `word` says it held. `word` is the server's own: its signature was checked.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_behind(conn: &mut Conn, word: &Checkpoint) -> store::Result<bool> {
    let log = tenants::log(conn, word.tenant).await?;
    if word.epoch == log.epoch {
        let root = log::root(conn, word.tenant, word.size).await?;
        return Ok(word.size > log.size || root.as_ref() != Some(&word.root));
    }
    // A life that came before this one is no news. One that is not known here came later, unless it ended when this one began
    // (two restorations of the same backup).
    let lives = tenants::lives(conn, word.tenant).await?;
    let known = lives.iter().any(|life| life.epoch == word.epoch);
    let began = lives.last().map(|life| life.began_at);
    Ok(!known && began.is_some_and(|began| word.time > began))
}

/// Whether the database has no row for bytes that the server said it holds, in this life of the log. `word` is the server's own.
/// (A file that is gone while its row is there is another matter: `fsck`.)
///
/// # Errors
/// When the database cannot be read.
pub async fn lacks(conn: &mut Conn, word: &BlobReceipt) -> store::Result<bool> {
    let log = tenants::log(conn, word.tenant).await?;
    let row = blobs::find(conn, word.tenant, &word.sha256).await?;
    Ok(word.epoch == log.epoch && row.is_none())
}

/// How many devices have sent again what the log lacks since its present life began; nothing when it is the first one, or when all
/// have.
///
/// # Errors
/// When the database cannot be read.
pub async fn refill(conn: &mut Conn, tenant: TenantId) -> store::Result<Option<Refill>> {
    let lives = tenants::lives(conn, tenant).await?;
    let Some(life) = lives.last().filter(|_| lives.len() > 1) else {
        return Ok(None);
    };
    let since = life.began_at;
    let (seen, devices) = devices::refilled(conn, tenant, life.epoch, since).await?;
    Ok((seen < devices).then_some(Refill {
        since,
        seen,
        devices,
    }))
}

/// Begins a new life of a tenant's log. What came with the old data and may have ended since ends here: everybody signs in
/// anew, and links that were handed out no longer work.
///
/// # Errors
/// When the database cannot be written.
pub async fn begin(
    conn: &mut Conn,
    clock: &Clock,
    tenant: TenantId,
    why: Why<'_>,
) -> store::Result<Seen> {
    let now = clock.now();
    let before = tenants::log(conn, tenant).await?;
    if let Why::Behind(word) = why
        && tenants::lives(conn, tenant)
            .await?
            .iter()
            .all(|life| life.epoch != word.epoch)
    {
        // A life that this database had not seen begin: whoever else knows it brings no news.
        tenants::new_life(conn, tenant, word.epoch, now).await?;
    }
    let seen = tenants::new_life(conn, tenant, EpochId::new(&mut Ids(clock)), now).await?;
    sessions::end_all(conn, tenant).await?;
    invites::end_all(conn, tenant, now).await?;
    let (action, backup) = match why {
        Why::Restored(backup) => ("restored", Some(backup)),
        Why::Behind(_) | Why::Lacks => ("fell_back", None),
    };
    let detail = json!({ "epoch": seen.epoch, "predecessor": before.epoch, "size": seen.size, "backup": backup });
    audit::write(conn, tenant, now, None, action, &detail).await?;
    tracing::error!(%tenant, size = seen.size, action, "the log begins a new life; devices send again what it lacks");
    Ok(seen)
}
