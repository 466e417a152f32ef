//! The device's storage in the browser: IndexedDB behind `zhicha_core::store::Store`, the device key in WebCrypto,
//! and what guards both (locks, canary, persistence).
//!
//! This is the only crate that names IndexedDB, OPFS or WebCrypto. It must not know screens, texts or the network.
//! Promises: a write that returned `Ok` is on disk (its transaction is `complete`, durability `strict`); one that
//! returned an error left nothing behind; no code path here deletes a database.
#![cfg(target_arch = "wasm32")]
#![warn(missing_docs)]

pub mod append;
pub mod canary;
pub mod channel;
pub mod copy;
mod draft;
mod error;
mod event;
pub mod evidence;
mod global;
mod identity;
pub mod ids;
pub mod keys;
pub mod locks;
mod open;
mod opfs;
pub mod persist;
pub mod profile;
mod receipt;
mod reference;
mod restore;
mod row;
mod schema;
mod store;
mod tx;

pub use append::append;
pub use ids::BrowserIds;
pub use keys::{DeviceKey, KeyError, WebVerifier};
pub use open::Gone;
pub use profile::Profile;
pub use restore::Restored;
pub use store::IdbStore;
#[cfg(feature = "testing")]
pub use {
    open::Connection,
    schema::{MIGRATIONS, Step},
};
