//! Bytes that events name, by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>) with creation, checksum, expiration
//! and termination. An upload is of bytes that a signed event here names by hash and length; which event, its metadata say.
//! One upload serves all who send the same bytes. Delivered is what has a receipt, not what was uploaded.

use super::body::{Id, Query};
use crate::{
    blob::{self, MAX_BLOB_BYTES, Writing},
    error::ApiError,
    ids,
    openapi::{
        schemas::Schemas,
        sketch::{Gives, Sketch, Takes},
    },
    policy::{ByReference, Description, Open},
    state::App,
    store::{
        self, audit, blobs,
        blobs::Named,
        tenants,
        uploads::{self, Upload},
    },
};
use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, NoContent, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{str::FromStr, time::Duration};
use time::{OffsetDateTime, macros::format_description};
use tokio::io::AsyncWriteExt as _;
use tokio_stream::StreamExt as _;
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, EventHash},
    id::TenantId,
    sync::wire::BlobReceipts,
    time::Timestamp,
};

/// The version of the protocol that is spoken here.
pub const TUS_VERSION: &str = "1.0.0";
/// The header that carries it.
pub const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");

// A device may come back after a long leave (`faults.md` D09); after this it begins the upload anew.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;
// A connection that says nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(60);
// What one person may leave here: some ten thousand photos.
const PERSON_QUOTA: u64 = 20 * 1024 * 1024 * 1024;

/// The caller speaks our version of tus.
pub struct Tus;

impl FromRequestParts<App> for Tus {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        match text(&parts.headers, &RESUMABLE) {
            Some(TUS_VERSION) => Ok(Self),
            _ => Err(ApiError::tus_version()),
        }
    }
}

impl Takes for Tus {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.insert("tus_version");
    }
}

/// The id of an upload: 256 random bits.
#[derive(JsonSchema)]
pub struct UploadId(String);

impl FromStr for UploadId {
    type Err = ();

    // It names a file: nothing but the letters of base64url may be in it.
    fn from_str(text: &str) -> Result<Self, ()> {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = text.len() == 43 && text.bytes().all(letter);
        fits.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// An answer of tus: a status and its headers, without a body.
pub struct Said<const STATUS: u16>(Vec<(HeaderName, String)>);

impl<const STATUS: u16> IntoResponse for Said<STATUS> {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        for (name, value) in self.0 {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK);
        (status, headers).into_response()
    }
}

impl<const STATUS: u16> Gives for Said<STATUS> {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.gives(STATUS, "Said in headers, as tus 1.0.0 lists them", None);
    }
}

fn stands(upload: &Upload) -> Vec<(HeaderName, String)> {
    vec![
        (UPLOAD_OFFSET, upload.at.to_string()),
        (UPLOAD_EXPIRES, http_date(upload.expires_at)),
    ]
}

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

// RFC 9110 §5.6.7.
fn http_date(at: Timestamp) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from_unix_timestamp(at.0 / 1000)
        .ok()
        .and_then(|at| at.format(form).ok())
        .unwrap_or_default()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

/// `OPTIONS /api/v1/uploads`
pub async fn options(_: Open<Description>) -> Said<204> {
    let name = HeaderName::from_static;
    Said(vec![
        (name("tus-version"), TUS_VERSION.to_owned()),
        (
            name("tus-extension"),
            "creation,checksum,expiration,termination".to_owned(),
        ),
        (name("tus-max-size"), MAX_BLOB_BYTES.to_string()),
        (name("tus-checksum-algorithm"), "sha256".to_owned()),
    ])
}

/// `POST /api/v1/uploads`
pub async fn create(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    headers: HeaderMap,
) -> Result<Said<201>, ApiError> {
    let len = number(&headers, &UPLOAD_LENGTH)
        .filter(|len| *len > 0)
        .ok_or_else(ApiError::upload_metadata)?;
    let (event, sha256) = text(&headers, &UPLOAD_METADATA)
        .and_then(described)
        .ok_or_else(ApiError::upload_metadata)?;
    if len > MAX_BLOB_BYTES {
        return Err(ApiError::blob_too_large());
    }
    let mut tx = app.store.begin().await?;
    let named = blobs::named(&mut tx, &event, &sha256)
        .await?
        .filter(|named| named.len == len)
        .ok_or_else(ApiError::blob_unnamed)?;
    let known = uploads::of(&mut tx, named.tenant, &sha256, len).await?;
    let (over, live) = match known {
        Some(upload) if upload.expires_at > app.clock.now() => (None, Some(upload)),
        over => (over, None),
    };
    let upload = match live {
        Some(upload) => upload,
        None => begin(&app, &mut tx, &named, &sha256, over.as_ref()).await?,
    };
    store::commit(tx).await?;
    if let Some(over) = over {
        app.fixed.blobs.unstage(&over.id).await?;
    }
    let mut said = stands(&upload);
    let place = format!("/api/v1/uploads/{}", upload.id);
    said.push((header::LOCATION, place));
    Ok(Said(said))
}

