//! QR codes and barcodes in what the camera sees, as the worker `public/codes.js` reads them.

use super::{
    dom,
    photo::Given,
    worker::{WorkError, work},
};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What was read in a picture.
pub struct Read {
    /// What each code says.
    pub texts: Vec<String>,
    /// Whether barcodes can be read too, not only QR codes.
    pub bars: bool,
    /// The frame in which something was found.
    pub frame: Option<JsValue>,
}

/// Makes the reader ready; tells whether it reads barcodes too. An error when it is not on the device and cannot be fetched.
pub async fn open() -> Result<bool, WorkError> {
    let reply = ask("open", &[], &Array::new()).await?;
    Ok(is(&reply, "bars"))
}

/// Reads a frame, which moves there, or a file. `step` counts the frames of one search.
pub async fn read(given: &Given, step: u32) -> Result<Read, WorkError> {
    let (name, value, transfer) = match given {
        Given::Frame(frame) => ("frame", frame, Array::of1(frame)),
        Given::Shot(file) | Given::File(file) => ("file", file, Array::new()),
    };
    let job = [(name, value.clone()), ("step", step.into())];
    let reply = ask("read", &job, &transfer).await?;
    let texts = Array::from(&get(&reply, "texts"));
    Ok(Read {
        texts: texts.iter().filter_map(|said| said.as_string()).collect(),
        bars: is(&reply, "bars"),
        frame: Some(get(&reply, "frame")).filter(JsValue::is_object),
    })
}

/// Puts the reader on the device, to be there without a network. Whether it is there.
pub async fn keep() -> bool {
    is_kept().await.unwrap_or(false) || ask("keep", &[], &Array::new()).await.is_ok()
}

// Its script is put there last.
async fn is_kept() -> Option<bool> {
    let caches = get(&js_sys::global(), "caches");
    let find: Function = get(&caches, "match").dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ignoreVary".into(), &JsValue::TRUE).ok()?;
    let found = find
        .call2(&caches, &dom::meta("codes")?.into(), &options)
        .ok()?;
    let found = JsFuture::from(found.dyn_into::<Promise>().ok()?)
        .await
        .ok()?;
    Some(found.is_object())
}

async fn ask(what: &str, with: &[(&str, JsValue)], transfer: &Array) -> Result<JsValue, WorkError> {
    let mut job = vec![("do", what.into())];
    job.extend_from_slice(with);
    work("codes", &job, transfer).await
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

fn is(of: &JsValue, name: &str) -> bool {
    get(of, name).is_truthy()
}
