//! The sync and office server of 直查: takes in signed events, gives receipts, and lets the office read.
//!
//! Invariants: the text of an event is stored and handed out verbatim; a receipt is made only after the commit, from
//! the committed row; nothing that arrives with a device's signature is thrown away; every row and every query names
//! its tenant; every route names its policy. SQL stands in `store` only, the clock in `clock` only.
#![forbid(unsafe_code)]

#[macro_use]
pub mod failpoints;

pub mod assets;
pub mod auth;
pub mod backup;
pub mod blob;
pub mod checklists;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cursor;
pub mod demo;
pub mod derived;
mod durable;
pub mod error;
pub mod export;
pub mod headers;
pub mod http;
pub mod ids;
pub mod keys;
pub mod listen;
pub mod metrics;
pub mod openapi;
pub mod picture;
pub mod policy;
pub mod projection;
pub mod push;
pub mod recovery;
pub mod router;
pub mod serve;
pub mod state;
pub mod store;
pub mod sweep;
pub mod tls;
pub mod weights;

pub use config::Config;
pub use serve::{Running, serve};
