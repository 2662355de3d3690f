//! Where one packet ends and the next begins (2.1): the fixed header, read and written. It does not
//! know what a packet holds, nor how the bytes came.

use alloc::vec::Vec;

use super::property::Place;
use super::wire::{self, Reader};
use super::{
    DecodeError, DecodeErrorKind, EncodeError, PacketType, Properties, ProtocolVersion, QoS,
};

/// A whole packet at the front of a buffer.
///
/// ```
/// use wasmqtt::codec::{ProtocolVersion, locate};
///
/// let frame = locate(&[0x40, 2, 0, 7, 0xD0, 0], ProtocolVersion::V5_0, None)?.ok_or("bytes are missing")?;
/// assert_eq!((frame.len, frame.header_len), (4, 2)); // the next packet begins at 4
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Bytes of the packet, fixed header included.
    pub len: usize,
    /// Bytes of the fixed header.
    pub header_len: usize,
}

/// Finds the packet at the front of `buffer`; `None` when bytes are missing.
///
/// What the fixed header alone shows to be wrong fails at once, however much is still to come.
///
/// ```
/// use wasmqtt::codec::{ProtocolVersion::V5_0, locate};
///
/// assert_eq!(locate(&[0x40, 2, 0], V5_0, None)?, None); // one byte is missing
/// assert!(locate(&[0x40, 2, 0, 7], V5_0, None)?.is_some());
/// assert!(locate(&[0x4F], V5_0, None).is_err()); // flags that PUBACK does not have
/// # Ok::<(), wasmqtt::codec::DecodeError>(())
/// ```
///
/// # Errors
/// Reserved type or flags, a Remaining Length of more than four bytes, a packet over `maximum_packet_size`.
pub fn locate(
    buffer: &[u8],
    version: ProtocolVersion,
    maximum_packet_size: Option<u32>,
) -> Result<Option<Frame>, DecodeError> {
    let frame = fixed_header(buffer, version, maximum_packet_size)?;
    Ok(frame.filter(|frame| buffer.len() >= frame.len))
}

/// What has to be read of a packet at the front of a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    pub(crate) frame: Frame,
    /// Bytes up to the payload of a PUBLISH; of any other packet all.
    pub(crate) len: usize,
}

/// As [`locate`], but the payload of a PUBLISH need not be there.
///
/// # Errors
/// As [`locate`], and for a PUBLISH that ends before its payload begins.
pub(crate) fn locate_head(
    buffer: &[u8],
    version: ProtocolVersion,
    maximum_packet_size: Option<u32>,
) -> Result<Option<Head>, DecodeError> {
    let Some(frame) = fixed_header(buffer, version, maximum_packet_size)? else { return Ok(None) };
    let first = buffer.first().copied().unwrap_or_default();
    let len = if PacketType::from_first_byte(first) == Some(PacketType::Publish) {
        let body = buffer.get(frame.header_len..buffer.len().min(frame.len)).unwrap_or_default();
        let remaining = frame.len - frame.header_len;
        match super::publish::head_len(first, body, remaining, version)? {
            Some(len) => frame.header_len + len,
            None => return Ok(None),
        }
    } else {
        frame.len
    };
    Ok((buffer.len() >= len).then_some(Head { frame, len }))
}

/// What the fixed header says, once it is there.
fn fixed_header(
    buffer: &[u8],
    version: ProtocolVersion,
    maximum_packet_size: Option<u32>,
) -> Result<Option<Frame>, DecodeError> {
    let [first, rest @ ..] = buffer else {
        return Ok(None);
    };
    let packet = PacketType::from_first_byte(*first)
        .ok_or(DecodeError::malformed("packet type 0 is reserved"))?;
    let flags = first & 0x0F;
    match packet {
        PacketType::Publish => {
            let qos = QoS::from_value(flags >> 1 & 3)
                .ok_or(DecodeError::malformed("QoS 3 does not exist"))?;
            if qos == QoS::AtMostOnce && flags & 0b1000 != 0 {
                return Err(DecodeError::protocol("DUP is set on QoS 0"));
            }
        }
        PacketType::Auth if !version.is_v5() => {
            return Err(DecodeError::protocol("AUTH does not exist in this version"));
        }
        // 3.1 uses the DUP bit of these packets.
        PacketType::Pubrel | PacketType::Subscribe | PacketType::Unsubscribe
            if version == ProtocolVersion::V3_1 && flags & 0b0111 == packet.flags() => {}
        _ if flags != packet.flags() => {
            return Err(DecodeError::malformed("the flags of the fixed header are wrong"));
        }
        _ => {}
    }
    let Some((remaining, bytes)) = wire::read_varint(rest, version.is_v5())? else {
        return Ok(None);
    };
    let header_len = 1 + bytes;
    let len = header_len + remaining as usize;
    if maximum_packet_size.is_some_and(|maximum| len > maximum as usize) {
        return Err(DecodeError {
            kind: DecodeErrorKind::PacketTooLarge,
            what: "the packet is longer than the Maximum Packet Size",
        });
    }
    Ok(Some(Frame { len, header_len }))
}

