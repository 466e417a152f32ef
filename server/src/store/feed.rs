//! What devices pull: one numbered row for each change, by stream and scope.

use super::{Conn, Result, counter, parse, parse_json, signed, unsigned};
use sqlx::{AssertSqlSafe, Row as _, sqlite::SqliteRow};
use zhicha_core::{
    checklist::Digest,
    id::{SiteId, TenantId, UserId},
    sync::wire::{Site, Stream},
    time::Timestamp,
};

/// What a feed row says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The row was added or changed.
    Put,
    /// The row left this scope.
    Drop,
}

/// Adds a feed row; returns its number.
pub async fn add(
    conn: &mut Conn,
    tenant: TenantId,
    stream: Stream,
    scope: &str,
    key: &str,
    op: Op,
    now: Timestamp,
) -> Result<u64> {
    // One round trip to the database for both: a push adds a row for each event.
    let seq: Vec<i64> = sqlx::query_scalar(
        "INSERT INTO counter (tenant, stream, seq) VALUES ($1, $2, 1)
         ON CONFLICT (tenant, stream) DO UPDATE SET seq = seq + 1;
         INSERT INTO feed (tenant, stream, seq, scope, key, op, at)
         VALUES ($1, $2, (SELECT seq FROM counter WHERE tenant = $1 AND stream = $2), $3, $4, $5, $6) RETURNING seq",
    )
    .bind(tenant.to_string())
    .bind(stream.as_str())
    .bind(scope)
    .bind(key)
    .bind(if op == Op::Put { "put" } else { "drop" })
    .bind(now.0)
    // Not `fetch_one`: it would stop at the first row.
    .fetch_all(conn)
    .await?;
    Ok(unsigned(seq.first().copied().unwrap_or(0)))
}

/// One row of a page, with what the device gets for it; nothing for a row that a later one replaces.
#[derive(Clone, Debug)]
pub struct Fed {
    /// Its number.
    pub seq: u64,
    /// What it holds.
    pub item: Option<Item>,
}

/// What a device gets.
#[derive(Clone, Debug)]
pub enum Item {
    /// A site.
    Site(Site),
    /// A checklist.
    Checklist(Digest, String),
    /// An event of the person's own: its place in the log.
    Event(Box<super::events::EventRow>, String),
    /// A key that left the scope.
    Drop(String),
}

// One row of the feed of sites, whether a later one replaces it or not.
const SITE_ROWS: &str =
    "SELECT f.seq, f.key, f.op, s.site_id, s.version, s.name, s.address, s.region, s.credit_code, s.category,
            s.initials, s.checklists, s.feed_seq
     FROM feed f LEFT JOIN site s ON s.tenant = f.tenant AND s.site_id = f.key
     WHERE f.tenant = $1 AND f.stream = 'sites' AND f.seq > $2";

/// Sites of a scope after `seq`. Each grant is asked for by itself, so that other regions cost nothing.
pub async fn sites(
    conn: &mut Conn,
    tenant: TenantId,
    scope: &[String],
    seq: u64,
    limit: u32,
) -> Result<Vec<Fed>> {
    let mut fed = Vec::new();
    let all = scope.iter().any(|grant| grant == "*");
    let narrower = scope.iter().map(String::as_str).filter(|_| !all);
    for grant in narrower.chain(all.then_some("*")) {
        let (condition, of) = match grant.strip_prefix("site:") {
            // A single site has no feed of its own: it comes as it is now.
            Some(site) => (
                "f.seq = (SELECT feed_seq FROM site WHERE tenant = $1 AND site_id = $4)",
                site,
            ),
            None if all => ("$4 = '*'", grant),
            None => ("f.scope = $4", grant),
        };
        let sql = format!("{SITE_ROWS} AND {condition} ORDER BY f.seq LIMIT $3");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.to_string())
            .bind(signed(seq))
            .bind(i64::from(limit))
            .bind(of)
            .fetch_all(&mut *conn)
            .await?;
        for row in &rows {
            fed.push(fed_site(row)?);
        }
    }
    fed.sort_by_key(|row| row.seq);
    fed.dedup_by_key(|row| row.seq);
    fed.truncate(limit as usize);
    Ok(fed)
}

