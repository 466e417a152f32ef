//! Where the app is: the address as signals, and the ways to another. Links between the pages are ordinary `<a href>`.
//!
//! Not Leptos's router: it makes types of its routes, and the compiler writes code for each (`cargo xtask size`). The two
//! apps need a path, a question behind it, and the way back.

use super::dom;
use crate::signal::{Memo, RwSignal};
use leptos::{
    ev::{self, MouseEvent},
    prelude::*,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, Url};

/// The address of the page. A handle; pass it by value.
#[derive(Clone, Copy)]
pub struct Address {
    path: RwSignal<String>,
    query: RwSignal<String>,
}

/// The address; the app's pages have it as long as they live.
pub fn use_address() -> Address {
    expect_context()
}

impl Address {
    /// Follows the browser's address, and takes the clicks on links within the app, for as long as the caller lives.
    pub fn follow() -> Self {
        let address = Self {
            path: RwSignal::new(String::new()),
            query: RwSignal::new(String::new()),
        };
        address.read();
        let back = window_event_listener(ev::popstate, move |_| address.read());
        let click = window_event_listener(ev::click, move |event| address.clicked(&event));
        on_cleanup(move || {
            back.remove();
            click.remove();
        });
        provide_context(address);
        address
    }

    fn read(self) {
        let location = dom::window().location();
        let path = location.pathname().unwrap_or_default();
        if self.path.with_untracked(|before| *before != path) {
            self.path.set(path);
        }
        self.query.set(location.search().unwrap_or_default());
    }

    /// Reads the parts of the path: `["records", id]`.
    pub fn parts<T>(self, read: impl FnOnce(&[&str]) -> T) -> T {
        self.path.with(|path| {
            let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
            read(&parts)
        })
    }

    /// The part at this place while the path begins with `first`. Where another page's path begins otherwise, the page that
    /// is about to go keeps what it had.
    pub fn part(self, first: &'static str, at: usize) -> Memo<Option<String>> {
        Memo::new(move |before: Option<&Option<String>>| {
            self.parts(|parts| match parts.first() {
                Some(found) if *found == first => parts.get(at).map(|&part| part.to_owned()),
                _ => before.cloned().flatten(),
            })
        })
    }

    /// The value of a name in the question of the address, now.
    pub fn asked(self, name: &str) -> Option<String> {
        let query = self.query.get_untracked();
        web_sys::UrlSearchParams::new_with_str(&query)
            .ok()?
            .get(name)
    }

    /// Goes to an address of the app.
    pub fn go(self, to: &str) {
        self.enter(to, false);
    }

    /// Goes to an address in place of this one: the way back does not lead here again.
    pub fn replace(self, to: &str) {
        self.enter(to, true);
    }

    fn enter(self, to: &str, replace: bool) {
        let Ok(history) = dom::window().history() else {
            return;
        };
        // Refused only for another origin, or a hundred times within half a minute: then the page stays.
        let entered = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(to))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(to))
        };
        if entered.is_ok() {
            dom::scroll_to_top();
            self.read();
        }
    }

    fn clicked(self, event: &MouseEvent) {
        let modified = event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let Some(link) = link(event) else {
            return;
        };
        let here = dom::window().location();
        let Some(to) = here.href().ok().and_then(|here| within(&link, &here)) else {
            return;
        };
        event.prevent_default();
        self.enter(&to, here.href().is_ok_and(|here| here == link.href()));
    }
}

fn link(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    target.closest("a[href]").ok()??.dyn_into().ok()
}

// Where a link leads if that is another page of the app; what is left to the browser has `target`, `download`,
// `rel="external"`, another origin, or only another place in this page.
fn within(link: &HtmlAnchorElement, here: &str) -> Option<String> {
    if !link.target().is_empty() || link.has_attribute("download") || link.rel() == "external" {
        return None;
    }
    let (to, here) = (Url::new(&link.href()).ok()?, Url::new(here).ok()?);
    let path = format!("{}{}", to.pathname(), to.search());
    let same_page = path == format!("{}{}", here.pathname(), here.search());
    if to.origin() != here.origin() || (same_page && !to.hash().is_empty()) {
        return None;
    }
    Some(path + &to.hash())
}
