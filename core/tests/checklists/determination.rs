//! Each kind of mistake in the determination data is found, with its line, what it concerns and remedy.

use super::{file, mistakes};
use zhicha_core::checklist::author::{Finding, SourceFile, lint_tree};

pub(super) const DATA: &str = r#"status_date = "2026-01-02"
[documents.old]
title = { zh = "虚构判定标准", en = "Invented criteria" }
number = "XX 1-2000"
effective_to = "2020-12-31"
successor = "new"
certainty = "verified"
[documents.new]
title = { zh = "虚构判定标准", en = "Invented criteria" }
certainty = "recalled"
standing = "draft"
note = { zh = "没有规则。", en = "No rules." }
[[rules]]
id = "doors"
title = { zh = "门", en = "Doors" }
document = "old"
clause = "1.1"
certainty = "verified"
form = "any"
parts = [
  { id = "shut", title = { zh = "锁闭", en = "Shut" } },
  { id = "narrow", title = { zh = "太窄", en = "Narrow" }, unfed = { zh = "没有检查项。", en = "No item." } },
]
[[rules]]
id = "lamps"
title = { zh = "灯", en = "Lamps" }
document = "old"
clause = "1.2"
certainty = "recalled"
form = "direct"
gives = "element"
[[rules]]
id = "smoke"
title = { zh = "烟", en = "Smoke" }
document = "old"
clause = "1.3"
certainty = "recalled"
form = "manual"
gives = "element"
judgement = { zh = "由人判断。", en = "A person judges." }
unfed = { zh = "条文没有取得。", en = "The text was not obtained." }
[[rules]]
id = "many"
title = { zh = "两条以上", en = "Two or more" }
document = "old"
clause = "2"
certainty = "recalled"
form = "count"
at_least = 2
of = ["lamps", "smoke"]
[[feeds]]
rule = "doors"
part = "shut"
item = "demo/first"
answer = "fail"
[[feeds]]
rule = "lamps"
item = "demo/second"
answer = "fail"
only_if = { compare = { item = "single", op = "eq", value = "a" } }
ask = { zh = "是哪一盏？", en = "Which one?" }
[[feeds]]
rule = "lamps"
item = "demo/several"
answer = "b"
[[without]]
items = ["demo/last"]
reason = { zh = "没有这样的规则。", en = "No such rule." }
"#;

pub(super) fn tree(list: String, data: String) -> [SourceFile; 2] {
    let path = "checklists/determination.toml".into();
    [file(list), SourceFile { path, text: data }]
}

pub(super) fn lint(data: &str) -> Vec<Finding> {
    lint_tree(&tree(mistakes::good(), data.to_owned())).findings
}

/// The only mistake after one change, as in `mistakes`; of several like it the last is changed.
#[track_caller]
pub(super) fn one(from: &str, to: &str, code: &str, item: Option<&str>, at: &str) {
    let place = DATA.rfind(from).unwrap_or_else(|| panic!("{from}"));
    let text = format!("{}{to}{}", &DATA[..place], &DATA[place + from.len()..]);
    let found = lint(&text);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = &found[0];
    assert_eq!(finding.code, code, "{finding}");
    assert_eq!(finding.item.as_deref(), item, "{finding}");
    assert_eq!(finding.file, "checklists/determination.toml");
    let line = text.lines().nth(finding.line - 1).unwrap();
    assert!(line.contains(at), "line {} is {line}", finding.line);
    let words = [&finding.zh, &finding.en];
    let remedy = [&finding.remedy_zh, &finding.remedy_en];
    assert!(words.iter().chain(&remedy).all(|words| !words.is_empty()));
}

#[test]
fn the_example_is_good_and_no_checklist() {
    let report = lint_tree(&tree(mistakes::good(), DATA.to_owned()));
    assert_eq!((report.findings, report.checklists), (vec![], 1));
    // By itself its items cannot be looked for.
    let [_, alone] = tree(mistakes::good(), DATA.to_owned());
    assert_eq!(lint_tree(&[alone]).findings, []);
}

#[test]
fn form() {
    let colour = "form = \"count\"\ncolour = \"red\"";
    one(
        "form = \"count\"",
        colour,
        "unknown-field",
        Some("many"),
        "colour",
    );
    let found = lint(&DATA.replace("form = \"count\"", colour));
    assert!(found[0].remedy_en.contains("README.md"), "{}", found[0]);
    one(
        "form = \"count\"",
        "form = \"some\"",
        "unknown-kind",
        Some("many"),
        "some",
    );
    one(
        "clause = \"2\"\n",
        "",
        "missing-field",
        Some("many"),
        "[[rules]]",
    );
    one(
        "answer = \"b\"\n",
        "",
        "missing-field",
        Some("demo/several"),
        "[[feeds]]",
    );
    one(
        "reason = { zh = \"没有这样的规则。\", en = \"No such rule.\" }\n",
        "",
        "missing-field",
        None,
        "[[without]]",
    );
    one(
        "\"2020-12-31\"",
        "\"2020-12-32\"",
        "date",
        None,
        "2020-12-32",
    );
    one(
        "certainty = \"recalled\"\nstanding",
        "certainty = \"sure\"\nstanding",
        "unknown-kind",
        None,
        "sure",
    );
}

