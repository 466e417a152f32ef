//! Finding a site by the code at its gate. Everything that this needs is on the device: nothing is asked, nothing is opened.

use super::{Says, Scan, Scanner};
use crate::{
    components::{Button, ButtonKind, Icon, Sheet, TextField},
    draft::scanned::{Meaning, meaning},
    platform::dom,
    signal::RwSignal,
    state::use_app,
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{inspection::code::bounded, sync::wire::Site};

/// What was read, and what it says about sites.
type Read = Vec<(String, Meaning)>;

/// The button beside a search for sites, with its sheet.
#[component]
pub fn SiteScan(
    /// The search: takes the text of a code that is no site's.
    query: RwSignal<String>,
    /// Takes the site that the person confirmed.
    choose: Callback<Site>,
) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    view! {
        <button class="btn fit" type="button" on:click=move |_| open.set(true)><Icon name="qr" />{t!(i18n, evidence.scan.add)}</button>
        <Sheet open=open id="scan-site" title=t!(i18n, evidence.scan.site_title)>
            <Body query=query choose=choose open=open />
        </Sheet>
    }
}

#[component]
fn Body(query: RwSignal<String>, choose: Callback<Site>, open: RwSignal<bool>) -> Node {
    let app = use_app();
    let read = RwSignal::new(None::<Read>);
    let typed = RwSignal::new(String::new());
    let understand = Callback::new(move |texts: Vec<String>| {
        spawn_local(async move {
            // Sites that cannot be read now are like none.
            let sites = app.reference.sites().await.unwrap_or_default();
            let origin = dom::origin();
            let all = texts.iter().map(|text| {
                let meaning = meaning(text, &origin, &sites);
                (bounded(text), meaning)
            });
            // One that is a site's counts, whatever else hangs beside it.
            let (known, other): (Read, Read) =
                all.partition(|(_, meaning)| matches!(meaning, Meaning::Sites(_)));
            let telling = if known.is_empty() { other } else { known };
            read.try_set(Some(telling));
        });
    });
    let found = Callback::new(move |scan: Scan| understand.run(scan.texts));
    let chosen = Callback::new(move |site: Site| {
        open.set(false);
        choose.run(site);
    });
    let search = Callback::new(move |text: String| {
        open.set(false);
        query.set(text);
    });
    Node::live(move || match read.get() {
        None => view! {
            <Scanner id="scan-site".to_owned() found=found />
            <Manual typed=typed go=understand />
        },
        Some(texts) => {
            let lines = texts
                .into_iter()
                .map(|(text, meaning)| view! { <Line text=text meaning=meaning chosen=chosen search=search /> });
            view! {
                <div class="stack l" role="status">{lines.collect::<Vec<_>>()}</div>
                <Again read=read />
            }
        }
    })
}

#[component]
fn Again(read: RwSignal<Option<Read>>) -> Node {
    let i18n = use_i18n();
    view! { <Button icon="qr" label=t!(i18n, evidence.scan.again) on_press=Callback::new(move |()| read.set(None)) /> }
}

#[component]
fn Manual(typed: RwSignal<String>, go: Callback<Vec<String>>) -> Node {
    let i18n = use_i18n();
    let submit = move |event: dom::SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked().trim().to_owned();
        if !text.is_empty() {
            go.run(vec![text]);
        }
    };
    view! {
        <form class="stack" on:submit=submit>
            <TextField id="scan-typed" label=t!(i18n, evidence.scan.manual) value=typed />
            <Button submit=true icon="search" label=t!(i18n, evidence.scan.manual_go) disabled=Signal::derive(move || typed.with(|text| text.trim().is_empty())) />
        </form>
    }
}

#[component]
fn Line(text: String, meaning: Meaning, chosen: Callback<Site>, search: Callback<String>) -> Node {
    let i18n = use_i18n();
    let said = match meaning {
        Meaning::Sites(sites) => {
            let lines = sites
                .into_iter()
                .map(|site| view! { <Known site=site chosen=chosen /> });
            return view! {
                <section class="stack">
                    {lines.collect::<Vec<_>>()}
                    <h3>{t!(i18n, evidence.scan.says)}</h3>
                    <Says text=text />
                </section>
            };
        }
        Meaning::Absent => (
            t!(i18n, evidence.scan.absent),
            t!(i18n, evidence.scan.absent_hint),
        ),
        Meaning::Foreign => (
            t!(i18n, evidence.scan.foreign),
            t!(i18n, evidence.scan.foreign_hint),
        ),
        Meaning::Other => (
            t!(i18n, evidence.scan.other),
            t!(i18n, evidence.scan.other_hint),
        ),
    };
    let words = text.clone();
    let press = Callback::new(move |()| search.run(words.clone()));
    view! {
        <section class="stack">
            <p class="said" data-tone="warn">{said.0}</p>
            <p class="quiet">{said.1}</p>
            <h3>{t!(i18n, evidence.scan.says)}</h3>
            <Says text=text />
            <Button icon="search" label=t!(i18n, evidence.scan.search) on_press=press />
        </section>
    }
}

#[component]
fn Known(site: Site, chosen: Callback<Site>) -> Node {
    let i18n = use_i18n();
    let (name, address) = (site.name.clone(), site.address.clone());
    let press = Callback::new(move |()| chosen.run(site.clone()));
    view! {
        <div class="sheetlike row">
            <Icon name="site" />
            <div class="stack t grow"><h3>{name}</h3><p class="quiet">{address}</p></div>
        </div>
        <Button kind=ButtonKind::Main label=t!(i18n, evidence.scan.use_site) on_press=press />
    }
}
