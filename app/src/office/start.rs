//! The office app from start to first page.

use super::{received::Received, session::OfficeSession};
use crate::view::view;
use crate::{boot, field::provide_frame, routes::office::OfficeRoutes};
use leptos::{mount::mount_to_body, prelude::*};

/// Starts the office app in the page's body.
pub fn run() {
    boot::panic_overlay();
    mount_to_body(Root);
}

#[component]
fn Root() -> impl IntoView {
    provide_frame();
    let session = OfficeSession::provide();
    Received::provide(session);
    view! { <OfficeRoutes /> }
}
