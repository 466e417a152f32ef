//! HTTP as a device sees it: whatever breaks on the way is a failure with a name, never the end of a test.

use super::{Caller, described};
use reqwest::{Method, RequestBuilder, Response, redirect::Policy};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::cell::Cell;
use zhicha_core::{
    client::{
        Failure, Transport,
        evidence::{Stand, Upload, Uploads},
    },
    event::EventHash,
    id::RecordId,
    inspection::evidence::PartRow,
    sync::{
        tus::{self, PART, RECEIPT},
        wire::{
            BlobReceipts, CONTENT_TYPE, DraftCopy, DraftKept, Problem, PullPage, PushReply,
            PushRequest, Stream,
        },
    },
};

/// HTTP as the device sees it; can lose an answer after the server has acted.
pub struct Http {
    /// Whose session it sends.
    pub caller: Caller,
    /// How many answers get lost.
    pub lose: Cell<u32>,
    // Follows nobody elsewhere, as the app.
    http: reqwest::Client,
}

impl Http {
    /// As `caller`.
    pub fn of(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
            lose: Cell::new(0),
            http: super::client_with(|builder| builder.redirect(Policy::none())),
        }
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        let to = self
            .http
            .request(method, format!("{}{path}", self.caller.url));
        match self.caller.cookie.as_str() {
            "" => to,
            cookie => to.header("cookie", cookie),
        }
    }

    // An answer of our server, as it is described.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, Failure> {
        let request = build(self.to(method.clone(), path));
        let answer = request.send().await.map_err(|_| Failure::Network)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|_| Failure::Network)?;
        if self.lose.get() > 0 {
            self.lose.set(self.lose.get() - 1);
            return Err(Failure::Network);
        }
        let said = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?;
            Some(value.split(';').next().unwrap_or_default().to_owned())
        };
        let kind = said("content-type").unwrap_or_default();
        if status.is_success() && (kind == CONTENT_TYPE || headers.contains_key("tus-resumable")) {
            let mut parts = axum::http::Response::builder().status(status);
            for (name, value) in &headers {
                parts = parts.header(name, value);
            }
            let whole = parts.body(body).unwrap().into();
            // What a test planted has none of our headers.
            return Ok(match headers.contains_key("x-content-type-options") {
                true => described::checked(&method, path, whole).await,
                false => whole,
            });
        }
        let problem: Problem = serde_json::from_slice(&body).map_err(|_| Failure::NotOurs)?;
        if kind != "application/problem+json" || problem.status != status.as_u16() {
            return Err(Failure::NotOurs);
        }
        Err(Failure::Problem {
            problem,
            retry_after_s: said("retry-after").and_then(|text| text.parse().ok()),
        })
    }

    /// Posts JSON.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Failure> {
        self.json(Method::POST, path, |to| to.json(body)).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        build: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, Failure> {
        let answer = self.ask(method, path, build).await?;
        answer.json().await.map_err(|_| Failure::NotOurs)
    }
}

impl Transport for Http {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        self.json(Method::POST, "/api/v1/sync/push", |to| to.json(request))
            .await
    }

    async fn pull(&self, stream: Stream, cursor: Option<&str>) -> Result<PullPage, Failure> {
        let (stream, cursor) = (stream.as_str(), cursor.unwrap_or_default());
        let path = format!("/api/v1/sync/pull?stream={stream}&cursor={cursor}");
        self.json(Method::GET, &path, |to| to).await
    }

    async fn keep_draft(&self, id: RecordId, copy: &DraftCopy) -> Result<DraftKept, Failure> {
        let path = format!("/api/v1/drafts/{id}");
        self.json(Method::PUT, &path, |to| to.json(copy)).await
    }
}

impl Uploads for Http {
    async fn begin(
        &self,
        event: &EventHash,
        part: &PartRow,
        whole: Option<Vec<u8>>,
    ) -> Result<Upload, Failure> {
        let build = |to: RequestBuilder| {
            let to = to
                .header("tus-resumable", tus::VERSION)
                .header("upload-length", part.len.to_string())
                .header("upload-metadata", tus::metadata(event, &part.sha256));
            match whole {
                Some(bytes) => to
                    .header("content-type", PART)
                    .header("upload-checksum", tus::checksum_of(&part.sha256))
                    .body(bytes),
                None => to.header("content-length", 0),
            }
        };
        let answer = self.ask(Method::POST, "/api/v1/uploads", build).await?;
        Ok(Upload {
            path: header(&answer, "location").ok_or(Failure::NotOurs)?,
            stand: stand(&answer)?,
        })
    }

    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Stand, Failure> {
        let build = |to: RequestBuilder| {
            to.header("tus-resumable", tus::VERSION)
                .header("content-type", PART)
                .header("upload-offset", upload.stand.at.to_string())
                .header("upload-checksum", tus::checksum(&bytes))
                .body(bytes)
        };
        stand(&self.ask(Method::PATCH, &upload.path, build).await?)
    }

    async fn receipts(&self, event: &EventHash) -> Result<BlobReceipts, Failure> {
        let path = format!("/api/v1/blobs/receipts?event={}", event.as_str());
        self.json(Method::GET, &path, |to| to).await
    }
}

fn header(answer: &Response, name: &str) -> Option<String> {
    Some(answer.headers().get(name)?.to_str().ok()?.to_owned())
}

fn stand(answer: &Response) -> Result<Stand, Failure> {
    let at = header(answer, "upload-offset").and_then(|said| said.parse().ok());
    Ok(Stand {
        at: at.ok_or(Failure::NotOurs)?,
        receipt: header(answer, RECEIPT),
    })
}
