//! The hazards that the inspection raised. The app only ever suspects; people determine.

use super::{Reading, answers::Asked};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{
        sheet::{ListedHazard, Sheet, bases},
        words,
    },
    pages::office::parts::{Bases, Tag},
    words::{determination, determination_tone, instance, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{
    checklist::Severity, determination::Determination, inspection::Hazard, time::CivilDate,
};

/// All hazards, withdrawn ones included.
#[component]
pub fn Hazards(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { detail, sheet } = reading;
    let i18n = use_i18n();
    let sealed = sheet.record.sealed.is_some();
    let listed = sheet.hazards();
    let (none, count) = (listed.is_empty(), listed.len());
    let day = detail.summary.inspection_date;
    let rows = listed
        .into_iter()
        .map(|hazard| view! { <HazardOf listed=hazard sheet=sheet.clone() day=day /> })
        .collect::<Vec<_>>();
    Node::of(sealed.then(|| {
        view! {
            <section class="sheetlike stack">
                <h2>{move || t_string!(i18n, office.hazard.title, count = count)}</h2>
                {none.then(|| view! { <p class="quiet">{t!(i18n, office.hazard.none)}</p> })}
                <ol class="lines">{rows}</ol>
            </section>
        }
    }))
}

#[component]
fn HazardOf(listed: ListedHazard, sheet: Arc<Sheet>, day: CivilDate) -> Node {
    let i18n = use_i18n();
    let hazard = listed.hazard;
    let question = sheet.question(&hazard.key);
    let which = sheet.instance(&hazard.key);
    let cited = match (&question, sheet.checklists.get(&hazard.key.checklist)) {
        (crate::office::sheet::Question::Item(item), Some(loaded)) => {
            bases(item, &loaded.checklist, day)
        }
        _ => Vec::new(),
    };
    let (added, withdrawn) = (
        listed.added_by.map(|n| n + 1),
        listed.withdrawn_by.map(|n| n + 1),
    );
    let on_site = hazard.corrected_on_site;
    view! {
        <li class="hazard stack">
            <div class="row wrap">
                <Verdict hazard=hazard.clone() />
                {on_site.then(|| view! { <Tag tone="pass" icon="tick" word=t!(i18n, office.hazard.on_site) /> })}
                {added.map(|n| view! { <Tag tone="info" icon="edit" word=move || t_string!(i18n, office.amendment.added, number = n) /> })}
                {withdrawn.map(|n| view! { <Tag tone="warn" icon="edit" word=move || t_string!(i18n, office.amendment.withdrawn, number = n) /> })}
            </div>
            {which.map(|of| view! { <p class="quiet">{move || instance(i18n, &of)}</p> })}
            <Asked question=question id=hazard.key.item.clone() />
            <Facts hazard=hazard />
            <Bases bases=cited />
        </li>
    }
}

/// What the rules suggest and what the inspector says, side by side where they differ.
#[component]
fn Verdict(hazard: Hazard) -> Node {
    let i18n = use_i18n();
    let (suggested, judged, severity) = (hazard.suggested, hazard.judged, hazard.severity);
    // What a person said goes before what the rules suggest.
    let solid = suggested == Determination::SuspectedMajor && judged.is_none_or(|j| j == suggested);
    let special = severity != Severity::General;
    let look = |d: Determination| {
        (
            determination_tone(d),
            (d == Determination::SuspectedMajor).then_some("hazard"),
        )
    };
    let (tone, icon) = look(suggested);
    view! {
        <Tag tone=tone icon=icon solid=solid word=move || determination(i18n, suggested) />
        {judged
            .map(|j| {
                let (tone, icon) = look(j);
                view! { <Tag tone=tone icon=icon word=move || t_string!(i18n, office.hazard.judged, word = determination(i18n, j)) /> }
            })}
        {special.then(|| view! { <span class="quiet">{move || words::severity(i18n, severity)}</span> })}
    }
}

#[component]
fn Facts(hazard: Hazard) -> Node {
    let i18n = use_i18n();
    let due = hazard.due.map(|d| d.to_string());
    let due = move || match (&due, hazard.corrected_on_site) {
        (Some(day), _) => day.clone(),
        (None, true) => t_string!(i18n, office.hazard.on_site).to_owned(),
        (None, false) => t_string!(i18n, office.hazard.no_due).to_owned(),
    };
    let or_none = move |text: String| {
        if text.trim().is_empty() {
            Node::of(t!(i18n, office.hazard.not_given))
        } else {
            Node::of(text)
        }
    };
    view! {
        <dl class="kv">
            <dt>{t!(i18n, office.hazard.fact)}</dt>
            <dd class="pre">{or_none(hazard.fact)}</dd>
            <dt>{t!(i18n, office.hazard.correction)}</dt>
            <dd class="pre">{or_none(hazard.correction)}</dd>
            <dt>{t!(i18n, office.hazard.responsible)}</dt>
            <dd>{or_none(hazard.responsible)}</dd>
            <dt>{t!(i18n, office.hazard.due)}</dt>
            <dd class="row"><Icon name="clock" small=true />{due}</dd>
            <dt>{t!(i18n, office.hazard.id)}</dt>
            <dd class="code wrap-anywhere">{hazard.hazard_id.to_string()}</dd>
        </dl>
    }
}
