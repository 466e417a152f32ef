//! The visit: where, why, by whom, when, and how it ended.

use super::Reading;
use crate::view::{Node, view};
use crate::{
    office::{session::OfficeSession, sheet::Sheet, when},
    pages::office::parts::Tag,
    words::{Words, t, t_string, use_i18n, visit},
};
use leptos::prelude::*;
use zhicha_core::{
    event::{Payload, Testimony},
    inspection::{Inspector, Mode, Outcome, Representative, Sealed, SiteSnapshot},
    time::{Timestamp, ZoneOffset},
};

/// More than this between the device's clock and the server's estimate is shown as skew (`sync.md` §9).
const SKEW_MS: u64 = 120_000;

/// The visit as the seal tells it, or as far as the beginning tells.
#[component]
pub fn Visit(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { sheet, .. } = reading;
    let sheet: &Sheet = &sheet;
    let Some((payload, mode, site, from)) = head(sheet) else {
        return Node::Nothing;
    };
    let sealed = sheet.record.sealed.as_ref().map(|(_, _, s)| (**s).clone());
    let people = sealed.clone();
    view! {
        <Place site=site mode=mode />
        <Times payload=payload from=from sealed=sealed />
        {people.map(|s| view! { <People sealed=s /> })}
    }
}

fn head(sheet: &Sheet) -> Option<(Payload, Mode, SiteSnapshot, Timestamp)> {
    let sealed = sheet
        .record
        .sealed
        .as_ref()
        .map(|(_, p, s)| (p.clone(), s.mode, s.site.clone(), s.from));
    sealed.or_else(|| {
        sheet
            .record
            .started
            .as_ref()
            .map(|(_, p, s)| (p.clone(), s.mode, s.site.clone(), s.from))
    })
}

#[component]
fn Place(site: SiteSnapshot, mode: Mode) -> Node {
    let i18n = use_i18n();
    let typed = site.site_id.is_none();
    let registered = site.version.unwrap_or_default();
    let source = move || {
        if typed {
            t_string!(i18n, office.record.site_typed).to_owned()
        } else {
            t_string!(i18n, office.record.site_registered, version = registered)
        }
    };
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, office.record.site)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, office.record.name)}</dt>
                <dd>{site.name}</dd>
                <dt>{t!(i18n, office.record.address)}</dt>
                <dd>{site.address}</dd>
                {site.region.map(|region| view! { <dt>{t!(i18n, office.record.region)}</dt><dd>{region}</dd> })}
                {site.credit_code.map(|code| view! { <dt>{t!(i18n, office.record.credit_code)}</dt><dd class="code">{code}</dd> })}
                <dt>{t!(i18n, office.record.mode)}</dt>
                <dd>{move || crate::words::mode(i18n, mode)}</dd>
            </dl>
            <p class="quiet">{source}</p>
        </section>
    }
}

#[component]
fn Times(payload: Payload, from: Timestamp, sealed: Option<Sealed>) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let to = sealed.as_ref().map(|s| when::second(s.to, zone));
    let outcome = sealed.map(|s| s.outcome);
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, office.record.times)}</h2>
            <dl class="kv">
                <dt>{t!(i18n, office.record.day)}</dt>
                <dd>{payload.inspection_date.to_string()}</dd>
                <dt>{t!(i18n, office.record.from)}</dt>
                <dd>{when::second(from, zone)}</dd>
                {to.map(|to| view! { <dt>{t!(i18n, office.record.to)}</dt><dd>{to}</dd> })}
                <Captured t=payload.t zone=zone />
                {outcome.map(|o| view! { <Ended outcome=o /> })}
            </dl>
            <p class="quiet">{t!(i18n, office.record.times_words)}</p>
        </section>
    }
}

/// What the clocks of the device said when the event was written.
#[component]
fn Captured(t: Testimony, zone: ZoneOffset) -> Node {
    let i18n = use_i18n();
    let estimate = t.server_est.map(|server| {
        let off = when::skew(t.wall, server);
        let skewed = t.wall.0.abs_diff(server.0) > SKEW_MS;
        let text = match t.uncertainty {
            Some(ms) => format!("{} ±\u{a0}{}\u{a0}s", when::second(server, zone), (ms.saturating_add(999)) / 1000),
            None => when::second(server, zone),
        };
        view! {
            <dt>{t!(i18n, office.record.estimated)}</dt>
            <dd>{text}</dd>
            <dt>{t!(i18n, office.record.skew)}</dt>
            <dd class="row wrap">
                {off} {skewed.then(|| view! { <Tag tone="warn" icon="clock" word=t!(i18n, common.flag.clock_skew) /> })}
            </dd>
        }
    });
    let unknown = t.server_est.is_none();
    view! {
        <dt>{t!(i18n, office.record.captured)}</dt>
        <dd>{when::second(t.wall, zone)}</dd>
        {estimate}
        {unknown.then(|| view! { <dt>{t!(i18n, office.record.estimated)}</dt><dd>{t!(i18n, office.record.no_contact)}</dd> })}
    }
}

#[component]
fn Ended(outcome: Outcome) -> Node {
    let i18n = use_i18n();
    view! {
        <dt>{t!(i18n, office.record.outcome)}</dt>
        <dd>
            {move || visit(i18n, outcome.visit)}
            {(!outcome.note.is_empty()).then(|| view! { <p class="quiet">{outcome.note.clone()}</p> })}
        </dd>
    }
}

#[component]
fn People(sealed: Sealed) -> Node {
    let i18n = use_i18n();
    let few = sealed.mode == Mode::SpotCheck && sealed.inspectors.len() < 2;
    let rows = sealed
        .inspectors
        .into_iter()
        .map(|person| view! { <Person person=person /> })
        .collect::<Vec<_>>();
    let representative = sealed.representative;
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, office.record.people)}</h2>
            <table>
                <caption class="vh">{t!(i18n, office.records.inspectors)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(i18n, office.records.inspectors)}</th>
                        <th scope="col">{t!(i18n, office.record.certificate)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {few.then(|| view! { <p class="row wrap"><Tag tone="warn" word=t!(i18n, common.flag.one_inspector) /></p> })}
            <p>{t!(i18n, office.record.representative)} " " {move || representative_words(i18n, &representative)}</p>
        </section>
    }
}

#[component]
fn Person(person: Inspector) -> Node {
    let i18n = use_i18n();
    let none = person.cert_no.trim().is_empty();
    view! {
        <tr>
            <td>{person.name}</td>
            <td class="code">
                {if none { Node::of(t!(i18n, office.record.no_certificate)) } else { Node::of(person.cert_no) }}
            </td>
        </tr>
    }
}

fn representative_words(i18n: Words, person: &Representative) -> String {
    match (person.name.is_empty(), person.position.is_empty()) {
        (true, _) => t_string!(i18n, office.record.nobody).to_owned(),
        (false, true) => person.name.clone(),
        (false, false) => t_string!(
            i18n,
            office.record.person,
            name = person.name.clone(),
            position = person.position.clone()
        ),
    }
}
