//! Bytes that events name, by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>) with creation (also with upload),
//! checksum, expiration and termination. An upload is of bytes that a signed event here names by hash and length; which event, its metadata say.
//! One upload serves all who send the same bytes. Delivered is what has a receipt, not what was uploaded.

pub mod along;
mod part;

use super::{
    blobs::several,
    body::{Id, Query},
    tus::{self, Along, Creation, Part, Said, Tus, UploadId},
};
use crate::{
    blob::Writing,
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
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, EventHash},
    id::TenantId,
    sync::wire::BlobReceipts,
    time::Timestamp,
};

// A device may come back after a long leave (`faults.md` D09); after this it begins the upload anew.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

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
            "creation,creation-with-upload,checksum,expiration,termination".to_owned(),
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
    along: Along,
) -> Result<Said<201>, ApiError> {
    let part = along.0;
    let (wanted, held, known) = looked_up(&app, creation).await?;
    match part {
        Some(part) if held.is_none() => {
            spawned(async move {
                let turn = along::turn(&app, &part, &wanted.named).filter(|_| !known);
                match turn {
                    Some(_turn) => along::take(&app, wanted, part).await,
                    None => begin_with(&app, wanted, part).await,
                }
            })
            .await
        }
        _ => Ok(begin(&app, wanted, held).await?.said(&app)),
    }
}

// What is to be uploaded, the row of its bytes if they are here, and whether an upload of them is known.
async fn looked_up(
    app: &App,
    creation: Creation,
) -> Result<(Wanted, Option<BlobReceipt>, bool), ApiError> {
    let Creation {
        len,
        event,
        sha256,
        metadata,
    } = creation;
    if len > app.fixed.room.file {
        return Err(ApiError::blob_too_large());
    }
    let (named, known) = {
        let mut conn = app.store.reader().await?;
        let named = blobs::named(&mut conn, &event, &sha256).await?;
        let named = named
            .filter(|named| named.len == len)
            .ok_or_else(ApiError::blob_unnamed)?;
        let known = uploads::of(&mut conn, named.tenant, &sha256, len).await?;
        (named, known.is_some())
    };
    let held = held(app, named.tenant, &sha256).await?;
    let wanted = Wanted {
        named,
        sha256,
        metadata,
    };
    Ok((wanted, held, known))
}

/// An upload that is to begin.
pub struct Wanted {
    named: Named,
    sha256: Digest,
    metadata: String,
}

impl Wanted {
    fn begun(&self, id: String, at: u64, now: Timestamp) -> Upload {
        Upload {
            tenant: self.named.tenant,
            id,
            sha256: self.sha256.clone(),
            len: self.named.len,
            at,
            expires_at: Timestamp(now.0 + KEPT_MS),
            metadata: self.metadata.clone(),
        }
    }
}

// An upload that has begun, now or earlier, and the row of its bytes if all of them are here.
struct Begun {
    upload: Upload,
    blob: Option<BlobReceipt>,
}

impl Begun {
    fn said(self, app: &App) -> Said<201> {
        let mut said = stands(&self.upload);
        said.push((header::LOCATION, place_of(&self.upload)));
        let receipt = self.blob.map(|blob| app.fixed.key.blob_receipt(&blob));
        said.extend(receipt.map(|receipt| (tus::UPLOAD_RECEIPT, receipt)));
        Said(said)
    }
}

fn place_of(upload: &Upload) -> String {
    format!("/api/v1/uploads/{}", upload.id)
}

// With the first part of many, or more than may be in memory.
async fn begin_with(app: &App, wanted: Wanted, part: Part) -> Result<Said<201>, ApiError> {
    let mut begun = begin(app, wanted, None).await?;
    // What has come before stays; the client hears where to go on.
    if begun.upload.at == 0 {
        (begun.upload, begun.blob) = part::take(app, &begun.upload.id, part).await?;
    }
    Ok(begun.said(app))
}

