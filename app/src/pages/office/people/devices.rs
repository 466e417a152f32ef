//! The table of devices: when last heard of, what they still hold, what is wrong with them.

use super::revoke::Revocation;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, Empty},
    office::{session::OfficeSession, when},
    pages::office::parts::Tag,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::api::{Device, Person};

/// All devices of all people.
#[component]
pub fn Devices(
    /// The people.
    people: Vec<Person>,
    /// What is about to be revoked.
    revoking: RwSignal<Option<Revocation>>,
    /// Whether the reader may revoke.
    manages: bool,
) -> Node {
    let i18n = use_i18n();
    let all: Vec<(String, Device)> = people
        .into_iter()
        .flat_map(|p| p.devices.into_iter().map(move |d| (p.name.clone(), d)))
        .collect();
    if all.is_empty() {
        return view! {
            <Empty icon="phone" title=t!(i18n, office.device.none) hint=t!(i18n, office.device.none_hint) />
        };
    }
    let rows = all.into_iter().map(|(who, device)| view! { <DeviceOf who=who device=device revoking=revoking manages=manages /> });
    view! {
        <div class="sheetlike flush">
            <table class="records" role="table">
                <caption class="vh">{t!(i18n, office.people.devices)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{t!(i18n, office.device.device)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.people.name)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.device.seen)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.device.numbers)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.people.state)}</th>
                        {manages.then(|| view! { <th role="columnheader" scope="col"><span class="vh">{t!(i18n, office.people.act)}</span></th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows.collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn DeviceOf(
    who: String,
    device: Device,
    revoking: RwSignal<Option<Revocation>>,
    manages: bool,
) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let seen = device.last_seen_at.map(|at| when::minute(at, zone));
    let enrolled = when::minute(device.enrolled_at, zone);
    let (last, unsent) = (device.last_seq, device.unsent);
    let target = Revocation::Device {
        who: who.clone(),
        device: device.clone(),
    };
    let ask = Callback::new(move |()| revoking.set(Some(target.clone())));
    let can = manages && device.revoked_at.is_none();
    view! {
        <tr role="row">
            <td role="cell">
                <p><b>{device.label.clone()}</b></p>
                <p class="code wrap-anywhere">{device.device_id.to_string()}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.people.name)>{who}</td>
            <td role="cell" data-label=t!(i18n, office.device.seen)>
                <p>{move || seen.clone().unwrap_or_else(|| t_string!(i18n, office.device.never).to_owned())}</p>
                <p class="quiet">{move || t_string!(i18n, office.device.enrolled, at = enrolled.clone())}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.device.numbers)>
                <p>{move || t_string!(i18n, office.device.last, number = last)}</p>
                <p class="quiet">{move || t_string!(i18n, office.device.unsent, count = unsent)}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.people.state)><State device=device /></td>
            {manages
                .then(|| {
                    view! {
                        <td role="cell">
                            {can.then(|| view! { <Button label=t!(i18n, office.device.revoke) on_press=ask /> })}
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
fn State(device: Device) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let revoked = device.revoked_at.map(|at| when::minute(at, zone));
    let good = revoked.is_none() && !device.frozen && !device.recovered;
    view! {
        <p class="row wrap">
            {revoked
                .map(|at| view! { <Tag tone="warn" word=move || t_string!(i18n, office.people.revoked, at = at.clone()) /> })}
            {device.frozen.then(|| view! { <Tag tone="fail" icon="alert" word=t!(i18n, office.device.frozen) /> })}
            {device.recovered.then(|| view! { <Tag tone="warn" word=t!(i18n, office.device.recovered) /> })}
            {good.then(|| view! { <Tag word=t!(i18n, office.device.good) /> })}
        </p>
        {device.frozen.then(|| view! { <p class="quiet">{t!(i18n, office.device.frozen_words)}</p> })}
    }
}
