//! One tap: pass, fail or not applicable; yes or no at a gate. Native radios, dashed until the disk has the answer.

use super::{Given, control::Wires};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    words::{Words, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{answer::AnswerValue, checklist::Gate};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tap {
    Pass,
    Fail,
    NotApplicable,
    Yes,
    No,
}

impl Tap {
    fn value(self) -> AnswerValue {
        match self {
            Self::Pass => AnswerValue::Pass,
            Self::Fail => AnswerValue::Fail,
            Self::NotApplicable => AnswerValue::NotApplicable,
            Self::Yes => AnswerValue::Choice {
                value: Gate::YES.to_owned(),
            },
            Self::No => AnswerValue::Choice {
                value: Gate::NO.to_owned(),
            },
        }
    }

    fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::Pass => ("pass", "tick"),
            Self::Fail => ("fail", "cross"),
            Self::NotApplicable => ("na", "na"),
            Self::Yes => ("info", "tick"),
            Self::No => ("na", "cross"),
        }
    }

    fn word(self, i18n: Words) -> &'static str {
        match self {
            Self::Pass => t_string!(i18n, common.result.pass),
            Self::Fail => t_string!(i18n, common.result.fail),
            Self::NotApplicable => t_string!(i18n, common.result.not_applicable),
            Self::Yes => t_string!(i18n, common.result.yes),
            Self::No => t_string!(i18n, common.result.no),
        }
    }
}

/// 合格, 不合格, 不适用.
#[component]
pub fn CheckControl(
    /// Its wires.
    wires: Wires,
) -> Node {
    view! { <Taps wires=wires taps=&[Tap::Pass, Tap::Fail, Tap::NotApplicable] /> }
}

/// 是, 否.
#[component]
pub fn GateControl(
    /// Its wires.
    wires: Wires,
) -> Node {
    view! { <Taps wires=wires taps=&[Tap::Yes, Tap::No] /> }
}

#[component]
fn Taps(wires: Wires, taps: &'static [Tap]) -> Node {
    let i18n = use_i18n();
    let name = wires.id.get_value();
    let radio = |(at, tap): (usize, &Tap)| {
        let tap = *tap;
        let (tone, icon) = tap.look();
        let id = if at == 0 {
            name.clone()
        } else {
            format!("{name}-{at}")
        };
        view! {
            <label data-tone=tone>
                <input
                    type="radio"
                    id=id
                    name=name.clone()
                    prop:checked=move || wires.value.with(|now| now.as_ref() == Some(&tap.value()))
                    on:change=move |_| wires.give.run(Given::Now(tap.value()))
                />
                <span><Icon name=icon />{move || tap.word(i18n)}</span>
            </label>
        }
    };
    view! {
        <fieldset
            class="seg"
            data-state=move || wires.state.get()
            aria-labelledby=wires.question.get_value()
            disabled=move || wires.locked.get()
        >
            {taps.iter().enumerate().map(radio).collect::<Vec<_>>()}
        </fieldset>
    }
}
