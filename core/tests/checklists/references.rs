//! Conditions that cannot work are found: dangling, cyclic, in the wrong order, of the wrong kind.

use super::mistakes::{good, lint, one};

fn condition(inner: &str, code: &str) {
    let from = r#"{ compare = { item = "gate", op = "eq", value = "yes" } }"#;
    one(from, inner, code, Some("last"), "visible_if");
}

pub(super) fn compare(item: &str, op: &str, value: &str) -> String {
    format!(r#"{{ compare = {{ item = "{item}", op = "{op}", value = "{value}" }} }}"#)
}

#[test]
fn references() {
    condition(&compare("nothing", "eq", "pass"), "dangling-reference");
    condition(&compare("last", "eq", "pass"), "cycle");
    condition("{ all = [] }", "empty-condition");
    condition(
        "{ count = { at_least = 0, of = [{ compare = { item = \"first\", op = \"eq\", value = \"pass\" } }] } }",
        "empty-condition",
    );
    condition(
        "{ count = { at_least = 2, of = [{ compare = { item = \"first\", op = \"eq\", value = \"pass\" } }] } }",
        "empty-condition",
    );
    let later = format!(
        "en = \"The door opens.\" }}\nvisible_if = {}",
        compare("second", "eq", "pass")
    );
    one(
        "en = \"The door opens.\" }",
        &later,
        "later-reference",
        Some("first"),
        "visible_if",
    );
    let cycle = format!(
        "en = \"The door opens.\" }}\nvisible_if = {}",
        compare("last", "eq", "pass")
    );
    let both = good()
        .replacen("en = \"The door opens.\" }", &cycle, 1)
        .replacen(
            r#"item = "gate", op = "eq", value = "yes""#,
            r#"item = "first", op = "eq", value = "pass""#,
            1,
        );
    let found = lint(both);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code.as_str(), found[0].item.as_deref()),
        ("cycle", Some("first"))
    );
}

#[test]
fn a_reference_into_another_repeated_section() {
    let text = good()
        .replacen(
            "en = \"One\" }",
            "en = \"One\" }\nrepeat = { noun = { zh = \"间\", en = \"room\" }, max = 3 }",
            1,
        )
        .replacen(
            r#"item = "gate", op = "eq", value = "yes""#,
            r#"item = "first", op = "eq", value = "pass""#,
            1,
        );
    let found = lint(text);
    assert_eq!(found[0].code, "other-repeat");
    assert_eq!(found[0].item.as_deref(), Some("last"));
}

#[test]
fn comparisons_that_can_never_hold() {
    for (item, op, value) in [
        ("first", "lt", "pass"),
        ("first", "eq", "maybe"),
        ("gate", "eq", "pass"),
        ("gate", "lt", "yes"),
        ("number", "lt", "wide"),
        ("number", "includes", "1"),
        ("single", "eq", "c"),
        ("single", "includes", "a"),
        ("several", "eq", "a"),
        ("several", "includes", "c"),
        ("words", "eq", "x"),
        ("day", "lt", "soon"),
        ("day", "lt", "not_checked"),
    ] {
        condition(&compare(item, op, value), "wrong-comparison");
    }
    for (item, op, value) in [
        ("first", "ne", "fail"),
        ("first", "eq", "not_applicable"),
        ("gate", "eq", "not_checked"),
        ("number", "ge", "1.50"),
        ("single", "ne", "b"),
        ("several", "includes", "b"),
        ("words", "eq", "not_checked"),
        ("day", "lt", "2026-01-01"),
    ] {
        let from = compare("gate", "eq", "yes");
        let text = good().replacen(&from, &compare(item, op, value), 1);
        assert_eq!(lint(text), [], "{item} {op} {value}");
    }
}
