//! Whether the server works, for supervisors of processes.

use crate::{
    error::ApiError,
    policy::{Description, Health, Open},
    state::App,
    store::open,
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// It works.
#[derive(Serialize, JsonSchema)]
pub struct Works {
    /// Always true; what does not work answers with a problem or not at all.
    ok: bool,
}

/// `GET /healthz`
pub async fn alive(_: Open<Health>) -> axum::Json<Works> {
    axum::Json(Works { ok: true })
}

/// `GET /readyz`
pub async fn ready(_: Open<Health>, State(app): State<App>) -> Result<axum::Json<Works>, ApiError> {
    open::answers(&app.store).await?;
    app.store.writes()?;
    app.fixed.blobs.answers().await?;
    Ok(axum::Json(Works { ok: true }))
}

/// A description in the form of OpenAPI 3.1.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OpenApi")]
pub struct Document(#[schemars(with = "Map<String, Value>")] Value);

/// `GET /api/v1/openapi.json`
pub async fn openapi(_: Open<Description>) -> axum::Json<Document> {
    axum::Json(Document(crate::openapi::describe()))
}
