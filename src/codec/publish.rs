//! PUBLISH (3.3): a message, in either direction.

use alloc::vec::Vec;

use super::frame::{read_properties, write_properties};
use super::wire::{self, Reader};
use super::{
    DecodeError, DecodeErrorKind, EncodeError, PacketIdentifier, PacketType, Properties,
    ProtocolVersion, QoS, TopicName,
};

/// A message on its way.
///
/// ```
/// use wasmqtt::codec::{Properties, ProtocolVersion, Publish, QoS};
///
/// let publish = Publish {
///     duplicate: false,
///     qos: QoS::AtMostOnce,
///     retain: true,
///     topic: "a",
///     packet_identifier: None,
///     properties: Properties::EMPTY,
///     payload: b"hi",
/// };
/// let mut bytes = Vec::new();
/// publish.encode(ProtocolVersion::V3_1_1, &mut bytes)?;
/// assert_eq!(bytes, [0x31, 5, 0, 1, b'a', b'h', b'i']);
/// assert_eq!(publish.encoded_len(ProtocolVersion::V3_1_1), bytes.len());
/// # Ok::<(), wasmqtt::codec::EncodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publish<'a> {
    /// DUP: it may have been sent before (3.3.1.1).
    pub duplicate: bool,
    /// QoS (3.3.1.2).
    pub qos: QoS,
    /// RETAIN (3.3.1.3).
    pub retain: bool,
    /// Topic Name; empty where a Topic Alias stands for it (5.0, 3.3.2.1).
    pub topic: &'a str,
    /// Present when QoS is above 0 [MQTT-2.2.1-2] [MQTT-2.2.1-3].
    pub packet_identifier: Option<PacketIdentifier>,
    /// Properties of the message (3.3.2.3).
    pub properties: Properties<'a>,
    /// The application's bytes.
    pub payload: &'a [u8],
}

impl<'a> Publish<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// A packet identifier missing or out of place, properties in 3.x, a packet over 268,435,455 bytes.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.packet_identifier.is_some() != (self.qos != QoS::AtMostOnce) {
            return Err(EncodeError::PacketIdentifier);
        }
        if self.payload.len() > wire::VARINT_MAX as usize {
            return Err(EncodeError::PacketTooLarge);
        }
        let remaining = self.remaining_len(version);
        let remaining = u32::try_from(remaining)
            .ok()
            .filter(|len| *len <= wire::VARINT_MAX)
            .ok_or(EncodeError::PacketTooLarge)?;
        let start = out.len();
        out.reserve(5 + remaining as usize);
        out.push(self.first_byte());
        wire::put_varint(out, remaining);
        let written = self.body(version, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// Bytes of the whole packet.
    pub fn encoded_len(&self, version: ProtocolVersion) -> usize {
        let remaining = self.remaining_len(version);
        1 + wire::varint_len(remaining as u32) + remaining
    }

    fn remaining_len(&self, version: ProtocolVersion) -> usize {
        let identifier = if self.packet_identifier.is_some() { 2 } else { 0 };
        let properties = if version.is_v5() { self.properties.encoded_len() } else { 0 };
        2 + self.topic.len() + identifier + properties + self.payload.len()
    }

    fn first_byte(&self) -> u8 {
        PacketType::Publish.first_byte()
            | u8::from(self.duplicate) << 3
            | self.qos.value() << 1
            | u8::from(self.retain)
    }

    fn body(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_string(out, self.topic)?;
        if let Some(identifier) = self.packet_identifier {
            wire::put_u16(out, identifier.get());
        }
        write_properties(&self.properties, PacketType::Publish, version, out)?;
        out.extend_from_slice(self.payload);
        Ok(())
    }

    pub(crate) fn decode(
        flags: u8,
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        // [MQTT-3.3.1-4] [MQTT-3.3.1-2]
        let qos = QoS::from_value(flags >> 1 & 3)
            .ok_or(DecodeError::malformed("QoS 3 does not exist"))?;
        let duplicate = flags & 0b1000 != 0;
        if duplicate && qos == QoS::AtMostOnce {
            return Err(DecodeError::protocol("DUP is set on QoS 0"));
        }
        let topic = body.string()?;
        let packet_identifier = match qos {
            QoS::AtMostOnce => None,
            _ => Some(PacketIdentifier::decode(&mut body)?),
        };
        let properties = read_properties(&mut body, PacketType::Publish, version)?;
        check_topic(topic, &properties, version)?;
        if let Some(response_topic) = properties.response_topic() {
            // [MQTT-3.3.2-14]
            TopicName::new(response_topic)
                .map_err(|_| DecodeError::protocol("the Response Topic is not a Topic Name"))?;
        }
        Ok(Self {
            duplicate,
            qos,
            retain: flags & 1 != 0,
            topic,
            packet_identifier,
            properties,
            payload: body.rest(),
        })
    }
}

