//! What was captured for a sealed record, each with its way to the server.

use crate::{
    components::{
        Icon, Sheet,
        photos::{Large, StoredImage, words::kind},
    },
    signal::{Memo, RwSignal},
    state::{records::Record, use_app},
    view::{Node, effect, view},
    words::{Words, counted, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    client::evidence::LOST, id::EvidenceId, inspection::EvidenceRow, store::Store as _,
};

/// The section; nothing for a record without evidence.
#[component]
pub fn Captured(
    /// The record.
    record: Rc<Record>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let id = record.id;
    let named = record.sealed().map_or(0, |sealed| sealed.evidence.len());
    if named == 0 {
        return Node::Nothing;
    }
    let read = RwSignal::new(None::<Vec<EvidenceRow>>);
    let rows = Memo::new(move |_| read.get().unwrap_or_default());
    effect(move || {
        app.sync.version();
        let store = app.store();
        spawn_local(async move {
            // What cannot be read now is read with the next change.
            if let Ok(mut found) = store.evidence_of(id).await {
                found.retain(|row| row.sealed.is_some());
                read.try_set(Some(found));
            }
        });
    });
    let open = RwSignal::new(None::<EvidenceId>);
    let here = move || rows.with(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let done = move || rows.with(|rows| rows.iter().filter(|row| !row.is_waiting()).count());
    let away = move || {
        read.with(|rows| {
            rows.as_ref()
                .map_or(0, |rows| named.saturating_sub(rows.len()))
        })
    };
    let tiles = move || {
        here()
            .into_iter()
            .map(|id| view! { <Tile rows=rows id=id open=open /> })
            .collect::<Vec<_>>()
    };
    view! {
        <section class="sheetlike stack">
            <div class="row"><h2 class="grow">{t!(i18n, evidence.record.title)}</h2>
                {move || (!here().is_empty()).then(|| view! { <span class="quiet">{t_string!(i18n, evidence.record.count, done = done(), total = here().len())}</span> })}
            </div>
            <ul class="photos">{tiles}</ul>
            {move || (away() > 0).then(|| view! { <p class="quiet">{counted!(i18n, evidence.record.elsewhere, count = away())}</p> })}
            <LargeSheet rows=rows target=open />
        </section>
    }
}

fn one(rows: Memo<Vec<EvidenceRow>>, id: EvidenceId) -> Option<EvidenceRow> {
    rows.with(|rows| rows.iter().find(|row| row.id == id).cloned())
}

fn refused(row: &EvidenceRow) -> Option<&str> {
    row.parts.iter().find_map(|part| part.refused.as_deref())
}

// Icon, tone and words of how it stands.
fn standing(i18n: Words, row: &EvidenceRow) -> (&'static str, &'static str, String) {
    if let Some(code) = refused(row) {
        let words = match code {
            LOST => t_string!(i18n, evidence.record.lost).to_owned(),
            code => t_string!(i18n, evidence.record.refused, why = code.to_owned()),
        };
        return ("alert", "fail", words);
    }
    if row.is_waiting() {
        let words = t_string!(i18n, evidence.record.waiting).to_owned();
        return ("saved", "na", words);
    }
    let words = t_string!(i18n, evidence.record.delivered).to_owned();
    ("delivered", "pass", words)
}

#[component]
fn Tile(rows: Memo<Vec<EvidenceRow>>, id: EvidenceId, open: RwSignal<Option<EvidenceId>>) -> Node {
    let i18n = use_i18n();
    let Some(first) = one(rows, id) else {
        return Node::Nothing;
    };
    let now = move || {
        one(rows, id)
            .map(|row| standing(i18n, &row))
            .unwrap_or_default()
    };
    let icon = Signal::derive(move || now().0);
    let label = move || {
        format!(
            "{}{}{}",
            kind(i18n, first.kind),
            t_string!(i18n, common.list.comma),
            now().2
        )
    };
    let opaque = first
        .thumb
        .is_none()
        .then(|| view! { <Icon name="file" /> });
    view! {
        <li class="photo" data-tone=move || now().1>
            <button type="button" aria-label=label on:click=move |_| open.set(Some(id))>
                <StoredImage blob=Signal::stored(first.thumb) alt="" />
                {opaque}
            </button>
            <crate::components::LiveIcon name=icon />
        </li>
    }
}

#[component]
fn LargeSheet(rows: Memo<Vec<EvidenceRow>>, target: RwSignal<Option<EvidenceId>>) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    effect(move || {
        if target.get().is_some() {
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() {
            target.set(None);
        }
    });
    let row = move || target.get().and_then(|id| one(rows, id));
    view! {
        <Sheet open=open id="photo" title=t!(i18n, evidence.view)>
            {move || row().map(|row| {
                let (icon, tone, words) = standing(i18n, &row);
                let text = row.text.clone();
                view! {
                    <Large row=row />
                    {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
                    <p class="row" data-tone=tone><Icon name=icon />{words}</p>
                }
            })}
        </Sheet>
    }
}
