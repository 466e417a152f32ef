//! One checklist whole: items as they are asked, what they rest on, and what is not certain about that.

use crate::platform::address::use_address;
use crate::view::{Node, view};
use crate::{
    office::{client, load::Loaded, session::OfficeSession, sheet::bases, words},
    pages::office::parts::{Bases, OfficeFrame, Place, Shown, Tag},
    platform::clock,
    words::{pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{
    checklist::{Checklist, Digest, Gate, Item, Loaded as Published, Section, Severity},
    time::CivilDate,
};

/// The page.
#[component]
pub fn OneChecklist() -> Node {
    let i18n = use_i18n();
    let part = use_address().part("office", 2);
    let loaded = Loaded::new(move || {
        let digest = Digest(part.get().unwrap_or_default());
        async move {
            let published = client::checklist(&digest).await?;
            // Bytes other than the cited ones are never shown as if they were.
            let read = Published::expect(published.json.as_bytes(), &digest)
                .map_err(|e| client::Failure::unreadable(e.to_string()))?;
            Ok(Arc::new(read))
        }
    });
    let title = move || {
        let known = loaded.with_ready(|c| pick(i18n, &c.checklist.title));
        known.unwrap_or_else(|| t_string!(i18n, inspection.new.checklists).to_owned())
    };
    view! {
        <OfficeFrame title=title back="/office/checklists" place=Place::Checklists>
            <Shown loaded=loaded render=|read| view! { <Whole read=read /> } />
        </OfficeFrame>
    }
}

#[component]
fn Whole(read: Arc<Published>) -> Node {
    let i18n = use_i18n();
    let today = CivilDate::of(clock::now(), OfficeSession::get().zone());
    let checklist = Arc::new(read.checklist.clone());
    let summary = checklist.summary.clone();
    let (version, status) = (checklist.version, checklist.status_date.to_string());
    let items: usize = checklist.sections.iter().map(|s| s.items.len()).sum();
    let sections = checklist.sections.iter().map(|section| view! { <SectionOf section=section.clone() checklist=checklist.clone() today=today /> });
    view! {
        <section class="sheetlike stack">
            <p>{move || pick(i18n, &summary)}</p>
            <dl class="kv">
                <dt>{t!(i18n, office.checklist.version)}</dt>
                <dd>{version}</dd>
                <dt>{t!(i18n, office.checklist.items)}</dt>
                <dd>{items}</dd>
                <dt>{t!(i18n, office.checklist.status)}</dt>
                <dd>{status}</dd>
                <dt>{t!(i18n, office.checklist.digest)}</dt>
                <dd class="code wrap-anywhere">{read.digest.to_string()}</dd>
            </dl>
        </section>
        {sections.collect::<Vec<_>>()}
    }
}

#[component]
fn SectionOf(section: Section, checklist: Arc<Checklist>, today: CivilDate) -> Node {
    let i18n = use_i18n();
    let repeat = section.repeat.map(|r| r.noun);
    let items = section
        .items
        .into_iter()
        .map(|item| view! { <ItemOf item=item checklist=checklist.clone() today=today /> })
        .collect::<Vec<_>>();
    view! {
        <section class="sheetlike stack l">
            <div class="row wrap">
                <h2>{move || pick(i18n, &section.title)}</h2>
                {repeat.map(|noun| view! { <Tag tone="info" word=move || t_string!(i18n, office.checklist.repeat, noun = pick(i18n, &noun)) /> })}
            </div>
            {section.gate.map(|gate| view! { <GateOf gate=gate /> })}
            <ol class="lines">{items}</ol>
        </section>
    }
}

#[component]
fn GateOf(gate: Gate) -> Node {
    let i18n = use_i18n();
    view! {
        <div class="stack t">
            <p class="row wrap">
                <Tag tone="info" word=t!(i18n, office.checklist.gate) />
                <b>{move || pick(i18n, &gate.text)}</b>
            </p>
            {gate.how.map(|how| view! { <p class="quiet">{move || pick(i18n, &how)}</p> })}
        </div>
    }
}

#[component]
fn ItemOf(item: Item, checklist: Arc<Checklist>, today: CivilDate) -> Node {
    let i18n = use_i18n();
    let shown = bases(&item, &checklist, today);
    let superseded = item.only_superseded(&checklist, today);
    let (severity, answer) = (item.severity, item.answer);
    let grave = severity != Severity::General;
    let text = move |name: &'static str, text: Option<zhicha_core::checklist::Text>| {
        text.map(|text| view! { <p><span class="quiet">{move || said(i18n, name)} " "</span>{move || pick(i18n, &text)}</p> })
    };
    view! {
        <li class="stack t">
            <p><span class="code">{item.source}</span> " " <b>{move || pick(i18n, &item.text)}</b></p>
            <p class="row wrap">
                <Tag word=move || words::kind(i18n, &answer) />
                {grave.then(|| view! { <Tag tone="warn" word=move || words::severity(i18n, severity) /> })}
                {(!item.required).then(|| view! { <Tag word=t!(i18n, office.checklist.optional) /> })}
                {item.visible_if.is_some().then(|| view! { <Tag word=t!(i18n, office.checklist.conditional) /> })}
                {superseded.then(|| view! { <Tag tone="warn" word=t!(i18n, office.basis.superseded) /> })}
            </p>
            {text("how", item.how)}
            {text("suggestion", item.suggestion)}
            {text("note", item.note)}
            <Bases bases=shown />
        </li>
    }
}

fn said(i18n: crate::words::Words, name: &str) -> &'static str {
    match name {
        "how" => t_string!(i18n, office.checklist.how),
        "suggestion" => t_string!(i18n, office.checklist.suggestion),
        _ => t_string!(i18n, office.checklist.note),
    }
}
