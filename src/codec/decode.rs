//! Which decoder reads a packet, and which side may send it.
//!
//! Locate, then borrow: `locate` finds a whole packet in a buffer without copying, `decode_from_*`
//! reads it in place.

use super::frame::Head;
use super::wire::{self, Reader};
use super::{
    Acknowledgement, Auth, Connack, Connect, DecodeError, Disconnect, Packet, PacketType,
    ProtocolVersion, Publish, Suback, Subscribe, Unsubscribe,
};

/// Splits the bytes of one packet in type, flags and body.
fn open(frame: &[u8]) -> Result<(PacketType, u8, Reader<'_>), DecodeError> {
    let mut reader = Reader::new(frame);
    let first = reader.u8()?;
    let packet = PacketType::from_first_byte(first)
        .ok_or(DecodeError::malformed("packet type 0 is reserved"))?;
    let Some((remaining, len)) = wire::read_varint(frame.get(1..).unwrap_or_default(), false)?
    else {
        return Err(DecodeError::malformed("the packet is cut"));
    };
    reader.take(len)?;
    let body = reader.take(remaining as usize)?;
    reader.end()?;
    Ok((packet, first & 0x0F, Reader::new(body)))
}

fn empty(packet: Packet<'static>, body: &Reader<'_>) -> Result<Packet<'static>, DecodeError> {
    body.end()?;
    Ok(packet)
}

/// Decodes a packet that a server sent. `frame` is what `locate` found.
///
/// ```
/// use wasmqtt::codec::{Packet, ProtocolVersion, decode_from_server, locate};
///
/// let received = [0xD0, 0, 0x30, 5, 0, 1, b'a', b'h', b'i']; // PINGRESP, and a PUBLISH
/// let mut rest = received.as_slice();
/// let mut packets = Vec::new();
/// while let Some(frame) = locate(rest, ProtocolVersion::V3_1_1, None)? {
///     let (packet, after) = rest.split_at(frame.len);
///     packets.push(decode_from_server(packet, ProtocolVersion::V3_1_1)?);
///     rest = after;
/// }
/// assert_eq!(packets[0], Packet::Pingresp);
/// assert!(matches!(packets[1], Packet::Publish(publish) if publish.payload == b"hi"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Any breach of the specification that the packet shows by itself.
pub fn decode_from_server(
    frame: &[u8],
    version: ProtocolVersion,
) -> Result<Packet<'_>, DecodeError> {
    let (packet, flags, body) = open(frame)?;
    match packet {
        PacketType::Connack => Connack::decode(body, version).map(Packet::Connack),
        PacketType::Publish => Publish::decode(flags, body, version).map(Packet::Publish),
        PacketType::Puback | PacketType::Pubrec | PacketType::Pubrel | PacketType::Pubcomp => {
            acknowledgement(packet, body, version)
        }
        PacketType::Suback => Suback::decode(packet, body, version).map(Packet::Suback),
        PacketType::Unsuback => Suback::decode(packet, body, version).map(Packet::Unsuback),
        PacketType::Pingresp => empty(Packet::Pingresp, &body),
        PacketType::Disconnect if version.is_v5() => {
            let disconnect = Disconnect::decode(body, version)?;
            if disconnect.reason_code == super::ReasonCode::DISCONNECT_WITH_WILL_MESSAGE
                || disconnect.properties.session_expiry_interval().is_some()
            {
                // [MQTT-3.14.2-2]
                return Err(DecodeError::protocol(
                    "the server's DISCONNECT says what only a client's may",
                ));
            }
            Ok(Packet::Disconnect(disconnect))
        }
        PacketType::Auth if version.is_v5() => Auth::decode(body).map(Packet::Auth),
        _ => Err(DecodeError::protocol("a packet that a server does not send")),
    }
}

fn acknowledgement<'a>(
    packet: PacketType,
    body: Reader<'a>,
    version: ProtocolVersion,
) -> Result<Packet<'a>, DecodeError> {
    let acknowledgement = Acknowledgement::decode(packet, body, version)?;
    Ok(match packet {
        PacketType::Puback => Packet::Puback(acknowledgement),
        PacketType::Pubrec => Packet::Pubrec(acknowledgement),
        PacketType::Pubrel => Packet::Pubrel(acknowledgement),
        _ => Packet::Pubcomp(acknowledgement),
    })
}

/// As [`decode_from_server`], of what [`locate_head`](super::locate_head) found: a PUBLISH without its
/// payload.
pub(crate) fn decode_head_from_server(
    bytes: &[u8],
    head: Head,
    version: ProtocolVersion,
) -> Result<Packet<'_>, DecodeError> {
    let bytes = bytes.get(..head.len).unwrap_or_default();
    if head.len == head.frame.len {
        return decode_from_server(bytes, version);
    }
    let flags = bytes.first().map_or(0, |first| first & 0x0F);
    let body = bytes.get(head.frame.header_len..).unwrap_or_default();
    Publish::decode(flags, Reader::new(body), version).map(Packet::Publish)
}

/// Decodes a packet that a client sent: for servers in tests.
///
/// ```
/// use wasmqtt::codec::{Packet, ProtocolVersion, decode_from_client};
///
/// assert_eq!(decode_from_client(&[0xC0, 0], ProtocolVersion::V5_0)?, Packet::Pingreq);
/// # Ok::<(), wasmqtt::codec::DecodeError>(())
/// ```
///
/// # Errors
/// Any breach of the specification that the packet shows by itself.
pub fn decode_from_client(
    frame: &[u8],
    version: ProtocolVersion,
) -> Result<Packet<'_>, DecodeError> {
    let (packet, flags, body) = open(frame)?;
    match packet {
        PacketType::Connect => Connect::decode(body).map(Packet::Connect),
        PacketType::Publish => {
            let publish = Publish::decode(flags, body, version)?;
            if publish.properties.subscription_identifier().is_some() {
                // [MQTT-3.3.4-6]
                return Err(DecodeError::protocol(
                    "a client's PUBLISH has no Subscription Identifier",
                ));
            }
            Ok(Packet::Publish(publish))
        }
        PacketType::Puback | PacketType::Pubrec | PacketType::Pubrel | PacketType::Pubcomp => {
            acknowledgement(packet, body, version)
        }
        PacketType::Subscribe => Subscribe::decode(body, version).map(Packet::Subscribe),
        PacketType::Unsubscribe => Unsubscribe::decode(body, version).map(Packet::Unsubscribe),
        PacketType::Pingreq => empty(Packet::Pingreq, &body),
        PacketType::Disconnect => Disconnect::decode(body, version).map(Packet::Disconnect),
        PacketType::Auth if version.is_v5() => Auth::decode(body).map(Packet::Auth),
        _ => Err(DecodeError::protocol("a packet that a client does not send")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V5: ProtocolVersion = ProtocolVersion::V5_0;

    #[test]
    fn a_packet_of_the_other_side_is_a_protocol_error() {
        for bytes in [&[0xC0, 0x00][..], &[0x82, 0x06, 0, 1, 0, 0, 1, 0x61]] {
            assert!(decode_from_server(bytes, V5).is_err());
        }
        assert!(decode_from_server(&[0xE0, 0x00], ProtocolVersion::V3_1_1).is_err());
        assert!(decode_from_server(&[0xD0, 0x01, 0x00], V5).is_err());
        assert_eq!(decode_from_server(&[0xD0, 0x00], V5), Ok(Packet::Pingresp));
    }
}
