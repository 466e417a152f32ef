//! What ⓘ opens below a question: how to check, the note, the bases, 未查 with a reason, and taking the answer back.

use super::{Given, RowCx, basis::BasisLine, live};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Icon, photos::Photos, use_toaster},
    draft::clause::cited,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Item, Text},
};

/// The region itself.
#[component]
pub fn More(
    /// The row.
    row: RowCx,
    /// How to check.
    how: Option<Text>,
) -> Node {
    let i18n = use_i18n();
    let note = row
        .item
        .with_value(|item| item.as_ref().and_then(|i| i.note.clone()));
    let line =
        |icon, text| view! { <div class="basis"><Icon name=icon /><p>{live(i18n, text)}</p></div> };
    view! {
        <div class="stack more" id=row.id("more")>
            {how.map(|how| line("search", how))}
            {note.map(|note| line("info", note))}
            {row.item.get_value().map(|item| view! { <Bases row=row item=item /> })}
            <Photos draft=row.draft about=Some(row.key.get_value()) id=row.id("photos") />
            <NotChecked row=row />
        </div>
    }
}

#[component]
fn Bases(row: RowCx, item: Item) -> Node {
    let i18n = use_i18n();
    let lines = |bases| {
        row.checklist
            .with_value(|loaded| cited(&loaded.checklist, bases, row.day))
    };
    let (duty, gravity) = (lines(&item.bases), lines(&item.severity_bases));
    let superseded = row
        .checklist
        .with_value(|loaded| item.only_superseded(&loaded.checklist, row.day));
    let none = duty.is_empty() && gravity.is_empty();
    let shown = |all: Vec<_>| {
        all.into_iter()
            .map(|cited| view! { <BasisLine cited=cited /> })
            .collect::<Vec<_>>()
    };
    let has_gravity = !gravity.is_empty();
    view! {
        {none.then(|| view! { <p class="quiet">{t!(i18n, inspection.item.none)}</p> })}
        {superseded.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, inspection.item.superseded)}</p> })}
        {shown(duty)}
        {has_gravity.then(|| view! { <p class="quiet">{t!(i18n, inspection.item.gravity)}</p> })}
        {shown(gravity)}
    }
}

#[component]
fn NotChecked(row: RowCx) -> Node {
    let i18n = use_i18n();
    let now = row
        .state
        .answer
        .with_untracked(|a| a.as_ref().map(|a| a.value.clone()));
    let reason = RwSignal::new(match now {
        Some(AnswerValue::NotChecked { reason }) => reason,
        _ => String::new(),
    });
    let empty = Signal::derive(move || reason.with(|r| r.trim().is_empty()) || row.locked());
    let set = move |()| {
        let reason = reason.get_untracked().trim().to_owned();
        row.give(Given::Now(AnswerValue::NotChecked { reason }));
    };
    let other_kind = row
        .item
        .with_value(|i| i.as_ref().is_some_and(|i| i.answer != AnswerKind::Check));
    let id = row.id("why");
    let answered = move || row.state.answer.with(Option::is_some);
    view! {
        <div class="field">
            <label for=id.clone()>{t!(i18n, inspection.item.not_checked_why)}</label>
            <input class="in" id=id maxlength="200" autocomplete="off" prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event)) />
        </div>
        <div class="row wrap">
            <Button label=t!(i18n, inspection.item.not_checked_set) disabled=empty on_press=Callback::new(set) />
            {other_kind.then(|| view! {
                <Button label=move || t_string!(i18n, inspection.item.not_applicable)
                    disabled=Signal::derive(move || row.locked())
                    on_press=Callback::new(move |()| row.give(Given::Now(AnswerValue::NotApplicable))) />
            })}
            {move || answered().then(|| view! { <Clear row=row /> })}
        </div>
    }
}

#[component]
fn Clear(row: RowCx) -> Node {
    let i18n = use_i18n();
    let toaster = use_toaster();
    let clear = move |()| {
        let Some(before) = row.key.with_value(|key| row.draft.clear(key)) else {
            return;
        };
        let draft = row.draft;
        let undo = Callback::new(move |()| draft.restore(before.clone()));
        toaster.say_with_undo(t_string!(i18n, inspection.item.clear).to_owned(), undo);
    };
    view! { <Button kind=ButtonKind::Link label=t!(i18n, inspection.item.clear) on_press=Callback::new(clear) /> }
}
