//! Bytes that events name, by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>) with creation, checksum, expiration
//! and termination. An upload is of bytes that a signed event here names by hash and length; which event, its metadata say.
//! One upload serves all who send the same bytes. Delivered is what has a receipt, not what was uploaded.

use super::{
    blobs::several,
    body::{Id, Query},
    tus::{self, Checksum, Creation, Part, Said, Tus, UploadId},
};
use crate::{
    blob::{BlobError, Writing},
    error::ApiError,
    ids,
    policy::{ByReference, Description, Open},
    state::App,
    store::{
        self, audit,
        blobs::{self, Named},
        uploads::{self, Upload},
    },
};
use axum::{
    extract::State,
    http::{HeaderName, header},
    response::NoContent,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio_stream::StreamExt as _;
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, EventHash},
    id::TenantId,
    sync::wire::BlobReceipts,
    time::Timestamp,
};

// A device may come back after a long leave (`faults.md` D09); after this it begins the upload anew.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;
// A connection that says nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(60);

fn stands(upload: &Upload) -> Vec<(HeaderName, String)> {
    vec![
        (tus::UPLOAD_OFFSET, upload.at.to_string()),
        (tus::UPLOAD_EXPIRES, tus::http_date(upload.expires_at)),
    ]
}

/// `OPTIONS /api/v1/uploads`
pub async fn options(_: Open<Description>, State(app): State<App>) -> Said<204> {
    let name = HeaderName::from_static;
    Said(vec![
        (
            name("tus-extension"),
            "creation,checksum,expiration,termination".to_owned(),
        ),
        (name("tus-max-size"), app.fixed.room.file.to_string()),
        (name("tus-checksum-algorithm"), tus::ALGORITHMS.to_owned()),
    ])
}

/// `POST /api/v1/uploads`
pub async fn create(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    creation: Creation,
) -> Result<Said<201>, ApiError> {
    let Creation {
        len,
        event,
        sha256,
        metadata,
    } = creation;
    if len > app.fixed.room.file {
        return Err(ApiError::blob_too_large());
    }
    let named = {
        let mut conn = app.store.reader().await?;
        blobs::named(&mut conn, &event, &sha256).await?
    };
    let named = named
        .filter(|named| named.len == len)
        .ok_or_else(ApiError::blob_unnamed)?;
    let held = held(&app, named.tenant, &sha256).await?;
    let mut tx = app.store.begin().await?;
    let known = uploads::of(&mut tx, named.tenant, &sha256, len).await?;
    let (over, live) = match known {
        Some(upload) if upload.expires_at > app.clock.now() => (None, Some(upload)),
        over => (over, None),
    };
    let begun = live.is_some();
    let mut upload = match live {
        Some(upload) => upload,
        None => {
            let wanted = Wanted {
                named: &named,
                sha256: &sha256,
                metadata,
                held,
            };
            begin(&app, &mut tx, wanted, over.as_ref()).await?
        }
    };
    store::commit(tx).await?;
    if let Some(over) = over {
        app.fixed.blobs.unstage(&over.id).await?;
    }
    failpoint!(UploadNoted);
    if begun {
        let taken_up = spawned(async move { Ok(taken_up(&app, &upload.id).await?.1) }).await;
        // Somebody else has forgotten it meanwhile: who asks again begins it anew.
        let gone = |error: ApiError| match error.problem().status {
            404 => ApiError::upload_busy(),
            _ => error,
        };
        upload = taken_up.map_err(gone)?;
    }
    let mut said = stands(&upload);
    let place = format!("/api/v1/uploads/{}", upload.id);
    said.push((header::LOCATION, place));
    Ok(Said(said))
}

// An upload that is to begin.
struct Wanted<'a> {
    named: &'a Named,
    sha256: &'a Digest,
    metadata: String,
    // Whether the bytes are here already.
    held: bool,
}

