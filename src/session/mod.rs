//! What outlives a connection (4.1): publishes on their way out, QoS 2 publishes on their way in,
//! packet identifiers in use, and subscriptions. This layer knows no connection and no clock; the
//! time is an argument, in milliseconds.
//!
//! ```
//! use wasmqtt::codec::{PropertiesBuf, SubscriptionOptions, TopicFilter};
//! use wasmqtt::session::Session;
//!
//! let mut session = Session::new("till-7".into());
//! let filter = TopicFilter::new("orders/#")?;
//! let options = SubscriptionOptions::default();
//! session.subscriptions.subscribe(1, filter, options, false, PropertiesBuf::new());
//! let identifier = session.identifiers.take(); // of the SUBSCRIBE that asks for it
//! assert_eq!(identifier.map(|it| it.get()), Some(1));
//! # Ok::<(), wasmqtt::codec::TopicError>(())
//! ```

mod deliveries;
pub(crate) mod fnv;
mod inbound;
mod inflight;
mod journal;
mod message;
mod outbound;
mod packet_identifiers;
mod queue;
mod records;
mod restoring;
mod subscriptions;
mod suspicion;

use alloc::string::String;
use alloc::vec::Vec;

use journal::Journal;
use records::{LAYOUT, put_text};

pub use deliveries::Deliveries;
pub use inbound::Inbound;
pub use inflight::{Resend, Unexpected};
pub use journal::STORES;
pub use message::{Details, Kept, OutboundMessage};
pub use outbound::{Full, Lost, Outbound};
pub use packet_identifiers::PacketIdentifiers;
pub use records::{Changes, Damaged, RecordKey, RecordKind, Wall};
pub use restoring::Restoring;
pub use subscriptions::{Answer, Request, Subscriptions};
pub use suspicion::Suspicion;

/// The state of a session (4.1), and what goes with it.
///
/// ```
/// use wasmqtt::session::Session;
///
/// let session = Session::new("till-7".into());
/// assert!(session.is_drained() && !session.known);
/// ```
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
    /// A server has accepted a connection with it, in this life or an earlier one.
    pub known: bool,
    /// Of the head, whose number is 0.
    journal: Journal,
}

impl Session {
    /// One of which no server knows.
    #[must_use]
    pub fn new(client_identifier: String) -> Self {
        Self { client_identifier, ..Self::default() }
    }

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

    /// From now on it is stored: what changes is told by [`Session::changes`].
    pub fn keep(&mut self) {
        self.journal.begin();
        self.outbound.journal.begin();
        self.inbound.journal.begin();
        self.subscriptions.journal.begin();
        self.journal.note_first(0);
    }

    /// It goes on, and is not stored any more.
    pub fn keep_no_longer(&mut self) {
        self.journal = Journal::default();
        self.outbound.journal = Journal::default();
        self.inbound.journal = Journal::default();
        self.subscriptions.journal = Journal::default();
    }

    /// A server has accepted a connection with it, for a client of that identifier.
    pub fn accepted(&mut self, client_identifier: &str) {
        if !self.known || self.client_identifier != client_identifier {
            self.journal.note_first(0);
        }
        self.known = true;
        self.client_identifier.clear();
        self.client_identifier.push_str(client_identifier);
    }

    /// Whether something that is sent from now on depends on a change that is to be stored; once.
    pub fn take_urgent(&mut self) -> bool {
        // All of them have to be asked.
        self.journal.take_urgent()
            | self.outbound.journal.take_urgent()
            | self.inbound.journal.take_urgent()
            | self.subscriptions.journal.take_urgent()
    }

    /// Whether there may be something to store.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.outbound.has_changes()
            || self.inbound.journal.has_changes()
            || self.subscriptions.journal.has_changes()
            || self.journal.has_changes()
    }

    /// What is to be stored since the last time; the tokens of publishes that are for the first time.
    pub fn changes(&mut self, wall: Wall, out: &mut Changes, tokens: &mut Vec<u32>) {
        if !self.journal.take().is_empty() {
            out.put(RecordKey::new(RecordKind::Head, 0), |out| {
                out.extend([LAYOUT, self.known.into()]);
                put_text(out, &self.client_identifier);
            });
        }
        self.outbound.changes(wall, out, tokens);
        self.inbound.changes(out);
        self.subscriptions.changes(out);
    }

    /// The client is closed: all tokens that were given and not answered.
    pub fn clear(&mut self) -> Vec<u32> {
        let mut tokens = self.outbound.clear();
        tokens.append(&mut self.subscriptions.clear());
        tokens
    }
}
