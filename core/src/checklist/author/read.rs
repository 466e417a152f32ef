//! From TOML text to a checklist, keeping the line of every part.
//!
//! Each section head and each item is read by itself, so that one run reports the mistakes of all of them.

use super::{
    DETERMINATION_FILE, Finding, LARGEST_FILE, SourceFile, finding, name,
    reference::{self, GateReference, ItemReference, Library},
    sorted,
};
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

impl<'a> Lines<'a> {
    /// For a file that was read.
    pub(super) fn new(file: &'a SourceFile, root: Spanned<DeValue<'a>>) -> Self {
        let text = file.text.as_str();
        Self { text, root }
    }

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

/// Reads the form only; what the data means is for `lint`. What is taken over is looked for `among` the files.
pub(super) fn read<'a>(
    file: &'a SourceFile,
    among: &[SourceFile],
) -> Result<(Checklist, Lines<'a>), Vec<Finding>> {
    let root = root_of(file)?;
    let mut library = Library::new(among);
    let mut faults = Vec::new();
    let checklist = assemble(file, &root, Some(&mut library), &mut faults);
    let checklist = checklist.map(|mut checklist| {
        if let Err(words) = library.complete(&mut checklist) {
            faults.push(finding(file, 1, None, *words));
        }
        checklist
    });
    match checklist.filter(|_| faults.is_empty()) {
        Some(checklist) => Ok((checklist, Lines::new(file, root))),
        None => Err(sorted(faults)),
    }
}

/// What is written in a file itself, without what it takes over; nothing when it cannot be read.
pub(super) fn written_here(file: &SourceFile) -> Option<Checklist> {
    assemble(file, &root_of(file).ok()?, None, &mut Vec::new())
}

pub(super) fn root_of(file: &SourceFile) -> Result<Spanned<DeValue<'_>>, Vec<Finding>> {
    if let Some(refused) = refuse(file) {
        return Err(vec![refused]);
    }
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    // What follows the first mistake in the notation is mostly its consequence.
    if let Some(error) = errors.first() {
        let span = error.span().unwrap_or(0..0);
        return Err(vec![described(file, error, span, None)]);
    }
    Ok(Spanned::new(root.span(), DeValue::Table(root.into_inner())))
}

fn assemble(
    file: &SourceFile,
    root: &Spanned<DeValue<'_>>,
    mut library: Option<&mut Library<'_>>,
    faults: &mut Vec<Finding>,
) -> Option<Checklist> {
    let (head, sections) = without(root, "sections");
    let checklist: Option<Checklist> = part(file, head, None, faults);
    let mut read = Vec::new();
    for section in sections {
        let id = text_at(section, "id");
        let (mut head, written) = without(section, "items");
        let gate = gate_from(&mut head);
        let found: Option<Section> = part(file, head, id, faults);
        let gate = gate.and_then(|gate| {
            let reference: GateReference = part(file, gate.clone(), id, faults)?;
            taken(file, &gate, id, library.as_mut()?.gate(&reference), faults)
        });
        let mut items = Vec::new();
        for item in written {
            let id = text_at(item, "id").or_else(|| text_at(item, "from"));
            if text_at(item, "origin").is_some() {
                let wrong = Err::<(), _>(reference::by_hand());
                taken(file, item, id, wrong, faults);
            } else if text_at(item, "from").is_none() {
                items.extend(part::<Item>(file, item.clone(), id, faults));
            } else if let Some(library) = library.as_mut() {
                let reference: Option<ItemReference> = part(file, item.clone(), id, faults);
                let found = reference.map(|reference| library.item(reference));
                items.extend(found.and_then(|found| taken(file, item, id, found, faults)));
            }
        }
        read.extend(found.map(|s| Section {
            items,
            gate: gate.or(s.gate),
            ..s
        }));
    }
    checklist.map(|c| Checklist {
        sections: read,
        ..c
    })
}

// A gate that is taken over, out of its section.
fn gate_from<'i>(section: &mut Spanned<DeValue<'i>>) -> Option<Spanned<DeValue<'i>>> {
    let DeValue::Table(table) = section.get_mut() else {
        return None;
    };
    text_at(table.get("gate")?, "from")?;
    table.remove("gate")
}

fn taken<T>(
    file: &SourceFile,
    at: &Spanned<DeValue<'_>>,
    id: Option<&str>,
    found: Result<T, Box<Words>>,
    faults: &mut Vec<Finding>,
) -> Option<T> {
    let line = line_of(&file.text, at.span().start);
    let wrong = |words: Box<Words>| finding(file, line, id.map(str::to_owned), *words);
    found.map_err(|words| faults.push(wrong(words))).ok()
}

/// The elements of an array, each read by itself and named in mistakes by its `key`.
pub(super) fn parts<T: DeserializeOwned>(
    file: &SourceFile,
    values: &[&Spanned<DeValue<'_>>],
    key: &str,
    faults: &mut Vec<Finding>,
) -> Vec<T> {
    let values = values.iter();
    values
        .filter_map(|value| part(file, (*value).clone(), text_at(value, key), faults))
        .collect()
}

pub(super) fn part<T: DeserializeOwned>(
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
pub(super) fn without<'a, 'i>(
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
    let (code, zh, mut remedy) = kind_of(said, at);
    if name(&file.path) == DETERMINATION_FILE && remedy == SCHEMA {
        remedy = README;
    }
    let [remedy_zh, remedy_en] = remedy;
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

const SCHEMA: [&str; 2] = [
    "对照 checklists/schema.json 改正。",
    "Mend it as checklists/schema.json says.",
];
const README: [&str; 2] = [
    "对照 checklists/README.md 改正。",
    "Mend it as checklists/README.md says.",
];

// `at` is the text that was not understood: a bare TOML date is told apart by it.
fn kind_of(said: &str, at: &str) -> (&'static str, &'static str, [&'static str; 2]) {
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
