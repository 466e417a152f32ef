//! 隔离: what arrived and could not be applied. It is kept whole; nothing here is thrown away.

use super::parts::{CopyButton, OfficeFrame, Place, Shown, Tag};
use crate::view::{Node, view};
use crate::{
    components::{Empty, Icon},
    office::{client, load::Loaded, session::OfficeSession, when},
    words::{reason, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::api::QuarantineRow;

/// The page.
#[component]
pub fn Quarantine() -> Node {
    let i18n = use_i18n();
    let rows = Loaded::new(client::quarantine);
    view! {
        <OfficeFrame title=t!(i18n, office.quarantine.title) place=Place::Quarantine>
            <p class="pad quiet">{t!(i18n, office.quarantine.words)}</p>
            <Shown loaded=rows render=|rows| view! { <List rows=rows /> } />
        </OfficeFrame>
    }
}

#[component]
fn List(rows: Vec<QuarantineRow>) -> Node {
    let i18n = use_i18n();
    if rows.is_empty() {
        return view! {
            <Empty
                icon="tick"
                title=move || t_string!(i18n, office.quarantine.none)
                hint=move || t_string!(i18n, office.quarantine.none_hint)
            />
        };
    }
    let rows = rows
        .into_iter()
        .map(|row| view! { <RowOf row=row /> })
        .collect::<Vec<_>>();
    view! { <ol class="stack cards">{rows}</ol> }
}

#[component]
fn RowOf(row: QuarantineRow) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let why = row.reason;
    let detail = row.detail.clone();
    let text = row.text.clone();
    view! {
        <li class="sheetlike stack">
            <div class="row wrap">
                <Icon name="alert" />
                <h2 class="grow">{move || reason(i18n, why)}</h2>
                <Tag tone="warn" word=t!(i18n, office.disposition.quarantined) />
            </div>
            {(!detail.is_empty()).then(|| view! { <p>{detail}</p> })}
            <Facts row=row received=move |at| when::second(at, zone) />
            <details>
                <summary>{t!(i18n, office.quarantine.raw)}</summary>
                <div class="stack">
                    <pre class="raw" tabindex="0" aria-label=t!(i18n, office.quarantine.raw)>{text.clone()}</pre>
                    <CopyButton text=text label=t!(i18n, office.event.copy_text) />
                </div>
            </details>
        </li>
    }
}

#[component]
fn Facts(row: QuarantineRow, received: impl Fn(zhicha_core::time::Timestamp) -> String) -> Node {
    let i18n = use_i18n();
    let unknown = move || t_string!(i18n, office.quarantine.unknown);
    let or_unknown =
        move |text: Option<String>| move || text.clone().unwrap_or_else(|| unknown().to_owned());
    view! {
        <dl class="kv">
            <dt>{t!(i18n, office.event.received)}</dt>
            <dd>{received(row.received_at)}</dd>
            <dt>{t!(i18n, office.event.actor)}</dt>
            <dd>{or_unknown(row.actor_name)}</dd>
            <dt>{t!(i18n, office.event.device)}</dt>
            <dd class="code wrap-anywhere">{or_unknown(row.device_id.map(|d| d.to_string()))}</dd>
            <dt>{t!(i18n, office.event.number)}</dt>
            <dd>{or_unknown(row.device_seq.map(|n| n.to_string()))}</dd>
            <dt>{t!(i18n, office.quarantine.kind)}</dt>
            <dd class="code">{or_unknown(row.kind)}</dd>
            <dt>{t!(i18n, office.quarantine.record)}</dt>
            <dd class="code wrap-anywhere">{or_unknown(row.record_id.map(|r| r.to_string()))}</dd>
            <dt>{t!(i18n, office.event.hash)}</dt>
            <dd class="code wrap-anywhere">{row.event_hash.to_string()}</dd>
        </dl>
    }
}