/// Writes a fixed header and, by `body`, what follows; puts `out` back as it was on an error.
///
/// The length is not known before: one byte is reserved, more are made room for where needed.
pub(crate) fn write(
    out: &mut Vec<u8>,
    first_byte: u8,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = out.len();
    out.push(first_byte);
    out.push(0);
    let written = body(out);
    let written = written.and_then(|()| set_length(out, start));
    if written.is_err() {
        out.truncate(start);
    }
    written
}

/// Not a part of [`write`], of which there is one for each packet.
#[inline(never)]
fn set_length(out: &mut Vec<u8>, start: usize) -> Result<(), EncodeError> {
    let remaining = out.len() - start - 2;
    if remaining > wire::VARINT_MAX as usize {
        return Err(EncodeError::PacketTooLarge);
    }
    let more = wire::varint_len(remaining as u32) - 1;
    if more > 0 {
        let body = out.get(start + 2..).unwrap_or_default().to_vec();
        out.truncate(start + 2);
        out.resize(start + 2 + more, 0);
        out.extend_from_slice(&body);
    }
    wire::set_varint(out.get_mut(start + 1..).unwrap_or_default(), remaining as u32);
    Ok(())
}

/// Properties of a packet, none below 5.0.
pub(crate) fn read_properties<'a>(
    reader: &mut Reader<'a>,
    packet: PacketType,
    version: ProtocolVersion,
) -> Result<Properties<'a>, DecodeError> {
    if version.is_v5() {
        Properties::decode(reader, Place::Packet(packet))
    } else {
        Ok(Properties::EMPTY)
    }
}

pub(crate) fn write_properties(
    properties: &Properties<'_>,
    packet: PacketType,
    version: ProtocolVersion,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if version.is_v5() {
        properties.encode(Place::Packet(packet), out)
    } else if properties.is_empty() {
        Ok(())
    } else {
        Err(EncodeError::PropertyNotAllowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V5: ProtocolVersion = ProtocolVersion::V5_0;

    #[test]
    fn a_packet_is_located_only_when_it_is_whole() {
        assert_eq!(locate(&[], V5, None), Ok(None));
        assert_eq!(locate(&[0x40], V5, None), Ok(None));
        assert_eq!(locate(&[0x40, 0x02, 0x00], V5, None), Ok(None));
        let whole = Frame { len: 4, header_len: 2 };
        assert_eq!(locate(&[0x40, 0x02, 0x00, 0x01, 0xD0], V5, None), Ok(Some(whole)));
        assert_eq!(locate(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F], V5, None), Ok(None));
    }

    #[test]
    fn a_publish_is_read_up_to_its_payload() {
        let packet = b"\x32\x0A\x00\x01a\x00\x07\x02\x01\x01hi";
        let whole = Head { frame: Frame { len: 12, header_len: 2 }, len: 10 };
        for end in 0..=packet.len() {
            let found = (end >= whole.len).then_some(whole);
            assert_eq!(locate_head(&packet[..end], V5, None), Ok(found), "{end}");
        }
        let ack = [0x40, 0x02, 0x00];
        assert_eq!(locate_head(&ack, V5, None), Ok(None));
    }

    #[test]
    fn a_publish_that_ends_before_its_payload_begins_fails_as_soon_as_that_shows() {
        for bytes in [
            &b"\x30\x00"[..],
            b"\x30\x01\x00",
            b"\x30\x03\x00\x02a",
            b"\x30\x04\x00\x03",
            b"\x32\x04\x00\x01a\x00",
            b"\x30\x03\x00\x01a",
            b"\x30\x05\x00\x01a\x02\x01",
            b"\x30\x05\x00\x01a\x02",
        ] {
            assert!(locate_head(bytes, V5, None).is_err(), "{bytes:?}");
        }
        assert!(locate_head(b"\x30\x03\x00\x01a", ProtocolVersion::V3_1_1, None).is_ok());
    }

    /// [MQTT-2.1.3-1] (5.0), [MQTT-2.2.2-2] (3.1.1)
    #[test]
    fn a_wrong_fixed_header_fails_before_the_body_arrives() {
        for first in [0x00, 0x0F, 0x21, 0x36, 0x38, 0x41, 0x60, 0x63, 0x91, 0xD1, 0xE1, 0xF1] {
            assert!(locate(&[first], V5, None).is_err(), "{first:#x}");
        }
        assert!(locate(&[0x20, 0xFF, 0xFF, 0xFF, 0xFF], V5, None).is_err());
        assert!(locate(&[0xF0], ProtocolVersion::V3_1_1, None).is_err());
        let too_large = locate(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F], V5, Some(32));
        assert_eq!(too_large.map_err(|error| error.kind), Err(DecodeErrorKind::PacketTooLarge));
    }
}
