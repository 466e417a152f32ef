//! Amending a sealed record: only what changes, with a reason. The record itself is never touched.

mod change;
mod hazards;
mod send;

use super::text::DraftText;
use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Dialog, Empty, Frame},
    draft::amendment::{Amendment, Lack},
    state::{App, records::Record, use_app},
    words::{t, t_string, use_i18n},
};
use change::Changes;
use hazards::Hazards;
use leptos::{prelude::*, task::spawn_local};
use send::Send;
use std::rc::Rc;
use zhicha_core::{checklist::Loaded, id::RecordId};

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Desk {
    record: StoredValue<Rc<Record>, LocalStorage>,
    lists: StoredValue<Vec<Rc<Loaded>>, LocalStorage>,
    amendment: RwSignal<Amendment>,
    app: App,
}

/// The page of `/records/:id/amend`.
#[component]
pub fn AmendPage() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let part = use_address().part("records", 1);
    let id = part
        .get_untracked()
        .and_then(|id| id.parse::<RecordId>().ok());
    let desk = RwSignal::new(None::<Option<Desk>>);
    let owner = Owner::current().unwrap_or_default();
    spawn_local(async move {
        let read = read(app, id).await;
        let made = read.map(|(record, lists)| {
            owner.with(|| Desk {
                record: StoredValue::new_local(record),
                lists: StoredValue::new_local(lists),
                amendment: RwSignal::new(Amendment::default()),
                app,
            })
        });
        desk.try_set(Some(made));
    });
    Node::live(move || match desk.get() {
        Some(Some(desk)) => view! { <Shown desk=desk /> },
        Some(None) => view! {
            <Frame title=t!(i18n, inspection.amend.title) back="/inspect">
                <Empty icon="search" title=t!(i18n, inspection.amend.gone) hint="" />
            </Frame>
        },
        None => Node::Nothing,
    })
}

async fn read(app: App, id: Option<RecordId>) -> Option<(Rc<Record>, Vec<Rc<Loaded>>)> {
    let record = app.records.one(id?, app.sync.version()).await.ok()??;
    let mut lists = Vec::new();
    for cited in &record.sealed()?.checklists {
        // Items of a checklist that is not here cannot be shown; the others can still be amended.
        lists.extend(app.reference.checklist(&cited.digest).await.ok().flatten());
    }
    Some((record, lists))
}

#[component]
fn Shown(desk: Desk) -> Node {
    let i18n = use_i18n();
    let record = desk.record.get_value();
    let site = record
        .sealed()
        .map(|s| s.site.name.clone())
        .unwrap_or_default();
    let asking = RwSignal::new(false);
    let amendment = desk.amendment;
    let dock = move || view! { <Dock desk=desk asking=asking /> };
    let text = move |id: &'static str,
                     label: fn(crate::words::Words) -> &'static str,
                     get: fn(&Amendment) -> &String,
                     set: fn(&mut Amendment, String)| {
        view! {
            <div class="pad">
                <DraftText id=id area=true label=move || label(i18n) value=Signal::derive(move || amendment.with(|a| get(a).clone()))
                    on_text=Callback::new(move |text| amendment.update(|a| set(a, text))) settle=Callback::new(|()| {}) />
            </div>
        }
    };
    view! {
        <Frame title=t!(i18n, inspection.amend.title) subtitle=site back=format!("/records/{}", record.id) dock=dock>
            <p class="pad">{t!(i18n, inspection.amend.lead)}</p>
            {text("amend-reason", |w| t_string!(w, inspection.amend.reason), |a| &a.reason, |a, text| a.reason = text)}
            <Changes desk=desk />
            <Hazards desk=desk />
            {text("amend-remarks", |w| t_string!(w, inspection.amend.remarks), |a| &a.remarks, |a, text| a.remarks = text)}
            <Dialog open=asking id="amend" title=t!(i18n, inspection.amend.go_title)>
                <p>{t!(i18n, inspection.amend.go_text)}</p>
                <Send desk=desk open=asking />
            </Dialog>
        </Frame>
    }
}

#[component]
fn Dock(desk: Desk, asking: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    let lack = Memo::new(move |_| {
        desk.record.with_value(|record| {
            let sealed = record.sealed()?;
            desk.amendment.with(|amendment| amendment.lack(sealed))
        })
    });
    let label = move || match lack.get() {
        Some(Lack::Reason) => t_string!(i18n, inspection.amend.need_reason),
        Some(Lack::Change) => t_string!(i18n, inspection.amend.need_change),
        None => t_string!(i18n, inspection.amend.go),
    };
    let not_yet = Signal::derive(move || lack.get().is_some());
    view! { <Button kind=ButtonKind::Main icon="sign" label=label disabled=not_yet on_press=Callback::new(move |()| asking.set(true)) /> }
}
