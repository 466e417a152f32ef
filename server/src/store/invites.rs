//! One-time links. The database keeps the hash of the link's secret only.

use super::{Conn, Result, parse};
use sqlx::Row as _;
use zhicha_core::{
    id::{TenantId, UserId},
    time::Timestamp,
};

/// A one-time link.
#[derive(Clone, Debug)]
pub struct InviteRow {
    /// Tenant.
    pub tenant: TenantId,
    /// Who is invited; nobody yet for the first administrator.
    pub user: Option<UserId>,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// The invite with this secret, of whatever tenant.
pub async fn get(conn: &mut Conn, token_hash: &str) -> Result<Option<InviteRow>> {
    let row = sqlx::query(
        "SELECT tenant, user_id, expires_at, used_at FROM invite WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(InviteRow {
        tenant: parse(row.try_get("tenant")?)?,
        user: row
            .try_get::<Option<&str>, _>("user_id")?
            .map(parse)
            .transpose()?,
        expires_at: Timestamp(row.try_get("expires_at")?),
        used_at: row.try_get::<Option<i64>, _>("used_at")?.map(Timestamp),
    }))
}

/// Adds an invite; those for the same person (or for the first administrator) that are still open end.
pub async fn add(
    conn: &mut Conn,
    tenant: TenantId,
    user: Option<UserId>,
    token_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    let user = user.map(|u| u.to_string());
    sqlx::query(
        "UPDATE invite SET expires_at = $3 WHERE tenant = $1 AND user_id IS $2 AND used_at IS NULL",
    )
    .bind(tenant.to_string())
    .bind(&user)
    .bind(now.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO invite (tenant, token_hash, user_id, created_at, expires_at, used_at)
         VALUES ($1, $2, $3, $4, $5, NULL)",
    )
    .bind(tenant.to_string())
    .bind(token_hash)
    .bind(&user)
    .bind(now.0)
    .bind(expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses an invite; whether it was still open.
pub async fn take(
    conn: &mut Conn,
    tenant: TenantId,
    token_hash: &str,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE invite SET used_at = $3
         WHERE tenant = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3",
    )
    .bind(tenant.to_string())
    .bind(token_hash)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the open invites of all people of a tenant.
pub async fn end_all(conn: &mut Conn, tenant: TenantId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE invite SET expires_at = $2 WHERE tenant = $1 AND used_at IS NULL AND expires_at > $2",
    )
    .bind(tenant.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// People of a tenant with an open invite.
pub async fn open(conn: &mut Conn, tenant: TenantId, now: Timestamp) -> Result<Vec<UserId>> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT user_id FROM invite
         WHERE tenant = $1 AND user_id IS NOT NULL AND used_at IS NULL AND expires_at > $2",
    )
    .bind(tenant.to_string())
    .bind(now.0)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|id| parse(id)).collect()
}
