//! The pages of the enrolled field app.

use crate::pages::field::{
    enrol::EnrolPage,
    hazards::Hazards,
    inspection::{AmendPage, InspectionPage, NewInspection},
    lost_page::LostPage,
    me::Me,
    record::RecordPage,
    records::Records,
    sign_in::SignInPage,
    sites::Sites,
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
                <Route path=path!("/inspect") view=Records />
                <Route path=path!("/inspect/new") view=NewInspection />
                <Route path=path!("/inspect/:id/:step?") view=InspectionPage />
                <Route path=path!("/records/:id") view=RecordPage />
                <Route path=path!("/records/:id/amend") view=AmendPage />
                <Route path=path!("/hazards") view=Hazards />
                <Route path=path!("/sites") view=Sites />
                <Route path=path!("/me") view=Me />
                <Route path=path!("/sign-in") view=SignInPage />
                <Route path=path!("/enrol") view=EnrolPage />
                <Route path=path!("/join") view=Taken />
            </Routes>
        </Router>
    }
}
