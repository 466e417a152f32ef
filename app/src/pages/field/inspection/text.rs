//! A text field of a draft: written while typed, at once when left.

use crate::components::Field;
use crate::view::{Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// A field whose text goes to the draft letter by letter.
#[component]
pub fn DraftText(
    /// Id of the control.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// The text as on screen.
    #[prop(into)]
    value: Signal<String>,
    /// Takes the text.
    on_text: Callback<String>,
    /// What is typed is due now.
    settle: Callback<()>,
    /// More than one line.
    #[prop(optional)]
    area: bool,
    /// Whether nothing can be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    said: Signal<Option<String>>,
) -> Node {
    let said_id = format!("{id}-said");
    let input = move |event| on_text.run(event_target_value(&event));
    let blur = move |_| settle.run(());
    let control = if area {
        view! {
            <textarea class="in" rows="3" maxlength="1000" id=id.clone() aria-describedby=said_id readonly=move || locked.get()
                prop:value=move || value.get() on:input=input on:blur=blur></textarea>
        }
    } else {
        view! {
            <input class="in" maxlength="100" autocomplete="off" id=id.clone() aria-describedby=said_id readonly=move || locked.get()
                prop:value=move || value.get() on:input=input on:blur=blur />
        }
    };
    view! { <Field id=id label=label said=said>{control}</Field> }
}
