//! The office app from start to first page.

use super::{received::Received, session::OfficeSession};
use crate::view::{self, Node, view};
use crate::{boot, field::provide_frame, routes::office::OfficeRoutes};
use leptos::prelude::*;

/// Starts the office app in the page's body.
pub fn run() {
    boot::panic_words();
    view::mount_to_body(|| view! { <Root /> });
}

#[component]
fn Root() -> Node {
    provide_frame();
    let session = OfficeSession::provide();
    Received::provide(session);
    view! { <OfficeRoutes /> }
}
