//! Conditions: what they look at exists, comes earlier, and is compared in a way that can hold.

use super::{Path, Sheet};
use crate::{
    checklist::{
        AnswerKind, Checklist, Choice, Condition, Gate, Item,
        rule::{Compare, Op},
    },
    decimal::Decimal,
    time::CivilDate,
};
use std::collections::{BTreeMap, BTreeSet};

// What a condition may look at: an item, or a gate where `item` is `None`.
#[derive(Clone, Copy)]
struct Seen<'a> {
    order: usize,
    section: usize,
    item: Option<&'a Item>,
}

struct Table<'a> {
    checklist: &'a Checklist,
    seen: BTreeMap<&'a str, Seen<'a>>,
}

pub(super) fn check(checklist: &Checklist, sheet: &mut Sheet) {
    let mut seen = BTreeMap::new();
    let mut order = 0;
    for (section, s) in checklist.sections.iter().enumerate() {
        let gate = s.gate.iter().map(|g| (g.id.as_str(), None));
        for (id, item) in gate.chain(s.items.iter().map(|i| (i.id.as_str(), Some(i)))) {
            order += 1;
            seen.entry(id).or_insert(Seen {
                order,
                section,
                item,
            });
        }
    }
    let table = Table { checklist, seen };
    for (section, s) in checklist.sections.iter().enumerate() {
        for (i, item) in s.items.iter().enumerate() {
            if let Some(condition) = &item.visible_if {
                let path = Path::item(section, i).key("visible_if");
                table.walk(&path, item, condition, sheet);
            }
        }
    }
}

impl Table<'_> {
    fn walk(&self, path: &Path, item: &Item, condition: &Condition, sheet: &mut Sheet) {
        let group = |key: &str, least: usize, of: &[Condition], sheet: &mut Sheet| {
            let path = path.clone().key(key);
            if of.is_empty() || least == 0 || least > of.len() {
                empty(path.clone(), item, sheet);
            }
            let path = if key == "count" { path.key("of") } else { path };
            for (i, inner) in of.iter().enumerate() {
                self.walk(&path.clone().at(i), item, inner, sheet);
            }
        };
        match condition {
            Condition::All(of) => group("all", 1, of, sheet),
            Condition::Any(of) => group("any", 1, of, sheet),
            Condition::Count(count) => {
                group("count", usize::from(count.at_least), &count.of, sheet);
            }
            Condition::Not(inner) => self.walk(&path.clone().key("not"), item, inner, sheet),
            Condition::Compare(compare) => {
                self.compare(path.clone().key("compare"), item, compare, sheet);
            }
        }
    }

    fn compare(&self, path: Path, item: &Item, compare: &Compare, sheet: &mut Sheet) {
        let target = compare.item.as_str();
        let (Some(seen), Some(own)) = (self.seen.get(target), self.seen.get(item.id.as_str()))
        else {
            return dangling(path.key("item"), item, target, sheet);
        };
        if seen.order >= own.order {
            let cycle = target == item.id || self.reaches(target, &item.id);
            return later(path.key("item"), item, target, cycle, sheet);
        }
        let repeated = self.checklist.sections[seen.section].repeat.is_some();
        if repeated && seen.item.is_some() && seen.section != own.section {
            return other_repeat(path.key("item"), item, target, sheet);
        }
        if !fits(compare, seen.item.map(|i| &i.answer)) {
            unfit(path.key("value"), item, compare, sheet);
        }
    }

    // Whether the condition of `from` looks, over any number of steps, at `to`.
    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut open = vec![from];
        let mut done = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !done.insert(id) {
                continue;
            }
            let item = self.seen.get(id).and_then(|s| s.item);
            let Some(condition) = item.and_then(|i| i.visible_if.as_ref()) else {
                continue;
            };
            for next in condition.items() {
                if next == to {
                    return true;
                }
                open.push(next);
            }
        }
        false
    }
}

