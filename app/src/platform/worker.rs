//! The workers of `public/`, which answer each job once.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What a worker cannot do, by name (`DOMException` names and the worker's own) and in the browser's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkError {
    /// Name.
    pub name: String,
    /// Words.
    pub words: String,
}

/// Gives a job to a worker; what is in `transfer` moves there and is empty here afterwards.
pub async fn work(
    worker: &str,
    job: &[(&str, JsValue)],
    transfer: &Array,
) -> Result<JsValue, WorkError> {
    let told = Object::new();
    for (name, value) in job {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&told, &JsValue::from_str(name), value);
    }
    let reply = give(worker, &told, transfer)
        .await
        .map_err(|error| WorkError {
            name: text(&error, "name"),
            words: text(&error, "message"),
        })?;
    let name = text(&reply, "error");
    if name.is_empty() {
        return Ok(reply);
    }
    Err(WorkError {
        name,
        words: text(&reply, "words"),
    })
}

async fn give(worker: &str, job: &Object, transfer: &Array) -> Result<JsValue, JsValue> {
    let work = Reflect::get(&js_sys::global(), &"zhichaWork".into())?;
    let promise =
        work.dyn_into::<Function>()?
            .call3(&JsValue::UNDEFINED, &worker.into(), job, transfer)?;
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

/// A text field of an answer; empty when there is none.
pub fn text(of: &JsValue, name: &str) -> String {
    let value = Reflect::get(of, &JsValue::from_str(name)).unwrap_or_default();
    value.as_string().unwrap_or_default()
}
