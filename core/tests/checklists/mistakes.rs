//! Each kind of mistake is found, with its file, line, item and remedy.

use super::{file, references::compare};
use zhicha_core::checklist::author::{Finding, lint_tree};

pub(super) const HEAD: &str = r#"id = "demo"
version = 1
title = { zh = "示例", en = "Example" }
summary = { zh = "示例检查表。", en = "An example." }
status_date = "2026-01-02"
[documents.law]
title = { zh = "虚构法", en = "Invented law" }
[[sections]]
id = "one"
title = { zh = "第一节", en = "One" }
gate = { id = "gate", text = { zh = "有吗？", en = "Any?" } }
"#;

const ITEM: &str = r#"[[sections.items]]
id = "first"
source = "XX-01"
text = { zh = "门能打开。", en = "The door opens." }
answer = { kind = "check" }
bases = [{ document = "law", clause = "1", certainty = "verified" }]
[[sections.items]]
id = "second"
source = "XX-02"
text = { zh = "灯会亮。", en = "The lamp lights." }
answer = { kind = "check" }
"#;

const KINDS: &str = r#"[[sections]]
id = "kinds"
title = { zh = "种类", en = "Kinds" }
[[sections.items]]
id = "number"
source = "XX-03"
text = { zh = "净宽", en = "Width" }
answer = { kind = "number", unit = "m", min = "0", max = "2", decimals = 2 }
[[sections.items]]
id = "single"
source = "XX-04"
text = { zh = "哪一种？", en = "Which?" }
answer = { kind = "single", options = [{ id = "a", text = { zh = "甲", en = "A" } }, { id = "b", text = { zh = "乙", en = "B" } }] }
[[sections.items]]
id = "several"
source = "XX-05"
text = { zh = "哪些？", en = "Which ones?" }
answer = { kind = "multiple", options = [{ id = "a", text = { zh = "甲", en = "A" } }, { id = "b", text = { zh = "乙", en = "B" } }] }
[[sections.items]]
id = "words"
source = "XX-06"
text = { zh = "说明", en = "Remark" }
answer = { kind = "text", max_chars = 10 }
[[sections.items]]
id = "day"
source = "XX-07"
text = { zh = "日期", en = "Date" }
answer = { kind = "date" }
[[sections.items]]
id = "last"
source = "XX-08"
text = { zh = "完好。", en = "It is sound." }
answer = { kind = "check" }
visible_if = { compare = { item = "gate", op = "eq", value = "yes" } }
"#;

pub(super) fn good() -> String {
    format!("{HEAD}{ITEM}{KINDS}")
}

pub(super) fn lint(text: String) -> Vec<Finding> {
    lint_tree(&[file(text)]).findings
}

/// The only mistake after one change: its code, its item, and that its line holds `at`.
#[track_caller]
pub(super) fn one(from: &str, to: &str, code: &str, item: Option<&str>, at: &str) {
    let good = good();
    assert!(good.contains(from), "{from}");
    let text = good.replacen(from, to, 1);
    let found = lint(text.clone());
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = &found[0];
    assert_eq!(finding.code, code, "{finding}");
    assert_eq!(finding.item.as_deref(), item, "{finding}");
    assert_eq!(finding.file, "checklists/demo/1.toml");
    let line = text.lines().nth(finding.line - 1).unwrap();
    assert!(line.contains(at), "line {} is {line}", finding.line);
    for words in [
        &finding.zh,
        &finding.en,
        &finding.remedy_zh,
        &finding.remedy_en,
    ] {
        assert!(!words.is_empty());
    }
    let shown = finding.to_string();
    assert!(shown.contains("1.toml:") && shown.contains(&finding.remedy_zh));
}

#[test]
fn the_example_is_good() {
    assert_eq!(lint(good()), []);
}

#[test]
fn form() {
    one(
        "id = \"first\"",
        "id = \"first\"\ncolour = \"red\"",
        "unknown-field",
        Some("first"),
        "colour",
    );
    one(
        "source = \"XX-02\"\n",
        "",
        "missing-field",
        Some("second"),
        "[[sections.items]]",
    );
    one(
        "kind = \"check\"",
        "kind = \"smell\"",
        "unknown-kind",
        Some("first"),
        "smell",
    );
    one(
        "certainty = \"verified\"",
        "certainty = \"sure\"",
        "unknown-kind",
        Some("first"),
        "sure",
    );
    one(
        "version = 1\n",
        "version = 1\nversion = 2\n",
        "duplicate-key",
        None,
        "version = 2",
    );
    one(
        "\"2026-01-02\"",
        "\"2026-02-30\"",
        "date",
        None,
        "2026-02-30",
    );
    one("\"2026-01-02\"", "2026-01-02", "date", None, "2026-01-02");
    one("version = 1", "version = 1.5", "form", None, "1.5");
    one("version = 1", "version = -1", "form", None, "-1");
    one(
        "op = \"eq\"",
        "op = \"like\"",
        "unknown-kind",
        Some("last"),
        "like",
    );
    one(
        "title = { zh = \"示例\"",
        "title = { zh = \"示例",
        "form",
        None,
        "示例",
    );
}

