//! A site that is in no register, typed on the spot.

use super::site::ChosenSite;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, Icon, TextField},
    draft::sites::typed,
    words::{t, use_i18n},
};
use leptos::prelude::*;

/// The form; what is taken goes to `site`.
#[component]
pub fn Typed(
    /// What was chosen.
    site: RwSignal<Option<ChosenSite>>,
) -> Node {
    let i18n = use_i18n();
    let (name, address) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let made = move || typed(&name.get(), &address.get());
    let take = move |()| {
        if let Some(snapshot) = untrack(made) {
            site.set(Some(ChosenSite {
                snapshot,
                fitting: Vec::new(),
            }));
        }
    };
    view! {
        <details class="sheetlike stack">
            <summary class="row"><b class="grow">{t!(i18n, inspection.new.typed)}</b><Icon name="open" /></summary>
            <div class="stack">
                <p class="quiet">{t!(i18n, inspection.new.typed_hint)}</p>
                <TextField id="site-name" label=t!(i18n, inspection.new.name) value=name />
                <TextField id="site-address" label=t!(i18n, inspection.new.address) value=address />
                <Button label=t!(i18n, inspection.new.use_typed) disabled=Signal::derive(move || made().is_none()) on_press=Callback::new(take) />
            </div>
        </details>
    }
}
