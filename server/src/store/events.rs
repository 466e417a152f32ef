//! The event table: one row for each number of a device that is taken. Rows are only ever added; what became of one that had to
//! wait stands beside it (`settlements`), and is what is read here.

use super::{
    Conn, Result, counter, from_name, log, name_of, parse, parse_hash, parse_json,
    projection::{self, Projected},
    signed, to_json, unsigned,
};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteRow};
use std::{collections::HashMap, sync::LazyLock};
use zhicha_core::{
    api::Flag,
    event::{Disposition, EventHash, Payload, Receipt},
    id::{DeviceId, EpochId, RecordId, TenantId, UserId},
    log::Tree,
    sync::wire::{Reason, Stream},
    time::Timestamp,
};

/// A stored event.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Tenant.
    pub tenant: TenantId,
    /// Place in the tenant's log.
    pub tenant_seq: u64,
    /// Life of the log in which it came.
    pub epoch: EpochId,
    /// Hash of the signing input (of the text, when it is damaged).
    pub hash: EventHash,
    /// Device.
    pub device: DeviceId,
    /// Number on the device.
    pub device_seq: u64,
    /// Person that the certificate names.
    pub user: UserId,
    /// Kind it claims, where it can be read.
    pub kind: Option<String>,
    /// Type of record it claims.
    pub record_type: Option<String>,
    /// Record it claims.
    pub record: Option<RecordId>,
    /// Where it went.
    pub disposition: Disposition,
    /// Why, when it was not applied.
    pub reason: Option<Reason>,
    /// More words.
    pub detail: String,
    /// Notes.
    pub flags: Vec<Flag>,
    /// When it came.
    pub received_at: Timestamp,
    /// The text, verbatim.
    pub text: String,
}

impl EventRow {
    /// What the text says; nothing of a text whose signature did not fit when it came.
    pub fn believed(&self) -> Option<Payload> {
        let sound = self.reason != Some(Reason::Damaged);
        let (payload, _) = Payload::parse(&self.text).ok().filter(|_| sound)?;
        Some(payload)
    }

    /// What the receipt says about this row.
    pub fn receipt(&self) -> Receipt {
        Receipt {
            tenant: self.tenant,
            epoch: self.epoch,
            event_hash: self.hash.clone(),
            device_id: self.device,
            device_seq: self.device_seq,
            disposition: self.disposition,
            tenant_seq: self.tenant_seq,
            received_at: self.received_at,
        }
    }
}

fn select(clause: &'static str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT e.tenant, e.tenant_seq, e.epoch, e.event_hash, e.device_id, e.device_seq, e.user_id, e.kind,
         e.record_type, e.record_id, e.disposition, e.reason, e.detail, e.flags, e.received_at, e.text
         FROM event_now e {clause}"
    ))
}

pub(super) fn read(row: &SqliteRow) -> Result<EventRow> {
    Ok(EventRow {
        tenant: parse(row.try_get("tenant")?)?,
        tenant_seq: unsigned(row.try_get("tenant_seq")?),
        epoch: parse(row.try_get("epoch")?)?,
        hash: parse_hash(row.try_get("event_hash")?)?,
        device: parse(row.try_get("device_id")?)?,
        device_seq: unsigned(row.try_get("device_seq")?),
        user: parse(row.try_get("user_id")?)?,
        kind: row.try_get("kind")?,
        record_type: row.try_get("record_type")?,
        record: row
            .try_get::<Option<&str>, _>("record_id")?
            .map(parse)
            .transpose()?,
        disposition: from_name(row.try_get("disposition")?)?,
        reason: row
            .try_get::<Option<&str>, _>("reason")?
            .map(from_name)
            .transpose()?,
        detail: row.try_get("detail")?,
        flags: parse_json(row.try_get("flags")?)?,
        received_at: Timestamp(row.try_get("received_at")?),
        text: row.try_get("text")?,
    })
}

