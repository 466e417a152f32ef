//! Nothing in `checklists/` says more than the fact tables: statements, documents, clauses, certainty, severity.

use super::{checklists, folder};
use std::{collections::BTreeMap, fs};
use zhicha_core::checklist::{Basis, Certainty, Checklist, Item, Severity};

/// Rows that rest only on "recalled, low"; `checklists/README.md` says why.
const LEFT_OUT: [&str; 3] = ["EB-13", "EB-14", "EB-15"];

/// Rows whose gravity depends on more than the answer.
const BY_RULE: [&str; 7] = [
    "DE-16", "DE-28", "DE-30", "DE-38", "FE-13", "FE-28", "FE-38",
];

/// How the tables name a document, by its key in the checklists.
const NAMES: [(&str, &str); 24] = [
    ("db32t-3904-2020", "DB32/T 3904-2020"),
    ("fire-law", "消防法"),
    ("gb-15577-2018", "GB 15577"),
    ("gb-17761-2024", "GB 17761-2024"),
    ("gb-25201-2010", "GB 25201-2010"),
    ("gb-25506-2010", "GB 25506-2010"),
    ("gb-35181-2017", "35181-2017"),
    ("gb-35181-2025", "GB 35181-2025"),
    ("gb-42295-2022", "GB 42295-2022"),
    ("gb-42296-2022", "GB 42296-2022"),
    ("gb-43854-2024", "GB 43854-2024"),
    ("gb-46034-2025", "GB 46034-2025"),
    ("gb-50140", "GB 50140"),
    ("gb-50444-2008", "GB 50444-2008"),
    ("gb-55036-2022", "GB 55036"),
    ("gb-55037-2022", "GB 55037"),
    ("gbt-40248-2021", "GB/T 40248-2021"),
    ("gbt-42236-1-2022", "GB/T 42236.1-2022"),
    ("jiangsu-ebike", "江苏省条例"),
    ("mem-order-10", "令10"),
    ("mem-order-5", "令5"),
    ("mem-order-6", "令6"),
    ("mps-order-61", "公安部令61"),
    ("work-safety-law", "安全生产法"),
];

struct Row {
    how: String,
    basis: String,
    severity: String,
    suggestion: String,
    certainty: String,
}

fn table(file: &str) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(folder().join("facts").join(file)).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<String> = line
            .trim()
            .trim_matches('|')
            .split('|')
            .map(|c| c.trim().to_owned())
            .collect();
        let id = cells[0].clone();
        let is_row = ["FE-", "EB-", "DE-"].iter().any(|p| {
            id.strip_prefix(p)
                .is_some_and(|n| n.len() == 2 && n.parse::<u8>().is_ok())
        });
        // The first table with three cells is the wording; the later one lists misunderstandings.
        if is_row {
            found.entry(id).or_insert(cells);
        }
    }
    found
}

fn rows(checklist: &str) -> BTreeMap<String, Row> {
    let rows = table(&format!("{checklist}.md"));
    rows.into_iter()
        .map(|(id, cells)| {
            let [_, _, how, basis, severity, suggestion, certainty] = cells.try_into().unwrap();
            let row = Row {
                how,
                basis,
                severity,
                suggestion,
                certainty,
            };
            (id, row)
        })
        .collect()
}

fn items(checklist: &Checklist) -> impl Iterator<Item = &Item> {
    checklist.sections.iter().flat_map(|s| &s.items)
}