async fn begin(
    app: &App,
    conn: &mut store::Conn,
    wanted: Wanted<'_>,
    over: Option<&Upload>,
) -> Result<Upload, ApiError> {
    let Wanted {
        named,
        sha256,
        metadata,
        held,
    } = wanted;
    if let Some(over) = over {
        uploads::remove(conn, &over.id).await?;
    }
    if !held {
        let weight = blobs::weight(conn, named.tenant, named.user).await?;
        if weight.saturating_add(named.len) > app.fixed.room.person {
            return Err(ApiError::blob_quota());
        }
    }
    let upload = Upload {
        tenant: named.tenant,
        id: ids::secret(),
        sha256: sha256.clone(),
        len: named.len,
        // What is here need not come again.
        at: if held { named.len } else { 0 },
        expires_at: Timestamp(app.clock.now().0 + KEPT_MS),
        metadata,
    };
    uploads::add(conn, &upload).await?;
    Ok(upload)
}

// Whether bytes came and still are in their place: a row alone is no proof, and what is gone may be sent again. The place
// may be slow, so that no connection to the database is kept meanwhile.
async fn held(app: &App, tenant: TenantId, sha256: &Digest) -> Result<bool, ApiError> {
    let row = {
        let mut conn = app.store.reader().await?;
        blobs::find(&mut conn, tenant, sha256).await?
    };
    Ok(match row {
        Some(blob) => app.fixed.blobs.holds(&blob).await?,
        None => false,
    })
}

/// `HEAD /api/v1/uploads/{upload_id}`
pub async fn stand(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    Id(UploadId(id)): Id<UploadId>,
) -> Result<Said<200>, ApiError> {
    spawned(async move { look(&app, &id).await }).await
}

/// The right to write an upload, and where it stands: what the disk says, and no further.
///
/// # Errors
/// When somebody else is sending it, it is over, or its bytes are complete and cannot be brought to their place.
pub async fn taken_up(app: &App, id: &str) -> Result<(Writing, Upload), ApiError> {
    // Whoever asks wants to go on: a request before that has gone silent gives way.
    let writing = app.fixed.blobs.write(id).await;
    let writing = writing.ok_or_else(ApiError::upload_busy)?;
    let upload = settled(app, found(app, id).await?).await?;
    Ok((writing, upload))
}

async fn look(app: &App, id: &str) -> Result<Said<200>, ApiError> {
    let (_writing, upload) = taken_up(app, id).await?;
    let mut said = stands(&upload);
    said.push((tus::UPLOAD_LENGTH, upload.len.to_string()));
    // Of uploads that began before it was kept, nobody knows it.
    if !upload.metadata.is_empty() {
        said.push((tus::UPLOAD_METADATA, upload.metadata));
    }
    Ok(Said(said))
}

// A client that goes away ends neither a write nor the note of it in the middle.
async fn spawned<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::spawn(work).await;
    done.map_err(|_| ApiError::internal())?
}

async fn found(app: &App, id: &str) -> Result<Upload, ApiError> {
    let mut conn = app.store.reader().await?;
    uploads::find(&mut conn, id)
        .await?
        .filter(|upload| upload.expires_at > app.clock.now())
        .ok_or_else(ApiError::not_found)
}

// What the disk says counts: a file may have lost its end in a power cut, and an upload that is complete but not in its
// place is brought there.
async fn settled(app: &App, mut upload: Upload) -> Result<Upload, ApiError> {
    let held = held(app, upload.tenant, &upload.sha256).await?;
    let on_disk = app.fixed.blobs.on_disk(&upload.id).await?;
    let at = if held {
        upload.len
    } else {
        upload.at.min(on_disk)
    };
    if at != upload.at {
        upload.at = at;
        let mut tx = app.store.begin().await?;
        uploads::stand(&mut tx, &upload.id, at).await?;
        store::commit(tx).await?;
    }
    if !held && upload.complete() {
        finish(app, &upload).await?;
    } else if held && on_disk > 0 {
        app.fixed.blobs.unstage(&upload.id).await?;
    }
    Ok(upload)
}

/// `DELETE /api/v1/uploads/{upload_id}`
pub async fn end(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    Id(UploadId(id)): Id<UploadId>,
) -> Result<NoContent, ApiError> {
    spawned(async move { forget(&app, &id).await }).await
}

