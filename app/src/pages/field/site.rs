//! `/s/:id`, the address behind the QR code at a gate: the site, when it is on the device. Nothing is asked of the server.

use crate::{
    components::{ButtonKind, Empty, Frame, LinkButton, Tab},
    platform::address::use_address,
    signal::RwSignal,
    state::use_app,
    view::{Node, effect, view},
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::sync::wire::Site;

/// The page.
#[component]
pub fn SitePage() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let id = use_address().part("s", 1);
    // Nothing while it was not looked for.
    let site = RwSignal::new(None::<Option<Site>>);
    effect(move || {
        app.reference.version();
        let id = id.get();
        spawn_local(async move {
            if let Ok(sites) = app.reference.sites().await {
                let named = |site: &&Site| id.as_ref() == Some(&site.site_id.to_string());
                site.try_set(Some(sites.iter().find(named).cloned()));
            }
        });
    });
    let body = move || match site.get() {
        None => Node::Nothing,
        Some(None) => view! {
            <Empty icon="site" title=t!(i18n, field.gate.absent) hint=t!(i18n, field.gate.absent_hint) />
            <section class="pad stack"><LinkButton label=t!(i18n, field.gate.search) href="/sites" icon="search" /></section>
        },
        Some(Some(site)) => view! { <Known site=site /> },
    };
    view! { <Frame title=t!(i18n, field.gate.title) tab=Tab::Sites back="/sites">{body}</Frame> }
}

#[component]
fn Known(site: Site) -> Node {
    let i18n = use_i18n();
    let inspects = use_app().identity().role.inspects();
    let begin = format!("/inspect/new?site={}", site.site_id);
    view! {
        <section class="pad stack l">
            <div class="stack t">
                <h2>{site.name}</h2>
                <p>{site.address}</p>
                {site.credit_code.map(|code| view! { <p class="code">{code}</p> })}
                {(!site.category.is_empty()).then(|| view! { <p class="row wrap"><span class="tag" data-tone="info">{site.category}</span></p> })}
            </div>
            {inspects.then(|| view! { <LinkButton kind=ButtonKind::Main label=move || t_string!(i18n, field.sites.start) href=begin /> })}
        </section>
    }
}
