//! What the server says, and what becomes of the socket. It does not know what the client makes of it.

use wasmqtt::client::{CloseInfo, Error, ErrorCode};
use wasmqtt::codec::{
    Acknowledgement, Connack, Packet, PacketIdentifier, PacketType, Properties, PropertiesBuf,
    Property, Publish, QoS, ReasonCode, ReasonCodes, Suback,
};

use super::world::World;

impl World {
    /// The socket is open.
    pub(crate) fn open(&mut self) {
        self.received.clear();
        self.client.handle_open(self.now);
        self.settle();
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        self.client.handle_bytes(bytes, self.now);
        self.settle();
    }

    /// As `bytes`, but what the client does not ask to see of a payload is not shown.
    pub(crate) fn heads(&mut self, bytes: &[u8]) {
        let skipped = self.client.skippable().min(bytes.len());
        let (payload, rest) = bytes.split_at(skipped);
        self.received.extend_from_slice(payload);
        self.client.handle_skipped(skipped, self.now);
        self.settle();
        if !rest.is_empty() {
            self.bytes(rest);
        }
    }

    /// The server sends these packets in one message.
    pub(crate) fn serve(&mut self, packets: &[Packet<'_>]) {
        let mut bytes = Vec::new();
        for packet in packets {
            packet.encode(self.version(), &mut bytes).unwrap();
        }
        self.bytes(&bytes);
    }

    pub(crate) fn accept(&mut self, session_present: bool, properties: &[Property<'_>]) {
        self.connack(session_present, ReasonCode::SUCCESS, properties);
    }

    pub(crate) fn refuse(&mut self, reason_code: ReasonCode) {
        self.connack(false, reason_code, &[]);
    }

    fn connack(&mut self, session_present: bool, code: ReasonCode, properties: &[Property<'_>]) {
        let mut block = PropertiesBuf::new();
        for property in properties {
            block.push(*property).unwrap();
        }
        self.serve(&[Packet::Connack(Connack {
            session_present,
            reason_code: code,
            return_code: code.value(),
            properties: block.as_properties(),
        })]);
    }

    /// PUBACK, PUBREC, PUBREL or PUBCOMP.
    pub(crate) fn ack(&mut self, packet: PacketType, identifier: u16, reason_code: ReasonCode) {
        let ack = Acknowledgement { reason_code, ..Acknowledgement::success(id(identifier)) };
        self.serve(&[match packet {
            PacketType::Puback => Packet::Puback(ack),
            PacketType::Pubrec => Packet::Pubrec(ack),
            PacketType::Pubrel => Packet::Pubrel(ack),
            _ => Packet::Pubcomp(ack),
        }]);
    }

    pub(crate) fn suback(&mut self, identifier: u16, codes: &[u8]) {
        self.serve(&[Packet::Suback(suback(identifier, codes))]);
    }

    pub(crate) fn unsuback(&mut self, identifier: u16, codes: &[u8]) {
        self.serve(&[Packet::Unsuback(suback(identifier, codes))]);
    }

    /// The connection breaks without a closing handshake.
    pub(crate) fn drop_socket(&mut self) {
        self.socket = None;
        self.client.handle_close(lost(), self.now);
        self.settle();
    }

    /// The host does not make that socket, and never will.
    pub(crate) fn refuse_socket(&mut self) {
        let mut error = Error::new(ErrorCode::Unsupported, "not from here");
        error.close = Some(lost());
        self.refuse_sockets(error);
    }

    /// The host makes none, wherever to, unless the error says how that one ended.
    pub(crate) fn refuse_sockets(&mut self, error: Error) {
        self.socket = None;
        self.client.handle_refused(error, self.now);
        self.settle();
    }
}

pub(crate) fn id(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).unwrap()
}

pub(crate) fn lost() -> CloseInfo {
    CloseInfo { code: 1006, reason: String::new(), was_clean: false }
}

/// A message from the server.
pub(crate) fn message<'a>(
    topic: &'a str,
    payload: &'a str,
    qos: QoS,
    identifier: u16,
) -> Packet<'a> {
    Packet::Publish(Publish {
        duplicate: false,
        qos,
        retain: false,
        topic,
        packet_identifier: PacketIdentifier::new(identifier),
        properties: Properties::EMPTY,
        payload: payload.as_bytes(),
    })
}

fn suback(identifier: u16, codes: &[u8]) -> Suback<'_> {
    Suback {
        packet_identifier: id(identifier),
        properties: Properties::EMPTY,
        reason_codes: ReasonCodes(codes),
    }
}
