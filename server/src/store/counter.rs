//! Numbers of a tenant's streams. Taken inside the writing transaction, so that commit order is number order.

use super::{Conn, Result, unsigned};
use zhicha_core::id::TenantId;

/// The log of events and quarantined texts.
pub const LOG: &str = "log";
/// The audit log.
pub const AUDIT: &str = "audit";

/// The next number of a stream.
pub async fn next(conn: &mut Conn, tenant: TenantId, stream: &str) -> Result<u64> {
    let seq: i64 = sqlx::query_scalar(
        "INSERT INTO counter (tenant, stream, seq) VALUES ($1, $2, 1)
         ON CONFLICT (tenant, stream) DO UPDATE SET seq = seq + 1 RETURNING seq",
    )
    .bind(tenant.to_string())
    .bind(stream)
    .fetch_one(conn)
    .await?;
    Ok(unsigned(seq))
}

/// The last number given out.
pub async fn last(conn: &mut Conn, tenant: TenantId, stream: &str) -> Result<u64> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT seq FROM counter WHERE tenant = $1 AND stream = $2")
            .bind(tenant.to_string())
            .bind(stream)
            .fetch_optional(conn)
            .await?;
    Ok(unsigned(seq.unwrap_or(0)))
}
