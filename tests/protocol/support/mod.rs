//! A scripted server and a virtual clock around one engine. Tests say what the server sends and what
//! time it is, and read what the client sent and told, as text. It does not know what is right.

mod application;
mod server;
mod store;
mod text;
mod told;
mod world;

use wasmqtt::codec::ProtocolVersion;

pub(crate) use server::{id, lost, message};
pub(crate) use store::{Records, WALL, store};
pub(crate) use told::{Asked, Told};
pub(crate) use world::{World, config};

pub(crate) const V3_1: ProtocolVersion = ProtocolVersion::V3_1;
pub(crate) const V4: ProtocolVersion = ProtocolVersion::V3_1_1;
pub(crate) const V5: ProtocolVersion = ProtocolVersion::V5_0;
