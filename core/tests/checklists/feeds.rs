//! Mistakes in what feeds the rules are found.

use super::{
    determination::{DATA, lint, one, tree},
    mistakes,
};
use zhicha_core::checklist::author::lint_tree;

#[test]
fn what_nothing_feeds_is_said() {
    one(
        "unfed = { zh = \"条文没有取得。\", en = \"The text was not obtained.\" }\n",
        "",
        "unfed",
        Some("smoke"),
        "smoke",
    );
    one(
        ", unfed = { zh = \"没有检查项。\", en = \"No item.\" }",
        "",
        "unfed",
        Some("doors"),
        "narrow",
    );
    // A feed of the whole rule feeds its parts too.
    let whole = DATA
        .replace("part = \"shut\"\n", "")
        .replace(", unfed = { zh = \"没有检查项。\", en = \"No item.\" }", "");
    assert_eq!(lint(&whole), []);
}

#[test]
fn feeds() {
    one(
        "rule = \"lamps\"",
        "rule = \"lights\"",
        "unknown-rule",
        Some("demo/several"),
        "lights",
    );
    one(
        "rule = \"lamps\"",
        "rule = \"many\"",
        "unknown-rule",
        Some("demo/several"),
        "many",
    );
    one(
        "part = \"shut\"",
        "part = \"narrow\"",
        "unfed",
        Some("doors"),
        "shut",
    );
    one(
        "demo/several",
        "demo/others",
        "unknown-item",
        Some("demo/others"),
        "others",
    );
    one(
        "demo/several",
        "several",
        "unknown-item",
        Some("several"),
        "several",
    );
    one(
        "[\"demo/last\"]",
        "[\"demo/lost\"]",
        "unknown-item",
        Some("demo/lost"),
        "lost",
    );
    let part = "item = \"demo/several\"\npart = \"shut\"";
    one(
        "item = \"demo/several\"",
        part,
        "unknown-part",
        Some("demo/several"),
        "part",
    );
}

#[test]
fn answers_that_the_item_cannot_give() {
    one(
        "answer = \"b\"",
        "answer = \"c\"",
        "wrong-answer",
        Some("demo/several"),
        "answer",
    );
    one(
        "answer = \"b\"",
        "answer = \"fail\"",
        "wrong-answer",
        Some("demo/several"),
        "answer",
    );
    for (item, answer) in [
        ("number", "1"),
        ("words", "x"),
        ("day", "2026-01-01"),
        ("first", "pass"),
    ] {
        let text = DATA
            .replace("demo/several", &format!("demo/{item}"))
            .replace("answer = \"b\"", &format!("answer = \"{answer}\""));
        assert_eq!(lint(&text)[0].code, "wrong-answer", "{item}");
    }
}

#[test]
fn conditions_of_feeds() {
    let with = |item: &str, op: &str, value: &str, code: &str| {
        let from = "{ compare = { item = \"single\", op = \"eq\", value = \"a\" } }";
        let to =
            format!("{{ compare = {{ item = \"{item}\", op = \"{op}\", value = \"{value}\" }} }}");
        one(from, &to, code, Some("demo/second"), "only_if");
    };
    with("nothing", "eq", "a", "dangling-reference");
    with("single", "eq", "c", "wrong-comparison");
    with("words", "eq", "x", "wrong-comparison");
    with("gate", "eq", "perhaps", "wrong-comparison");
    one(
        "{ compare = { item = \"single\", op = \"eq\", value = \"a\" } }",
        "{ all = [] }",
        "empty-condition",
        Some("demo/second"),
        "only_if",
    );
    // Both sections repeated: whose answer would be meant?
    let repeat = "repeat = { noun = { zh = \"间\", en = \"room\" }, max = 3 }";
    let list = mistakes::good()
        .replace("en = \"One\" }", &format!("en = \"One\" }}\n{repeat}"))
        .replace("en = \"Kinds\" }", &format!("en = \"Kinds\" }}\n{repeat}"));
    let found = lint_tree(&tree(list, DATA.to_owned())).findings;
    let codes: Vec<_> = found
        .iter()
        .map(|f| (f.code.as_str(), f.item.as_deref()))
        .collect();
    assert_eq!(codes, [("other-repeat", Some("demo/second"))]);
}

#[test]
fn no_graded_item_is_forgotten() {
    let graded = |item: &str| {
        let from = format!("id = \"{item}\"\n");
        let list = mistakes::good().replace(&from, &format!("{from}severity = \"by_rule\"\n"));
        let text = DATA.replace("[[without]]\nitems = [\"demo/last\"]\nreason = { zh = \"没有这样的规则。\", en = \"No such rule.\" }\n", "");
        lint_tree(&tree(list, text)).findings
    };
    assert_eq!(graded("first"), []);
    let found = graded("last");
    assert_eq!(found[0].code, "not-determined");
    assert_eq!(found[0].item.as_deref(), Some("demo/last"));
    assert_eq!(found[0].file, "checklists/determination.toml");
}

#[test]
fn mistakes_in_a_checklist_are_not_told_again_as_missing_items() {
    let list = mistakes::good().replace("source = \"XX-02\"\n", "");
    let codes: Vec<_> = lint_tree(&tree(list, DATA.to_owned())).findings;
    let codes: Vec<_> = codes.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["missing-field"]);
}
