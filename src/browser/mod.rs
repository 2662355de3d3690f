//! The driver: one engine on the browser's WebSocket, timers and page events. It knows the browser
//! and obeys the engine; when to connect, ping, resend or give up it does not decide.
//!
//! [`Client`] and what belongs to it are the API for web apps written in Rust.
//!
//! ```no_run
//! use wasmqtt::{Client, Options};
//!
//! # async fn example() -> Result<(), wasmqtt::Error> {
//! let client = Client::connect("wss://broker.example/mqtt", Options::default())?;
//! client.publish("dashboards/1/status", "here").retain(true).await?;
//! # Ok(())
//! # }
//! ```

mod addresses;
mod api;
mod clock;
mod core;
mod driver;
mod frame;
mod host;
mod observer;
mod page;
mod servers;
mod signal;
mod socket;
mod timer;
mod turn;

pub use api::*;

#[cfg(feature = "bindings")]
pub(crate) use self::{
    core::Core,
    driver::{Driver, Settle},
    frame::Place,
    host::{date_now, performance_now},
    observer::Observer,
    servers::Servers,
};
