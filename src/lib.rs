//! An MQTT client for web pages.
#![no_std]
extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std as _;

pub mod codec;
pub mod session;
pub mod client;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
mod bindings;
