//! 今日: drafts to go on with, what waits to be sent, whether the app works offline, and starting an inspection.

use super::{
    later::{Later, Page},
    ready::Ready,
    records::DraftLine,
};
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::{ButtonKind, Empty, Frame, Icon, LinkButton, Tab},
    draft::{Book, Tally},
    platform::{clock, intl::Style},
    state::{App, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::order;
use zhicha_core::{
    inspection::Draft,
    store::{Store, StoreError},
};

/// What today's page shows.
#[derive(Clone, Default)]
struct Now {
    /// Drafts, the one changed last first.
    drafts: Vec<Draft>,
    /// Counters of the first draft; nothing while one of its checklists is not on the device.
    tally: Option<Tally>,
}

impl Now {
    async fn read(app: App) -> Result<Self, StoreError> {
        let mut drafts = app.store().drafts().await?;
        order::sort_by_key(&mut drafts, |draft| std::cmp::Reverse(draft.changed));
        let tally = match drafts.first() {
            Some(draft) => count(app, draft).await?,
            None => None,
        };
        Ok(Self { drafts, tally })
    }
}

async fn count(app: App, draft: &Draft) -> Result<Option<Tally>, StoreError> {
    let mut checklists = Vec::with_capacity(draft.checklists.len());
    for reference in &draft.checklists {
        let Some(loaded) = app.reference.checklist(&reference.digest).await? else {
            return Ok(None);
        };
        checklists.push(loaded);
    }
    let answers = app.store().answers(draft.id).await?;
    let book = Book::new(checklists, answers, draft.instances.clone());
    Ok(Some(book.total()))
}

/// The first page of the app.
#[component]
pub fn Today() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let now = RwSignal::new(None::<Now>);
    effect(move || {
        app.sync.version();
        spawn_local(async move {
            if let Ok(read) = Now::read(app).await {
                now.try_set(Some(read));
            }
        });
    });
    let title = move || words::moment(i18n, clock::now(), app.zone(), Style::Day);
    let dock = move || view! { <LinkButton kind=ButtonKind::Main icon="plus" label=t!(i18n, field.today.start) href="/inspect/new" /> };
    view! {
        <Frame title=title subtitle=app.identity().tenant_name.clone() tab=Tab::Today dock=dock>
            <Later page=Page::Attention />
            {move || now.get().map(|now| view! { <Content now=now /> })}
            <Ready />
        </Frame>
    }
}

#[component]
fn Content(now: Now) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let empty = now.drafts.is_empty() && app.sync.is_read() && !app.sync.has_history();
    let tally = now.tally;
    let draft = !now.drafts.is_empty();
    let mut drafts = now.drafts.into_iter();
    let first = drafts.next();
    let others: Vec<_> = drafts.collect();
    view! {
        {first.map(|draft| view! { <Hero draft=draft tally=tally /> })}
        {(!others.is_empty()).then(|| {
            view! {
                <section>
                    <div class="head"><h2>{t!(i18n, field.today.more_drafts)}</h2></div>
                    <ul class="list">{others.into_iter().map(|draft| view! { <DraftLine draft=draft /> }).collect::<Vec<_>>()}</ul>
                </section>
            }
        })}
        {empty.then(|| view! { <Empty icon="check" title=t!(i18n, field.today.empty) hint=t!(i18n, field.today.empty_hint) /> })}
        <Later page=Page::Recent />
        <Waiting draft=draft />
    }
}

/// The draft to go on with.
#[component]
fn Hero(draft: Draft, tally: Option<Tally>) -> Node {
    let i18n = use_i18n();
    let names = super::records::checklist_names(&draft.checklists);
    let left = move || {
        tally.map(|tally| match tally.missing {
            0 => t_string!(i18n, field.today.all_answered).to_owned(),
            missing => counted!(i18n, field.today.left, count = missing),
        })
    };
    view! {
        <a class="hero" href=format!("/inspect/{}", draft.id)>
            {tally.map(|tally| view! { <Ring tally=tally /> })}
            <div class="stack t grow">
                <p>{t!(i18n, field.today.resume)}</p>
                <h2>{draft.site.name}</h2>
                <p>{move || names.get()}</p>
                <p>{left}</p>
            </div>
            <Icon name="next" />
        </a>
    }
}

/// How much is answered; the number in it is read as part of the link.
#[component]
fn Ring(tally: Tally) -> Node {
    let arc = format!("{} 100", tally.percent());
    view! {
        <span class="ring big">
            <svg viewBox="0 0 40 40" aria-hidden="true">
                <circle cx="20" cy="20" r="17"></circle>
                <circle cx="20" cy="20" r="17" attr:pathLength="100" attr:stroke-dasharray=arc></circle>
            </svg>
            <b>{tally.answered()}</b>
        </span>
    }
}

/// What can be sent and is not; a draft cannot.
#[component]
fn Waiting(draft: bool) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let shown = move || {
        let count = app.sync.waiting();
        if !app.sync.has_history() {
            return None;
        }
        let line = move || match count {
            0 => t_string!(i18n, field.today.waiting_none).to_owned(),
            _ => counted!(i18n, field.today.waiting, count = count),
        };
        Some(view! {
            <section class="pad row top-a">
                <Icon name="sending" />
                <div class="stack t">
                    {draft.then(|| view! { <p class="quiet">{t!(i18n, field.today.waiting_draft)}</p> })}
                    <p class="quiet">{line}</p>
                </div>
            </section>
        })
    };
    Node::live(shown)
}
