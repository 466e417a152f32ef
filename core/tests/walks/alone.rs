//! One checklist at a time.

use super::{
    Known, LISTS,
    inspection::{Inspection, Wishes},
    plan::{self, Answers},
};
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Gate, GateState, ItemState, Section},
    determination::suggest,
};

fn wishes(answers: Answers) -> Wishes {
    let all = answers.into_iter();
    all.map(|(id, value)| ((0, id), value)).collect()
}

fn walk(list: &Known, answers: Answers) -> Inspection<'_> {
    Inspection::new(vec![list], wishes(answers)).fill()
}

// The instance that is looked at: the second, to see that the first has its own answers.
fn place(section: &Section) -> &'static str {
    if section.repeat.is_some() { "2" } else { "" }
}

#[test]
fn all_pass() {
    for list in LISTS.iter() {
        let body = walk(list, Answers::new()).sealed(list.id());
        assert!(body.hazards.is_empty(), "{}", list.id());
        assert!(!body.answers[0].answers.is_empty(), "{}", list.id());
    }
}

#[test]
fn each_item_failing_alone_is_one_hazard() {
    for list in LISTS.iter() {
        for (section, item) in list.items().filter(|(_, i)| i.answer == AnswerKind::Check) {
            let why = format!("{}/{}", list.id(), item.id);
            let fail = Answers::from([(item.id.clone(), AnswerValue::Fail)]);
            let answers = plan::shown(list, &item.id, &fail);
            let answers = answers.unwrap_or_else(|| panic!("{why} is never asked"));
            // An item that is asked only after another failed cannot fail alone.
            let others = answers
                .iter()
                .filter(|(id, value)| **id != item.id && **value == AnswerValue::Fail);
            let others = others.count();
            let open = plan::incomplete(&answers);
            let visit = Inspection::new(vec![list], wishes(answers));
            let visit = match section.repeat {
                Some(_) => visit.only_in("2").fill(),
                None => visit.fill(),
            };
            let body = if open {
                visit.body()
            } else {
                visit.sealed(&why)
            };
            assert_eq!(body.hazards.len(), others + 1, "{why}");
            let hazard = body.hazards.iter().find(|h| h.key.item == item.id).unwrap();
            assert_eq!(hazard.key.checklist, list.loaded.digest, "{why}");
            assert_eq!(hazard.key.instance, place(section), "{why}");
            assert_eq!(hazard.severity, item.severity, "{why}");
            let day = super::filled::moment().day;
            let suggested = suggest(item, &list.loaded.checklist, day);
            assert_eq!(hazard.suggested, suggested, "{why}");
        }
    }
}

#[test]
fn each_gate_both_ways() {
    let reason = "门锁着".to_owned();
    let unchecked = AnswerValue::NotChecked { reason };
    let gates = [
        (plan::choice(Gate::YES), GateState::Open, 0),
        (plan::choice(Gate::NO), GateState::NotApplicable, 0),
        (unchecked, GateState::NotChecked, 1),
    ];
    for list in LISTS.iter() {
        let gated = list
            .sections()
            .iter()
            .filter_map(|s| Some((s, s.gate.as_ref()?)));
        for (section, gate) in gated {
            for (value, state, open) in &gates {
                let why = format!("{}/{} {state:?}", list.id(), gate.id);
                let visit = walk(list, Answers::from([(gate.id.clone(), value.clone())]));
                let body = if *open == 0 {
                    visit.sealed(&why)
                } else {
                    visit.body()
                };
                assert_eq!(visit.unchecked(), *open, "{why}");
                let recorded = &body.answers[0].answers;
                let own = recorded.iter().filter(|a| a.item == gate.id);
                let own: Vec<_> = own.map(|a| &a.value).collect();
                assert_eq!(own, [value], "{why}");
                for item in &section.items {
                    let row = visit.row(0, &item.id, place(section));
                    let closed = row.state == ItemState::Gated(*state);
                    assert_eq!(closed, *state != GateState::Open, "{why}: {}", item.id);
                    let there = recorded.iter().any(|a| a.item == item.id);
                    assert_eq!(there, row.state == ItemState::Shown, "{why}: {}", item.id);
                }
            }
        }
    }
}