async fn begin(
    app: &App,
    conn: &mut store::Conn,
    named: &Named,
    sha256: &Digest,
    over: Option<&Upload>,
) -> Result<Upload, ApiError> {
    if let Some(over) = over {
        uploads::remove(conn, &over.id).await?;
    }
    let held = held(app, conn, named.tenant, sha256).await?;
    let weight = blobs::weight(conn, named.tenant, named.user).await?;
    if !held && weight.saturating_add(named.len) > PERSON_QUOTA {
        return Err(ApiError::blob_quota());
    }
    let upload = Upload {
        tenant: named.tenant,
        id: ids::secret(),
        sha256: sha256.clone(),
        len: named.len,
        // What is here need not come again.
        at: if held { named.len } else { 0 },
        expires_at: Timestamp(app.clock.now().0 + KEPT_MS),
    };
    uploads::add(conn, &upload).await?;
    Ok(upload)
}

// Whether bytes came and still are in their place: a row alone is no proof, and what is gone may be sent again.
async fn held(
    app: &App,
    conn: &mut store::Conn,
    tenant: TenantId,
    sha256: &Digest,
) -> Result<bool, ApiError> {
    Ok(match blobs::find(conn, tenant, sha256).await? {
        Some(blob) => app.fixed.blobs.holds(&blob).await?,
        None => false,
    })
}

// `event` and `sha256` of an `Upload-Metadata` header: `key base64, key base64`.
fn described(metadata: &str) -> Option<(EventHash, Digest)> {
    let value = |wanted: &str| {
        let pairs = metadata
            .split(',')
            .filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.into_iter().find(|(key, _)| *key == wanted)?;
        String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
    };
    let event = EventHash::parse(&value("event")?)?;
    Some((event, Digest::parse(&value("sha256")?)?))
}

/// `HEAD /api/v1/uploads/{upload_id}`
pub async fn stand(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    Id(UploadId(id)): Id<UploadId>,
) -> Result<Said<200>, ApiError> {
    // Whoever asks wants to go on: the request before has lost its client.
    let writing = app.fixed.blobs.write(&id).await;
    let _writing = writing.ok_or_else(ApiError::upload_busy)?;
    let upload = settled(&app, found(&app, &id).await?).await?;
    let mut said = stands(&upload);
    said.push((UPLOAD_LENGTH, upload.len.to_string()));
    Ok(Said(said))
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
    let held = {
        let mut conn = app.store.reader().await?;
        held(app, &mut conn, upload.tenant, &upload.sha256).await?
    };
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
    if upload.complete() && !held {
        finish(app, &upload).await?;
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
    let writing = app.fixed.blobs.write(&id).await;
    let _writing = writing.ok_or_else(ApiError::upload_busy)?;
    let upload = found(&app, &id).await?;
    forget(&app, &upload).await?;
    Ok(NoContent)
}

async fn forget(app: &App, upload: &Upload) -> Result<(), ApiError> {
    let mut tx = app.store.begin().await?;
    uploads::remove(&mut tx, &upload.id).await?;
    store::commit(tx).await?;
    Ok(app.fixed.blobs.unstage(&upload.id).await?)
}

/// A part of an upload, read as it comes.
pub struct Part {
    at: u64,
    // Raw SHA-256 of the part.
    checksum: Option<Vec<u8>>,
    bytes: BodyDataStream,
}

impl FromRequest<App> for Part {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let headers = request.headers();
        if text(headers, &header::CONTENT_TYPE) != Some("application/offset+octet-stream") {
            return Err(ApiError::upload_media_type());
        }
        let at = number(headers, &UPLOAD_OFFSET).ok_or_else(ApiError::upload_offset)?;
        let checksum = match text(headers, &UPLOAD_CHECKSUM) {
            None if headers.contains_key(&UPLOAD_CHECKSUM) => return Err(ApiError::bad_request()),
            None => None,
            Some(value) => Some(checksum(value).ok_or_else(ApiError::bad_request)?),
        };
        Ok(Self {
            at,
            checksum,
            bytes: Body::into_data_stream(request.into_body()),
        })
    }
}

