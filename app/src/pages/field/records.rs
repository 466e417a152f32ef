//! 检查: drafts and sealed records by date, with a filter.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{ButtonKind, Empty, Frame, Icon, LinkButton, Tab},
    platform::intl::Style,
    state::{
        records::{Delivery, Record},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::order;
use zhicha_core::{
    inspection::{ChecklistRef, Draft},
    store::Store,
    time::CivilDate,
};

/// Records shown at first and with each 更多.
const PAGE: usize = 50;

/// Names of checklists in the chosen language, by what is on the device.
pub fn checklist_names(refs: &[ChecklistRef]) -> Signal<String, LocalStorage> {
    let i18n = use_i18n();
    let app = use_app();
    let refs = refs.to_vec();
    let titles = RwSignal::new(Vec::new());
    spawn_local(async move {
        let mut found = Vec::new();
        for reference in refs {
            let loaded = app
                .reference
                .checklist(&reference.digest)
                .await
                .ok()
                .flatten();
            found.push((reference.id, loaded.map(|l| l.checklist.title.clone())));
        }
        titles.try_set(found);
    });
    Signal::derive_local(move || {
        let comma = t_string!(i18n, common.list.comma);
        let name = |(id, title): &(String, Option<zhicha_core::checklist::Text>)| {
            title
                .as_ref()
                .map_or_else(|| id.clone(), |t| words::pick(i18n, t))
        };
        titles.with(|titles| titles.iter().map(name).collect::<Vec<_>>().join(comma))
    })
}

/// A draft in a list.
#[component]
pub fn DraftLine(draft: Draft) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let names = checklist_names(&draft.checklists);
    let when = move || words::moment(i18n, draft.changed, app.zone(), Style::DayClock);
    view! {
        <li>
            <a class="li" href=format!("/inspect/{}", draft.id)>
                <Icon name="edit" />
                <div class="stack t grow">
                    <h3>{draft.site.name}</h3>
                    <p class="quiet">{move || names.get()}</p>
                    <p class="quiet">{t!(i18n, field.records.draft)}" · "{when}</p>
                </div>
                <Icon name="next" />
            </a>
        </li>
    }
}

/// A sealed (or begun) record in a list.
#[component]
pub fn RecordLine(record: Rc<Record>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let sealed = record.sealed();
    let started = record.folded.started.as_ref().map(|(_, _, body)| body);
    let (site, refs) = match (sealed, started) {
        (Some(body), _) => (body.site.name.clone(), body.checklists.clone()),
        (None, Some(body)) => (body.site.name.clone(), body.checklists.clone()),
        (None, None) => Default::default(),
    };
    let names = checklist_names(&refs);
    let at = record
        .folded
        .sealed
        .as_ref()
        .map(|(_, payload, _)| payload.t.best());
    let line = move || match at {
        Some(at) => t_string!(
            i18n,
            field.records.sealed_at,
            time = words::moment(i18n, at, app.zone(), Style::Clock)
        ),
        None => t_string!(i18n, field.records.begun).to_owned(),
    };
    let fails = record.counts().fail;
    let amended = !record.folded.amended.is_empty();
    view! {
        <li>
            <a class="li" href=format!("/records/{}", record.id)>
                <DeliveryMark delivery=record.delivery() />
                <div class="stack t grow">
                    <h3>{site}</h3>
                    <p class="quiet">{move || names.get()}</p>
                    <p class="row wrap">
                        <span class="quiet">{line}</span>
                        {(fails > 0).then(|| view! { <span class="tag" data-tone="fail"><Icon name="cross" />{move || counted!(i18n, field.records.fails, count = fails)}</span> })}
                        {amended.then(|| view! { <span class="tag" data-tone="info">{t!(i18n, field.records.amended)}</span> })}
                    </p>
                </div>
                <Icon name="next" />
            </a>
        </li>
    }
}

/// Where a record is: the same marks and words as the badge.
#[component]
pub fn DeliveryMark(delivery: Delivery) -> Node {
    let i18n = use_i18n();
    let (icon, tone) = match delivery {
        Delivery::Delivered => ("delivered", "pass"),
        Delivery::Deferred | Delivery::Waiting => ("saved", "na"),
        Delivery::Quarantined | Delivery::Unconfirmed => ("alert", "fail"),
    };
    let word = move || match delivery {
        Delivery::Delivered => t_string!(i18n, common.sync.delivered),
        Delivery::Deferred | Delivery::Waiting => t_string!(i18n, common.save.saved),
        Delivery::Quarantined | Delivery::Unconfirmed => {
            t_string!(i18n, common.sync.attention)
        }
    };
    view! { <span class="mark" data-tone=tone><Icon name=icon /><span class="vh">{word}</span></span> }
}

