//! What outlives a connection (4.1): publishes on their way out, QoS 2 publishes on their way in,
//! packet identifiers in use, and subscriptions. This layer knows no connection and no clock; the
//! time is an argument, in milliseconds.

mod deliveries;
pub(crate) mod fnv;
mod inbound;
mod inflight;
mod message;
mod outbound;
mod packet_identifiers;
mod subscriptions;
mod suspicion;

use alloc::string::String;
use alloc::vec::Vec;

pub use deliveries::Deliveries;
pub use inbound::Inbound;
pub use inflight::{Resend, Unexpected};
pub use message::OutboundMessage;
pub use outbound::{Full, Lost, Outbound};
pub use packet_identifiers::PacketIdentifiers;
pub use subscriptions::{Answer, Request, Subscriptions};
pub use suspicion::Suspicion;

/// The state of a session (4.1), and what goes with it.
#[derive(Default, Debug)]
pub struct Session {
    /// Empty until the server has assigned one.
    pub client_identifier: String,
    /// Publishes on their way out, queued and in flight.
    pub outbound: Outbound,
    /// QoS 2 publishes on their way in.
    pub inbound: Inbound,
    /// Received publishes that wait for the application's acknowledgement.
    pub deliveries: Deliveries,
    /// What is subscribed to.
    pub subscriptions: Subscriptions,
    /// Packet identifiers in use on the way out.
    pub identifiers: PacketIdentifiers,
}

impl Session {
    /// Whether an answer is due of something that was sent on this connection.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.subscriptions.awaits_answer() || self.outbound.awaits_answer()
    }

    /// Whether nothing is queued, and nothing that was sent waits for its acknowledgement.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.outbound.is_empty() && !self.subscriptions.awaited()
    }

    /// The server has it not: what was in flight is sent as if for the first time. How many publishes that is;
    /// they are the first of the queue.
    pub fn lost(&mut self) -> usize {
        self.inbound.session_lost();
        self.deliveries.session_lost();
        self.outbound.restart(&mut self.identifiers)
    }

    /// The client is closed: all tokens that were given and not answered.
    pub fn clear(&mut self) -> Vec<u32> {
        let mut tokens = self.outbound.clear();
        tokens.append(&mut self.subscriptions.clear());
        tokens
    }
}
