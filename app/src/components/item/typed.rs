//! Numbers, texts and dates. What does not fit stays on screen with the reason beside it, and counts as no answer.

use super::{Given, control::Wires};
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    draft::typed::{self, Wrong},
    words::{Words, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{answer::AnswerError, checklist::AnswerKind};

/// A field for a number, text or date.
#[component]
pub fn TypedControl(
    /// Its wires.
    wires: Wires,
    /// What the item takes.
    kind: AnswerKind,
) -> Node {
    let i18n = use_i18n();
    let kind = StoredValue::new(kind);
    let stored = move || {
        wires
            .value
            .with(|now| now.as_ref().and_then(typed::text))
            .unwrap_or_default()
    };
    let shown = RwSignal::new(untrack(stored));
    let wrong = Memo::new(move |_| kind.with_value(|kind| typed::value(&shown.get(), kind).err()));
    // The answer may change elsewhere (taken back, given again); what is being typed is not touched.
    effect(move || {
        let stored = stored();
        let same = kind.with_value(|kind| match typed::value(&shown.get_untracked(), kind) {
            Ok(value) => value.as_ref().and_then(typed::text).unwrap_or_default() == stored,
            Err(_) => stored.is_empty(),
        });
        if !same {
            shown.set(stored);
        }
    });
    let input = move |text: String| {
        shown.set(text);
        let value = kind
            .with_value(|kind| typed::value(&shown.get_untracked(), kind))
            .ok()
            .flatten();
        match value {
            Some(value) => wires.give.run(Given::Typed(value)),
            None if wires.value.with_untracked(Option::is_some) => wires.give.run(Given::Nothing),
            None => {}
        }
    };
    let said_id = format!("{}-said", wires.id.get_value());
    let said = move || match wrong.get() {
        Some(wrong) => Some(why(i18n, &wrong)),
        None => kind.with_value(|kind| hint(i18n, kind)),
    };
    let field =
        kind.with_value(|kind| field(wires, kind, &said_id, shown, wrong, Callback::new(input)));
    view! {
        <div class="field typed" data-state=move || wires.state.get()>
            {field}
            <p class="quiet" id=said_id role="status" data-tone=move || wrong.get().map(|_| "fail")>{said}</p>
        </div>
    }
}

fn field(
    wires: Wires,
    kind: &AnswerKind,
    said_id: &str,
    shown: RwSignal<String>,
    wrong: Memo<Option<Wrong>>,
    input: Callback<String>,
) -> Node {
    let (id, question) = (wires.id.get_value(), wires.question.get_value());
    let locked = move || wires.locked.get();
    let invalid = move || wrong.get().map(|_| "true");
    let said_id = said_id.to_owned();
    let settle = move |_| wires.settle.run(());
    if let AnswerKind::Text { max_chars } = kind {
        return view! {
            <textarea class="in" rows="2" id=id maxlength=max_chars.to_string() aria-labelledby=question aria-describedby=said_id
                aria-invalid=invalid readonly=locked prop:value=move || shown.get()
                on:input=move |event| input.run(event_target_value(&event)) on:blur=settle></textarea>
        };
    }
    let (name, mode, unit) = match kind {
        AnswerKind::Number { unit, decimals, .. } => (
            "text",
            if *decimals == 0 { "numeric" } else { "decimal" },
            unit.clone(),
        ),
        _ => ("date", "text", String::new()),
    };
    view! {
        <div class="row">
            <input class="in grow" type=name inputmode=mode autocomplete="off" id=id aria-labelledby=question aria-describedby=said_id
                aria-invalid=invalid readonly=locked prop:value=move || shown.get()
                on:input=move |event| input.run(event_target_value(&event)) on:blur=settle />
            {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
        </div>
    }
}

fn hint(i18n: Words, kind: &AnswerKind) -> Option<String> {
    let AnswerKind::Number { min, max, .. } = kind else {
        return None;
    };
    match (min.clone(), max.clone()) {
        (Some(min), Some(max)) => {
            Some(t_string!(i18n, inspection.item.range, min = min, max = max))
        }
        (Some(min), None) => Some(t_string!(i18n, inspection.item.at_least, min = min)),
        (None, Some(max)) => Some(t_string!(i18n, inspection.item.at_most, max = max)),
        (None, None) => None,
    }
}

fn why(i18n: Words, wrong: &Wrong) -> String {
    match wrong {
        Wrong::NotANumber => t_string!(i18n, inspection.item.error_number).to_owned(),
        Wrong::NotADate => t_string!(i18n, inspection.item.error_date).to_owned(),
        Wrong::Unfit(AnswerError::TooSmall { value, min }) => {
            t_string!(
                i18n,
                inspection.item.error_small,
                value = value.clone(),
                min = min.clone()
            )
        }
        Wrong::Unfit(AnswerError::TooLarge { value, max }) => {
            t_string!(
                i18n,
                inspection.item.error_large,
                value = value.clone(),
                max = max.clone()
            )
        }
        Wrong::Unfit(AnswerError::Decimals(0)) => t_string!(i18n, inspection.item.whole).to_owned(),
        Wrong::Unfit(AnswerError::Decimals(most)) => {
            let most = *most;
            counted!(i18n, inspection.item.error_decimals, count = most)
        }
        Wrong::Unfit(AnswerError::TooLong(most)) => {
            let most = *most;
            counted!(i18n, inspection.item.error_long, count = most)
        }
        Wrong::Unfit(_) => t_string!(i18n, inspection.item.error_kind).to_owned(),
    }
}
