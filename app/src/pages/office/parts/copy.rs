//! A button that puts a text on the clipboard and says whether that worked.

use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::download,
    words::{t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local, text_prop::TextProp};

/// Copies `text`.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What it is, for the label: "copy …".
    #[prop(into)]
    label: TextProp,
) -> Node {
    let i18n = use_i18n();
    let done = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let copied = download::copy(&text).await;
            done.try_set(Some(copied));
        });
    };
    let said = move || match done.get() {
        None => "",
        Some(true) => t_string!(i18n, office.copy.done),
        Some(false) => t_string!(i18n, office.copy.refused),
    };
    view! {
        <span class="row wrap noprint">
            <button class="btn" type="button" on:click=copy>
                <Icon name="file" />
                {move || label.get()}
            </button>
            <span class="quiet" role="status">{said}</span>
        </span>
    }
}