/// Bytes of the variable header of a PUBLISH, which its payload follows; `None` when too few of its
/// `remaining` bytes are in `body` to tell.
pub(crate) fn head_len(
    first_byte: u8,
    body: &[u8],
    remaining: usize,
    version: ProtocolVersion,
) -> Result<Option<usize>, DecodeError> {
    let identifier = if first_byte & 0b0110 == 0 { 0 } else { 2 };
    let mut len = 2 + identifier;
    let mut known = false;
    if let Some(topic) = body.first_chunk::<2>() {
        len += usize::from(u16::from_be_bytes(*topic));
        known = !version.is_v5();
        if let Some(rest) = body.get(len..).filter(|_| !known)
            && let Some((properties, bytes)) = wire::read_varint(rest, true)?
        {
            len += bytes + properties as usize;
            known = true;
        }
    }
    if len > remaining || !known && body.len() == remaining {
        return Err(DecodeError::malformed("the packet is too short for what it holds"));
    }
    Ok(known.then_some(len))
}

/// A Topic Name, or in 5.0 nothing with a Topic Alias [MQTT-3.3.2-1] [MQTT-3.3.2-2] [MQTT-3.3.2-8].
fn check_topic(
    topic: &str,
    properties: &Properties<'_>,
    version: ProtocolVersion,
) -> Result<(), DecodeError> {
    let alias = properties.topic_alias();
    if alias == Some(0) {
        return Err(DecodeError {
            kind: DecodeErrorKind::TopicAliasInvalid,
            what: "the Topic Alias is 0",
        });
    }
    if topic.is_empty() && version.is_v5() {
        return match alias {
            Some(_) => Ok(()),
            None => Err(DecodeError::protocol("the topic is empty and there is no Topic Alias")),
        };
    }
    match TopicName::new(topic) {
        Ok(_) => Ok(()),
        Err(_) => Err(DecodeError::malformed("the topic is not a Topic Name")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, decode_from_server};
    use super::*;
    use alloc::vec;

    const V4: ProtocolVersion = ProtocolVersion::V3_1_1;
    const V5: ProtocolVersion = ProtocolVersion::V5_0;

    #[test]
    fn a_message_is_written_with_a_two_byte_fixed_header_where_it_is_short() {
        let publish = Publish {
            duplicate: false,
            qos: QoS::AtLeastOnce,
            retain: true,
            topic: "a/b",
            packet_identifier: PacketIdentifier::new(7),
            properties: Properties::EMPTY,
            payload: b"hi",
        };
        let mut out = vec![];
        publish.encode(V4, &mut out).unwrap();
        assert_eq!(out, b"\x33\x09\x00\x03a/b\x00\x07hi");
        assert_eq!(publish.encoded_len(V4), out.len());
        assert_eq!(decode_from_server(&out, V4), Ok(Packet::Publish(publish)));
    }

    /// [MQTT-2.2.1-2] (5.0)
    #[test]
    fn a_packet_identifier_stands_exactly_where_qos_is_above_0() {
        let mut publish = Publish {
            duplicate: false,
            qos: QoS::AtMostOnce,
            retain: false,
            topic: "a",
            packet_identifier: PacketIdentifier::new(7),
            properties: Properties::EMPTY,
            payload: b"",
        };
        assert_eq!(publish.encode(V5, &mut vec![]), Err(EncodeError::PacketIdentifier));
        publish.packet_identifier = None;
        publish.qos = QoS::ExactlyOnce;
        assert_eq!(publish.encode(V5, &mut vec![]), Err(EncodeError::PacketIdentifier));
        assert!(decode_from_server(&[0x32, 5, 0, 1, b'a', 0, 0], V4).is_err());
    }

    /// [MQTT-3.3.2-1] [MQTT-3.3.2-2] (5.0)
    #[test]
    fn a_topic_is_a_topic_name_or_an_alias_stands_for_it() {
        assert!(decode_from_server(&[0x30, 3, 0, 0, 0], V5).is_err());
        assert!(decode_from_server(&[0x30, 6, 0, 0, 3, 0x23, 0, 1], V5).is_ok());
        let zero = decode_from_server(&[0x30, 6, 0, 0, 3, 0x23, 0, 0], V5);
        assert_eq!(zero.map_err(|error| error.kind), Err(DecodeErrorKind::TopicAliasInvalid));
        assert!(decode_from_server(&[0x30, 2, 0, 0], V4).is_err());
        assert!(decode_from_server(&[0x30, 5, 0, 3, b'a', b'/', b'+'], V4).is_err());
    }
}
