//! What happened, what is safe, what to do.

use super::Icon;
use crate::view::{Children, Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// A box with a title, words and buttons. `fail` announces itself at once and must hold a button.
#[component]
pub fn Banner(
    /// `info`, `warn`, `fail`, `pass` or `na`.
    tone: &'static str,
    /// Icon beside the title.
    icon: &'static str,
    /// What happened.
    #[prop(into)]
    title: TextProp,
    /// What is safe and what to do.
    children: Children,
) -> Node {
    view! {
        <section class="banner" data-tone=tone role=(tone == "fail").then_some("alert")>
            <Icon name=icon />
            <h2>{move || title.get()}</h2>
            {children()}
        </section>
    }
}
