//! Ids: their form, their uniqueness, and that they agree with the path of the file.

use super::{Path, Sheet, items, sections};
use crate::checklist::{AnswerKind, Checklist};
use std::collections::BTreeSet;

pub(super) fn check(checklist: &Checklist, expected: Option<(&str, u32)>, sheet: &mut Sheet) {
    form(Path::default().key("id"), None, &checklist.id, false, sheet);
    if checklist.version == 0 {
        sheet.note(
            Path::default().key("version"),
            None,
            "version",
            ["版本号是 0。".into(), "The version number is 0.".into()],
            ["版本号从 1 开始。", "Count versions from 1."],
        );
    }
    if let Some((id, version)) = expected {
        agrees(checklist, id, version, sheet);
    }
    let mut seen = BTreeSet::new();
    for (path, section) in sections(checklist) {
        let id = section.id.as_str();
        form(path.clone().key("id"), Some(id), id, false, sheet);
        unique(path.clone().key("id"), id, &mut seen, sheet);
        if let Some(gate) = &section.gate {
            let path = path.clone().key("gate").key("id");
            form(path.clone(), Some(&gate.id), &gate.id, true, sheet);
            unique(path, &gate.id, &mut seen, sheet);
        }
    }
    for (path, item) in items(checklist) {
        let id = item.id.as_str();
        form(path.clone().key("id"), Some(id), id, true, sheet);
        unique(path.clone().key("id"), id, &mut seen, sheet);
        options(&path, id, &item.answer, sheet);
    }
}

fn options(path: &Path, item: &str, answer: &AnswerKind, sheet: &mut Sheet) {
    let (AnswerKind::Single { options } | AnswerKind::Multiple { options }) = answer else {
        return;
    };
    let mut seen = BTreeSet::new();
    for (i, option) in options.iter().enumerate() {
        let path = path.clone().key("answer").key("options").at(i).key("id");
        form(path.clone(), Some(item), &option.id, false, sheet);
        let reserved = ["pass", "fail", "not_applicable", "not_checked"];
        if reserved.contains(&option.id.as_str()) || !seen.insert(&option.id) {
            let id = &option.id;
            sheet.note(
                path,
                Some(item),
                "duplicate-option",
                [
                    format!("选项 id “{id}” 重复或是保留字。"),
                    format!("Option id “{id}” is used twice or reserved."),
                ],
                ["每个选项用不同的 id。", "Give each option its own id."],
            );
        }
    }
}

fn agrees(checklist: &Checklist, id: &str, version: u32, sheet: &mut Sheet) {
    if checklist.id != id {
        sheet.note(
            Path::default().key("id"),
            None,
            "path",
            [
                format!("id “{}” 与文件夹 “{id}” 不一致。", checklist.id),
                format!("Id “{}” differs from the folder “{id}”.", checklist.id),
            ],
            [
                "改 id，或把文件移到同名文件夹。",
                "Change the id, or move the file to the folder of that name.",
            ],
        );
    }
    if checklist.version != version {
        let found = checklist.version;
        sheet.note(
            Path::default().key("version"),
            None,
            "path",
            [
                format!("版本 {found} 与文件名 {version}.toml 不一致。"),
                format!("Version {found} differs from the file name {version}.toml."),
            ],
            [
                "改 version，或改文件名。",
                "Change the version or the file name.",
            ],
        );
    }
}

// Items may carry the capitals of their row (`FE-01`); everything else is kebab case.
fn form(path: Path, item: Option<&str>, id: &str, capitals: bool, sheet: &mut Sheet) {
    let letter = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || (capitals && c.is_ascii_uppercase())
    };
    let part = |p: &str| !p.is_empty() && p.chars().all(letter);
    if id.len() <= 64 && id.split('-').all(part) {
        return;
    }
    let shown: String = id.chars().take(64).collect();
    sheet.note(
        path,
        item,
        "id-form",
        [
            format!("id “{shown}” 的写法不对。"),
            format!("Id “{shown}” has the wrong form."),
        ],
        [
            "用小写字母、数字和单个连字符（检查项可用大写），最多 64 个字符，例如 fire-doors、FE-01-door。",
            "Use lower-case letters, digits and single hyphens (items may use capitals), at most 64 characters, \
             for example fire-doors or FE-01-door.",
        ],
    );
}

fn unique<'a>(path: Path, id: &'a str, seen: &mut BTreeSet<&'a str>, sheet: &mut Sheet) {
    if seen.insert(id) {
        return;
    }
    sheet.note(
        path,
        Some(id),
        "duplicate-id",
        [
            format!("id “{id}” 已经用过。"),
            format!("Id “{id}” is used already."),
        ],
        [
            "检查项、前提和章节的 id 各不相同；换一个。",
            "Items, gates and sections each need their own id; choose another.",
        ],
    );
}
