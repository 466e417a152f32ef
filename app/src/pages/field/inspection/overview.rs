//! Before the seal: what was answered, what is missing, who signs, how the visit ended.

use super::{
    counts::{Counts, Missing},
    delete::DeleteDraft,
    fails::Fails,
    guard::Guard,
    outcome::{OutcomeForm, Remarks},
    people::{Inspectors, Representative},
    seal::{Room, SealDialog, SealDock},
    sign::Signs,
};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Frame, photos::Photos},
    state::{draft::OpenDraft, use_app},
    words::{t, use_i18n},
};
use leptos::prelude::*;

/// The overview of a draft.
#[component]
pub fn OverviewPage(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let sealing = RwSignal::new(false);
    let site = draft.form.with_untracked(|form| form.site.name.clone());
    let day = app.today();
    let dock = move || view! { <SealDock draft=draft sealing=sealing /> };
    view! {
        <Frame title=t!(i18n, inspection.over.title) subtitle=site back=format!("/inspect/{}", draft.id) writes=true dock=dock>
            <Guard draft=draft />
            <Counts draft=draft />
            <Missing draft=draft />
            <Fails draft=draft day=day />
            <Loose draft=draft />
            <Inspectors draft=draft />
            <Representative draft=draft />
            <OutcomeForm draft=draft />
            <Remarks draft=draft />
            <Signs draft=draft />
            <Room draft=draft />
            <p class="pad quiet">{t!(i18n, inspection.over.after)}</p>
            <DeleteDraft draft=draft />
            <SealDialog draft=draft open=sealing />
        </Frame>
    }
}

// What was photographed before anybody said what it is of.
#[component]
fn Loose(draft: OpenDraft) -> Node {
    let i18n = use_i18n();
    view! {
        <section class="pad stack">
            <h2>{t!(i18n, evidence.loose.title)}</h2>
            <p class="quiet">{t!(i18n, evidence.loose.hint)}</p>
            <Photos draft=draft about=None id="loose".to_owned() />
        </section>
    }
}
