//! Bytes to our own server by tus, stretch by stretch.

use super::{fetch::PATIENCE_MS, timer::Timeout};
use crate::api::{self, get};
use gloo::net::http::{RequestBuilder, Response};
use js_sys::Uint8Array;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestRedirect};
use zhicha_core::{
    checklist::Digest,
    client::{
        Failure,
        evidence::{Upload, Uploads},
    },
    event::EventHash,
    sync::{
        tus::{self, PART},
        wire::BlobReceipts,
    },
};

/// The way to our server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tus;

impl Uploads for Tus {
    async fn begin(&self, event: &EventHash, sha256: &Digest, len: u64) -> Result<Upload, Failure> {
        let build = |to: RequestBuilder| {
            to.header("Upload-Length", &len.to_string())
                .header("Upload-Metadata", &tus::metadata(event, sha256))
        };
        let answer = send("POST", "/api/v1/uploads", build, None).await?;
        let path = header(&answer, "location").filter(|path| path.starts_with("/api/v1/uploads/"));
        Ok(Upload {
            path: path.ok_or(Failure::NotOurs)?,
            at: offset(&answer)?,
        })
    }

    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<u64, Failure> {
        let build = |to: RequestBuilder| {
            to.header("Content-Type", PART)
                .header("Upload-Offset", &upload.at.to_string())
                .header("Upload-Checksum", &tus::checksum(&bytes))
        };
        let body = Uint8Array::from(bytes.as_slice());
        offset(&send("PATCH", &upload.path, build, Some(body)).await?)
    }

    async fn receipts(&self, event: &EventHash) -> Result<BlobReceipts, Failure> {
        // A hash is hex: nothing in it needs escaping.
        get(&format!("/api/v1/blobs/receipts?event={}", event.as_str())).await
    }
}

async fn send(
    method: &str,
    path: &str,
    build: impl FnOnce(RequestBuilder) -> RequestBuilder,
    body: Option<Uint8Array>,
) -> Result<Response, Failure> {
    let aborter = AbortController::new().map_err(|_| Failure::Network)?;
    let signal = aborter.signal();
    let _patience = Timeout::new(PATIENCE_MS, move || aborter.abort());
    let method = match method {
        "PATCH" => gloo::net::http::Method::PATCH,
        _ => gloo::net::http::Method::POST,
    };
    let builder = RequestBuilder::new(path)
        .method(method)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::SameOrigin)
        .redirect(RequestRedirect::Error)
        .header("Tus-Resumable", tus::VERSION)
        .abort_signal(Some(&signal));
    let builder = build(builder);
    let request = match body {
        Some(body) => builder.body(body),
        None => builder.build(),
    };
    let request = request.map_err(|_| Failure::Network)?;
    let answer = request.send().await.map_err(|_| Failure::Network)?;
    if answer.ok() && header(&answer, "tus-resumable").is_some() {
        return Ok(answer);
    }
    Err(api::failure(answer).await)
}

fn header(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name)
}

fn offset(answer: &Response) -> Result<u64, Failure> {
    let said = header(answer, "upload-offset").and_then(|said| said.parse().ok());
    said.ok_or(Failure::NotOurs)
}
