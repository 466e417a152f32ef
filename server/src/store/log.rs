//! The tree over a tenant's log: what it was at each size. Computed from the texts, and made anew by `rebuild`.

use super::{Conn, Result, StoreError, counter, parse_hash, signed, tenants, unsigned};
use sqlx::Row as _;
use zhicha_core::{
    event::{Checkpoint, EventHash},
    id::TenantId,
    log::Tree,
    time::Timestamp,
};

/// Adds the text that just took its place in the log.
pub(super) async fn append(
    conn: &mut Conn,
    tenant: TenantId,
    place: u64,
    hash: &EventHash,
) -> Result<()> {
    let mut tree = tree(conn, tenant).await?;
    tree.append(hash);
    ends(&tree, place)?;
    insert(conn, tenant, &tree).await
}

/// Whether the text at `place` is the last one of a tree.
pub(super) fn ends(tree: &Tree, place: u64) -> Result<()> {
    match tree.size() == place {
        true => Ok(()),
        false => Err(StoreError::Corrupt(format!(
            "the log's tree ends at {}, its last text has place {place}; `zhicha admin rebuild` makes it anew",
            tree.size()
        ))),
    }
}

async fn insert(conn: &mut Conn, tenant: TenantId, tree: &Tree) -> Result<()> {
    sqlx::query("INSERT INTO projection_log (tenant, size, root, peaks) VALUES ($1, $2, $3, $4)")
        .bind(tenant.to_string())
        .bind(signed(tree.size()))
        .bind(tree.root())
        .bind(tree.peaks())
        .execute(conn)
        .await?;
    Ok(())
}

/// The tree over all of the log.
pub async fn tree(conn: &mut Conn, tenant: TenantId) -> Result<Tree> {
    let row = sqlx::query(
        "SELECT size, peaks FROM projection_log WHERE tenant = $1 ORDER BY size DESC LIMIT 1",
    )
    .bind(tenant.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(Tree::default());
    };
    Tree::from_parts(unsigned(row.try_get("size")?), row.try_get("peaks")?)
        .ok_or_else(|| StoreError::Corrupt("the log's tree".to_owned()))
}

/// The root over the first `size` texts; nothing when the log does not have so many.
pub async fn root(conn: &mut Conn, tenant: TenantId, size: u64) -> Result<Option<String>> {
    if size == 0 {
        return Ok(Some(Tree::default().root()));
    }
    let root =
        sqlx::query_scalar("SELECT root FROM projection_log WHERE tenant = $1 AND size = $2")
            .bind(tenant.to_string())
            .bind(signed(size))
            .fetch_optional(conn)
            .await?;
    Ok(root)
}

/// The log as it is now.
pub async fn checkpoint(conn: &mut Conn, tenant: TenantId, now: Timestamp) -> Result<Checkpoint> {
    let log = tenants::log(conn, tenant).await?;
    let root = root(conn, tenant, log.size).await?;
    Ok(Checkpoint {
        tenant,
        epoch: log.epoch,
        size: log.size,
        root: root.ok_or_else(|| StoreError::Corrupt("the log's tree is too short".to_owned()))?,
        time: now,
    })
}

/// Makes the tree anew from the texts; returns how many there are.
pub async fn rebuild(conn: &mut Conn, tenant: TenantId) -> Result<u64> {
    sqlx::query("DELETE FROM projection_log WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(&mut *conn)
        .await?;
    grow(conn, tenant, Tree::default()).await
}

/// Adds what a database of an earlier form lacks.
pub(super) async fn complete(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    let tree = tree(conn, tenant).await?;
    if tree.size() < counter::last(conn, tenant, counter::LOG).await? {
        grow(conn, tenant, tree).await?;
    }
    Ok(())
}

async fn grow(conn: &mut Conn, tenant: TenantId, mut tree: Tree) -> Result<u64> {
    loop {
        let hashes = hashes(conn, tenant, tree.size()).await?;
        if hashes.is_empty() {
            return Ok(tree.size());
        }
        for hash in &hashes {
            tree.append(hash);
            insert(conn, tenant, &tree).await?;
        }
    }
}

/// Names of the texts behind `place`, in the order of the log, at most a thousand.
pub async fn hashes(conn: &mut Conn, tenant: TenantId, place: u64) -> Result<Vec<EventHash>> {
    let hashes: Vec<String> = sqlx::query_scalar(
        "SELECT event_hash FROM (SELECT tenant_seq, event_hash FROM event WHERE tenant = $1 AND tenant_seq > $2
         UNION ALL SELECT tenant_seq, event_hash FROM quarantine WHERE tenant = $1 AND tenant_seq > $2)
         ORDER BY tenant_seq LIMIT 1000",
    )
    .bind(tenant.to_string())
    .bind(signed(place))
    .fetch_all(conn)
    .await?;
    hashes.iter().map(|hash| parse_hash(hash)).collect()
}
