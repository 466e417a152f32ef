//! Published checklist versions, verbatim.

use super::{Conn, Result, feed, feed::Op};
use sqlx::Row as _;
use zhicha_core::{
    api::PublishedChecklist,
    checklist::{Digest, Loaded},
    id::TenantId,
    sync::wire::Stream,
    time::Timestamp,
};

/// One published version.
pub async fn get(
    conn: &mut Conn,
    tenant: TenantId,
    digest: &Digest,
) -> Result<Option<PublishedChecklist>> {
    let row = sqlx::query("SELECT digest, json FROM checklist WHERE tenant = $1 AND digest = $2")
        .bind(tenant.to_string())
        .bind(&digest.0)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Whether a version is published here.
pub async fn is_published(conn: &mut Conn, tenant: TenantId, digest: &Digest) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM checklist WHERE tenant = $1 AND digest = $2)";
    Ok(sqlx::query_scalar(sql)
        .bind(tenant.to_string())
        .bind(&digest.0)
        .fetch_one(conn)
        .await?)
}

/// All published versions, by id and version.
pub async fn all(conn: &mut Conn, tenant: TenantId) -> Result<Vec<PublishedChecklist>> {
    let rows =
        sqlx::query("SELECT digest, json FROM checklist WHERE tenant = $1 ORDER BY id, version")
            .bind(tenant.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<PublishedChecklist> {
    Ok(PublishedChecklist {
        digest: Digest(row.try_get("digest")?),
        json: row.try_get("json")?,
    })
}

/// Whether a version is published under this id and number, and with which digest.
pub async fn digest_of(
    conn: &mut Conn,
    tenant: TenantId,
    id: &str,
    version: u32,
) -> Result<Option<Digest>> {
    let digest: Option<String> = sqlx::query_scalar(
        "SELECT digest FROM checklist WHERE tenant = $1 AND id = $2 AND version = $3",
    )
    .bind(tenant.to_string())
    .bind(id)
    .bind(i64::from(version))
    .fetch_optional(conn)
    .await?;
    Ok(digest.map(Digest))
}

/// Publishes a version: its bytes and its feed row.
pub async fn publish(
    conn: &mut Conn,
    tenant: TenantId,
    loaded: &Loaded,
    json: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO checklist (tenant, digest, id, version, published_at, json) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(tenant.to_string())
        .bind(&loaded.digest.0)
        .bind(&loaded.checklist.id)
        .bind(i64::from(loaded.checklist.version))
        .bind(now.0)
        .bind(json)
        .execute(&mut *conn)
        .await?;
    feed::add(
        conn,
        tenant,
        Stream::Checklists,
        "*",
        &loaded.digest.0,
        Op::Put,
        now,
    )
    .await?;
    Ok(())
}
