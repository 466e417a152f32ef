//! A short word about what was just done, with a way to take it back.

use super::{Button, ButtonKind};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    platform::timer::Timeout,
    words::{t, use_i18n},
};
use leptos::prelude::*;

const SHOWN_MS: u32 = 6_000;

/// One message.
#[derive(Clone)]
struct Message {
    number: u32,
    text: String,
    undo: Option<Callback<()>>,
}

/// Where messages are put; the frame shows the newest.
#[derive(Clone, Copy)]
pub struct Toaster {
    message: RwSignal<Option<Message>>,
    count: StoredValue<u32>,
}

impl Default for Toaster {
    fn default() -> Self {
        Self {
            message: RwSignal::new(None),
            count: StoredValue::new(0),
        }
    }
}

impl Toaster {
    /// Shows `text` for a while.
    pub fn say(self, text: impl Into<String>) {
        self.show(text.into(), None);
    }

    /// Shows `text` with a button that takes it back.
    pub fn say_with_undo(self, text: impl Into<String>, undo: Callback<()>) {
        self.show(text.into(), Some(undo));
    }

    fn show(self, text: String, undo: Option<Callback<()>>) {
        self.count.update_value(|n| *n += 1);
        let number = self.count.get_value();
        self.message.set(Some(Message { number, text, undo }));
        Timeout::new(SHOWN_MS, move || self.hide(number)).forget();
    }

    fn hide(self, number: u32) {
        let shown = self
            .message
            .with_untracked(|m| m.as_ref().is_some_and(|m| m.number == number));
        if shown {
            self.message.set(None);
        }
    }
}

/// The toaster of the app.
pub fn use_toaster() -> Toaster {
    expect_context()
}

/// Shows the newest message; part of the frame's foot.
#[component]
pub fn Toasts() -> Node {
    let i18n = use_i18n();
    let toaster = use_toaster();
    let shown = move || {
        toaster.message.get().map(|message| {
            let undo = message.undo.map(|undo| {
                let act = Callback::new(move |()| {
                    undo.run(());
                    toaster.hide(message.number);
                });
                view! { <Button kind=ButtonKind::Link label=t!(i18n, common.action.undo) on_press=act /> }
            });
            view! { <div class="toast"><p>{message.text}</p>{undo}</div> }
        })
    };
    view! { <div role="status">{shown}</div> }
}
