//! Signing the amendment: one event, on disk before the record is shown again.

use super::Desk;
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind},
    pages::field::inspection::seal::append_word,
    state::device,
    words::{t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    answer::AnswerKey,
    checklist::{Checklist, Item, Loaded},
    client::{AppendError, append::NewEvent},
    event::body::Written,
    inspection::Captured,
};

/// The last buttons.
#[component]
pub fn Send(desk: Desk, open: RwSignal<bool>) -> Node {
    let i18n = use_i18n();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<AppendError>);
    let address = use_address();
    let go = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            let done = write(desk).await;
            busy.try_set(false);
            match done {
                Ok(record) => {
                    address.replace(&record);
                }
                Err(error) => {
                    trouble.try_set(Some(error));
                }
            }
        });
    });
    view! {
        {move || trouble.get().map(|error| view! {
            <div class="said stack t" data-tone="fail" role="alert">
                <p><b>{t!(i18n, inspection.amend.failed)}</b></p>
                <p>{move || append_word(i18n, &error)}</p>
                <p>{t!(i18n, inspection.amend.safe)}</p>
            </div>
        })}
        <Button kind=ButtonKind::Main icon="sign" label=t!(i18n, inspection.amend.go) disabled=busy on_press=go />
        <Button label=t!(i18n, inspection.amend.back) disabled=busy on_press=Callback::new(move |()| open.set(false)) />
    }
}

async fn write(desk: Desk) -> Result<String, AppendError> {
    let record = desk.record.get_value();
    let lists = desk.lists.get_value();
    let Some((hash, _, sealed)) = &record.folded.sealed else {
        return Err(AppendError::NotEnrolled);
    };
    let day = record.date().unwrap_or_else(|| desk.app.today());
    let body = desk
        .amendment
        .get_untracked()
        .body(hash, sealed, day, |key| item(&lists, key));
    let last = record.told.last().map(|told| told.hash.clone());
    let new = NewEvent {
        record_id: record.id,
        parents: last.into_iter().collect(),
        checklists: sealed.checklists.iter().map(|c| c.digest.clone()).collect(),
        body: Written::of(&body),
        captured: Captured::default(),
        closes: None,
    };
    device::append(&desk.app.store(), &new).await?;
    desk.app.sync.appended();
    Ok(format!("/records/{}", record.id))
}

fn item<'a>(lists: &'a [Rc<Loaded>], key: &AnswerKey) -> Option<(&'a Item, &'a Checklist)> {
    let list = lists.iter().find(|l| l.digest == key.checklist)?;
    let item = list
        .checklist
        .sections
        .iter()
        .flat_map(|s| &s.items)
        .find(|i| i.id == key.item)?;
    Some((item, &list.checklist))
}
