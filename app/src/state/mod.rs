//! What the app knows, as plain structs of signals. Methods of these structs are the only writers.
//!
//! Everything here is a cheap handle (`Copy`): pass it by value into closures.

pub mod app;
pub mod device;
pub mod draft;
pub mod enrol;
pub mod prefs;
pub mod records;
pub mod reference;
pub mod save;
pub mod session;
pub mod sync;

pub use app::{App, use_app};
pub use prefs::{Prefs, use_prefs};
