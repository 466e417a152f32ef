//! The control for an answer: one for each kind of item.

use super::{
    choice::{MultipleControl, SingleControl},
    seg::{CheckControl, GateControl},
    typed::TypedControl,
};
use crate::view::{Node, view};
use leptos::prelude::*;
use zhicha_core::{answer::AnswerValue, checklist::AnswerKind};

/// What a person gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// An answer.
    Now(AnswerValue),
    /// An answer that is still being typed.
    Typed(AnswerValue),
    /// The answer was taken back, or what is typed is none.
    Nothing,
}

/// What every control needs.
#[derive(Clone, Copy)]
pub struct Wires {
    /// Id of the first thing that takes the focus; ids of the others begin with it.
    pub id: StoredValue<String>,
    /// Id of the question.
    pub question: StoredValue<String>,
    /// The answer as on screen.
    pub value: Signal<Option<AnswerValue>>,
    /// `saving`, `saved` or `failed`.
    pub state: Signal<&'static str>,
    /// Whether nothing can be changed.
    pub locked: Signal<bool>,
    /// Takes what the person gives.
    pub give: Callback<Given>,
    /// What is typed is due now.
    pub settle: Callback<()>,
}

/// The control for `kind`; a gate has no kind.
#[component]
pub fn Control(
    /// What the item takes.
    kind: Option<AnswerKind>,
    /// Its wires.
    wires: Wires,
) -> Node {
    match kind {
        None => view! { <GateControl wires=wires /> },
        Some(AnswerKind::Check) => view! { <CheckControl wires=wires /> },
        Some(AnswerKind::Single { options }) => {
            view! { <SingleControl wires=wires options=options /> }
        }
        Some(AnswerKind::Multiple { options }) => {
            view! { <MultipleControl wires=wires options=options /> }
        }
        Some(kind) => view! { <TypedControl wires=wires kind=kind /> },
    }
}
