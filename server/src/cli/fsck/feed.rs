//! Whether each feed is complete: what is not on its feed never reaches a device that has pulled past it.

use super::Finding;
use crate::store::{
    self, Conn, checklists, counter,
    feed::{self, Op, Stored},
};
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    id::{TenantId, UserId},
    sync::wire::Stream,
};

/// Checks the feeds of a tenant; `events` are the places in the log that belong on the feed of a person.
pub(in crate::cli) async fn check(
    conn: &mut Conn,
    tenant: TenantId,
    events: &BTreeMap<u64, UserId>,
) -> store::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for stream in Stream::ALL {
        let rows = feed::dump(conn, tenant, stream).await?;
        let last = counter::last(conn, tenant, stream.as_str()).await?;
        findings.extend(match stream {
            Stream::Sites => sites(&rows, &feed::of_sites(conn, tenant).await?, last),
            Stream::Checklists => {
                let all = checklists::all(conn, tenant).await?;
                let wanted = all.into_iter().map(|c| (c.digest.0, "*".to_owned()));
                put_once(stream, &rows, &wanted.collect(), last)
            }
            Stream::Records => {
                let wanted = events
                    .iter()
                    .map(|(seq, user)| (seq.to_string(), user.to_string()));
                put_once(stream, &rows, &wanted.collect(), last)
            }
        });
    }
    Ok(findings)
}

// A site has a row for each change; the newest is the one that counts, and it says which that is.
fn sites(rows: &[Stored], wanted: &[Stored], last: u64) -> Vec<Finding> {
    let lacking = wanted.iter().filter(|row| !rows.contains(row));
    let known: BTreeSet<&str> = wanted.iter().map(|row| row.key.as_str()).collect();
    let strays = rows.iter().filter(|row| !known.contains(row.key.as_str()));
    let said: BTreeSet<u64> = wanted.iter().map(|row| row.seq).collect();
    let mut findings: Vec<Finding> = lacking
        .map(|row| missing(Stream::Sites, &row.key))
        .collect();
    findings.extend(strays.map(|row| stray(Stream::Sites, row)));
    findings.extend(
        numbers(Stream::Sites, rows, last)
            .filter(|(seq, _)| !said.contains(seq))
            .map(|(_, f)| f),
    );
    findings
}

// Each key has one row, in its scope.
fn put_once(
    stream: Stream,
    rows: &[Stored],
    wanted: &BTreeMap<String, String>,
    last: u64,
) -> Vec<Finding> {
    let fits = |row: &&Stored| row.op == Op::Put && wanted.get(&row.key) == Some(&row.scope);
    let there: BTreeSet<&str> = rows
        .iter()
        .filter(fits)
        .map(|row| row.key.as_str())
        .collect();
    let lacking = wanted.keys().filter(|key| !there.contains(key.as_str()));
    let mut findings: Vec<Finding> = lacking.map(|key| missing(stream, key)).collect();
    findings.extend(
        rows.iter()
            .filter(|row| !fits(row))
            .map(|row| stray(stream, row)),
    );
    // A missing row that could be named is not told a second time.
    let unnamed = numbers(stream, rows, last).map(|(_, finding)| finding);
    if findings.is_empty() {
        findings.extend(unnamed);
    }
    findings
}

fn numbers(stream: Stream, rows: &[Stored], last: u64) -> impl Iterator<Item = (u64, Finding)> {
    let there: BTreeSet<u64> = rows.iter().map(|row| row.seq).collect();
    let end = there.last().copied().unwrap_or(0).max(last);
    (1..=end).filter_map(move |seq| {
        let message = match (there.contains(&seq), seq > last) {
            (false, _) => "this number was given out, its row is not there",
            (true, true) => "this number was never given out",
            (true, false) => return None,
        };
        Some((
            seq,
            finding(format!("feed {} row {seq}", stream.as_str()), message),
        ))
    })
}

fn missing(stream: Stream, key: &str) -> Finding {
    finding(
        format!("feed {}: {} {key}", stream.as_str(), kind(stream)),
        "it is not on the feed, so that no device gets it; `zhicha admin rebuild` fills the feeds anew",
    )
}

fn stray(stream: Stream, row: &Stored) -> Finding {
    let item = format!("feed {} row {}", stream.as_str(), row.seq);
    finding(
        item,
        format!(
            "names the {} {}, which does not belong there",
            kind(stream),
            row.key
        ),
    )
}

fn kind(stream: Stream) -> &'static str {
    match stream {
        Stream::Sites => "site",
        Stream::Checklists => "checklist",
        Stream::Records => "event",
    }
}

fn finding(item: String, message: impl Into<String>) -> Finding {
    Finding {
        item,
        code: "feed",
        message: message.into(),
    }
}
