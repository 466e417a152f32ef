//! The border between the browser's exceptions and [`StoreError`]: names and messages are read here and nowhere else.

use indexed_db_futures::error::{Error, OpenDbError};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;
use zhicha_core::store::StoreError;

/// What a DOM exception means for the caller.
pub(crate) fn from_dom(exception: &DomException) -> StoreError {
    from_name(&exception.name(), &exception.message())
}

fn from_name(name: &str, message: &str) -> StoreError {
    match name {
        "QuotaExceededError" => StoreError::Quota,
        "VersionError" => StoreError::TooNew,
        "SecurityError" | "NotAllowedError" | "NotSupportedError" => {
            StoreError::Unavailable(format!("{name}: {message}"))
        }
        _ => StoreError::Aborted(format!("{name}: {message}")),
    }
}

/// What any thrown value means for the caller.
pub(crate) fn from_js(thrown: &JsValue) -> StoreError {
    match thrown.dyn_ref::<DomException>() {
        Some(exception) => from_dom(exception),
        None => StoreError::Aborted(words(thrown)),
    }
}

/// A thrown value in words, for people who read logs.
pub(crate) fn words(thrown: &JsValue) -> String {
    if let Some(exception) = thrown.dyn_ref::<DomException>() {
        return format!("{}: {}", exception.name(), exception.message());
    }
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", error.name(), error.message()),
        None => thrown
            .as_string()
            .unwrap_or_else(|| "the browser gave no reason".to_owned()),
    }
}

/// What an error of the IndexedDB library means for the caller.
pub(crate) fn from_idb(error: Error) -> StoreError {
    match error {
        Error::DomException(exception) => from_dom(&DomException::from(exception)),
        Error::Unknown(thrown) => from_js(&thrown.into()),
        // Not its own words, which know how to print any value: that is a lot of code for what cannot be helped.
        Error::Serialisation(_) => unexpected("a value of another kind than was asked for"),
        Error::MissingData(what) => unexpected(&what.to_string()),
    }
}

fn unexpected(what: &str) -> StoreError {
    StoreError::Aborted(what.to_owned())
}

/// What a failed opening means: everything but a newer version is a browser that does not let us store.
pub(crate) fn from_open(error: OpenDbError) -> StoreError {
    match error {
        OpenDbError::Base(base) => match from_idb(base) {
            StoreError::Aborted(why) => StoreError::Unavailable(why),
            other => other,
        },
        OpenDbError::VersionZero
        | OpenDbError::UnsupportedEnvironment
        | OpenDbError::NullFactory => {
            StoreError::Unavailable("this browser has no database to open".to_owned())
        }
    }
}
