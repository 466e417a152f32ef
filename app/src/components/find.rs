//! The box in the dock of a page that is searched.

use super::Icon;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// What is looked for, at every keystroke.
#[component]
pub fn Find(
    /// What was typed.
    query: RwSignal<String>,
    /// What can be looked for.
    #[prop(into)]
    label: TextProp,
    /// The same, as short as the box needs it.
    #[prop(into)]
    placeholder: TextProp,
) -> Node {
    view! {
        <div class="find">
            <Icon name="search" />
            <input
                class="in"
                type="search"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-label=move || label.get()
                placeholder=move || placeholder.get()
                prop:value=move || query.get()
                on:input=move |event| query.set(event_target_value(&event))
            />
        </div>
    }
}
