//! A network between a phone and the server: requests get lost, come twice, come late; answers get lost.

use crate::{
    plant::Bug,
    server::{Answer, Ask, Server},
    store::Fate,
};
use axum::http::Method;
use serde::de::DeserializeOwned;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use tokio::sync::Mutex;
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
            BlobReceipts, DraftCopy, DraftKept, Problem, PullPage, PushReply, PushRequest, Stream,
        },
    },
};

/// How bad a network is; each of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Requests that never arrive.
    pub lost: u32,
    /// Requests whose answer never arrives.
    pub unanswered: u32,
    /// Requests that arrive twice.
    pub twice: u32,
    /// Requests that arrive later, when nobody waits for their answer any more.
    pub late: u32,
    /// Requests of which a bit changes on the way.
    pub flipped: u32,
    /// Connections that break in the middle of a photo's bytes.
    pub cut: u32,
    /// Answers of somebody else: a portal's page.
    pub portal: u32,
}

/// How often each happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// Requests that never arrived.
    pub lost: u64,
    /// Answers that never arrived.
    pub unanswered: u64,
    /// Requests that arrived twice.
    pub twice: u64,
    /// Requests that arrived late.
    pub late: u64,
    /// Requests of which a bit had changed.
    pub flipped: u64,
    /// Connections broken in the middle of bytes.
    pub cut: u64,
    /// Pages of a portal.
    pub portal: u64,
}

/// Requests that are still on their way, with whose session each was sent.
pub type Late = Rc<RefCell<Vec<(Ask, Option<String>)>>>;

/// One phone's way to the server.
pub struct Wire {
    /// The server.
    pub server: Rc<Server>,
    /// Its session.
    pub cookie: RefCell<Option<String>>,
    /// Shared with the disk.
    pub fate: Rc<Fate>,
    /// How bad it is now.
    pub weather: Cell<Weather>,
    /// How often it was.
    pub happened: Cell<Happened>,
    /// Requests on their way, of all phones.
    pub late: Late,
    /// Whose dice are thrown.
    pub random: RefCell<fastrand::Rng>,
    /// One request at a time: which of several the server answers first would be the system's choice, not the seed's.
    pub turn: Mutex<()>,
    /// What is wrong with it on purpose, and the session of somebody else.
    pub bug: (Option<Bug>, String),
}

impl Wire {
    fn count(&self, what: impl FnOnce(&mut Happened)) {
        let mut happened = self.happened.get();
        what(&mut happened);
        self.happened.set(happened);
    }

    async fn ask(&self, mut ask: Ask) -> Result<Answer, Failure> {
        let _turn = self.turn.lock().await;
        // Whoever else wants to ask stands in line by now, however quick the server is.
        tokio::task::yield_now().await;
        self.fate.before().await;
        let cookie = self.cookie.borrow().clone();
        let weather = self.weather.get();
        let thrown = |of_thousand: u32| self.random.borrow_mut().u32(0..1000) < of_thousand;
        if thrown(weather.lost) {
            self.count(|h| h.lost += 1);
            return Err(Failure::Network);
        }
        if thrown(weather.portal) {
            self.count(|h| h.portal += 1);
            return Err(Failure::NotOurs);
        }
        if thrown(weather.late) {
            self.count(|h| h.late += 1);
            self.late.borrow_mut().push((ask, cookie));
            return Err(Failure::Network);
        }
        if thrown(weather.twice) {
            self.count(|h| h.twice += 1);
            let _ = self.server.call(&ask, cookie.as_deref()).await;
        }
        let is_part = ask.method != Method::GET && ask.headers.iter().any(|(_, v)| v == PART);
        if is_part && ask.body.len() > 1 && thrown(weather.cut) {
            self.count(|h| h.cut += 1);
            let _ = self.server.call_cut(&ask, cookie.as_deref()).await;
            return Err(Failure::Network);
        }
        // What TLS lets through changed would have changed before or behind it: bytes of photos have their own checksums.
        if is_part && thrown(weather.flipped) {
            self.count(|h| h.flipped += 1);
            if let Some(byte) = ask.body.first_mut() {
                *byte ^= 1;
            }
        }
        let answer = self.server.call(&ask, cookie.as_deref()).await;
        self.fate.behind().await;
        let answer = answer.map_err(|_| Failure::Network)?;
        if thrown(weather.unanswered) {
            self.count(|h| h.unanswered += 1);
            return Err(Failure::Network);
        }
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let problem: Problem =
            serde_json::from_slice(&answer.body).map_err(|_| Failure::NotOurs)?;
        Err(Failure::Problem {
            problem,
            retry_after_s: None,
        })
    }

