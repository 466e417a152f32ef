//! Icons that only evidence needs: they are not in the sprite, which the first page loads.

use crate::view::{Node, view};
use leptos::prelude::*;

/// A microphone.
#[component]
pub fn Microphone() -> Node {
    view! { <svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a3 3 0 0 1 3 3v5.5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M8.5 21h7"></path></svg> }
}

/// The dial of an instrument.
#[component]
pub fn Gauge() -> Node {
    view! { <svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="M4.8 19a9.3 9.3 0 1 1 14.4 0M12 14.5l4.2-5M12 4.5v1.8M3.5 13h1.8M18.7 13h1.8M12 14.5v.1"></path></svg> }
}
