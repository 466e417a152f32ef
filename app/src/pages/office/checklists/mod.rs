//! 检查表: what is published here. A version never changes; a new one stands beside it.

mod one;

pub use one::OneChecklist;

use super::parts::{OfficeFrame, Place, Shown};
use crate::view::{Node, view};
use crate::{
    components::Empty,
    office::{client, load::Loaded},
    words::{pick, t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::api::ChecklistInfo;

/// The list.
#[component]
pub fn Checklists() -> Node {
    let i18n = use_i18n();
    let published = Loaded::new(client::checklists);
    view! {
        <OfficeFrame title=t!(i18n, inspection.new.checklists) place=Place::Checklists>
            <p class="pad quiet">{t!(i18n, office.checklist.words)}</p>
            <Shown loaded=published render=|all| view! { <Table all=all /> } />
        </OfficeFrame>
    }
}

#[component]
fn Table(all: Vec<ChecklistInfo>) -> Node {
    let i18n = use_i18n();
    if all.is_empty() {
        return view! {
            <Empty icon="book" title=t!(i18n, office.checklist.none) hint=t!(i18n, office.checklist.none_hint) />
        };
    }
    let row = move |info: ChecklistInfo| {
        let title = info.title;
        view! {
            <tr role="row">
                <td role="cell">
                    <a class="link" href=format!("/office/checklists/{}", info.digest)>{move || pick(i18n, &title)}</a>
                    <p class="code">{info.id}</p>
                </td>
                <td role="cell" data-label=t!(i18n, office.checklist.version)>{info.version}</td>
                <td role="cell" data-label=t!(i18n, office.checklist.items)>{info.items}</td>
                <td role="cell" class="code wrap-anywhere" data-label=t!(i18n, office.checklist.digest)>
                    {info.digest.to_string()}
                </td>
            </tr>
        }
    };
    view! {
        <div class="sheetlike flush">
            <table class="records" role="table">
                <caption class="vh">{t!(i18n, inspection.new.checklists)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{t!(i18n, office.record.name)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.checklist.version)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.checklist.items)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.checklist.digest)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{all.into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </div>
    }
}
