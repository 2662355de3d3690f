//! MQTT 3.1, 3.1.1 and 5.0 over WebSocket, for web pages.
//!
//! ```text
//! codec  ←  session  ←  client  ←  browser  ←  bindings  ←  npm
//! bytes     what        one client  WebSocket,  #[wasm_     the typed
//! ⇄ MQTT    outlives a  as a state  timers,     bindgen]:   facade,
//! packets   connection  machine     the page    convert     loading
//!                       (sans-I/O)              only
//! └────── pure Rust, no_std + alloc ─────┘ └──── wasm32 ────┘ └ TypeScript ┘
//! ```
//!
//! Each layer names only those to its left. The first three have no clock, no socket and no
//! dependency: time is an argument, and what happens outside is told to [`client::Client`] and asked
//! of it. A driver does this whenever something happens, and nothing else:
//!
//! ```
//! use wasmqtt::client::{Client, Config, Event, Instant, Output};
//!
//! # fn main() -> Result<(), wasmqtt::client::Error> {
//! let now = Instant::from_millis(0);
//! let mut client = Client::new(Config::default(), 7)?;
//! client.connect(now)?; // or handle_open, handle_bytes, handle_timeout, publish, ...
//! loop {
//!     match client.poll_output() {
//!         Output::Open { .. } => { /* open a WebSocket */ }
//!         Output::Close { .. } => { /* send what poll_transmit has, then close it */ }
//!         Output::Authorize { .. } => { /* ask the application for credentials */ }
//!         Output::Authenticate(_) => { /* ask it for authentication data */ }
//!         Output::Event(Event::Message(message)) => { /* hand it on */ let _ = message.topic; }
//!         Output::Persist(_) => { /* only after keep_session: store the changes */ }
//!         Output::Event(_) => { /* tell the application */ }
//!         Output::Timeout(_at) => break, // arm one timer
//!     }
//! }
//! while let Some(_bytes) = client.poll_transmit(now, 64 * 1024) { /* one WebSocket message */ }
//! # Ok(())
//! # }
//! ```
//!
//! In a page that loop is the `browser` layer's, which has the API for web apps written in
//! Rust: `Client`, `Options`, `Subscription`. The npm package stands on `bindings` and `src/npm`.
#![no_std]

extern crate alloc;
#[cfg(not(target_os = "none"))]
extern crate std as _;

pub mod client;
pub mod codec;
pub mod session;

#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
mod bindings;
#[cfg(target_arch = "wasm32")]
pub mod browser;
/// What of `browser` needs none, for its tests.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "browser/clock.rs"]
mod clock;

#[cfg(target_arch = "wasm32")]
pub use browser::{
    AuthenticationStep, Authorize, Client, ClientEvent, Events, Login, Message, Options, Pending,
    Publish, RecordChange, RestoredPublish, SessionStore, StoreFailed, Stored, Subscribe,
    Subscribing, Subscription, Urls,
};
#[cfg(target_arch = "wasm32")]
pub use client::{Config, Error, ErrorCode, RecordKey, ServerInfo, State, WillConfig};
#[cfg(target_arch = "wasm32")]
pub use codec::{Property, QoS, ReasonCode, RetainHandling};
