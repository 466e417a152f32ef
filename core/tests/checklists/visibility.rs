//! What is asked and what is missing, one answer at a time.

use super::{checklists, file};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::LazyLock};
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Checklist, Condition, GateState, Index, ItemState, Row, View, author},
};

const TEXT: &str = r#"
id = "demo"
version = 1
title = { zh = "示例", en = "Example" }
summary = { zh = "示例检查表。", en = "An example." }
status_date = "2026-01-02"
documents = {}
[[sections]]
id = "before"
title = { zh = "前提", en = "Before" }
[[sections.items]]
id = "class"
source = "X"
text = { zh = "哪一类？", en = "Which class?" }
answer = { kind = "single", options = [{ id = "a", text = { zh = "甲", en = "A" } }, { id = "b", text = { zh = "乙", en = "B" } }] }
[[sections]]
id = "rooms"
title = { zh = "房间", en = "Rooms" }
gate = { id = "has-rooms", text = { zh = "有房间吗？", en = "Rooms?" } }
repeat = { noun = { zh = "房间", en = "room" }, max = 9 }
[[sections.items]]
id = "door"
source = "X"
text = { zh = "门好。", en = "The door is good." }
answer = { kind = "check" }
visible_if = { compare = { item = "class", op = "eq", value = "a" } }
[[sections.items]]
id = "width"
source = "X"
text = { zh = "净宽", en = "Width" }
answer = { kind = "number", decimals = 2 }
visible_if = { compare = { item = "door", op = "eq", value = "fail" } }
[[sections.items]]
id = "why"
source = "X"
text = { zh = "原因", en = "Why" }
answer = { kind = "text" }
required = false
visible_if = { compare = { item = "width", op = "lt", value = "0.80" } }
"#;

type Answers = BTreeMap<(String, String), AnswerValue>;

fn choice(value: &str) -> AnswerValue {
    let value = value.to_owned();
    AnswerValue::Choice { value }
}

pub(super) fn number(value: &str) -> AnswerValue {
    let value = value.parse().unwrap();
    AnswerValue::Number { value }
}

pub(super) fn unchecked() -> AnswerValue {
    let reason = "示例".to_owned();
    AnswerValue::NotChecked { reason }
}

