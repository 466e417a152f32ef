//! Which rows are in, what they say, how grave they are.

use super::{checklists, fact_file, folder, row_items, rows, table, written};
use std::{collections::BTreeSet, fs};
use zhicha_core::checklist::{Item, Severity};

/// Rows that rest only on "recalled, low"; `checklists/README.md` says why.
const LEFT_OUT: [&str; 5] = ["EB-13", "EB-14", "EB-15", "FR-15", "RH-10"];

/// Rows whose gravity depends on more than the answer; their notes say on what.
const BY_RULE: [&str; 44] = [
    "BD-08", "CM-01", "CM-02", "CM-06", "CM-07", "CM-08", "CM-09", "CM-10", "CM-14", "CN-13",
    "CS-01", "CS-02", "CS-03", "CS-04", "CS-05", "CS-13", "CS-16", "DE-16", "DE-28", "DE-30",
    "DE-38", "DL-03", "DL-05", "FE-13", "FE-28", "FE-38", "FR-08", "HW-03", "HW-16", "HZ-02",
    "HZ-07", "HZ-13", "HZ-15", "HZ-17", "RH-15", "SF-01", "SF-08", "SF-10", "SF-15", "SV-15",
    "TG-10", "WY-16", "ZJ-08", "ZJ-16",
];

#[test]
fn every_row_is_in_or_is_listed_as_left_out() {
    let mut tables = 0;
    for checklist in checklists() {
        let facts = rows(checklist);
        tables += usize::from(!facts.is_empty());
        let all = || checklist.sections.iter().flat_map(|s| &s.items);
        for id in facts.keys() {
            let own = row_items(checklist).filter(|i| &i.id == id);
            // Follow-up questions come along with their row; a new version takes over the one before.
            let before = format!("{}/", checklist.id);
            let stands = |i: &Item| match i.origin.as_ref() {
                Some(origin) if origin.starts_with(&before) => i.id == *id,
                _ => i.id == i.source || !i.id.starts_with(&i.source),
            };
            let taken_over = all().filter(|i| i.origin.is_some() && &i.source == id && stands(i));
            let expected = usize::from(!LEFT_OUT.contains(&id.as_str()));
            assert_eq!(own.count() + taken_over.count(), expected, "{id}");
        }
        for item in written(checklist) {
            assert!(facts.contains_key(&item.source), "{}", item.id);
            let question = item.bases.is_empty();
            assert!(item.id.starts_with(&item.source) || question, "{}", item.id);
        }
    }
    assert!(tables >= 21, "{tables}");
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    assert!(LEFT_OUT.iter().all(|id| readme.contains(id)));
}

#[test]
fn rows_that_are_left_out_rest_on_recalled_low() {
    for checklist in checklists() {
        for (id, row) in rows(checklist) {
            let low = row
                .certainty
                .lines()
                .next()
                .is_some_and(|c| c.contains("低"));
            assert_eq!(low, LEFT_OUT.contains(&id.as_str()), "{id}");
        }
    }
}

/// Versions that keep the words of the tables; later ones put them in words for people on site.
const TABLE_WORDS: [(&str, u32); 3] = [
    ("fire-exits", 1),
    ("ebike-charging", 1),
    ("dust-explosion", 1),
];

#[test]
fn statements_methods_and_suggestions_are_those_of_the_tables() {
    let wording = table(&fact_file("wording.md").unwrap());
    let mut compared = 0;
    for checklist in checklists() {
        if !TABLE_WORDS.contains(&(checklist.id.as_str(), checklist.version)) {
            continue;
        }
        let facts = rows(checklist);
        for item in row_items(checklist) {
            if let Some(words) = wording.get(&item.id) {
                assert_eq!([&item.text.zh, &item.text.en], [&words[1], &words[2]]);
            }
            let row = &facts[&item.id];
            assert_eq!(item.how.as_ref().unwrap().zh, row.how, "{}", item.id);
            let suggestion = &item.suggestion.as_ref().unwrap().zh;
            assert_eq!(*suggestion, row.suggestion, "{}", item.id);
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

/// The numbers in a text; one with a point inside is one number.
fn numbers(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let parts = parts.map(|part| part.trim_matches('.').to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

#[test]
fn words_for_people_on_site_bring_no_number_and_no_clause_beyond_the_row() {
    for checklist in checklists() {
        if TABLE_WORDS.contains(&(checklist.id.as_str(), checklist.version)) {
            continue;
        }
        let Some(file) = fact_file(&format!("{}.md", checklist.id)) else {
            continue;
        };
        let table = table(&file);
        for item in row_items(checklist) {
            let Some(cells) = table.get(&item.id) else {
                continue;
            };
            let printed = numbers(&cells.join(" "));
            let texts = [
                Some(&item.text),
                item.how.as_ref(),
                item.suggestion.as_ref(),
            ];
            for text in texts.into_iter().flatten() {
                for number in numbers(&text.zh) {
                    assert!(printed.contains(&number), "{}: {number}", item.id);
                }
                assert!(
                    !text.zh.contains("《") || cells[1].contains("《"),
                    "{}",
                    item.id
                );
                let clause = text.zh.split('第').skip(1).any(|rest| {
                    let digit = |c| "0123456789.一二三四五六七八九十百".contains(c);
                    rest.split_once('条')
                        .is_some_and(|(n, _)| !n.is_empty() && n.chars().all(digit))
                });
                assert!(!clause, "{}: {}", item.id, text.zh);
            }
        }
    }
}

#[test]
fn statements_are_statements() {
    for checklist in checklists() {
        for item in row_items(checklist) {
            let [zh, en] = [&item.text.zh, &item.text.en];
            if item.answer == zhicha_core::checklist::AnswerKind::Check {
                assert!(
                    !zh.contains("是否") && !zh.contains('？'),
                    "{}: {zh}",
                    item.id
                );
                assert!(!en.contains('?'), "{}: {en}", item.id);
            }
        }
    }
}

#[test]
fn severity_is_that_of_the_table() {
    for checklist in checklists() {
        let facts = rows(checklist);
        for item in row_items(checklist) {
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
            assert_eq!(item.severity, expected, "{}: {cell}", item.id);
            assert!(
                item.severity != Severity::ByRule || item.note.is_some(),
                "{}",
                item.id
            );
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
    let ended: Vec<_> = written(fire)
        .filter(|i| i.only_superseded(fire, today))
        .map(|i| i.id.as_str())
        .collect();
    assert_eq!(ended, ["FE-17", "FE-18", "FE-21"]);
    let last = "2025-10-31".parse().unwrap();
    assert!(written(fire).all(|i| !i.only_superseded(fire, last) || i.bases.len() == 1));
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
    for entry in fs::read_dir(folder().join("facts")).unwrap() {
        let name = entry.unwrap().file_name();
        let [copy, original] = [folder().join("facts"), shared.clone()]
            .map(|d| fs::read_to_string(d.join(&name)).unwrap());
        assert!(copy == original, "{name:?} differs");
    }
}