    async fn json<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Failure> {
        let answer = self.ask(ask).await?;
        serde_json::from_slice(&answer.body).map_err(|_| Failure::NotOurs)
    }
}

impl Transport for Wire {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        self.json(Ask::json(Method::POST, "/api/v1/sync/push", request))
            .await
    }

    async fn pull(&self, stream: Stream, cursor: Option<&str>) -> Result<PullPage, Failure> {
        let (stream, cursor) = (stream.as_str(), cursor.unwrap_or_default());
        let path = format!("/api/v1/sync/pull?stream={stream}&cursor={cursor}");
        let ask = Ask::bare(Method::GET, &path);
        match &self.bug {
            (Some(Bug::FeedOfAnother), other) => {
                let own = self.cookie.replace(Some(other.clone()));
                let page = self
                    .json(Ask::bare(Method::GET, &path.replace(cursor, "")))
                    .await;
                self.cookie.replace(own);
                page
            }
            (Some(Bug::FeedSkipsOne), _) => {
                let mut page: PullPage = self.json(ask).await?;
                if stream == Stream::Records.as_str() {
                    page.rows.pop();
                }
                Ok(page)
            }
            _ => self.json(ask).await,
        }
    }

    async fn keep_draft(&self, id: RecordId, copy: &DraftCopy) -> Result<DraftKept, Failure> {
        let path = format!("/api/v1/drafts/{id}");
        self.json(Ask::json(Method::PUT, &path, copy)).await
    }
}

impl Uploads for Wire {
    async fn begin(
        &self,
        event: &EventHash,
        part: &PartRow,
        whole: Option<Vec<u8>>,
    ) -> Result<Upload, Failure> {
        let mut headers = vec![
            ("tus-resumable", tus::VERSION.to_owned()),
            ("upload-length", part.len.to_string()),
            ("upload-metadata", tus::metadata(event, &part.sha256)),
        ];
        if whole.is_some() {
            headers.push(("content-type", PART.to_owned()));
            headers.push(("upload-checksum", tus::checksum_of(&part.sha256)));
        }
        let body = whole.unwrap_or_default();
        headers.push(("content-length", body.len().to_string()));
        let ask = Ask {
            method: Method::POST,
            path: "/api/v1/uploads".to_owned(),
            headers,
            body,
        };
        let answer = self.ask(ask).await?;
        Ok(Upload {
            path: header(&answer, "location").ok_or(Failure::NotOurs)?,
            stand: stand(&answer)?,
        })
    }

    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Stand, Failure> {
        let headers = vec![
            ("tus-resumable", tus::VERSION.to_owned()),
            ("content-type", PART.to_owned()),
            ("upload-offset", upload.stand.at.to_string()),
            ("upload-checksum", tus::checksum(&bytes)),
            ("content-length", bytes.len().to_string()),
        ];
        let ask = Ask {
            method: Method::PATCH,
            path: upload.path.clone(),
            headers,
            body: bytes,
        };
        stand(&self.ask(ask).await?)
    }

    async fn receipts(&self, event: &EventHash) -> Result<BlobReceipts, Failure> {
        let path = format!("/api/v1/blobs/receipts?event={}", event.as_str());
        self.json(Ask::bare(Method::GET, &path)).await
    }
}

fn header(answer: &Answer, name: &str) -> Option<String> {
    Some(answer.headers.get(name)?.to_str().ok()?.to_owned())
}

fn stand(answer: &Answer) -> Result<Stand, Failure> {
    let at = header(answer, "upload-offset").and_then(|said| said.parse().ok());
    Ok(Stand {
        at: at.ok_or(Failure::NotOurs)?,
        receipt: header(answer, RECEIPT),
    })
}
