//! Amendments beside the original: what was, what should be, who said so and why. Nothing is overwritten.

use super::{
    Reading,
    answers::{Asked, Value},
};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{session::OfficeSession, sheet::Sheet, when},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{
    api::RecordDetail,
    event::{EventHash, Payload},
    inspection::{Amended, AnswerChange},
};

/// All amendments, oldest first.
#[component]
pub fn Amendments(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { detail, sheet } = reading;
    let rows = sheet.record.amended.iter().enumerate().map(|(at, (hash, payload, body))| {
        let actor = actor(&detail, hash);
        view! { <Amendment number=at + 1 actor=actor payload=payload.clone() body=body.clone() sheet=sheet.clone() /> }
    });
    Node::of(rows.collect::<Vec<_>>())
}

fn actor(detail: &RecordDetail, hash: &EventHash) -> String {
    let event = detail.events.iter().find(|e| &e.event_hash == hash);
    event.map_or_else(String::new, |e| e.actor_name.clone())
}

#[component]
fn Amendment(
    number: usize,
    actor: String,
    payload: Payload,
    body: Amended,
    sheet: Arc<Sheet>,
) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let at = when::minute(payload.t.wall, zone);
    let changes = body
        .answers
        .into_iter()
        .map(|change| view! { <Change change=change sheet=sheet.clone() /> })
        .collect::<Vec<_>>();
    let (added, withdrawn) = (body.hazards_added.len(), body.hazards_withdrawn.len());
    let reason = body.reason;
    view! {
        <section class="sheetlike stack" id=format!("amendment-{number}")>
            <div class="row wrap">
                <Icon name="edit" />
                <h2 class="grow">{move || t_string!(i18n, office.amendment.title, number = number)}</h2>
                <span class="quiet">{at}</span>
            </div>
            <p>{move || t_string!(i18n, office.amendment.why, actor = actor.clone(), reason = reason.clone())}</p>
            <ul class="lines">{changes}</ul>
            {(added > 0).then(|| view! { <p>{move || t_string!(i18n, office.amendment.hazards_added, count = added)}</p> })}
            {(withdrawn > 0).then(|| view! { <p>{move || t_string!(i18n, office.amendment.hazards_withdrawn, count = withdrawn)}</p> })}
            {(!body.remarks.is_empty()).then(|| view! { <p class="pre">{body.remarks}</p> })}
            <p class="quiet">{t!(i18n, office.amendment.kept)}</p>
        </section>
    }
}

#[component]
fn Change(change: AnswerChange, sheet: Arc<Sheet>) -> Node {
    let question = sheet.question(&change.key);
    let kind = question.kind().cloned();
    view! {
        <li class="stack t">
            <Asked question=question id=change.key.item.clone() />
            <p class="row wrap">
                <Value value=change.from kind=kind.clone() replaced=true />
                <Icon name="next" small=true />
                <Value value=Some(change.to) kind=kind replaced=false />
            </p>
        </li>
    }
}