fn fed_site(row: &SqliteRow) -> Result<Fed> {
    let seq: i64 = row.try_get("seq")?;
    let item = if row.try_get::<&str, _>("op")? == "drop" {
        Some(Item::Drop(row.try_get("key")?))
    } else if row.try_get::<Option<i64>, _>("feed_seq")? == Some(seq) {
        let mut site = read_site(row)?;
        // Nobody chose: what fits follows from the category.
        if site.checklists.is_empty() {
            site.checklists = crate::checklists::fitting(&site.category);
        }
        Some(Item::Site(site))
    } else {
        None
    };
    Ok(Fed {
        seq: unsigned(seq),
        item,
    })
}

/// A site from a row that has the columns of `site`.
pub(super) fn read_site(row: &SqliteRow) -> Result<Site> {
    let version: i64 = row.try_get("version")?;
    Ok(Site {
        site_id: parse::<SiteId>(row.try_get("site_id")?)?,
        version: u32::try_from(version).unwrap_or(0),
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        region: row.try_get("region")?,
        credit_code: row.try_get("credit_code")?,
        category: row.try_get("category")?,
        initials: row.try_get("initials")?,
        checklists: parse_json(row.try_get("checklists")?)?,
    })
}

/// Checklists after `seq`.
pub async fn checklists(
    conn: &mut Conn,
    tenant: TenantId,
    seq: u64,
    limit: u32,
) -> Result<Vec<Fed>> {
    let rows = sqlx::query(
        "SELECT f.seq, c.digest, c.json FROM feed f JOIN checklist c ON c.tenant = f.tenant AND c.digest = f.key
         WHERE f.tenant = $1 AND f.stream = 'checklists' AND f.seq > $2 ORDER BY f.seq LIMIT $3",
    )
    .bind(tenant.to_string())
    .bind(signed(seq))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let item = Item::Checklist(Digest(row.try_get("digest")?), row.try_get("json")?);
            Ok(Fed {
                seq: unsigned(row.try_get("seq")?),
                item: Some(item),
            })
        })
        .collect()
}

/// The person's own events after `seq`, with the certificate of the device that wrote each.
pub async fn records(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    seq: u64,
    limit: u32,
) -> Result<Vec<Fed>> {
    let rows = sqlx::query(
        "SELECT f.seq AS feed_seq, e.*, d.certificate FROM feed f
         JOIN event_now e ON e.tenant = f.tenant AND e.tenant_seq = CAST(f.key AS INTEGER)
         JOIN device d ON d.tenant = e.tenant AND d.device_id = e.device_id
         WHERE f.tenant = $1 AND f.stream = 'records' AND f.scope = $2 AND f.seq > $3 ORDER BY f.seq LIMIT $4",
    )
    .bind(tenant.to_string())
    .bind(user.to_string())
    .bind(signed(seq))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let event = super::events::read(row)?;
            let item = Item::Event(Box::new(event), row.try_get("certificate")?);
            Ok(Fed {
                seq: unsigned(row.try_get("feed_seq")?),
                item: Some(item),
            })
        })
        .collect()
}

/// The last number of a stream.
pub async fn last(conn: &mut Conn, tenant: TenantId, stream: Stream) -> Result<u64> {
    counter::last(conn, tenant, stream.as_str()).await
}

/// A feed row as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub seq: u64,
    /// Region, person or `*`.
    pub scope: String,
    /// What it is about.
    pub key: String,
    /// What it says about its key.
    pub op: Op,
}

/// All rows of a stream, for checking them.
pub async fn dump(conn: &mut Conn, tenant: TenantId, stream: Stream) -> Result<Vec<Stored>> {
    let rows = sqlx::query(
        "SELECT seq, scope, key, op FROM feed WHERE tenant = $1 AND stream = $2 ORDER BY seq",
    )
    .bind(tenant.to_string())
    .bind(stream.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let put = row.try_get::<&str, _>("op")? == "put";
            Ok(Stored {
                seq: unsigned(row.try_get("seq")?),
                scope: row.try_get("scope")?,
                key: row.try_get("key")?,
                op: if put { Op::Put } else { Op::Drop },
            })
        })
        .collect()
}

/// The rows that the register of sites says are there: for each site the one that it was last saved with.
pub async fn of_sites(conn: &mut Conn, tenant: TenantId) -> Result<Vec<Stored>> {
    let rows = sqlx::query(
        "SELECT feed_seq, region, site_id FROM site WHERE tenant = $1 ORDER BY feed_seq",
    )
    .bind(tenant.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Stored {
                seq: unsigned(row.try_get("feed_seq")?),
                scope: row.try_get("region")?,
                key: row.try_get("site_id")?,
                op: Op::Put,
            })
        })
        .collect()
}
