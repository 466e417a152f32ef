//! Documents, clauses and certainty.

use super::{Name, checklists, fact_file, folder, names, plain, row_items, rows, written};
use std::{collections::BTreeMap, fs};
use zhicha_core::checklist::{Basis, Certainty, Checklist};

/// What a table cites where it names no document.
const DEFAULTS: [(&str, &str); 3] = [
    ("construction", "construction-criteria-2024"),
    ("metal-casting", "mem-order-10"),
    ("town-gas", "town-gas-criteria"),
];

/// A stretch of a cell behind the name of a document.
struct Stretch<'a> {
    documents: Vec<&'a str>,
    text: String,
}

// A clause belongs to the document named last before it. Of names that begin at one place the longest counts; a short one such
// as “条例” may mean several documents.
fn stretches<'a>(
    cell: &str,
    list: &Checklist,
    names: &'a BTreeMap<String, Name>,
) -> Vec<Stretch<'a>> {
    let cell = plain(cell);
    let known: Vec<(String, &str)> = names
        .iter()
        .flat_map(|(key, name)| name.cited.iter().map(|cited| (plain(cited), key.as_str())))
        .collect();
    let before = DEFAULTS.iter().find(|(id, _)| *id == list.id);
    let mut found = vec![Stretch {
        documents: before.iter().map(|(_, key)| *key).collect(),
        text: String::new(),
    }];
    let mut rest = cell.as_str();
    while let Some(c) = rest.chars().next() {
        let here = known
            .iter()
            .filter(|(cited, _)| rest.starts_with(cited.as_str()));
        let longest = here.clone().map(|(cited, _)| cited.len()).max();
        let Some(len) = longest else {
            found.last_mut().unwrap().text.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let documents = here
            .filter(|(cited, _)| cited.len() == len)
            .map(|(_, key)| *key);
        found.push(Stretch {
            documents: documents.collect(),
            text: rest[..len].to_owned(),
        });
        rest = &rest[len..];
    }
    found
}

fn cited(item: &str, basis: &Basis, stretches: &[Stretch<'_>]) {
    let of_document = |s: &&Stretch<'_>| s.documents.contains(&basis.document.as_str());
    let here: Vec<_> = stretches
        .iter()
        .filter(of_document)
        .map(|s| s.text.as_str())
        .collect();
    assert!(!here.is_empty(), "{item}: {} is not cited", basis.document);
    let Some(clause) = &basis.clause else { return };
    let clause = plain(clause);
    // `第十六条(二)` must not be taken for a part of `第十六条(二)(四)`, nor `第4.2` for `第4.2.2条`.
    let whole = |text: &&str| {
        let mut after = text
            .match_indices(&clause)
            .map(|(at, _)| &text[at + clause.len()..]);
        after.any(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
    };
    assert!(
        here.iter().any(whole),
        "{item}: {clause} is not in {here:?}"
    );
}

fn criterion(item: &str, basis: &Basis, around: &str, name: &Name) {
    let around = plain(around);
    let Some(clause) = basis.clause.as_deref().map(plain) else {
        panic!("{item}: a criterion without a clause");
    };
    let bare = clause.trim_start_matches('第').trim_end_matches('条');
    assert!(
        around.contains(&clause) || around.contains(bare),
        "{item}: {clause} is not in “{around}”"
    );
    // `S7` is the source key of GB 35181-2017.
    let named = name
        .cited
        .iter()
        .any(|cited| around.contains(&plain(cited)));
    let by_source = name
        .sources
        .iter()
        .any(|source| around.contains(source.as_str()));
    assert!(named || by_source, "{item}: {}", basis.document);
}

#[test]
fn no_document_or_clause_beyond_the_row() {
    let names = names();
    for checklist in checklists() {
        let facts = rows(checklist);
        for item in written(checklist) {
            let row = &facts[&item.source];
            let cell = stretches(&row.basis, checklist, &names);
            for basis in &item.bases {
                cited(&item.id, basis, &cell);
            }
            // The criterion of a grave severity stands in the severity cell or in the note on certainty; there the clause may
            // be a bare number.
            let around = format!("{}{}{}", row.basis, row.severity, row.certainty);
            for basis in &item.severity_bases {
                criterion(&item.id, basis, &around, &names[&basis.document]);
            }
        }
    }
}

#[test]
fn documents_are_named_and_dated_as_in_the_tables() {
    let names = names();
    let mut facts = String::new();
    for entry in fs::read_dir(folder().join("facts")).unwrap() {
        let name = entry.unwrap().file_name();
        facts.push_str(&plain(&fact_file(name.to_str().unwrap()).unwrap()));
    }
    let mut alike: BTreeMap<String, (String, zhicha_core::checklist::Document)> = BTreeMap::new();
    for checklist in checklists() {
        for (key, document) in &checklist.documents {
            let number = document.number.as_ref().unwrap_or(&document.title.zh);
            let edition = number.trim_start_matches("应急管理部");
            let name = names
                .get(key)
                .unwrap_or_else(|| panic!("no name for {key}"));
            let cited = name.cited.iter().any(|cited| facts.contains(&plain(cited)));
            assert!(cited, "{key}");
            assert!(
                facts.contains(&plain(edition)) || facts.contains(&plain(&document.title.zh)),
                "{key}: {number}"
            );
            for day in [document.effective_from, document.effective_to]
                .into_iter()
                .flatten()
            {
                let ended = key == "gb-35181-2017";
                assert!(ended || facts.contains(&day.to_string()), "{key}: {day}");
            }
            // One document is one thing in all checklists.
            let id = checklist.id.clone();
            let (other, first) = alike.entry(key.clone()).or_insert((id, document.clone()));
            assert_eq!(document, first, "{key} in {} and {other}", checklist.id);
        }
    }
}

#[test]
fn certainty_is_never_better_than_the_table() {
    let names = names();
    for checklist in checklists() {
        let facts = rows(checklist);
        for item in row_items(checklist) {
            let certainty = &facts[&item.id].certainty;
            let all = item.bases.iter().chain(&item.severity_bases);
            for basis in all.filter(|b| b.certainty == Certainty::Verified) {
                assert!(certainty.contains("verified"), "{}", item.id);
                let sources = &names[&basis.document].sources;
                assert!(
                    sources.iter().any(|s| certainty.contains(s.as_str())),
                    "{}: {} needs one of {sources:?}, the table says {certainty}",
                    item.id,
                    basis.document
                );
            }
        }
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
        let item = all.iter().flat_map(written).find(|i| i.id == id).unwrap();
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
