//! The address says something that is no page.

use crate::view::{Node, view};
use crate::{
    components::{Empty, Frame, LinkButton, Tab},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;

/// Says so and leads back.
#[component]
pub fn LostPage() -> Node {
    let i18n = use_i18n();
    let title = move || t_string!(i18n, field.lost_page.title);
    view! {
        <Frame title=title tab=Tab::Today>
            <Empty icon="search" title=title hint="" />
            <section class="pad stack"><LinkButton label=t!(i18n, field.lost_page.go) href="/" /></section>
        </Frame>
    }
}
