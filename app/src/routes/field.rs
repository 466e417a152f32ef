//! The pages of the enrolled field app.

use crate::{
    pages::field::{
        inspection::{InspectionPage, NewInspection},
        later::{Later, Page},
        today::Today,
    },
    platform::address::Address,
    view::{Node, view},
};
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Today,
    New,
    Inspection,
    Records,
    Record,
    Amend,
    Hazards,
    Sites,
    Me,
    SignIn,
    Enrol,
    Taken,
    Lost,
}

fn place(parts: &[&str]) -> Place {
    match parts {
        [] => Place::Today,
        ["inspect"] => Place::Records,
        ["inspect", "new"] => Place::New,
        ["inspect", _] | ["inspect", _, _] => Place::Inspection,
        ["records", _] => Place::Record,
        ["records", _, "amend"] => Place::Amend,
        ["hazards"] => Place::Hazards,
        ["sites"] => Place::Sites,
        ["me"] => Place::Me,
        ["sign-in"] => Place::SignIn,
        ["enrol"] => Place::Enrol,
        ["join"] => Place::Taken,
        _ => Place::Lost,
    }
}

/// All pages; whatever else the address says is told so.
#[component]
pub fn FieldRoutes() -> Node {
    let address = Address::follow();
    let place = Memo::new(move |_| address.parts(place));
    Node::live(move || match place.get() {
        Place::Today => view! { <Today /> },
        Place::New => view! { <NewInspection /> },
        Place::Inspection => view! { <InspectionPage /> },
        Place::Records => later(Page::Records),
        Place::Record => later(Page::Record),
        Place::Amend => later(Page::Amend),
        Place::Hazards => later(Page::Hazards),
        Place::Sites => later(Page::Sites),
        Place::Me => later(Page::Me),
        Place::SignIn => later(Page::SignIn),
        Place::Enrol => later(Page::Enrol),
        Place::Taken => later(Page::Taken),
        Place::Lost => later(Page::Lost),
    })
}

fn later(page: Page) -> Node {
    view! { <Later page=page /> }
}
