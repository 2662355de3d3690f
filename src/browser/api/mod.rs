//! The API for web apps written in Rust. It knows futures and streams; what they wait for is the
//! driver's and the engine's. It stands where the bindings and the TypeScript facade stand for
//! JavaScript, and the npm package's wasm holds none of it.

mod client;
mod desk;
mod inbox;
mod message;
mod options;
mod pending;
mod publish;
mod restored;
mod shared;
mod store;
mod subscription;

pub use client::{Client, Events, Urls};
pub use desk::ClientEvent;
pub use message::Message;
pub use options::{AuthenticationStep, Authenticator, Authorize, Login, Options, Provider};
pub use pending::Pending;
pub use publish::Publish;
pub use restored::RestoredPublish;
pub use store::{RecordChange, SessionStore, StoreFailed, Stored};
pub use subscription::{Subscribe, Subscribing, Subscription};
