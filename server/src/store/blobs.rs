//! Bytes that events name: which are named, and which are here. The bytes themselves lie in `crate::blob`.

use super::{Conn, Result, events, parse, signed, tenants, unsigned};
use sqlx::{Row as _, sqlite::SqliteRow};
use std::collections::BTreeSet;
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, BlobRef, Body, EventHash, Payload},
    id::{RecordId, TenantId, UserId},
    inspection::evidence,
    time::Timestamp,
};

/// Bytes as an event names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Tenant of the event.
    pub tenant: TenantId,
    /// Person that the event's certificate names.
    pub user: UserId,
    /// How many bytes the event says.
    pub len: u64,
}

/// Notes what an event names. What is no digest names nothing.
pub async fn name(conn: &mut Conn, row: &events::EventRow, blobs: &[BlobRef]) -> Result<()> {
    for (event, sha256, len) in names(&row.hash, blobs) {
        sqlx::query(
            "INSERT OR IGNORE INTO projection_blob (tenant, sha256, event_hash, user_id, len)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(row.tenant.to_string())
        .bind(sha256)
        .bind(event)
        .bind(row.user.to_string())
        .bind(len)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// What the event with this hash says about these bytes; the hash says which tenant it is.
pub async fn named(conn: &mut Conn, event: &EventHash, sha256: &Digest) -> Result<Option<Named>> {
    let row = sqlx::query(
        "SELECT tenant, user_id, len FROM projection_blob WHERE event_hash = $1 AND sha256 = $2",
    )
    .bind(event.as_str())
    .bind(&sha256.0)
    .fetch_optional(conn)
    .await?;
    let read = |row: SqliteRow| {
        Ok(Named {
            tenant: parse(row.try_get("tenant")?)?,
            user: parse(row.try_get("user_id")?)?,
            len: unsigned(row.try_get("len")?),
        })
    };
    row.map(read).transpose()
}

/// Whether any event of the tenant names these bytes.
pub async fn is_named(conn: &mut Conn, tenant: TenantId, sha256: &Digest) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM projection_blob WHERE tenant = $1 AND sha256 = $2)",
    )
    .bind(tenant.to_string())
    .bind(&sha256.0)
    .fetch_one(conn)
    .await?)
}

/// How many bytes of a person are here or on their way.
pub async fn weight(conn: &mut Conn, tenant: TenantId, user: UserId) -> Result<u64> {
    let sum: i64 = sqlx::query_scalar(
        "SELECT coalesce(sum(len), 0) FROM (
             SELECT b.len FROM blob b WHERE b.tenant = $1 AND EXISTS (
                 SELECT 1 FROM projection_blob p WHERE p.tenant = $1 AND p.sha256 = b.sha256 AND p.user_id = $2)
             UNION ALL
             SELECT u.len FROM upload u WHERE u.tenant = $1 AND u.at < u.len AND EXISTS (
                 SELECT 1 FROM projection_blob p WHERE p.tenant = $1 AND p.sha256 = u.sha256 AND p.user_id = $2))",
    )
    .bind(tenant.to_string())
    .bind(user.to_string())
    .fetch_one(conn)
    .await?;
    Ok(unsigned(sum))
}

fn read(row: &SqliteRow) -> Result<BlobReceipt> {
    Ok(BlobReceipt {
        tenant: parse(row.try_get("tenant")?)?,
        epoch: parse(row.try_get("epoch")?)?,
        sha256: Digest(row.try_get("sha256")?),
        len: unsigned(row.try_get("len")?),
        received_at: Timestamp(row.try_get("received_at")?),
    })
}

