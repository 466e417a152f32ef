//! The field and office apps: Leptos views over `zhicha-core` and `zhicha-storage`.
//!
//! Components call `platform`, never the browser; nothing is shown as saved or delivered before the disk or the
//! receipt says so (`state`). Natively only the plain functions are compiled, for their tests.

#![cfg_attr(
    target_arch = "wasm32",
    expect(
        clippy::needless_pass_by_value,
        clippy::new_ret_no_self,
        reason = "components own their props; a text may have the key `new`"
    )
)]

#[cfg(target_arch = "wasm32")]
include!(concat!(env!("OUT_DIR"), "/i18n/mod.rs"));

#[cfg(target_arch = "wasm32")]
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod boot;
#[cfg(target_arch = "wasm32")]
pub mod components;
pub mod draft;
#[cfg(target_arch = "wasm32")]
pub mod field;
pub mod office;
#[cfg(target_arch = "wasm32")]
pub mod pages;
#[cfg(target_arch = "wasm32")]
pub mod platform;
#[cfg(target_arch = "wasm32")]
pub mod routes;
pub mod search;
#[cfg(target_arch = "wasm32")]
pub mod second;
#[cfg(target_arch = "wasm32")]
pub mod signal;
#[cfg(target_arch = "wasm32")]
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod view;
#[cfg(target_arch = "wasm32")]
pub mod words;
