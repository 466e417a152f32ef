//! Asking the browser to keep our data, and how much there is.

use crate::global::storage;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageEstimate;

/// What the browser says about space, in bytes. It is a hint for people, never a promise that a write will fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Used by this origin.
    pub usage: f64,
    /// What the origin may use at most, as the browser tells it.
    pub quota: f64,
}

/// Asks to keep the data when space runs low. Nothing: this browser cannot be asked.
pub async fn persist() -> Option<bool> {
    answer(storage()?.persist())
        .await
        .map(|yes| yes.is_truthy())
}

/// Whether the browser has promised to keep the data. Nothing: this browser cannot be asked.
pub async fn persisted() -> Option<bool> {
    answer(storage()?.persisted())
        .await
        .map(|yes| yes.is_truthy())
}

/// How much is used. Nothing: this browser does not say.
pub async fn estimate() -> Option<Estimate> {
    let estimate: StorageEstimate = answer(storage()?.estimate()).await?.unchecked_into();
    Some(Estimate {
        usage: estimate.get_usage()?,
        quota: estimate.get_quota()?,
    })
}

async fn answer(promise: Result<Promise, JsValue>) -> Option<JsValue> {
    JsFuture::from(promise.ok()?).await.ok()
}
