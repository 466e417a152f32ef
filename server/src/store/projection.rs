//! The projected list of inspections. It holds nothing that the events do not; `rebuild` makes it anew.

use super::{Conn, Result, events, name_of, parse, signed, to_json};
use crate::projection::project;
use sqlx::Row as _;
use zhicha_core::{
    api::RecordSummary,
    id::{RecordId, TenantId, UserId},
};

/// The list row of an inspection.
#[derive(Clone, Debug)]
pub struct Projected {
    /// Place of its first event in the log; sorts records of one day.
    pub first_seq: u64,
    /// Who made it.
    pub user: UserId,
    /// What a search looks through, in lower case.
    pub search: String,
    /// What the list shows.
    pub summary: RecordSummary,
}

/// Computes the list row of `record` anew from its events.
pub async fn refresh(conn: &mut Conn, tenant: TenantId, record: RecordId) -> Result<()> {
    let events = events::of_record(conn, tenant, record).await?;
    put(conn, tenant, record, &events).await
}

/// Computes the list row of `record` anew; `events` are all of its events.
pub async fn put(
    conn: &mut Conn,
    tenant: TenantId,
    record: RecordId,
    events: &[events::EventRow],
) -> Result<()> {
    let Some(row) = project(record, events) else {
        sqlx::query("DELETE FROM projection_inspection WHERE tenant = $1 AND record_id = $2")
            .bind(tenant.to_string())
            .bind(record.to_string())
            .execute(conn)
            .await?;
        return Ok(());
    };
    bound(sqlx::query(PUT), tenant, record, &row)
        .execute(conn)
        .await?;
    Ok(())
}

// One question to the database for all three.
const PUT: &str = "DELETE FROM projection_inspection WHERE tenant = $1 AND record_id = $2;
    INSERT INTO projection_inspection (tenant, record_id, first_seq, user_id, sealed, mode, region, inspection_date, fails,
    received_at, search, summary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
    INSERT INTO projection_inspection_checklist (tenant, record_id, checklist_id)
    SELECT $1, $2, value FROM json_each($13) WHERE true ON CONFLICT DO NOTHING";

/// The statements that write a list row, behind others with so many values.
pub(super) fn behind(values: usize) -> String {
    let mut parts = PUT.split('$');
    let mut sql = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number = number.parse::<usize>().unwrap_or(0) + values;
        sql += &format!("${number}{rest}");
    }
    sql
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Gives a list row to the statements that write it.
pub(super) fn bound<'q>(
    query: Query<'q>,
    tenant: TenantId,
    record: RecordId,
    row: &Projected,
) -> Query<'q> {
    let s = &row.summary;
    query
        .bind(tenant.to_string())
        .bind(record.to_string())
        .bind(signed(row.first_seq))
        .bind(row.user.to_string())
        .bind(s.sealed)
        .bind(name_of(&s.mode))
        .bind(s.region.clone())
        .bind(s.inspection_date.to_string())
        .bind(signed(s.counts.fail))
        .bind(s.received_at.0)
        .bind(row.search.clone())
        .bind(to_json(s))
        .bind(to_json(&s.checklists))
}

/// Makes all list rows of a tenant anew; returns how many records were looked at.
pub async fn rebuild(conn: &mut Conn, tenant: TenantId) -> Result<usize> {
    sqlx::query("DELETE FROM projection_inspection WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(&mut *conn)
        .await?;
    let records = events::records(conn, tenant).await?;
    for record in &records {
        refresh(conn, tenant, *record).await?;
    }
    Ok(records.len())
}

/// All projected rows of a tenant by record: every column as text, and the part that [`text`] gives, to compare.
pub async fn dump(conn: &mut Conn, tenant: TenantId) -> Result<Vec<(RecordId, (String, String))>> {
    let rows = sqlx::query(
        "SELECT p.record_id, json_array(first_seq, user_id, sealed, mode, region, inspection_date, fails, received_at,
                search, summary, (SELECT group_concat(checklist_id) FROM (SELECT checklist_id
                FROM projection_inspection_checklist c WHERE c.tenant = p.tenant AND c.record_id = p.record_id
                ORDER BY checklist_id))) AS row, first_seq, user_id, search, summary
         FROM projection_inspection p WHERE tenant = $1 ORDER BY p.record_id",
    )
    .bind(tenant.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let first: i64 = row.try_get("first_seq")?;
            let (user, search, summary): (&str, &str, &str) = (
                row.try_get("user_id")?,
                row.try_get("search")?,
                row.try_get("summary")?,
            );
            let compared = format!("{first} {user} {search} {summary}");
            Ok((
                parse(row.try_get("record_id")?)?,
                (row.try_get("row")?, compared),
            ))
        })
        .collect()
}

/// What [`dump`] gives for a row that was computed just now.
pub fn text(row: &Projected) -> String {
    format!(
        "{} {} {} {}",
        row.first_seq,
        row.user,
        row.search,
        to_json(&row.summary)
    )
}
