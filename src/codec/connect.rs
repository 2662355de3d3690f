//! CONNECT (3.1): what a client says first, with the will.

use alloc::vec::Vec;

use super::frame::write;
use super::property::Place;
use super::wire::{self, Reader};
use super::{DecodeError, EncodeError, PacketType, Properties, ProtocolVersion, QoS, TopicName};

/// The first packet of a connection.
///
/// ```
/// use wasmqtt::codec::{Connect, Properties, ProtocolVersion};
///
/// let connect = Connect {
///     version: ProtocolVersion::V3_1_1,
///     client_identifier: "a",
///     clean_start: true,
///     keep_alive: 60,
///     username: None,
///     password: None,
///     will: None,
///     properties: Properties::EMPTY,
/// };
/// let mut bytes = Vec::new();
/// connect.encode(&mut bytes)?;
/// assert_eq!(bytes, [0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 1, b'a']);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Connect<'a> {
    /// The version it is written in.
    pub version: ProtocolVersion,
    /// May be empty, where the server assigns one (3.1.3.1).
    pub client_identifier: &'a str,
    /// Clean Start, in 3.x Clean Session (3.1.2.4).
    pub clean_start: bool,
    /// Seconds; 0 is off (3.1.2.10).
    pub keep_alive: u16,
    /// User Name (3.1.3.5).
    pub username: Option<&'a str>,
    /// Password (3.1.3.6); without a User Name only in 5.0.
    pub password: Option<&'a [u8]>,
    /// The Will Message (3.1.2.5).
    pub will: Option<Will<'a>>,
    /// Properties of the connection (3.1.2.11).
    pub properties: Properties<'a>,
}

/// What the server publishes when the connection is lost (3.1.2.5).
///
/// ```
/// use wasmqtt::codec::{Properties, QoS, TopicName, Will};
///
/// let will = Will {
///     topic: TopicName::new("dashboards/1/status")?,
///     payload: b"gone",
///     qos: QoS::AtLeastOnce,
///     retain: true,
///     properties: Properties::EMPTY,
/// };
/// assert_eq!(will.topic.as_str(), "dashboards/1/status");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Will<'a> {
    /// Will Topic (3.1.3.3).
    pub topic: TopicName<'a>,
    /// Will Payload (3.1.3.4), 65,535 bytes at most.
    pub payload: &'a [u8],
    /// Will QoS (3.1.2.6).
    pub qos: QoS,
    /// Will Retain (3.1.2.7).
    pub retain: bool,
    /// Will Properties (3.1.3.2).
    pub properties: Properties<'a>,
}

const USERNAME: u8 = 0x80;
const PASSWORD: u8 = 0x40;
const WILL_RETAIN: u8 = 0x20;
const WILL: u8 = 0x04;
const CLEAN_START: u8 = 0x02;

impl<'a> Connect<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// A string too long, a password without a user name in 3.x [MQTT-3.1.2-22], properties in 3.x.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let v5 = self.version.is_v5();
        if !v5 && self.password.is_some() && self.username.is_none() {
            return Err(EncodeError::NotInThisVersion);
        }
        let mut flags = 0;
        if let Some(will) = &self.will {
            flags |= WILL | will.qos.value() << 3;
            if will.retain {
                flags |= WILL_RETAIN;
            }
        }
        for (set, flag) in [
            (self.username.is_some(), USERNAME),
            (self.password.is_some(), PASSWORD),
            (self.clean_start, CLEAN_START),
        ] {
            if set {
                flags |= flag;
            }
        }
        write(out, PacketType::Connect.first_byte(), |out| {
            wire::put_string(out, self.version.protocol_name())?;
            out.extend_from_slice(&[self.version.level(), flags]);
            wire::put_u16(out, self.keep_alive);
            put_properties(&self.properties, v5, Place::Packet(PacketType::Connect), out)?;
            wire::put_string(out, self.client_identifier)?;
            if let Some(will) = &self.will {
                put_properties(&will.properties, v5, Place::Will, out)?;
                wire::put_string(out, will.topic.as_str())?;
                wire::put_binary(out, will.payload)?;
            }
            if let Some(username) = self.username {
                wire::put_string(out, username)?;
            }
            if let Some(password) = self.password {
                wire::put_binary(out, password)?;
            }
            Ok(())
        })
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, DecodeError> {
        let name = body.string()?;
        let version = ProtocolVersion::from_level(body.u8()? & 0x7F)
            .filter(|version| version.protocol_name() == name)
            .ok_or(DecodeError {
                kind: super::DecodeErrorKind::ProtocolError,
                what: "the protocol name or version is unknown",
            })?;
        let flags = body.u8()?;
        if flags & 1 != 0 {
            // [MQTT-3.1.2-3]
            return Err(DecodeError::malformed("the reserved Connect Flag is set"));
        }
        let will_qos = QoS::from_value(flags >> 3 & 3)
            .ok_or(DecodeError::malformed("Will QoS 3 does not exist"))?;
        if flags & WILL == 0 && (will_qos != QoS::AtMostOnce || flags & WILL_RETAIN != 0) {
            // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
            return Err(DecodeError::malformed("Will QoS or Will Retain without a will"));
        }
        if !version.is_v5() && flags & (USERNAME | PASSWORD) == PASSWORD {
            return Err(DecodeError::malformed("a password without a user name"));
        }
        let keep_alive = body.u16()?;
        let properties = read_properties(&mut body, version, Place::Packet(PacketType::Connect))?;
        let client_identifier = body.string()?;
        let will = if flags & WILL == 0 {
            None
        } else {
            let properties = read_properties(&mut body, version, Place::Will)?;
            let topic = TopicName::new(body.string()?)
                .map_err(|_| DecodeError::malformed("the Will Topic is not a Topic Name"))?;
            Some(Will {
                topic,
                payload: body.binary()?,
                qos: will_qos,
                retain: flags & WILL_RETAIN != 0,
                properties,
            })
        };
        let username = if flags & USERNAME == 0 { None } else { Some(body.string()?) };
        let password = if flags & PASSWORD == 0 { None } else { Some(body.binary()?) };
        body.end()?;
        Ok(Self {
            version,
            client_identifier,
            clean_start: flags & CLEAN_START != 0,
            keep_alive,
            username,
            password,
            will,
            properties,
        })
    }
}

