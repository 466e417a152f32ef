//! The checklists: author's TOML against the published JSON and its lock file, and the published bytes.
//!
//! What a checklist may say is decided in `zhicha_core::checklist`; here are only the files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use zhicha_core::checklist::Digest;
use zhicha_core::checklist::author::{Compiled, LOCK_FILE, LockEntry, SourceFile, compile_tree};

use crate::workspace::root;

/// The folder, and how its paths begin in messages.
const FOLDER: &str = "checklists";

/// The overview for people.
const OVERVIEW: &str = "docs/checklists.md";

/// `cargo xtask checklists [--publish]`: writes the schema, the overview and published JSON that got lost; with
/// `--publish` also the versions that are not in the lock file yet.
pub fn run(args: &[String]) -> Result<()> {
    let publish = match args {
        [] => false,
        [flag] if flag == "--publish" => true,
        _ => bail!("checklists takes no argument but --publish"),
    };
    let compiled = compile(publish)?;
    for file in &compiled.writes {
        let path = root().join(&file.path);
        fs::write(&path, &file.text).with_context(|| format!("could not write {}", file.path))?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Fails on a mistake in a checklist, on one that differs from its lock, and on a stale schema or overview.
pub fn check() -> Result<()> {
    let compiled = compile(false)?;
    let stale: Vec<&str> = compiled.writes.iter().map(|f| f.path.as_str()).collect();
    if !stale.is_empty() {
        bail!(
            "not up to date: {}; run `cargo xtask checklists`",
            stale.join(", ")
        );
    }
    Ok(())
}

/// The published versions, verbatim: what a device gets with its first download.
pub fn published() -> Result<Vec<Vec<u8>>> {
    let lock = root().join(FOLDER).join(LOCK_FILE);
    let text = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    let entries: Vec<LockEntry> = serde_json::from_str(&text)?;
    entries.iter().map(one).collect()
}

fn one(entry: &LockEntry) -> Result<Vec<u8>> {
    let name = format!("{FOLDER}/{}/{}.json", entry.id, entry.version);
    let bytes = fs::read(root().join(&name)).with_context(|| format!("could not read {name}"))?;
    if Digest::of(&bytes) != entry.digest {
        bail!("{name} is not what was published (digest {})", entry.digest);
    }
    Ok(bytes)
}

fn compile(publish: bool) -> Result<Compiled> {
    let mut files = Vec::new();
    read(&root().join(FOLDER), &mut files)?;
    let mut compiled = compile_tree(&files, publish);
    for finding in &compiled.report.findings {
        println!("{finding}");
    }
    if !compiled.report.is_clean() {
        bail!("{} mistakes in checklists", compiled.report.findings.len());
    }
    for (id, version) in &compiled.unpublished {
        println!("{id} {version}: not published (`cargo xtask checklists --publish`)");
    }
    println!(
        "checklists: {} read, {} published",
        compiled.report.checklists,
        compiled.locked.len()
    );
    let written = fs::read_to_string(root().join(OVERVIEW)).unwrap_or_default();
    if written != compiled.overview {
        let path = OVERVIEW.to_owned();
        let text = std::mem::take(&mut compiled.overview);
        compiled.writes.push(SourceFile { path, text });
    }
    Ok(compiled)
}

fn read(folder: &Path, files: &mut Vec<SourceFile>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            read(&path, files)?;
        } else if matches!(extension, Some("toml" | "json")) {
            let name = path.strip_prefix(root()).unwrap_or(&path);
            files.push(SourceFile {
                path: name.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(&path)?,
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}
