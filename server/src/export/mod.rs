//! Exports: records as a ZIP that anybody can check with a JOSE library, and our own check of one (`docs/formats.md`).
//!
//! The renderer takes nothing but what stands in the ZIP, so that `verify` can render the page again and compare.

pub mod directory;
pub mod format;
pub mod pack;
pub mod render;
pub mod seen;
pub mod unpack;
pub mod verify;
pub mod words;
pub mod write;