#[test]
fn mistakes_of_all_items_come_in_one_run() {
    let text = good()
        .replace("source = \"XX-02\"\n", "")
        .replace("source = \"XX-05\"\n", "");
    let items: Vec<_> = lint(text).into_iter().map(|f| f.item.unwrap()).collect();
    assert_eq!(items, ["second", "several"]);
}

#[test]
fn languages_and_statements() {
    one(
        "en = \"The lamp lights.\"",
        "en = \" \"",
        "missing-language",
        Some("second"),
        "灯会亮",
    );
    one(
        "zh = \"有吗？\"",
        "zh = \"\"",
        "missing-language",
        Some("gate"),
        "gate",
    );
    one(
        "zh = \"虚构法\"",
        "zh = \"\"",
        "missing-language",
        None,
        "Invented law",
    );
    one(
        "zh = \"灯会亮。\"",
        "zh = \"灯会亮吗？\"",
        "question",
        Some("second"),
        "灯会亮吗",
    );
    one(
        "The door opens.",
        "Does the door open?",
        "question",
        Some("first"),
        "Does",
    );
}

#[test]
fn ids_and_paths() {
    one(
        "id = \"second\"",
        "id = \"first\"",
        "duplicate-id",
        Some("first"),
        "id = \"first\"",
    );
    let gate = good()
        .replace("id = \"gate\"", "id = \"first\"")
        .replace("item = \"gate\"", "item = \"second\"");
    assert!(
        lint(gate)
            .iter()
            .any(|f| f.code == "duplicate-id" && f.item.as_deref() == Some("first"))
    );
    one(
        "id = \"kinds\"",
        "id = \"one\"",
        "duplicate-id",
        Some("one"),
        "one",
    );
    one(
        "id = \"b\"",
        "id = \"a\"",
        "duplicate-option",
        Some("single"),
        "single",
    );
    one(
        "id = \"second\"",
        "id = \"第二\"",
        "id-form",
        Some("第二"),
        "第二",
    );
    one(
        "id = \"second\"",
        "id = \"a--b\"",
        "id-form",
        Some("a--b"),
        "a--b",
    );
    one(
        "id = \"kinds\"",
        "id = \"Kinds\"",
        "id-form",
        Some("Kinds"),
        "Kinds",
    );
    one("id = \"demo\"", "id = \"other\"", "path", None, "other");
    one("version = 1", "version = 7", "path", None, "version = 7");
    let zero = lint_tree(&[super::SourceFile {
        path: "draft.toml".into(),
        text: good().replace("version = 1", "version = 0"),
    }]);
    assert_eq!(zero.findings[0].code, "version");
}

#[test]
fn documents_and_bases() {
    one(
        "document = \"law\"",
        "document = \"lore\"",
        "unknown-document",
        Some("first"),
        "lore",
    );
}

#[test]
fn document_dates_and_successors() {
    let with = |more: &str| {
        let new = format!("en = \"Invented law\" }}\n{more}\n");
        lint(good().replacen("en = \"Invented law\" }\n", &new, 1))
    };
    let code = |more: &str| with(more).into_iter().map(|f| f.code).collect::<Vec<_>>();
    assert_eq!(
        code("effective_from = \"2020-01-02\"\neffective_to = \"2020-01-01\""),
        ["dates"]
    );
    assert_eq!(
        code("effective_to = \"2020-01-01\"\nsuccessor = \"new\""),
        ["successor"]
    );
    assert_eq!(code("successor = \"law\""), ["successor"]);
    assert_eq!(
        code("[documents.spare]\ntitle = { zh = \"甲\", en = \"A\" }"),
        ["unused-document"]
    );
    let good = "effective_to = \"2020-01-01\"\nsuccessor = \"next\"\n[documents.next]\ntitle = { zh = \"甲\", en = \"A\" }";
    assert_eq!(code(good), [""; 0]);
    let line = with("effective_from = \"2020-01-02\"\neffective_to = \"2020-01-01\"")[0].line;
    assert_eq!(line, 9);
}

#[test]
fn large_and_deep_files_are_refused_without_harm() {
    let big = format!("{}# {}\n", good(), "x".repeat(10 * 1024 * 1024));
    assert_eq!(lint(big)[0].code, "too-large");
    let dots = format!("{}{} = 1\n", good(), "a.".repeat(300_000) + "a");
    let found = lint(dots);
    assert_eq!(found[0].code, "too-deep");
    assert_eq!(found[0].line, good().lines().count() + 1);
    for (open, close) in [("[", "]"), ("{ a = ", " }"), ("{ not = ", " }")] {
        let n = 60_000;
        let text = format!("x = {}1{}\n{}", open.repeat(n), close.repeat(n), good());
        assert!(!lint(text).is_empty());
    }
    let nested = format!(
        "{}{}{}",
        "{ not = ".repeat(70),
        compare("first", "eq", "pass"),
        " }".repeat(70)
    );
    let text = good().replacen(&compare("gate", "eq", "yes"), &nested, 1);
    let found = lint(text);
    assert!(
        found
            .iter()
            .all(|f| f.item.as_deref() == Some("last") || f.item.is_none())
    );
    let tables = format!("{}[{}]\n", good(), vec!["a"; 60].join("."));
    assert_eq!(lint(tables)[0].code, "unknown-field");
}
