//! Taking in what devices push: parse and verify outside the database, decide and store in one transaction, and only
//! after its commit sign receipts.
//!
//! Certificate and signatures suffice, no session is needed. The work runs in a task of its own, so that a connection
//! that breaks does not break it off halfway.

mod apply;
mod context;
mod deposit;
mod holder;
mod read;

use crate::{error::ApiError, state::App, store::sessions::SessionRow};
use apply::Outcome;
pub use apply::is_pulled;
pub use read::Batch;
use zhicha_core::sync::wire::{PushReply, PushRequest, PushResult};

/// Takes a push in. `session` is the caller's, where there is one; `peer` names the caller for rate limits.
///
/// # Errors
/// The refusals of `docs/formats.md`, "Push"; 503 without receipts when it is not certain that everything is stored.
pub async fn receive(
    app: App,
    request: PushRequest,
    session: Option<SessionRow>,
    peer: String,
) -> Result<PushReply, ApiError> {
    let work = tokio::spawn(async move {
        read::check_size(&request)?;
        let key = app.fixed.key.public().clone();
        let read = tokio::task::spawn_blocking(move || read::read(request, &key)).await;
        match read.map_err(|_| ApiError::internal())? {
            Ok(batch) => take(&app, batch, session, &peer).await,
            Err(refused) => Err(deposit::keep(&app, &refused, &peer).await),
        }
    });
    work.await
        .map_err(|_| ApiError::unavailable().retry_after(2))?
}

async fn take(
    app: &App,
    batch: Batch,
    session: Option<SessionRow>,
    peer: &str,
) -> Result<PushReply, ApiError> {
    let done = match apply::apply(app, &batch, session.as_ref()).await? {
        Outcome::Taken(done) => done,
        Outcome::Expected(seq) => return Err(ApiError::expected_seq(seq)),
        Outcome::Unproven => {
            deposit::keep(app, &batch.refused(), peer).await;
            return Err(ApiError::not_signed_in());
        }
        Outcome::UnknownHolder => return Err(deposit::keep(app, &batch.refused(), peer).await),
    };
    let results = done.results.iter().map(|stored| PushResult {
        device_seq: stored.receipt.device_seq,
        event_hash: stored.receipt.event_hash.clone(),
        outcome: stored.outcome,
        reason: stored.reason,
        receipt: app.fixed.key.receipt(&stored.receipt),
    });
    Ok(PushReply {
        results: results.collect(),
        log: done.log,
        next_seq: done.next_seq,
        photos: done.photos,
        now: app.clock.now(),
    })
}
