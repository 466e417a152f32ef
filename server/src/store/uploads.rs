//! Uploads on their way, by an id that nobody can guess.

use super::{Conn, Result, parse, signed, unsigned};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteRow};
use zhicha_core::{checklist::Digest, id::TenantId, time::Timestamp};

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Tenant of the event that names the bytes.
    pub tenant: TenantId,
    /// Its id, and the name of its staging file.
    pub id: String,
    /// What the bytes will hash to.
    pub sha256: Digest,
    /// How many they are.
    pub len: u64,
    /// How many are on disk.
    pub at: u64,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// What its client said about it (`Upload-Metadata`); empty when it began before that was kept.
    pub metadata: String,
}

impl Upload {
    /// Whether all bytes have come.
    pub fn complete(&self) -> bool {
        self.at == self.len
    }
}

fn select(clause: &'static str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "SELECT tenant, upload_id, sha256, len, at, expires_at, metadata FROM upload {clause}"
    ))
}

fn read(row: &SqliteRow) -> Result<Upload> {
    Ok(Upload {
        tenant: parse(row.try_get("tenant")?)?,
        id: row.try_get("upload_id")?,
        sha256: Digest(row.try_get("sha256")?),
        len: unsigned(row.try_get("len")?),
        at: unsigned(row.try_get("at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        metadata: row.try_get("metadata")?,
    })
}

/// The upload with this id; the id is the secret.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Upload>> {
    let row = sqlx::query(select("WHERE upload_id = $1"))
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The upload of these bytes.
pub async fn of(
    conn: &mut Conn,
    tenant: TenantId,
    sha256: &Digest,
    len: u64,
) -> Result<Option<Upload>> {
    let row = sqlx::query(select("WHERE tenant = $1 AND sha256 = $2 AND len = $3"))
        .bind(tenant.to_string())
        .bind(&sha256.0)
        .bind(signed(len))
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// All of them.
pub async fn all(conn: &mut Conn) -> Result<Vec<Upload>> {
    let rows = sqlx::query(select("ORDER BY tenant, upload_id"))
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// Begins an upload.
pub async fn add(conn: &mut Conn, upload: &Upload) -> Result<()> {
    sqlx::query(
        "INSERT INTO upload (tenant, upload_id, sha256, len, at, expires_at, metadata)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(upload.tenant.to_string())
    .bind(&upload.id)
    .bind(&upload.sha256.0)
    .bind(signed(upload.len))
    .bind(signed(upload.at))
    .bind(upload.expires_at.0)
    .bind(&upload.metadata)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes how many bytes are on disk.
pub async fn stand(conn: &mut Conn, id: &str, at: u64) -> Result<()> {
    sqlx::query("UPDATE upload SET at = $2 WHERE upload_id = $1")
        .bind(id)
        .bind(signed(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets an upload.
pub async fn remove(conn: &mut Conn, id: &str) -> Result<()> {
    sqlx::query("DELETE FROM upload WHERE upload_id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
