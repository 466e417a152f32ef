//! Received inspections: the list, and one in full.

use super::{
    blobs::several,
    body::{Id, Query},
};
use crate::{
    error::ApiError,
    picture,
    policy::{Allowed, ReadRecords},
    state::App,
    store::{
        Conn, blobs, checklists,
        events::{self, EventRow},
        people,
        records::{self, Filter},
    },
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    api::{PublishedChecklist, RecordBlob, RecordDetail, RecordEvent, RecordPage},
    event::Payload,
    id::{RecordId, TenantId},
    inspection::Mode,
    time::CivilDate,
};

const MOST_RECORDS: u32 = 200;

/// Query of the list.
#[derive(Deserialize, JsonSchema)]
pub struct Search {
    /// Words of site, address, initials, inspectors or id.
    #[serde(default)]
    q: String,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    from: String,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default)]
    to: String,
    /// Why the visit was made: `spot_check`, `self_inspection` or `re_inspection`.
    #[serde(default)]
    mode: String,
    /// Id of a checklist.
    #[serde(default)]
    checklist: String,
    /// Region code.
    #[serde(default)]
    region: String,
    /// Only those with a failed item.
    #[serde(default)]
    with_fails: bool,
    /// Only sealed ones, or only those that were begun and not sealed.
    sealed: Option<bool>,
    /// `next` of the page before.
    #[serde(default)]
    after: String,
    /// Most records; 50 unless said, never more than 200.
    limit: Option<u32>,
}

impl Search {
    fn filter(&self) -> Result<Filter, ApiError> {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let day = |text: &str| match some(text) {
            Some(day) => day
                .parse::<CivilDate>()
                .map(|d| Some(d.to_string()))
                .map_err(|_| ApiError::bad_request()),
            None => Ok(None),
        };
        let mode = match self.mode.as_str() {
            "" => None,
            "spot_check" => Some(Mode::SpotCheck),
            "self_inspection" => Some(Mode::SelfInspection),
            "re_inspection" => Some(Mode::ReInspection),
            _ => return Err(ApiError::bad_request()),
        };
        let after = match self.after.split_once('~') {
            Some((day, seq)) => Some((
                day.to_owned(),
                seq.parse().map_err(|_| ApiError::bad_request())?,
            )),
            None if self.after.is_empty() => None,
            None => return Err(ApiError::bad_request()),
        };
        Ok(Filter {
            words: self
                .q
                .to_lowercase()
                .split_whitespace()
                .take(8)
                .map(str::to_owned)
                .collect(),
            from: day(&self.from)?,
            to: day(&self.to)?,
            mode,
            checklist: some(&self.checklist),
            region: some(&self.region),
            with_fails: self.with_fails,
            sealed: self.sealed,
            after,
            limit: self.limit.unwrap_or(50).clamp(1, MOST_RECORDS),
        })
    }
}

/// `GET /api/v1/records`
pub async fn list(
    caller: Allowed<ReadRecords>,
    State(app): State<App>,
    Query(search): Query<Search>,
) -> Result<axum::Json<RecordPage>, ApiError> {
    let filter = search.filter()?;
    let mut conn = app.store.reader().await?;
    let page = records::list(
        &mut conn,
        caller.person.tenant,
        &caller.person.scope(),
        &filter,
    )
    .await?;
    let next = page.next.map(|(day, seq)| format!("{day}~{seq}"));
    Ok(axum::Json(RecordPage {
        records: page.rows,
        total: page.total,
        next,
    }))
}

/// `GET /api/v1/records/{record_id}`
pub async fn one(
    caller: Allowed<ReadRecords>,
    State(app): State<App>,
    Id(record): Id<RecordId>,
) -> Result<axum::Json<RecordDetail>, ApiError> {
    let mut conn = app.store.reader().await?;
    let tenant = caller.person.tenant;
    let scope = caller.person.scope();
    let summary = records::get(&mut conn, tenant, &scope, record)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let rows = events::of_record(&mut conn, tenant, record).await?;
    let checklists = cited(&mut conn, tenant, &rows).await?;
    let mut names = BTreeMap::new();
    let mut events = Vec::new();
    for row in rows {
        let actor_name = match names.get(&row.user) {
            Some(name) => String::clone(name),
            None => people::get(&mut conn, tenant, row.user)
                .await?
                .map(|p| p.name)
                .unwrap_or_default(),
        };
        names.insert(row.user, actor_name.clone());
        events.push(RecordEvent {
            receipt: app.fixed.key.receipt(&row.receipt()),
            event_hash: row.hash,
            device_id: row.device,
            actor_name,
            disposition: row.disposition,
            reason: row.reason,
            tenant_seq: row.tenant_seq,
            received_at: row.received_at,
            flags: row.flags,
            text: row.text,
        });
    }
    let named = blobs::of_record(&mut conn, tenant, record).await?;
    // The bytes may be slow to reach; the database is not kept waiting.
    drop(conn);
    let blobs = several(named, |named| {
        let app = app.clone();
        async move { blob(&app, named).await }
    });
    let blobs = blobs.await?;
    Ok(axum::Json(RecordDetail {
        summary,
        events,
        checklists,
        blobs,
    }))
}

async fn blob(app: &App, named: blobs::OfRecord) -> Result<RecordBlob, ApiError> {
    let here = match &named.row {
        Some(row) => {
            let head = app.fixed.blobs.begin(row, picture::HEAD).await?;
            head.map(|head| (row.received_at, picture::sort(&head)))
        }
        None => None,
    };
    let (received_at, sort) = here.unzip();
    Ok(RecordBlob {
        sha256: named.sha256,
        len: named.len,
        received_at,
        sort,
    })
}

/// The published checklists that these events name and that are here.
pub async fn cited(
    conn: &mut Conn,
    tenant: TenantId,
    rows: &[EventRow],
) -> Result<Vec<PublishedChecklist>, ApiError> {
    let payloads = rows.iter().filter_map(|row| Payload::parse(&row.text).ok());
    let digests: BTreeSet<_> = payloads
        .flat_map(|(payload, _)| payload.checklists)
        .collect();
    let mut found = Vec::new();
    for digest in digests {
        found.extend(checklists::get(conn, tenant, &digest).await?);
    }
    Ok(found)
}
