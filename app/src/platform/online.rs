//! Whether there may be a network, and whether anybody looks at the page.

use super::dom;
use web_sys::VisibilityState;

/// What the browser believes about the network. `true` promises nothing.
pub fn is_online() -> bool {
    dom::window().navigator().on_line()
}

/// Whether the page is in the foreground.
pub fn is_visible() -> bool {
    dom::document().visibility_state() == VisibilityState::Visible
}

/// Calls `act` when the network comes or goes.
pub fn on_change(act: impl Fn(bool) + Clone + 'static) {
    let gone = act.clone();
    dom::on_window("online", move || act(true));
    dom::on_window("offline", move || gone(false));
}

/// Calls `act` when the page comes to the foreground or leaves it; leaving includes being closed.
pub fn on_visibility(act: impl Fn(bool) + Clone + 'static) {
    let hidden = act.clone();
    dom::on_document("visibilitychange", move || act(is_visible()));
    dom::on_window("pagehide", move || hidden(false));
}
