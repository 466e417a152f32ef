//! Author's side of checklists: reads the TOML, lints it, compiles it to the bytes that are published.
//!
//! No I/O: files come in as texts with their paths, and what is to be written goes out the same way. A published
//! version is never written again; see [`compile_tree`].

pub mod determination;
mod lock;
mod overview;
mod read;
mod reference;

pub use determination::{DETERMINATION_FILE, Determinations};
pub use lock::{Compiled, LockEntry, compile_tree};
pub use overview::overview;

use super::{
    Checklist,
    lint::{self, Words},
};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

/// The largest checklist file that is read, in bytes.
pub const LARGEST_FILE: usize = 1024 * 1024;

/// Name of the lock file in the root of the tree.
pub const LOCK_FILE: &str = "lock.json";

/// Name of the JSON Schema in the root of the tree.
pub const SCHEMA_FILE: &str = "schema.json";

/// A text file by its path, with `/` between its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path as it shall be shown, ending in `<id>/<version>.toml`, `<id>/<version>.json`, `lock.json` or
    /// `determination.toml`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// A mistake, for people (the four texts) and for programs (`code`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Path of the file.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// Id of the item, gate or section, where it is inside one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Stable name of the kind of mistake.
    pub code: String,
    /// What is wrong, Chinese.
    pub zh: String,
    /// What is wrong, English.
    pub en: String,
    /// What to do, Chinese.
    pub remedy_zh: String,
    /// What to do, English.
    pub remedy_en: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some(item) = &self.item {
            write!(f, " {item}")?;
        }
        writeln!(f, " [{}] {} {}", self.code, self.zh, self.en)?;
        write!(f, "  → {} {}", self.remedy_zh, self.remedy_en)
    }
}

/// What lint found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many checklist files were looked at.
    pub checklists: usize,
    /// The mistakes, by file and line.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A checklist that was read, or what is wrong with it. What it takes over is looked for `among` the files of its tree.
pub fn read(file: &SourceFile, among: &[SourceFile]) -> Result<Checklist, Vec<Finding>> {
    let (checklist, lines) = read::read(file, among)?;
    let expected = address(&file.path);
    let expected = expected.as_ref().map(|(id, version)| (*id, *version));
    let mistakes = lint::check(&checklist, expected);
    if mistakes.is_empty() {
        return Ok(checklist);
    }
    let placed = mistakes
        .into_iter()
        .map(|m| finding(file, lines.line(&m.path), m.item, m.words));
    Err(sorted(placed.collect()))
}

/// Lints the checklist files among `files` (`*.toml`) and the determination data; others are passed over. A tree that has
/// a lock file is also checked against it.
pub fn lint_tree(files: &[SourceFile]) -> Report {
    let survey = Survey::of(files);
    if survey.report.is_clean() && files.iter().any(|f| name(&f.path) == LOCK_FILE) {
        return lock::compile(files, survey, false).report;
    }
    survey.report
}

/// The files of a tree as they were read.
struct Survey<'a> {
    lists: Vec<Checklist>,
    /// The file of each list.
    files: Vec<&'a SourceFile>,
    report: Report,
}

impl<'a> Survey<'a> {
    fn of(all: &'a [SourceFile]) -> Self {
        let (mut lists, mut files, mut report) = (Vec::new(), Vec::new(), Report::default());
        for file in checklists(all) {
            report.checklists += 1;
            match read(file, all) {
                Ok(list) => {
                    lists.push(list);
                    files.push(file);
                }
                Err(found) => report.findings.extend(found),
            }
        }
        // Items of a checklist that cannot be read would all be missed.
        let known = if report.is_clean() { &lists[..] } else { &[] };
        for file in all.iter().filter(|f| name(&f.path) == DETERMINATION_FILE) {
            let found = determination(file, known).err();
            report.findings.extend(found.unwrap_or_default());
        }
        report.findings = sorted(report.findings);
        Self {
            lists,
            files,
            report,
        }
    }
}

/// The determination data that was read, or what is wrong with it. Items are looked for in `lists`; without any they are not
/// looked at.
pub fn determination(
    file: &SourceFile,
    lists: &[Checklist],
) -> Result<Determinations, Vec<Finding>> {
    let (data, lines) = determination::read_with_lines(file)?;
    let mistakes = lint::determination::check(&data, lists);
    if mistakes.is_empty() {
        return Ok(data);
    }
    let placed = mistakes
        .into_iter()
        .map(|m| finding(file, lines.line(&m.path), m.item, m.words));
    Err(sorted(placed.collect()))
}

/// The JSON Schema of checklist files, for editors: items and gates may be written there or taken over.
pub fn schema() -> String {
    let mut generator = schemars::SchemaGenerator::default();
    let item = generator.subschema_for::<reference::ItemReference>();
    let gate = generator.subschema_for::<reference::GateReference>();
    let mut schema = generator.into_root_schema_for::<Checklist>().to_value();
    let ways = [("items/items", "Item", item), ("gate", "Gate", gate)];
    for (at, written, taken_over) in ways {
        let at = format!("/$defs/Section/properties/{at}");
        let written = json!({ "$ref": format!("#/$defs/{written}") });
        if let Some(place) = schema.pointer_mut(&at) {
            *place = json!({ "anyOf": [written, taken_over] });
        }
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The bytes of a checklist as they are published: compact JSON in the order of the types.
pub fn to_bytes(checklist: &Checklist) -> String {
    serde_json::to_string(checklist).unwrap_or_default()
}

fn checklists(files: &[SourceFile]) -> impl Iterator<Item = &SourceFile> {
    let toml = files.iter().filter(|f| f.path.ends_with(".toml"));
    toml.filter(|f| name(&f.path) != DETERMINATION_FILE)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

// Id and version that a path demands; a file elsewhere (a draft on somebody's desk) is free in its name.
fn address(path: &str) -> Option<(&str, u32)> {
    let (folder, file) = path.rsplit_once('/')?;
    let version = file.strip_suffix(".toml")?.parse().ok()?;
    let id = name(folder);
    (!id.is_empty() && !id.starts_with('.')).then_some((id, version))
}

fn finding(file: &SourceFile, line: usize, item: Option<String>, words: Words) -> Finding {
    Finding {
        file: file.path.clone(),
        line,
        item,
        code: words.code.to_owned(),
        zh: words.zh,
        en: words.en,
        remedy_zh: words.remedy_zh,
        remedy_en: words.remedy_en,
    }
}

fn sorted(findings: Vec<Finding>) -> Vec<Finding> {
    let set: BTreeSet<Finding> = findings.into_iter().collect();
    set.into_iter().collect()
}
