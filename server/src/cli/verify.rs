//! `zhicha verify`.

use super::Found;
use crate::export::{unpack::unpack, verify};
use anyhow::Context as _;
use serde_json::json;
use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::PathBuf,
};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// The export
    #[arg(value_name = "EXPORT.zip")]
    file: PathBuf,
    /// Thumbprint (RFC 7638) of the server key that must have signed it
    #[arg(long, value_name = "THUMBPRINT", allow_hyphen_values = true)]
    trust: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Checks an export.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let file = File::open(&args.file).with_context(|| args.file.display().to_string())?;
    let (lines, found) = judge(BufReader::new(file), args.trust.as_deref());
    for line in lines {
        let (item, code, message) = line;
        if args.json {
            println!(
                "{}",
                json!({ "item": item, "code": code, "message": message })
            );
        } else {
            println!("{item}: {message}");
        }
    }
    Ok(found)
}

/// One line of the answer: item, stable code, words.
pub type Line = (String, &'static str, String);

/// Checks an export; the last line is the verdict.
pub fn judge(zip: impl Read + Seek, trust: Option<&str>) -> (Vec<Line>, Found) {
    let verdict = |code, message: String| ("export".to_owned(), code, message);
    let unpacked = match unpack(zip) {
        Ok(unpacked) => unpacked,
        Err(error) => return (vec![verdict("unreadable", error)], Found::Wrong),
    };
    let report = verify::verify(&unpacked);
    let mut lines: Vec<Line> = report
        .findings
        .iter()
        .map(|f| (f.item.clone(), f.code, f.message.clone()))
        .collect();
    let content = format!(
        "{} records, {} events, {} files named",
        report.records, report.events, report.blobs
    );
    let signers = report
        .signers
        .iter()
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let strangers = trust.is_some_and(|trusted| {
        report.signers.iter().any(|s| s != trusted) || report.signers.is_empty()
    });
    let (last, found) = if strangers {
        let trusted = trust.unwrap_or_default();
        (
            verdict(
                "untrusted",
                format!("refused: signed by {signers}, not by {trusted}"),
            ),
            Found::Wrong,
        )
    } else if !lines.is_empty() && lines.iter().all(|(_, code, _)| *code == "blob_absent") {
        let confirmed = trust.map_or(", signer not confirmed", |_| "");
        let words = format!(
            "incomplete: what is here fits{confirmed}, but {} named files are not in this copy ({content}; signed by {signers})",
            lines.len()
        );
        (verdict("incomplete", words), Found::Wrong)
    } else if !lines.is_empty() {
        (
            verdict(
                "refused",
                format!("refused: {} things do not fit", lines.len()),
            ),
            Found::Wrong,
        )
    } else if trust.is_none() {
        let words = format!(
            "consistent, signer not confirmed ({content}; signed by {signers}). Give --trust THUMBPRINT"
        );
        (verdict("unconfirmed", words), Found::Wrong)
    } else {
        (
            verdict("good", format!("good: {content}, signed by {signers}")),
            Found::Good,
        )
    };
    lines.push(last);
    (lines, found)
}
