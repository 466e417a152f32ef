//! Texts: both languages everywhere, and statements instead of questions.

use super::{Path, Sheet, items, sections};
use crate::checklist::{AnswerKind, Checklist, Item, Text};

pub(super) fn check(checklist: &Checklist, sheet: &mut Sheet) {
    let root = Path::default;
    both(&root().key("title"), None, &checklist.title, sheet);
    both(&root().key("summary"), None, &checklist.summary, sheet);
    for (key, document) in &checklist.documents {
        let path = root().key("documents").key(key).key("title");
        both(&path, None, &document.title, sheet);
    }
    for (path, section) in sections(checklist) {
        let id = Some(section.id.as_str());
        both(&path.clone().key("title"), id, &section.title, sheet);
        if let Some(gate) = &section.gate {
            let (path, id) = (path.clone().key("gate"), Some(gate.id.as_str()));
            both(&path.clone().key("text"), id, &gate.text, sheet);
            optional(&path.key("how"), id, gate.how.as_ref(), sheet);
        }
        if let Some(repeat) = &section.repeat {
            both(&path.key("repeat").key("noun"), id, &repeat.noun, sheet);
        }
    }
    for (path, item) in items(checklist) {
        of_item(&path, item, sheet);
    }
}

fn of_item(path: &Path, item: &Item, sheet: &mut Sheet) {
    let id = Some(item.id.as_str());
    let at = |key: &str| path.clone().key(key);
    both(&at("text"), id, &item.text, sheet);
    optional(&at("how"), id, item.how.as_ref(), sheet);
    optional(&at("suggestion"), id, item.suggestion.as_ref(), sheet);
    optional(&at("note"), id, item.note.as_ref(), sheet);
    for (key, bases) in [
        ("bases", &item.bases),
        ("severity_bases", &item.severity_bases),
    ] {
        for (i, basis) in bases.iter().enumerate() {
            let path = at(key).at(i).key("scope");
            optional(&path, id, basis.scope.as_ref(), sheet);
        }
    }
    match &item.answer {
        AnswerKind::Check => statement(&at("text"), id, &item.text, sheet),
        AnswerKind::Single { options } | AnswerKind::Multiple { options } => {
            for (i, option) in options.iter().enumerate() {
                let path = at("answer").key("options").at(i).key("text");
                both(&path, id, &option.text, sheet);
            }
        }
        _ => {}
    }
}

pub(super) fn optional(path: &Path, item: Option<&str>, text: Option<&Text>, sheet: &mut Sheet) {
    if let Some(text) = text {
        both(path, item, text, sheet);
    }
}

pub(super) fn both(path: &Path, item: Option<&str>, text: &Text, sheet: &mut Sheet) {
    for (key, words, zh, en) in [
        ("zh", &text.zh, "中文", "Chinese"),
        ("en", &text.en, "英文", "English"),
    ] {
        if words.trim().is_empty() {
            sheet.note(
                path.clone().key(key),
                item,
                "missing-language",
                [
                    format!("缺少{zh}文字。"),
                    format!("The {en} text is missing."),
                ],
                [
                    "两种语言都要写；没有内容就整项删去。",
                    "Write both languages, or leave the whole text out.",
                ],
            );
        }
    }
}

fn statement(path: &Path, item: Option<&str>, text: &Text, sheet: &mut Sheet) {
    for (key, words) in [("zh", &text.zh), ("en", &text.en)] {
        if words.trim_end().ends_with(['?', '？']) {
            sheet.note(
                path.clone().key(key),
                item,
                "question",
                [
                    "合格/不合格项写成了问句。".into(),
                    "A pass/fail item is worded as a question.".into(),
                ],
                [
                    "写成陈述句：一切正常时这句话成立。",
                    "Write a statement that is plainly true when all is well.",
                ],
            );
        }
    }
}
