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
    sqlx::query("DELETE FROM projection_inspection WHERE tenant = $1 AND record_id = $2")
        .bind(tenant.to_string())
        .bind(record.to_string())
        .execute(&mut *conn)
        .await?;
    match project(record, &events) {
        Some(row) => insert(conn, tenant, &row).await,
        None => Ok(()),
    }
}

async fn insert(conn: &mut Conn, tenant: TenantId, row: &Projected) -> Result<()> {
    let s = &row.summary;
    sqlx::query(
        "INSERT INTO projection_inspection (tenant, record_id, first_seq, user_id, sealed, mode, region,
         inspection_date, fails, received_at, search, summary)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(tenant.to_string())
    .bind(s.record_id.to_string())
    .bind(signed(row.first_seq))
    .bind(row.user.to_string())
    .bind(s.sealed)
    .bind(name_of(&s.mode))
    .bind(&s.region)
    .bind(s.inspection_date.to_string())
    .bind(signed(s.counts.fail))
    .bind(s.received_at.0)
    .bind(&row.search)
    .bind(to_json(s))
    .execute(&mut *conn)
    .await?;
    for checklist in &s.checklists {
        sqlx::query(
            "INSERT INTO projection_inspection_checklist (tenant, record_id, checklist_id) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant.to_string())
        .bind(s.record_id.to_string())
        .bind(checklist)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
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
