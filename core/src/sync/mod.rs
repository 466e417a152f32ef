//! Sync decisions as pure code: what to send, what an answer means, what the server does with an event.
//!
//! Nothing here sends, stores or waits; `client` and the server do that with these decisions.

pub mod backoff;
pub mod epoch;
pub mod judge;
pub mod push;
pub mod safety;
pub mod status;
pub mod tus;
pub mod wire;
