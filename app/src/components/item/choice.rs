//! One of several options, or any number of them.

use super::{Given, control::Wires, live};
use crate::view::{Children, Node, view};
use crate::words::use_i18n;
use leptos::prelude::*;
use zhicha_core::{answer::AnswerValue, checklist::Choice};

/// Exactly one option.
#[component]
pub fn SingleControl(
    /// Its wires.
    wires: Wires,
    /// The options in order.
    options: Vec<Choice>,
) -> Node {
    let i18n = use_i18n();
    let name = wires.id.get_value();
    let row = |(at, option): (usize, Choice)| {
        let value = AnswerValue::Choice { value: option.id };
        let same = value.clone();
        let id = if at == 0 {
            name.clone()
        } else {
            format!("{name}-{at}")
        };
        view! {
            <label>
                <input
                    type="radio"
                    id=id
                    name=name.clone()
                    prop:checked=move || wires.value.with(|now| now.as_ref() == Some(&same))
                    on:change=move |_| wires.give.run(Given::Now(value.clone()))
                />
                <span>{live(i18n, option.text)}</span>
            </label>
        }
    };
    let rows = options.into_iter().enumerate().map(row).collect::<Vec<_>>();
    view! { <Options wires=wires>{rows}</Options> }
}

/// At least one option.
#[component]
pub fn MultipleControl(
    /// Its wires.
    wires: Wires,
    /// The options in order.
    options: Vec<Choice>,
) -> Node {
    let i18n = use_i18n();
    let name = wires.id.get_value();
    let order = StoredValue::new(options.iter().map(|o| o.id.clone()).collect::<Vec<_>>());
    let row = |(at, option): (usize, Choice)| {
        let id = if at == 0 {
            name.clone()
        } else {
            format!("{name}-{at}")
        };
        let option_id = StoredValue::new(option.id);
        let chosen =
            move || option_id.with_value(|id| wires.value.with(|now| holds(now.as_ref(), id)));
        let toggle = move |_| {
            let now = wires.value.get_untracked();
            wires.give.run(toggled(
                now.as_ref(),
                &option_id.get_value(),
                &order.get_value(),
            ));
        };
        view! {
            <label>
                <input type="checkbox" id=id prop:checked=chosen on:change=toggle />
                <span>{live(i18n, option.text)}</span>
            </label>
        }
    };
    let rows = options.into_iter().enumerate().map(row).collect::<Vec<_>>();
    view! { <Options wires=wires>{rows}</Options> }
}

#[component]
fn Options(wires: Wires, children: Children) -> Node {
    view! {
        <fieldset
            class="options"
            data-state=move || wires.state.get()
            aria-labelledby=wires.question.get_value()
            disabled=move || wires.locked.get()
        >
            {children()}
        </fieldset>
    }
}

fn holds(now: Option<&AnswerValue>, id: &str) -> bool {
    matches!(now, Some(AnswerValue::Choices { value }) if value.iter().any(|v| v == id))
}

// Options stay in the order of the checklist, whatever the order of the taps.
fn toggled(now: Option<&AnswerValue>, id: &str, order: &[String]) -> Given {
    let wanted = |option: &&String| holds(now, option) != (option.as_str() == id);
    let value: Vec<String> = order.iter().filter(wanted).cloned().collect();
    if value.is_empty() {
        Given::Nothing
    } else {
        Given::Now(AnswerValue::Choices { value })
    }
}
