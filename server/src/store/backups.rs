//! Backups that count: written, read again and found whole (`crate::backup`).

use super::{Conn, Result, signed, tenants, unsigned};
use sqlx::Row as _;
use zhicha_core::{id::TenantId, time::Timestamp};

/// How far the backups of a tenant reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Through {
    /// The last number of the log that is in one.
    pub tenant_seq: u64,
    /// Bytes that came before this are in it too.
    pub at: Timestamp,
}

/// Notes a backup that counts: everything up to `log` of each tenant, as it was at `at`.
pub async fn add(
    conn: &mut Conn,
    name: &str,
    at: Timestamp,
    logs: &[(TenantId, u64)],
) -> Result<()> {
    for (tenant, size) in logs {
        sqlx::query("INSERT INTO backup (tenant, name, made_at, size) VALUES ($1, $2, $3, $4)")
            .bind(tenant.to_string())
            .bind(name)
            .bind(at.0)
            .bind(signed(*size))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// How far the last backup that counts reaches; nothing when there is none. A device may forget what it sent up to here.
///
/// # Errors
/// When the database does not answer.
pub async fn durable_through(conn: &mut Conn, tenant: TenantId) -> Result<Option<Through>> {
    // Of a moved clock the number is right, so it decides.
    let row = sqlx::query(
        "SELECT size, made_at FROM backup WHERE tenant = $1 ORDER BY size DESC, made_at DESC LIMIT 1",
    )
    .bind(tenant.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Through {
        tenant_seq: unsigned(row.try_get("size")?),
        at: Timestamp(row.try_get("made_at")?),
    }))
}

/// When the last backup was made that holds all tenants; nothing when one of them has none.
pub async fn last(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let mut last = None;
    for tenant in tenants::all(conn).await? {
        let Some(through) = durable_through(conn, tenant.tenant).await? else {
            return Ok(None);
        };
        last = Some(last.map_or(through.at, |at: Timestamp| at.min(through.at)));
    }
    Ok(last)
}
