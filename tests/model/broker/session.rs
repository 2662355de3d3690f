//! What a broker keeps for a client: its subscriptions, and the messages that are on the way in both directions. It does not
//! know connections.

use std::collections::{BTreeMap, VecDeque};

use wasmqtt::codec::QoS;

/// A message that the broker has taken over.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: QoS,
    pub(super) retained: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Awaits {
    Puback,
    Pubrec,
    Pubcomp,
}

#[derive(Debug)]
pub(super) struct Sent {
    pub(super) identifier: u16,
    pub(super) held: Held,
    pub(super) awaits: Awaits,
}

#[derive(Default, Debug)]
pub(super) struct Session {
    pub(super) connection: Option<usize>,
    /// Seconds it is kept after the connection.
    pub(super) expiry: u32,
    pub(super) ended: u64,
    pub(super) subscriptions: BTreeMap<String, (QoS, u32)>,
    /// QoS 2 identifiers of the client's, with what was sent under them.
    pub(super) received: BTreeMap<u16, Vec<u8>>,
    pub(super) sent: VecDeque<Sent>,
    pub(super) queue: VecDeque<Held>,
    pub(super) last: u16,
}

impl Session {
    pub(super) fn ended(&mut self, identifier: u16, awaits: Awaits) {
        self.sent.retain(|it| it.identifier != identifier || it.awaits != awaits);
    }
}
