//! Drawing into the page of the test, and asking it.

use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};
use zhicha_app::view::Node;

/// A new element in the page that holds the view for as long as the page lives.
pub fn drawn(view: impl FnOnce() -> Node + 'static) -> Element {
    let place: HtmlElement = document().create_element("main").unwrap().unchecked_into();
    document().body().unwrap().append_child(&place).unwrap();
    mount_to(place.clone(), view).forget();
    place.into()
}

/// Returns when the effects of what was set have run.
pub async fn settled() {
    leptos::task::tick().await;
    leptos::task::tick().await;
}

/// Its markup.
pub fn inside(element: &Element) -> String {
    element.inner_html()
}

/// How many elements match.
pub fn count(element: &Element, selector: &str) -> u32 {
    element.query_selector_all(selector).unwrap().length()
}

/// The first input that matches.
pub fn input(element: &Element, selector: &str) -> HtmlInputElement {
    element
        .query_selector(selector)
        .unwrap()
        .unwrap()
        .unchecked_into()
}

/// The value of the only `<select>`.
pub fn chosen(element: &Element) -> String {
    let select: web_sys::HtmlSelectElement = element
        .query_selector("select")
        .unwrap()
        .unwrap()
        .unchecked_into();
    select.value()
}

/// The id of what has the focus.
pub fn focused() -> Option<String> {
    document().active_element().map(|element| element.id())
}

/// Sends an event to an element.
pub fn event(to: &Element, name: &str) {
    to.dispatch_event(&Event::new(name).unwrap()).unwrap();
}
