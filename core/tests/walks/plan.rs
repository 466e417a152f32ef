//! Finds answers under which an item is asked, or its condition does not hold.

use super::Known;
use std::collections::BTreeMap;
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Choice, Condition, Gate, Truth},
};

/// Answers by item or gate.
pub type Answers = BTreeMap<String, AnswerValue>;

/// Answers under which `id` is asked, together with `given`; nothing when there are none.
pub fn shown(list: &Known, id: &str, given: &Answers) -> Option<Answers> {
    reached(list, id, Truth::True, given)
}

/// Answers under which the condition of `id` does not hold while its section is asked.
pub fn hidden(list: &Known, id: &str) -> Option<Answers> {
    reached(list, id, Truth::False, &Answers::new())
}

fn reached(list: &Known, id: &str, want: Truth, given: &Answers) -> Option<Answers> {
    let Some((section, item)) = list.items().find(|(_, item)| item.id == id) else {
        // A gate is always asked.
        return Some(given.clone());
    };
    let mut given = given.clone();
    if let Some(gate) = &section.gate {
        let open = choice(Gate::YES);
        let known = given.entry(gate.id.clone()).or_insert_with(|| open.clone());
        if *known != open {
            return None;
        }
    }
    let Some(condition) = &item.visible_if else {
        return (want == Truth::True).then_some(given);
    };
    let mut targets = condition.items();
    targets.dedup();
    assigned(list, condition, want, &targets, &given)
}

// Every way to answer what the condition looks at, the first one first; each of them must be asked itself.
fn assigned(
    list: &Known,
    condition: &Condition,
    want: Truth,
    targets: &[&str],
    given: &Answers,
) -> Option<Answers> {
    let Some((target, rest)) = targets.split_first() else {
        let answer = |id: &str| given.get(id).cloned();
        return (condition.eval(&answer) == want).then(|| given.clone());
    };
    let given = shown(list, target, given)?;
    let tried = match given.get(*target) {
        Some(known) => vec![known.clone()],
        None => candidates(list, target, condition),
    };
    tried.into_iter().find_map(|value| {
        let mut given = given.clone();
        given.insert((*target).to_owned(), value);
        assigned(list, condition, want, rest, &given)
    })
}

// What is left unchecked comes last: an inspection with it is not complete.
fn candidates(list: &Known, target: &str, condition: &Condition) -> Vec<AnswerValue> {
    let mut all = match list.item(target).map(|item| &item.answer) {
        None => vec![choice(Gate::YES), choice(Gate::NO)],
        Some(AnswerKind::Check) => {
            vec![
                AnswerValue::Pass,
                AnswerValue::Fail,
                AnswerValue::NotApplicable,
            ]
        }
        Some(AnswerKind::Single { options }) => options.iter().map(|o| choice(&o.id)).collect(),
        Some(AnswerKind::Multiple { options }) => several(options),
        Some(AnswerKind::Number { min, max, .. }) => {
            let limits = min.iter().chain(max).map(String::as_str);
            let numbers = limits.chain(compared(condition, target));
            let numbers = numbers.filter_map(|n| n.parse().ok());
            numbers.map(|value| AnswerValue::Number { value }).collect()
        }
        Some(AnswerKind::Date) => {
            let days = compared(condition, target).filter_map(|day| day.parse().ok());
            days.map(|value| AnswerValue::Date { value }).collect()
        }
        Some(AnswerKind::Text { .. }) => Vec::new(),
    };
    let reason = "看不到".to_owned();
    all.push(AnswerValue::NotChecked { reason });
    all
}

/// Whether something stays unchecked, so that the inspection is not complete.
pub fn incomplete(answers: &Answers) -> bool {
    let open = |value: &AnswerValue| matches!(value, AnswerValue::NotChecked { .. });
    answers.values().any(open)
}

/// Each option by itself, and all together.
pub fn several(options: &[Choice]) -> Vec<AnswerValue> {
    let one = options.iter().map(|o| vec![o.id.clone()]);
    let all = options.iter().map(|o| o.id.clone()).collect();
    let sets = one.chain([all]);
    sets.map(|value| AnswerValue::Choices { value }).collect()
}

fn compared<'c>(condition: &'c Condition, target: &str) -> impl Iterator<Item = &'c str> {
    let compares = condition.compares().into_iter();
    let here = compares.filter(move |c| c.item == target);
    here.map(|c| c.value.as_str())
        .collect::<Vec<_>>()
        .into_iter()
}

/// The choice of one option.
pub fn choice(id: &str) -> AnswerValue {
    let value = id.to_owned();
    AnswerValue::Choice { value }
}
