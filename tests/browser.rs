//! The driver and the Rust API in a page.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod browser_support;

wasm_bindgen_test_configure!(run_in_browser);
