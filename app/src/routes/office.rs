//! The pages of the office app, each behind what a person must be allowed to do.

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
    words::{t_string, use_i18n},
};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};
use zhicha_core::access::Action;

/// All routes.
#[component]
pub fn OfficeRoutes() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <NotHere /> }>
                <Route path=path!("/office") view=|| view! { <Guard action=Action::ReadRecords><Records /></Guard> } />
                <Route path=path!("/office/records/:id") view=|| view! { <Guard action=Action::ReadRecords><Record /></Guard> } />
                <Route path=path!("/office/quarantine") view=|| view! { <Guard action=Action::ReadQuarantine><Quarantine /></Guard> } />
                <Route path=path!("/office/people") view=|| view! { <Guard action=Action::ReadPeople><People /></Guard> } />
                <Route path=path!("/office/sites") view=|| view! { <Guard action=Action::ReadSites><Sites /></Guard> } />
                <Route path=path!("/office/checklists") view=|| view! { <Guard action=Action::ReadRecords><Checklists /></Guard> } />
                <Route path=path!("/office/checklists/:digest") view=|| view! { <Guard action=Action::ReadRecords><OneChecklist /></Guard> } />
                <Route path=path!("/office/me") view=|| view! { <Guard action=Action::OwnSession><Me /></Guard> } />
                <Route path=path!("/office/sign-in") view=SignIn />
                <Route path=path!("/office/join") view=Join />
            </Routes>
        </Router>
    }
}

#[component]
fn NotHere() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=move || t_string!(i18n, office.title) back="/office/">
            <Empty icon="search" title=move || t_string!(i18n, office.not_here.title) hint=move || t_string!(i18n, office.not_here.words) />
        </OfficeFrame>
    }
}
