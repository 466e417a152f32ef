//! What an administrator decides for the whole tenant.

use super::body::Json;
use crate::{
    error::ApiError,
    policy::{Allowed, ManageSettings},
    state::App,
    store::{self, audit, tenants},
};
use axum::{extract::State, response::NoContent};
use serde_json::json;
use zhicha_core::api::Settings;

/// `PUT /api/v1/settings`: devices hear of it at their next push; what was captured before stays as it is.
pub async fn change(
    caller: Allowed<ManageSettings>,
    State(app): State<App>,
    Json(settings): Json<Settings>,
) -> Result<NoContent, ApiError> {
    let person = &caller.person;
    let mut tx = app.store.begin().await?;
    if tenants::set_photos(&mut tx, person.tenant, settings.photos).await? {
        let detail = json!({ "photos": settings.photos });
        let (now, actor) = (app.clock.now(), Some(person.user));
        audit::write(
            &mut tx,
            person.tenant,
            now,
            actor,
            "settings_changed",
            &detail,
        )
        .await?;
    }
    store::commit(tx).await?;
    Ok(NoContent)
}