/// Notes that bytes are here, in the present life of the log. Nothing changes when they were here before.
pub async fn add(
    conn: &mut Conn,
    tenant: TenantId,
    sha256: &Digest,
    len: u64,
    now: Timestamp,
) -> Result<()> {
    let epoch = tenants::log(conn, tenant).await?.epoch;
    sqlx::query(
        "INSERT OR IGNORE INTO blob (tenant, sha256, len, epoch, received_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tenant.to_string())
    .bind(&sha256.0)
    .bind(signed(len))
    .bind(epoch.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The row of bytes that came; whether they still are in their place, `crate::blob` knows.
pub async fn find(
    conn: &mut Conn,
    tenant: TenantId,
    sha256: &Digest,
) -> Result<Option<BlobReceipt>> {
    let row = sqlx::query("SELECT * FROM blob WHERE tenant = $1 AND sha256 = $2")
        .bind(tenant.to_string())
        .bind(&sha256.0)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// What came of the bytes that an event names.
pub async fn of_event(conn: &mut Conn, event: &EventHash) -> Result<Vec<BlobReceipt>> {
    let rows = sqlx::query(
        "SELECT b.* FROM projection_blob p JOIN blob b ON b.tenant = p.tenant AND b.sha256 = p.sha256
         WHERE p.event_hash = $1 ORDER BY b.sha256",
    )
    .bind(event.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Bytes that events of a record name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfRecord {
    /// What they hash to.
    pub sha256: Digest,
    /// How many the event says.
    pub len: u64,
    /// Their row, once they came.
    pub row: Option<BlobReceipt>,
}

/// What the events of a record name, in the order of the log. What is in quarantine names nothing here: it need not be of
/// the people of this record.
pub async fn of_record(
    conn: &mut Conn,
    tenant: TenantId,
    record: RecordId,
) -> Result<Vec<OfRecord>> {
    let rows = sqlx::query(
        "SELECT p.tenant, p.sha256, p.len AS said, b.len, b.epoch, b.received_at FROM event_now e
         JOIN projection_blob p ON p.tenant = e.tenant AND p.event_hash = e.event_hash
         LEFT JOIN blob b ON b.tenant = p.tenant AND b.sha256 = p.sha256
         WHERE e.tenant = $1 AND e.record_id = $2 AND e.disposition <> 'quarantined'
         ORDER BY e.tenant_seq, p.sha256",
    )
    .bind(tenant.to_string())
    .bind(record.to_string())
    .fetch_all(conn)
    .await?;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for row in &rows {
        let sha256 = Digest(row.try_get("sha256")?);
        if !seen.insert(sha256.clone()) {
            continue;
        }
        let here = row.try_get::<Option<i64>, _>("len")?.is_some();
        found.push(OfRecord {
            len: unsigned(row.try_get("said")?),
            row: here.then(|| read(row)).transpose()?,
            sha256,
        });
    }
    Ok(found)
}

/// Whether the record says of these bytes that they are what somebody was shown when signing.
pub async fn is_signed_text(
    conn: &mut Conn,
    tenant: TenantId,
    record: RecordId,
    sha256: &Digest,
) -> Result<bool> {
    let events = events::of_record(conn, tenant, record).await?;
    let signed = |text: &str| {
        let body = Payload::parse(text).ok()?.0.body().ok()??;
        let Body::Sealed(body) = body else {
            return None;
        };
        let mut shown = body.sign_offs.into_iter().filter_map(|sign| sign.shown);
        shown.find(|digest| digest == sha256)
    };
    Ok(events.iter().any(|row| signed(&row.text).is_some()))
}

/// The bytes of a record that a marked copy stands for. Read from the events each time: they decide who may look at a face.
pub async fn behind_marks(
    conn: &mut Conn,
    tenant: TenantId,
    record: RecordId,
) -> Result<BTreeSet<Digest>> {
    let mut behind = BTreeSet::new();
    for row in events::of_record(conn, tenant, record).await? {
        let Ok((payload, _)) = Payload::parse(&row.text) else {
            continue;
        };
        match payload.body() {
            Ok(Some(Body::Sealed(body))) => {
                behind.extend(evidence::behind_marks(&body.evidence, &payload.blobs));
            }
            Ok(Some(Body::Amended(body))) => {
                behind.extend(evidence::behind_marks(&body.evidence, &payload.blobs));
            }
            // What this build cannot read: no evidence is known, so all of the event's.
            _ if payload.blobs.iter().any(evidence::is_marked) => {
                behind.extend(payload.blobs.into_iter().map(|blob| blob.sha256));
            }
            _ => {}
        }
    }
    Ok(behind)
}

/// All bytes of a tenant that are here.
pub async fn all(conn: &mut Conn, tenant: TenantId) -> Result<Vec<BlobReceipt>> {
    let rows = sqlx::query("SELECT * FROM blob WHERE tenant = $1 ORDER BY sha256")
        .bind(tenant.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// What the events of a tenant name, as it is noted: event, digest and length.
pub async fn dump(conn: &mut Conn, tenant: TenantId) -> Result<BTreeSet<Name>> {
    let rows = sqlx::query("SELECT event_hash, sha256, len FROM projection_blob WHERE tenant = $1")
        .bind(tenant.to_string())
        .fetch_all(conn)
        .await?;
    let read = |row: &SqliteRow| {
        let len: i64 = row.try_get("len")?;
        Ok((row.try_get("event_hash")?, row.try_get("sha256")?, len))
    };
    rows.iter().map(read).collect()
}

/// An event, bytes that it names, and their length.
pub type Name = (String, String, i64);

/// What [`dump`] gives for an event with these blobs.
pub fn names<'a>(event: &'a EventHash, blobs: &'a [BlobRef]) -> impl Iterator<Item = Name> + 'a {
    let sound = blobs
        .iter()
        .filter(|blob| Digest::parse(&blob.sha256.0).is_some());
    sound.map(|blob| {
        let (event, sha256) = (event.as_str().to_owned(), blob.sha256.0.clone());
        (event, sha256, signed(blob.len))
    })
}

/// Computes anew what the events of a tenant name.
pub async fn rebuild(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    sqlx::query("DELETE FROM projection_blob WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(&mut *conn)
        .await?;
    let mut after = 0;
    loop {
        let rows = events::after(conn, tenant, after, 200).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.tenant_seq;
        for row in &rows {
            if let Some(payload) = row.believed() {
                name(conn, row, &payload.blobs).await?;
            }
        }
    }
}
