//! Drawing into the page of the test, and asking it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};
use zhicha_app::view::{self, Node};

/// A new element in the page that holds the view for as long as the page lives.
pub fn drawn(view: impl FnOnce() -> Node + 'static) -> Element {
    let place = document().create_element("main").expect("a valid name");
    let body = document().body().expect("a page has one");
    body.append_child(&place).expect("it takes elements");
    view::mount(&place, view);
    place
}

/// Returns when the effects of what was set have run.
pub async fn settled() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// The first element that matches.
pub fn found<T: JsCast>(inside: &Element, selector: &str) -> T {
    let element = inside.query_selector(selector).expect("a valid selector");
    element.expect(selector).unchecked_into()
}

/// How many elements match.
pub fn count(inside: &Element, selector: &str) -> u32 {
    let all = inside.query_selector_all(selector);
    all.expect("a valid selector").length()
}

/// The id of what has the focus.
pub fn focused() -> Option<String> {
    document().active_element().map(|element| element.id())
}

/// Sends an event to an element.
pub fn event(to: &Element, name: &str) {
    let event = Event::new(name).expect("a valid name");
    to.dispatch_event(&event).expect("it was not sent before");
}
