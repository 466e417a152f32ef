//! Mistakes in sections, repeats, answer kinds and severities are found.

use super::mistakes::{HEAD, good, lint, one};
use std::fmt::Write as _;

#[test]
fn sections_and_kinds() {
    one(
        "[[sections]]\nid = \"kinds\"",
        "[[sections]]\nid = \"empty\"\ntitle = { zh = \"空\", en = \"Empty\" }\nitems = []\n[[sections]]\nid = \"kinds\"",
        "empty-section",
        Some("empty"),
        "[[sections]]",
    );
    let repeat = |max: u32| {
        format!(
            "en = \"Kinds\" }}\nrepeat = {{ noun = {{ zh = \"间\", en = \"room\" }}, max = {max} }}"
        )
    };
    one(
        "en = \"Kinds\" }",
        &repeat(0),
        "repeat",
        Some("kinds"),
        "max = 0",
    );
    one(
        "en = \"Kinds\" }",
        &repeat(201),
        "repeat",
        Some("kinds"),
        "max = 201",
    );
}

#[test]
fn answer_kinds_and_severities() {
    one(
        ", { id = \"b\", text = { zh = \"乙\", en = \"B\" } }]",
        "]",
        "options",
        Some("single"),
        "answer",
    );
    one(
        "min = \"0\"",
        "min = \"3\"",
        "limits",
        Some("number"),
        "min",
    );
    one(
        "max = \"2\"",
        "max = \"2,5\"",
        "limits",
        Some("number"),
        "2,5",
    );
    one(
        "decimals = 2",
        "decimals = 10",
        "limits",
        Some("number"),
        "decimals",
    );
    one(
        "max_chars = 10",
        "max_chars = 0",
        "limits",
        Some("words"),
        "max_chars",
    );
    one(
        "clause = \"1\"",
        "clause = \" \"",
        "empty-clause",
        Some("first"),
        "clause",
    );
    let major = "en = \"The lamp lights.\" }\nseverity = \"major\"";
    one(
        "en = \"The lamp lights.\" }",
        major,
        "severity-basis",
        Some("second"),
        "severity",
    );
    let number = "en = \"Width\" }\nseverity = \"by_rule\"";
    one(
        "en = \"Width\" }",
        number,
        "severity-kind",
        Some("number"),
        "severity",
    );
}

#[test]
fn no_sections_and_too_many_items() {
    let none = HEAD.split("[[sections]]").next().unwrap();
    let codes: Vec<_> = lint(none.to_owned()).into_iter().map(|f| f.code).collect();
    assert!(codes.contains(&"missing-field".to_owned()), "{codes:?}");
    let empty = none.replace("[documents.law]", "sections = []\n[documents.law]");
    let codes: Vec<_> = lint(empty).into_iter().map(|f| f.code).collect();
    assert!(codes.contains(&"sections".to_owned()), "{codes:?}");
    let mut many = good();
    for n in 0..2100 {
        write!(many, "[[sections.items]]\nid = \"m{n}\"\nsource = \"X\"\ntext = {{ zh = \"好。\", en = \"Good.\" }}\nanswer = {{ kind = \"check\" }}\n").unwrap();
    }
    assert_eq!(lint(many)[0].code, "sections");
}
