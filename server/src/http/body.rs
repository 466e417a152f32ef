//! Reading JSON bodies: declared as JSON, of bounded size, without duplicate keys; and path ids, where anything that
//! is no id is simply not found.

use crate::{
    error::ApiError,
    openapi::{
        schemas::Schemas,
        sketch::{self, Gives, Sketch, Takes},
    },
    state::App,
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::{net::SocketAddr, str::FromStr, time::Duration};

/// How many large bodies may be on their way at once: about as many MiB of memory.
pub const LARGE_AT_ONCE: usize = 128;
const SMALL: u64 = 64 * 1024;
// A push of a MiB over 20 kbit/s; slower, or with pauses of more than a minute, nobody is at the other end.
const LONGEST: Duration = Duration::from_secs(8 * 60);

/// A JSON body. Unlike axum's own, it answers with our problems.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let headers = request.headers();
        if !is_json(headers) || is_coded(headers) {
            return Err(ApiError::media_type());
        }
        // Until it is read, so that what comes slowly and from many does not fill the memory.
        let _turn = if is_small(headers) {
            None
        } else {
            app.fixed.large.acquire().await.ok()
        };
        let bytes = read(request, app).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| ApiError::bad_request())
    }
}

async fn read(request: Request, app: &App) -> Result<Bytes, ApiError> {
    let bytes = tokio::time::timeout(LONGEST, Bytes::from_request(request, app)).await;
    let bytes = bytes.map_err(|_| ApiError::bad_request())?;
    bytes.map_err(|rejection| {
        if rejection.status().as_u16() == 413 {
            ApiError::too_large()
        } else {
            ApiError::bad_request()
        }
    })
}

// Nothing is unpacked here: a few bytes could become any number.
fn is_coded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn is_small(headers: &HeaderMap) -> bool {
    let len = headers.get(header::CONTENT_LENGTH);
    let len = len.and_then(|len| len.to_str().ok()?.parse::<u64>().ok());
    len.is_some_and(|len| len <= SMALL)
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    declared
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The id in the path.
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<App> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::not_found())?;
        text.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// The query, read into `T`.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, app).await;
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|_| ApiError::bad_request())
    }
}

impl<T: JsonSchema> Takes for Json<T> {
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas) {
        sketch::takes_json::<T>(sketch, schemas);
    }
}

impl<T: JsonSchema> Takes for Id<T> {
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas) {
        sketch::takes_id::<T>(sketch, schemas);
    }
}

impl<T: JsonSchema> Takes for Query<T> {
    fn takes(sketch: &mut Sketch, schemas: &mut Schemas) {
        sketch::takes_query::<T>(sketch, schemas);
    }
}

/// Something new, as 201.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> Gives for Created<T> {
    fn gives(sketch: &mut Sketch, schemas: &mut Schemas) {
        sketch::gives_json::<T>(201, "Made", sketch, schemas);
    }
}

/// The caller's address, for rate limits; behind a proxy that is believed, the one that it names.
pub struct Peer(pub String);

impl FromRequestParts<App> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let info = parts
            .extensions
            .get::<axum::extract::ConnectInfo<SocketAddr>>();
        Ok(Self(info.map_or_else(String::new, |info| {
            let (peer, proxies) = (info.0.ip(), &app.fixed.proxies);
            if proxies.doubts(peer, &parts.headers)
                && app.fixed.limits.once_a_day("X-Forwarded-For", app.clock.now())
            {
                tracing::warn!(
                    "{peer} sends X-Forwarded-For and is not believed; a proxy has to be named with --trusted-proxy, or all behind it share their limits"
                );
            }
            let caller = proxies.caller(peer, &parts.headers);
            caller.to_string()
        })))
    }
}

impl Takes for Peer {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.insert("too_many_attempts");
    }
}
