//! The files of a record: photos small and without metadata, voice notes, PDFs and what was shown when signing for who may see
//! the record, and the bytes as they were captured for who has the right to them. What lies behind a marked copy is for the same
//! people, small or not: marks cover faces and number plates. A voice note can only be heard; nothing that people handed in is
//! ever shown by a browser as it came.

use super::body::Query;
use crate::{
    auth::session::Caller,
    error::ApiError,
    ids,
    openapi::{
        schemas::Schemas,
        sketch::{self, Gives, Sketch, Takes},
    },
    picture::{self, Size},
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
use zhicha_core::{
    access::Action,
    api::{BlobSort, SignedText},
    checklist::Digest,
    event::BlobReceipt,
    id::RecordId,
};

// Files that are asked for at once.
const AT_ONCE: usize = 16;

/// Does `work` with each item, some at once: a bucket takes a while to answer each time. Ends with the first error.
pub(super) async fn several<I, T, F>(
    items: Vec<I>,
    work: impl Fn(I) -> F,
) -> Result<Vec<T>, ApiError>
where
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
    T: Send + 'static,
{
    let (mut items, mut done) = (items.into_iter(), Vec::new());
    loop {
        let some = items.by_ref().take(AT_ONCE);
        let some: Vec<_> = some.map(|item| tokio::spawn(work(item))).collect();
        if some.is_empty() {
            return Ok(done);
        }
        for one in some {
            done.push(one.await.map_err(|_| ApiError::internal())??);
        }
    }
}

// More than the longest record says.
const MOST_TEXT: u64 = 4 << 20;
const OCTETS: &str = "application/octet-stream";
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
    /// A fresh JPEG, at most 320 pixels on its longest side, upright and without metadata. Of what lies behind a marked copy
    /// only for roles that may take originals, and noted in the audit log.
    Thumb,
    /// The same, at most 1920 pixels.
    View,
    /// A voice note, with its media type; noted in the audit log.
    Sound,
    /// A PDF, to be saved; noted in the audit log.
    Document,
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
    /// What was captured.
    Saved(Saved),
}

/// Bytes as they were captured. However an address like theirs is opened, they are saved, not shown.
pub struct Saved {
    len: u64,
    kind: &'static str,
    // The end of the file's name.
    end: &'static str,
    body: Body,
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
            Self::Saved(saved) => {
                // Not the name that a person or a phone gave it, and none that a system would run.
                let name = format!(
                    "attachment; filename=\"zhicha-{}.{}\"",
                    ids::name(),
                    saved.end
                );
                say(header::CONTENT_TYPE, saved.kind);
                say(header::CONTENT_DISPOSITION, &name);
                say(header::CONTENT_LENGTH, &saved.len.to_string());
                saved.body
            }
        };
        let mut response = body.into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl Gives for Given {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch::gives_file(
            &[
                "application/octet-stream",
                "image/jpeg",
                "audio/webm",
                "audio/ogg",
                "audio/mp4",
            ],
            sketch,
        );
    }
}

/// `GET /api/v1/records/{record_id}/blobs/{sha256}`
pub async fn one(
    caller: Allowed<SeePictures>,
    State(app): State<App>,
    wanted: InRecord,
    Query(asked): Query<Asked>,
) -> Result<Given, ApiError> {
    let form = asked.form;
    let reads = caller.person.role.may(Action::ReadOriginals);
    if matches!(form, Form::Original) && !reads {
        return Err(ApiError::forbidden());
    }
    let found = found(&app, &caller, &wanted).await?;
    let size = match form {
        Form::Thumb => Size::Thumb,
        Form::View => Size::View,
        form => return saved(&app, &caller, wanted.record, &found.blob, form).await,
    };
    if found.behind_marks {
        if !reads {
            return Err(ApiError::forbidden());
        }
        note(&app, &caller, wanted.record, &found.blob, "unmarked_read").await?;
    }
    // A small picture that was begun is made and kept, whether or not somebody still waits for it.
    let work = tokio::spawn(async move { shown(&app, &found.blob, size).await });
    work.await.map_err(|_| ApiError::internal())?
}

