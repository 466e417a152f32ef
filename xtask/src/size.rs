//! `cargo xtask size`: what the field app loads up to the first checklist, as brotli, against its
//! budget. Counted are the largest checklist, for the first download begins with a single one and work with it, the
//! service worker, and the precache list, for the app may need nothing outside it; without the second file of the program
//! (`app/src/second.rs`), the workers and rules that only that uses, and the other checklists: the first checklist needs nothing of
//! these (`tests/e2e/specs/second-file.spec.ts`). They are in the table nevertheless, and so is what the app fetches beside the
//! list once it has sites.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::bundle::precache::Entry;
use crate::bundle::{File, brotli};
use crate::checklists;
use crate::wasm::Effort;
use crate::workspace::dist_dir;

/// Brotli bytes that the field app may load up to the first checklist.
pub const BUDGET: u64 = 300_000;

/// What the first checklist does not need; of this, what is in no precache list.
const LATER: &str = "later";
const CODES: &str = "later, codes";

/// Prints the table of the bundle in `dist/`; over the budget is an error.
pub fn run() -> Result<()> {
    let sizes = measure(&dist_dir())?;
    print!("{}", table(&sizes));
    check(&sizes)
}

/// One kind of file: how many, how long as they are, how long as brotli.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    files: u64,
    raw: u64,
    brotli: u64,
}

type Sizes = BTreeMap<&'static str, Size>;

fn measure(dist: &Path) -> Result<Sizes> {
    let mut sizes = Sizes::new();
    let (precached, later) = (listed(dist, "precache")?, listed(dist, "later")?);
    let names = precached.iter().chain(&later).map(|entry| &entry.path[..]);
    for name in names.chain(["/sw.js"]) {
        let path = dist.join(File::at(name, "").disk_path());
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let packed = brotli(&bytes, Effort::Optimised)?.len().min(bytes.len());
        add(&mut sizes, kind(name), bytes.len() as u64, packed as u64);
    }
    let mut checklists = checklists::published()?
        .iter()
        .map(|bytes| Ok((brotli(bytes, Effort::Optimised)?.len(), bytes.len())))
        .collect::<Result<Vec<_>>>()?;
    checklists.sort_unstable();
    let largest = checklists.len().saturating_sub(1);
    for (at, (packed, raw)) in checklists.into_iter().enumerate() {
        let kind = if at == largest { "checklist" } else { LATER };
        add(&mut sizes, kind, raw as u64, packed as u64);
    }
    Ok(sizes)
}

fn listed(dist: &Path, list: &str) -> Result<Vec<Entry>> {
    let list = dist.join(format!("field/{list}.json"));
    let text = std::fs::read_to_string(&list)
        .with_context(|| format!("no {}: run `cargo xtask build` first", list.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn add(sizes: &mut Sizes, kind: &'static str, raw: u64, packed: u64) {
    let size = sizes.entry(kind).or_default();
    size.files += 1;
    size.raw += raw;
    size.brotli += packed;
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("wasm") if path.contains("/split_") => LATER,
        Some("wasm" | "js") if path.contains("/codes.") => CODES,
        Some("js") if path.contains("/copy.") || path.contains("/photo.") => LATER,
        Some("css") if path.contains("/later.") => LATER,
        Some("wasm") => "wasm",
        Some("js") => "js",
        Some("css") => "css",
        Some("svg") => "icon sprite",
        Some("png") => "app icons",
        _ => "page, manifest",
    }
}

/// Brotli bytes up to the first checklist, and those that come later.
pub fn first_and_later(dist: &Path) -> Result<(u64, u64)> {
    let sizes = measure(dist)?;
    let all: u64 = sizes.values().map(|size| size.brotli).sum();
    let first = total(&sizes);
    Ok((first, all - first))
}

/// Up to the first checklist.
fn total(sizes: &Sizes) -> u64 {
    let first = sizes.iter().filter(|(kind, _)| !kind.starts_with(LATER));
    first.map(|(_, size)| size.brotli).sum()
}

fn table(sizes: &Sizes) -> String {
    let mut out = format!(
        "{:<16}{:>6}{:>12}{:>12}\n",
        "field app", "files", "bytes", "brotli"
    );
    for (kind, size) in sizes {
        out += &format!(
            "{kind:<16}{:>6}{:>12}{:>12}\n",
            size.files, size.raw, size.brotli
        );
    }
    out + &format!(
        "{:<34}{:>12} of {BUDGET}\n",
        "up to the first checklist",
        total(sizes)
    )
}

fn check(sizes: &Sizes) -> Result<()> {
    let total = total(sizes);
    if total > BUDGET {
        bail!("the field app is {} bytes over {BUDGET}", total - BUDGET);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(packed: u64) -> Sizes {
        let mut sizes = Sizes::new();
        for path in [
            "/field/app.0123456789abcdef.wasm",
            "/field/split_later.0123456789abcdef.wasm",
            "/field/copy.0123456789abcdef.js",
            "/field/codes.0123456789abcdef.js",
            "/field/codes.0123456789abcdef.wasm",
            "/",
        ] {
            add(&mut sizes, kind(path), 10, packed);
        }
        add(&mut sizes, "checklist", 10, packed);
        sizes
    }

    #[test]
    fn the_table_names_each_kind_and_the_sum() {
        let table = table(&sizes(5));
        assert!(table.contains("wasm"));
        assert!(table.contains("checklist"));
        assert!(table.contains("later   "));
        assert!(table.contains("later, codes"));
        assert!(table.contains("15 of 300000"));
    }

    #[test]
    fn the_budget_itself_is_allowed_and_one_more_is_not() {
        assert!(check(&sizes(BUDGET / 3)).is_ok());
        assert!(check(&sizes(BUDGET / 3 + 1)).is_err());
    }
}