// `sha256 base64`, the one algorithm that `OPTIONS` names.
fn checksum(value: &str) -> Option<Vec<u8>> {
    STANDARD.decode(value.strip_prefix("sha256 ")?.trim()).ok()
}

impl Takes for Part {
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas) {
        crate::openapi::sketch::takes_bytes("application/offset+octet-stream", sketch, schemas);
        sketch.codes.extend([
            "bad_request",
            "blob_mismatch",
            "upload_busy",
            "upload_checksum",
            "upload_media_type",
            "upload_offset",
        ]);
    }
}

/// `PATCH /api/v1/uploads/{upload_id}`
pub async fn go_on(
    _: Open<ByReference>,
    State(app): State<App>,
    _: Tus,
    Id(UploadId(id)): Id<UploadId>,
    part: Part,
) -> Result<Said<204>, ApiError> {
    // A client that goes away ends neither a write nor the note of it in the middle.
    let work = tokio::spawn(async move { take(&app, &id, part).await });
    work.await.map_err(|_| ApiError::internal())?
}

async fn take(app: &App, id: &str, part: Part) -> Result<Said<204>, ApiError> {
    let writing = app.fixed.blobs.write(id).await;
    let writing = writing.ok_or_else(ApiError::upload_busy)?;
    let mut upload = found(app, id).await?;
    if part.at != upload.at || upload.complete() {
        return Err(ApiError::upload_offset());
    }
    let came = write(app, &upload, part, &writing).await?;
    upload.at += came;
    let mut tx = app.store.begin().await?;
    uploads::stand(&mut tx, id, upload.at).await?;
    store::commit(tx).await?;
    if upload.complete() {
        finish(app, &upload).await?;
    }
    Ok(Said(stands(&upload)))
}

// Writes what comes of a part, durably, and says how much that is. Without a checksum the beginning of a part that was
// cut off counts; with one, all of it or nothing.
async fn write(
    app: &App,
    upload: &Upload,
    mut part: Part,
    writing: &Writing,
) -> Result<u64, ApiError> {
    let (mut file, at) = app.fixed.blobs.stage(&upload.id, upload.at).await?;
    if at != upload.at {
        return Err(ApiError::upload_offset());
    }
    let (mut came, mut hash, mut whole) = (0, Sha256::new(), false);
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
        let count = bytes.len() as u64;
        if came + count > room {
            file.set_len(at).await.map_err(blob::BlobError::from)?;
            return Err(ApiError::blob_too_large());
        }
        hash.update(&bytes);
        file.write_all(&bytes)
            .await
            .map_err(blob::BlobError::from)?;
        came += count;
    }
    file.flush().await.map_err(blob::BlobError::from)?;
    let fits = part
        .checksum
        .is_none_or(|wanted| whole && wanted == hash.finalize().to_vec());
    if !fits {
        file.set_len(at).await.map_err(blob::BlobError::from)?;
    }
    file.sync_data().await.map_err(blob::BlobError::from)?;
    match (fits, whole) {
        (true, _) => Ok(came),
        (false, true) => Err(ApiError::upload_checksum()),
        (false, false) => Err(ApiError::upload_busy()),
    }
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
        let blob = BlobReceipt {
            tenant,
            epoch: tenants::log(&mut tx, tenant).await?.epoch,
            sha256: sha256.clone(),
            len: upload.len,
            received_at: now,
        };
        blobs::add(&mut tx, &blob).await?;
    } else {
        let detail = json!({ "sha256": sha256, "len": upload.len });
        audit::write(&mut tx, tenant, now, None, "blob_refused", &detail).await?;
        uploads::remove(&mut tx, &upload.id).await?;
        tracing::warn!(%sha256, "an upload is not what its event names");
    }
    store::commit(tx).await?;
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
    let mut conn = app.store.reader().await?;
    let mut receipts = Vec::new();
    for blob in blobs::of_event(&mut conn, &asked.event).await? {
        if app.fixed.blobs.holds(&blob).await? {
            receipts.push(app.fixed.key.blob_receipt(&blob));
        } else {
            tracing::error!(sha256 = %blob.sha256, "bytes that had a receipt are not in their place; devices may send them again");
        }
    }
    Ok(axum::Json(BlobReceipts { receipts }))
}
