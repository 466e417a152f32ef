//! Bytes to our own server by tus, stretch by stretch.

use super::{fetch::PATIENCE_MS, timer::Timeout};
use crate::api::{self, get};
use gloo::net::http::{RequestBuilder, Response};
use js_sys::{Array, Uint8Array};
use web_sys::{AbortController, Blob, RequestCache, RequestCredentials, RequestRedirect};
use zhicha_core::{
    client::{
        Failure,
        evidence::{Stand, Upload, Uploads},
    },
    event::EventHash,
    inspection::evidence::PartRow,
    sync::{
        tus::{self, PART, RECEIPT},
        wire::BlobReceipts,
    },
};

/// The way to our server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tus;

impl Uploads for Tus {
    async fn begin(
        &self,
        event: &EventHash,
        part: &PartRow,
        whole: Option<Vec<u8>>,
    ) -> Result<Upload, Failure> {
        let goes_along = whole.is_some();
        let build = |to: RequestBuilder| {
            let to = to
                .header("Upload-Length", &part.len.to_string())
                .header("Upload-Metadata", &tus::metadata(event, &part.sha256));
            if !goes_along {
                return to;
            }
            to.header("Content-Type", PART)
                .header("Upload-Checksum", &tus::checksum_of(&part.sha256))
        };
        let answer = send("POST", "/api/v1/uploads", build, whole).await?;
        let path = header(&answer, "location").filter(|path| path.starts_with("/api/v1/uploads/"));
        Ok(Upload {
            path: path.ok_or(Failure::NotOurs)?,
            stand: stand(&answer)?,
        })
    }

    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Stand, Failure> {
        let checksum = tus::checksum(&bytes);
        let build = |to: RequestBuilder| {
            to.header("Content-Type", PART)
                .header("Upload-Offset", &upload.stand.at.to_string())
                .header("Upload-Checksum", &checksum)
        };
        stand(&send("PATCH", &upload.path, build, Some(bytes)).await?)
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
    body: Option<Vec<u8>>,
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
        Some(body) => builder.body(blob(&body).ok_or(Failure::Network)?),
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

fn stand(answer: &Response) -> Result<Stand, Failure> {
    let said = header(answer, "upload-offset").and_then(|said| said.parse().ok());
    Ok(Stand {
        at: said.ok_or(Failure::NotOurs)?,
        receipt: header(answer, RECEIPT),
    })
}

// Chromium sends a Blob several times as fast as an array of the same bytes (`cargo xtask bench drain`).
fn blob(bytes: &[u8]) -> Option<Blob> {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).ok()
}
