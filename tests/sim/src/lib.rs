//! Phones and their server in one process, from one seed: the device's own code over a disk and a network that fail, the real
//! server behind them, and an oracle that keeps its own book of what was shown as saved.
//!
//! The same seed goes the same way: all chance comes from it, the clocks stand until they are moved, and one thing happens
//! after the other. Nothing that the system makes up (keys of sessions, identifiers) decides anything.

pub mod ledger;
pub mod many;
pub mod phone;
pub mod plant;
pub mod report;
pub mod run;
pub mod server;
pub mod store;
pub mod tally;
pub mod wire;

pub use many::{Found, Wanted, all};
