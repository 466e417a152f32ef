//! Small choices in localStorage: theme and language, which `early.js` reads before the first paint, and what the tenant wants of
//! photos. Nothing of value: it can vanish at any time.

use zhicha_core::sync::wire::PhotoPolicy;

const PHOTOS: &str = "photos";
const WORKING_COPIES: &str = "working_copies";

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

/// What the tenant wants of photos, as the server last said; originals, when that is not known.
pub fn photo_policy() -> PhotoPolicy {
    match get(PHOTOS).as_deref() {
        Some(WORKING_COPIES) => PhotoPolicy::WorkingCopies,
        _ => PhotoPolicy::Originals,
    }
}

/// Keeps what the server says of photos.
pub fn set_photo_policy(policy: PhotoPolicy) {
    set(
        PHOTOS,
        match policy {
            PhotoPolicy::Originals => None,
            PhotoPolicy::WorkingCopies => Some(WORKING_COPIES),
        },
    );
}
