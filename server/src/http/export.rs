//! Exports of one or many records.

use super::body::{Id, Json, Zip};
use crate::{
    auth::session::Caller,
    error::ApiError,
    export::pack,
    policy::{Allowed, ExportRecords},
    state::App,
    store::{self, audit},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::str::FromStr;
use zhicha_core::id::RecordId;

const MOST_RECORDS: usize = 500;

/// Body of `POST /api/v1/export`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ExportRequest")]
pub struct Wanted {
    /// Up to 500 records.
    record_ids: Vec<RecordId>,
}

/// `<record id>.zip`, or the id alone.
#[derive(JsonSchema)]
#[schemars(rename = "ExportName")]
pub struct Name(#[schemars(with = "String")] RecordId);

impl FromStr for Name {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self, ApiError> {
        text.strip_suffix(".zip")
            .unwrap_or(text)
            .parse()
            .map(Self)
            .map_err(|_| ApiError::not_found())
    }
}

/// `POST /api/v1/export`
pub async fn many(
    caller: Allowed<ExportRecords>,
    State(app): State<App>,
    Json(body): Json<Wanted>,
) -> Result<Zip, ApiError> {
    let mut ids = body.record_ids;
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST_RECORDS {
        return Err(ApiError::invalid(
            "请选择1至500条记录。",
            "Choose 1 to 500 records.",
        ));
    }
    export(&app, &caller, &ids).await
}

/// `GET /api/v1/export/{record_id}.zip`
pub async fn one(
    caller: Allowed<ExportRecords>,
    State(app): State<App>,
    Id(Name(record)): Id<Name>,
) -> Result<Zip, ApiError> {
    export(&app, &caller, &[record]).await
}

async fn export(app: &App, caller: &Caller, ids: &[RecordId]) -> Result<Zip, ApiError> {
    let person = &caller.person;
    let now = app.clock.now();
    let files = {
        let mut conn = app.store.reader().await?;
        pack::collect(
            &mut conn,
            &app.fixed.key,
            person.tenant,
            &person.scope(),
            ids,
            now,
        )
        .await?
    };
    let zipped = tokio::task::spawn_blocking(move || pack::zip(&files)).await;
    let bytes = zipped
        .ok()
        .and_then(Result::ok)
        .ok_or_else(ApiError::internal)?;
    // Nothing leaves without a row in the audit log.
    let mut tx = app.store.begin().await?;
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(person.user),
        "exported",
        &json!({ "records": ids }),
    )
    .await?;
    store::commit(tx).await?;
    let name = if let [one] = ids {
        format!("zhicha-{one}.zip")
    } else {
        format!("zhicha-{}-records.zip", ids.len())
    };
    Ok(Zip { name, bytes })
}
