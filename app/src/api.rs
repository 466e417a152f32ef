//! The server's answers as types. Whatever is not our JSON is no answer.

use crate::platform::{
    fetch::{self, Answer, NoAnswer},
    kept,
};
use gloo::net::http::Response;
use serde::{Serialize, de::DeserializeOwned};
use zhicha_core::{
    api::{AcceptInvite, InviteInfo, SessionInfo, SignIn},
    client::{Failure, Transport},
    id::RecordId,
    sync::wire::{
        DraftCopy, DraftKept, EnrolReply, EnrolRequest, PullPage, PushReply, PushRequest, Stream,
    },
};

/// The way to our server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Http;

impl Transport for Http {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        let reply: PushReply = post("/api/v1/sync/push", request).await?;
        kept::set_photo_policy(reply.photos);
        Ok(reply)
    }

    async fn pull(&self, stream: Stream, cursor: Option<&str>) -> Result<PullPage, Failure> {
        // A cursor is base64url: nothing in it needs escaping.
        let path = format!("/api/v1/sync/pull?stream={}", stream.as_str());
        match cursor {
            Some(cursor) => get(&format!("{path}&cursor={cursor}")).await,
            None => get(&path).await,
        }
    }

    async fn keep_draft(&self, id: RecordId, copy: &DraftCopy) -> Result<DraftKept, Failure> {
        call("PUT", &format!("/api/v1/drafts/{id}"), copy).await
    }
}

/// `GET` of something that is JSON.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Failure> {
    read(&text("GET", path, None).await?)
}

/// `POST` of JSON, answered by JSON.
pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Failure> {
    read(&text("POST", path, Some(write(body)?)).await?)
}

/// Any other request with a JSON body, answered by JSON.
pub async fn call<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    read(&text(method, path, Some(write(body)?)).await?)
}

/// A request whose answer holds nothing.
pub async fn tell(method: &str, path: &str, body: Option<String>) -> Result<(), Failure> {
    text(method, path, body).await.map(drop)
}

/// Who is signed in.
pub async fn session() -> Result<SessionInfo, Failure> {
    get("/api/v1/session").await
}

/// Signs in.
pub async fn sign_in(login: &str, password: &str) -> Result<SessionInfo, Failure> {
    post(
        "/api/v1/session",
        &SignIn {
            login: login.to_owned(),
            password: password.to_owned(),
        },
    )
    .await
}

/// Signs out.
pub async fn sign_out() -> Result<(), Failure> {
    tell("DELETE", "/api/v1/session", None).await
}

/// What a one-time link is for; it stays usable.
pub async fn look_at_invite(token: &str) -> Result<InviteInfo, Failure> {
    #[derive(Serialize)]
    struct Look<'a> {
        token: &'a str,
    }
    post("/api/v1/invites/look", &Look { token }).await
}

/// Uses a one-time link.
pub async fn accept_invite(accept: &AcceptInvite) -> Result<SessionInfo, Failure> {
    post("/api/v1/invites/accept", accept).await
}

/// Enrols this browser.
pub async fn enrol(request: &EnrolRequest) -> Result<EnrolReply, Failure> {
    post("/api/v1/devices", request).await
}

fn write(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|_| Failure::NotOurs)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    zhicha_core::json::from_str(text).map_err(|_| Failure::NotOurs)
}

async fn text(method: &str, path: &str, body: Option<String>) -> Result<String, Failure> {
    let answer = fetch::send(method, path, body).await.map_err(unanswered)?;
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    Err(refused(answer))
}

fn unanswered(why: NoAnswer) -> Failure {
    match why {
        NoAnswer::Network => Failure::Network,
        NoAnswer::NotOurs => Failure::NotOurs,
    }
}

fn refused(answer: Answer) -> Failure {
    read(&answer.body).map_or(Failure::NotOurs, |problem| Failure::Problem {
        problem,
        retry_after_s: answer.retry_after_s,
    })
}

/// Why an answer that should hold no JSON did not succeed.
pub async fn failure(answer: Response) -> Failure {
    fetch::read(answer).await.map_or_else(unanswered, refused)
}
