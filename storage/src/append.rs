//! The only writer of events in the browser: lock, build, sign, write, then tell.

use crate::{IdbStore, canary, channel, channel::Notice, locks};
use zhicha_core::{
    client::{self, AppendError, Clock, Context, Signer, append::NewEvent},
    id::IdSource,
    store::{EventRow, StoreError},
};

/// Writes one event under the lock `append`. Only when it is on disk are the canary, the other tabs and the caller
/// told; a crash or error before that leaves nothing behind.
///
/// # Errors
/// As `zhicha_core::client::append`; a browser without locks counts as one that cannot store.
pub async fn append<K: Signer, C: Clock>(
    cx: &Context<'_, IdbStore, K, C>,
    ids: &mut impl IdSource,
    new: &NewEvent,
) -> Result<EventRow, AppendError> {
    let held = locks::acquire(locks::APPEND)
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let event = client::append(cx, ids, new).await?;
    canary::refresh(cx.store).await;
    drop(held);
    channel::post(Notice::Records);
    Ok(event)
}
