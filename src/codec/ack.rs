//! PUBACK, PUBREC, PUBREL and PUBCOMP (3.4 to 3.7): one shape.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::{self, Reader};
use super::{
    DecodeError, EncodeError, PacketIdentifier, PacketType, Properties, ProtocolVersion, ReasonCode,
};

/// A step of the exchange that a QoS 1 or 2 message asks for.
///
/// ```
/// use wasmqtt::codec::{Acknowledgement, Packet, PacketIdentifier, ProtocolVersion};
///
/// let identifier = PacketIdentifier::new(7).ok_or("0 is none")?;
/// let mut bytes = Vec::new();
/// Packet::Puback(Acknowledgement::success(identifier)).encode(ProtocolVersion::V5_0, &mut bytes)?;
/// assert_eq!(bytes, [0x40, 2, 0, 7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acknowledgement<'a> {
    /// That of the PUBLISH.
    pub packet_identifier: PacketIdentifier,
    /// Always success in 3.x.
    pub reason_code: ReasonCode,
    /// Reason String and User Properties.
    pub properties: Properties<'a>,
}

impl<'a> Acknowledgement<'a> {
    /// Success, with nothing more to say.
    pub const fn success(packet_identifier: PacketIdentifier) -> Self {
        Self { packet_identifier, reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY }
    }

    /// Appends the packet's bytes, in the shortest form: success without properties takes four (3.4.2.1).
    ///
    /// # Errors
    /// A code other than success, or properties, in 3.x; a code or property that the packet can not carry.
    pub fn encode(
        &self,
        packet: PacketType,
        version: ProtocolVersion,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let short = self.properties.is_empty();
        let shortest = short && self.reason_code == ReasonCode::SUCCESS;
        if !shortest && !version.is_v5() {
            return Err(EncodeError::NotInThisVersion);
        }
        if !self.reason_code.may_stand_in(packet) {
            return Err(EncodeError::PropertyOutOfRange);
        }
        write(out, packet.first_byte(), |out| {
            wire::put_u16(out, self.packet_identifier.get());
            if !shortest {
                out.push(self.reason_code.value());
            }
            if short { Ok(()) } else { write_properties(&self.properties, packet, version, out) }
        })
    }

    pub(crate) fn decode(
        packet: PacketType,
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let packet_identifier = PacketIdentifier::decode(&mut body)?;
        let mut ack = Self::success(packet_identifier);
        if version.is_v5() && !body.is_empty() {
            ack.reason_code = ReasonCode::from_value(body.u8()?);
            if !ack.reason_code.may_stand_in(packet) {
                return Err(DecodeError::malformed("a reason code that this packet does not have"));
            }
            if !body.is_empty() {
                ack.properties = read_properties(&mut body, packet, version)?;
            }
        }
        body.end()?;
        Ok(ack)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode_from_server;
    use super::*;
    use alloc::vec;

    const V5: ProtocolVersion = ProtocolVersion::V5_0;

    #[test]
    fn success_takes_four_bytes_and_a_code_five() {
        let mut ack = Acknowledgement::success(PacketIdentifier::new(0x1234).unwrap());
        let mut out = vec![];
        ack.encode(PacketType::Pubrel, V5, &mut out).unwrap();
        assert_eq!(out, [0x62, 2, 0x12, 0x34]);
        ack.reason_code = ReasonCode::PACKET_IDENTIFIER_NOT_FOUND;
        out.clear();
        ack.encode(PacketType::Pubcomp, V5, &mut out).unwrap();
        assert_eq!(out, [0x70, 3, 0x12, 0x34, 0x92]);
        assert!(ack.encode(PacketType::Puback, V5, &mut out).is_err());
        assert!(ack.encode(PacketType::Pubcomp, ProtocolVersion::V3_1_1, &mut out).is_err());
    }

    #[test]
    fn the_three_lengths_of_5_0_are_read_and_3_1_1_has_one() {
        for bytes in [&[0x40, 2, 0, 1][..], &[0x40, 3, 0, 1, 0x10], &[0x40, 4, 0, 1, 0x10, 0]] {
            assert!(decode_from_server(bytes, V5).is_ok(), "{bytes:x?}");
        }
        assert!(decode_from_server(&[0x40, 3, 0, 1, 0], ProtocolVersion::V3_1_1).is_err());
        assert!(decode_from_server(&[0x40, 3, 0, 1, 0x92], V5).is_err());
        assert!(decode_from_server(&[0x40, 2, 0, 0], V5).is_err());
        assert!(decode_from_server(&[0x40, 1, 0], V5).is_err());
    }
}
