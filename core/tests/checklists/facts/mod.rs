//! Nothing in `checklists/` says more than the fact tables: statements, documents, clauses, certainty, severity.
//!
//! A checklist that has a table is compared with it row by row. What it takes over is compared where it is written.

mod cited;
mod rows;

use super::{checklists, folder};
use serde::Deserialize;
use std::{collections::BTreeMap, fs};
use zhicha_core::checklist::{Checklist, Item};

/// A row of a table of facts.
struct Row {
    how: String,
    basis: String,
    severity: String,
    suggestion: String,
    certainty: String,
}

/// How the tables write a document, and under which keys of sources its clauses were read.
#[derive(Deserialize)]
struct Name {
    cited: Vec<String>,
    sources: Vec<String>,
}

fn names() -> BTreeMap<String, Name> {
    let path = format!(
        "{}/tests/checklists/facts/names.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn fact_file(name: &str) -> Option<String> {
    fs::read_to_string(folder().join("facts").join(name)).ok()
}

/// The lines of a file that begin with the number of a row, by that number.
fn table(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells = line.trim().trim_matches('|').split('|');
        let cells: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
        let number = cells[0].split_once('-').is_some_and(|(letters, digits)| {
            letters.len() == 2
                && letters.bytes().all(|b| b.is_ascii_uppercase())
                && digits.len() == 2
                && digits.bytes().all(|b| b.is_ascii_digit())
        });
        // In the wording the first table with three cells is the wording; the later one lists misunderstandings.
        if number {
            found.entry(cells[0].clone()).or_insert(cells);
        }
    }
    found
}

/// The rows of a checklist's table; nothing for one that only takes over.
fn rows(checklist: &Checklist) -> BTreeMap<String, Row> {
    let Some(text) = fact_file(&format!("{}.md", checklist.id)) else {
        return BTreeMap::new();
    };
    let (mut above, mut method) = (String::new(), String::new());
    let row = |(id, cells): (String, Vec<String>)| {
        let [
            _,
            _,
            mut how,
            mut basis,
            severity,
            suggestion,
            mut certainty,
        ] = cells.try_into().unwrap();
        if basis == "见第1节" {
            let (_, rest) = text.split_once("\n## 1.").unwrap();
            let (part, _) = rest.split_once("\n## 2.").unwrap();
            basis = part.to_owned();
            certainty.push_str(part);
        }
        // “同上”: what the row above says; on a screen it would mean another.
        let basis = match basis.strip_prefix("同上") {
            Some(rest) => format!("{above}{rest}"),
            None => basis,
        };
        above.clone_from(&basis);
        if how == "同上" {
            how.clone_from(&method);
        }
        method.clone_from(&how);
        let row = Row {
            how,
            basis,
            severity,
            suggestion,
            certainty,
        };
        (id, row)
    };
    table(&text).into_iter().map(row).collect()
}

/// All items that are written in the checklist itself.
fn written(checklist: &Checklist) -> impl Iterator<Item = &Item> {
    let all = checklist.sections.iter().flat_map(|s| &s.items);
    all.filter(|item| item.origin.is_none())
}

/// Those that are rows themselves; the others are follow-up questions to a row.
fn row_items(checklist: &Checklist) -> impl Iterator<Item = &Item> {
    written(checklist).filter(|item| item.id == item.source)
}

/// Without spaces, and with the full-width forms of brackets and points made plain.
fn plain(text: &str) -> String {
    let one = |c| match c {
        '（' => '(',
        '）' => ')',
        '．' => '.',
        c => c,
    };
    let kept = text.chars().filter(|c| !c.is_whitespace());
    kept.map(one).collect()
}
