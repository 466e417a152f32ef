//! Choosing the site: from the list on the device, or typed on the spot.

use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{Button, ButtonKind, Icon},
    draft::sites::{Found, find, snapshot},
    pages::field::later::{Later, Page},
    state::use_app,
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{inspection::SiteSnapshot, sync::wire::Site};

/// Most sites that are listed.
const LISTED: usize = 30;

/// The site, and the checklists that its register says fit.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenSite {
    /// As it goes into the record.
    pub snapshot: SiteSnapshot,
    /// Checklist ids, in order.
    pub fitting: Vec<String>,
}

impl From<&Site> for ChosenSite {
    fn from(site: &Site) -> Self {
        Self {
            snapshot: snapshot(site),
            fitting: site.checklists.clone(),
        }
    }
}

/// The chosen site, or the way to one.
#[component]
pub fn SiteChoice(
    /// What was chosen.
    site: RwSignal<Option<ChosenSite>>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let sites = RwSignal::new(None::<Rc<Vec<Site>>>);
    let wanted = use_address().asked("site");
    effect(move || {
        app.reference.version();
        let wanted = wanted.clone();
        spawn_local(async move {
            let Ok(found) = app.reference.sites().await else {
                return;
            };
            let named = found
                .iter()
                .find(|s| wanted.as_ref() == Some(&s.site_id.to_string()));
            if let Some(named) = named
                && site.with_untracked(Option::is_none)
            {
                site.try_set(Some(ChosenSite::from(named)));
            }
            sites.try_set(Some(found));
        });
    });
    let body = move || match site.get() {
        Some(chosen) => view! { <Chosen site=site chosen=chosen /> },
        None => view! { <Search site=site sites=sites /> },
    };
    view! {
        <section>
            <div class="head"><h2>{t!(i18n, inspection.new.site)}</h2></div>
            {body}
        </section>
    }
}

#[component]
fn Chosen(site: RwSignal<Option<ChosenSite>>, chosen: ChosenSite) -> Node {
    let i18n = use_i18n();
    view! {
        <div class="sheetlike row">
            <Icon name="site" />
            <div class="stack t grow"><h3>{chosen.snapshot.name}</h3><p class="quiet">{chosen.snapshot.address}</p></div>
            <Button kind=ButtonKind::Link label=t!(i18n, inspection.new.change) on_press=Callback::new(move |()| site.set(None)) />
        </div>
    }
}

#[component]
fn Search(site: RwSignal<Option<ChosenSite>>, sites: RwSignal<Option<Rc<Vec<Site>>>>) -> Node {
    let i18n = use_i18n();
    let query = RwSignal::new(String::new());
    let found = move || {
        let all = sites.get().unwrap_or_default();
        find(&all, &query.get(), LISTED)
    };
    let none_here = move || sites.get().is_some_and(|s| s.is_empty());
    let label = move || t_string!(i18n, inspection.new.find);
    view! {
        <div class="stack">
            <div class="pad row">
                <div class="find grow">
                    <Icon name="search" />
                    <input class="in" type="search" id="site" autocomplete="off" aria-label=label
                        placeholder=t!(i18n, inspection.new.find_short) prop:value=move || query.get()
                        on:input=move |event| query.set(event_target_value(&event)) />
                </div>
                <Later page=Page::Scan(query, site) />
            </div>
            {move || none_here().then(|| view! { <p class="pad quiet">{t!(i18n, inspection.new.no_sites)}</p> })}
            {move || view! { <Results found=found() query=query.get() site=site /> }}
            <Later page=Page::Typed(site) />
        </div>
    }
}

#[component]
fn Results(found: Found, query: String, site: RwSignal<Option<ChosenSite>>) -> Node {
    let i18n = use_i18n();
    let Found { sites, total } = found;
    let searched = !query.trim().is_empty();
    let line = move || match (searched, total) {
        (true, 0) => t_string!(i18n, inspection.new.none).to_owned(),
        (true, _) => counted!(
            i18n,
            inspection.new.found,
            count = total,
            query = query.clone()
        ),
        (false, _) => counted!(i18n, inspection.new.all, count = total),
    };
    let row = |one: Site| {
        let chosen = ChosenSite::from(&one);
        view! {
            <li>
                <button class="li" type="button" on:click=move |_| site.set(Some(chosen.clone()))>
                    <span class="stack t grow"><b>{one.name}</b><span class="quiet">{one.address}</span></span>
                    <Icon name="next" />
                </button>
            </li>
        }
    };
    view! {
        <p class="pad quiet" role="status">{line}</p>
        {(total > 0).then(|| view! { <ul class="list">{sites.into_iter().map(row).collect::<Vec<_>>()}</ul> })}
        {(total > LISTED).then(|| view! { <p class="pad quiet">{move || counted!(i18n, inspection.new.more, count = LISTED)}</p> })}
    }
}
