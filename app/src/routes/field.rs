//! The pages of the enrolled field app.

use crate::signal::Memo;
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

#[derive(Clone, PartialEq)]
enum Place {
    Today,
    New,
    Inspection,
    Later(Page),
}

fn place(parts: &[&str]) -> Place {
    match parts {
        [] => Place::Today,
        ["inspect"] => Place::Later(Page::Records),
        ["inspect", "new"] => Place::New,
        ["inspect", _] | ["inspect", _, _] => Place::Inspection,
        ["records", _] => Place::Later(Page::Record),
        ["records", _, "amend"] => Place::Later(Page::Amend),
        ["hazards"] => Place::Later(Page::Hazards),
        ["sites"] => Place::Later(Page::Sites),
        ["s", _] => Place::Later(Page::Site),
        ["me"] => Place::Later(Page::Me),
        ["library"] => Place::Later(Page::Library),
        ["sign-in"] => Place::Later(Page::SignIn),
        ["enrol"] => Place::Later(Page::Enrol),
        ["join"] => Place::Later(Page::Taken),
        _ => Place::Later(Page::Lost),
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
        Place::Later(page) => view! { <Later page=page /> },
    })
}
