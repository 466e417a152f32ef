//! The browser's store in a real Chromium: the contract of `zhicha-core`, and what only a browser can do to it.
#![cfg(target_arch = "wasm32")]

mod append;
mod canary;
mod contract;
mod copying;
mod evidence;
mod keys;
mod locks;
mod migrate;
mod notices;
mod parts;
mod profiles;
mod tabs;
mod upgrades;
mod writes;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
