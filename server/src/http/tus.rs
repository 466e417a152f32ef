//! What tus 1.0.0 (<https://tus.io/protocols/resumable-upload>) says in headers, read and written.

use crate::{
    error::ApiError,
    openapi::{
        schemas::Schemas,
        sketch::{self, Gives, Sketch, Takes},
    },
    state::App,
};
use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use sha1::Sha1;
use sha2::{Sha256, digest::DynDigest};
use std::str::FromStr;
use time::{OffsetDateTime, macros::format_description};
use utoipa::openapi::{
    ObjectBuilder,
    schema::{SchemaType, Type},
};
use zhicha_core::{
    checklist::Digest,
    event::EventHash,
    sync::tus::{PART, RECEIPT},
    time::Timestamp,
};

/// The version of the protocol that is spoken here.
pub const VERSION: &str = "1.0.0";
/// The header that carries it.
pub const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");

/// The algorithms that a part may be checked by.
pub const ALGORITHMS: &str = "sha1,sha256";
// Keys and values of a client; ours take some 200 bytes.
const MOST_METADATA: usize = 4096;

pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const UPLOAD_RECEIPT: HeaderName = HeaderName::from_static(RECEIPT);
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

// RFC 9110 §5.6.7.
pub(super) fn http_date(at: Timestamp) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from_unix_timestamp(at.0 / 1000)
        .ok()
        .and_then(|at| at.format(form).ok())
        .unwrap_or_default()
}

/// The caller speaks our version of tus.
pub struct Tus;

impl FromRequestParts<App> for Tus {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        match text(&parts.headers, &RESUMABLE) {
            Some(VERSION) => Ok(Self),
            _ => Err(ApiError::tus_version()),
        }
    }
}

impl Takes for Tus {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        let version = words("The version of tus that is spoken").enum_values(Some([VERSION]));
        sketch::takes_header(&RESUMABLE, true, version, sketch);
        sketch.codes.insert("tus_version");
    }
}

/// The id of an upload: 256 random bits.
#[derive(JsonSchema)]
pub struct UploadId(pub String);

impl FromStr for UploadId {
    type Err = ();

    // It names a file: nothing but the letters of base64url may be in it.
    fn from_str(text: &str) -> Result<Self, ()> {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = text.len() == 43 && text.bytes().all(letter);
        fits.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// What a creation says: how many bytes, which, and of which event (`Upload-Metadata: event …,sha256 …`).
pub struct Creation {
    /// How many, at least one.
    pub len: u64,
    /// The event that names them.
    pub event: EventHash,
    /// What they hash to.
    pub sha256: Digest,
    /// All that the client said about them, as it said it.
    pub metadata: String,
}

impl FromRequestParts<App> for Creation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        Self::of(&parts.headers).ok_or_else(ApiError::upload_metadata)
    }
}

impl Creation {
    /// What headers say, if they say all of it.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let len = number(headers, &UPLOAD_LENGTH)?;
        let metadata = text(headers, &UPLOAD_METADATA)?;
        let (event, sha256) = described(metadata)?;
        let fits = len > 0 && metadata.len() <= MOST_METADATA;
        fits.then(|| Self {
            len,
            event,
            sha256,
            metadata: metadata.to_owned(),
        })
    }
}

impl Takes for Creation {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        let len = count("How many bytes there are").minimum(Some(1));
        sketch::takes_header(&UPLOAD_LENGTH, true, len, sketch);
        let metadata = words("`event` and `sha256`, each with its value in base64")
            .max_length(Some(MOST_METADATA));
        sketch::takes_header(&UPLOAD_METADATA, true, metadata, sketch);
        sketch.codes.insert("upload_metadata");
    }
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

/// What a client says a part hashes to, and the part's own hash as it comes.
pub struct Checksum {
    hash: Box<dyn DynDigest + Send>,
    said: Vec<u8>,
}

impl Checksum {
    // `algorithm base64`, by one of [`ALGORITHMS`].
    fn parse(value: &str) -> Option<Self> {
        let (algorithm, said) = value.split_once(' ')?;
        let hash: Box<dyn DynDigest + Send> = match algorithm {
            "sha1" => Box::new(Sha1::default()),
            "sha256" => Box::new(Sha256::default()),
            _ => return None,
        };
        let said = STANDARD.decode(said.trim()).ok()?;
        Some(Self { hash, said })
    }

    /// Goes on with the part.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Whether the part is what the client says.
    pub fn fits(self) -> bool {
        *self.hash.finalize() == *self.said
    }
}

fn takes_checksum(sketch: &mut Sketch) {
    let sum = words("`sha1` or `sha256`, and the hash of the part in base64");
    sketch::takes_header(&UPLOAD_CHECKSUM, false, sum, sketch);
}

fn words(about: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    text.description(Some(about))
}

fn count(about: &str) -> ObjectBuilder {
    let number = ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer));
    number.description(Some(about))
}

/// A part of an upload, read as it comes.
pub struct Part {
    /// Where it goes on.
    pub at: u64,
    /// What it hashes to, where its client says it.
    pub checksum: Option<Checksum>,
    /// How many bytes it says that it has.
    pub len: Option<u64>,
    /// The part.
    pub bytes: BodyDataStream,
}

impl Part {
    /// A part as it comes.
    ///
    /// # Errors
    /// When it is not declared as one.
    pub fn of(request: Request) -> Result<Self, ApiError> {
        let headers = request.headers();
        if !is_part(headers) {
            return Err(ApiError::upload_media_type());
        }
        let at = number(headers, &UPLOAD_OFFSET).ok_or_else(ApiError::upload_offset)?;
        Self::read(request, at)
    }

    fn read(request: Request, at: u64) -> Result<Self, ApiError> {
        let headers = request.headers();
        let checksum = match text(headers, &UPLOAD_CHECKSUM) {
            None if headers.contains_key(&UPLOAD_CHECKSUM) => return Err(ApiError::bad_request()),
            None => None,
            Some(value) => Some(Checksum::parse(value).ok_or_else(ApiError::bad_request)?),
        };
        Ok(Self {
            at,
            checksum,
            len: number(headers, &header::CONTENT_LENGTH),
            bytes: Body::into_data_stream(request.into_body()),
        })
    }
}

fn is_part(headers: &HeaderMap) -> bool {
    text(headers, &header::CONTENT_TYPE) == Some(PART)
}

/// The first part of an upload, where it comes with its creation.
pub struct Along(pub Option<Part>);

impl FromRequest<App> for Along {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let comes = is_part(request.headers());
        Ok(Self(comes.then(|| Part::read(request, 0)).transpose()?))
    }
}

impl Takes for Along {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch::takes_bytes(PART, false, sketch);
        takes_checksum(sketch);
        sketch.codes.extend(["bad_request", "upload_checksum"]);
    }
}

impl FromRequest<App> for Part {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        Self::of(request)
    }
}

impl Takes for Part {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch::takes_bytes(PART, true, sketch);
        let at = count("Where the part goes on").minimum(Some(0));
        sketch::takes_header(&UPLOAD_OFFSET, true, at, sketch);
        takes_checksum(sketch);
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

/// An answer of tus: a status and its headers, without a body.
pub struct Said<const STATUS: u16>(pub Vec<(HeaderName, String)>);

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

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name)?.parse().ok()
}
