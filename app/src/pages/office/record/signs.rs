//! Who signed, how, with what ink, and the very text that was shown when signing.

use super::Reading;
use crate::{
    components::{Button, ButtonKind, Icon, Sheet as Panel},
    office::{
        client::{self, Failure},
        session::OfficeSession,
        when, words,
    },
    pages::office::parts::{FailedLine, Tag},
    signal::RwSignal,
    view::{Node, effect, view},
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{
    checklist::Digest,
    event::{BlobRef, Payload},
    id::RecordId,
    inspection::{Sealed, SignMethod, SignOff, evidence::Role},
};

/// The section.
#[component]
pub fn Signs(
    /// The record.
    reading: Reading,
) -> Node {
    let i18n = use_i18n();
    let Some((_, payload, sealed)) = reading.sheet.record.sealed.clone() else {
        return Node::Nothing;
    };
    let record = reading.detail.summary.record_id;
    let here = |digest: &Digest| {
        let blobs = &reading.detail.blobs;
        let found = blobs.iter().find(|blob| blob.sha256 == *digest);
        found.is_some_and(|blob| blob.received_at.is_some())
    };
    let asked = RwSignal::new(None::<Digest>);
    let rows = sealed
        .sign_offs
        .iter()
        .map(|sign| {
            let picture = sign.blob.as_ref().and_then(|b| ink(&payload, &sealed, b));
            let signed = Signed {
                named: sign.blob.is_some() || sign.shown.is_some(),
                picture: picture.filter(|digest| here(digest)),
                shown: sign.shown.clone().filter(here),
                sign: sign.clone(),
            };
            view! { <Sign record=record signed=signed asked=asked /> }
        })
        .collect::<Vec<_>>();
    let none = sealed.sign_offs.is_empty();
    let remarks = sealed.remarks.clone();
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, office.record.signs)}</h2>
            {none.then(|| view! { <p class="quiet">{t!(i18n, office.record.no_signs)}</p> })}
            <ul class="stack">{rows}</ul>
            {(!remarks.is_empty()).then(|| view! { <h3>{t!(i18n, office.record.remarks)}</h3><p class="pre">{remarks}</p> })}
            <Read record=record asked=asked />
        </section>
    }
}

// A sign-off with what the server has of it.
struct Signed {
    sign: SignOff,
    named: bool,
    picture: Option<Digest>,
    shown: Option<Digest>,
}

// The picture beside the strokes.
fn ink(payload: &Payload, sealed: &Sealed, strokes: &Digest) -> Option<Digest> {
    let parts = |at: &u32| payload.blobs.get(usize::try_from(*at).ok()?);
    sealed.evidence.iter().find_map(|one| {
        let blobs: Vec<&BlobRef> = one.blobs.iter().filter_map(parts).collect();
        let own = blobs.iter().any(|blob| blob.sha256 == *strokes);
        let drawn = |blob: &&&BlobRef| blob.role == Role::Working.as_str();
        let picture = blobs.iter().find(drawn)?;
        own.then(|| picture.sha256.clone())
    })
}

#[component]
fn Sign(record: RecordId, signed: Signed, asked: RwSignal<Option<Digest>>) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let Signed {
        sign,
        named,
        picture,
        shown,
    } = signed;
    let refused = sign.method == SignMethod::Refused;
    let icon = if refused { "alert" } else { "sign" };
    let tone = if refused { "warn" } else { "na" };
    let name = sign.name.clone();
    let alt = move || t_string!(i18n, signature.ink, name = name.clone());
    let waiting = named && shown.is_none() || sign.blob.is_some() && picture.is_none();
    view! {
        <li class="row top-aligned">
            <Icon name=icon />
            <div class="grow">
                <p>
                    <b>{sign.name}</b>
                    " "
                    <span class="quiet">{move || words::sign_role(i18n, sign.role)}</span>
                </p>
                <p class="row wrap">
                    <Tag tone=tone word=move || words::sign_method(i18n, sign.method) />
                    <span class="quiet">{when::minute(sign.at, zone)}</span>
                </p>
                {picture.map(|digest| view! { <img class="ink" src=format!("/api/v1/records/{record}/blobs/{digest}?as=view") alt=alt /> })}
                {(!sign.reason.is_empty()).then(|| view! { <p>{sign.reason}</p> })}
                {waiting.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, signature.not_here)}</p> })}
                {shown.map(|digest| view! {
                    <Button kind=ButtonKind::Link label=t!(i18n, signature.read) on_press=Callback::new(move |()| asked.set(Some(digest.clone()))) />
                })}
            </div>
        </li>
    }
}

#[component]
fn Read(record: RecordId, asked: RwSignal<Option<Digest>>) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let text = RwSignal::new(None::<String>);
    let failed = RwSignal::new(None::<Failure>);
    effect(move || {
        let Some(digest) = asked.get() else { return };
        text.set(None);
        failed.set(None);
        open.set(true);
        spawn_local(async move {
            match client::shown_text(record, &digest).await {
                Ok(read) => text.try_set(Some(read)),
                Err(why) => failed.try_set(Some(why)).map(|_| None),
            };
        });
    });
    effect(move || {
        if !open.get() {
            asked.set(None);
        }
    });
    view! {
        <Panel open=open id="shown" title=t!(i18n, signature.read)>
            <p class="quiet">{t!(i18n, signature.read_hint)}</p>
            <FailedLine failure=failed />
            <p class="pre">{move || text.get()}</p>
            {move || asked.get().map(|digest| view! { <p class="code wrap-anywhere">"SHA-256 "{digest.0}</p> })}
        </Panel>
    }
}