#[test]
fn each_condition_both_ways() {
    let (mut asked, mut left_out) = (0, 0);
    for list in LISTS.iter() {
        for (section, item) in list.items().filter(|(_, item)| item.visible_if.is_some()) {
            let why = format!("{}/{}", list.id(), item.id);
            let both = [
                (
                    plan::shown(list, &item.id, &Answers::new()),
                    ItemState::Shown,
                ),
                (plan::hidden(list, &item.id), ItemState::Hidden),
            ];
            assert!(both[0].0.is_some(), "{why} is never asked");
            for (answers, state) in both {
                let Some(answers) = answers else { continue };
                let open = plan::incomplete(&answers);
                let visit = walk(list, answers);
                let found = visit.row(0, &item.id, place(section)).state;
                assert_eq!(found, state, "{why}");
                let body = if open {
                    visit.body()
                } else {
                    visit.sealed(&why)
                };
                let recorded = body.answers[0].answers.iter().any(|a| a.item == item.id);
                assert_eq!(recorded, state == ItemState::Shown, "{why}");
                *(if recorded { &mut asked } else { &mut left_out }) += 1;
            }
        }
    }
    // Conditions that always hold would be allowed, but not many of them.
    assert!(
        asked > 0 && left_out * 10 >= asked * 9,
        "{asked} {left_out}"
    );
}

#[test]
fn each_option_of_each_choice() {
    for list in LISTS.iter() {
        for (section, item) in list.items() {
            let values: Vec<AnswerValue> = match &item.answer {
                AnswerKind::Single { options } => {
                    options.iter().map(|o| plan::choice(&o.id)).collect()
                }
                AnswerKind::Multiple { options } => plan::several(options),
                _ => continue,
            };
            for value in values {
                let why = format!("{}/{} {value:?}", list.id(), item.id);
                let wish = Answers::from([(item.id.clone(), value.clone())]);
                let answers = plan::shown(list, &item.id, &wish);
                let answers = answers.unwrap_or_else(|| panic!("{why} is never asked"));
                let open = plan::incomplete(&answers);
                let visit = walk(list, answers);
                let body = if open {
                    visit.body()
                } else {
                    visit.sealed(&why)
                };
                let mut recorded = body.answers[0].answers.iter();
                let here = recorded.find(|a| a.item == item.id && a.instance == place(section));
                assert_eq!(here.map(|a| &a.value), Some(&value), "{why}");
            }
        }
    }
}

#[test]
fn repeats_of_none_one_and_thirty() {
    for list in LISTS.iter() {
        let repeated: Vec<_> = list
            .sections()
            .iter()
            .filter(|s| s.repeat.is_some())
            .collect();
        for number in [0, 1, 30] {
            let why = format!("{} with {number}", list.id());
            let visit = Inspection::new(vec![list], Wishes::new());
            let visit = visit.instances(number).fill();
            if number == 0 && !repeated.is_empty() {
                // A section that applies and has no instance is missing, and the record says so under its own id.
                assert_eq!(visit.unchecked(), repeated.len(), "{why}");
                let body = visit.body();
                let silent = body.answers[0].answers.iter();
                let silent = silent.filter(|a| matches!(a.value, AnswerValue::NotChecked { .. }));
                let silent: Vec<_> = silent.map(|a| a.item.as_str()).collect();
                let sections: Vec<_> = repeated.iter().map(|s| s.id.as_str()).collect();
                assert_eq!(silent, sections, "{why}");
                continue;
            }
            let body = visit.sealed(&why);
            for section in &repeated {
                let number = number.min(section.repeat.as_ref().unwrap().max);
                let first = section.items.iter().find(|i| i.visible_if.is_none());
                let Some(first) = first else { continue };
                let here = body.answers[0]
                    .answers
                    .iter()
                    .filter(|a| a.item == first.id);
                let here: Vec<_> = here.map(|a| a.instance.clone()).collect();
                let wanted: Vec<_> = (1..=number).map(|n| n.to_string()).collect();
                assert_eq!(here, wanted, "{why}: {}", first.id);
            }
        }
    }
}

#[test]
fn a_closed_section_needs_no_instances() {
    for list in LISTS.iter() {
        let repeated = list.sections().iter().filter(|s| s.repeat.is_some());
        let gates = repeated.filter_map(|s| s.gate.as_ref());
        let answers: Answers = gates
            .map(|g| (g.id.clone(), plan::choice(Gate::NO)))
            .collect();
        let open = list
            .sections()
            .iter()
            .any(|s| s.repeat.is_some() && s.gate.is_none());
        if answers.is_empty() || open {
            continue;
        }
        let visit = Inspection::new(vec![list], wishes(answers));
        visit.instances(0).fill().sealed(list.id());
    }
}
