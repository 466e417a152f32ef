//! Whether the server works, for supervisors of processes.

use crate::{
    error::ApiError,
    policy::{Description, Health, Open},
    state::App,
    store::open,
};
use axum::extract::State;
use serde_json::{Value, json};

/// `GET /healthz`
pub async fn alive(_: Open<Health>) -> axum::Json<Value> {
    axum::Json(json!({ "ok": true }))
}

/// `GET /readyz`
pub async fn ready(_: Open<Health>, State(app): State<App>) -> Result<axum::Json<Value>, ApiError> {
    open::answers(&app.store).await?;
    Ok(axum::Json(json!({ "ok": true })))
}

/// `GET /api/v1/openapi.json`
pub async fn openapi(_: Open<Description>) -> axum::Json<utoipa::openapi::OpenApi> {
    axum::Json(crate::openapi::describe())
}
