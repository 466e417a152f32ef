//! HTTP to our own server. Whatever is not JSON of ours counts as no answer (captive portals, proxies).

use gloo::net::http::{Method, Request, RequestBuilder, Response};
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect};
use zhicha_core::sync::wire::CONTENT_TYPE;

use super::{picture::Picture, timer::Timeout};
use crate::api;
use js_sys::Uint8Array;
use zhicha_core::client::Failure;

/// Longest wait for an answer. A push that was cut off is sent again; the server answers `duplicate`.
pub const PATIENCE_MS: u32 = 60_000;

/// An answer that is JSON.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The text.
    pub body: String,
    /// `Retry-After`, in seconds.
    pub retry_after_s: Option<u64>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No connection, or it broke.
    Network,
    /// Something else than our server answered.
    NotOurs,
}

/// Sends a request. `method` is an upper-case HTTP method; `body` is JSON.
pub async fn send(method: &str, path: &str, body: Option<String>) -> Result<Answer, NoAnswer> {
    let aborter = AbortController::new().map_err(|_| NoAnswer::Network)?;
    let signal = aborter.signal();
    let _patience = Timeout::new(PATIENCE_MS, move || aborter.abort());
    let builder = RequestBuilder::new(path)
        .method(method_of(method))
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Error)
        .header("Accept", CONTENT_TYPE)
        .abort_signal(Some(&signal));
    let request: Request = match body {
        Some(body) => builder.header("Content-Type", CONTENT_TYPE).body(body),
        None => builder.build(),
    }
    .map_err(|_| NoAnswer::Network)?;
    read(request.send().await.map_err(|_| NoAnswer::Network)?).await
}

fn method_of(name: &str) -> Method {
    match name {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        _ => Method::GET,
    }
}

/// Fetches a file of ours, as something that can be shown or played.
///
/// # Errors
/// The server's refusal, or why there is no answer.
pub async fn bytes(path: &str) -> Result<Picture, Failure> {
    let builder = RequestBuilder::new(path)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Error);
    let request = builder.build().map_err(|_| Failure::Network)?;
    let answer = request.send().await.map_err(|_| Failure::Network)?;
    if !answer.ok() {
        return Err(api::failure(answer).await);
    }
    let kind = answer.headers().get("content-type").unwrap_or_default();
    let bytes = answer.binary().await.map_err(|_| Failure::Network)?;
    let bytes = Uint8Array::from(bytes.as_slice()).into();
    Picture::of(&[bytes], &kind).ok_or(Failure::Network)
}

/// Reads an answer of ours.
pub async fn read(response: Response) -> Result<Answer, NoAnswer> {
    // "Done, nothing to say" has no media type.
    if response.status() == 204 {
        return Ok(Answer {
            status: 204,
            retry_after_s: None,
            body: String::new(),
        });
    }
    let kind = response.headers().get("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind != CONTENT_TYPE && kind != "application/problem+json" {
        return Err(NoAnswer::NotOurs);
    }
    Ok(Answer {
        status: response.status(),
        retry_after_s: response
            .headers()
            .get("retry-after")
            .and_then(|s| s.trim().parse().ok()),
        body: response.text().await.map_err(|_| NoAnswer::Network)?,
    })
}