#[test]
fn words_in_both_languages() {
    one(
        "en = \"Lamps\"",
        "en = \" \"",
        "missing-language",
        Some("lamps"),
        "灯",
    );
    one(
        "zh = \"锁闭\"",
        "zh = \"\"",
        "missing-language",
        Some("doors"),
        "Shut",
    );
    one(
        "zh = \"由人判断。\"",
        "zh = \"\"",
        "missing-language",
        Some("smoke"),
        "judgement",
    );
    one(
        "en = \"Which one?\"",
        "en = \"\"",
        "missing-language",
        Some("demo/second"),
        "ask",
    );
    one(
        "en = \"No such rule.\"",
        "en = \"\"",
        "missing-language",
        None,
        "reason",
    );
    one(
        "en = \"No rules.\"",
        "en = \"\"",
        "missing-language",
        None,
        "note",
    );
}

#[test]
fn documents_and_ids() {
    one(
        "document = \"old\"",
        "document = \"elder\"",
        "unknown-document",
        Some("many"),
        "elder",
    );
    one(
        "clause = \"2\"",
        "clause = \" \"",
        "empty-clause",
        Some("many"),
        "clause",
    );
    one(
        "successor = \"new\"",
        "successor = \"next\"",
        "successor",
        None,
        "next",
    );
    one(
        "number = \"XX 1-2000\"",
        "effective_from = \"2021-01-01\"",
        "dates",
        None,
        "effective_to",
    );
    one(
        "note = { zh = \"没有规则。\", en = \"No rules.\" }\n",
        "",
        "unused-document",
        None,
        "documents.new",
    );
    one(
        "id = \"many\"",
        "id = \"doors\"",
        "duplicate-id",
        Some("doors"),
        "doors",
    );
    one(
        "id = \"narrow\"",
        "id = \"shut\"",
        "duplicate-id",
        Some("doors"),
        "shut",
    );
    let feed = "[[feeds]]\nrule = \"lamps\"\nitem = \"demo/several\"\nanswer = \"b\"\n";
    one(
        feed,
        &feed.repeat(2),
        "duplicate-id",
        Some("demo/several"),
        "[[feeds]]",
    );
    one(
        "[\"demo/last\"]",
        "[\"demo/last\", \"demo/last\"]",
        "duplicate-id",
        Some("demo/last"),
        "items",
    );
    one(
        "[\"demo/last\"]",
        "[\"demo/first\"]",
        "duplicate-id",
        Some("demo/first"),
        "items",
    );
    let law = "[documents.law]\ntitle = { zh = \"虚构法\", en = \"Invented law\" }\nnumber = \"1\"\ncertainty = \"verified\"\nnote = { zh = \"无\", en = \"None\" }\n[documents.new]";
    let list = mistakes::good().replace("[documents.law]\n", "[documents.law]\nnumber = \"2\"\n");
    let found = lint_tree(&tree(list, DATA.replace("[documents.new]", law))).findings;
    assert_eq!(found[0].code, "document-differs", "{found:#?}");
}

#[test]
fn rules_and_their_parts() {
    let part = ",\n  { id = \"narrow\", title = { zh = \"太窄\", en = \"Narrow\" }, unfed = { zh = \"没有检查项。\", en = \"No item.\" } }";
    one(part, "", "parts", Some("doors"), "parts");
    one(
        "form = \"any\"",
        "form = \"direct\"",
        "parts",
        Some("doors"),
        "parts",
    );
    one(
        "at_least = 2",
        "at_least = 3",
        "count",
        Some("many"),
        "at_least",
    );
    one("at_least = 2\n", "", "count", Some("many"), "[[rules]]");
    one(
        "form = \"direct\"",
        "form = \"direct\"\nat_least = 1",
        "count",
        Some("lamps"),
        "at_least",
    );
    one(
        "[\"lamps\", \"smoke\"]",
        "[\"lamps\", \"lamps\"]",
        "count",
        Some("many"),
        "at_least",
    );
    one("\"smoke\"]", "\"fog\"]", "unknown-rule", Some("many"), "of");
    one(
        "\"smoke\"]",
        "\"doors\"]",
        "unknown-rule",
        Some("many"),
        "of",
    );
}
