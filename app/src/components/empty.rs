//! What a list says when there is nothing in it.

use super::Icon;
use crate::view::{Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// An icon, a line, and a hint at what to do.
#[component]
pub fn Empty(
    /// Icon above.
    icon: &'static str,
    /// What there is none of.
    #[prop(into)]
    title: TextProp,
    /// What to do.
    #[prop(into)]
    hint: TextProp,
) -> Node {
    view! {
        <section class="empty">
            <Icon name=icon />
            <h2>{move || title.get()}</h2>
            <p class="quiet">{move || hint.get()}</p>
        </section>
    }
}
