//! Taking in what devices push: parse and verify outside the database, decide and store in one transaction, and only
//! after its commit sign receipts.
//!
//! Certificate and signatures suffice, no session is needed. The work runs in a task of its own, so that a connection
//! that breaks does not break it off halfway.

mod apply;
mod context;
mod deposit;
mod effect;
mod holder;
mod outcome;
mod read;
mod settle;

use crate::{error::ApiError, state::App, store::sessions::SessionRow};
pub use effect::is_pulled;
use outcome::Outcome;
pub use read::Batch;
pub use settle::settle;
use zhicha_core::sync::{
    epoch::Seen,
    wire::{PushReply, PushRequest, PushResult},
};

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
        let (bytes, now) = (read::bytes(&request), app.clock.now());
        let limits = &app.fixed.limits;
        limits
            .push_from(&peer, bytes, now)
            .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))?;
        let key = app.fixed.key.public().clone();
        let newer = app.fixed.newer_kinds.clone();
        let read = tokio::task::spawn_blocking(move || read::read(request, &key, &newer)).await;
        match read.map_err(|_| ApiError::internal())? {
            Ok(batch) => {
                let (device, tenant) = (batch.certificate.device_id, batch.certificate.tenant);
                limits
                    .push_of(device, tenant, bytes, now)
                    .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))?;
                take(&app, batch, session, &peer).await
            }
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
    for stored in &done.results {
        app.fixed.metrics.pushed(stored.outcome);
    }
    let results = done.results.iter().map(|stored| PushResult {
        device_seq: stored.receipt.device_seq,
        event_hash: stored.receipt.event_hash.clone(),
        outcome: stored.outcome,
        reason: stored.reason,
        receipt: app.fixed.key.receipt(&stored.receipt),
    });
    let results = results.collect();
    failpoint!(PushAnswers);
    Ok(PushReply {
        results,
        checkpoint: Some(app.fixed.key.checkpoint(&done.log)),
        log: Seen {
            epoch: done.log.epoch,
            size: done.log.size,
        },
        next_seq: done.next_seq,
        photos: done.photos,
        now: app.clock.now(),
    })
}
