//! In 今日: what was sealed today.

use super::records::RecordLine;
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    state::{records::Record, use_app},
    words::{t, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;

/// Most records that are looked at: a day has fewer.
const LOOKED_AT: usize = 12;

/// The records; nothing while there are none.
#[component]
pub fn Recent() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let recent = RwSignal::new(Vec::<Rc<Record>>::new());
    effect(move || {
        let version = app.sync.version();
        spawn_local(async move {
            if let Ok(mut found) = app.records.newest(LOOKED_AT, version).await {
                let today = Some(app.today());
                found.retain(|record| record.date() == today && record.sealed().is_some());
                recent.try_set(found);
            }
        });
    });
    Node::live(move || {
        let found = recent.get();
        (!found.is_empty()).then(|| {
            view! {
                <section>
                    <div class="head"><h2>{t!(i18n, field.today.recent)}</h2></div>
                    <ul class="list">{found.into_iter().map(|record| view! { <RecordLine record=record /> }).collect::<Vec<_>>()}</ul>
                </section>
            }
        })
    })
}
