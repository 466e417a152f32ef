//! Conditions are three-valued.

use super::visibility::{number, unchecked};
use zhicha_core::{
    answer::AnswerValue,
    checklist::{
        Condition,
        Truth::{self, False, True, Unknown},
    },
};

fn answer(id: &str) -> Option<AnswerValue> {
    match id {
        "pass" => Some(AnswerValue::Pass),
        "unchecked" => Some(unchecked()),
        "absent" => Some(AnswerValue::NotApplicable),
        "day" => Some(AnswerValue::Date {
            value: "2026-01-02".parse().unwrap(),
        }),
        "several" => Some(AnswerValue::Choices {
            value: vec!["a".into(), "b".into()],
        }),
        "width" => Some(number("0.8")),
        _ => None,
    }
}

fn eval(json: &str) -> Truth {
    serde_json::from_str::<Condition>(json)
        .unwrap()
        .eval(&answer)
}

fn compare(item: &str, op: &str, value: &str) -> String {
    format!(r#"{{"compare":{{"item":"{item}","op":"{op}","value":"{value}"}}}}"#)
}

#[test]
fn groups() {
    let [t, f, u] = [("pass", "pass"), ("pass", "fail"), ("open", "pass")]
        .map(|(item, value)| compare(item, "eq", value));
    let all = |a: &str, b: &str| eval(&format!(r#"{{"all":[{a},{b}]}}"#));
    let any = |a: &str, b: &str| eval(&format!(r#"{{"any":[{a},{b}]}}"#));
    let not = |a: &str| eval(&format!(r#"{{"not":{a}}}"#));
    let two = |a: &str, b: &str, c: &str| {
        eval(&format!(
            r#"{{"count":{{"at_least":2,"of":[{a},{b},{c}]}}}}"#
        ))
    };
    assert_eq!(
        [all(&t, &t), all(&t, &u), all(&f, &u)],
        [True, Unknown, False]
    );
    assert_eq!(
        [any(&t, &u), any(&f, &u), any(&f, &f)],
        [True, Unknown, False]
    );
    assert_eq!([not(&t), not(&u), not(&f)], [False, Unknown, True]);
    assert_eq!(
        [two(&t, &t, &u), two(&t, &f, &u), two(&f, &f, &u)],
        [True, Unknown, False]
    );
}

#[test]
fn comparisons() {
    for (item, op, value, expected) in [
        ("open", "eq", "pass", Unknown),
        ("unchecked", "eq", "pass", Unknown),
        ("unchecked", "ne", "pass", Unknown),
        ("unchecked", "eq", "not_checked", True),
        ("pass", "eq", "not_checked", False),
        ("width", "eq", "not_checked", False),
        ("several", "eq", "not_checked", False),
        ("absent", "eq", "not_applicable", True),
        ("absent", "eq", "pass", False),
        ("absent", "lt", "3", False),
        ("width", "lt", "0.80", False),
        ("width", "ge", "0.80", True),
        ("width", "eq", "0.80", True),
        ("day", "gt", "2026-01-01", True),
        ("day", "lt", "2026-01-01", False),
        ("several", "includes", "b", True),
        ("several", "includes", "c", False),
    ] {
        assert_eq!(
            eval(&compare(item, op, value)),
            expected,
            "{item} {op} {value}"
        );
    }
}