struct Found {
    blob: BlobReceipt,
    // Marks were drawn over it for its evidence: a face may be on it that the marked copy covers.
    behind_marks: bool,
}

// The row of bytes that the record names. Unknown, of another tenant or region, and of another record are the same.
async fn found(app: &App, caller: &Caller, wanted: &InRecord) -> Result<Found, ApiError> {
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
    let behind = blobs::behind_marks(&mut conn, tenant, record).await?;
    Ok(Found {
        blob: named.row.ok_or_else(ApiError::blob_not_here)?,
        behind_marks: behind.contains(&wanted.sha256),
    })
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

async fn saved(
    app: &App,
    caller: &Caller,
    record: RecordId,
    blob: &BlobReceipt,
    form: Form,
) -> Result<Given, ApiError> {
    let head = app.fixed.blobs.begin(blob, picture::HEAD).await?;
    let head = head.ok_or_else(|| gone(blob))?;
    // What a file is, its first bytes say, never the event. A photo as it was captured passes for neither of the first two.
    let (kind, end, action) = match (form, picture::sort(&head), picture::sound(&head)) {
        (Form::Sound, BlobSort::Sound, Some(kind)) => (kind, "audio", "voice_read"),
        (Form::Document, BlobSort::Document, _) => (OCTETS, "pdf", "document_read"),
        (Form::Original, ..) => (OCTETS, "bin", "original_read"),
        _ => return Err(ApiError::blob_not_shown()),
    };
    let checked = app.fixed.blobs.checked(blob).await?;
    let bytes = checked.ok_or_else(|| gone(blob))?;
    note(app, caller, record, blob, action).await?;
    let (len, body) = (blob.len, Body::from_stream(bytes));
    Ok(Given::Saved(Saved {
        len,
        kind,
        end,
        body,
    }))
}

/// `GET /api/v1/records/{record_id}/signed/{sha256}`: nothing but what a sign-off names.
pub async fn signed(
    caller: Allowed<SeePictures>,
    State(app): State<App>,
    wanted: InRecord,
) -> Result<axum::Json<SignedText>, ApiError> {
    let found = found(&app, &caller, &wanted).await?;
    let blob = found.blob;
    let mut conn = app.store.reader().await?;
    let named = blobs::is_signed_text(&mut conn, blob.tenant, wanted.record, &blob.sha256).await?;
    drop(conn);
    if !named || blob.len > MOST_TEXT {
        return Err(ApiError::blob_not_shown());
    }
    let read = app.fixed.blobs.read(blob.tenant, &blob.sha256).await?;
    let bytes = read
        .filter(|bytes| Digest::of(bytes) == blob.sha256)
        .ok_or_else(|| gone(&blob))?;
    let text = String::from_utf8(bytes.into()).map_err(|_| ApiError::blob_not_shown())?;
    note(&app, &caller, wanted.record, &blob, "signed_text_read").await?;
    Ok(axum::Json(SignedText { text }))
}

// Nothing that needs a right of its own leaves without a row in the audit log.
async fn note(
    app: &App,
    caller: &Caller,
    record: RecordId,
    blob: &BlobReceipt,
    action: &str,
) -> Result<(), ApiError> {
    let (now, person) = (app.clock.now(), &caller.person);
    let detail = json!({ "record": record, "sha256": blob.sha256 });
    let mut tx = app.store.begin().await?;
    let (tenant, actor) = (person.tenant, Some(person.user));
    audit::write(&mut tx, tenant, now, actor, action, &detail).await?;
    store::commit(tx).await?;
    Ok(())
}

fn gone(blob: &BlobReceipt) -> ApiError {
    tracing::error!(sha256 = %blob.sha256, "bytes that have a receipt are missing or altered; run fsck");
    ApiError::blob_not_here()
}
