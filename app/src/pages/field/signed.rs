//! Who signed a sealed record, how, and what was shown when signing.

use super::record::DetailTitle;
use crate::{
    components::{Icon, Sheet, photos::StoredImage},
    platform::{intl::Style, photo::Bytes},
    signal::RwSignal,
    state::{records::Record, use_app},
    view::{Node, effect, view},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    checklist::Digest,
    inspection::{EvidenceKind, EvidenceRow, SignMethod, SignOff, SignRole, evidence::PartRow},
    store::Store as _,
};

type Rows = RwSignal<Vec<EvidenceRow>>;

/// Who signed, and how.
#[component]
pub fn SignOffs(
    /// The record.
    record: Rc<Record>,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let id = record.id;
    let signs = record
        .sealed()
        .map(|s| s.sign_offs.clone())
        .unwrap_or_default();
    if signs.is_empty() {
        return Node::Nothing;
    }
    let rows: Rows = RwSignal::new(Vec::new());
    spawn_local(async move {
        // What another device wrote is not here; its server has it.
        if let Ok(mut found) = app.store().evidence_of(id).await {
            found.retain(|row| row.kind == EvidenceKind::Signature);
            rows.try_set(found);
        }
    });
    let shown = RwSignal::new(None::<Digest>);
    let lines = signs
        .into_iter()
        .map(|sign| view! { <Signed sign=sign rows=rows shown=shown /> })
        .collect::<Vec<_>>();
    view! {
        <section class="sheetlike stack">
            <DetailTitle>{t!(i18n, field.record.signs)}</DetailTitle>
            <ul class="stack">{lines}</ul>
            <ShownSheet rows=rows shown=shown />
        </section>
    }
}

// Bytes of a sign-off that lie on this device.
fn part(rows: Rows, digest: &Digest) -> Option<(EvidenceRow, PartRow)> {
    rows.with(|rows| {
        rows.iter().find_map(|row| {
            let here = |part: &&PartRow| part.sha256 == *digest && !part.dropped;
            let part = row.parts.iter().find(here)?;
            Some((row.clone(), part.clone()))
        })
    })
}

#[component]
fn Signed(sign: SignOff, rows: Rows, shown: RwSignal<Option<Digest>>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let role = move || match sign.role {
        SignRole::Inspector => t_string!(i18n, field.record.sign.inspector),
        SignRole::Representative => t_string!(i18n, field.record.sign.representative),
        SignRole::Witness => t_string!(i18n, field.record.sign.witness),
    };
    let (at, method, reason) = (sign.at, sign.method, sign.reason);
    let how = move || {
        let time = words::moment(i18n, at, app.zone(), Style::Whole);
        match method {
            SignMethod::Typed => t_string!(i18n, field.record.sign.typed, time = time),
            SignMethod::Drawn => t_string!(i18n, field.record.sign.drawn, time = time),
            SignMethod::Refused => t_string!(
                i18n,
                field.record.sign.refused,
                time = time,
                reason = reason.clone()
            ),
        }
    };
    let (strokes, text) = (sign.blob, sign.shown);
    let ink = move || {
        let (row, _) = part(rows, strokes.as_ref()?)?;
        row.thumb
    };
    let name = sign.name.clone();
    let alt = move || t_string!(i18n, signature.ink, name = name.clone());
    let alt = StoredValue::new(alt);
    let reading = move || {
        let digest = text.clone().filter(|digest| part(rows, digest).is_some())?;
        let label = t!(i18n, signature.read);
        Some(
            view! { <button class="link" type="button" on:click=move |_| shown.set(Some(digest.clone()))>{label}</button> },
        )
    };
    view! {
        <li class="row top-a">
            <Icon name="sign" />
            <div class="stack t grow">
                <p><b>{sign.name}</b>" · "{role}</p>
                {move || ink().map(|blob| view! { <div class="ink-row"><StoredImage blob=Signal::stored(Some(blob)) alt=alt.get_value() /></div> })}
                <p class="quiet">{how}</p>
                {reading}
            </div>
        </li>
    }
}

#[component]
fn ShownSheet(rows: Rows, shown: RwSignal<Option<Digest>>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let open = RwSignal::new(false);
    let text = RwSignal::new(None::<String>);
    effect(move || {
        let Some(digest) = shown.get() else { return };
        text.set(None);
        open.set(true);
        if let Some((_, part)) = part(rows, &digest) {
            spawn_local(async move {
                let stretches = app.store().stretches(part.blob).await;
                let read = |all: Vec<_>| Bytes::joined(&all, &part.sha256.0, &part.mime).text();
                text.try_set(stretches.ok().and_then(read));
            });
        }
    });
    effect(move || {
        if !open.get() {
            shown.set(None);
        }
    });
    view! {
        <Sheet open=open id="shown" title=t!(i18n, signature.read)>
            <p class="quiet">{t!(i18n, signature.read_hint)}</p>
            <div class="shown long">{move || text.get()}</div>
            {move || shown.get().map(|digest| view! { <p class="code">"SHA-256 "{digest.0}</p> })}
        </Sheet>
    }
}
