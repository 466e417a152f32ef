//! `zhicha checklists lint`: the author's check of checklist files.

use super::Found;
use anyhow::Context as _;
use std::{
    fs,
    path::{Path, PathBuf},
};
use zhicha_core::checklist::author::{self, SourceFile};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Name every mistake with file, line, item and remedy
    Lint {
        /// Files or folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

/// Lints.
pub fn run(args: &Args) -> anyhow::Result<Found> {
    let Command::Lint { paths, json } = &args.command;
    let mut files = Vec::new();
    for path in paths {
        anyhow::ensure!(path.exists(), "there is nothing at {}", path.display());
        collect(path, &mut files)?;
    }
    let report = author::lint_tree(&files);
    for finding in &report.findings {
        if *json {
            println!("{}", serde_json::to_string(finding)?);
        } else {
            println!("{finding}");
        }
    }
    if report.is_clean() {
        eprintln!("{} checklists, no mistakes", report.checklists);
        return Ok(Found::Good);
    }
    Ok(Found::Wrong)
}

fn collect(path: &Path, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        return entries
            .iter()
            .try_for_each(|entry| collect(&entry.path(), files));
    }
    let relevant = path.extension().is_some_and(|e| e == "toml" || e == "json");
    if relevant {
        // Bytes that are no text are a mistake to name, not a reason to stop.
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        files.push(SourceFile {
            path: path.to_string_lossy().replace('\\', "/"),
            text,
        });
    }
    Ok(())
}
