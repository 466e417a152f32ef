//! A word with a tone: shape and colour beside the word, never instead of it.

use crate::components::Icon;
use crate::view::{Node, view};
use leptos::{prelude::*, text_prop::TextProp};

/// A tag.
#[component]
pub fn Tag(
    /// `info`, `warn`, `fail`, `pass` or `na`.
    #[prop(default = "na")]
    tone: &'static str,
    /// Icon before the word.
    #[prop(default = None, into)]
    icon: Option<&'static str>,
    /// Filled; only for 疑似重大.
    #[prop(optional)]
    solid: bool,
    /// The word.
    #[prop(into)]
    word: TextProp,
) -> Node {
    view! {
        <span class=if solid { "tag solid" } else { "tag" } data-tone=tone>
            {icon.map(|name| view! { <Icon name=name /> })}
            {move || word.get()}
        </span>
    }
}

/// A tag that is there only while it has a word.
#[component]
pub fn LiveTag(
    /// The tone.
    tone: &'static str,
    /// The word.
    #[prop(into)]
    word: Signal<Option<String>>,
) -> Node {
    Node::live(move || {
        word.get()
            .map(|word| view! { <span class="tag" data-tone=tone>{word}</span> })
    })
}