fn with<T>(checklist: &Checklist, answers: &Answers, f: impl FnOnce(View<'_>) -> T) -> T {
    indexed(checklist, &Index::new(checklist), answers, f)
}

fn indexed<T>(
    checklist: &Checklist,
    index: &Index,
    answers: &Answers,
    f: impl FnOnce(View<'_>) -> T,
) -> T {
    let answer = |item: &str, at: &str| answers.get(&(item.into(), at.into())).cloned();
    f(View {
        checklist,
        index,
        answer: &answer,
    })
}

fn answers(all: &[(&str, &str, AnswerValue)]) -> Answers {
    let all = all.iter().cloned();
    all.map(|(i, at, v)| ((i.to_owned(), at.to_owned()), v))
        .collect()
}

fn demo() -> Checklist {
    author::read(&file(TEXT), &[]).unwrap()
}

fn state(all: &[(&str, &str, AnswerValue)], id: &str, at: &str) -> ItemState {
    with(&demo(), &answers(all), |v| v.row(id, at).unwrap().state)
}

fn missing(all: &[(&str, &str, AnswerValue)], rooms: u16) -> Vec<String> {
    let name = |r: Row| format!("{}/{}", r.id, r.instance);
    with(&demo(), &answers(all), |v| {
        let rows = v.walk(&|_| rooms).into_iter();
        rows.filter(|r| r.missing).map(name).collect()
    })
}

#[test]
fn gates_come_first() {
    let gate = |all: &[_]| with(&demo(), &answers(all), |v| v.gate(&v.checklist.sections[1]));
    assert_eq!(gate(&[]), GateState::Unanswered);
    assert_eq!(gate(&[("has-rooms", "", choice("yes"))]), GateState::Open);
    assert_eq!(
        gate(&[("has-rooms", "", choice("no"))]),
        GateState::NotApplicable
    );
    assert_eq!(
        gate(&[("has-rooms", "", unchecked())]),
        GateState::NotChecked
    );
    // Until the gate is answered it is the one missing answer of its section, however many rooms there are.
    assert_eq!(missing(&[], 3), ["class/", "has-rooms/"]);
    assert_eq!(
        missing(
            &[("class", "", choice("a")), ("has-rooms", "", choice("no"))],
            3
        ),
        [""; 0]
    );
}

#[test]
fn an_open_repeated_section_without_instances_is_missing() {
    let all = [("class", "", choice("a")), ("has-rooms", "", choice("yes"))];
    assert_eq!(missing(&all, 0), ["rooms/"]);
    assert_eq!(missing(&all, 2), ["door/1", "door/2"]);
}

#[test]
fn a_hidden_or_waiting_item_is_neither_answered_nor_missing() {
    let open = ("has-rooms", "", choice("yes"));
    assert_eq!(
        state(std::slice::from_ref(&open), "door", "1"),
        ItemState::Waiting
    );
    assert_eq!(
        state(&[open.clone(), ("class", "", choice("b"))], "door", "1"),
        ItemState::Hidden
    );
    assert_eq!(
        state(&[open.clone(), ("class", "", unchecked())], "door", "1"),
        ItemState::Waiting
    );
    let stale = [
        open,
        ("class", "", choice("b")),
        ("door", "1", AnswerValue::Fail),
    ];
    let row = with(&demo(), &answers(&stale), |v| v.row("door", "1").unwrap());
    assert!(!row.answered && !row.missing);
}

#[test]
fn an_answer_counts_only_while_its_question_is_asked() {
    let chain = |class: &str| {
        [
            ("has-rooms", "", choice("yes")),
            ("class", "", choice(class)),
            ("door", "1", AnswerValue::Fail),
            ("width", "1", number("0.7")),
        ]
    };
    assert_eq!(state(&chain("a"), "why", "1"), ItemState::Shown);
    assert_eq!(state(&chain("b"), "why", "1"), ItemState::Waiting);
    let mut closed = chain("a");
    closed[0].2 = choice("no");
    assert_eq!(
        state(&closed, "why", "1"),
        ItemState::Gated(GateState::NotApplicable)
    );
}

#[test]
fn instances_see_their_own_answers() {
    let all = [
        ("has-rooms", "", choice("yes")),
        ("class", "", choice("a")),
        ("door", "1", AnswerValue::Fail),
        ("door", "2", AnswerValue::Pass),
    ];
    assert_eq!(state(&all, "width", "1"), ItemState::Shown);
    assert_eq!(state(&all, "width", "2"), ItemState::Hidden);
    assert_eq!(state(&all, "width", "3"), ItemState::Waiting);
}

#[test]
fn one_answer_touches_its_dependents_only() {
    let index = Index::new(&demo());
    assert_eq!(index.dependents("class"), ["door", "width", "why"]);
    assert_eq!(index.dependents("has-rooms"), ["door", "width", "why"]);
    assert_eq!(index.dependents("width"), ["why"]);
    assert_eq!(index.dependents("why"), [""; 0]);
    assert_eq!(index.dependents("nothing"), [""; 0]);
    let touched = |id: &str, at: &str| {
        with(&demo(), &Answers::new(), |v| {
            let rows = v.affected(id, at, &|_| 2).into_iter();
            rows.map(|r| r.id + "/" + &r.instance).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        touched("class", ""),
        [
            "class/", "door/1", "door/2", "width/1", "width/2", "why/1", "why/2"
        ]
    );
    assert_eq!(touched("door", "2"), ["door/2", "width/2", "why/2"]);
}

// A checklist that lint would refuse must not hang or crash a device that was given it.
#[test]
fn cycles_and_long_chains_are_harmless() {
    let mut checklist = demo();
    let condition = |id: &str| {
        serde_json::from_str::<Condition>(&format!(
            r#"{{"all":[{{"compare":{{"item":"{id}","op":"eq","value":"pass"}}}},{{"compare":{{"item":"{id}","op":"ne","value":"fail"}}}}]}}"#
        ))
        .unwrap()
    };
    checklist.sections.truncate(1);
    let first = checklist.sections[0].items[0].clone();
    let items = &mut checklist.sections[0].items;
    items.clear();
    for n in 0..500 {
        let mut item = first.clone();
        item.id = format!("i{n}");
        item.answer = AnswerKind::Check;
        // The first looks at the last, all others at the one before, twice.
        item.visible_if = Some(condition(&format!("i{}", if n == 0 { 499 } else { n - 1 })));
        items.push(item);
    }
    let all = (0..500)
        .map(|n| ((format!("i{n}"), String::new()), AnswerValue::Pass))
        .collect();
    with(&checklist, &all, |v| {
        assert_eq!(v.walk(&|_| 0).len(), 500);
        assert_eq!(v.row("i499", "").unwrap().state, ItemState::Waiting);
    });
    checklist.sections[0].items[0].visible_if = None;
    with(&checklist, &all, |v| {
        assert_eq!(v.row("i499", "").unwrap().state, ItemState::Shown);
    });
}

fn any_answer() -> impl Strategy<Value = AnswerValue> {
    let id = prop_oneof![
        Just("yes"),
        Just("no"),
        Just("metal"),
        Just("assembly"),
        Just("factory"),
        Just("bag"),
        Just("wet"),
        Just("?"),
    ];
    prop_oneof![
        Just(AnswerValue::Pass),
        Just(AnswerValue::Fail),
        Just(AnswerValue::NotApplicable),
        Just(unchecked()),
        id.clone().prop_map(choice),
        prop::collection::vec(id, 0..4).prop_map(|v| AnswerValue::Choices {
            value: v.into_iter().map(str::to_owned).collect()
        }),
        (0_u32..999).prop_map(|n| number(&n.to_string())),
        Just(AnswerValue::Date {
            value: "2026-01-02".parse().unwrap()
        }),
    ]
}

static INDEXED: LazyLock<Vec<(&Checklist, Index)>> =
    LazyLock::new(|| checklists().iter().map(|c| (c, Index::new(c))).collect());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    // Whatever is answered: the whole walk and the step after one answer agree, and nothing hidden counts.
    #[test]
    fn one_step_equals_the_whole(
        given in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, any_answer()), 0..60),
        last in any::<prop::sample::Index>(),
        value in any_answer(),
    ) {
        for (checklist, index) in INDEXED.iter() {
            let rooms = |_: &str| 2;
            let places: Vec<(String, String)> = indexed(checklist, index, &Answers::new(), |v| {
                v.walk(&rooms).into_iter().map(|r| (r.id, r.instance)).collect()
            });
            let mut all = Answers::new();
            for (at, _, value) in &given {
                all.insert(at.get(&places).clone(), value.clone());
            }
            let whole = |all: &Answers| indexed(checklist, index, all, |v| v.walk(&rooms));
            let before = whole(&all);
            let key = last.get(&places).clone();
            all.insert(key.clone(), value.clone());
            let mut stepped: BTreeMap<_, _> = before.into_iter().map(|r| ((r.id.clone(), r.instance.clone()), r)).collect();
            for row in indexed(checklist, index, &all, |v| v.affected(&key.0, &key.1, &rooms)) {
                stepped.insert((row.id.clone(), row.instance.clone()), row);
            }
            let after: BTreeMap<_, _> = whole(&all).into_iter().map(|r| ((r.id.clone(), r.instance.clone()), r)).collect();
            prop_assert_eq!(&stepped, &after);
            for row in after.values() {
                prop_assert!(row.state == ItemState::Shown || (!row.answered && !row.missing));
            }
        }
    }
}
