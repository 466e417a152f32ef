//! Bytes of what was captured, as the worker `public/photo.js` gives them; they stay outside of the program's memory.

use super::worker::{WorkError, text, work};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::Blob;
use zhicha_core::checklist::Digest;

/// What a person hands over.
#[derive(Clone, Debug)]
pub enum Given {
    /// A frame of the camera (`ImageBitmap`).
    Frame(JsValue),
    /// A file (`File`) of the system's camera: kept whatever it is, since what it shows may not come back.
    Shot(JsValue),
    /// A file that a person picked: a picture or a PDF, nothing else.
    File(JsValue),
}

impl Given {
    /// The name of a file, as the device has it.
    pub fn name(&self) -> String {
        match self {
            Self::Frame(_) => String::new(),
            Self::Shot(file) | Self::File(file) => text(file, "name"),
        }
    }
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
    let choosy = matches!(given, Given::File(_));
    let (name, value, transfer) = match given {
        Given::Frame(frame) => ("frame", frame, Array::of1(frame)),
        Given::Shot(file) | Given::File(file) => ("file", file, Array::new()),
    };
    taken(name, value, choosy, &transfer).await
}

/// Stretches brought together, in order.
pub async fn together(stretches: &[JsValue]) -> Result<Bytes, WorkError> {
    let parts: Array = stretches.iter().collect();
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|error| WorkError {
        name: text(&error, "name"),
        words: text(&error, "message"),
    })?;
    taken("file", &blob, false, &Array::new()).await
}

async fn taken(
    name: &str,
    value: &JsValue,
    choosy: bool,
    transfer: &Array,
) -> Result<Bytes, WorkError> {
    let job = [
        ("do", "take".into()),
        (name, value.clone()),
        ("choosy", choosy.into()),
    ];
    let reply = work("photo", &job, transfer).await?;
    Ok(Bytes::of(&reply, text(&reply, "mime")))
}

/// A working copy and a thumbnail of a picture, both JPEG without metadata; an error for what the browser cannot draw.
pub async fn reduce(original: &Bytes) -> Result<(Bytes, Uint8Array), WorkError> {
    copies(&job("reduce", original)).await
}

/// A copy of a picture with a drawing in it (`draft::marks::Drawing` as JSON), and its thumbnail, as [`reduce`] gives them.
pub async fn mark(picture: &Bytes, drawing: &str) -> Result<(Bytes, Uint8Array), WorkError> {
    let mut job = job("mark", picture);
    job.push(("drawing", drawing.into()));
    copies(&job).await
}

/// A picture of strokes (`zhicha_core::inspection::strokes`), and a thumbnail of it.
pub async fn ink(strokes: &Bytes) -> Result<(Bytes, Uint8Array), WorkError> {
    copies(&job("sign", strokes)).await
}

async fn copies(job: &[(&str, JsValue)]) -> Result<(Bytes, Uint8Array), WorkError> {
    let reply = work("photo", job, &Array::new()).await?;
    let thumb = Uint8Array::new(&field(&reply, "thumb"));
    Ok((Bytes::of(&reply, "image/jpeg".to_owned()), thumb))
}

/// A job about bytes; they stay here too.
pub(super) fn job(name: &str, about: &Bytes) -> Vec<(&'static str, JsValue)> {
    vec![
        ("do", name.into()),
        ("bytes", about.raw.clone().into()),
        ("mime", about.mime.as_str().into()),
    ]
}

impl Bytes {
    /// Bytes that the program made itself.
    pub fn made(bytes: &[u8], mime: &str) -> Self {
        Self {
            raw: Uint8Array::from(bytes),
            sha256: Digest::of(bytes).0,
            mime: mime.to_owned(),
        }
    }

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

    /// As text; nothing for what is no UTF-8.
    pub fn text(&self) -> Option<String> {
        String::from_utf8(self.raw.to_vec()).ok()
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
