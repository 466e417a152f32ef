//! How the visit ended, and anything else there is to say.

use super::text::DraftText;
use crate::signal::Memo;
use crate::view::{Node, Show, view};
use crate::words::counted;
use crate::{
    state::draft::{OpenDraft, Standing},
    words::{self, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::{Mode, Visit};

// The first two also of a business that inspects itself: it turns nobody away.
const VISITS: [Visit; 5] = [
    Visit::Completed,
    Visit::Partial,
    Visit::Refused,
    Visit::SiteClosed,
    Visit::NotFound,
];

/// The outcome.
#[component]
pub fn OutcomeForm(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let own = draft
        .form
        .with_untracked(|form| form.mode == Mode::SelfInspection);
    let visits = VISITS.into_iter().take(if own { 2 } else { VISITS.len() });
    let unchecked = Memo::new(move |_| draft.total.get().unchecked());
    let now = Memo::new(move |_| draft.form.with(|form| form.visit(unchecked.get())));
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours);
    let option = |visit: Visit| {
        view! {
            <label>
                <input type="radio" name="visit" prop:checked=move || now.get() == Some(visit)
                    disabled=move || { visit == Visit::Completed && unchecked.get() > 0 }
                    on:change=move |_| draft.edit_content(false, |form| form.outcome.visit = visit) />
                <span>{move || words::visit(i18n, visit)}</span>
            </label>
        }
    };
    let note = move || {
        view! {
            <DraftText id="outcome-note" area=true label=t!(i18n, inspection.over.outcome_note) locked=locked
                said=Signal::derive(move || Some(t_string!(i18n, inspection.over.outcome_need).to_owned()))
                value=Signal::derive(move || draft.form.with(|f| f.outcome.note.clone()))
                on_text=Callback::new(move |text| draft.edit_content(true, |f| f.outcome.note = text))
                settle=Callback::new(move |()| draft.flush()) />
        }
    };
    view! {
        <section>
            <div class="head"><h2 id="outcome" tabindex="-1">{t!(i18n, inspection.over.outcome)}</h2></div>
            <div class="sheetlike stack">
                <fieldset class="options" aria-labelledby="outcome" disabled=move || locked.get()>{visits.map(option).collect::<Vec<_>>()}</fieldset>
                {move || (unchecked.get() > 0).then(|| view! { <p class="quiet">{counted!(i18n, inspection.over.unchecked, count = unchecked.get())}</p> })}
                <Show when=move || { now.get().is_some_and(|visit| visit != Visit::Completed) }>{note}</Show>
            </div>
        </section>
    }
}

/// The remarks.
#[component]
pub fn Remarks(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    view! {
        <div class="pad">
            <DraftText id="remarks" area=true label=move || t_string!(i18n, inspection.over.remarks)
                locked=Signal::derive(move || draft.standing.get() != Standing::Ours)
                value=Signal::derive(move || draft.form.with(|f| f.remarks.clone()))
                on_text=Callback::new(move |text| draft.edit_content(true, |f| f.remarks = text))
                settle=Callback::new(move |()| draft.flush()) />
        </div>
    }
}
