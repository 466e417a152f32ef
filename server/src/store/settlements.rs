//! What became of events that had to wait. Rows are only ever added, one for each such event.

use super::{
    Conn, Result,
    events::{self, EventRow},
    name_of, signed, to_json, unsigned,
};
use zhicha_core::{id::TenantId, time::Timestamp};

/// Events that still wait, with a place in the log after `place`, in log order, at most `limit`.
pub async fn waiting(
    conn: &mut Conn,
    tenant: TenantId,
    place: u64,
    limit: u32,
) -> Result<Vec<EventRow>> {
    let rows = sqlx::query(
        "SELECT e.* FROM event e
         LEFT JOIN settlement s ON s.tenant = e.tenant AND s.tenant_seq = e.tenant_seq
         WHERE e.tenant = $1 AND e.tenant_seq > $2 AND e.disposition = 'deferred' AND s.tenant IS NULL
         ORDER BY e.tenant_seq LIMIT $3",
    )
    .bind(tenant.to_string())
    .bind(signed(place))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(events::read).collect()
}

/// Notes what became of `row`, which says it.
pub async fn add(conn: &mut Conn, row: &EventRow, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO settlement (tenant, tenant_seq, disposition, reason, detail, flags, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(row.tenant.to_string())
    .bind(signed(row.tenant_seq))
    .bind(row.disposition.as_str())
    .bind(row.reason.as_ref().map(name_of))
    .bind(&row.detail)
    .bind(to_json(&row.flags))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Places in the log of events that never had to wait and are said to have been settled all the same.
pub async fn astray(conn: &mut Conn, tenant: TenantId) -> Result<Vec<u64>> {
    let places: Vec<i64> = sqlx::query_scalar(
        "SELECT s.tenant_seq FROM settlement s
         LEFT JOIN event e ON e.tenant = s.tenant AND e.tenant_seq = s.tenant_seq
         WHERE s.tenant = $1 AND e.disposition IS NOT 'deferred' ORDER BY s.tenant_seq",
    )
    .bind(tenant.to_string())
    .fetch_all(conn)
    .await?;
    Ok(places.into_iter().map(unsigned).collect())
}
