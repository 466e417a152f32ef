//! The pages of the enrolled field app.

use crate::pages::field::{
    enrol::EnrolPage,
    inspection::{InspectionPage, NewInspection},
    later::{Later, Page},
    lost_page::LostPage,
    sign_in::SignInPage,
    taken::Taken,
    today::Today,
};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

/// All routes; whatever else the address says is told so.
#[component]
pub fn FieldRoutes() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=|| view! { <LostPage /> }>
                <Route path=path!("/") view=Today />
                <Route path=path!("/inspect") view=|| later(Page::Records) />
                <Route path=path!("/inspect/new") view=NewInspection />
                <Route path=path!("/inspect/:id/:step?") view=InspectionPage />
                <Route path=path!("/records/:id") view=|| later(Page::Record) />
                <Route path=path!("/records/:id/amend") view=|| later(Page::Amend) />
                <Route path=path!("/hazards") view=|| later(Page::Hazards) />
                <Route path=path!("/sites") view=|| later(Page::Sites) />
                <Route path=path!("/me") view=|| later(Page::Me) />
                <Route path=path!("/sign-in") view=SignInPage />
                <Route path=path!("/enrol") view=EnrolPage />
                <Route path=path!("/join") view=Taken />
            </Routes>
        </Router>
    }
}

fn later(page: Page) -> AnyView {
    crate::view::view! { <Later page=page /> }.into_any()
}
