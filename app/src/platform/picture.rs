//! Stored bytes as something that an `<img>` can show, without bringing them into the program's memory.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url};

/// An address for bytes; it ends when this is dropped.
pub struct Picture(String);

impl Picture {
    /// Of stretches of bytes, in order.
    pub fn of(stretches: &[JsValue], mime: &str) -> Option<Self> {
        let options = BlobPropertyBag::new();
        options.set_type(mime);
        let parts: Array = stretches.iter().collect();
        let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
        Url::create_object_url_with_blob(&blob).ok().map(Self)
    }

    /// The address.
    pub fn address(&self) -> String {
        self.0.clone()
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // An address that is gone already is gone.
        let _ = Url::revoke_object_url(&self.0);
    }
}
