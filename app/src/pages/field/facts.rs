//! The head of a record: result, where, who, when.

use super::records::checklist_names;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::intl::Style,
    state::{records::Record, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::inspection::{Inspector, Sealed, SiteSnapshot};

/// The facts of a record.
#[component]
pub fn Facts(record: Rc<Record>) -> Node {
    let i18n = use_i18n();
    let sealed = record.sealed().cloned();
    let started = record
        .folded
        .started
        .as_ref()
        .map(|(_, _, body)| body.clone());
    let amendments = record.folded.amended.len();
    let refs = match (&sealed, &started) {
        (Some(body), _) => body.checklists.clone(),
        (None, Some(body)) => body.checklists.clone(),
        (None, None) => Vec::new(),
    };
    let names = checklist_names(&refs);
    let site = sealed
        .as_ref()
        .map(|s| s.site.clone())
        .or_else(|| started.as_ref().map(|s| s.site.clone()));
    let mode = sealed
        .as_ref()
        .map(|s| s.mode)
        .or_else(|| started.as_ref().map(|s| s.mode));
    let counts = record.counts();
    let result = move || {
        t_string!(
            i18n,
            field.record.counts,
            pass = counts.pass,
            fail = counts.fail,
            na = counts.not_applicable,
            nc = counts.not_checked
        )
    };
    let is_sealed = sealed.is_some();
    let amended_note =
        (amendments > 0).then(|| view! { <p class="quiet">{t!(i18n, field.record.counted)}</p> });
    view! {
        <section class="sheetlike stack">
            <div class="row">
                <Icon name=if is_sealed { "seal" } else { "edit" } />
                <h2 class="grow">{move || if is_sealed { t_string!(i18n, field.record.sealed) } else { t_string!(i18n, field.record.begun) }}</h2>
                {(amendments > 0).then(|| view! { <span class="tag" data-tone="info">{t!(i18n, field.records.amended)}</span> })}
            </div>
            <dl class="kv">
                {is_sealed.then(|| view! { <dt>{t!(i18n, field.record.result)}</dt><dd class="keep">{result}{amended_note}</dd> })}
                {mode.map(|mode| view! { <dt>{t!(i18n, field.record.mode)}</dt><dd>{move || words::mode(i18n, mode)}</dd> })}
                <dt>{t!(i18n, field.record.checklists)}</dt>
                <dd>{move || names.get()}</dd>
                {site.map(|site| view! { <SiteFacts site=site /> })}
                {sealed.map(|body| view! { <SealFacts body=body /> })}
            </dl>
        </section>
    }
}

#[component]
fn SiteFacts(site: SiteSnapshot) -> Node {
    let i18n = use_i18n();
    let typed = site.site_id.is_none();
    view! {
        <dt>{t!(i18n, field.record.site)}</dt>
        <dd>{site.name}{typed.then(|| view! { <span class="quiet">" · "{t!(i18n, field.record.typed_site)}</span> })}</dd>
        {(!site.address.is_empty()).then(|| view! { <dt>{t!(i18n, field.record.address)}</dt><dd>{site.address}</dd> })}
    }
}

#[component]
fn SealFacts(body: Sealed) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let span = move || {
        let at = |t| words::moment(i18n, t, app.zone(), Style::DayClock);
        t_string!(
            i18n,
            field.record.span,
            from = at(body.from),
            to = at(body.to)
        )
    };
    let visit = body.outcome.visit;
    let representative = body.representative;
    let someone = [representative.name, representative.position]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let someone = (!someone.is_empty()).then_some(someone);
    view! {
        <dt>{t!(i18n, field.record.inspectors)}</dt>
        <dd>{body.inspectors.into_iter().map(|one| view! { <Person one=one /> }).collect::<Vec<_>>()}</dd>
        <dt>{t!(i18n, field.record.representative)}</dt>
        <dd>{move || someone.clone().unwrap_or_else(|| t_string!(i18n, field.record.nobody).to_owned())}</dd>
        <dt>{t!(i18n, field.record.time)}</dt>
        <dd>{span}</dd>
        <dt>{t!(i18n, field.record.visit)}</dt>
        <dd>
            {move || words::visit(i18n, visit)}
            {(!body.outcome.note.is_empty()).then(|| view! { <p class="quiet">{body.outcome.note}</p> })}
        </dd>
        {(!body.remarks.is_empty()).then(|| view! { <dt>{t!(i18n, field.record.remarks)}</dt><dd>{body.remarks}</dd> })}
    }
}

#[component]
fn Person(one: Inspector) -> Node {
    let i18n = use_i18n();
    let number = one.cert_no;
    view! {
        <p>
            {one.name}
            {(!number.is_empty()).then(|| view! { <span class="quiet">" · "{move || t_string!(i18n, field.record.cert_no, number = number.clone())}</span> })}
        </p>
    }
}
