//! The determination data: standards, rules, what feeds them, and that no graded item was forgotten.

mod feeds;

use super::{Mistake, Path, Sheet, documents, texts};
use crate::checklist::{
    Checklist, Document,
    author::determination::{Determinations, Form, Gives, Part, Rule, Standard},
};
use std::collections::{BTreeMap, BTreeSet};

/// All mistakes in `data`. Items are looked for in `lists`; without any they are not looked at.
pub(in crate::checklist) fn check(data: &Determinations, lists: &[Checklist]) -> Vec<Mistake> {
    let mut sheet = Sheet::default();
    standards(data, lists, &mut sheet);
    let mut seen = BTreeSet::new();
    for (at, rule) in data.rules.iter().enumerate() {
        let path = Path::default().key("rules").at(at);
        if !seen.insert(rule.id.as_str()) {
            twice(path.clone().key("id"), &rule.id, &mut sheet);
        }
        if !data.documents.contains_key(&rule.document) {
            let path = path.clone().key("document");
            documents::unknown(path, &rule.id, &rule.document, &mut sheet);
        }
        if rule.clause.trim().is_empty() {
            let empty = ["条号是空的。".into(), "The clause is empty.".into()];
            let remedy = ["照依据表写。", "Write it as the facts print it."];
            let path = path.clone().key("clause");
            sheet.note(path, Some(&rule.id), "empty-clause", empty, remedy);
        }
        words(&path, rule, &mut sheet);
        form(data, &path, rule, &mut sheet);
        fed(data, &path, rule, &mut sheet);
    }
    feeds::check(data, lists, &mut sheet);
    sheet.0
}

fn standards(data: &Determinations, lists: &[Checklist], sheet: &mut Sheet) {
    let all: BTreeMap<String, Document> = data
        .documents
        .iter()
        .map(|(key, standard)| (key.clone(), document(standard)))
        .collect();
    for (key, standard) in &data.documents {
        let path = Path::default().key("documents").key(key);
        texts::both(&path.clone().key("title"), None, &standard.title, sheet);
        for (key, text) in [("scope", &standard.scope), ("note", &standard.note)] {
            texts::optional(&path.clone().key(key), None, text.as_ref(), sheet);
        }
        documents::in_order(&all, &path, key, &all[key], sheet);
        let ruled = data.rules.iter().any(|rule| rule.document == *key);
        if !ruled && standard.note.is_none() {
            without_rules(path.clone(), key, sheet);
        }
        let cited = lists.iter().filter_map(|list| list.documents.get(key));
        if cited.into_iter().any(|cited| differs(cited, &all[key])) {
            other_edition(path, key, sheet);
        }
    }
}

fn document(standard: &Standard) -> Document {
    Document {
        title: standard.title.clone(),
        number: standard.number.clone(),
        effective_from: standard.effective_from,
        effective_to: standard.effective_to,
        successor: standard.successor.clone(),
    }
}

// Checklists may leave out what they do not need.
fn differs(cited: &Document, here: &Document) -> bool {
    let day = |a, b| matches!((a, b), (Some(a), Some(b)) if a != b);
    let number = (cited.number.as_ref(), here.number.as_ref());
    day(cited.effective_from, here.effective_from)
        || day(cited.effective_to, here.effective_to)
        || matches!(number, (Some(a), Some(b)) if a != b)
}

fn words(path: &Path, rule: &Rule, sheet: &mut Sheet) {
    let id = Some(rule.id.as_str());
    texts::both(&path.clone().key("title"), id, &rule.title, sheet);
    for (key, text) in [
        ("scope", &rule.scope),
        ("judgement", &rule.judgement),
        ("unfed", &rule.unfed),
    ] {
        texts::optional(&path.clone().key(key), id, text.as_ref(), sheet);
    }
    let mut seen = BTreeSet::new();
    for (at, part) in rule.parts.iter().enumerate() {
        let path = path.clone().key("parts").at(at);
        if !seen.insert(&part.id) {
            twice(path.clone().key("id"), &rule.id, sheet);
        }
        texts::both(&path.clone().key("title"), id, &part.title, sheet);
        texts::optional(&path.key("unfed"), id, part.unfed.as_ref(), sheet);
    }
}

