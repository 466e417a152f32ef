//! Bytes of what was captured, as the worker `public/photo.js` gives them; they stay outside of the program's memory.

use super::worker::{WorkError, text, work};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

/// What a person hands over.
#[derive(Clone, Debug)]
pub enum Given {
    /// A frame of the camera (`ImageBitmap`).
    Frame(JsValue),
    /// A file (`File`).
    File(JsValue),
}

/// Bytes, with their digest (lower-case hex SHA-256) and what they are by how they begin.
#[derive(Clone)]
pub struct Bytes {
    /// They themselves.
    pub raw: Uint8Array,
    /// Their digest.
    pub sha256: String,
    /// Media type.
    pub mime: String,
}

/// The bytes of a frame or a file, as they are.
pub async fn take(given: &Given) -> Result<Bytes, WorkError> {
    let (name, value, transfer) = match given {
        Given::Frame(frame) => ("frame", frame, Array::of1(frame)),
        Given::File(file) => ("file", file, Array::new()),
    };
    let job = [("do", "take".into()), (name, value.clone())];
    let reply = work("photo", &job, &transfer).await?;
    Ok(Bytes::of(&reply, text(&reply, "mime")))
}

/// A working copy and a thumbnail of a picture, both JPEG without metadata; an error for what the browser cannot draw.
pub async fn reduce(original: &Bytes) -> Result<(Bytes, Uint8Array), WorkError> {
    let job = [
        ("do", "reduce".into()),
        ("bytes", original.raw.clone().into()),
        ("mime", original.mime.as_str().into()),
    ];
    let reply = work("photo", &job, &Array::new()).await?;
    let thumb = Uint8Array::new(&field(&reply, "thumb"));
    Ok((Bytes::of(&reply, "image/jpeg".to_owned()), thumb))
}

impl Bytes {
    /// Of stretches, in order.
    pub fn joined(stretches: &[JsValue], sha256: &str, mime: &str) -> Self {
        let parts: Vec<Uint8Array> = stretches.iter().map(Uint8Array::new).collect();
        let raw = Uint8Array::new_with_length(parts.iter().map(Uint8Array::length).sum());
        let mut at = 0;
        for part in parts {
            raw.set(&part, at);
            at += part.length();
        }
        Self {
            raw,
            sha256: sha256.to_owned(),
            mime: mime.to_owned(),
        }
    }

    fn of(reply: &JsValue, mime: String) -> Self {
        Self {
            raw: Uint8Array::new(&field(reply, "bytes")),
            sha256: text(reply, "sha256"),
            mime,
        }
    }
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}
