//! What the server takes in, against bare inserts of the very rows that it wrote.

use crate::{
    bare,
    device::{Device, Push},
    figure::{Figure, found},
    program::Program,
};
use anyhow::ensure;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::task::JoinSet;
use zhicha_core::sync::wire::{PushOutcome, PushReply, PushResult};

/// Phones that send at the same time.
const PHONES: u8 = 4;
const INSPECTIONS: usize = 2_000;
const BOUND: f64 = 0.5;

/// Measures the row.
pub async fn row() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let mut phones = Vec::new();
    {
        let mut server = Program::start(folder.path())?;
        let administrator = server.administrator().await?;
        for n in 1..=PHONES {
            let login = format!("load-{n}");
            let session = server.inspector(&administrator, &login, &["*"]).await?;
            phones.push(Device::enrol(&server, &session, n).await?);
        }
    }
    let before = bare::copy(folder.path()).await?;
    let mut lanes = Vec::new();
    for phone in &mut phones {
        lanes.push(phone.pushes(INSPECTIONS).await?);
    }
    let requests: usize = lanes.iter().map(Vec::len).sum();
    let events: usize = lanes.iter().flatten().map(|push| push.events).sum();
    let server = Arc::new(Program::start(folder.path())?);
    let ours = send(&server, lanes).await?;
    drop(server);
    let rows = bare::Rows::since(&before, folder.path()).await?;
    let alone = rows.by_sqlite(&before, folder.path(), requests).await?;
    let bare = rows.one_by_one(&before, requests).await?;
    let a_second = |time: Duration| format!("{:.0} a second", events as f64 / time.as_secs_f64());
    let ratio = bare.as_secs_f64() / ours.as_secs_f64();
    found(
        "push",
        &[
            Figure {
                what: format!(
                    "push: {events} events of {PHONES} phones at once in {requests} requests, checked, judged, stored, with receipts"
                ),
                ours: a_second(ours),
                against: Some(format!(
                    "bare inserts of the same {} rows in {requests} transactions, one prepared statement a row: {}",
                    rows.count(),
                    a_second(bare)
                )),
                ratio: Some(ratio),
                bound: Some(format!("≥ {BOUND} of their pace")),
                holds: Some(ratio >= BOUND),
            },
            Figure {
                what: "the same".to_owned(),
                ours: a_second(ours),
                against: Some(format!(
                    "SQLite copying the rows from another file, no program between: {}",
                    a_second(alone)
                )),
                ratio: Some(alone.as_secs_f64() / ours.as_secs_f64()),
                ..Figure::default()
            },
        ],
    )
}

/// Sends what each phone has, all phones at once; how long until the last answer.
pub async fn send(server: &Arc<Program>, lanes: Vec<Vec<Push>>) -> anyhow::Result<Duration> {
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for pushes in lanes {
        let server = Arc::clone(server);
        running.spawn(async move {
            let mut answers = Vec::new();
            for push in pushes {
                let answer = server.post_text("/api/v1/sync/push", push.body, "").await?;
                answers.push(answer.text().await?);
            }
            anyhow::Ok(answers)
        });
    }
    let lanes = running.join_all().await;
    let took = begun.elapsed();
    // Read only now: a phone's work is not the server's.
    for lane in lanes {
        for answer in lane? {
            let reply: PushReply = serde_json::from_str(&answer)?;
            let applied = |result: &PushResult| result.outcome == PushOutcome::Applied;
            ensure!(reply.results.iter().all(applied), "not applied: {answer}");
        }
    }
    Ok(took)
}
