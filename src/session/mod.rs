//! What outlives a connection (4.1): publishes on their way out, QoS 2 publishes on their way in,
//! packet identifiers in use, and subscriptions. This layer knows no connection and no clock; the
//! time is an argument, in milliseconds.

pub(crate) mod fnv;
mod inbound;
mod inflight;
mod message;
mod outbound;
mod packet_identifiers;
mod subscriptions;
mod suspicion;

pub use inbound::Inbound;
pub use inflight::{Resend, Unexpected};
pub use message::OutboundMessage;
pub use outbound::{Full, Lost, Outbound};
pub use packet_identifiers::PacketIdentifiers;
pub use subscriptions::{Answer, Request, Subscriptions};
pub use suspicion::Suspicion;
