//! A part of an upload: from the connection to the disk.

use super::{finish, found};
use crate::{
    blob::{BlobError, Writing},
    durable,
    error::ApiError,
    http::tus::{Checksum, Part},
    state::App,
    store::{
        self, blobs,
        uploads::{self, Upload},
    },
};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio_stream::StreamExt as _;
use zhicha_core::event::BlobReceipt;

// A connection that says nothing for so long has gone.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// Takes a part; with the last one, the row of the bytes.
pub(super) async fn take(
    app: &App,
    id: &str,
    part: Part,
) -> Result<(Upload, Option<BlobReceipt>), ApiError> {
    let (writing, mut upload) = may_take(app, id, part.at).await?;
    upload.at += match write(app, &upload, part, &writing).await? {
        Came::Bytes(count) => count,
        Came::TooMany => return Err(ApiError::blob_too_large()),
        Came::Damaged => return Err(ApiError::upload_checksum()),
        Came::CutOff => return Err(ApiError::upload_busy()),
        Came::Elsewhere => return Err(ApiError::upload_offset()),
    };
    let mut tx = app.store.begin().await?;
    uploads::stand(&mut tx, id, upload.at).await?;
    store::commit(tx).await?;
    failpoint!(OffsetNoted);
    let mut blob = None;
    if upload.complete() {
        finish(app, &upload).await?;
        let mut conn = app.store.reader().await?;
        blob = blobs::find(&mut conn, upload.tenant, &upload.sha256).await?;
    }
    failpoint!(Answer);
    Ok((upload, blob))
}

async fn may_take(app: &App, id: &str, at: u64) -> Result<(Writing, Upload), ApiError> {
    let writing = app.fixed.blobs.write(id).await;
    let writing = writing.ok_or_else(ApiError::upload_busy)?;
    let upload = found(app, id).await?;
    if at != upload.at || upload.complete() {
        return Err(ApiError::upload_offset());
    }
    Ok((writing, upload))
}

// What came of a part. Only of `Bytes` anything stays.
enum Came {
    Bytes(u64),
    // The staging file does not end where the part begins.
    Elsewhere,
    // More than the upload has room for.
    TooMany,
    // Not what its checksum says.
    Damaged,
    // Its end did not come, so that its checksum says nothing.
    CutOff,
}

// Writes what comes of a part, durably. Without a checksum the beginning of a part that was cut off counts; with one, all
// of it or nothing.
async fn write(
    app: &App,
    upload: &Upload,
    mut part: Part,
    writing: &Writing,
) -> Result<Came, BlobError> {
    let (mut file, at) = app.fixed.blobs.stage(&upload.id, upload.at).await?;
    if at != upload.at {
        return Ok(Came::Elsewhere);
    }
    let (mut count, mut whole) = (0, false);
    let room = upload.len - upload.at;
    loop {
        let next = tokio::select! {
            biased;
            next = tokio::time::timeout(SILENCE, part.bytes.next()) => next,
            () = writing.unwanted() => break,
        };
        let Ok(Some(Ok(bytes))) = next else {
            whole = matches!(next, Ok(None));
            break;
        };
        count += bytes.len() as u64;
        if count > room {
            break;
        }
        if let Some(sum) = &mut part.checksum {
            sum.update(&bytes);
        }
        file.write_all(&bytes).await?;
    }
    file.flush().await?;
    let came = match part.checksum.map(Checksum::fits) {
        _ if count > room => Came::TooMany,
        None => Came::Bytes(count),
        Some(_) if !whole => Came::CutOff,
        Some(true) => Came::Bytes(count),
        Some(false) => Came::Damaged,
    };
    failpoint!(StagingWritten);
    if !matches!(came, Came::Bytes(_)) {
        file.set_len(at).await?;
    }
    if let Err(error) = file.sync_data().await {
        durable::stop("an upload", &error);
    }
    failpoint!(StagingSynced);
    Ok(came)
}
