//! What leaves a page is stored before, and what is stored proves it. It does not know when it is stored.

use wasmqtt::client::{RecordKey, RecordKind};
use wasmqtt::codec::{Packet, PacketIdentifier};

use super::Page;
use crate::net::Checked;

impl Page {
    /// What is sent has to be stored.
    pub(super) fn check(&self, packet: &Packet<'_>) -> Checked {
        if self.fragile {
            return Ok(());
        }
        let received = |identifier: PacketIdentifier| {
            let mut all = self.records(RecordKind::Received);
            all.any(|(key, _)| key.get() & 0xFFFF == u64::from(identifier.get()))
        };
        let wrong = match packet {
            Packet::Publish(publish) => {
                let record = self
                    .records(RecordKind::Message)
                    .find(|(_, value)| value.ends_with(publish.payload));
                match (record, publish.packet_identifier) {
                    (None, None) => return Ok(()),
                    (Some(_), None) => "QoS 0 is sent and may be sent again",
                    (None, Some(_)) => "PUBLISH before it is stored",
                    (Some((key, value)), Some(identifier)) => {
                        if self.progress(*key, value).0 == identifier.get() {
                            return Ok(());
                        }
                        "PUBLISH before its identifier is stored"
                    }
                }
            }
            Packet::Pubrel(ack) => {
                let mut all = self.records(RecordKind::Message);
                let identifier = ack.packet_identifier.get();
                // Where nothing is known of it, it is answered all the same.
                let is_error = ack.reason_code.is_error();
                if is_error || all.any(|(key, it)| self.progress(*key, it) == (identifier, true)) {
                    return Ok(());
                }
                if !self.version.is_v5() && !self.holds(identifier) {
                    return Ok(());
                }
                "PUBREL before PUBREC is stored"
            }
            Packet::Pubrec(ack) if !ack.reason_code.is_error() => {
                if received(ack.packet_identifier) {
                    return Ok(());
                }
                "PUBREC before it is stored"
            }
            Packet::Pubcomp(ack) => {
                if !received(ack.packet_identifier) {
                    return Ok(());
                }
                "PUBCOMP before it is stored"
            }
            _ => return Ok(()),
        };
        Err(wrong.into())
    }

    fn holds(&self, identifier: u16) -> bool {
        self.records(RecordKind::Message).any(|(key, it)| self.progress(*key, it).0 == identifier)
    }

    fn records(&self, kind: RecordKind) -> impl Iterator<Item = (&RecordKey, &Vec<u8>)> {
        self.durable.iter().filter(move |(key, _)| key.kind() == Some(kind))
    }

    /// The identifier of a message, and whether PUBREC came, by its records.
    fn progress(&self, key: RecordKey, message: &[u8]) -> (u16, bool) {
        let progress = RecordKey::from_raw(key.get() + (1 << 50));
        let progress = self.durable.get(&progress).map_or(&message[1..], |value| value);
        (u16::from_be_bytes([progress[0], progress[1]]), progress[2] == 1)
    }
}
