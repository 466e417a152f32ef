//! A stroke from the icon file. Icons never stand for a word: they are hidden from screen readers.

use crate::platform::dom;
use crate::view::{Node, view};
use leptos::prelude::*;

/// An icon by name, without `i-`.
#[component]
pub fn Icon(
    /// Name of the symbol.
    name: &'static str,
    /// 20 instead of 24 px.
    #[prop(optional)]
    small: bool,
) -> Node {
    let href = format!("{}#i-{name}", dom::icons());
    view! { <svg class=if small { "i s" } else { "i" } aria-hidden="true"><use href=href></use></svg> }
}

/// An icon whose name changes.
#[component]
pub fn LiveIcon(
    /// Name of the symbol.
    #[prop(into)]
    name: Signal<&'static str>,
    /// 20 instead of 24 px.
    #[prop(optional)]
    small: bool,
) -> Node {
    let href = move || format!("{}#i-{}", dom::icons(), name.get());
    view! { <svg class=if small { "i s" } else { "i" } aria-hidden="true"><use href=href></use></svg> }
}
