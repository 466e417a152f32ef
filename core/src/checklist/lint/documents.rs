//! Documents and the bases that cite them.

use super::{Path, Sheet, items};
use crate::checklist::{Checklist, Document};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(checklist: &Checklist, sheet: &mut Sheet) {
    let mut used = BTreeSet::new();
    for (path, item) in items(checklist) {
        for (key, bases) in [
            ("bases", &item.bases),
            ("severity_bases", &item.severity_bases),
        ] {
            for (i, basis) in bases.iter().enumerate() {
                used.insert(basis.document.as_str());
                let path = path.clone().key(key).at(i);
                if !checklist.documents.contains_key(&basis.document) {
                    unknown(path.key("document"), &item.id, &basis.document, sheet);
                } else if basis.clause.as_ref().is_some_and(|c| c.trim().is_empty()) {
                    no_clause(path.key("clause"), &item.id, sheet);
                }
            }
        }
    }
    for document in checklist.documents.values() {
        used.extend(document.successor.as_deref());
    }
    // A key that was mistyped would be reported twice.
    let mistyped = used.iter().any(|k| !checklist.documents.contains_key(*k));
    for (key, document) in &checklist.documents {
        let path = Path::default().key("documents").key(key);
        in_order(&checklist.documents, &path, key, document, sheet);
        if !mistyped && !used.contains(key.as_str()) {
            sheet.note(
                path,
                None,
                "unused-document",
                [
                    format!("文件 “{key}” 没有被引用。"),
                    format!("Document “{key}” is not cited."),
                ],
                ["引用它，或删去它。", "Cite it or remove it."],
            );
        }
    }
}

/// Dates and the document that replaced it.
pub(super) fn in_order(
    documents: &BTreeMap<String, Document>,
    path: &Path,
    key: &str,
    document: &Document,
    sheet: &mut Sheet,
) {
    dates(path, key, document, sheet);
    successor(documents, path, key, document, sheet);
}

pub(super) fn unknown(path: Path, item: &str, key: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(item),
        "unknown-document",
        [
            format!("documents 里没有 “{key}”。"),
            format!("There is no “{key}” in documents."),
        ],
        [
            "在 [documents] 里写明它，或改正键名。",
            "Add it to [documents], or mend the key.",
        ],
    );
}

fn no_clause(path: Path, item: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(item),
        "empty-clause",
        ["条号是空的。".into(), "The clause is empty.".into()],
        [
            "写条号；条号不引时删去 clause。",
            "Write the clause; where none is cited, leave clause out.",
        ],
    );
}

fn dates(path: &Path, key: &str, document: &Document, sheet: &mut Sheet) {
    let (Some(from), Some(to)) = (document.effective_from, document.effective_to) else {
        return;
    };
    if to < from {
        sheet.note(
            path.clone().key("effective_to"),
            None,
            "dates",
            [
                format!("文件 “{key}” 先失效（{to}）后施行（{from}）。"),
                format!("Document “{key}” ends ({to}) before it begins ({from})."),
            ],
            ["改正两个日期。", "Mend the two dates."],
        );
    }
}

fn successor(
    documents: &BTreeMap<String, Document>,
    path: &Path,
    key: &str,
    document: &Document,
    sheet: &mut Sheet,
) {
    let Some(next) = document.successor.as_deref() else {
        return;
    };
    let path = path.clone().key("successor");
    let mut at = documents.get(next);
    if at.is_none() {
        return sheet.note(
            path,
            None,
            "successor",
            [
                format!("documents 里没有代替文件 “{next}”。"),
                format!("There is no successor “{next}” in documents."),
            ],
            [
                "在 [documents] 里写明代替它的文件。",
                "Add the document that replaced it to [documents].",
            ],
        );
    }
    // Longer than the number of documents is a ring.
    let mut steps = 0;
    while let Some(document) = at.filter(|_| steps <= documents.len()) {
        steps += 1;
        let next = document.successor.as_ref();
        at = next.and_then(|n| documents.get(n));
    }
    if at.is_some() || document.effective_to.is_none() {
        sheet.note(
            path,
            None,
            "successor",
            [
                format!("文件 “{key}” 的代替关系成环，或没有失效日期。"),
                format!("The successors of “{key}” form a ring, or it has no end date."),
            ],
            [
                "改正 successor，并写明 effective_to。",
                "Mend the successor and give effective_to.",
            ],
        );
    }
}
