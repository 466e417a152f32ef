//! A join link in a browser where somebody is enrolled already.

use super::join::Join;
use crate::signal::Memo;
use crate::view::{Node, view};
use crate::{
    components::{ButtonKind, Empty, Frame, LinkButton},
    state::use_app,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;

/// Says who is there. Once all of that person's records are delivered, the link may be used.
#[component]
pub fn Taken() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let count = Memo::new(move |_| app.sync.waiting());
    let free = Memo::new(move |_| count.get() == 0 && app.sync.is_read());
    Node::live(move || {
        if free.get() {
            return view! { <Join /> };
        }
        let hint = move || {
            t_string!(
                i18n,
                field.join.taken_hint,
                name = app.identity().name.clone(),
                count = count.get()
            )
        };
        view! {
            <Frame title=t!(i18n, field.join.title)>
                <Empty icon="people" title=t!(i18n, field.join.taken) hint=hint />
                <section class="pad stack">
                    <LinkButton kind=ButtonKind::Main label=t!(i18n, field.join.taken_same) href="/" />
                </section>
            </Frame>
        }
    })
}
