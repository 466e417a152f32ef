//! What devices exchange: push, pull, and which events the server has.

use super::body::{Json, Peer, Query};
use crate::{
    auth::session,
    cursor::{Cursor, Unreadable},
    error::ApiError,
    policy::{Allowed, BySignature, Open, PullOwn},
    push,
    recovery::{self, Why},
    state::App,
    store::{
        self, Conn, counter, events,
        feed::{self, Fed, Item},
        log,
        people::PersonRow,
        tenants,
    },
};
use axum::{extract::State, http::HeaderMap};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhicha_core::{
    event::{Checkpoint, EventHash},
    sync::{
        epoch::Seen,
        wire::{PullPage, PullRow, PushReply, PushRequest, Stream},
    },
};

/// `POST /api/v1/sync/push`
pub async fn push(
    _: Open<BySignature>,
    State(app): State<App>,
    headers: HeaderMap,
    peer: Peer,
    Json(body): Json<PushRequest>,
) -> Result<axum::Json<PushReply>, ApiError> {
    let caller = session::caller(&app, &headers).await?;
    push::receive(app, body, caller.map(|c| c.session), peer.0)
        .await
        .map(axum::Json)
}

/// Query of a pull.
#[derive(Deserialize, JsonSchema)]
pub struct Pull {
    /// What is pulled.
    stream: Stream,
    /// `cursor` of the page before; without it a fresh snapshot begins.
    #[serde(default)]
    cursor: String,
}

/// `GET /api/v1/sync/pull`
pub async fn pull(
    caller: Allowed<PullOwn>,
    State(app): State<App>,
    Query(query): Query<Pull>,
) -> Result<axum::Json<PullPage>, ApiError> {
    let stream = query.stream;
    let mut conn = app.store.reader().await?;
    let person = &caller.person;
    let known = opened(&app, &query.cursor, person, stream)?;
    let word = known.as_ref().map(Cursor::word);
    if let Some(word) = word
        && recovery::is_behind(&mut conn, &word).await?
    {
        return Err(fell_back(&app, &word).await?);
    }
    let now = log::checkpoint(&mut conn, person.tenant, app.clock.now()).await?;
    let last = counter::last(&mut conn, person.tenant, stream.as_str()).await?;
    let start = Cursor {
        epoch: now.epoch,
        stream,
        tenant: person.tenant,
        user: person.user,
        authz_version: person.authz_version,
        seq: 0,
        size: now.size,
        root: now.root,
    };
    // A snapshot is due without a cursor, in another life of the log, and with other rights.
    let from = known
        .filter(|c| c.epoch == start.epoch && c.authz_version == start.authz_version)
        // Rows that are gone with an earlier state of the database; their numbers come again.
        .filter(|cursor| cursor.seq <= last)
        .map(|cursor| cursor.seq);
    let log = Seen {
        epoch: start.epoch,
        size: start.size,
    };
    let (fed, limit) = page(&mut conn, &caller, stream, from.unwrap_or(0)).await?;
    let more = fed.len() >= limit as usize;
    let seq = fed.last().map_or(from.unwrap_or(0), |row| row.seq);
    let rows = fed
        .into_iter()
        .filter_map(|row| row.item)
        .map(|item| wire(&app, item))
        .collect();
    let cursor = Cursor { seq, ..start }.seal(app.fixed.key.cursor());
    let snapshot = from.is_none();
    Ok(axum::Json(PullPage {
        stream,
        rows,
        cursor,
        more,
        snapshot,
        log,
        now: app.clock.now(),
    }))
}

// The cursor that the reader goes on from; nothing at the very first.
fn opened(
    app: &App,
    text: &str,
    person: &PersonRow,
    stream: Stream,
) -> Result<Option<Cursor>, ApiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let cursor = Cursor::open(text, app.fixed.key.cursor()).map_err(|why| match why {
        Unreadable::NoCursor => ApiError::cursor(),
        Unreadable::Gone => ApiError::cursor_gone(),
    })?;
    if cursor.tenant != person.tenant || cursor.user != person.user {
        return Err(ApiError::cursor_foreign());
    }
    if cursor.stream != stream {
        return Err(ApiError::cursor());
    }
    Ok(Some(cursor))
}

// The database is older than what was read from it. All sessions end with that, this one too.
async fn fell_back(app: &App, word: &Checkpoint) -> Result<ApiError, ApiError> {
    let mut tx = app.store.begin().await?;
    // Another request may have seen it first.
    if recovery::is_behind(&mut tx, word).await? {
        recovery::begin(&mut tx, &app.clock, word.tenant, Why::Behind(word)).await?;
    }
    store::commit(tx).await?;
    Ok(ApiError::not_signed_in())
}

async fn page(
    conn: &mut Conn,
    caller: &session::Caller,
    stream: Stream,
    seq: u64,
) -> Result<(Vec<Fed>, u32), ApiError> {
    let person = &caller.person;
    // A record has up to 256 KiB and a checklist tens; a site a few hundred bytes. A device's first page holds one
    // checklist: with it work can begin while the others are on their way.
    Ok(match stream {
        Stream::Sites => (
            feed::sites(conn, person.tenant, &person.scope(), seq, 500).await?,
            500,
        ),
        Stream::Checklists => {
            let limit = if seq == 0 { 1 } else { 10 };
            (
                feed::checklists(conn, person.tenant, seq, limit).await?,
                limit,
            )
        }
        Stream::Records => (
            feed::records(conn, person.tenant, person.user, seq, 20).await?,
            20,
        ),
    })
}

fn wire(app: &App, item: Item) -> PullRow {
    match item {
        Item::Site(site) => PullRow::Site { site },
        Item::Checklist(digest, json) => PullRow::Checklist { digest, json },
        Item::Drop(key) => PullRow::Drop { key },
        Item::Event(row, certificate) => PullRow::Event {
            receipt: app.fixed.key.receipt(&row.receipt()),
            reason: row.reason,
            event: row.text,
            certificate,
        },
    }
}

/// Body of `POST /api/v1/sync/have`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "HaveRequest")]
pub struct Have {
    /// Up to 5,000 hashes of events.
    hashes: Vec<EventHash>,
}

/// Answer: which of them the log lacks.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HaveReply")]
pub struct Lacks {
    /// Those that are not in the log.
    missing: Vec<EventHash>,
    /// The log as it is now.
    log: Seen,
}

const MOST_HASHES: usize = 5_000;

/// `POST /api/v1/sync/have`
pub async fn have(
    caller: Allowed<PullOwn>,
    State(app): State<App>,
    Json(body): Json<Have>,
) -> Result<axum::Json<Lacks>, ApiError> {
    if body.hashes.len() > MOST_HASHES {
        return Err(ApiError::too_large());
    }
    let mut conn = app.store.reader().await?;
    let tenant = caller.person.tenant;
    let mut missing = Vec::new();
    for hash in body.hashes {
        // An event of another person is as unknown as one that is not there.
        let known = events::by_hash(&mut conn, tenant, &hash).await?;
        if known.is_none_or(|row| row.user != caller.person.user) {
            missing.push(hash);
        }
    }
    Ok(axum::Json(Lacks {
        missing,
        log: tenants::log(&mut conn, tenant).await?,
    }))
}
