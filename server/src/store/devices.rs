//! Enrolled devices and where their chains stand.

use super::{Conn, Result, parse, parse_hash, signed, unsigned};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteRow};
use zhicha_core::{
    event::EventHash,
    id::{DeviceId, TenantId, UserId},
    sync::epoch::Seen,
    time::Timestamp,
};

/// An enrolled device.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Tenant.
    pub tenant: TenantId,
    /// This enrolment.
    pub device: DeviceId,
    /// Who holds it.
    pub user: UserId,
    /// Thumbprint of its key.
    pub kid: String,
    /// What the browser said it is.
    pub label: String,
    /// Its certificate, verbatim.
    pub certificate: String,
    /// Hash of the certificate.
    pub certificate_hash: EventHash,
    /// When enrolled.
    pub enrolled_at: Timestamp,
    /// When last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// Number of the last event that took its place.
    pub last_seq: u64,
    /// Its hash; the certificate's before the first.
    pub last_hash: EventHash,
    /// Whether the last place is damaged, so that the next `prev` proves nothing.
    pub gap: bool,
    /// What the device said it still holds unsent.
    pub unsent: u64,
    /// What the device last saw of the log.
    pub seen: Option<Seen>,
    /// When frozen after a fork.
    pub frozen_at: Option<Timestamp>,
    /// When revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether it came with a certificate of ours that had no row here.
    pub recovered: bool,
}

fn select(clause: &'static str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT tenant, device_id, user_id, kid, label, certificate, certificate_hash, enrolled_at, last_seen_at,
         last_seq, last_hash, gap, unsent, seen_epoch, seen_size, frozen_at, revoked_at, recovered FROM device {clause}"
    ))
}

fn read(row: &SqliteRow) -> Result<DeviceRow> {
    let time = |name: &str| {
        row.try_get::<Option<i64>, _>(name)
            .map(|t| t.map(Timestamp))
    };
    let seen = match (
        row.try_get::<Option<&str>, _>("seen_epoch")?,
        row.try_get::<Option<i64>, _>("seen_size")?,
    ) {
        (Some(epoch), Some(size)) => Some(Seen {
            epoch: parse(epoch)?,
            size: unsigned(size),
        }),
        _ => None,
    };
    Ok(DeviceRow {
        tenant: parse(row.try_get("tenant")?)?,
        device: parse(row.try_get("device_id")?)?,
        user: parse(row.try_get("user_id")?)?,
        kid: row.try_get("kid")?,
        label: row.try_get("label")?,
        certificate: row.try_get("certificate")?,
        certificate_hash: parse_hash(row.try_get("certificate_hash")?)?,
        enrolled_at: Timestamp(row.try_get("enrolled_at")?),
        last_seen_at: time("last_seen_at")?,
        last_seq: unsigned(row.try_get("last_seq")?),
        last_hash: parse_hash(row.try_get("last_hash")?)?,
        gap: row.try_get("gap")?,
        unsent: unsigned(row.try_get("unsent")?),
        seen,
        frozen_at: time("frozen_at")?,
        revoked_at: time("revoked_at")?,
        recovered: row.try_get("recovered")?,
    })
}

/// One device.
pub async fn get(conn: &mut Conn, tenant: TenantId, device: DeviceId) -> Result<Option<DeviceRow>> {
    let row = sqlx::query(select("WHERE tenant = $1 AND device_id = $2"))
        .bind(tenant.to_string())
        .bind(device.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// All devices of a tenant, newest first.
pub async fn all(conn: &mut Conn, tenant: TenantId) -> Result<Vec<DeviceRow>> {
    let rows = sqlx::query(select(
        "WHERE tenant = $1 ORDER BY enrolled_at DESC, device_id",
    ))
    .bind(tenant.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Adds a device.
pub async fn add(conn: &mut Conn, row: &DeviceRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO device (tenant, device_id, user_id, kid, label, certificate, certificate_hash, enrolled_at,
         last_seq, last_hash, gap, unsent, recovered) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12)",
    )
    .bind(row.tenant.to_string())
    .bind(row.device.to_string())
    .bind(row.user.to_string())
    .bind(&row.kid)
    .bind(&row.label)
    .bind(&row.certificate)
    .bind(row.certificate_hash.as_str())
    .bind(row.enrolled_at.0)
    .bind(signed(row.last_seq))
    .bind(row.last_hash.as_str())
    .bind(row.gap)
    .bind(row.recovered)
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves the end of the chain.
pub async fn advance(conn: &mut Conn, row: &DeviceRow) -> Result<()> {
    sqlx::query("UPDATE device SET last_seq = $3, last_hash = $4, gap = $5 WHERE tenant = $1 AND device_id = $2")
        .bind(row.tenant.to_string())
        .bind(row.device.to_string())
        .bind(signed(row.last_seq))
        .bind(row.last_hash.as_str())
        .bind(row.gap)
        .execute(conn)
        .await?;
    Ok(())
}

/// Freezes a device after a fork.
pub async fn freeze(
    conn: &mut Conn,
    tenant: TenantId,
    device: DeviceId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE device SET frozen_at = ifnull(frozen_at, $3) WHERE tenant = $1 AND device_id = $2",
    )
    .bind(tenant.to_string())
    .bind(device.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes a contact: what the device says it holds unsent, and what it last saw of the log.
pub async fn contact(
    conn: &mut Conn,
    tenant: TenantId,
    device: DeviceId,
    now: Timestamp,
    unsent: u64,
    seen: Option<&Seen>,
) -> Result<()> {
    sqlx::query(
        "UPDATE device SET last_seen_at = $3, unsent = $4, seen_epoch = ifnull($5, seen_epoch),
         seen_size = ifnull($6, seen_size) WHERE tenant = $1 AND device_id = $2",
    )
    .bind(tenant.to_string())
    .bind(device.to_string())
    .bind(now.0)
    .bind(signed(unsent))
    .bind(seen.map(|s| s.epoch.to_string()))
    .bind(seen.map(|s| signed(s.size)))
    .execute(conn)
    .await?;
    Ok(())
}

/// Revokes a device; whether this changed anything.
pub async fn revoke(
    conn: &mut Conn,
    tenant: TenantId,
    device: DeviceId,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE device SET revoked_at = $3 WHERE tenant = $1 AND device_id = $2 AND revoked_at IS NULL",
    )
    .bind(tenant.to_string())
    .bind(device.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many devices of all tenants last said that they hold unsent work.
pub async fn with_unsent_work(conn: &mut Conn) -> Result<u64> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM device WHERE unsent > 0 AND revoked_at IS NULL")
            .fetch_one(conn)
            .await?;
    Ok(unsigned(count))
}
