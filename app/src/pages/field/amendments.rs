//! Amendments beside the original: what each changes, why, and that nothing was overwritten.

use super::{
    answers::{item_of, said},
    record::DetailTitle,
};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::intl::Style,
    state::{records::Record, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    inspection::{Amended, AnswerChange},
    time::Timestamp,
};

/// All amendments, oldest first.
#[component]
pub fn Amendments(record: Rc<Record>) -> Node {
    Node::of(record
        .folded
        .amended
        .iter()
        .enumerate()
        .map(|(i, (_, payload, body))| view! { <Amendment n=i + 1 at=payload.t.best() body=body.clone() /> })
        .collect::<Vec<_>>())
}

#[component]
fn Amendment(n: usize, at: Timestamp, body: Amended) -> Node {
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
            {body.hazards_added.into_iter().map(|hazard| view! { <p><b>{t!(i18n, field.record.amend_added)}</b>" "{hazard.fact}</p> }).collect::<Vec<_>>()}
            {body.hazards_withdrawn.into_iter().map(|id| view! { <p><b>{t!(i18n, field.record.amend_withdrawn)}</b>" "<span class="code">{id.to_string()}</span></p> }).collect::<Vec<_>>()}
            {(!body.remarks.is_empty()).then(|| view! { <p>{body.remarks}</p> })}
            <p class="quiet">{move || t_string!(i18n, field.record.amend_reason, reason = reason.clone())}" "{t!(i18n, field.record.amend_keep)}</p>
        </section>
    }
}

#[component]
fn Change(change: AnswerChange) -> Node {
    let i18n = use_i18n();
    let item = item_of(&change.key);
    let id = change.key.item;
    let text = move || {
        item.with(|item| {
            item.as_ref()
                .map_or_else(|| id.clone(), |(text, _)| words::pick(i18n, text))
        })
    };
    let (from, to) = (change.from, change.to);
    let before = move || match &from {
        Some(value) => item.with(|item| said(i18n, value, item.as_ref().map(|(_, kind)| kind))),
        None => t_string!(i18n, common.result.unanswered).to_owned(),
    };
    let after = move || item.with(|item| said(i18n, &to, item.as_ref().map(|(_, kind)| kind)));
    view! {
        <div class="stack t">
            <p>{text}</p>
            <p class="row wrap">
                <del>{before}</del>
                <Icon name="next" small=true />
                <span class="vh">{t!(i18n, field.record.becomes)}</span>
                <span class="tag" data-tone="info">{after}</span>
            </p>
        </div>
    }
}
