//! A message on its way out. It knows what the application said; not where it stands.

use alloc::string::String;
use alloc::vec::Vec;

use super::Suspicion;
use crate::codec::{PacketIdentifier, PropertiesBuf, Publish, QoS};

/// A publish of the application's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboundMessage {
    /// Rises with every publish.
    pub token: u32,
    /// A Topic Name.
    pub topic: String,
    /// The application's bytes.
    pub payload: Vec<u8>,
    /// Quality of Service.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Without Message Expiry Interval, which changes while the message waits.
    pub properties: PropertiesBuf,
    /// When it is worth nothing any more (3.3.2.3.3), in milliseconds.
    pub expires_at: Option<u64>,
    /// Whether it ends the connections it is sent on.
    pub suspicion: Suspicion,
}

impl OutboundMessage {
    /// The packet, without a Message Expiry Interval.
    #[must_use]
    pub fn packet(&self, identifier: Option<PacketIdentifier>, duplicate: bool) -> Publish<'_> {
        Publish {
            duplicate,
            qos: self.qos,
            retain: self.retain,
            topic: self.topic.as_ref(),
            packet_identifier: identifier,
            properties: self.properties.as_properties(),
            payload: &self.payload,
        }
    }

    /// Bytes that count against the bounds of the queue.
    pub(super) fn size(&self) -> usize {
        self.topic.len() + self.payload.len() + self.properties.len()
    }
}
