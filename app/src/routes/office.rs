//! The pages of the office app, each behind what a person must be allowed to do.

use crate::signal::Memo;
use crate::{
    components::Empty,
    pages::office::{
        checklists::{Checklists, OneChecklist},
        join::Join,
        me::Me,
        parts::{Guard, OfficeFrame},
        people::People,
        quarantine::Quarantine,
        record::Record,
        records::Records,
        sign_in::SignIn,
        sites::Sites,
    },
    platform::address::Address,
    view::{Node, view},
    words::{t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::access::Action;

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Records,
    Record,
    Quarantine,
    People,
    Sites,
    Checklists,
    Checklist,
    Me,
    SignIn,
    Join,
    NotHere,
}

fn place(parts: &[&str]) -> Place {
    match parts {
        ["office"] => Place::Records,
        ["office", "records", _] => Place::Record,
        ["office", "quarantine"] => Place::Quarantine,
        ["office", "people"] => Place::People,
        ["office", "sites"] => Place::Sites,
        ["office", "checklists"] => Place::Checklists,
        ["office", "checklists", _] => Place::Checklist,
        ["office", "me"] => Place::Me,
        ["office", "sign-in"] => Place::SignIn,
        ["office", "join"] => Place::Join,
        _ => Place::NotHere,
    }
}

/// All pages.
#[component]
pub fn OfficeRoutes() -> Node {
    let address = Address::follow();
    let place = Memo::new(move |_| address.parts(place));
    Node::live(move || match place.get() {
        Place::Records => {
            view! { <Guard action=Action::ReadRecords><Records /></Guard> }
        }
        Place::Record => {
            view! { <Guard action=Action::ReadRecords><Record /></Guard> }
        }
        Place::Quarantine => {
            view! { <Guard action=Action::ReadQuarantine><Quarantine /></Guard> }
        }
        Place::People => {
            view! { <Guard action=Action::ReadPeople><People /></Guard> }
        }
        Place::Sites => {
            view! { <Guard action=Action::ReadSites><Sites /></Guard> }
        }
        Place::Checklists => {
            view! { <Guard action=Action::ReadRecords><Checklists /></Guard> }
        }
        Place::Checklist => {
            view! { <Guard action=Action::ReadRecords><OneChecklist /></Guard> }
        }
        Place::Me => {
            view! { <Guard action=Action::OwnSession><Me /></Guard> }
        }
        Place::SignIn => view! { <SignIn /> },
        Place::Join => view! { <Join /> },
        Place::NotHere => view! { <NotHere /> },
    })
}

#[component]
fn NotHere() -> Node {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=t!(i18n, office.title) back="/office/">
            <Empty icon="search" title=t!(i18n, office.not_here.title) hint=t!(i18n, office.not_here.words) />
        </OfficeFrame>
    }
}
