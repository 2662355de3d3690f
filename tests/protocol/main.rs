//! The engine against a scripted server under a virtual clock: one module for each behaviour.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod acknowledge;
mod aliases;
mod any_order;
mod authentication;
mod backlog;
mod bad_input;
mod by_hand;
mod chopping;
mod connect;
mod credentials;
mod disconnect;
mod fallback;
mod hanging_up;
mod identifiers;
mod keep_alive;
mod offline_queue;
mod options_of_5;
mod publish;
mod receive;
mod reconnect;
mod redirect;
mod replay;
mod server_limits;
mod stored_session;
mod subscribe;
mod support;
mod taken_over;