/// The page.
#[component]
pub fn Records() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let query = RwSignal::new(String::new());
    let unsent_only = RwSignal::new(false);
    let limit = RwSignal::new(PAGE);
    let drafts = RwSignal::new(None::<Vec<Draft>>);
    let records = RwSignal::new(None::<Vec<Rc<Record>>>);
    effect(move || {
        let (version, limit) = (app.sync.version(), limit.get());
        spawn_local(async move {
            let mut found = app.store().drafts().await.unwrap_or_default();
            order::sort_by_key(&mut found, |draft| std::cmp::Reverse(draft.changed));
            drafts.try_set(Some(found));
            if let Ok(found) = app.records.newest(limit, version).await {
                records.try_set(Some(found));
            }
        });
    });
    let dock = move || view! { <LinkButton kind=ButtonKind::Main icon="plus" label=t!(i18n, field.records.new) href="/inspect/new" /> };
    let list = move || {
        let (Some(drafts), Some(records)) = (drafts.get(), records.get()) else {
            return Node::Nothing;
        };
        if drafts.is_empty() && records.is_empty() {
            return view! { <Empty icon="check" title=t!(i18n, field.records.none) hint=t!(i18n, field.records.none_hint) /> };
        }
        view! { <Lists drafts=drafts records=records query=query unsent_only=unsent_only limit=limit /> }
    };
    view! {
        <Frame title=t!(i18n, field.records.title) tab=Tab::Inspect dock=dock>
            <Filter query=query unsent_only=unsent_only />
            {list}
        </Frame>
    }
}

#[component]
fn Filter(query: RwSignal<String>, unsent_only: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    view! {
        <section class="stack">
            <div class="pad"><div class="find">
                <Icon name="search" />
                <input
                    class="in"
                    type="search"
                    aria-label=move || t_string!(i18n, field.records.filter)
                    placeholder=move || t_string!(i18n, field.records.filter)
                    prop:value=move || query.get()
                    on:input=move |event| query.set(event_target_value(&event))
                />
            </div></div>
            <fieldset class="chips scroll">
                <legend class="vh">{t!(i18n, field.records.which)}</legend>
                <label>
                    <input type="radio" name="which" prop:checked=move || !unsent_only.get() on:change=move |_| unsent_only.set(false) />
                    <span>{t!(i18n, field.records.all)}</span>
                </label>
                <label>
                    <input type="radio" name="which" prop:checked=move || unsent_only.get() on:change=move |_| unsent_only.set(true) />
                    <span>{t!(i18n, field.records.unsent)}</span>
                </label>
            </fieldset>
        </section>
    }
}

/// Records that are not drafts any more, newest day first.
fn by_day(
    records: &[Rc<Record>],
    query: &str,
    unsent_only: bool,
) -> Vec<(CivilDate, Vec<Rc<Record>>)> {
    let query = query.trim().to_lowercase();
    let mut days: Vec<(CivilDate, Vec<Rc<Record>>)> = Vec::new();
    for record in records {
        let Some(date) = record.date() else { continue };
        let site = record
            .sealed()
            .map(|s| s.site.name.to_lowercase())
            .unwrap_or_default();
        let fits = query.is_empty() || site.contains(&query) || date.to_string().contains(&query);
        if !fits || (unsent_only && record.delivery() == Delivery::Delivered) {
            continue;
        }
        match days.iter_mut().find(|(day, _)| *day == date) {
            Some((_, of_day)) => of_day.push(Rc::clone(record)),
            None => days.push((date, vec![Rc::clone(record)])),
        }
    }
    order::sort_by_key(&mut days, |(day, _)| std::cmp::Reverse(*day));
    days
}

#[component]
fn Lists(
    drafts: Vec<Draft>,
    records: Vec<Rc<Record>>,
    query: RwSignal<String>,
    unsent_only: RwSignal<bool>,
    limit: RwSignal<usize>,
) -> Node {
    let i18n = use_i18n();
    let open: Vec<_> = drafts.iter().map(|draft| draft.id).collect();
    // A begun inspection whose draft is still here is shown once, as the draft.
    let sealed: Vec<_> = records
        .iter()
        .filter(|r| r.sealed().is_some() || !open.contains(&r.id))
        .cloned()
        .collect();
    let more = records.len() >= limit.get_untracked();
    let drafts = StoredValue::new_local(drafts);
    let sealed = StoredValue::new_local(sealed);
    let fitting = move || {
        let query = query.get().trim().to_lowercase();
        drafts.with_value(|all| {
            all.iter()
                .filter(|d| d.site.name.to_lowercase().contains(&query))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let days = move || sealed.with_value(|all| by_day(all, &query.get(), unsent_only.get()));
    view! {
        {move || {
            let found = fitting();
            (!found.is_empty()).then(|| view! {
                <section>
                    <div class="head"><h2>{t!(i18n, field.records.drafts)}</h2></div>
                    <ul class="list">{found.into_iter().map(|draft| view! { <DraftLine draft=draft /> }).collect::<Vec<_>>()}</ul>
                </section>
            })
        }}
        {move || days().into_iter().map(|(day, of_day)| view! { <Day day=day records=of_day /> }).collect::<Vec<_>>()}
        {move || (days().is_empty() && fitting().is_empty()).then(|| view! {
            <p class="pad quiet" role="status">{move || t_string!(i18n, field.records.no_match, query = query.get())}</p>
        })}
        {more.then(|| view! {
            <section class="pad stack">
                <button class="btn" type="button" on:click=move |_| limit.update(|n| *n += PAGE)>{t!(i18n, field.records.more)}</button>
            </section>
        })}
    }
}

#[component]
fn Day(day: CivilDate, records: Vec<Rc<Record>>) -> Node {
    let i18n = use_i18n();
    view! {
        <section>
            <div class="head"><h2>{move || words::day(i18n, day, Style::LongDay)}</h2></div>
            <ul class="list">{records.into_iter().map(|record| view! { <RecordLine record=record /> }).collect::<Vec<_>>()}</ul>
        </section>
    }
}
