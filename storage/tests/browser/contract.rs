//! The contract of every store, on IndexedDB.

use crate::parts::fresh;
use wasm_bindgen_test::wasm_bindgen_test;

zhicha_core::store_contract!(wasm_bindgen_test, fresh());
