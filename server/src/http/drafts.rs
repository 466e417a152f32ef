//! Safety copies of drafts. They are no evidence: unsigned, never shown, and gone once the record is sealed.

use super::body::{Id, Json};
use crate::{
    error::ApiError,
    policy::{Allowed, KeepDrafts},
    state::App,
    store::{self, drafts},
};
use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zhicha_core::{
    event::strict::MAX_INTEGER,
    id::RecordId,
    sync::wire::{DraftCopy, DraftKept, MAX_DRAFT_BYTES},
};

// A person works at a few drafts; this many are a fault or an attack.
const MOST_DRAFTS: u64 = 200;

/// `PUT /api/v1/drafts/{record_id}`
pub async fn keep(
    caller: Allowed<KeepDrafts>,
    State(app): State<App>,
    Id(record): Id<RecordId>,
    Json(copy): Json<DraftCopy>,
) -> Result<axum::Json<DraftKept>, ApiError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(&copy.bytes)
        .map_err(|_| ApiError::bad_request())?;
    if copy.rev > MAX_INTEGER.unsigned_abs() {
        return Err(ApiError::bad_request());
    }
    if bytes.len() > MAX_DRAFT_BYTES {
        return Err(ApiError::draft_too_large());
    }
    let key = drafts::Key {
        tenant: caller.person.tenant,
        user: caller.person.user,
        record,
    };
    let mut tx = app.store.begin().await?;
    // A copy that was under way while the seal arrived would stay for ever.
    if drafts::sealed(&mut tx, key).await? {
        return Err(ApiError::draft_sealed());
    }
    if drafts::others(&mut tx, key).await? >= MOST_DRAFTS {
        return Err(ApiError::too_many_drafts());
    }
    let rev = drafts::keep(&mut tx, key, copy.rev, &bytes, app.clock.now()).await?;
    store::commit(tx).await?;
    Ok(axum::Json(DraftKept { rev }))
}