async fn begin(app: &App, wanted: Wanted, held: Option<BlobReceipt>) -> Result<Begun, ApiError> {
    let mut tx = app.store.begin().await?;
    let known = uploads::of(
        &mut tx,
        wanted.named.tenant,
        &wanted.sha256,
        wanted.named.len,
    )
    .await?;
    let now = app.clock.now();
    let (over, live) = match known {
        Some(upload) if upload.expires_at > now => (None, Some(upload)),
        over => (over, None),
    };
    let begun = live.is_some();
    let mut upload = match live {
        Some(upload) => upload,
        None => {
            if let Some(over) = &over {
                uploads::remove(&mut tx, &over.id).await?;
            }
            if held.is_none() {
                room_for(app, &mut tx, &wanted.named).await?;
            }
            // What is here need not come again.
            let at = held.as_ref().map_or(0, |_| wanted.named.len);
            let upload = wanted.begun(ids::secret(), at, now);
            uploads::add(&mut tx, &upload).await?;
            upload
        }
    };
    store::commit(tx).await?;
    if let Some(over) = over {
        app.fixed.blobs.unstage(&over.id).await?;
    }
    failpoint!(UploadNoted);
    let mut blob = held;
    if begun {
        let again = app.clone();
        let taken_up = spawned(async move { taken_up(&again, &upload.id).await }).await;
        // Somebody else has forgotten it meanwhile: who asks again begins it anew.
        let gone = |error: ApiError| match error.problem().status {
            404 => ApiError::upload_busy(),
            _ => error,
        };
        let (_writing, at_present) = taken_up.map_err(gone)?;
        upload = at_present;
        if blob.is_none() && upload.complete() {
            blob = self::held(app, upload.tenant, &upload.sha256).await?;
        }
    }
    Ok(Begun { upload, blob })
}

// A person's bytes may not become more than the operator gives room for.
async fn room_for(app: &App, conn: &mut store::Conn, named: &Named) -> Result<(), ApiError> {
    let (whose, room) = ((named.tenant, named.user), app.fixed.room.person);
    let now = app.clock.now();
    if app.fixed.weights.add(whose, named.len, room, now) {
        return Ok(());
    }
    let weight = blobs::weight(conn, named.tenant, named.user).await?;
    let weight = weight.saturating_add(named.len);
    if weight > room {
        return Err(ApiError::blob_quota());
    }
    app.fixed.weights.note(whose, weight, now);
    Ok(())
}

// Whether bytes came and still are in their place: a row alone is no proof, and what is gone may be sent again. The place
// may be slow, so that no connection to the database is kept meanwhile.
async fn held(
    app: &App,
    tenant: TenantId,
    sha256: &Digest,
) -> Result<Option<BlobReceipt>, ApiError> {
    let row = {
        let mut conn = app.store.reader().await?;
        blobs::find(&mut conn, tenant, sha256).await?
    };
    Ok(match row {
        Some(blob) if app.fixed.blobs.holds(&blob).await? => Some(blob),
        _ => None,
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
    let held = held(app, upload.tenant, &upload.sha256).await?.is_some();
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
    spawned(async move {
        let (upload, blob) = part::take(&app, &id, part).await?;
        let receipt = blob.map(|blob| (tus::UPLOAD_RECEIPT, app.fixed.key.blob_receipt(&blob)));
        let mut said = stands(&upload);
        said.extend(receipt);
        Ok(Said(said))
    })
    .await
}

// All bytes have come: if they are what the event names, they go to their place, and only then into the table that
// receipts are made from. Else they are dropped, which the audit log says.
async fn finish(app: &App, upload: &Upload) -> Result<(), ApiError> {
    let (tenant, sha256) = (upload.tenant, &upload.sha256);
    let Some(fits) = app.fixed.blobs.promote(tenant, &upload.id, sha256).await? else {
        return Err(ApiError::upload_busy());
    };
    if !fits {
        return mismatched(app, tenant, sha256, upload.len, Some(&upload.id)).await;
    }
    let mut tx = app.store.begin().await?;
    blobs::add(&mut tx, tenant, sha256, upload.len, app.clock.now()).await?;
    store::commit(tx).await?;
    failpoint!(BlobNoted);
    app.fixed.blobs.unstage(&upload.id).await?;
    Ok(())
}

// Bytes that are not what their event names are dropped with their upload.
async fn mismatched<T>(
    app: &App,
    tenant: TenantId,
    sha256: &Digest,
    len: u64,
    upload: Option<&str>,
) -> Result<T, ApiError> {
    tracing::warn!(%sha256, "an upload is not what its event names");
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    // Said once a day, however often a device tries.
    if app
        .fixed
        .limits
        .once_a_day(&format!("{tenant} {sha256}"), now)
    {
        let detail = json!({ "sha256": sha256, "len": len });
        audit::write(&mut tx, tenant, now, None, "blob_refused", &detail).await?;
    }
    if let Some(id) = upload {
        uploads::remove(&mut tx, id).await?;
    }
    store::commit(tx).await?;
    if let Some(id) = upload {
        app.fixed.blobs.unstage(id).await?;
    }
    Err(ApiError::blob_mismatch())
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
