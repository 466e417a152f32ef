//! What a row found, for `docs/benchmarks.md`; the same form as `tests/e2e/bench/figures.ts` writes.

use anyhow::Context as _;
use serde::Serialize;
use std::{path::PathBuf, time::Duration};

/// One line of the table.
#[derive(Debug, Default, Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// Ours, with its unit.
    pub ours: String,
    /// What it is compared with, and its figure in the same run.
    pub against: Option<String>,
    /// Ours to the other, in the sense of the bound.
    pub ratio: Option<f64>,
    /// The bound, in words.
    pub bound: Option<String>,
    /// Whether the bound holds.
    pub holds: Option<bool>,
}

/// Writes the lines of the row `name`.
pub fn found(name: &str, figures: &[Figure]) -> anyhow::Result<()> {
    let folder: PathBuf = std::env::var_os("ZHICHA_BENCH_OUT")
        .context("ZHICHA_BENCH_OUT says where the figures go")?
        .into();
    std::fs::create_dir_all(&folder)?;
    let text = serde_json::to_string_pretty(figures)?;
    std::fs::write(folder.join(format!("{name}.json")), text + "\n")?;
    for figure in figures {
        println!("{}", serde_json::to_string(figure)?);
    }
    Ok(())
}

/// The middle one.
pub fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}
