//! Enrolled devices and where their chains stand.

use super::{Conn, Result, parse, parse_hash, signed, unsigned};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteRow};
use zhicha_core::{
    event::EventHash,
    id::{DeviceId, EpochId, TenantId, UserId},
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

/// Of the devices that were enrolled before `since` and are not revoked: how many know this life of the log and hold nothing
/// unsent, and how many there are.
pub async fn refilled(
    conn: &mut Conn,
    tenant: TenantId,
    epoch: EpochId,
    since: Timestamp,
) -> Result<(u64, u64)> {
    let (seen, all): (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE seen_epoch = $3 AND unsent = 0), count(*) FROM device
         WHERE tenant = $1 AND revoked_at IS NULL AND enrolled_at < $2",
    )
    .bind(tenant.to_string())
    .bind(since.0)
    .bind(epoch.to_string())
    .fetch_one(conn)
    .await?;
    Ok((unsigned(seen), unsigned(all)))
}

/// How many devices of all tenants last said that they hold unsent work.
pub async fn with_unsent_work(conn: &mut Conn) -> Result<u64> {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM device WHERE unsent > 0 AND revoked_at IS NULL")
            .fetch_one(conn)
            .await?;
    Ok(unsigned(count))
}

/// Devices whose last event is not there, or not the one that their row names, or not the text of its name.
pub async fn astray(conn: &mut Conn) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT d.device_id, d.last_hash, e.event_hash, e.text FROM device d
         LEFT JOIN event e ON e.tenant = d.tenant AND e.device_id = d.device_id AND e.device_seq = d.last_seq
         WHERE d.last_seq > 0",
    )
    .fetch_all(conn)
    .await?;
    let mut wrong = Vec::new();
    for row in rows {
        let named: &str = row.try_get("last_hash")?;
        let stored: Option<&str> = row.try_get("event_hash")?;
        let text: Option<&str> = row.try_get("text")?;
        let sound = stored == Some(named)
            && text.is_some_and(|text| EventHash::of_text(text).as_str() == named);
        if !sound {
            wrong.push(row.try_get("device_id")?);
        }
    }
    Ok(wrong)
}