macro_rules! add {
    () => {
        "INSERT INTO counter (tenant, stream, seq) VALUES ($1, $2, 1)
         ON CONFLICT (tenant, stream) DO UPDATE SET seq = seq + 1;
         INSERT INTO event (tenant, tenant_seq, epoch, event_hash, device_id, device_seq, user_id, kind, record_type,
         record_id, disposition, reason, detail, flags, received_at, text)
         VALUES ($1, (SELECT seq FROM counter WHERE tenant = $1 AND stream = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11,
         $12, $13, $14, $15, $16) RETURNING tenant_seq;
         INSERT INTO projection_log (tenant, size, root, peaks) VALUES ($1, $17, $18, $19);"
    };
}

// Its person's devices get it too.
const ADD_AND_FEED: &str = concat!(
    add!(),
    "INSERT INTO counter (tenant, stream, seq) VALUES ($1, $20, 1)
     ON CONFLICT (tenant, stream) DO UPDATE SET seq = seq + 1;
     INSERT INTO feed (tenant, stream, seq, scope, key, op, at)
     VALUES ($1, $20, (SELECT seq FROM counter WHERE tenant = $1 AND stream = $20), $7, CAST($17 AS TEXT), 'put', $15)"
);

// The list row of its record too; a seal ends the draft.
static ADD_FEED_AND_PROJECT: LazyLock<String> = LazyLock::new(|| {
    let draft = "DELETE FROM draft WHERE tenant = $1 AND user_id = $7 AND record_id = $10 AND $8 = 'sealed'";
    format!("{ADD_AND_FEED};{draft};{}", projection::behind(20))
});

/// What is written with an event.
#[derive(Clone, Copy, Debug)]
pub enum With<'a> {
    /// Nothing: nobody pulls it.
    Nothing,
    /// A row on the feed of its person.
    Feed,
    /// That, and the list row of its record.
    FeedAndProjection(RecordId, &'a Projected),
}

/// Adds an event at the end of the log, whose tree is `tree`; returns its number in the log. All of it in one question to the
/// database: a push does it for each event.
pub async fn add(conn: &mut Conn, row: &EventRow, tree: &mut Tree, with: With<'_>) -> Result<u64> {
    tree.append(&row.hash);
    let sql = match with {
        With::Nothing => add!(),
        With::Feed => ADD_AND_FEED,
        With::FeedAndProjection(..) => ADD_FEED_AND_PROJECT.as_str(),
    };
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(row.tenant.to_string())
        .bind(counter::LOG)
        .bind(row.epoch.to_string())
        .bind(row.hash.as_str())
        .bind(row.device.to_string())
        .bind(signed(row.device_seq))
        .bind(row.user.to_string())
        .bind(&row.kind)
        .bind(&row.record_type)
        .bind(row.record.map(|r| r.to_string()))
        .bind(row.disposition.as_str())
        .bind(row.reason.as_ref().map(name_of))
        .bind(&row.detail)
        .bind(to_json(&row.flags))
        .bind(row.received_at.0)
        .bind(&row.text)
        .bind(signed(tree.size()))
        .bind(tree.root())
        .bind(tree.peaks())
        .bind(Stream::Records.as_str());
    let query = match with {
        With::FeedAndProjection(record, projected) => {
            projection::bound(query, row.tenant, record, projected)
        }
        With::Nothing | With::Feed => query,
    };
    // Not `fetch_one`: it would stop at the first row.
    let rows = query.fetch_all(&mut *conn).await?;
    let seq = rows.first().map(|row| row.try_get(0)).transpose()?;
    let seq = unsigned(seq.unwrap_or(0));
    log::ends(tree, seq)?;
    Ok(seq)
}

/// The event under a number of a device.
pub async fn at(
    conn: &mut Conn,
    tenant: TenantId,
    device: DeviceId,
    seq: u64,
) -> Result<Option<EventRow>> {
    let row = sqlx::query(select(
        "WHERE e.tenant = $1 AND e.device_id = $2 AND e.device_seq = $3",
    ))
    .bind(tenant.to_string())
    .bind(device.to_string())
    .bind(signed(seq))
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// All events that claim a record, oldest first.
pub async fn of_record(
    conn: &mut Conn,
    tenant: TenantId,
    record: RecordId,
) -> Result<Vec<EventRow>> {
    let rows = sqlx::query(select(
        "WHERE e.tenant = $1 AND e.record_id = $2 ORDER BY e.tenant_seq",
    ))
    .bind(tenant.to_string())
    .bind(record.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// The same for many records; those without events are there too.
pub async fn of_records(
    conn: &mut Conn,
    tenant: TenantId,
    records: impl Iterator<Item = RecordId>,
) -> Result<HashMap<RecordId, Vec<EventRow>>> {
    let mut all: HashMap<RecordId, Vec<EventRow>> = records.map(|id| (id, Vec::new())).collect();
    let ids: Vec<String> = all.keys().map(ToString::to_string).collect();
    let rows = sqlx::query(select(
        // The sign keeps SQLite from walking through the whole log in its order.
        "WHERE e.tenant = $1 AND e.record_id IN (SELECT value FROM json_each($2)) ORDER BY +e.tenant_seq",
    ))
    .bind(tenant.to_string())
    .bind(to_json(&ids))
    .fetch_all(conn)
    .await?;
    for row in &rows {
        let row = read(row)?;
        if let Some(record) = row.record {
            all.entry(record).or_default().push(row);
        }
    }
    Ok(all)
}

/// The event that counts under this hash.
pub async fn by_hash(
    conn: &mut Conn,
    tenant: TenantId,
    hash: &EventHash,
) -> Result<Option<EventRow>> {
    let row = sqlx::query(select(
        "WHERE e.tenant = $1 AND e.event_hash = $2 ORDER BY e.disposition = 'quarantined' LIMIT 1",
    ))
    .bind(tenant.to_string())
    .bind(hash.as_str())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Whether the log holds this hash.
pub async fn has(conn: &mut Conn, tenant: TenantId, hash: &str) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM event WHERE tenant = $1 AND event_hash = $2)",
    )
    .bind(tenant.to_string())
    .bind(hash)
    .fetch_one(conn)
    .await?)
}

/// Events of a tenant after a place in the log, in log order, at most `limit`.
pub async fn after(
    conn: &mut Conn,
    tenant: TenantId,
    tenant_seq: u64,
    limit: u32,
) -> Result<Vec<EventRow>> {
    let rows = sqlx::query(select(
        "WHERE e.tenant = $1 AND e.tenant_seq > $2 ORDER BY e.tenant_seq LIMIT $3",
    ))
    .bind(tenant.to_string())
    .bind(signed(tenant_seq))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Records of a tenant that have events which count.
pub async fn records(conn: &mut Conn, tenant: TenantId) -> Result<Vec<RecordId>> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT record_id FROM event_now
         WHERE tenant = $1 AND record_id IS NOT NULL AND disposition = 'applied' ORDER BY record_id",
    )
    .bind(tenant.to_string())
    .fetch_all(conn)
    .await?;
    ids.iter().map(|id| parse(id)).collect()
}