fn put_properties(
    properties: &Properties<'_>,
    v5: bool,
    place: Place,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if v5 {
        properties.encode(place, out)
    } else if properties.is_empty() {
        Ok(())
    } else {
        Err(EncodeError::PropertyNotAllowed)
    }
}

fn read_properties<'a>(
    body: &mut Reader<'a>,
    version: ProtocolVersion,
    place: Place,
) -> Result<Properties<'a>, DecodeError> {
    if version.is_v5() { Properties::decode(body, place) } else { Ok(Properties::EMPTY) }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, decode_from_client};
    use super::*;
    use alloc::vec;

    fn minimal(version: ProtocolVersion) -> Connect<'static> {
        Connect {
            version,
            client_identifier: "a",
            clean_start: true,
            keep_alive: 60,
            username: None,
            password: None,
            will: None,
            properties: Properties::EMPTY,
        }
    }

    /// [MQTT-3.1.2-1] (5.0), [MQTT-3.1.2-2] (3.1.1)
    #[test]
    fn each_version_has_its_name_and_level() {
        let bytes = |version| {
            let mut out = vec![];
            minimal(version).encode(&mut out).unwrap();
            out
        };
        assert_eq!(
            bytes(ProtocolVersion::V3_1),
            b"\x10\x0F\x00\x06MQIsdp\x03\x02\x00\x3C\x00\x01a"
        );
        assert_eq!(
            bytes(ProtocolVersion::V3_1_1),
            b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x3C\x00\x01a"
        );
        assert_eq!(
            bytes(ProtocolVersion::V5_0),
            b"\x10\x0E\x00\x04MQTT\x05\x02\x00\x3C\x00\x00\x01a"
        );
    }

    #[test]
    fn will_and_credentials_come_back_as_they_were_written() {
        let connect = Connect {
            username: Some("u"),
            password: Some(&[0, 255]),
            will: Some(Will {
                topic: TopicName::new("w").unwrap(),
                payload: b"gone",
                qos: QoS::ExactlyOnce,
                retain: true,
                properties: Properties::EMPTY,
            }),
            ..minimal(ProtocolVersion::V5_0)
        };
        let mut out = vec![];
        connect.encode(&mut out).unwrap();
        assert_eq!(out.get(9), Some(&0b1111_0110));
        assert_eq!(decode_from_client(&out, ProtocolVersion::V5_0), Ok(Packet::Connect(connect)));
    }

    /// [MQTT-3.1.2-22] (3.1.1)
    #[test]
    fn a_password_without_a_user_name_exists_in_5_0_only() {
        let connect = |version| Connect { password: Some(b"p"), ..minimal(version) };
        assert!(connect(ProtocolVersion::V5_0).encode(&mut vec![]).is_ok());
        let mut out = vec![7];
        assert!(connect(ProtocolVersion::V3_1_1).encode(&mut out).is_err());
        assert_eq!(out, [7]);
    }
}
