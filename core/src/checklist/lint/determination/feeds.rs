//! What feeds the rules: the item, the answer and the condition exist and fit each other.

use super::{Path, Sheet, texts, twice, unknown_rule};
use crate::checklist::{
    AnswerKind, Checklist, Choice, Condition, Item, Severity,
    author::determination::{Determinations, Feed, Form},
    lint::conditions,
};
use std::collections::{BTreeMap, BTreeSet};

/// Items where they are written, in the newest version that has them.
struct Written<'a>(BTreeMap<String, (&'a Checklist, &'a Item)>);

impl<'a> Written<'a> {
    fn new(lists: &'a [Checklist]) -> Self {
        let mut lists: Vec<_> = lists.iter().collect();
        lists.sort_by_key(|list| list.version);
        let items = lists.into_iter().flat_map(|list| {
            let items = list.sections.iter().flat_map(|section| &section.items);
            items.map(move |item| (list, item))
        });
        let own = items.filter(|(_, item)| item.origin.is_none());
        Self(
            own.map(|(list, item)| (format!("{}/{}", list.id, item.id), (list, item)))
                .collect(),
        )
    }
}

pub(super) fn check(data: &Determinations, lists: &[Checklist], sheet: &mut Sheet) {
    let written = Written::new(lists);
    let mut named: BTreeMap<&str, bool> = BTreeMap::new();
    for (at, feed) in data.feeds.iter().enumerate() {
        let path = Path::default().key("feeds").at(at);
        if data.feeds[..at].contains(feed) {
            twice(path.clone(), &feed.item, sheet);
        }
        to_rule(data, &path, feed, sheet);
        let ask = path.clone().key("ask");
        texts::optional(&ask, Some(&feed.item), feed.ask.as_ref(), sheet);
        named.insert(&feed.item, true);
        if !lists.is_empty() {
            from_item(&written, &path, feed, sheet);
        }
    }
    for (at, group) in data.without.iter().enumerate() {
        let path = Path::default().key("without").at(at);
        texts::both(&path.clone().key("reason"), None, &group.reason, sheet);
        for (i, item) in group.items.iter().enumerate() {
            let path = path.clone().key("items").at(i);
            if named.insert(item, false).is_some() {
                twice(path.clone(), item, sheet);
            }
            if !lists.is_empty() && !written.0.contains_key(item) {
                unknown_item(path, item, sheet);
            }
        }
    }
    for (id, (_, item)) in &written.0 {
        if item.severity != Severity::General && !named.contains_key(id.as_str()) {
            forgotten(id, sheet);
        }
    }
}

fn to_rule(data: &Determinations, path: &Path, feed: &Feed, sheet: &mut Sheet) {
    let rule = data.rules.iter().find(|rule| rule.id == feed.rule);
    let Some(rule) = rule.filter(|rule| rule.form != Form::Count) else {
        return unknown_rule(path.clone().key("rule"), &feed.item, &feed.rule, sheet);
    };
    if let Some(part) = &feed.part
        && !rule.parts.iter().any(|known| known.id == *part)
    {
        sheet.note(
            path.clone().key("part"),
            Some(&feed.item),
            "unknown-part",
            [
                format!("规则 “{}” 没有 “{part}” 这一部分。", rule.id),
                format!("Rule “{}” has no part “{part}”.", rule.id),
            ],
            ["改正 part，或删去它。", "Mend part or leave it out."],
        );
    }
}

