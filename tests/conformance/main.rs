//! The engine against single statements of the specification, as far as no other test proves them: one
//! module for each subject, and `v3` for 3.1.1. Which statement a test proves, only its comment says.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod acks;
mod aliases;
mod auth;
mod codes;
mod connect;
mod flow;
mod framing;
mod liveness;
mod order;
mod publish;
mod session;
mod strings;
// Shared: some of it is for other tests.
#[allow(dead_code, unused_imports)]
#[path = "../protocol/support/mod.rs"]
mod support;
mod topics;
mod v3;
mod wire;
