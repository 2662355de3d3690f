//! AUTH (5.0, 3.15): a step of enhanced authentication.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::Reader;
use super::{DecodeError, EncodeError, PacketType, Properties, ProtocolVersion, ReasonCode};

/// A step of the authentication exchange (4.12).
///
/// ```
/// use wasmqtt::codec::{Auth, ProtocolVersion, PropertiesBuf, Property, ReasonCode};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::AuthenticationMethod("SCRAM-SHA-256"))?;
/// properties.push(Property::AuthenticationData(b"c=biws,r=..."))?;
/// let auth = Auth {
///     reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
///     properties: properties.as_properties(),
/// };
/// let mut bytes = Vec::new();
/// auth.encode(ProtocolVersion::V5_0, &mut bytes)?;
/// assert_eq!(bytes[0], 0xF0);
/// assert!(auth.encode(ProtocolVersion::V3_1_1, &mut bytes).is_err()); // only 5.0 has it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Auth<'a> {
    /// Success, continue, or re-authenticate.
    pub reason_code: ReasonCode,
    /// The method and its data.
    pub properties: Properties<'a>,
}

impl<'a> Auth<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// Any version below 5.0; a code or property that AUTH can not carry.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !version.is_v5() {
            return Err(EncodeError::NotInThisVersion);
        }
        if !self.reason_code.may_stand_in(PacketType::Auth) {
            return Err(EncodeError::PropertyOutOfRange);
        }
        write(out, PacketType::Auth.first_byte(), |out| {
            if self.properties.is_empty() && self.reason_code == ReasonCode::SUCCESS {
                return Ok(());
            }
            out.push(self.reason_code.value());
            write_properties(&self.properties, PacketType::Auth, version, out)
        })
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, DecodeError> {
        if body.is_empty() {
            return Ok(Self { reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY });
        }
        let reason_code = ReasonCode::from_value(body.u8()?);
        if !reason_code.may_stand_in(PacketType::Auth) {
            // [MQTT-3.15.2-1]
            return Err(DecodeError::malformed("a reason code that AUTH does not have"));
        }
        let properties = read_properties(&mut body, PacketType::Auth, ProtocolVersion::V5_0)?;
        body.end()?;
        Ok(Self { reason_code, properties })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, PropertiesBuf, Property, decode_from_server};
    use super::*;
    use alloc::vec;

    #[test]
    fn an_exchange_comes_back_as_it_was_written() {
        let mut properties = PropertiesBuf::new();
        properties.push(Property::AuthenticationMethod("SCRAM")).unwrap();
        properties.push(Property::AuthenticationData(&[1, 2])).unwrap();
        let auth = Auth {
            reason_code: ReasonCode::CONTINUE_AUTHENTICATION,
            properties: properties.as_properties(),
        };
        let mut out = vec![];
        auth.encode(ProtocolVersion::V5_0, &mut out).unwrap();
        assert_eq!(decode_from_server(&out, ProtocolVersion::V5_0), Ok(Packet::Auth(auth)));
        assert!(auth.encode(ProtocolVersion::V3_1_1, &mut out).is_err());
        assert!(decode_from_server(&[0xF0, 2, 0x80, 0], ProtocolVersion::V5_0).is_err());
    }
}
