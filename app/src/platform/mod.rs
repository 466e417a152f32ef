//! The only place that names browser APIs (IndexedDB, WebCrypto and OPFS belong to `zhicha-storage`).
//!
//! Thin: each function does one thing of the browser and knows nothing of inspections.

pub mod address;
pub mod board;
pub mod camera;
pub mod clock;
pub mod codes;
pub mod dom;
pub mod download;
pub mod fetch;
pub mod geo;
pub mod intl;
pub mod kept;
pub mod online;
pub mod pen;
pub mod photo;
pub mod picture;
pub mod service_worker;
pub mod timer;
pub mod upload;
pub mod voice;
pub mod worker;
