//! The browser's global objects, each of which may be missing (insecure page, private window, worker).

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Storage, StorageManager, SubtleCrypto};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(callback: &Function, ms: i32) -> JsValue;
}

fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn navigator(name: &str) -> Option<JsValue> {
    property(&property(&js_sys::global(), "navigator")?, name)
}

/// `navigator.locks`.
pub(crate) fn locks() -> Option<JsValue> {
    navigator("locks")
}

/// `navigator.storage`.
pub(crate) fn storage() -> Option<StorageManager> {
    navigator("storage").map(JsCast::unchecked_into)
}

/// `localStorage`; nothing in workers and where the person switched storage off (the getter throws then).
pub(crate) fn local_storage() -> Option<Storage> {
    property(&js_sys::global(), "localStorage").map(JsCast::unchecked_into)
}

/// `indexedDB`; nothing where the person switched storage off (the getter throws then).
pub(crate) fn indexed_db() -> Option<JsValue> {
    property(&js_sys::global(), "indexedDB")
}

/// `crypto.subtle`; nothing in an insecure page.
pub(crate) fn subtle() -> Option<SubtleCrypto> {
    property(&property(&js_sys::global(), "crypto")?, "subtle").map(JsCast::unchecked_into)
}

/// `zhichaWork` of `public/boot.js`: gives a job to a worker.
pub(crate) fn worker() -> Option<Function> {
    property(&js_sys::global(), "zhichaWork")?.dyn_into().ok()
}

/// A plain object with these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}

/// Resolves after `ms` milliseconds and is never rejected. Never to be awaited inside a transaction.
pub(crate) fn timer(ms: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        set_timeout(&resolve, ms);
    })
}
