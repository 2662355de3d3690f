//! One connection: what is known of it, and packets as bytes for the network. It does not know what a session is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wasmqtt::codec::{
    Acknowledgement, Packet, PacketIdentifier, PacketType, PropertiesBuf, Property,
    ProtocolVersion, Publish, QoS, SubscriptionIdentifier, TopicFilter, TopicName,
};

use super::Limits;
use super::session::Held;
use crate::names::told;
use crate::trace::line;

/// One connection, as the broker sees it.
#[derive(Default, Debug)]
pub(super) struct Connection {
    pub(super) client: Option<String>,
    pub(super) version: Option<ProtocolVersion>,
    pub(super) bytes: Vec<u8>,
    /// What its CONNACK said.
    pub(super) limits: Option<Limits>,
    /// For the network.
    pub(super) out: Vec<u8>,
    pub(super) receive_maximum: usize,
    /// Identifiers of publishes that count against the Receive Maximum (4.9).
    pub(super) counted: BTreeSet<u16>,
    pub(super) aliases: BTreeMap<u16, String>,
    pub(super) will: Option<Held>,
    /// Its CONNACK tells that a session is lost, and the page has not heard of it.
    pub(super) tells_of_loss: bool,
    /// Acknowledgements that are written later.
    pub(super) later: VecDeque<(PacketType, u16)>,
    pub(super) closed: bool,
}

impl Connection {
    pub(super) fn is_v5(&self) -> bool {
        self.version.is_some_and(ProtocolVersion::is_v5)
    }

    pub(super) fn write(&mut self, packet: &Packet<'_>) {
        line(|| format!("  broker says {}", told(packet)));
        let version = self.version.unwrap_or(ProtocolVersion::V5_0);
        packet.encode(version, &mut self.out).unwrap();
    }
}

pub(super) fn write_ack(it: &mut Connection, packet: PacketType, identifier: u16) {
    let Some(identifier) = PacketIdentifier::new(identifier) else { return };
    let ack = Acknowledgement::success(identifier);
    if matches!(packet, PacketType::Puback | PacketType::Pubcomp) {
        it.counted.remove(&identifier.get());
    }
    it.write(&match packet {
        PacketType::Puback => Packet::Puback(ack),
        PacketType::Pubrec => Packet::Pubrec(ack),
        PacketType::Pubrel => Packet::Pubrel(ack),
        _ => Packet::Pubcomp(ack),
    });
}

pub(super) fn write_publish(
    it: &mut Connection,
    held: &Held,
    identifier: u16,
    duplicate: bool,
    subscriptions: &BTreeMap<String, (QoS, u32)>,
) {
    let mut properties = PropertiesBuf::new();
    if it.is_v5() {
        for (filter, (_, identifier)) in subscriptions {
            let matches = TopicName::new(&held.topic)
                .is_ok_and(|topic| TopicFilter::new(filter).is_ok_and(|it| it.matches(topic)));
            let identifier = SubscriptionIdentifier::new(*identifier);
            if let Some(identifier) = identifier.filter(|_| matches) {
                properties.push(Property::SubscriptionIdentifier(identifier)).unwrap();
            }
        }
    }
    it.write(&Packet::Publish(Publish {
        duplicate,
        qos: held.qos,
        retain: held.retained,
        topic: &held.topic,
        packet_identifier: PacketIdentifier::new(identifier),
        properties: properties.as_properties(),
        payload: &held.payload,
    }));
}
