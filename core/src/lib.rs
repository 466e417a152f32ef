//! 直查: checklists, evidence and sync as pure code.
//!
//! Invariants of this crate: no I/O, no clock, no randomness, no async runtime. Time and ids come in as
//! arguments; storage, signing and transport come in as traits. The same code runs in the browser, in the server
//! and in tests.
#![warn(missing_docs)]

pub mod access;
pub mod answer;
pub mod api;
pub mod checklist;
pub mod client;
pub mod decimal;
pub mod determination;
pub mod event;
pub mod id;
pub mod inspection;
pub mod json;
pub mod log;
pub mod order;
pub mod store;
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
