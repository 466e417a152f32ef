//! A sealed record, read-only: facts, hazards, answers, sign-offs, its way to the server, and amendments beside it.

use super::{
    answers::Answers, captured::Captured, delivery::DeliveryLog, facts::Facts, hazards::HazardLine,
    signed::SignOffs,
};
use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Children, Node, effect, view};
use crate::{
    components::{ButtonKind, Empty, Frame, Icon, LinkButton},
    platform::intl::Style,
    state::{
        records::{Delivery, Record},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    event::EventHash,
    id::RecordId,
    store::{Store, StoreError},
};

/// What is known after reading.
#[derive(Clone)]
enum Found {
    Nothing,
    Record(Rc<Record>, bool),
    Trouble(StoreError),
}

impl Found {
    // What the page says, without the way to the server.
    fn content(&self) -> (Vec<EventHash>, bool, Option<StoreError>) {
        match self {
            Self::Nothing => (Vec::new(), false, None),
            Self::Record(record, draft) => {
                let hashes = record.told.iter().map(|told| told.hash.clone());
                (hashes.collect(), *draft, None)
            }
            Self::Trouble(error) => (Vec::new(), false, Some(error.clone())),
        }
    }

    fn record(self) -> Option<Rc<Record>> {
        match self {
            Self::Record(record, _) => Some(record),
            _ => None,
        }
    }
}

/// The heading of a part of the page.
#[component]
pub fn DetailTitle(children: Children) -> Node {
    view! { <h2>{children()}</h2> }
}

/// The page of one record.
#[component]
pub fn RecordPage() -> Node {
    let app = use_app();
    let part = use_address().part("records", 1);
    let id = Memo::new(move |_| part.get()?.parse::<RecordId>().ok());
    let found = RwSignal::new(None::<Found>);
    effect(move || {
        let (id, version) = (id.get(), app.sync.version());
        spawn_local(async move {
            found.try_set(Some(match read(app, id, version).await {
                Ok(Some((record, draft))) => Found::Record(record, draft),
                Ok(None) => Found::Nothing,
                Err(error) => Found::Trouble(error),
            }));
        });
    });
    // Receipts come one after the other while somebody reads; only what they change is drawn anew.
    let content = Memo::new(move |_| found.with(|found| found.as_ref().map(Found::content)));
    Node::live(move || {
        content.get();
        found.get_untracked().map(|now| match now {
            Found::Record(record, draft) => {
                view! { <Shown record=record draft=draft found=found /> }
            }
            Found::Nothing => view! { <Missing error=None /> },
            Found::Trouble(error) => view! { <Missing error=Some(error) /> },
        })
    })
}

async fn read(
    app: crate::state::App,
    id: Option<RecordId>,
    version: u32,
) -> Result<Option<(Rc<Record>, bool)>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let Some(record) = app.records.one(id, version).await? else {
        return Ok(None);
    };
    let draft = record.sealed().is_none() && app.store().draft(id).await?.is_some();
    Ok(Some((record, draft)))
}

#[component]
fn Missing(error: Option<StoreError>) -> Node {
    let i18n = use_i18n();
    let hint = move || match &error {
        Some(error) => words::store_error(i18n, error),
        None => t_string!(i18n, field.record.missing_hint),
    };
    view! {
        <Frame title=t!(i18n, field.record.title) back="/inspect">
            <Empty icon="search" title=t!(i18n, field.record.missing) hint=hint />
        </Frame>
    }
}

#[component]
fn Shown(record: Rc<Record>, draft: bool, found: RwSignal<Option<Found>>) -> Node {
    let i18n = use_i18n();
    let id = record.id;
    let site = match (record.sealed(), &record.folded.started) {
        (Some(body), _) => body.site.name.clone(),
        (None, Some((_, _, body))) => body.site.name.clone(),
        (None, None) => String::new(),
    };
    let date = record.date();
    let subtitle =
        move || date.map_or_else(String::new, |day| words::day(i18n, day, Style::LongDay));
    let sealed = record.sealed().is_some();
    let waiting = Signal::derive(move || {
        let record = found.get().and_then(Found::record);
        record.is_none_or(|record| record.delivery() != Delivery::Delivered)
    });
    let body = view! {
        <Facts record=Rc::clone(&record) />
        {move || found.get().and_then(Found::record).map(|record| view! { <DeliveryLog record=record /> })}
        <super::amendments::Amendments record=Rc::clone(&record) />
        <Hazards record=Rc::clone(&record) />
        <Captured record=Rc::clone(&record) waiting=waiting />
        <Answers record=Rc::clone(&record) />
        <SignOffs record=record />
    };
    let dock = move || {
        if sealed {
            view! { <LinkButton icon="edit" label=t!(i18n, field.record.amend) href=format!("/records/{id}/amend") /> }
        } else {
            view! { <LinkButton kind=ButtonKind::Main icon="next" label=t!(i18n, field.record.go_on) href=format!("/inspect/{id}") /> }
        }
    };
    if sealed || draft {
        view! { <Frame title=site subtitle=subtitle back="/inspect" dock=dock>{body}</Frame> }
    } else {
        view! { <Frame title=site subtitle=subtitle back="/inspect">{body}</Frame> }
    }
}

#[component]
fn Hazards(record: Rc<Record>) -> Node {
    let i18n = use_i18n();
    if record.sealed().is_none() {
        return Node::Nothing;
    }
    let hazards = record.hazards();
    let none = hazards.is_empty();
    view! {
        <section>
            <div class="head"><h2>{t!(i18n, field.record.hazards)}</h2></div>
            {none.then(|| view! { <p class="pad row"><Icon name="tick" />{t!(i18n, field.record.no_hazards)}</p> })}
            {(!none).then(|| view! {
                <ul class="list">
                    {hazards.into_iter().map(|(hazard, withdrawn)| view! { <HazardLine record=Rc::clone(&record) hazard=hazard withdrawn=withdrawn site=None /> }).collect::<Vec<_>>()}
                </ul>
            })}
        </section>
    }
}
