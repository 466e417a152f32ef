//! One received inspection in the list.

use crate::signal::Memo;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{published::Published, received::Received, session::OfficeSession, when, words},
    pages::office::parts::Tag,
    words::{Words, mode, t, t_string, use_i18n, visit},
};
use leptos::prelude::*;
use zhicha_core::{
    api::{Counts, RecordSummary},
    inspection::Visit,
};

/// A row; its site is the link to the whole record.
#[component]
pub fn Row(
    /// What is known.
    summary: RecordSummary,
    /// Whether it can be chosen for an export.
    exports: bool,
) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let id = summary.record_id;
    let inspectors = summary.inspectors.clone();
    let (published, checklists) = (Published::get(), summary.checklists.clone());
    let received = when::minute(summary.received_at, zone);
    view! {
        <tr role="row">
            {exports.then(|| view! { <td role="cell" class="pick"><Choose summary=summary.clone() /></td> })}
            <td role="cell">
                <a class="link" href=format!("/office/records/{id}")>{summary.site_name.clone()}</a>
                <p class="quiet">{summary.site_address.clone()}</p>
                <Flags summary=summary.clone() />
            </td>
            <td role="cell" data-label=t!(i18n, office.records.inspection)>
                <p>{move || mode(i18n, summary.mode)}</p>
                <p class="quiet">{move || published.names(i18n, &checklists)}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.records.inspectors)>
                {move || inspectors.join(t_string!(i18n, common.list.and))}
            </td>
            <td role="cell" data-label=t!(i18n, office.records.day)>
                <p class="nowrap">{summary.inspection_date.to_string()}</p>
                <p class="quiet nowrap">{move || t_string!(i18n, office.records.received, at = received.clone())}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.records.results)>
                <Result summary=summary />
            </td>
        </tr>
    }
}

#[component]
fn Choose(summary: RecordSummary) -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let id = summary.record_id;
    let chosen = Memo::new(move |_| list.chosen().with(|c| c.contains(&id)));
    let day = summary.inspection_date.to_string();
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=move || chosen.get() on:change=move |event| list.choose(id, event_target_checked(&event)) />
            <span class="vh">
                {move || t_string!(i18n, office.records.choose, site = summary.site_name.clone(), day = day.clone())}
            </span>
        </label>
    }
}

/// What one should know before reading on: a missing seal, another end than planned, amendments, notes.
#[component]
fn Flags(summary: RecordSummary) -> Node {
    let i18n = use_i18n();
    let ended = summary.visit.filter(|v| *v != Visit::Completed);
    let flags = summary
        .flags
        .into_iter()
        .map(|flag| view! { <Tag tone="warn" word=move || words::flag(i18n, flag) /> })
        .collect::<Vec<_>>();
    let amendments = summary.amendments;
    view! {
        <p class="row wrap">
            {ended.map(|v| view! { <Tag tone="warn" word=move || visit(i18n, v) /> })}
            {(amendments > 0)
                .then(|| view! { <Tag tone="info" icon="edit" word=move || t_string!(i18n, office.records.amended, count = amendments) /> })}
            {flags}
        </p>
    }
}

/// Counts, never a rate: nothing answered is not 100 %.
#[component]
fn Result(summary: RecordSummary) -> Node {
    let i18n = use_i18n();
    if !summary.sealed {
        return view! {
            <p class="row wrap"><Tag tone="warn" icon="saving" word=t!(i18n, office.records.unsealed) /></p>
            <p class="quiet">{t!(i18n, office.records.no_data)}</p>
        };
    }
    let suspected = summary.suspected_major;
    view! {
        <Figures counts=summary.counts />
        {(suspected > 0)
            .then(|| {
                view! {
                    <p class="row wrap">
                        <Tag tone="fail" icon="hazard" solid=true word=move || t_string!(i18n, office.records.suspected, count = suspected) />
                    </p>
                }
            })}
    }
}

/// Answers by result, in words.
#[component]
pub fn Figures(
    /// The counts.
    counts: Counts,
) -> Node {
    let i18n = use_i18n();
    let none = counts == Counts::default();
    let figure = move |tone, icon, word: fn(Words) -> &'static str, n: u64| {
        view! {
            <li class="row" data-tone=tone>
                <Icon name=icon small=true />
                {move || word(i18n)}
                " "
                <b>{n}</b>
            </li>
        }
    };
    if none {
        return view! { <p class="quiet">{t!(i18n, office.records.no_data)}</p> };
    }
    view! {
        <ul class="figures">
            {figure("pass", "tick", |i| t_string!(i, common.result.pass), counts.pass)}
            {figure("fail", "cross", |i| t_string!(i, common.result.fail), counts.fail)}
            {figure("na", "na", |i| t_string!(i, common.result.not_applicable), counts.not_applicable)}
            {figure("na", "clock", |i| t_string!(i, common.result.not_checked), counts.not_checked)}
        </ul>
    }
}
