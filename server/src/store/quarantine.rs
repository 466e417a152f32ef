//! Texts that take no number of a device, and the list of everything that a person must look at.

use super::{Conn, Result, from_name, log, name_of, parse, parse_hash, signed, unsigned};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use zhicha_core::{
    api::QuarantineRow,
    checklist::digest::hex,
    event::{Disposition, EventHash, Receipt},
    id::{DeviceId, EpochId, RecordId, TenantId, UserId},
    sync::wire::Reason,
    time::Timestamp,
};

/// A text without a number of its own.
#[derive(Clone, Debug)]
pub struct Stray {
    /// Tenant.
    pub tenant: TenantId,
    /// Place in the tenant's log.
    pub tenant_seq: u64,
    /// Life of the log in which it came.
    pub epoch: EpochId,
    /// Its hash.
    pub hash: EventHash,
    /// Device that sent it.
    pub device: Option<DeviceId>,
    /// Number it claimed.
    pub device_seq: Option<u64>,
    /// Person that the certificate names.
    pub user: Option<UserId>,
    /// Kind it claims.
    pub kind: Option<String>,
    /// Record it claims.
    pub record: Option<RecordId>,
    /// Why it is here.
    pub reason: Reason,
    /// More words.
    pub detail: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The text, verbatim.
    pub text: String,
}

impl Stray {
    /// What the receipt says, for a text that a known device sent.
    pub fn receipt(&self) -> Option<Receipt> {
        Some(Receipt {
            tenant: self.tenant,
            epoch: self.epoch,
            event_hash: self.hash.clone(),
            device_id: self.device?,
            device_seq: self.device_seq?,
            disposition: Disposition::Quarantined,
            tenant_seq: self.tenant_seq,
            received_at: self.received_at,
        })
    }
}

fn text_hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// The stray that this device has sent under this number before.
pub async fn find(conn: &mut Conn, like: &Stray) -> Result<Option<Stray>> {
    let row = sqlx::query(
        "SELECT tenant_seq, epoch, event_hash, reason, detail, received_at FROM quarantine
         WHERE tenant = $1 AND text_hash = $2 AND ifnull(device_id, '') = $3 AND ifnull(device_seq, 0) = $4",
    )
    .bind(like.tenant.to_string())
    .bind(text_hash(&like.text))
    .bind(like.device.map(|d| d.to_string()).unwrap_or_default())
    .bind(signed(like.device_seq.unwrap_or(0)))
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Stray {
        tenant_seq: unsigned(row.try_get("tenant_seq")?),
        epoch: parse(row.try_get("epoch")?)?,
        hash: parse_hash(row.try_get("event_hash")?)?,
        reason: from_name(row.try_get("reason")?)?,
        detail: row.try_get("detail")?,
        received_at: Timestamp(row.try_get("received_at")?),
        ..like.clone()
    }))
}

/// Adds a stray.
pub async fn add(conn: &mut Conn, row: &Stray) -> Result<()> {
    sqlx::query(
        "INSERT INTO quarantine (tenant, tenant_seq, epoch, event_hash, text_hash, device_id, device_seq, user_id, kind,
         record_id, reason, detail, received_at, text)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(row.tenant.to_string())
    .bind(signed(row.tenant_seq))
    .bind(row.epoch.to_string())
    .bind(row.hash.as_str())
    .bind(text_hash(&row.text))
    .bind(row.device.map(|d| d.to_string()))
    .bind(row.device_seq.map(signed))
    .bind(row.user.map(|u| u.to_string()))
    .bind(&row.kind)
    .bind(row.record.map(|r| r.to_string()))
    .bind(name_of(&row.reason))
    .bind(&row.detail)
    .bind(row.received_at.0)
    .bind(&row.text)
    .execute(&mut *conn)
    .await?;
    log::append(conn, row.tenant, row.tenant_seq, &row.hash).await
}

/// How many bytes came without proof of who sent them.
pub async fn unproven_bytes(conn: &mut Conn, tenant: TenantId) -> Result<u64> {
    let bytes: i64 = sqlx::query_scalar(
        "SELECT ifnull(sum(octet_length(text)), 0) FROM quarantine WHERE tenant = $1 AND device_id IS NULL",
    )
    .bind(tenant.to_string())
    .fetch_one(conn)
    .await?;
    Ok(unsigned(bytes))
}

/// How many texts without a number there are.
pub async fn count(conn: &mut Conn, tenant: TenantId) -> Result<u64> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM quarantine WHERE tenant = $1")
        .bind(tenant.to_string())
        .fetch_one(conn)
        .await?;
    Ok(unsigned(count))
}

/// Everything that was not applied, newest first (what came without proof last), at most `limit`. `scope` are the reader's regions: a row shows when
/// its author shares one.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    scope: &[String],
    limit: u32,
) -> Result<Vec<QuarantineRow>> {
    let rows = sqlx::query(
        "WITH kept AS (
           SELECT tenant, tenant_seq, event_hash, device_id, device_seq, user_id, kind, record_id, reason, detail,
                  received_at, text FROM event_now WHERE tenant = $1 AND disposition = 'quarantined'
           UNION ALL
           SELECT tenant, tenant_seq, event_hash, device_id, device_seq, user_id, kind, record_id, reason, detail,
                  received_at, text FROM quarantine WHERE tenant = $1
         )
         SELECT k.*, p.name AS actor_name FROM kept k
         LEFT JOIN person p ON p.tenant = k.tenant AND p.user_id = k.user_id
         WHERE EXISTS (SELECT 1 FROM json_each($2) s WHERE s.value = '*'
                       OR s.value IN (SELECT value FROM json_each(p.grants)))
         ORDER BY k.device_id IS NULL, k.tenant_seq DESC LIMIT $3",
    )
    .bind(tenant.to_string())
    .bind(super::to_json(scope))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<QuarantineRow> {
    Ok(QuarantineRow {
        event_hash: parse_hash(row.try_get("event_hash")?)?,
        device_id: row
            .try_get::<Option<&str>, _>("device_id")?
            .map(parse)
            .transpose()?,
        device_seq: row.try_get::<Option<i64>, _>("device_seq")?.map(unsigned),
        actor_name: row.try_get("actor_name")?,
        reason: from_name(row.try_get("reason")?)?,
        detail: row.try_get("detail")?,
        kind: row.try_get("kind")?,
        record_id: row
            .try_get::<Option<&str>, _>("record_id")?
            .map(parse)
            .transpose()?,
        received_at: Timestamp(row.try_get("received_at")?),
        text: row.try_get("text")?,
    })
}