/// Items that are rows themselves; the others are follow-up questions to a row.
fn row_items(checklist: &Checklist) -> impl Iterator<Item = &Item> {
    items(checklist).filter(|i| i.id == i.source)
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

#[test]
fn every_row_is_in_or_is_listed_as_left_out() {
    for checklist in checklists() {
        let facts = rows(&checklist.id);
        assert!(facts.len() >= 31, "{}", checklist.id);
        for id in facts.keys() {
            let there = row_items(&checklist).filter(|i| &i.id == id).count();
            let expected = usize::from(!LEFT_OUT.contains(&id.as_str()));
            assert_eq!(there, expected, "{id}");
        }
        for item in items(&checklist) {
            assert!(facts.contains_key(&item.source), "{}", item.id);
            assert!(item.id.starts_with(&item.source) || item.bases.is_empty());
        }
        let readme = fs::read_to_string(folder().join("README.md")).unwrap();
        assert!(LEFT_OUT.iter().all(|id| readme.contains(id)));
    }
}

#[test]
fn rows_that_are_left_out_rest_on_recalled_low() {
    let facts = rows("ebike-charging");
    for id in LEFT_OUT {
        assert!(facts[id].certainty.contains("recalled 低"), "{id}");
    }
    for checklist in checklists() {
        for (id, row) in rows(&checklist.id) {
            let low = row.certainty.contains("低");
            assert_eq!(low, LEFT_OUT.contains(&id.as_str()), "{id}");
        }
    }
}

#[test]
fn statements_methods_and_suggestions_are_those_of_the_tables() {
    let wording = table("wording.md");
    for checklist in checklists() {
        let facts = rows(&checklist.id);
        for item in row_items(&checklist) {
            let words = &wording[&item.id];
            assert_eq!([&item.text.zh, &item.text.en], [&words[1], &words[2]]);
            let row = &facts[&item.id];
            assert_eq!(item.how.as_ref().unwrap().zh, row.how);
            assert_eq!(item.suggestion.as_ref().unwrap().zh, row.suggestion);
        }
    }
}

#[test]
fn no_document_or_clause_beyond_the_row() {
    for checklist in checklists() {
        let facts = rows(&checklist.id);
        for item in items(&checklist) {
            let row = &facts[&item.source];
            for basis in &item.bases {
                cited(&checklist, &item.id, basis, &row.basis);
            }
            // The criterion of a grave severity stands in the severity cell or in the note on certainty; there
            // the clause may be a bare number.
            let around = format!("{}{}{}", row.basis, row.severity, row.certainty);
            for basis in &item.severity_bases {
                criterion(&item.id, basis, &around);
            }
        }
    }
}

fn cited(checklist: &Checklist, item: &str, basis: &Basis, cell: &str) {
    let name = name_of(&basis.document);
    let cell = plain(cell);
    let at = cell.find(&plain(name));
    let at = at.unwrap_or_else(|| panic!("{item}: {name} is not in “{cell}”"));
    let Some(clause) = &basis.clause else { return };
    // A clause belongs to the document named last before it. Clauses of one paragraph are written together.
    let clause = plain(clause);
    let mut part = &cell[at..];
    let next = NAMES
        .iter()
        .filter(|(key, _)| *key != basis.document && checklist.documents.contains_key(*key))
        .filter_map(|(_, n)| part.find(&plain(n)))
        .min();
    part = &part[..next.unwrap_or(part.len())];
    let whole = part.find(&clause).map(|i| &part[i + clause.len()..]);
    let rest = whole.unwrap_or_else(|| panic!("{item}: {clause} is not in “{part}”"));
    // `第十六条(二)` must not be taken for a part of `第十六条(二)(四)`, nor `第4.2` for `第4.2.2条`.
    assert!(
        !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'),
        "{item}: {clause}"
    );
}

fn criterion(item: &str, basis: &Basis, around: &str) {
    let around = plain(around);
    let clause = plain(basis.clause.as_deref().unwrap());
    let bare = clause.trim_start_matches('第').trim_end_matches('条');
    assert!(
        around.contains(&clause) || around.contains(bare),
        "{item}: {clause} is not in “{around}”"
    );
    let document = name_of(&basis.document);
    // `S7` is the source key of GB 35181-2017, `第十四条` of the dust table is in Order 10.
    let named = around.contains(&plain(document))
        || (basis.document == "gb-35181-2017" && around.contains("S7"));
    assert!(named, "{item}: {document}");
}

fn name_of(key: &str) -> &'static str {
    let found = NAMES.iter().find(|(k, _)| *k == key);
    found.unwrap_or_else(|| panic!("no name for {key}")).1
}

#[test]
fn documents_are_named_and_dated_as_in_the_tables() {
    for checklist in checklists() {
        let file = format!("facts/{}.md", checklist.id);
        let facts = plain(&fs::read_to_string(folder().join(file)).unwrap());
        for (key, document) in &checklist.documents {
            let number = document.number.as_ref().unwrap_or(&document.title.zh);
            let dated = |d| ["fire-law", "work-safety-law"].contains(&d);
            let order = number.trim_start_matches("应急管理部");
            assert!(
                dated(key.as_str())
                    || facts.contains(&plain(order))
                    || facts.contains(&plain(name_of(key))),
                "{key}: {number}"
            );
        }
        let ends: Vec<_> = checklist
            .documents
            .iter()
            .filter(|(_, d)| d.effective_to.is_some())
            .map(|(k, _)| k.as_str())
            .collect();
        assert!(ends.is_empty() || ends == ["gb-35181-2017"]);
    }
}

