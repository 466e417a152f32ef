//! The register of sites. A change writes its feed rows in the same transaction.

use super::{Conn, Result, feed, feed::Op, signed, to_json};
use sqlx::Row as _;
use zhicha_core::{
    id::{SiteId, TenantId},
    sync::wire::{Site, Stream},
    time::Timestamp,
};

/// One site.
pub async fn get(conn: &mut Conn, tenant: TenantId, site: SiteId) -> Result<Option<Site>> {
    let row = sqlx::query("SELECT * FROM site WHERE tenant = $1 AND site_id = $2")
        .bind(tenant.to_string())
        .bind(site.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(feed::read_site).transpose()
}

/// Sites of a scope whose name, address, initials or credit code contains `q`, by name; and how many there are in all.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    scope: &[String],
    q: &str,
    limit: u32,
) -> Result<(Vec<Site>, u64)> {
    let rows = sqlx::query(
        "SELECT *, count(*) OVER () AS total FROM site
         WHERE tenant = $1
           AND EXISTS (SELECT 1 FROM json_each($2) g WHERE g.value IN ('*', region, 'site:' || site_id))
           AND ($3 = '' OR instr(lower(name || ' ' || address || ' ' || initials || ' ' || ifnull(credit_code, '')), $3) > 0)
         ORDER BY name, site_id LIMIT $4",
    )
    .bind(tenant.to_string())
    .bind(to_json(scope))
    .bind(q.to_lowercase())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    let total = rows
        .first()
        .map_or(Ok(0), |row| row.try_get::<i64, _>("total"))?;
    let sites = rows.iter().map(feed::read_site).collect::<Result<_>>()?;
    Ok((sites, super::unsigned(total)))
}

/// Adds or replaces a site. A site that moved leaves a tombstone in its old region.
pub async fn put(
    conn: &mut Conn,
    tenant: TenantId,
    site: &Site,
    before: Option<&Site>,
    now: Timestamp,
) -> Result<()> {
    let key = site.site_id.to_string();
    if let Some(before) = before.filter(|before| before.region != site.region) {
        feed::add(
            conn,
            tenant,
            Stream::Sites,
            &before.region,
            &key,
            Op::Drop,
            now,
        )
        .await?;
    }
    let seq = feed::add(
        conn,
        tenant,
        Stream::Sites,
        &site.region,
        &key,
        Op::Put,
        now,
    )
    .await?;
    sqlx::query(
        "INSERT INTO site (tenant, site_id, version, name, address, region, credit_code, category, initials,
         checklists, feed_seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (tenant, site_id) DO UPDATE SET version = excluded.version, name = excluded.name,
         address = excluded.address, region = excluded.region, credit_code = excluded.credit_code,
         category = excluded.category, initials = excluded.initials, checklists = excluded.checklists,
         feed_seq = excluded.feed_seq",
    )
    .bind(tenant.to_string())
    .bind(key)
    .bind(i64::from(site.version))
    .bind(&site.name)
    .bind(&site.address)
    .bind(&site.region)
    .bind(&site.credit_code)
    .bind(&site.category)
    .bind(&site.initials)
    .bind(to_json(&site.checklists))
    .bind(signed(seq))
    .execute(conn)
    .await?;
    Ok(())
}
