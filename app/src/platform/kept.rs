//! Small choices in localStorage, which `early.js` reads before the first paint: theme and language.
//! Nothing of value: it can vanish at any time.

/// The kept text under `name`.
pub fn get(name: &str) -> Option<String> {
    web_sys::window()?
        .local_storage()
        .ok()??
        .get_item(name)
        .ok()?
}

/// Keeps or forgets a text. A refusal only costs the choice.
pub fn set(name: &str, value: Option<&str>) {
    let Some(Ok(Some(storage))) = web_sys::window().map(|w| w.local_storage()) else {
        return;
    };
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}
