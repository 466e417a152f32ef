//! Where drawing begins.

use super::{Node, mounted::draw};
use leptos::prelude::{Owner, document};

/// Draws the view into the body of the page for as long as the page lives.
pub fn mount_to_body(view: impl FnOnce() -> Node) {
    let body = document().body().expect("a page has one");
    mount(&body, view);
}

/// Draws the view at the end of `place` for as long as the page lives.
pub fn mount(place: &web_sys::Element, view: impl FnOnce() -> Node) {
    // It is refused only where it was done before.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    let mut mounted = owner.with(|| draw(view()));
    mounted.mount(place, None);
    std::mem::forget(mounted);
    std::mem::forget(owner);
}
