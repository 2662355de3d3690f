//! SUBACK and UNSUBACK (3.9, 3.11): one reason code for each filter.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::{self, Reader};
use super::{
    DecodeError, EncodeError, PacketIdentifier, PacketType, Properties, ProtocolVersion, ReasonCode,
};

/// The answer to SUBSCRIBE or UNSUBSCRIBE.
///
/// ```
/// use wasmqtt::codec::{Packet, ProtocolVersion, ReasonCode, decode_from_server};
///
/// let bytes = [0x90, 5, 0, 7, 0, 1, 0x87]; // QoS 1 is granted for the first filter, the second is refused
/// let Packet::Suback(suback) = decode_from_server(&bytes, ProtocolVersion::V5_0)? else {
///     panic!("another packet");
/// };
/// let codes: Vec<ReasonCode> = suback.reason_codes.iter().collect();
/// assert_eq!(codes, [ReasonCode::GRANTED_QOS_1, ReasonCode::NOT_AUTHORIZED]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suback<'a> {
    /// That of the request.
    pub packet_identifier: PacketIdentifier,
    /// Reason String and User Properties.
    pub properties: Properties<'a>,
    /// One for each filter, in their order. An UNSUBACK of 3.x has none.
    pub reason_codes: ReasonCodes<'a>,
}

/// Reason codes as they stand on the wire.
///
/// ```
/// use wasmqtt::codec::{ReasonCode, ReasonCodes};
///
/// let codes = ReasonCodes(&[0, 0x87]);
/// assert_eq!(codes.len(), 2);
/// assert!(codes.iter().any(ReasonCode::is_error));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReasonCodes<'a>(pub &'a [u8]);

impl<'a> ReasonCodes<'a> {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = ReasonCode> + use<'a> {
        self.0.iter().map(|byte| ReasonCode::from_value(*byte))
    }

    /// How many.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Suback<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// An empty list where codes are due, properties in 3.x.
    pub fn encode(
        &self,
        packet: PacketType,
        version: ProtocolVersion,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if self.reason_codes.is_empty() == has_codes(packet, version) {
            return Err(EncodeError::EmptyList);
        }
        write(out, packet.first_byte(), |out| {
            wire::put_u16(out, self.packet_identifier.get());
            write_properties(&self.properties, packet, version, out)?;
            out.extend_from_slice(self.reason_codes.0);
            Ok(())
        })
    }

    pub(crate) fn decode(
        packet: PacketType,
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let packet_identifier = PacketIdentifier::decode(&mut body)?;
        let properties = read_properties(&mut body, packet, version)?;
        if !has_codes(packet, version) {
            body.end()?;
        }
        let reason_codes = ReasonCodes(body.rest());
        if reason_codes.is_empty() && has_codes(packet, version) {
            return Err(DecodeError::protocol("an answer without a reason code"));
        }
        // Servers of 3.x answer with codes of 5.0: all from 0x80 on say that it failed.
        let known = |code: ReasonCode| match version {
            ProtocolVersion::V5_0 => code.may_stand_in(packet),
            _ => code.value() <= 2 || code.is_error(),
        };
        if !reason_codes.iter().all(known) {
            return Err(DecodeError::malformed("a reason code that this packet does not have"));
        }
        Ok(Self { packet_identifier, properties, reason_codes })
    }
}

const fn has_codes(packet: PacketType, version: ProtocolVersion) -> bool {
    version.is_v5() || matches!(packet, PacketType::Suback)
}

#[cfg(test)]
mod tests {
    use super::super::decode_from_server;
    use super::*;

    /// [MQTT-3.9.3-2] (3.1.1)
    #[test]
    fn codes_are_checked_by_version() {
        let v4 = ProtocolVersion::V3_1_1;
        assert!(decode_from_server(&[0x90, 4, 0, 1, 2, 0x80], v4).is_ok());
        assert!(decode_from_server(&[0x90, 3, 0, 1, 0x8F], v4).is_ok());
        assert!(decode_from_server(&[0x90, 3, 0, 1, 3], v4).is_err());
        assert!(decode_from_server(&[0x90, 2, 0, 1], v4).is_err());
        assert!(decode_from_server(&[0xB0, 2, 0, 1], v4).is_ok());
        assert!(decode_from_server(&[0xB0, 3, 0, 1, 0], v4).is_err());
        let v5 = ProtocolVersion::V5_0;
        assert!(decode_from_server(&[0x90, 4, 0, 1, 0, 0x87], v5).is_ok());
        assert!(decode_from_server(&[0x90, 4, 0, 1, 0, 0x8E], v5).is_err());
        assert!(decode_from_server(&[0xB0, 4, 0, 1, 0, 0x11], v5).is_ok());
        assert!(decode_from_server(&[0xB0, 3, 0, 1, 0], v5).is_err());
    }
}
