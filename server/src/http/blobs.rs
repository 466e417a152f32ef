//! The files of a record: photos small and without metadata for who may see the record, and the bytes as they were
//! captured for who has the right to them. Nothing that people handed in is ever shown by a browser as it came.

use super::body::Query;
use crate::{
    auth::session::Caller,
    error::ApiError,
    ids,
    openapi::{
        schemas::Schemas,
        sketch::{self, Gives, Sketch, Takes},
    },
    picture::Size,
    policy::{Allowed, SeePictures},
    state::App,
    store::{self, audit, blobs, records},
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, Path, State},
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use zhicha_core::{access::Action, checklist::Digest, event::BlobReceipt, id::RecordId};

// Whatever a browser takes the bytes for, it runs and loads nothing of them.
const CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Query of a file.
#[derive(Deserialize, JsonSchema)]
pub struct Asked {
    /// How it is wanted.
    #[serde(rename = "as")]
    form: Form,
}

/// How a file of a record is wanted.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BlobForm")]
enum Form {
    /// A fresh JPEG, at most 320 pixels on its longest side, upright and without metadata.
    Thumb,
    /// The same, at most 1920 pixels.
    View,
    /// The very bytes, to be saved. Only for roles with that right, and noted in the audit log.
    Original,
}

/// Record and digest in the path.
pub struct InRecord {
    record: RecordId,
    sha256: Digest,
}

impl FromRequestParts<App> for InRecord {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let ids = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((record, sha256)) = ids.map_err(|_| ApiError::not_found())?;
        Ok(Self {
            record: record.parse().map_err(|_| ApiError::not_found())?,
            sha256: Digest::parse(&sha256).ok_or_else(ApiError::not_found)?,
        })
    }
}

impl Takes for InRecord {
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas) {
        sketch::takes_id::<RecordId>(sketch, schemas);
        sketch::takes_id::<Digest>(sketch, schemas);
    }
}

/// A file of a record, with headers that keep a browser from taking it for anything else.
pub enum Given {
    /// A JPEG of ours.
    Shown(Bytes),
    /// What was captured: its length and its bytes.
    Original(u64, Body),
}

impl IntoResponse for Given {
    fn into_response(self) -> Response {
        let mut headers = vec![(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(CSP),
        )];
        let mut say = |name: HeaderName, value: &str| {
            headers.extend(HeaderValue::from_str(value).map(|value| (name, value)));
        };
        let body = match self {
            Self::Shown(bytes) => {
                say(header::CONTENT_TYPE, "image/jpeg");
                Body::from(bytes)
            }
            Self::Original(len, body) => {
                // Not the name that a person or a phone gave it, and none that a system would run.
                let name = format!("attachment; filename=\"zhicha-{}.bin\"", ids::name());
                say(header::CONTENT_TYPE, "application/octet-stream");
                say(header::CONTENT_DISPOSITION, &name);
                say(header::CONTENT_LENGTH, &len.to_string());
                body
            }
        };
        let mut response = body.into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl Gives for Given {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch::gives_file(&["application/octet-stream", "image/jpeg"], sketch);
    }
}

/// `GET /api/v1/records/{record_id}/blobs/{sha256}`
pub async fn one(
    caller: Allowed<SeePictures>,
    State(app): State<App>,
    wanted: InRecord,
    Query(asked): Query<Asked>,
) -> Result<Given, ApiError> {
    let size = match asked.form {
        Form::Thumb => Some(Size::Thumb),
        Form::View => Some(Size::View),
        Form::Original => None,
    };
    if size.is_none() && !caller.person.role.may(Action::ReadOriginals) {
        return Err(ApiError::forbidden());
    }
    let blob = found(&app, &caller, &wanted).await?;
    match size {
        Some(size) => {
            // A small picture that was begun is made and kept, whether or not somebody still waits for it.
            let work = tokio::spawn(async move { shown(&app, &blob, size).await });
            work.await.map_err(|_| ApiError::internal())?
        }
        None => original(&app, &caller, wanted.record, &blob).await,
    }
}

// The row of bytes that the record names. Unknown, of another tenant or region, and of another record are the same.
async fn found(app: &App, caller: &Caller, wanted: &InRecord) -> Result<BlobReceipt, ApiError> {
    let person = &caller.person;
    let scope = if person.role.may(Action::ReadRecords) {
        person.scope()
    } else {
        Vec::new()
    };
    let mut conn = app.store.reader().await?;
    let (tenant, user, record) = (person.tenant, person.user, wanted.record);
    if !records::may_see(&mut conn, tenant, user, &scope, record).await? {
        return Err(ApiError::not_found());
    }
    let named = blobs::of_record(&mut conn, tenant, record).await?;
    let named = named
        .into_iter()
        .find(|named| named.sha256 == wanted.sha256)
        .ok_or_else(ApiError::not_found)?;
    named.row.ok_or_else(ApiError::blob_not_here)
}

async fn shown(app: &App, blob: &BlobReceipt, size: Size) -> Result<Given, ApiError> {
    let derived = &app.fixed.derived;
    let kept = async || derived.find(blob.tenant, &blob.sha256, size).await;
    // What is not in its place any more is said so, though a small picture of it is left.
    if !app.fixed.blobs.holds(blob).await? {
        return Err(gone(blob));
    }
    if let Some(kept) = kept().await? {
        return kept
            .map(Given::Shown)
            .map_err(|_| ApiError::blob_not_shown());
    }
    let turn = derived.turn().await?;
    // Somebody before us may have wanted the same.
    if let Some(kept) = kept().await? {
        return kept
            .map(Given::Shown)
            .map_err(|_| ApiError::blob_not_shown());
    }
    let read = app.fixed.blobs.read(blob.tenant, &blob.sha256).await?;
    let bytes = read
        .filter(|bytes| Digest::of(bytes) == blob.sha256)
        .ok_or_else(|| gone(blob))?;
    let made = derived.make(turn, blob.tenant, &blob.sha256, bytes).await?;
    let made = made.map_err(|_| ApiError::blob_not_shown())?;
    let sizes = Size::ALL.into_iter().zip(made);
    let (_, bytes) = sizes
        .into_iter()
        .find(|(made, _)| *made == size)
        .ok_or_else(ApiError::internal)?;
    Ok(Given::Shown(bytes.into()))
}

async fn original(
    app: &App,
    caller: &Caller,
    record: RecordId,
    blob: &BlobReceipt,
) -> Result<Given, ApiError> {
    let checked = app.fixed.blobs.checked(blob).await?;
    let bytes = checked.ok_or_else(|| gone(blob))?;
    // Nothing leaves without a row in the audit log.
    let (now, person) = (app.clock.now(), &caller.person);
    let detail = json!({ "record": record, "sha256": blob.sha256 });
    let mut tx = app.store.begin().await?;
    let (tenant, actor) = (person.tenant, Some(person.user));
    audit::write(&mut tx, tenant, now, actor, "original_read", &detail).await?;
    store::commit(tx).await?;
    Ok(Given::Original(blob.len, Body::from_stream(bytes)))
}

fn gone(blob: &BlobReceipt) -> ApiError {
    tracing::error!(sha256 = %blob.sha256, "bytes that have a receipt are missing or altered; run fsck");
    ApiError::blob_not_here()
}
