//! Whether there may be a network, and whether anybody looks at the page.

use super::dom;
use js_sys::{Function, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::VisibilityState;

/// What the browser believes about the network. `true` promises nothing.
pub fn is_online() -> bool {
    dom::window().navigator().on_line()
}

/// Whether the browser says that each byte may cost (Network Information API; many browsers say nothing).
pub fn is_metered() -> bool {
    let connection = connection();
    let said = |name: &str| Reflect::get(&connection, &name.into()).unwrap_or_default();
    connection.is_object()
        && (said("saveData").is_truthy() || said("type").as_string().as_deref() == Some("cellular"))
}

/// Calls `act` when a connection begins or ends to cost by the byte, where the browser says so.
pub fn on_other_connection(act: impl Fn() + 'static) {
    let connection = connection();
    // It tells of every change of speed too.
    let before = Cell::new(is_metered());
    let closure = Closure::<dyn Fn()>::new(move || {
        let now = is_metered();
        if before.replace(now) != now {
            act();
        }
    });
    if let Ok(listen) = Reflect::get(&connection, &"addEventListener".into())
        && let Some(listen) = listen.dyn_ref::<Function>()
    {
        let _ = listen.call2(&connection, &"change".into(), closure.as_ref());
        closure.forget();
    }
}

fn connection() -> JsValue {
    Reflect::get(&dom::window().navigator(), &"connection".into()).unwrap_or_default()
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