#[test]
fn certainty_is_never_better_than_the_table() {
    for checklist in checklists() {
        let facts = rows(&checklist.id);
        for item in row_items(&checklist) {
            let certainty = &facts[&item.id].certainty;
            let all = item.bases.iter().chain(&item.severity_bases);
            for basis in all.filter(|b| b.certainty == Certainty::Verified) {
                assert!(certainty.contains("verified"), "{}", item.id);
                let sources = sources_of(&basis.document);
                assert!(
                    sources.iter().any(|s| certainty.contains(s)),
                    "{}: {} needs one of {sources:?}, the table says {certainty}",
                    item.id,
                    basis.document
                );
            }
        }
    }
}

/// The source keys under which a document was read; a document without one is never verified.
fn sources_of(document: &str) -> &'static [&'static str] {
    match document {
        "fire-law" => &["S2"],
        "work-safety-law" => &["S1"],
        "mps-order-61" | "mem-order-5" => &["S40"],
        "gb-55037-2022" | "gb-55036-2022" => &["S41"],
        "gb-35181-2017" => &["S7"],
        "gb-17761-2024" => &["S10"],
        "mem-order-10" => &["S3"],
        "mem-order-6" => &["S4"],
        "gb-15577-2018" => &["S5"],
        _ => &[],
    }
}

#[test]
fn clauses_that_the_tables_call_recalled_are_recalled() {
    let recalled = [
        ("FE-05", "gb-55037-2022"),
        ("FE-06", "gb-55037-2022"),
        ("FE-07", "gb-55037-2022"),
        ("FE-11", "gb-55037-2022"),
        ("FE-12", "gb-55037-2022"),
        ("FE-13", "gb-55037-2022"),
        ("FE-14", "gb-55037-2022"),
        ("FE-15", "fire-law"),
        ("FE-18", "gb-35181-2017"),
        ("FE-23", "gb-55037-2022"),
        ("FE-27", "gb-50444-2008"),
        ("FE-29", "gb-35181-2025"),
        ("FE-30", "gb-35181-2017"),
        ("FE-39", "gb-46034-2025"),
        ("EB-18", "gbt-42236-1-2022"),
        ("EB-24", "gb-43854-2024"),
        ("DE-40", "gb-15577-2018"),
    ];
    let all = checklists();
    for (id, document) in recalled {
        let item = all.iter().flat_map(items).find(|i| i.id == id).unwrap();
        let bases: Vec<_> = item
            .bases
            .iter()
            .filter(|b| b.document == document)
            .collect();
        assert!(!bases.is_empty(), "{id}");
        for basis in bases {
            assert_eq!(basis.certainty, Certainty::Recalled, "{id} {document}");
        }
    }
}

#[test]
fn severity_is_that_of_the_table() {
    for checklist in checklists() {
        let facts = rows(&checklist.id);
        for item in row_items(&checklist) {
            let cell = &facts[&item.id].severity;
            let expected = if BY_RULE.contains(&item.id.as_str()) {
                Severity::ByRule
            } else if cell.starts_with("重大(直)") {
                Severity::DirectMajor
            } else if cell.starts_with("重大") {
                Severity::Major
            } else if cell.starts_with("一般*") {
                Severity::CountsTowardsMajor
            } else {
                assert!(cell.starts_with("一般"), "{}: {cell}", item.id);
                Severity::General
            };
            assert_eq!(item.severity, expected, "{}", item.id);
            if matches!(item.severity, Severity::Major | Severity::DirectMajor) {
                assert!(!item.severity_bases.is_empty(), "{}", item.id);
            }
        }
    }
}

#[test]
fn items_on_a_replaced_standard_only_say_so() {
    let all = checklists();
    let fire = all.iter().find(|c| c.id == "fire-exits").unwrap();
    let today = "2026-11-22".parse().unwrap();
    let ended: Vec<_> = items(fire)
        .filter(|i| i.only_superseded(fire, today))
        .map(|i| i.id.as_str())
        .collect();
    assert_eq!(ended, ["FE-17", "FE-18", "FE-21"]);
    let last = "2025-10-31".parse().unwrap();
    assert!(items(fire).all(|i| !i.only_superseded(fire, last) || i.bases.len() == 1));
    assert_eq!(
        fire.documents["gb-35181-2017"].successor.as_deref(),
        Some("gb-35181-2025")
    );
}

#[test]
fn copies_of_the_facts_equal_the_team_files() {
    let shared = folder().join("../../shared/regulations");
    if !shared.is_dir() {
        return;
    }
    for file in [
        "fire-exits.md",
        "ebike-charging.md",
        "dust-explosion.md",
        "wording.md",
    ] {
        let [copy, original] = [folder().join("facts"), shared.clone()]
            .map(|d| fs::read_to_string(d.join(file)).unwrap());
        assert!(copy == original, "{file} differs");
    }
}