fn from_item(written: &Written<'_>, path: &Path, feed: &Feed, sheet: &mut Sheet) {
    let Some((list, item)) = written.0.get(&feed.item) else {
        return unknown_item(path.clone().key("item"), &feed.item, sheet);
    };
    if !gives(&item.answer, &feed.answer) {
        sheet.note(
            path.clone().key("answer"),
            Some(&feed.item),
            "wrong-answer",
            [
                format!("这一项不会有 “{}” 这个答案。", feed.answer),
                format!("The item cannot be answered “{}”.", feed.answer),
            ],
            [
                "check 项写 fail，单选、多选写选项 id；其他种类写进 only_if。",
                "Write fail for checks, an option id for choices; other kinds belong into only_if.",
            ],
        );
    }
    let Some(condition) = &feed.only_if else {
        return;
    };
    let path = path.clone().key("only_if");
    if hollow(condition) {
        return note(path, feed, "empty-condition", sheet);
    }
    let mut repeats = BTreeSet::new();
    repeats.extend(repeated(list, &item.id));
    for compare in condition.compares() {
        match kind(list, &compare.item) {
            None => note(path.clone(), feed, "dangling-reference", sheet),
            Some(kind) if !conditions::fits(compare, kind) => {
                note(path.clone(), feed, "wrong-comparison", sheet);
            }
            Some(_) => repeats.extend(repeated(list, &compare.item)),
        }
    }
    if repeats.len() > 1 {
        note(path, feed, "other-repeat", sheet);
    }
}

fn gives(kind: &AnswerKind, answer: &str) -> bool {
    let option = |options: &[Choice]| options.iter().any(|o| o.id == answer);
    match kind {
        AnswerKind::Check => answer == "fail",
        AnswerKind::Single { options } | AnswerKind::Multiple { options } => option(options),
        AnswerKind::Number { .. } | AnswerKind::Text { .. } | AnswerKind::Date => false,
    }
}

// The kind of an item; a gate has none.
fn kind<'a>(list: &'a Checklist, id: &str) -> Option<Option<&'a AnswerKind>> {
    let mut items = list.sections.iter().flat_map(|s| &s.items);
    if let Some(item) = items.find(|item| item.id == id) {
        return Some(Some(&item.answer));
    }
    let mut gates = list.sections.iter().filter_map(|s| s.gate.as_ref());
    gates.any(|gate| gate.id == id).then_some(None)
}

fn repeated<'a>(list: &'a Checklist, id: &str) -> Option<&'a str> {
    let mut sections = list.sections.iter().filter(|s| s.repeat.is_some());
    let home = sections.find(|s| s.items.iter().any(|item| item.id == id));
    home.map(|section| section.id.as_str())
}

fn hollow(condition: &Condition) -> bool {
    let group = |least: usize, of: &[Condition]| {
        of.is_empty() || !(1..=of.len()).contains(&least) || of.iter().any(hollow)
    };
    match condition {
        Condition::All(of) | Condition::Any(of) => group(1, of),
        Condition::Count(count) => group(usize::from(count.at_least), &count.of),
        Condition::Not(inner) => hollow(inner),
        Condition::Compare(_) => false,
    }
}

fn note(path: Path, feed: &Feed, code: &'static str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(&feed.item),
        code,
        [
            "only_if 是空的，或所指的项、比较方式不对。".into(),
            "only_if is empty, or names or compares what it cannot.".into(),
        ],
        [
            "只看同一份检查表里的项和前提，写法同 visible_if；不看别的重复章节。",
            "Look only at items and gates of the same checklist, as in visible_if, and at no other repeated section.",
        ],
    );
}

fn unknown_item(path: Path, item: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(item),
        "unknown-item",
        [
            format!("没有检查项 “{item}”，或它是引用来的。"),
            format!("There is no item “{item}”, or it is taken over."),
        ],
        [
            "写成 检查表/检查项，指向写出它的检查表。",
            "Write checklist/item, naming the checklist in which it is written.",
        ],
    );
}

fn forgotten(item: &str, sheet: &mut Sheet) {
    sheet.note(
        Path::default(),
        Some(item),
        "not-determined",
        [
            format!("“{item}” 不只是一般，却不对应任何规则。"),
            format!("“{item}” is more than general and feeds no rule."),
        ],
        [
            "在 determination.toml 里写 [[feeds]]，或写进 [[without]] 并说明原因。",
            "Write [[feeds]] in determination.toml, or put it into [[without]] with the reason.",
        ],
    );
}