fn form(data: &Determinations, path: &Path, rule: &Rule, sheet: &mut Sheet) {
    let one_part = rule.parts.len() == 1;
    let split = matches!(rule.form, Form::Any | Form::All);
    if one_part || (!split && !rule.parts.is_empty()) {
        let parts = path.clone().key("parts");
        sheet.note(
            parts,
            Some(&rule.id),
            "parts",
            [
                "只有 any、all 才分几部分，而且至少两部分。".into(),
                "Only any and all have parts, and at least two.".into(),
            ],
            ["改正 form，或改正 parts。", "Mend form or parts."],
        );
    }
    let most = rule.of.len();
    let count = rule.form == Form::Count;
    let least = rule.at_least.map(usize::from);
    let good = match least {
        Some(least) => count && (1..=most).contains(&least),
        None => !count && most == 0,
    };
    let distinct: BTreeSet<_> = rule.of.iter().collect();
    if !good || distinct.len() != most {
        sheet.note(
            path.clone().key("at_least"),
            Some(&rule.id),
            "count",
            [
                "at_least 和 of 只用于 count；at_least 在 1 和要素个数之间，要素不重复。".into(),
                "at_least and of are for count; at_least is from 1 to the number of elements, none named twice."
                    .into(),
            ],
            ["改正 form、at_least 或 of。", "Mend form, at_least or of."],
        );
    }
    for (at, id) in rule.of.iter().enumerate() {
        let known = data.rules.iter().find(|r| r.id == *id);
        // A document that was mistyped would be reported again.
        let fits = |r: &Rule| {
            let ours = r.document == rule.document || !data.documents.contains_key(&rule.document);
            r.gives == Gives::Element && ours
        };
        if !known.is_some_and(fits) {
            unknown_rule(path.clone().key("of").at(at), &rule.id, id, sheet);
        }
    }
}

// Every circumstance has something that feeds it, or words that say that nothing does.
fn fed(data: &Determinations, path: &Path, rule: &Rule, sheet: &mut Sheet) {
    if rule.form == Form::Count {
        return;
    }
    let mut feeds = data.feeds.iter().filter(|feed| feed.rule == rule.id);
    let some = feeds.clone().next().is_some();
    let whole = feeds.any(|feed| feed.part.is_none());
    let of_part = |part: &Part| {
        let id = Some(&part.id);
        let mut feeds = data.feeds.iter().filter(|feed| feed.rule == rule.id);
        feeds.any(|feed| feed.part.as_ref() == id)
    };
    if !some && rule.unfed.is_none() {
        nothing_feeds(path.clone().key("id"), &rule.id, "", sheet);
    }
    for (at, part) in rule.parts.iter().enumerate() {
        let said = part.unfed.is_some() || (!some && rule.unfed.is_some());
        if some && !whole && !said && !of_part(part) {
            let path = path.clone().key("parts").at(at);
            nothing_feeds(path, &rule.id, &part.id, sheet);
        }
    }
}

fn twice(path: Path, id: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(id),
        "duplicate-id",
        [
            format!("“{id}” 或它的一部分写了两次。"),
            format!("“{id}”, or a part of it, is written twice."),
        ],
        [
            "换一个 id，或删去一处。",
            "Choose another id, or remove one.",
        ],
    );
}

fn without_rules(path: Path, key: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        None,
        "unused-document",
        [
            format!("文件 “{key}” 没有规则，也没有 note 说明原因。"),
            format!("Document “{key}” has no rule and no note that says why."),
        ],
        ["写规则，或写 note。", "Write its rules, or a note."],
    );
}

fn other_edition(path: Path, key: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        None,
        "document-differs",
        [
            format!("文件 “{key}” 的编号或日期和检查表里写的不一样。"),
            format!("Number or dates of document “{key}” differ from those in a checklist."),
        ],
        ["两处写成一样。", "Write them alike in both."],
    );
}

fn nothing_feeds(path: Path, rule: &str, part: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(rule),
        "unfed",
        [
            format!("没有检查项对应规则 “{rule}” {part}，也没有 unfed 说明。"),
            format!("No item feeds rule “{rule}” {part}, and no unfed says so."),
        ],
        [
            "写 [[feeds]]；没有这样的检查项就写 unfed。",
            "Write [[feeds]]; where there is no such item, write unfed.",
        ],
    );
}

fn unknown_rule(path: Path, item: &str, rule: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(item),
        "unknown-rule",
        [
            format!("没有规则 “{rule}”，或它不能用在这里。"),
            format!("There is no rule “{rule}”, or it cannot be used here."),
        ],
        [
            "改正 id；count 数的是同一文件的要素，本身不由检查项对应。",
            "Mend the id; a count is over elements of its document, and no item feeds it.",
        ],
    );
}
