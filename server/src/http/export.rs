//! Exports of one or many records.

use super::body::{Id, Json};
use crate::{
    auth::session::Caller,
    blob::BlobError,
    error::ApiError,
    export::{
        pack,
        write::{self, Written},
    },
    openapi::{
        schemas::Schemas,
        sketch::{self, Gives, Sketch},
    },
    policy::{Allowed, ExportRecords},
    state::App,
    store::{self, audit},
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::{io, str::FromStr, sync::Arc, time::Duration};
use tokio::{
    fs::File,
    io::AsyncReadExt as _,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};
use tokio_stream::wrappers::ReceiverStream;
use zhicha_core::id::RecordId;

const MOST_RECORDS: usize = 500;
const PIECE: usize = 128 * 1024;
// Exports that may be on their way at once, each a file on the disk until it is sent.
const AT_ONCE: usize = 4;
// How long one more waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
// Who takes nothing of an export for so long has gone.
const SILENCE: Duration = Duration::from_secs(60);

/// The turns of exports.
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Exports {
    /// Waits a while for a turn, which lasts as long as what is returned.
    ///
    /// # Errors
    /// When too many exports are on their way.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok);
        turn.ok_or_else(|| ApiError::export_busy().retry_after(30))
    }
}

/// Body of `POST /api/v1/export`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ExportRequest")]
pub struct Wanted {
    /// Up to 500 records.
    record_ids: Vec<RecordId>,
}

/// `<record id>.zip`, or the id alone.
#[derive(JsonSchema)]
#[schemars(rename = "ExportName")]
pub struct Name(#[schemars(with = "String")] RecordId);

impl FromStr for Name {
    type Err = ApiError;
    fn from_str(text: &str) -> Result<Self, ApiError> {
        text.strip_suffix(".zip")
            .unwrap_or(text)
            .parse()
            .map(Self)
            .map_err(|_| ApiError::not_found())
    }
}

/// `POST /api/v1/export`
pub async fn many(
    caller: Allowed<ExportRecords>,
    State(app): State<App>,
    Json(body): Json<Wanted>,
) -> Result<Zip, ApiError> {
    let mut ids = body.record_ids;
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST_RECORDS {
        return Err(ApiError::invalid(
            "请选择1至500条记录。",
            "Choose 1 to 500 records.",
        ));
    }
    export(&app, &caller, &ids).await
}

/// `GET /api/v1/export/{record_id}.zip`
pub async fn one(
    caller: Allowed<ExportRecords>,
    State(app): State<App>,
    Id(Name(record)): Id<Name>,
) -> Result<Zip, ApiError> {
    export(&app, &caller, &[record]).await
}

async fn export(app: &App, caller: &Caller, ids: &[RecordId]) -> Result<Zip, ApiError> {
    let person = &caller.person;
    let turn = app.fixed.exports.turn().await?;
    let now = app.clock.now();
    let draft = {
        let mut conn = app.store.reader().await?;
        pack::collect(
            &mut conn,
            &app.fixed.key,
            person.tenant,
            &person.scope(),
            ids,
            now,
        )
        .await?
    };
    let writer = app.clone();
    // Goes on when nobody waits any more, and keeps its turn meanwhile.
    let work =
        tokio::task::spawn_blocking(move || write::write(&writer, draft).map(|zip| (zip, turn)));
    let (written, turn) = match work.await {
        Ok(Ok(written)) => written,
        Ok(Err(error)) => return Err(failed(error)),
        Err(_) => return Err(ApiError::internal()),
    };
    // Nothing leaves without a row in the audit log.
    let mut tx = app.store.begin().await?;
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(person.user),
        "exported",
        &json!({ "records": ids }),
    )
    .await?;
    store::commit(tx).await?;
    let name = if let [one] = ids {
        format!("zhicha-{one}.zip")
    } else {
        format!("zhicha-{}-records.zip", ids.len())
    };
    Ok(Zip {
        name,
        written,
        turn,
    })
}

fn failed(error: anyhow::Error) -> ApiError {
    match error.downcast::<BlobError>() {
        Ok(error) => error.into(),
        Err(error) => {
            tracing::error!("an export could not be written: {error:#}");
            ApiError::internal()
        }
    }
}

/// A ZIP to be saved under a name, sent piece by piece.
pub struct Zip {
    name: String,
    written: Written,
    turn: OwnedSemaphorePermit,
}

impl IntoResponse for Zip {
    fn into_response(self) -> Response {
        let (to, pieces) = mpsc::channel(1);
        let (file, turn) = (File::from_std(self.written.file), self.turn);
        tokio::spawn(async move {
            send(file, to).await;
            drop(turn);
        });
        let mut response = Body::from_stream(ReceiverStream::new(pieces)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/zip"),
        );
        headers.insert(header::CONTENT_LENGTH, self.written.len.into());
        let name = format!("attachment; filename=\"{}\"", self.name);
        if let Ok(value) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

// Ends when nobody takes any more; the file goes with it. A copy that is cut off is not of its announced length.
async fn send(mut file: File, to: mpsc::Sender<io::Result<Bytes>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await;
        let over = matches!(read, Ok(0) | Err(_));
        let sent = match read {
            Ok(0) => return,
            Ok(some) => {
                piece.truncate(some);
                to.send_timeout(Ok(piece.into()), SILENCE).await.is_ok()
            }
            Err(error) => to.send(Err(error)).await.is_ok(),
        };
        if !sent || over {
            return;
        }
    }
}

impl Gives for Zip {
    fn gives(sketch: &mut Sketch, _: &mut Schemas) {
        sketch::gives_file(&["application/zip"], sketch);
    }
}
