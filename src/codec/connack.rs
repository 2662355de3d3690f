//! CONNACK (3.2): the server's answer to CONNECT.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::Reader;
use super::{DecodeError, EncodeError, PacketType, Properties, ProtocolVersion, ReasonCode};

/// Whether the connection is accepted, and on what terms.
///
/// ```
/// use wasmqtt::codec::{Packet, ProtocolVersion, decode_from_server};
///
/// let bytes = [0x20, 0x09, 0, 0, 6, 0x21, 0, 20, 0x22, 0, 10]; // Receive Maximum 20, Topic Alias Maximum 10
/// let Packet::Connack(connack) = decode_from_server(&bytes, ProtocolVersion::V5_0)? else {
///     panic!("another packet");
/// };
/// assert!(!connack.reason_code.is_error());
/// assert_eq!(connack.properties.receive_maximum().map(|it| it.get()), Some(20));
/// assert_eq!(connack.properties.topic_alias_maximum(), Some(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connack<'a> {
    /// The server still has the session (3.2.2.1.1).
    pub session_present: bool,
    /// The answer; for 3.x the code of 5.0 that says the same.
    pub reason_code: ReasonCode,
    /// The byte as it came: a Connect Return code in 3.x (3.1.1, 3.2.2.3).
    pub return_code: u8,
    /// The server's limits and the reason (3.2.2.3).
    pub properties: Properties<'a>,
}

impl<'a> Connack<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// Properties that CONNACK can not carry, or any in 3.x.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        write(out, PacketType::Connack.first_byte(), |out| {
            out.extend_from_slice(&[u8::from(self.session_present), self.return_code]);
            write_properties(&self.properties, PacketType::Connack, version, out)
        })
    }

    pub(crate) fn decode(
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let flags = body.u8()?;
        // 3.1 has a reserved byte here, which servers fill as they like.
        if flags & 0xFE != 0 && version != ProtocolVersion::V3_1 {
            return Err(DecodeError::malformed("a reserved flag of CONNACK is set"));
        }
        let session_present = flags & 1 != 0 && version != ProtocolVersion::V3_1;
        let return_code = body.u8()?;
        // A server that does not know 5.0 answers in the form of 3.x: two bytes and no properties.
        let old_form = !version.is_v5() || (body.is_empty() && return_code != 0);
        let reason_code = if old_form {
            ReasonCode::from_connack_return_code(return_code)
        } else {
            ReasonCode::from_value(return_code)
        };
        if !old_form && !reason_code.may_stand_in(PacketType::Connack) {
            return Err(DecodeError::malformed("a reason code that CONNACK does not have"));
        }
        if session_present && reason_code != ReasonCode::SUCCESS {
            // [MQTT-3.2.2-6] (5.0), [MQTT-3.2.2-4] (3.1.1)
            return Err(DecodeError::protocol("Session Present in a CONNACK that refuses"));
        }
        let properties = if old_form {
            Properties::EMPTY
        } else {
            read_properties(&mut body, PacketType::Connack, version)?
        };
        body.end()?;
        Ok(Self { session_present, reason_code, return_code, properties })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, decode_from_server};
    use super::*;

    fn decode(bytes: &[u8], version: ProtocolVersion) -> Result<Connack<'_>, DecodeError> {
        match decode_from_server(bytes, version)? {
            Packet::Connack(connack) => Ok(connack),
            _ => Err(DecodeError::protocol("not a CONNACK")),
        }
    }

    #[test]
    fn a_refusal_in_the_old_form_is_understood_by_a_5_0_client() {
        let connack = decode(&[0x20, 2, 0, 1], ProtocolVersion::V5_0).unwrap();
        assert_eq!(connack.reason_code, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
        assert!(decode(&[0x20, 2, 0, 0], ProtocolVersion::V5_0).is_err());
    }

    /// [MQTT-3.2.2-1] [MQTT-3.2.2-6] (5.0), [MQTT-3.2.2-4] (3.1.1)
    #[test]
    fn flags_and_session_present_are_checked() {
        assert!(decode(&[0x20, 3, 2, 0, 0], ProtocolVersion::V5_0).is_err());
        assert!(decode(&[0x20, 3, 1, 0x87, 0], ProtocolVersion::V5_0).is_err());
        assert!(decode(&[0x20, 2, 1, 5], ProtocolVersion::V3_1_1).is_err());
        assert!(decode(&[0x20, 2, 1, 0], ProtocolVersion::V3_1_1).unwrap().session_present);
        assert!(decode(&[0x20, 3, 1, 0, 0], ProtocolVersion::V5_0).unwrap().session_present);
    }

    #[test]
    fn codes_of_other_packets_are_refused() {
        assert!(decode(&[0x20, 3, 0, 0x8E, 0], ProtocolVersion::V5_0).is_err());
        assert!(decode(&[0x20, 3, 0, 0x01, 0], ProtocolVersion::V5_0).is_err());
        assert!(
            decode(&[0x20, 2, 0, 128], ProtocolVersion::V3_1_1).unwrap().reason_code.is_error()
        );
    }
}
