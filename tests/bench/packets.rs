//! Packets that are measured, as bytes. It does not know who reads or writes them.

use wasmqtt::codec::{
    Acknowledgement, Connack, Packet, PacketIdentifier, Properties, ProtocolVersion, Publish, QoS,
    ReasonCode,
};

/// As long as those of a plant are.
pub const TOPIC: &str = "plant/7/line/3/temperature";

/// Bytes of payload of a reading, and of a record.
pub const PAYLOADS: [usize; 2] = [64, 1024];

/// Packets in one stream.
pub const PACKETS: usize = 64;

const V5: ProtocolVersion = ProtocolVersion::V5_0;

/// A packet's bytes.
///
/// # Panics
/// When it is none of 5.0.
pub fn bytes(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.encode(V5, &mut bytes).expect("a packet");
    bytes
}

/// A CONNACK that accepts and says no more.
pub fn connack() -> Vec<u8> {
    bytes(&Packet::Connack(Connack {
        session_present: false,
        reason_code: ReasonCode::SUCCESS,
        return_code: 0,
        properties: Properties::EMPTY,
    }))
}

/// A PUBLISH; the Packet Identifier is for QoS 1 and 2.
pub fn publish(qos: QoS, identifier: u16, payload: &[u8]) -> Vec<u8> {
    bytes(&Packet::Publish(Publish {
        duplicate: false,
        qos,
        retain: false,
        topic: TOPIC,
        packet_identifier: PacketIdentifier::new(identifier).filter(|_| qos != QoS::AtMostOnce),
        properties: Properties::EMPTY,
        payload,
    }))
}

/// Many PUBLISH packets of QoS 0 in one piece, as they come.
pub fn stream(payload: usize) -> Vec<u8> {
    publish(QoS::AtMostOnce, 0, &vec![7; payload]).repeat(PACKETS)
}

/// The bytes of PUBACK, PUBREC, PUBREL or PUBCOMP.
///
/// # Panics
/// When the identifier is 0.
pub fn acknowledgement(
    kind: impl FnOnce(Acknowledgement<'static>) -> Packet<'static>,
    identifier: u16,
) -> Vec<u8> {
    let identifier = PacketIdentifier::new(identifier).expect("an identifier");
    bytes(&kind(Acknowledgement::success(identifier)))
}
