//! Published checklists.

use crate::{
    error::ApiError,
    policy::{Allowed, ReadRecords},
    state::App,
    store::checklists,
};
use axum::extract::State;
use zhicha_core::{api::ChecklistInfo, checklist::Loaded};

/// `GET /api/v1/checklists`
pub async fn list(
    caller: Allowed<ReadRecords>,
    State(app): State<App>,
) -> Result<axum::Json<Vec<ChecklistInfo>>, ApiError> {
    let published = checklists::all(&mut *app.store.reader().await?, caller.person.tenant).await?;
    let infos = published.iter().map(|published| {
        let loaded = Loaded::from_bytes(published.json.as_bytes()).map_err(|error| {
            tracing::error!(%error, digest = %published.digest, "a published checklist cannot be read");
            ApiError::internal()
        })?;
        Ok(ChecklistInfo {
            items: loaded.checklist.sections.iter().map(|s| s.items.len() as u64).sum(),
            id: loaded.checklist.id,
            version: loaded.checklist.version,
            digest: loaded.digest,
            title: loaded.checklist.title,
            fits: loaded.checklist.fits,
        })
    });
    Ok(axum::Json(infos.collect::<Result<_, ApiError>>()?))
}
