//! Safety copies of drafts: opaque bytes, by person and record.

use super::{Conn, Result, signed, unsigned};
use zhicha_core::{
    id::{RecordId, TenantId, UserId},
    time::Timestamp,
};

/// Whose draft it is.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Tenant.
    pub tenant: TenantId,
    /// The person who writes it.
    pub user: UserId,
    /// The record it will become.
    pub record: RecordId,
}

/// Keeps a copy unless a newer revision is here; returns the revision that is here now.
pub async fn keep(
    conn: &mut Conn,
    key: Key,
    rev: u64,
    bytes: &[u8],
    now: Timestamp,
) -> Result<u64> {
    let kept: i64 = sqlx::query_scalar(
        "INSERT INTO draft (tenant, user_id, record_id, rev, bytes, kept_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, user_id, record_id) DO UPDATE SET
             bytes = iif(excluded.rev >= rev, excluded.bytes, bytes),
             kept_at = iif(excluded.rev >= rev, excluded.kept_at, kept_at),
             rev = max(excluded.rev, rev)
         RETURNING rev",
    )
    .bind(key.tenant.to_string())
    .bind(key.user.to_string())
    .bind(key.record.to_string())
    .bind(signed(rev))
    .bind(bytes)
    .bind(now.0)
    .fetch_one(conn)
    .await?;
    Ok(unsigned(kept))
}

/// How many copies of other records a person has here.
pub async fn others(conn: &mut Conn, key: Key) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM draft WHERE tenant = $1 AND user_id = $2 AND record_id <> $3",
    )
    .bind(key.tenant.to_string())
    .bind(key.user.to_string())
    .bind(key.record.to_string())
    .fetch_one(conn)
    .await?;
    Ok(unsigned(count))
}

/// Whether the person's own seal of the record is here.
pub async fn sealed(conn: &mut Conn, key: Key) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM event_now WHERE tenant = $1 AND record_id = $2 AND user_id = $3
         AND kind = 'sealed' AND disposition = 'applied')",
    )
    .bind(key.tenant.to_string())
    .bind(key.record.to_string())
    .bind(key.user.to_string())
    .fetch_one(conn)
    .await?)
}

/// Deletes the copy: the record is sealed.
pub async fn remove(conn: &mut Conn, key: Key) -> Result<()> {
    sqlx::query("DELETE FROM draft WHERE tenant = $1 AND user_id = $2 AND record_id = $3")
        .bind(key.tenant.to_string())
        .bind(key.user.to_string())
        .bind(key.record.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
