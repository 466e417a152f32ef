//! What the office app knows and does without a DOM: its client, its session, filters, and records made ready to
//! read. It draws nothing and stores nothing on the device.

#[cfg(target_arch = "wasm32")]
pub mod client;
pub mod first;
#[cfg(target_arch = "wasm32")]
pub mod load;
#[cfg(target_arch = "wasm32")]
pub mod published;
pub mod query;
#[cfg(target_arch = "wasm32")]
pub mod received;
#[cfg(target_arch = "wasm32")]
pub mod session;
pub mod shared;
pub mod sheet;
#[cfg(target_arch = "wasm32")]
mod start;
pub mod when;
#[cfg(target_arch = "wasm32")]
pub mod words;

#[cfg(target_arch = "wasm32")]
pub use start::run;
