//! 单位: finding a site on the device by name, initials, address or credit code, at every keystroke.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{Empty, Find, Frame, Icon, Tab, codes::SiteScan},
    platform::address::use_address,
    search::Last,
    state::{App, use_app},
    words::{Words, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::sync::wire::Site;

/// Most sites that are drawn; a person types a little more instead of scrolling through thousands.
const SHOWN: usize = 50;

/// The page.
#[component]
pub fn Sites() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let query = RwSignal::new(String::new());
    let sites = RwSignal::new(None::<Rc<Vec<Site>>>);
    effect(move || {
        app.reference.version();
        spawn_local(async move {
            if let Ok(found) = app.reference.sites().await {
                sites.try_set(Some(found));
            }
        });
    });
    let subtitle = move || {
        let count = sites.with(|s| s.as_ref().map_or(0, |s| s.len()));
        counted!(i18n, field.sites.on_device, count = count)
    };
    let address = use_address();
    let choose = Callback::new(move |site: Site| address.go(&format!("/s/{}", site.site_id)));
    let label = move || t_string!(i18n, inspection.new.find);
    let short = move || t_string!(i18n, inspection.new.find_short);
    let dock = move || view! { <Find query=query label=label placeholder=short /><SiteScan query=query choose=choose /> };
    let last = StoredValue::new_local(Last::default());
    let list = move || {
        let (sites, query) = (sites.get()?, query.get());
        last.try_update_value(|last| {
            let found = last.find(&sites, &query);
            listed(i18n, app, &sites, found, &query)
        })
    };
    view! {
        <Frame title=t!(i18n, field.sites.title) subtitle=subtitle tab=Tab::Sites dock=dock>
            {list}
        </Frame>
    }
}

fn listed(i18n: Words, app: App, sites: &[Site], found: &[usize], query: &str) -> Node {
    if sites.is_empty() {
        return view! { <Empty icon="site" title=t!(i18n, field.sites.none) hint=t!(i18n, field.sites.none_hint) /> };
    }
    let total = found.len();
    if total == 0 {
        return view! { <Empty icon="search" title=t!(i18n, field.sites.no_match) hint=t!(i18n, field.sites.no_match_hint) /> };
    }
    let role = app.identity().role;
    let inspects = role.inspects();
    let shown = found.iter().take(SHOWN).map(|at| sites[*at].clone());
    let more = total > SHOWN;
    // Without a search the line below the title has said how many there are.
    let searched = !query.trim().is_empty();
    view! {
        <section>
            <div class=if searched { "head" } else { "vh" } role="status">
                <h2>{move || match searched {
                    true => counted!(i18n, field.sites.found, count = total),
                    false => counted!(i18n, field.sites.on_device, count = total),
                }}</h2>
            </div>
            <ul class="list">{shown.map(|site| view! { <SiteLine site=site inspects=inspects /> }).collect::<Vec<_>>()}</ul>
            {more.then(|| view! { <p class="pad quiet">{move || t_string!(i18n, field.sites.more, count = SHOWN)}</p> })}
        </section>
    }
}

#[component]
fn SiteLine(site: Site, inspects: bool) -> Node {
    let i18n = use_i18n();
    let body = view! {
        <div class="stack t grow">
            <h3>{site.name}</h3>
            <p class="quiet">{site.address}</p>
            {site.credit_code.map(|code| view! { <p class="code">{code}</p> })}
            {(!site.category.is_empty()).then(|| view! { <p class="row wrap"><span class="tag" data-tone="info">{site.category}</span></p> })}
        </div>
    };
    if !inspects {
        return view! { <li class="li">{body}</li> };
    }
    view! {
        <li>
            <a class="li" href=format!("/inspect/new?site={}", site.site_id)>
                {body}
                <span class="vh">{t!(i18n, field.sites.start)}</span>
                <Icon name="next" />
            </a>
        </li>
    }
}
