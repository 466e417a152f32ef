//! Rows as they lie in IndexedDB: plain fields for keys and indexes, `v` and `enc` for later forms, `json` for the
//! rest as `serde_json` writes it, and `text` for evidence, verbatim.
//!
//! JSON text instead of structured values keeps 64-bit numbers and unknown fields exact in every engine.

use crate::error::words;
use js_sys::{Object, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;
use zhicha_core::store::StoreError;

/// The form of rows that this build writes.
const V: u8 = 1;
/// `enc` of a row that is not encrypted.
const PLAIN: u8 = 0;

/// A row being built.
pub(crate) struct Row(Object);

impl Row {
    /// A row with nothing but its form.
    pub(crate) fn new() -> Self {
        Self(Object::new()).number("v", V).number("enc", PLAIN)
    }

    /// Adds a text, verbatim.
    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.set(name, &JsValue::from_str(value))
    }

    /// Adds a number; keys are sequence numbers, far below 2^53.
    pub(crate) fn number(self, name: &str, value: impl Into<f64>) -> Self {
        self.set(name, &JsValue::from_f64(value.into()))
    }

    /// Adds a sequence number.
    pub(crate) fn seq(self, name: &str, value: u64) -> Self {
        self.set(name, &seq_key(value))
    }

    /// Adds a value of the browser, such as a key pair.
    pub(crate) fn set(self, name: &str, value: &JsValue) -> Self {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&self.0, &JsValue::from_str(name), value);
        self
    }

    /// Adds `json`, everything that is not a field of its own.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<Self, StoreError> {
        let json = serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        Ok(self.text("json", &json))
    }

    /// The finished row.
    pub(crate) fn done(self) -> JsValue {
        self.0.into()
    }
}

/// A sequence number as a key.
#[expect(
    clippy::cast_precision_loss,
    reason = "sequence numbers stay below 2^53, core refuses larger ones"
)]
pub(crate) fn seq_key(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

/// A compound key.
pub(crate) fn key(parts: &[&str]) -> JsValue {
    parts
        .iter()
        .map(|part| JsValue::from_str(part))
        .collect::<js_sys::Array>()
        .into()
}

/// Reads a field.
pub(crate) fn field(row: &JsValue, name: &str) -> Result<JsValue, StoreError> {
    Reflect::get(row, &JsValue::from_str(name)).map_err(|e| StoreError::Corrupt(words(&e)))
}

/// Reads a text field.
pub(crate) fn text(row: &JsValue, name: &str) -> Result<String, StoreError> {
    field(row, name)?
        .as_string()
        .ok_or_else(|| StoreError::Corrupt(format!("a row lacks its text “{name}”")))
}

/// Reads the rest of a row.
pub(crate) fn json<T: DeserializeOwned>(row: &JsValue) -> Result<T, StoreError> {
    zhicha_core::json::from_str(&text(row, "json")?).map_err(|e| StoreError::Corrupt(e.to_string()))
}
