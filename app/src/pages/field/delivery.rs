//! 送到哪一步: what is known about each event of a record, hollow while it waits, solid once it is there.

use super::record::DetailTitle;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::intl::Style,
    state::{
        records::{Delivery, Record, Told},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::store::ReceiptRow;

/// The history of a record's way to the server.
#[component]
pub fn DeliveryLog(record: std::rc::Rc<Record>) -> Node {
    let i18n = use_i18n();
    let all = record.delivery() == Delivery::Delivered;
    view! {
        <section class="sheetlike stack">
            <DetailTitle>{t!(i18n, field.record.delivery)}</DetailTitle>
            <ol class="log">
                {record.told.iter().cloned().map(|told| view! { <Written told=told.clone() /><Received told=told /> }).collect::<Vec<_>>()}
                {all.then(|| view! { <li><Icon name="saving" /><p class="quiet">{t!(i18n, field.record.backup)}</p></li> })}
            </ol>
        </section>
    }
}

#[component]
fn Written(told: Told) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let (at, own, kind, hash) = (told.at, told.seq, told.kind, told.hash);
    let line = move || {
        let time = words::moment(i18n, at, app.zone(), Style::Whole);
        match (kind.as_str(), own) {
            (_, None) => t_string!(i18n, field.record.from_server, time = time),
            ("started", _) => t_string!(i18n, field.record.started_on_device, time = time),
            ("amended", _) => t_string!(i18n, field.record.amended_on_device, time = time),
            _ => t_string!(i18n, field.record.on_device, time = time),
        }
    };
    view! {
        <li>
            <Icon name="saved" />
            <p><b>{line}</b></p>
            {own.map(|seq| view! { <p class="quiet">{move || t_string!(i18n, field.record.device, seq = seq)}" · "{t!(i18n, field.record.on_device_hint)}</p> })}
            <details>
                <summary class="quiet">{t!(i18n, field.record.hash)}</summary>
                <p class="code">{hash.to_string()}</p>
            </details>
        </li>
    }
}

#[component]
fn Received(told: Told) -> Node {
    let i18n = use_i18n();
    match (told.delivery(), told.receipt) {
        (Delivery::Unconfirmed, _) => view! {
            <li data-tone="fail">
                <Icon name="alert" />
                <p>{t!(i18n, field.record.unconfirmed)}</p>
                <p class="quiet">{t!(i18n, field.record.unconfirmed_hint)}</p>
            </li>
        },
        (Delivery::Waiting, _) | (_, None) => view! {
            <li data-tone="na">
                <Icon name="saving" />
                <p>{t!(i18n, field.record.waiting)}</p>
                <p class="quiet">{t!(i18n, field.record.waiting_hint)}</p>
            </li>
        },
        (delivery, Some(receipt)) => {
            view! { <Receipt delivery=delivery receipt=receipt /> }
        }
    }
}

#[component]
fn Receipt(delivery: Delivery, receipt: ReceiptRow) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let (icon, tone) = match delivery {
        Delivery::Delivered => ("delivered", "pass"),
        Delivery::Deferred => ("clock", "warn"),
        _ => ("alert", "fail"),
    };
    let (at, seq, reason) = (receipt.received_at, receipt.tenant_seq, receipt.reason);
    let line = move || {
        let time = words::moment(i18n, at, app.zone(), Style::Whole);
        match delivery {
            Delivery::Delivered => t_string!(i18n, field.record.delivered, time = time),
            Delivery::Deferred => t_string!(i18n, field.record.deferred, time = time),
            _ => t_string!(i18n, field.record.quarantined, time = time),
        }
    };
    view! {
        <li data-tone=tone>
            <Icon name=icon />
            <p><b>{line}</b></p>
            {reason.map(|reason| view! { <p>{move || words::reason(i18n, reason)}</p> })}
            {(delivery == Delivery::Quarantined).then(|| view! { <p class="quiet">{t!(i18n, field.record.quarantined_hint)}</p> })}
            <p class="quiet">{move || t_string!(i18n, field.record.receipt, seq = seq)}</p>
        </li>
    }
}
