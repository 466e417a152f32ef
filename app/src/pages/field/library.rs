//! 检查表库: what is on the device, on what it rests and how much of that was compared; every item can be searched for offline,
//! in both languages.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{Empty, Find, Frame, Icon, item::basis::BasisLine},
    draft::{
        clause::{Listed, cited, listed},
        library::{Found, Standing, find, standing},
    },
    platform::intl::Style,
    state::use_app,
    words::{Words, day, pick, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    checklist::{Item, Loaded},
    time::CivilDate,
};

/// Most items that are drawn; a person types a little more instead of scrolling through hundreds.
const SHOWN: usize = 40;

type All = Rc<Vec<Rc<Loaded>>>;

/// The page.
#[component]
pub fn Library() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let query = RwSignal::new(String::new());
    let all = RwSignal::new(None::<All>);
    effect(move || {
        app.reference.version();
        spawn_local(async move {
            if let Ok(found) = app.reference.newest().await {
                all.try_set(Some(Rc::new(found)));
            }
        });
    });
    let today = app.today();
    let subtitle = move || {
        let all = all.get().unwrap_or_default();
        let items: usize = all.iter().map(|list| standing(&list.checklist).items).sum();
        t_string!(
            i18n,
            field.library.on_device,
            lists = all.len(),
            items = items
        )
    };
    // What was found begins at its first line.
    effect(move || {
        query.track();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    });
    let find = move || t_string!(i18n, field.library.find);
    let dock = move || view! { <Find query=query label=find placeholder=find /> };
    let body = move || {
        let all = all.get()?;
        Some(match query.with(|query| query.trim().is_empty()) {
            _ if all.is_empty() => {
                view! { <Empty icon="search" title=t!(i18n, inspection.new.checklists) hint=t!(i18n, inspection.new.no_checklists) /> }
            }
            true => {
                let lines = all
                    .iter()
                    .map(|list| view! { <ListOf list=Rc::clone(list) today=today /> });
                view! { <section class="stack l">{lines.collect::<Vec<_>>()}</section> }
            }
            false => found(i18n, &all, &query.get(), today),
        })
    };
    view! {
        <Frame title=t!(i18n, field.library.title) subtitle=subtitle back="/me" dock=dock>
            {body}
        </Frame>
    }
}

fn found(i18n: Words, all: &All, query: &str, today: CivilDate) -> Node {
    let lists: Vec<_> = all.iter().map(|list| &list.checklist).collect();
    let Found { items, total } = find(&lists, query, SHOWN);
    if total == 0 {
        return view! { <Empty icon="search" title=t!(i18n, field.library.no_match) hint=t!(i18n, field.library.no_match_hint) /> };
    }
    let more = total > items.len();
    let lines: Vec<_> = items
        .into_iter()
        .map(|(list, item)| view! { <ItemOf list=Rc::clone(&all[list]) item=item named=true today=today /> })
        .collect();
    view! {
        <section>
            <div class="head" role="status"><h2>{move || counted!(i18n, field.library.found, count = total)}</h2></div>
            <ol class="list">{lines}</ol>
            {more.then(|| view! { <p class="pad quiet">{move || t_string!(i18n, field.library.more, count = SHOWN)}</p> })}
        </section>
    }
}

/// One checklist: closed, what it is; opened, all its items and documents.
#[component]
fn ListOf(list: Rc<Loaded>, today: CivilDate) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let (title, summary) = (list.checklist.title.clone(), list.checklist.summary.clone());
    let rhythm = list.checklist.rhythm.clone();
    let (version, status) = (list.checklist.version, list.checklist.status_date);
    let Standing {
        items,
        verified,
        recalled,
    } = standing(&list.checklist);
    let inside = StoredValue::new_local(list);
    view! {
        <details class="sheetlike stack" on:toggle=move |_| open.set(true)>
            <summary class="row">
                <span class="stack t grow">
                    <b>{move || pick(i18n, &title)}</b>
                    <span class="quiet">
                        {move || t_string!(i18n, inspection.new.version, version = version)}" · "{move || counted!(i18n, inspection.new.items, count = items)}
                        {move || rhythm.as_ref().map(|rhythm| format!(" · {}", how_often(i18n, rhythm)))}
                    </span>
                    <span class="quiet">{move || t_string!(i18n, field.library.compared, verified = verified, recalled = recalled)}</span>
                </span>
                <Icon name="open" />
            </summary>
            <p>{move || pick(i18n, &summary)}</p>
            <p class="quiet">{move || t_string!(i18n, field.library.status, date = day(i18n, status, Style::LongDay), today = day(i18n, today, Style::LongDay))}</p>
            {move || open.get().then(|| inside.with_value(|list| whole(i18n, list, today)))}
        </details>
    }
}

fn whole(i18n: Words, list: &Rc<Loaded>, today: CivilDate) -> Node {
    let sections = list.checklist.sections.iter().map(|section| {
        let title = section.title.clone();
        let gate = section.gate.as_ref().map(|gate| gate.text.clone());
        let items = section.items.iter().map(|item| {
            view! { <ItemOf list=Rc::clone(list) item=item.clone() named=false today=today /> }
        });
        view! {
            <section>
                <h3>{move || pick(i18n, &title)}</h3>
                {gate.map(|gate| view! { <p class="quiet">{move || t_string!(i18n, field.library.gate, question = pick(i18n, &gate))}</p> })}
                <ol class="list">{items.collect::<Vec<_>>()}</ol>
            </section>
        }
    });
    view! { <div class="stack l">{sections.collect::<Vec<_>>()}</div> }
}

fn how_often(i18n: Words, rhythm: &str) -> &'static str {
    match rhythm {
        "daily" => t_string!(i18n, field.library.daily),
        "half_monthly" => t_string!(i18n, field.library.half_monthly),
        "monthly" => t_string!(i18n, field.library.monthly),
        "quarterly" => t_string!(i18n, field.library.quarterly),
        // Of a later version.
        _ => "",
    }
}

/// One item with its bases as they stand today.
#[component]
fn ItemOf(list: Rc<Loaded>, item: Item, named: bool, today: CivilDate) -> Node {
    let i18n = use_i18n();
    let checklist = &list.checklist;
    let tag = listed(&item, checklist, today).map(|tag| match tag {
        Listed::Listed => t!(i18n, inspection.item.listed),
        Listed::Counts => t!(i18n, inspection.item.counts),
        Listed::ByRule => t!(i18n, inspection.item.by_rule),
    });
    let superseded = item.only_superseded(checklist, today);
    let bases = cited(checklist, &item.bases, today);
    let bases = bases
        .into_iter()
        .map(|cited| view! { <BasisLine cited=cited /> });
    let title = named.then(|| checklist.title.clone());
    let (text, how, source) = (item.text, item.how, item.source);
    view! {
        <li class="li">
            <div class="stack t grow">
                <p><span class="code">{source}</span>" "<b>{move || pick(i18n, &text)}</b></p>
                {title.map(|title| view! { <p class="quiet">{move || pick(i18n, &title)}</p> })}
                {how.map(|how| view! { <p class="quiet">{move || pick(i18n, &how)}</p> })}
                {tag.map(|tag| view! { <p class="row wrap"><span class="tag" data-tone="info">{tag}</span></p> })}
                {superseded.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, inspection.item.superseded)}</p> })}
                {bases.collect::<Vec<_>>()}
            </div>
        </li>
    }
}
