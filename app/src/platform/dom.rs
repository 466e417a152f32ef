//! The document: title, language, theme, focus, dialogs, address.

use std::cell::OnceCell;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Document, Element, HtmlDialogElement, HtmlElement, Window};

pub use web_sys::{
    Event, HtmlHeadingElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
    InputEvent, KeyboardEvent, SubmitEvent,
};

/// The window.
pub fn window() -> Window {
    web_sys::window().expect("the app runs in a page")
}

/// The document.
pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Content of a `<meta name=…>` of the page.
pub fn meta(name: &str) -> Option<String> {
    document()
        .query_selector(&format!("meta[name=\"{name}\"]"))
        .ok()??
        .get_attribute("content")
}

/// Build hash of the app, as written into every event.
pub fn build() -> String {
    meta("build").unwrap_or_else(|| "unknown".to_owned())
}

/// Address of the file with the icons.
pub fn icons() -> String {
    thread_local!(static ICONS: OnceCell<String> = const { OnceCell::new() });
    ICONS.with(|cell| {
        cell.get_or_init(|| meta("icons").unwrap_or_default())
            .clone()
    })
}

/// Adds a stylesheet to the page, once.
pub fn add_style(address: &str) {
    let document = document();
    let known = document.query_selector(&format!("link[href=\"{address}\"]"));
    let (Ok(None), Some(head)) = (known, document.head()) else {
        return;
    };
    if let Ok(link) = document.create_element("link") {
        // Attributes with valid names, and a node that is nobody's child yet.
        let _ = link.set_attribute("rel", "stylesheet");
        let _ = link.set_attribute("href", address);
        let _ = head.append_child(&link);
    }
}

/// Sets the title of the window.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Sets `<html lang>`.
pub fn set_language(tag: &str) {
    if let Some(root) = document().document_element() {
        // Setting an attribute with a valid name cannot fail.
        let _ = root.set_attribute("lang", tag);
    }
}

/// Sets or removes `<html data-theme>` and the colour of the browser's own bars.
pub fn set_theme(theme: Option<&str>) {
    let Some(root) = document().document_element() else {
        return;
    };
    let _ = match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    };
    let paper = match theme {
        Some("dark") => "#0c0f12",
        Some("outdoor") => "#ffffff",
        _ => "#efefe8",
    };
    let Ok(found) = document().query_selector_all("meta[name=\"theme-color\"]") else {
        return;
    };
    for meta in (0..found.length())
        .filter_map(|i| found.get(i))
        .filter_map(|n| n.dyn_into::<Element>().ok())
    {
        match (theme, meta.get_attribute("content")) {
            (None, _) if meta.get_attribute("data-media").is_some() => {
                let media = meta.get_attribute("data-media").unwrap_or_default();
                let _ = meta.set_attribute("media", &media);
                let _ = meta.set_attribute(
                    "content",
                    if media.contains("dark") {
                        "#0c0f12"
                    } else {
                        "#efefe8"
                    },
                );
            }
            (None, _) => {}
            (Some(_), _) => {
                if let Some(media) = meta.get_attribute("media") {
                    let _ = meta.set_attribute("data-media", &media);
                    let _ = meta.remove_attribute("media");
                }
                let _ = meta.set_attribute("content", paper);
            }
        }
    }
}

/// The browser's preferred language.
pub fn browser_language() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Moves focus to the element with this id; whether there is one.
pub fn focus(id: &str) -> bool {
    let Some(element) = document()
        .get_element_by_id(id)
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
    else {
        return false;
    };
    element.focus().is_ok()
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Moves focus.
pub fn focus_element(element: &HtmlElement) {
    // An element that cannot take focus leaves it where it is.
    let _ = element.focus();
}

/// Scrolls the element with this id to the middle of the screen, at once; whether there is one.
pub fn scroll_to(id: &str) -> bool {
    scroll(id, web_sys::ScrollLogicalPosition::Center)
}

/// Scrolls until an element begins at the top; whether it is there.
pub fn scroll_to_start(id: &str) -> bool {
    scroll(id, web_sys::ScrollLogicalPosition::Start)
}

fn scroll(id: &str, to: web_sys::ScrollLogicalPosition) -> bool {
    let Some(element) = document().get_element_by_id(id) else {
        return false;
    };
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(to);
    element.scroll_into_view_with_scroll_into_view_options(&options);
    true
}

/// Scrolls the element with this id into view sideways, and no further than needed up or down.
pub fn reveal(id: &str) {
    let Some(element) = document().get_element_by_id(id) else {
        return;
    };
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Center);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The files (`File`) that a person gave to the input of an event; the input is empty afterwards, so that the same file can
/// be given again.
pub fn take_files(event: &Event) -> Vec<wasm_bindgen::JsValue> {
    let target = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = target else {
        return Vec::new();
    };
    let list = input.files();
    let count = list.as_ref().map_or(0, web_sys::FileList::length);
    let files = (0..count).filter_map(|at| list.as_ref()?.get(at));
    let files = files.map(Into::into).collect();
    input.set_value("");
    files
}

/// Scrolls to the top of the page.
pub fn scroll_to_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Opens a `<dialog>` over the page; one that is open stays so.
pub fn show_modal(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

/// Closes a `<dialog>`.
pub fn close(dialog: &HtmlDialogElement) {
    dialog.close();
}

/// The part of the address after `#`, without it.
pub fn fragment() -> String {
    window()
        .location()
        .hash()
        .unwrap_or_default()
        .trim_start_matches('#')
        .to_owned()
}

/// Takes the fragment out of the address and the history: a used one-time link is of no more use to anybody.
pub fn drop_fragment() {
    let location = window().location();
    let (Ok(path), Ok(history)) = (location.pathname(), window().history()) else {
        return;
    };
    let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
}

/// Path of the address.
pub fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Scheme, host and port of the address.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Loads another page of this server anew, with all its state.
pub fn load(path: &str) {
    let _ = window().location().assign(path);
}

/// One page back.
pub fn back() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// The browser and system in a few words, for the list of devices.
pub fn device_label() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let has = |word: &str| agent.contains(word);
    let system = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find(|(word, _)| has(word))
    .map_or("", |(_, name)| name);
    let browser = [
        ("MicroMessenger", "WeChat"),
        ("HuaweiBrowser", "Huawei"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]
    .into_iter()
    .find(|(word, _)| has(word))
    .map_or("", |(_, name)| name);
    format!("{browser} {system}").trim().to_owned()
}

/// Calls `act` whenever `event` happens on the window, for as long as the page lives.
pub fn on_window(event: &str, act: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(act);
    let _ = window().add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls `act` whenever `event` happens on the document, for as long as the page lives.
pub fn on_document(event: &str, act: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(act);
    let _ = document().add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Writes on the page of a stopped program why it stopped, by plain calls: after a panic nothing of ours may be relied
/// upon. What panics afterwards is a consequence: the first one is told.
#[cfg(feature = "panic-words")]
pub fn note_crash(detail: &str) {
    let told = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("crash-detail"));
    if let Some(text) = told.filter(|text| text.text_content().unwrap_or_default().is_empty()) {
        text.set_text_content(Some(detail));
    }
}
