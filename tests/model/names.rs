//! How pages, messages and packets are named, on the wire and in the trace. It does not know what becomes of them.

use wasmqtt::codec::{Packet, PacketIdentifier};

/// Pages are clients by their numbers.
pub(crate) fn page_of(client: &str) -> usize {
    client.trim_start_matches("page-").parse().unwrap_or(usize::MAX)
}

/// The number of a message, which is its payload; wills have none.
pub(crate) fn serial_of(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().map(|it| u32::from_be_bytes(*it)).filter(|_| payload.len() >= 4)
}

pub(crate) fn told(packet: &Packet<'_>) -> String {
    match packet {
        Packet::Publish(it) => format!(
            "PUBLISH {:?} QoS {} {}{:?}",
            it.packet_identifier.map_or(0, PacketIdentifier::get),
            it.qos.value(),
            if it.duplicate { "DUP " } else { "" },
            serial_of(it.payload)
        ),
        Packet::Puback(it) => format!("PUBACK {}", it.packet_identifier.get()),
        Packet::Pubrec(it) => format!("PUBREC {}", it.packet_identifier.get()),
        Packet::Pubrel(it) => format!("PUBREL {}", it.packet_identifier.get()),
        Packet::Pubcomp(it) => format!("PUBCOMP {}", it.packet_identifier.get()),
        Packet::Connect(it) => {
            format!("CONNECT {} clean {}", it.client_identifier, it.clean_start)
        }
        Packet::Connack(it) => format!("CONNACK session {}", it.session_present),
        other => format!("{:?}", other.packet_type()),
    }
}
