//! JSON into our types by one way: text to [`Value`], value to type. Each further way of reading would be compiled anew for
//! each type, and the field app has to stay small.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads JSON bytes.
///
/// # Errors
/// The parser's words for what is no JSON, or lacks something.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    from_value(value(bytes)?)
}

/// Reads a JSON text.
///
/// # Errors
/// As [`from_slice`].
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_slice(text.as_bytes())
}

/// Reads what was parsed already.
///
/// # Errors
/// The parser's words for what is lacking.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
}

fn value(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes)
}
