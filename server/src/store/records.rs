//! Reading received inspections: the filtered list, and whether a reader may see one.

use super::{Conn, Result, name_of, parse_json, to_json, unsigned};
use sqlx::{Row as _, sqlite::SqliteRow};
use zhicha_core::{
    api::RecordSummary,
    id::{RecordId, TenantId, UserId},
    inspection::Mode,
};

/// What the list is narrowed to; empty fields do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words, all of which must occur.
    pub words: Vec<String>,
    /// First day, `YYYY-MM-DD`.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Mode.
    pub mode: Option<Mode>,
    /// Checklist id.
    pub checklist: Option<String>,
    /// Region code.
    pub region: Option<String>,
    /// Only records with failed items.
    pub with_fails: bool,
    /// Only sealed records, or only those that were begun and not sealed.
    pub sealed: Option<bool>,
    /// Go on after this (day, first place in the log).
    pub after: Option<(String, i64)>,
    /// At most so many.
    pub limit: u32,
}

// A record of a typed site has no region; whoever shares one with its author may see it.
const VISIBLE: &str =
    "EXISTS (SELECT 1 FROM json_each($2) s WHERE s.value = '*' OR s.value = p.region
    OR (p.region IS NULL AND s.value IN (SELECT g.value FROM person a, json_each(a.grants) g
        WHERE a.tenant = p.tenant AND a.user_id = p.user_id)))";

// Files that its events name, and those of them that came.
const COUNTS: &str = "(SELECT count(DISTINCT b.sha256) FROM event_now e
        JOIN projection_blob b ON b.tenant = e.tenant AND b.event_hash = e.event_hash
        WHERE e.tenant = p.tenant AND e.record_id = p.record_id AND e.disposition <> 'quarantined') AS named,
    (SELECT count(DISTINCT b.sha256) FROM event_now e
        JOIN projection_blob b ON b.tenant = e.tenant AND b.event_hash = e.event_hash
        JOIN blob h ON h.tenant = b.tenant AND h.sha256 = b.sha256
        WHERE e.tenant = p.tenant AND e.record_id = p.record_id AND e.disposition <> 'quarantined') AS here";

fn read(row: &SqliteRow) -> Result<RecordSummary> {
    let mut summary: RecordSummary = parse_json(row.try_get("summary")?)?;
    summary.blobs_named = unsigned(row.try_get("named")?);
    summary.blobs_here = unsigned(row.try_get("here")?);
    Ok(summary)
}

const MATCHES: &str =
    "NOT EXISTS (SELECT 1 FROM json_each($3) w WHERE instr(p.search, w.value) = 0)
    AND ($4 IS NULL OR p.inspection_date >= $4) AND ($5 IS NULL OR p.inspection_date <= $5)
    AND ($6 IS NULL OR p.mode = $6) AND ($7 IS NULL OR p.region = $7) AND (NOT $8 OR p.fails > 0)
    AND ($9 IS NULL OR EXISTS (SELECT 1 FROM projection_inspection_checklist c
        WHERE c.tenant = p.tenant AND c.checklist_id = $9 AND c.record_id = p.record_id))
    AND ($10 IS NULL OR p.sealed = $10)";

/// One page of records with its total and where the next page begins.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows, newest first.
    pub rows: Vec<RecordSummary>,
    /// How many fit in all.
    pub total: u64,
    /// The last row's place, when more follow.
    pub next: Option<(String, i64)>,
}

/// Records of a scope, newest day first.
pub async fn list(
    conn: &mut Conn,
    tenant: TenantId,
    scope: &[String],
    filter: &Filter,
) -> Result<Page> {
    let total = query(&format!("SELECT count(*) AS total FROM projection_inspection p WHERE p.tenant = $1 AND {VISIBLE} AND {MATCHES}"), tenant, scope, filter)
        .fetch_one(&mut *conn)
        .await?;
    let sql = format!(
        "SELECT p.inspection_date, p.first_seq, p.summary, {COUNTS} FROM projection_inspection p
         WHERE p.tenant = $1 AND {VISIBLE} AND {MATCHES}
           AND ($11 IS NULL OR (p.inspection_date, p.first_seq) < ($11, $12))
         ORDER BY p.inspection_date DESC, p.first_seq DESC LIMIT $13"
    );
    let (day, seq) = filter.after.clone().unzip();
    let mut rows = query(&sql, tenant, scope, filter)
        .bind(day)
        .bind(seq)
        .bind(i64::from(filter.limit) + 1)
        .fetch_all(conn)
        .await?;
    let more = rows.len() > filter.limit as usize;
    rows.truncate(filter.limit as usize);
    let next = match rows.last().filter(|_| more) {
        Some(row) => Some((row.try_get("inspection_date")?, row.try_get("first_seq")?)),
        None => None,
    };
    let summaries = rows.iter().map(read).collect::<Result<_>>()?;
    Ok(Page {
        rows: summaries,
        total: unsigned(total.try_get("total")?),
        next,
    })
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

// `sql` is put together from the literals above, never from input.
fn query(sql: &str, tenant: TenantId, scope: &[String], filter: &Filter) -> Query {
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
        .bind(tenant.to_string())
        .bind(to_json(scope))
        .bind(to_json(&filter.words))
        .bind(filter.from.clone())
        .bind(filter.to.clone())
        .bind(filter.mode.as_ref().map(name_of))
        .bind(filter.region.clone())
        .bind(filter.with_fails)
        .bind(filter.checklist.clone())
        .bind(filter.sealed)
}

/// The list row of one record, if the scope has it.
pub async fn get(
    conn: &mut Conn,
    tenant: TenantId,
    scope: &[String],
    record: RecordId,
) -> Result<Option<RecordSummary>> {
    let sql = format!(
        "SELECT p.summary, {COUNTS} FROM projection_inspection p WHERE p.tenant = $1 AND {VISIBLE} AND p.record_id = $3"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.to_string())
        .bind(to_json(scope))
        .bind(record.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Whether a person may look at a record: one of the own, or one of the scope.
pub async fn may_see(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    scope: &[String],
    record: RecordId,
) -> Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM projection_inspection p
         WHERE p.tenant = $1 AND p.record_id = $3 AND (p.user_id = $4 OR {VISIBLE}))"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(tenant.to_string())
        .bind(to_json(scope))
        .bind(record.to_string())
        .bind(user.to_string())
        .fetch_one(conn)
        .await?)
}
