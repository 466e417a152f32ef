//! Bytes that come whole with the beginning of their upload (tus, creation with upload): few enough for memory, so they go to
//! their place without a staging file. A crash loses what has not come whole; what is in its place without a row is taken in at
//! the next start, as after any upload.

use super::{Wanted, mismatched, part::SILENCE, stands};
use crate::{
    error::ApiError,
    http::tus::{self, Checksum, Part, Said},
    ids,
    state::App,
    store::{
        self,
        blobs::{self, Named},
        uploads::{self, Upload},
    },
};
use axum::http::header;
use tokio::sync::SemaphorePermit;
use tokio_stream::StreamExt as _;
use zhicha_core::checklist::Digest;

/// Most bytes of one.
pub const MOST: u64 = 1024 * 1024;
/// So many may be in memory; what comes beside them goes through the staging folder.
pub const AT_ONCE: usize = 32;

/// The turn for a part that is all of the bytes that an event names, few enough for memory, of a person who is known to have
/// room for them; who is not, begins an upload, which looks that up.
pub fn turn<'a>(app: &'a App, part: &Part, named: &Named) -> Option<SemaphorePermit<'a>> {
    let whole = part.len == Some(named.len) && named.len <= MOST;
    let turn = whole.then(|| app.fixed.along.try_acquire().ok())??;
    let (whose, room) = ((named.tenant, named.user), app.fixed.room.person);
    let fits = app
        .fixed
        .weights
        .add(whose, named.len, room, app.clock.now());
    fits.then_some(turn)
}

/// Takes all bytes of an upload that is not known yet.
///
/// # Errors
/// When they are not what the event names or did not come whole: nothing of them stays.
pub async fn take(app: &App, wanted: Wanted, part: Part) -> Result<Said<201>, ApiError> {
    let bytes = read(part, wanted.named.len).await?;
    let (tenant, len) = (wanted.named.tenant, wanted.named.len);
    if Digest::of(&bytes) != wanted.sha256 {
        return mismatched(app, tenant, &wanted.sha256, len, None).await;
    }
    failpoint!(PromoteBegins);
    app.fixed
        .blobs
        .put(tenant, &wanted.sha256, bytes.into())
        .await?;
    failpoint!(Promoted);
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    blobs::add(&mut tx, tenant, &wanted.sha256, len, now).await?;
    // Somebody else may have begun the same meanwhile, and sends: whoever asks next finds that all is here.
    let known = uploads::of(&mut tx, tenant, &wanted.sha256, len).await?;
    let upload = match known {
        Some(known) => Upload { at: len, ..known },
        None => {
            let upload = wanted.begun(ids::secret(), len, now);
            uploads::add(&mut tx, &upload).await?;
            upload
        }
    };
    let blob = blobs::find(&mut tx, tenant, &wanted.sha256).await?;
    store::commit(tx).await?;
    failpoint!(BlobNoted);
    let mut said = stands(&upload);
    said.push((header::LOCATION, super::place_of(&upload)));
    said.extend(blob.map(|blob| (tus::UPLOAD_RECEIPT, app.fixed.key.blob_receipt(&blob))));
    failpoint!(Answer);
    Ok(Said(said))
}

async fn read(mut part: Part, len: u64) -> Result<Vec<u8>, ApiError> {
    let most = usize::try_from(len).map_err(|_| ApiError::blob_too_large())?;
    let mut bytes = Vec::with_capacity(most);
    loop {
        match tokio::time::timeout(SILENCE, part.bytes.next()).await {
            Ok(Some(Ok(some))) if bytes.len() + some.len() <= most => {
                bytes.extend_from_slice(&some);
            }
            Ok(Some(Ok(_))) => return Err(ApiError::blob_too_large()),
            Ok(None) if bytes.len() == most => break,
            // Its end did not come.
            Ok(Some(Err(_)) | None) | Err(_) => return Err(ApiError::upload_busy()),
        }
    }
    if let Some(mut sum) = part.checksum {
        Checksum::update(&mut sum, &bytes);
        if !sum.fits() {
            return Err(ApiError::upload_checksum());
        }
    }
    Ok(bytes)
}
