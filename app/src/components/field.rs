//! A labelled field with a hint and an error that the field points to.

use crate::signal::RwSignal;
use crate::view::{Children, Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// Label, control and what is said about it. The control has the id `id`; with a hint or error it should carry
/// `aria-describedby="<id>-said"`.
#[component]
pub fn Field(
    /// Id of the control.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// What helps to fill it in, or what is wrong with it.
    #[prop(optional, into)]
    said: Signal<Option<String>>,
    /// Whether what it holds is wrong: then that is what is said.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The control.
    children: Children,
) -> Node {
    let said_id = format!("{id}-said");
    view! {
        <div class="field">
            <label for=id>{move || label.get()}</label>
            {children()}
            <p class="quiet" id=said_id data-tone=move || invalid.get().then_some("fail") hidden=move || said.with(Option::is_none)>
                {move || said.get()}
            </p>
        </div>
    }
}

/// A field of one line.
#[component]
pub fn TextField(
    /// Id of the control.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: TextProp,
    /// What it holds.
    value: RwSignal<String>,
    /// `text`, `password`, `search`, ….
    #[prop(default = "text")]
    kind: &'static str,
    /// The browser's name for what it holds.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What helps to fill it in, or what is wrong with it.
    #[prop(optional, into)]
    said: Signal<Option<String>>,
    /// Whether what it holds is wrong.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// Most characters.
    #[prop(default = 200)]
    max: u16,
) -> Node {
    let said_id = format!("{id}-said");
    view! {
        <Field id=id.clone() label=label said=said invalid=invalid>
            <input
                class="in"
                id=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                maxlength=max
                aria-describedby=said_id
                aria-invalid=move || invalid.get().then_some("true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </Field>
    }
}
