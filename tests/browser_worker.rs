//! The driver and the Rust API in a dedicated worker.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod browser_support;

wasm_bindgen_test_configure!(run_in_dedicated_worker);
