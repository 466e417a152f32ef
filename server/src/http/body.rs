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
use std::{net::SocketAddr, str::FromStr};

/// A JSON body. Unlike axum's own, it answers with our problems.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::media_type());
        }
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| {
                if rejection.status().as_u16() == 413 {
                    ApiError::too_large()
                } else {
                    ApiError::bad_request()
                }
            })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| ApiError::bad_request())
    }
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

/// The caller's address, for rate limits.
pub struct Peer(pub String);

impl FromRequestParts<App> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let info = parts
            .extensions
            .get::<axum::extract::ConnectInfo<SocketAddr>>();
        Ok(Self(
            info.map_or_else(String::new, |info| info.0.ip().to_string()),
        ))
    }
}

impl Takes for Peer {
    fn takes(sketch: &mut Sketch, _: &mut Schemas) {
        sketch.codes.insert("too_many_attempts");
    }
}
