//! Sections, repeats, answer kinds and severities.

use super::{Path, Sheet, items, sections};
use crate::{
    checklist::{AnswerKind, Checklist, Item, Severity},
    decimal::Decimal,
};

const MOST_ITEMS: usize = 2000;
const MOST_INSTANCES: u16 = 200;

pub(super) fn check(checklist: &Checklist, sheet: &mut Sheet) {
    if checklist.sections.is_empty() || items(checklist).count() > MOST_ITEMS {
        sheet.note(
            Path::default().key("sections"),
            None,
            "sections",
            [
                format!("没有章节，或检查项多于 {MOST_ITEMS} 个。"),
                format!("There is no section, or there are more than {MOST_ITEMS} items."),
            ],
            [
                "写至少一个章节；太大的检查表分成几份。",
                "Write at least one section; split a checklist that is too large.",
            ],
        );
    }
    for (path, section) in sections(checklist) {
        let id = section.id.as_str();
        if section.items.is_empty() {
            sheet.note(
                path.clone(),
                Some(id),
                "empty-section",
                [
                    format!("章节 “{id}” 没有检查项。"),
                    format!("Section “{id}” has no items."),
                ],
                [
                    "写入检查项，或删去章节。",
                    "Add items or remove the section.",
                ],
            );
        }
        let max = section.repeat.as_ref().map(|r| r.max);
        if let Some(max) = max.filter(|m| *m == 0 || *m > MOST_INSTANCES) {
            sheet.note(
                path.key("repeat").key("max"),
                Some(id),
                "repeat",
                [
                    format!("重复次数上限是 {max}。"),
                    format!("The most instances are {max}."),
                ],
                ["上限在 1 到 200 之间。", "Choose a limit from 1 to 200."],
            );
        }
    }
    for (path, item) in items(checklist) {
        answer(&path.clone().key("answer"), item, sheet);
        severity(path, item, sheet);
    }
}

fn answer(path: &Path, item: &Item, sheet: &mut Sheet) {
    match &item.answer {
        AnswerKind::Number {
            min, max, decimals, ..
        } => number(
            path,
            &item.id,
            [min, max].map(|l| l.as_deref()),
            *decimals,
            sheet,
        ),
        AnswerKind::Single { options } | AnswerKind::Multiple { options } if options.len() < 2 => {
            sheet.note(
                path.clone(),
                Some(&item.id),
                "options",
                [
                    "选项少于两个。".into(),
                    "There are fewer than two options.".into(),
                ],
                ["写至少两个选项。", "Write at least two options."],
            );
        }
        AnswerKind::Text { max_chars: 0 } => sheet.note(
            path.clone(),
            Some(&item.id),
            "limits",
            [
                "文字上限是 0 个字符。".into(),
                "The text may have 0 characters.".into(),
            ],
            [
                "写 1 或更大的 max_chars，或删去它。",
                "Write a max_chars of 1 or more, or leave it out.",
            ],
        ),
        _ => {}
    }
}

fn number(path: &Path, item: &str, limits: [Option<&str>; 2], decimals: u8, sheet: &mut Sheet) {
    let read = limits.map(|l| l.map(str::parse::<Decimal>));
    let bad = read.iter().any(|l| matches!(l, Some(Err(_))));
    let reversed = match &read {
        [Some(Ok(min)), Some(Ok(max))] => min.compare(max).is_gt(),
        _ => false,
    };
    if bad || reversed || decimals > 9 {
        sheet.note(
            path.clone(),
            Some(item),
            "limits",
            [
                "数值上下限写反、不是十进制数，或小数位多于 9。".into(),
                "The limits are reversed or not decimal, or there are more than 9 decimals.".into(),
            ],
            [
                "min 不大于 max，都写成字符串，例如 min = \"0\"、max = \"9.50\"。",
                "Write min no greater than max, both as strings, for example min = \"0\" and max = \"9.50\".",
            ],
        );
    }
}

fn severity(path: Path, item: &Item, sheet: &mut Sheet) {
    let grave = matches!(item.severity, Severity::Major | Severity::DirectMajor);
    if grave && item.bases.is_empty() && item.severity_bases.is_empty() {
        sheet.note(
            path.clone().key("severity"),
            Some(&item.id),
            "severity-basis",
            [
                "定为重大却没有依据。".into(),
                "A major severity without any basis.".into(),
            ],
            [
                "写明 bases 或 severity_bases；没有依据就不能定为重大。",
                "Give bases or severity_bases; without a basis it cannot be major.",
            ],
        );
    }
    if item.severity != Severity::General && item.answer != AnswerKind::Check {
        sheet.note(
            path.key("severity"),
            Some(&item.id),
            "severity-kind",
            [
                "只有合格/不合格项才有严重程度。".into(),
                "Only pass/fail items have a severity.".into(),
            ],
            [
                "删去 severity，或改成 check 项。",
                "Remove the severity, or make it a check item.",
            ],
        );
    }
}
