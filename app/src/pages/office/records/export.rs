//! Exporting the chosen records as one ZIP, from the dock.

use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind},
    office::{
        client::{self, Failure},
        received::Received,
        session::OfficeSession,
        when,
    },
    pages::office::parts::FailedLine,
    platform::clock,
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};

/// The dock; there only while something is chosen.
#[component]
pub fn ExportDock() -> Node {
    let list = Received::get();
    let any = Memo::new(move |_| list.chosen().with(|c| !c.is_empty()));
    Node::live(move || {
        any.get()
            .then(|| view! { <div class="dock"><Export /></div> })
    })
}

#[component]
fn Export() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let zone = OfficeSession::get().zone();
    let save = Callback::new(move |()| {
        let ids: Vec<_> = list.chosen().get_untracked().into_iter().collect();
        let stamp = when::minute(clock::now(), zone).replace([' ', ':'], "-");
        let name = format!("zhicha-{stamp}-{}.zip", ids.len());
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let done = client::export(ids, &name).await;
            busy.try_set(false);
            failed.try_set(done.err());
        });
    });
    let clear = Callback::new(move |()| list.choose_all(false));
    let count = move || list.chosen().with(|c| c.len());
    let label = move || {
        if busy.get() {
            t_string!(i18n, office.export.working).to_owned()
        } else {
            t_string!(i18n, office.export.save, count = count())
        }
    };
    view! {
        <FailedLine failure=failed />
        <Button kind=ButtonKind::Plain label=t!(i18n, office.export.clear) on_press=clear />
        <Button kind=ButtonKind::Main icon="save" label=label disabled=busy on_press=save />
    }
}
