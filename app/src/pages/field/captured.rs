//! What was captured for a sealed record, each with its way to the server.

use crate::{
    components::{
        Icon, Sheet,
        codes::Says,
        photos::{Face, Large, face, words::view_title},
    },
    signal::{Memo, RwSignal},
    state::{records::Record, use_app},
    view::{For, Node, effect, view},
    words::{Words, counted, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    client::evidence::{LOST, UNREADABLE},
    id::EvidenceId,
    inspection::{Evidence, EvidenceKind, EvidenceRow, said},
    store::Store as _,
};

/// The section; nothing for a record without evidence.
#[component]
pub fn Captured(
    /// The record.
    record: Rc<Record>,
    /// Whether not all of its events were applied by the server.
    waiting: Signal<bool>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let id = record.id;
    let named = record.sealed().map_or(0, |sealed| {
        let captured = |one: &&Evidence| one.kind != EvidenceKind::Signature;
        sealed.evidence.iter().filter(captured).count()
    });
    if named == 0 {
        return Node::Nothing;
    }
    let read = RwSignal::new(None::<Vec<EvidenceRow>>);
    let rows = Memo::new(move |_| read.get().unwrap_or_default());
    effect(move || {
        app.sync.version();
        app.sync.evidence_version();
        let store = app.store();
        spawn_local(async move {
            // What cannot be read now is read with the next change.
            if let Ok(mut found) = store.evidence_of(id).await {
                // Sign-offs stand by themselves.
                found.retain(|row| row.sealed.is_some() && row.kind != EvidenceKind::Signature);
                read.try_set(Some(found));
            }
        });
    });
    let open = RwSignal::new(None::<EvidenceId>);
    let here = move || rows.with(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    // What has no bytes is delivered with its event.
    let waits = Waits { here_only: waiting };
    let done = move || rows.with(|rows| rows.iter().filter(|row| !waits.of(row)).count());
    let away = move || {
        read.with(|rows| {
            rows.as_ref()
                .map_or(0, |rows| named.saturating_sub(rows.len()))
        })
    };
    view! {
        <section class="sheetlike stack">
            <div class="row"><h2 class="grow">{t!(i18n, evidence.record.title)}</h2>
                {move || (!here().is_empty()).then(|| view! { <span class="quiet">{t_string!(i18n, evidence.record.count, done = done(), total = here().len())}</span> })}
            </div>
            <ul class="photos"><For each=here key=|id: &EvidenceId| *id children=move |id| view! { <Tile rows=rows id=id open=open waits=waits /> } /></ul>
            {move || (away() > 0).then(|| view! { <p class="quiet">{counted!(i18n, evidence.record.elsewhere, count = away())}</p> })}
            <LargeSheet rows=rows target=open waits=waits />
        </section>
    }
}

// Whether something is on its way.
#[derive(Clone, Copy)]
struct Waits {
    here_only: Signal<bool>,
}

impl Waits {
    fn of(self, row: &EvidenceRow) -> bool {
        row.is_waiting() || (row.parts.is_empty() && self.here_only.get())
    }
}

fn one(rows: Memo<Vec<EvidenceRow>>, id: EvidenceId) -> Option<EvidenceRow> {
    rows.with(|rows| rows.iter().find(|row| row.id == id).cloned())
}

fn refused(row: &EvidenceRow) -> Option<&str> {
    row.parts.iter().find_map(|part| part.refused.as_deref())
}

// Icon, tone and words of how it stands.
fn standing(i18n: Words, row: &EvidenceRow, waits: bool) -> (&'static str, &'static str, String) {
    if let Some(code) = refused(row) {
        let words = match code {
            LOST => t_string!(i18n, evidence.record.lost).to_owned(),
            UNREADABLE => t_string!(i18n, evidence.record.unreadable).to_owned(),
            code => t_string!(i18n, evidence.record.refused, why = code.to_owned()),
        };
        return ("alert", "fail", words);
    }
    if waits {
        let words = t_string!(i18n, evidence.record.waiting).to_owned();
        return ("saved", "na", words);
    }
    let words = t_string!(i18n, evidence.record.delivered).to_owned();
    ("delivered", "pass", words)
}

#[component]
fn Tile(
    rows: Memo<Vec<EvidenceRow>>,
    id: EvidenceId,
    open: RwSignal<Option<EvidenceId>>,
    waits: Waits,
) -> Node {
    let i18n = use_i18n();
    let Some(first) = one(rows, id) else {
        return Node::Nothing;
    };
    let now = move || {
        one(rows, id)
            .map(|row| standing(i18n, &row, waits.of(&row)))
            .unwrap_or_default()
    };
    let icon = Signal::derive(move || now().0);
    let row = first.clone();
    let label = move || {
        format!(
            "{}{}{}",
            face::name(i18n, &first),
            t_string!(i18n, common.list.comma),
            now().2
        )
    };
    let says = move || {
        let row = one(rows, id).filter(|row| row.kind == EvidenceKind::Code);
        row.map(|row| view! { <Says text=row.text /> })
    };
    view! {
        <li class="photo" data-tone=move || now().1>
            <button type="button" aria-label=label on:click=move |_| open.set(Some(id))>
                <Face row=row saved=true />
            </button>
            <crate::components::LiveIcon name=icon />
            {says}
        </li>
    }
}

#[component]
fn LargeSheet(
    rows: Memo<Vec<EvidenceRow>>,
    target: RwSignal<Option<EvidenceId>>,
    waits: Waits,
) -> Node {
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
    let title = move || view_title(i18n, row().map_or(EvidenceKind::Photo, |row| row.kind));
    view! {
        <Sheet open=open id="photo" title=title>
            {move || row().map(|row| {
                let (icon, tone, words) = standing(i18n, &row, waits.of(&row));
                // A file's has been said by now, and what a code says stands with its picture.
                let caption = said::caption(row.kind, &row.text)
                    .filter(|_| !matches!(row.kind, EvidenceKind::File | EvidenceKind::Code));
                let text = caption.unwrap_or_default();
                view! {
                    <Large row=row />
                    {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
                    <p class="row" data-tone=tone><Icon name=icon />{words}</p>
                }
            })}
        </Sheet>
    }
}
