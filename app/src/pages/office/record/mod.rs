//! One received inspection in full: what was sealed, what was added later, and what the server holds of it.

mod amendments;
mod answers;
mod events;
mod hazards;
mod other;
mod photos;
mod signs;
mod summary;
mod visit;

use super::parts::{OfficeFrame, Place, Shown};
use crate::platform::address::use_address;
use crate::signal::Memo;
use crate::view::{Node, ViewFn, view};
use crate::{
    components::{Banner, Button, Icon},
    office::{client, load::Loaded, session::OfficeSession, sheet::Sheet},
    platform::download,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{access::Action, api::RecordDetail, id::RecordId};

/// What the parts of the page show.
#[derive(Clone)]
pub struct Reading {
    /// As the server sent it.
    pub detail: Arc<RecordDetail>,
    /// Made ready to read.
    pub sheet: Arc<Sheet>,
}

/// The page of one record.
#[component]
pub fn Record() -> Node {
    let i18n = use_i18n();
    let part = use_address().part("office", 2);
    let id = Memo::new(move |_| part.get().unwrap_or_default());
    let loaded = Loaded::new(move || {
        let id = id.get().parse::<RecordId>();
        async move {
            let detail = client::record(id.map_err(|_| client::Failure::not_found())?).await?;
            let sheet = Sheet::of(&detail);
            Ok(Reading {
                detail: Arc::new(detail),
                sheet: Arc::new(sheet),
            })
        }
    });
    let site = move || loaded.with_ready(|r| r.detail.summary.site_name.clone());
    let title = move || site().unwrap_or_else(|| t_string!(i18n, office.record.title).to_owned());
    let day = move || {
        loaded
            .with_ready(|r| r.detail.summary.inspection_date.to_string())
            .unwrap_or_default()
    };
    view! {
        <OfficeFrame title=title subtitle=day back="/office/" place=Place::Received act=ViewFn::from(move || view! { <Acts loaded=loaded /> })>
            <Shown loaded=loaded render=|reading| view! { <Whole reading=reading /> } />
        </OfficeFrame>
    }
}

/// Print and export.
#[component]
fn Acts(loaded: Loaded<Reading>) -> Node {
    let i18n = use_i18n();
    let exports = OfficeSession::get().may(Action::ExportRecords);
    let print = Callback::new(|()| download::print());
    Node::live(move || {
        let id = loaded.with_ready(|r| r.detail.summary.record_id)?;
        let link = exports.then(|| {
            view! {
                <a class="btn" href=client::export_path(id) download=format!("{id}.zip") rel="external">
                    <Icon name="save" />
                    {t!(i18n, office.export.one)}
                </a>
            }
        });
        Some(view! {
            <span class="w"><Button label=t!(i18n, office.record.print) icon="print" on_press=print /></span>
            {link}
        })
    })
}

#[component]
fn Whole(reading: Reading) -> Node {
    let i18n = use_i18n();
    let sealed = reading.sheet.record.sealed.is_some();
    let unreadable = reading.sheet.unreadable;
    view! {
        <div class="record">
            <div class="stack l side">
                <summary::Summary reading=reading.clone() />
                <visit::Visit reading=reading.clone() />
                <signs::Signs reading=reading.clone() />
            </div>
            <div class="stack l body">
                {(unreadable > 0)
                    .then(|| {
                        view! {
                            <Banner tone="warn" icon="alert" title=move || t_string!(i18n, office.record.unreadable, count = unreadable)>
                                <p>{t!(i18n, office.record.unreadable_words)}</p>
                            </Banner>
                        }
                    })}
                {(!sealed)
                    .then(|| {
                        view! {
                            <Banner tone="warn" icon="saving" title=t!(i18n, office.records.unsealed)>
                                <p>{t!(i18n, office.record.unsealed_words)}</p>
                            </Banner>
                        }
                    })}
                <amendments::Amendments reading=reading.clone() />
                <hazards::Hazards reading=reading.clone() />
                <photos::Photos reading=reading.clone() />
                <answers::Answers reading=reading.clone() />
            </div>
            <div class="receipts"><events::Events reading=reading /></div>
        </div>
    }
}