async fn forget(app: &App, id: &str) -> Result<NoContent, ApiError> {
    let writing = app.fixed.blobs.write(id).await;
    let _writing = writing.ok_or_else(ApiError::upload_busy)?;
    let upload = found(app, id).await?;
    let mut tx = app.store.begin().await?;
    uploads::remove(&mut tx, &upload.id).await?;
    store::commit(tx).await?;
    app.fixed.blobs.unstage(&upload.id).await?;
    Ok(NoContent)
}

/// `PATCH /api/v1/uploads/{upload_id}`
pub async fn go_on(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    Id(UploadId(id)): Id<UploadId>,
    part: Part,
) -> Result<Said<204>, ApiError> {
    spawned(async move { take(&app, &id, part).await }).await
}

async fn take(app: &App, id: &str, part: Part) -> Result<Said<204>, ApiError> {
    let writing = app.fixed.blobs.write(id).await;
    let writing = writing.ok_or_else(ApiError::upload_busy)?;
    let mut upload = found(app, id).await?;
    if part.at != upload.at || upload.complete() {
        return Err(ApiError::upload_offset());
    }
    upload.at += match write(app, &upload, part, &writing).await? {
        Came::Bytes(count) => count,
        Came::Elsewhere => return Err(ApiError::upload_offset()),
        Came::TooMany => return Err(ApiError::blob_too_large()),
        Came::Damaged => return Err(ApiError::upload_checksum()),
        Came::CutOff => return Err(ApiError::upload_busy()),
    };
    let mut tx = app.store.begin().await?;
    uploads::stand(&mut tx, id, upload.at).await?;
    store::commit(tx).await?;
    failpoint!(OffsetNoted);
    if upload.complete() {
        finish(app, &upload).await?;
    }
    failpoint!(Answer);
    Ok(Said(stands(&upload)))
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
    file.sync_data().await?;
    failpoint!(StagingSynced);
    Ok(came)
}

// All bytes have come: if they are what the event names, they go to their place, and only then into the table that
// receipts are made from. Else they are dropped, which the audit log says.
async fn finish(app: &App, upload: &Upload) -> Result<(), ApiError> {
    let (tenant, sha256) = (upload.tenant, &upload.sha256);
    let Some(fits) = app.fixed.blobs.promote(tenant, &upload.id, sha256).await? else {
        return Err(ApiError::upload_busy());
    };
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    if fits {
        blobs::add(&mut tx, tenant, sha256, upload.len, now).await?;
    } else {
        // Said once a day, however often a device tries.
        if app
            .fixed
            .limits
            .once_a_day(&format!("{tenant} {sha256}"), now)
        {
            let detail = json!({ "sha256": sha256, "len": upload.len });
            audit::write(&mut tx, tenant, now, None, "blob_refused", &detail).await?;
        }
        uploads::remove(&mut tx, &upload.id).await?;
        tracing::warn!(%sha256, "an upload is not what its event names");
    }
    store::commit(tx).await?;
    failpoint!(BlobNoted);
    app.fixed.blobs.unstage(&upload.id).await?;
    if fits {
        Ok(())
    } else {
        Err(ApiError::blob_mismatch())
    }
}

/// Query of the receipts.
#[derive(Deserialize, JsonSchema)]
pub struct Asked {
    /// The event that names the bytes.
    event: EventHash,
}

/// `GET /api/v1/blobs/receipts`
pub async fn receipts(
    _: Open<ByReference>,
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<axum::Json<BlobReceipts>, ApiError> {
    let rows = {
        let mut conn = app.store.reader().await?;
        blobs::of_event(&mut conn, &asked.event).await?
    };
    let receipts = several(rows, |blob| {
        let app = app.clone();
        async move { receipt(&app, &blob).await }
    });
    let receipts = receipts.await?.into_iter().flatten().collect();
    Ok(axum::Json(BlobReceipts { receipts }))
}

async fn receipt(app: &App, blob: &BlobReceipt) -> Result<Option<String>, ApiError> {
    if app.fixed.blobs.holds(blob).await? {
        return Ok(Some(app.fixed.key.blob_receipt(blob)));
    }
    tracing::error!(sha256 = %blob.sha256, "bytes that had a receipt are not in their place; devices may send them again");
    Ok(None)
}
