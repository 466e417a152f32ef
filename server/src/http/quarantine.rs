//! What could not be applied: kept, shown, never thrown away.

use crate::{
    error::ApiError,
    policy::{Allowed, ReadQuarantine},
    state::App,
    store::quarantine,
};
use axum::extract::State;
use zhicha_core::api::QuarantineRow;

const MOST_ROWS: u32 = 500;

/// `GET /api/v1/quarantine`
pub async fn list(
    caller: Allowed<ReadQuarantine>,
    State(app): State<App>,
) -> Result<axum::Json<Vec<QuarantineRow>>, ApiError> {
    let mut conn = app.store.reader().await?;
    let rows = quarantine::list(
        &mut conn,
        caller.person.tenant,
        &caller.person.scope(),
        MOST_ROWS,
    )
    .await?;
    Ok(axum::Json(rows))
}
