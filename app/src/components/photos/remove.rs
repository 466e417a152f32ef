//! The question before a piece of evidence is deleted.

use super::words;
use crate::{
    components::{Button, ButtonKind, Dialog},
    signal::RwSignal,
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::EvidenceKind;

/// The dialog.
#[component]
pub fn RemoveDialog(
    /// Whether it is asked.
    asking: RwSignal<bool>,
    /// Id, unique in the page.
    id: String,
    /// What would be deleted.
    kind: EvidenceKind,
    /// Deletes it.
    remove: Callback<()>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Dialog open=asking id=id title=move || words::remove_title(i18n, kind)>
            <p>{t!(i18n, evidence.remove.hint)}</p>
            <div class="row">
                <Button label=t!(i18n, evidence.remove.no) on_press=Callback::new(move |()| asking.set(false)) />
                <Button kind=ButtonKind::Warn label=t!(i18n, evidence.remove.yes) on_press=remove />
            </div>
        </Dialog>
    }
}
