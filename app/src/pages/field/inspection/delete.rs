//! Deleting a draft, with a question before it. A sealed record cannot be deleted.

use super::seal::Trouble;
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    components::{Button, ButtonKind, Dialog},
    state::draft::{OpenDraft, SealTrouble, Standing},
    words::{t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::inspection::Mode;

/// The button and its question.
#[component]
pub fn DeleteDraft(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let trouble = RwSignal::new(None::<SealTrouble>);
    let address = use_address();
    let delete = Callback::new(move |()| {
        spawn_local(async move {
            match draft.delete().await {
                Ok(()) => {
                    address.replace("/");
                }
                Err(error) => {
                    trouble.try_set(Some(error));
                }
            }
        });
    });
    let (site, started) = draft
        .form
        .with_untracked(|form| (form.site.name.clone(), form.mode == Mode::SpotCheck));
    let site = StoredValue::new(site);
    let answers = draft.read(|book| book.answers().count());
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours);
    view! {
        <div class="pad stack">
            <Button kind=ButtonKind::Warn icon="trash" label=t!(i18n, inspection.over.delete) disabled=locked
                on_press=Callback::new(move |()| open.set(true)) />
        </div>
        <Dialog open=open id="delete" title=t!(i18n, inspection.delete.title)>
            <p>{move || counted!(i18n, inspection.delete.text, count = answers, site = site.get_value())}</p>
            {started.then(|| view! { <p>{t!(i18n, inspection.delete.started)}</p> })}
            {move || trouble.get().map(|trouble| view! { <Trouble trouble=trouble /> })}
            <Button kind=ButtonKind::Warn icon="trash" label=t!(i18n, inspection.delete.go) on_press=delete />
            <Button kind=ButtonKind::Main label=t!(i18n, inspection.delete.back) on_press=Callback::new(move |()| open.set(false)) />
        </Dialog>
    }
}
