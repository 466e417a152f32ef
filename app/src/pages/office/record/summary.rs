//! The state of the record and its figures.

use super::Reading;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{session::OfficeSession, when, words},
    pages::office::{parts::Tag, records::Figures},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;

/// Sealed or not, how it ended, what is to be known about it.
#[component]
pub fn Summary(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { detail, .. } = reading;
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let summary = detail.summary.clone();
    let (icon, sealed) = if summary.sealed {
        ("seal", true)
    } else {
        ("saving", false)
    };
    let state = move || {
        if sealed {
            t_string!(i18n, office.record.sealed)
        } else {
            t_string!(i18n, office.records.unsealed)
        }
    };
    let amendments = summary.amendments;
    let suspected = summary.suspected_major;
    let flags = summary
        .flags
        .clone()
        .into_iter()
        .map(|flag| view! { <Tag tone="warn" word=move || words::flag(i18n, flag) /> });
    let received = when::second(summary.received_at, zone);
    view! {
        <section class="sheetlike stack">
            <p class="print-only"><b>{summary.site_name.clone()}</b></p>
            <div class="row">
                <Icon name=icon />
                <h2 class="grow">{state}</h2>
            </div>
            <p class="row wrap">
                {(amendments > 0)
                    .then(|| view! { <Tag tone="info" icon="edit" word=move || t_string!(i18n, office.records.amended, count = amendments) /> })}
                {(suspected > 0)
                    .then(|| {
                        view! {
                            <Tag tone="fail" icon="hazard" solid=true word=move || t_string!(i18n, office.records.suspected, count = suspected) />
                        }
                    })}
                {flags.collect::<Vec<_>>()}
            </p>
            {sealed.then(|| view! { <Figures counts=summary.counts /> })}
            <p class="quiet">{move || t_string!(i18n, office.records.received, at = received.clone())}</p>
            <p class="quiet">{t!(i18n, office.record.counted)}</p>
        </section>
    }
}
