//! Amendments beside the original: what each changes, why, and that nothing was overwritten.

use super::{
    answers::{ItemOf, item_of, said},
    record::DetailTitle,
};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::intl::Style,
    state::{records::Record, use_app},
    words::{self, Words, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    id::HazardId,
    inspection::{Amended, AnswerChange, Hazard},
    time::Timestamp,
};

/// All amendments, oldest first.
#[component]
pub fn Amendments(record: Rc<Record>) -> Node {
    let hazards = record.hazards();
    let named = |id: &HazardId| hazards.iter().map(|(h, _)| h).find(|h| h.hazard_id == *id);
    Node::of(record
        .folded
        .amended
        .iter()
        .enumerate()
        .map(|(i, (_, payload, body))| {
            let withdrawn = body.hazards_withdrawn.iter().filter_map(named).cloned();
            view! { <Amendment n=i + 1 at=payload.t.best() body=body.clone() withdrawn=withdrawn.collect() /> }
        })
        .collect::<Vec<_>>())
}

#[component]
fn Amendment(n: usize, at: Timestamp, body: Amended, withdrawn: Vec<Hazard>) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let reason = body.reason;
    view! {
        <section class="sheetlike stack">
            <div class="row">
                <div class="grow"><DetailTitle>{move || t_string!(i18n, field.record.amendment, n = n)}</DetailTitle></div>
                <span class="quiet">{move || words::moment(i18n, at, app.zone(), Style::DayClock)}</span>
            </div>
            {body.answers.into_iter().map(|change| view! { <Change change=change /> }).collect::<Vec<_>>()}
            {body.hazards_added.into_iter().map(|hazard| view! { <Raised hazard=hazard added=true /> }).collect::<Vec<_>>()}
            {withdrawn.into_iter().map(|hazard| view! { <Raised hazard=hazard added=false /> }).collect::<Vec<_>>()}
            {(!body.remarks.is_empty()).then(|| view! { <p>{body.remarks}</p> })}
            <div class="stack t">
                <p>{move || t_string!(i18n, field.record.amend_reason, reason = reason.clone())}</p>
                <p class="quiet">{t!(i18n, field.record.amend_keep)}</p>
            </div>
        </section>
    }
}

/// A hazard that an amendment adds or withdraws, under the name of its item.
#[component]
fn Raised(hazard: Hazard, added: bool) -> Node {
    let i18n = use_i18n();
    let item = item_of(&hazard.key);
    let id = hazard.key.item;
    let what = move || match added {
        true => t_string!(i18n, field.record.amend_added),
        false => t_string!(i18n, field.record.amend_withdrawn),
    };
    view! {
        <div class="stack t">
            <h3>{move || text_of(i18n, item, &id)}</h3>
            <p class="row wrap"><span class="tag" data-tone="info">{what}</span></p>
            {(!hazard.fact.is_empty()).then(|| view! { <p>{hazard.fact}</p> })}
        </div>
    }
}

// The words of an item; its id while they are not on the device.
fn text_of(i18n: Words, item: ItemOf, id: &str) -> String {
    item.with(|item| {
        item.as_ref()
            .map_or_else(|| id.to_owned(), |(text, _)| words::pick(i18n, text))
    })
}

#[component]
fn Change(change: AnswerChange) -> Node {
    let i18n = use_i18n();
    let item = item_of(&change.key);
    let id = change.key.item;
    let (from, to) = (change.from, change.to);
    let before = move || match &from {
        Some(value) => item.with(|item| said(i18n, value, item.as_ref().map(|(_, kind)| kind))),
        None => t_string!(i18n, common.result.unanswered).to_owned(),
    };
    let after = move || item.with(|item| said(i18n, &to, item.as_ref().map(|(_, kind)| kind)));
    view! {
        <div class="stack t">
            <h3>{move || text_of(i18n, item, &id)}</h3>
            <p class="row wrap">
                <del>{before}</del>
                <Icon name="next" small=true />
                <span class="vh">{t!(i18n, field.record.becomes)}</span>
                <span class="tag" data-tone="info">{after}</span>
            </p>
        </div>
    }
}
