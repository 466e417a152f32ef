//! 收到的检查: what has arrived, newest first.

mod export;
mod filters;
mod row;
mod table;

use super::parts::{Failed, OfficeFrame, Place, shown::Waiting};
use crate::view::{Node, ViewFn, view};
use crate::{
    office::{load::Load, published::Published, received::Received},
    words::{number, t_string, use_i18n},
};
use export::ExportDock;
use filters::Filters;
use leptos::prelude::*;
pub use row::Figures;
use table::Table;

/// The list of received inspections.
#[component]
pub fn Records() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    list.look();
    Published::provide();
    let count = move || match list.state().get() {
        Load::Ready(()) if list.query.with(|q| q.unsealed) => String::new(),
        Load::Ready(()) => {
            let total = usize::try_from(list.total().get()).unwrap_or(usize::MAX);
            t_string!(i18n, office.records.total, total = number(i18n, total))
        }
        _ => String::new(),
    };
    let retry = Callback::new(move |()| list.look());
    view! {
        <OfficeFrame
            title=move || t_string!(i18n, office.records.title)
            subtitle=count
            place=Place::Received
            dock=ViewFn::from(|| view! { <ExportDock /> })
        >
            <Filters />
            {move || match list.state().get() {
                Load::Waiting => view! { <Waiting /> },
                Load::Failed(failure) => view! { <div class="pad"><Failed failure=failure retry=retry /></div> },
                Load::Ready(()) => view! { <Table /> },
            }}
        </OfficeFrame>
    }
}