/// Whether an answer of the kind, or of a gate, can be compared so.
pub(super) fn fits(compare: &Compare, kind: Option<&AnswerKind>) -> bool {
    let value = compare.value.as_str();
    let equality = matches!(compare.op, Op::Eq | Op::Ne);
    if value == "not_checked" || (value == "not_applicable" && kind.is_some()) {
        return equality;
    }
    let option = |options: &[Choice]| options.iter().any(|o| o.id == value);
    match kind {
        None => equality && [Gate::YES, Gate::NO].contains(&value),
        Some(AnswerKind::Check) => equality && ["pass", "fail"].contains(&value),
        Some(AnswerKind::Number { .. }) => {
            compare.op != Op::Includes && value.parse::<Decimal>().is_ok()
        }
        Some(AnswerKind::Date) => compare.op != Op::Includes && value.parse::<CivilDate>().is_ok(),
        Some(AnswerKind::Single { options }) => equality && option(options),
        Some(AnswerKind::Multiple { options }) => compare.op == Op::Includes && option(options),
        Some(AnswerKind::Text { .. }) => false,
    }
}

fn empty(path: Path, item: &Item, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(&item.id),
        "empty-condition",
        [
            "条件组是空的，或 at_least 不在 1 和条件个数之间。".into(),
            "The group of conditions is empty, or at_least is not between 1 and their number."
                .into(),
        ],
        [
            "写入条件，改正 at_least，或删去这一组。",
            "Add conditions, mend at_least, or remove the group.",
        ],
    );
}

fn dangling(path: Path, item: &Item, target: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(&item.id),
        "dangling-reference",
        [
            format!("条件所指的 “{target}” 不存在。"),
            format!("The condition names “{target}”, which does not exist."),
        ],
        [
            "改成本检查表里已有的检查项或前提的 id。",
            "Name an item or gate of this checklist.",
        ],
    );
}

fn later(path: Path, item: &Item, target: &str, cycle: bool, sheet: &mut Sheet) {
    let (code, zh, en) = if cycle {
        ("cycle", "互相依赖，成环", "depend on each other")
    } else {
        ("later-reference", "排在后面", "stand in the wrong order")
    };
    sheet.note(
        path,
        Some(&item.id),
        code,
        [
            format!("条件所指的 “{target}” 与本项{zh}。"),
            format!("“{target}” and the item that looks at it {en}."),
        ],
        [
            "条件只能看排在前面的项：调整次序或改条件。",
            "A condition may only look at earlier items: change the order or the condition.",
        ],
    );
}

fn other_repeat(path: Path, item: &Item, target: &str, sheet: &mut Sheet) {
    sheet.note(
        path,
        Some(&item.id),
        "other-repeat",
        [
            format!("“{target}” 在另一个重复章节里，不知道指哪一次。"),
            format!("“{target}” is in another repeated section, so it is unclear which instance is meant."),
        ],
        [
            "只引用本章节或不重复章节的项。",
            "Look only at items of the same section or of sections that are not repeated.",
        ],
    );
}

fn unfit(path: Path, item: &Item, compare: &Compare, sheet: &mut Sheet) {
    let Compare {
        item: target,
        op,
        value,
    } = compare;
    sheet.note(
        path,
        Some(&item.id),
        "wrong-comparison",
        [
            format!("“{target}” 的答案不能用 {op:?} 与 “{value}” 比较。"),
            format!("The answer to “{target}” cannot be compared by {op:?} with “{value}”."),
        ],
        [
            "check 用 eq/ne 和 pass、fail；前提用 yes、no；单选用 eq/ne、多选用 includes 和选项 id；数值、日期用 \
             eq…ge 和同类的值；任何一种都可以用 eq/ne 和 not_checked、not_applicable；文字不能比较。",
            "Checks: eq/ne with pass or fail. Gates: yes or no. Single choice: eq/ne with an option id; multiple: includes. \
             Numbers and dates: eq … ge with such a value. Any: eq/ne with not_checked or not_applicable. Texts cannot \
             be compared.",
        ],
    );
}
