//! Scanning codes: what the camera sees, and what is done with what they say.

mod scanner;
mod sheet;
mod site;

pub use scanner::{Scan, Scanner};
pub use sheet::CodeSheet;
pub use site::SiteScan;

use crate::view::{Node, view};
use leptos::prelude::*;
use zhicha_core::inspection::code::visible;

/// What a code says, as text that can be looked at and copied, and nothing else.
#[component]
pub fn Says(
    /// The text.
    text: String,
) -> Node {
    view! { <p class="says">{visible(&text)}</p> }
}
