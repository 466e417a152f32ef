//! From TOML text to a checklist, keeping the line of every part.
//!
//! Each section head and each item is read by itself, so that one run reports the mistakes of all of them.

use super::{Finding, LARGEST_FILE, SourceFile, finding, sorted};
use crate::{
    checklist::{
        Checklist, Item, Section,
        lint::{Path, Step, Words},
    },
    time::CivilDate,
};
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Error, ValueDeserializer},
};

// Beyond this a key is not written by a person; the parser nests one table a dot and frees them by recursion.
const MOST_DOTS: usize = 64;

/// The parsed file, to find lines in.
pub(super) struct Lines<'a> {
    text: &'a str,
    root: Spanned<DeValue<'a>>,
}

impl Lines<'_> {
    /// Line, from 1, of the place or of the nearest part around it that is written down.
    pub(super) fn line(&self, path: &Path) -> usize {
        let mut at = &self.root;
        let mut best = None;
        for step in &path.0 {
            let next = match (at.get_ref(), step) {
                (DeValue::Table(table), Step::Key(key)) => table.get(key.as_str()),
                (DeValue::Array(array), Step::At(i)) => array.get(*i),
                _ => None,
            };
            let Some(next) = next else { break };
            at = next;
            best = Some(at.span().start);
        }
        line_of(self.text, best.unwrap_or(0))
    }
}

/// Reads the form only; what the data means is for `lint`.
pub(super) fn read(file: &SourceFile) -> Result<(Checklist, Lines<'_>), Vec<Finding>> {
    if let Some(refused) = refuse(file) {
        return Err(vec![refused]);
    }
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    // What follows the first mistake in the notation is mostly its consequence.
    if let Some(error) = errors.first() {
        let span = error.span().unwrap_or(0..0);
        return Err(vec![described(file, error, span, None)]);
    }
    let root = Spanned::new(root.span(), DeValue::Table(root.into_inner()));
    let mut faults = Vec::new();
    let checklist = assemble(file, &root, &mut faults);
    match checklist.filter(|_| faults.is_empty()) {
        Some(checklist) => {
            let text = file.text.as_str();
            Ok((checklist, Lines { text, root }))
        }
        None => Err(sorted(faults)),
    }
}

fn assemble(
    file: &SourceFile,
    root: &Spanned<DeValue<'_>>,
    faults: &mut Vec<Finding>,
) -> Option<Checklist> {
    let (head, sections) = without(root, "sections");
    let checklist: Option<Checklist> = part(file, head, None, faults);
    let mut read = Vec::new();
    for section in sections {
        let id = text_at(section, "id");
        let (head, items) = without(section, "items");
        let found: Option<Section> = part(file, head, id, faults);
        let items: Vec<Item> = items
            .iter()
            .filter_map(|item| part(file, (*item).clone(), text_at(item, "id"), faults))
            .collect();
        read.extend(found.map(|s| Section { items, ..s }));
    }
    checklist.map(|c| Checklist {
        sections: read,
        ..c
    })
}

fn part<T: DeserializeOwned>(
    file: &SourceFile,
    value: Spanned<DeValue<'_>>,
    id: Option<&str>,
    faults: &mut Vec<Finding>,
) -> Option<T> {
    let start = value.span().start;
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(read) => Some(read),
        Err(mut error) => {
            error.set_input(None);
            let span = error.span().unwrap_or(start..start);
            faults.push(described(file, &error, span, id));
            None
        }
    }
}

// The table with `key` emptied, and the elements that were there. Anything that is not an array stays, so that
// reading the head reports it.
fn without<'a, 'i>(
    value: &'a Spanned<DeValue<'i>>,
    key: &str,
) -> (Spanned<DeValue<'i>>, Vec<&'a Spanned<DeValue<'i>>>) {
    let mut head = value.clone();
    let mut taken = Vec::new();
    if let (DeValue::Table(table), DeValue::Table(whole)) = (head.get_mut(), value.get_ref())
        && let (Some(slot), Some(DeValue::Array(array))) =
            (table.get_mut(key), whole.get(key).map(Spanned::get_ref))
    {
        taken = array.iter().collect();
        *slot.get_mut() = DeValue::Array(DeArray::new());
    }
    (head, taken)
}

fn text_at<'a>(value: &'a Spanned<DeValue<'_>>, key: &str) -> Option<&'a str> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(key)?.get_ref().as_str(),
        _ => None,
    }
}

fn refuse(file: &SourceFile) -> Option<Finding> {
    if file.text.len() > LARGEST_FILE {
        let words = Words {
            code: "too-large",
            zh: "文件大于 1 MiB，没有读取。".into(),
            en: "The file is larger than 1 MiB and was not read.".into(),
            remedy_zh: "把检查表分成几份。".into(),
            remedy_en: "Split the checklist.".into(),
        };
        return Some(finding(file, 1, None, words));
    }
    let key = |part: &str| part.bytes().filter(|b| *b == b'.').count() > MOST_DOTS;
    let deep = |line: &str| line.split(['=', '[', ']', '{', '}', ',']).any(key);
    let line = file.text.lines().position(deep)?;
    let words = Words {
        code: "too-deep",
        zh: format!("一个键里的点多于 {MOST_DOTS} 个。"),
        en: format!("A key has more than {MOST_DOTS} dots."),
        remedy_zh: "用表代替点号键。".into(),
        remedy_en: "Use tables in place of dotted keys.".into(),
    };
    Some(finding(file, line + 1, None, words))
}

fn described(file: &SourceFile, error: &Error, span: Range<usize>, id: Option<&str>) -> Finding {
    let said = error.message();
    let at = file.text.get(span.clone()).unwrap_or_default();
    let (code, zh, [remedy_zh, remedy_en]) = kind_of(said, at);
    let words = Words {
        code,
        zh: format!("{zh}：{said}。"),
        en: format!("Cannot be read: {said}."),
        remedy_zh: remedy_zh.to_owned(),
        remedy_en: remedy_en.to_owned(),
    };
    let line = line_of(&file.text, span.start);
    finding(file, line, id.map(str::to_owned), words)
}

// `at` is the text that was not understood: a bare TOML date is told apart by it.
fn kind_of(said: &str, at: &str) -> (&'static str, &'static str, [&'static str; 2]) {
    const SCHEMA: [&str; 2] = [
        "对照 checklists/schema.json 改正。",
        "Mend it as checklists/schema.json says.",
    ];
    if said.starts_with("unknown field") {
        ("unknown-field", "不认识的字段", SCHEMA)
    } else if said.starts_with("missing field") {
        let remedy = ["补上这个字段。", "Add the field."];
        ("missing-field", "缺少字段", remedy)
    } else if said.starts_with("unknown variant") {
        ("unknown-kind", "不认识的种类", SCHEMA)
    } else if said.contains("duplicate key") {
        let remedy = ["删去其中一个。", "Remove one of the two."];
        ("duplicate-key", "键写了两次", remedy)
    } else if said.contains("YYYY-MM-DD") || at.parse::<CivilDate>().is_ok() {
        let remedy = [
            "日期写成字符串，例如 \"2025-11-01\"。",
            "Write dates as strings, for example \"2025-11-01\".",
        ];
        ("date", "日期写法不对", remedy)
    } else {
        ("form", "格式不对", SCHEMA)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|b| **b == b'\n').count()
}
