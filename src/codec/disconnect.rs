//! DISCONNECT (3.14): the last packet, from the client, and in 5.0 from the server.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::Reader;
use super::{DecodeError, EncodeError, PacketType, Properties, ProtocolVersion, ReasonCode};

/// Says that the connection ends, and why.
///
/// ```
/// use wasmqtt::codec::{Disconnect, Properties, ProtocolVersion, ReasonCode};
///
/// let with_will = Disconnect {
///     reason_code: ReasonCode::DISCONNECT_WITH_WILL_MESSAGE,
///     properties: Properties::EMPTY,
/// };
/// let mut bytes = Vec::new();
/// with_will.encode(ProtocolVersion::V5_0, &mut bytes)?;
/// assert_eq!(bytes, [0xE0, 1, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disconnect<'a> {
    /// Always success in 3.x.
    pub reason_code: ReasonCode,
    /// Session Expiry Interval, Reason String, User Properties, Server Reference.
    pub properties: Properties<'a>,
}

impl<'a> Disconnect<'a> {
    /// Appends the packet's bytes, in the shortest form.
    ///
    /// # Errors
    /// A code other than success, or properties, in 3.x.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let short = self.properties.is_empty();
        let shortest = short && self.reason_code == ReasonCode::SUCCESS;
        if !shortest && !version.is_v5() {
            return Err(EncodeError::NotInThisVersion);
        }
        if !self.reason_code.may_stand_in(PacketType::Disconnect) {
            return Err(EncodeError::PropertyOutOfRange);
        }
        write(out, PacketType::Disconnect.first_byte(), |out| {
            if !shortest {
                out.push(self.reason_code.value());
            }
            if short {
                Ok(())
            } else {
                write_properties(&self.properties, PacketType::Disconnect, version, out)
            }
        })
    }

    pub(crate) fn decode(
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let mut disconnect =
            Self { reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
        if version.is_v5() && !body.is_empty() {
            disconnect.reason_code = ReasonCode::from_value(body.u8()?);
            if !disconnect.reason_code.may_stand_in(PacketType::Disconnect) {
                return Err(DecodeError::malformed("a reason code that DISCONNECT does not have"));
            }
            if !body.is_empty() {
                disconnect.properties =
                    read_properties(&mut body, PacketType::Disconnect, version)?;
            }
        }
        body.end()?;
        Ok(disconnect)
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode_from_server;
    use super::*;
    use alloc::vec;

    #[test]
    fn the_shortest_form_has_two_bytes() {
        let mut disconnect =
            Disconnect { reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
        for version in [ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
            let mut out = vec![];
            disconnect.encode(version, &mut out).unwrap();
            assert_eq!(out, [0xE0, 0]);
        }
        disconnect.reason_code = ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;
        assert!(disconnect.encode(ProtocolVersion::V3_1_1, &mut vec![]).is_err());
    }

    /// [MQTT-3.14.2-2] (5.0)
    #[test]
    fn a_server_can_not_set_the_session_expiry() {
        let v5 = ProtocolVersion::V5_0;
        assert!(decode_from_server(&[0xE0, 1, 0x8E], v5).is_ok());
        assert!(decode_from_server(&[0xE0, 7, 0, 5, 0x11, 0, 0, 0, 1], v5).is_err());
        assert!(decode_from_server(&[0xE0, 1, 0x04], v5).is_err());
        assert!(decode_from_server(&[0xE0, 1, 0x92], v5).is_err());
    }
}
