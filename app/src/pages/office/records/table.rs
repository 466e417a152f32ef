//! The table of received inspections, with paging.

use super::row::Row;
use crate::signal::Memo;
use crate::view::{For, Node, view};
use crate::{
    components::{Button, Empty},
    office::{query::RecordQuery, received::Received, session::OfficeSession},
    pages::office::parts::FailedLine,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{access::Action, api::RecordSummary};

/// What is on screen; with words of its own when there is nothing.
#[component]
pub fn Table() -> Node {
    let list = Received::get();
    let empty = Memo::new(move |_| list.rows().with(Vec::is_empty));
    Node::live(move || {
        if empty.get() {
            view! { <Nothing /><More /> }
        } else {
            view! { <Rows /> }
        }
    })
}

#[component]
fn Nothing() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let filtered = move || list.query.with(RecordQuery::filters);
    let title = move || {
        if filtered() {
            t_string!(i18n, office.records.none_found)
        } else {
            t_string!(i18n, office.records.none)
        }
    };
    let hint = move || {
        if filtered() {
            t_string!(i18n, office.records.none_found_hint)
        } else {
            t_string!(i18n, office.records.none_hint)
        }
    };
    view! { <Empty icon="check" title=title hint=hint /> }
}

#[component]
fn Rows() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let exports = OfficeSession::get().may(Action::ExportRecords);
    view! {
        <div class="sheetlike flush">
            <table class="records" role="table">
                <caption class="vh">{t!(i18n, office.records.title)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {exports.then(|| view! { <th role="columnheader" scope="col" class="pick"><ChooseAll /></th> })}
                        <th role="columnheader" scope="col">{t!(i18n, office.records.site)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.records.inspection)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.records.inspectors)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.records.day)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.records.results)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || list.rows().get() key=identity let:summary>
                        <Row summary=summary exports=exports />
                    </For>
                </tbody>
            </table>
        </div>
        <More />
    }
}

// What is shown of a record changes only with these.
fn identity(row: &RecordSummary) -> String {
    let (sealed, flags) = (row.sealed, row.flags.len());
    format!("{} {sealed} {} {flags}", row.record_id, row.amendments)
}

#[component]
fn ChooseAll() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let all = Memo::new(move |_| {
        let shown = list.rows().with(Vec::len);
        shown > 0 && list.chosen().with(|c| c.len() == shown)
    });
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=move || all.get() on:change=move |event| list.choose_all(event_target_checked(&event)) />
            <span class="vh">{t!(i18n, office.records.choose_all)}</span>
        </label>
    }
}

#[component]
fn More() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let fetch = Callback::new(move |()| list.more());
    let label = move || {
        if list.fetching_more().get() {
            t_string!(i18n, office.loading)
        } else {
            t_string!(i18n, office.records.more)
        }
    };
    view! {
        <div class="pad stack">
            <FailedLine failure=list.more_failed() />
            {move || {
                list.has_more()
                    .then(|| view! { <Button label=label icon="down" disabled=list.fetching_more() on_press=fetch /> })
            }}
        </div>
    }
}
