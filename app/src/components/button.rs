//! Buttons and links that look like buttons. A label is a verb with its object.

use super::Icon;
use crate::view::{Node, view};
use leptos::{ev, prelude::*, text_prop::TextProp};

/// The look of a button; one `Main` a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// Outlined.
    #[default]
    Plain,
    /// Filled: what to do now.
    Main,
    /// Outlined in red: destroys or refuses something.
    Warn,
    /// A word only.
    Link,
}

impl ButtonKind {
    fn class(self, fit: bool) -> &'static str {
        match (self, fit) {
            (Self::Plain, false) => "btn",
            (Self::Plain, true) => "btn fit",
            (Self::Main, false) => "btn main",
            (Self::Main, true) => "btn main fit",
            (Self::Warn, false) => "btn warn",
            (Self::Warn, true) => "btn warn fit",
            (Self::Link, _) => "link",
        }
    }
}

/// A button.
#[component]
pub fn Button(
    /// What it does.
    #[prop(into)]
    label: TextProp,
    /// Icon before the label.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// The look.
    #[prop(optional)]
    kind: ButtonKind,
    /// Keeps its width in a dock.
    #[prop(optional)]
    fit: bool,
    /// Submits the form around it.
    #[prop(optional)]
    submit: bool,
    /// While true it cannot be pressed; say beside it why.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What happens on a press.
    #[prop(optional)]
    on_press: Option<Callback<()>>,
) -> Node {
    let press = move |_: ev::MouseEvent| {
        if let Some(act) = on_press {
            act.run(());
        }
    };
    view! {
        <button
            class=kind.class(fit)
            type=if submit { "submit" } else { "button" }
            disabled=move || disabled.get()
            on:click=press
        >
            {icon.map(|name| view! { <Icon name=name /> })}
            {move || label.get()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// What it does.
    #[prop(into)]
    label: TextProp,
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// Icon before the label.
    #[prop(optional)]
    icon: Option<&'static str>,
    /// The look.
    #[prop(optional)]
    kind: ButtonKind,
    /// Keeps its width in a dock.
    #[prop(optional)]
    fit: bool,
) -> Node {
    view! {
        <a class=kind.class(fit) href=href>
            {icon.map(|name| view! { <Icon name=name /> })}
            {move || label.get()}
        </a>
    }
}
