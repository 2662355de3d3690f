//! Hostile, broken and borderline input, row by row from the tables beside this file, through the whole engine: whole,
//! cut at every place, and byte by byte.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod errors;
mod outcome;
mod refusals;
mod rows;
mod scenes;
mod sequences;
// Shared: some of it is for other tests.
#[allow(dead_code, unused_imports)]
#[path = "../protocol/support/mod.rs"]
mod support;
mod valid;
