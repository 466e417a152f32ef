//! Sessions. The database keeps the hash of the cookie's secret only.

use super::{Conn, Result, parse};
use sqlx::Row as _;
use zhicha_core::{
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Tenant.
    pub tenant: TenantId,
    /// Person.
    pub user: UserId,
    /// Device that was enrolled in this session.
    pub device: Option<DeviceId>,
    /// When signed in.
    pub created_at: Timestamp,
    /// When last used.
    pub last_used_at: Timestamp,
}

/// The session with this secret, of whatever tenant.
pub async fn get(conn: &mut Conn, token_hash: &str) -> Result<Option<SessionRow>> {
    let row = sqlx::query(
        "SELECT tenant, user_id, device_id, created_at, last_used_at FROM session WHERE token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SessionRow {
        tenant: parse(row.try_get("tenant")?)?,
        user: parse(row.try_get("user_id")?)?,
        device: row
            .try_get::<Option<&str>, _>("device_id")?
            .map(parse)
            .transpose()?,
        created_at: Timestamp(row.try_get("created_at")?),
        last_used_at: Timestamp(row.try_get("last_used_at")?),
    }))
}

/// Adds a session.
pub async fn add(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    token_hash: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (tenant, token_hash, user_id, device_id, created_at, last_used_at)
         VALUES ($1, $2, $3, NULL, $4, $4)",
    )
    .bind(tenant.to_string())
    .bind(token_hash)
    .bind(user.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a session was used.
pub async fn touch(
    conn: &mut Conn,
    tenant: TenantId,
    token_hash: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("UPDATE session SET last_used_at = $3 WHERE tenant = $1 AND token_hash = $2")
        .bind(tenant.to_string())
        .bind(token_hash)
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes which device was enrolled in a session, so that revoking the device ends it.
pub async fn set_device(
    conn: &mut Conn,
    tenant: TenantId,
    token_hash: &str,
    device: DeviceId,
) -> Result<()> {
    sqlx::query("UPDATE session SET device_id = $3 WHERE tenant = $1 AND token_hash = $2")
        .bind(tenant.to_string())
        .bind(token_hash)
        .bind(device.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends one session.
pub async fn end(conn: &mut Conn, tenant: TenantId, token_hash: &str) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE tenant = $1 AND token_hash = $2")
        .bind(tenant.to_string())
        .bind(token_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends all sessions of a person.
pub async fn end_of_person(conn: &mut Conn, tenant: TenantId, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE tenant = $1 AND user_id = $2")
        .bind(tenant.to_string())
        .bind(user.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends all sessions of a tenant.
pub async fn end_all(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the sessions of a device.
pub async fn end_of_device(conn: &mut Conn, tenant: TenantId, device: DeviceId) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE tenant = $1 AND device_id = $2")
        .bind(tenant.to_string())
        .bind(device.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes sessions that are over, of all tenants.
pub async fn sweep(
    conn: &mut Conn,
    idle_before: Timestamp,
    created_before: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM session WHERE last_used_at < $1 OR created_at < $2")
        .bind(idle_before.0)
        .bind(created_before.0)
        .execute(conn)
        .await?;
    Ok(())
}
