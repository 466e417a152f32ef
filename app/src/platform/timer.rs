//! Timers.

pub use gloo::timers::callback::{Interval, Timeout};
use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

/// Waits `ms` milliseconds.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        Timeout::new(ms, move || {
            let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
        })
        .forget();
    });
    // A promise that is only ever resolved.
    let _ = JsFuture::from(promise).await;
}
