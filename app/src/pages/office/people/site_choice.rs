//! Which site a business answers for: found by words, chosen from what was found.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::TextField,
    office::{
        client::{self, SiteList},
        load::{Load, Loaded},
    },
    platform::timer::Timeout,
    words::{t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{id::SiteId, sync::wire::Site};

/// How long typing must rest before the server is asked.
const REST_MS: u32 = 250;
/// Most sites on offer; more words narrow them.
const OFFERED: usize = 6;

/// Search and choice.
#[component]
pub fn SiteChoice(
    /// The site chosen.
    chosen: RwSignal<Option<SiteId>>,
) -> Node {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    let words = RwSignal::new(String::new());
    effect(move || {
        let text = typed.get();
        Timeout::new(REST_MS, move || {
            // A sheet that was closed has no signals any more.
            if typed.try_with_untracked(|t| *t == text) == Some(true)
                && words.try_with_untracked(|w| *w != text) == Some(true)
            {
                words.try_set(text);
            }
        })
        .forget();
    });
    let found = Loaded::new(move || {
        let words = words.get();
        async move { client::sites(&words).await }
    });
    view! {
        <TextField id="invite-site" label=t!(i18n, office.site.search) value=typed kind="search" max=100 />
        <fieldset class="stack">
            <legend>{t!(i18n, office.invite.site)}</legend>
            {move || match found.signal().get() {
                Load::Ready(list) => Some(view! { <Offer list=list chosen=chosen /> }),
                Load::Waiting | Load::Failed(_) => None,
            }}
        </fieldset>
    }
}

#[component]
fn Offer(list: SiteList, chosen: RwSignal<Option<SiteId>>) -> Node {
    let i18n = use_i18n();
    let none = list.sites.is_empty();
    let offer = move |site: Site| {
        let id = site.site_id;
        view! {
            <label class="choice">
                <input type="radio" name="invite-site" prop:checked=move || chosen.get() == Some(id) on:change=move |_| chosen.set(Some(id)) />
                <span>
                    <b>{site.name}</b>
                    " "
                    <span class="quiet">{site.address}</span>
                </span>
            </label>
        }
    };
    view! {
        {none.then(|| view! { <p class="quiet">{t!(i18n, office.site.none)}</p> })}
        <div class="stack t">{list.sites.into_iter().take(OFFERED).map(offer).collect::<Vec<_>>()}</div>
    }
}
