//! What the server holds of the record: signed texts and receipts, also those that were not applied.

use super::Reading;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{session::OfficeSession, when, words},
    pages::office::parts::{CopyButton, Tag},
    words::{reason, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    api::RecordEvent,
    event::{Disposition, Kind, Payload},
};

/// All events, oldest first.
#[component]
pub fn Events(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { detail, .. } = reading;
    let i18n = use_i18n();
    let rows = detail
        .events
        .iter()
        .map(|event| view! { <EventOf event=event.clone() /> })
        .collect::<Vec<_>>();
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, office.event.title)}</h2>
            <p class="quiet">{t!(i18n, office.event.words)}</p>
            <ol class="log">{rows}</ol>
        </section>
    }
}

#[component]
fn EventOf(event: RecordEvent) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let payload = Payload::parse(&event.text).ok().map(|(payload, _)| payload);
    let kind = payload.as_ref().map(|p| p.kind.clone()).unwrap_or_default();
    let (disposition, why) = (event.disposition, event.reason);
    let tone = words::disposition_tone(disposition);
    let icon = if disposition == Disposition::Applied {
        "delivered"
    } else {
        "alert"
    };
    let name = move || match Kind::from_name(&kind) {
        Some(Kind::Started) => t_string!(i18n, office.event.started).to_owned(),
        Some(Kind::Sealed) => t_string!(i18n, office.event.sealed).to_owned(),
        Some(Kind::Amended) => t_string!(i18n, office.event.amended).to_owned(),
        Some(Kind::DeviceLoss) => t_string!(i18n, office.event.device_loss).to_owned(),
        None if kind.is_empty() => t_string!(i18n, office.event.unreadable).to_owned(),
        None => t_string!(i18n, office.event.other, kind = kind.clone()),
    };
    let flags = event
        .flags
        .iter()
        .copied()
        .map(|flag| view! { <Tag tone="warn" word=move || words::flag(i18n, flag) /> });
    view! {
        <li data-tone=tone>
            <Icon name=icon />
            <div class="stack t">
                <p><b>{name}</b></p>
                <p class="row wrap">
                    <Tag tone=tone word=move || words::disposition(i18n, disposition) />
                    {flags.collect::<Vec<_>>()}
                </p>
                {why.map(|why| view! { <p>{move || reason(i18n, why)}</p> })}
                <Details event=event.clone() captured=payload.as_ref().map(|p| when::second(p.t.wall, zone)) seq=payload.map(|p| p.device_seq) />
            </div>
        </li>
    }
}

#[component]
fn Details(event: RecordEvent, captured: Option<String>, seq: Option<u64>) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let number = seq.map_or_else(String::new, |n| n.to_string());
    view! {
        <dl class="kv">
            <dt>{t!(i18n, office.event.actor)}</dt>
            <dd>{event.actor_name}</dd>
            <dt>{t!(i18n, office.event.captured)}</dt>
            <dd>{captured}</dd>
            <dt>{t!(i18n, office.event.received)}</dt>
            <dd>{when::second(event.received_at, zone)}</dd>
            <dt>{t!(i18n, office.event.log)}</dt>
            <dd>{event.tenant_seq}</dd>
            <dt>{t!(i18n, office.event.number)}</dt>
            <dd>{number}</dd>
        </dl>
        <details>
            <summary>{t!(i18n, office.event.evidence)}</summary>
            <div class="stack">
                <p class="quiet">{t!(i18n, office.event.hash)}</p>
                <p class="code wrap-anywhere">{event.event_hash.to_string()}</p>
                <p class="quiet">{t!(i18n, office.event.device)}</p>
                <p class="code wrap-anywhere">{event.device_id.to_string()}</p>
                <p class="row wrap">
                    <CopyButton text=event.text label=t!(i18n, office.event.copy_text) />
                    <CopyButton text=event.receipt label=t!(i18n, office.event.copy_receipt) />
                </p>
            </div>
        </details>
    }
}
