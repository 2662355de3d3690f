//! What can be wrong with bytes from the network, and with a packet to be written.
//!
//! It does not know what happens next: the client layer decides that.

use super::ReasonCode;

/// A packet from the network that breaks the specification.
///
/// ```
/// use wasmqtt::codec::{DecodeErrorKind, ProtocolVersion, locate};
///
/// let error = locate(&[0x00, 0], ProtocolVersion::V5_0, None).unwrap_err(); // type 0 is reserved
/// assert_eq!(error.kind, DecodeErrorKind::MalformedPacket);
/// assert_eq!(error.reason_code().value(), 0x81); // to be said in DISCONNECT
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// What sort of breach it is.
    pub kind: DecodeErrorKind,
    /// The breach in a few words, for people.
    pub what: &'static str,
}

/// The sorts of breach, each with a reason code of its own (5.0, 4.13).
///
/// ```
/// use wasmqtt::codec::{DecodeErrorKind, ProtocolVersion, locate};
///
/// let long = [0x30, 0xFF, 0x7F]; // a PUBLISH of 16,386 bytes
/// let error = locate(&long, ProtocolVersion::V5_0, Some(1024)).unwrap_err();
/// assert_eq!(error.kind, DecodeErrorKind::PacketTooLarge);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeErrorKind {
    /// The bytes can not be parsed.
    MalformedPacket,
    /// The bytes can be parsed, and say what they may not say.
    ProtocolError,
    /// The packet is longer than the Maximum Packet Size that was announced.
    PacketTooLarge,
    /// A Topic Alias of 0.
    TopicAliasInvalid,
}

impl DecodeError {
    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self { kind: DecodeErrorKind::MalformedPacket, what }
    }

    pub(crate) const fn protocol(what: &'static str) -> Self {
        Self { kind: DecodeErrorKind::ProtocolError, what }
    }

    /// The code to put in DISCONNECT (5.0, 4.13.1).
    pub const fn reason_code(self) -> ReasonCode {
        match self.kind {
            DecodeErrorKind::MalformedPacket => ReasonCode::MALFORMED_PACKET,
            DecodeErrorKind::ProtocolError => ReasonCode::PROTOCOL_ERROR,
            DecodeErrorKind::PacketTooLarge => ReasonCode::PACKET_TOO_LARGE,
            DecodeErrorKind::TopicAliasInvalid => ReasonCode::TOPIC_ALIAS_INVALID,
        }
    }
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.what)
    }
}

impl core::error::Error for DecodeError {}

/// A packet that can not be written.
///
/// ```
/// use wasmqtt::codec::{EncodeError, PropertiesBuf, Property};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::ContentType("text/plain"))?;
/// let twice = properties.push(Property::ContentType("text/html"));
/// assert_eq!(twice, Err(EncodeError::PropertyRepeated));
/// # Ok::<(), EncodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EncodeError {
    /// A string or binary value is longer than 65,535 bytes.
    StringTooLong,
    /// A string holds U+0000 [MQTT-1.5.4-2].
    InvalidString,
    /// The packet is longer than 268,435,455 bytes after its fixed header.
    PacketTooLarge,
    /// The property may not stand in this packet, or not in this version.
    PropertyNotAllowed,
    /// A property that may stand once stands twice.
    PropertyRepeated,
    /// A property's value is out of its range.
    PropertyOutOfRange,
    /// A SUBSCRIBE or UNSUBSCRIBE without a Topic Filter, or a SUBACK without a code.
    EmptyList,
    /// A packet identifier where none belongs, or none where one belongs.
    PacketIdentifier,
    /// A combination of fields that the version does not have.
    NotInThisVersion,
}

impl EncodeError {
    /// The error in a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StringTooLong => "a string or binary value is longer than 65,535 bytes",
            Self::InvalidString => "a string holds U+0000",
            Self::PacketTooLarge => "the packet is longer than 268,435,455 bytes",
            Self::PropertyNotAllowed => "a property that this packet can not carry",
            Self::PropertyRepeated => "a property stands twice",
            Self::PropertyOutOfRange => "a property is out of its range",
            Self::EmptyList => "a packet with an empty list",
            Self::PacketIdentifier => "a packet identifier is missing or out of place",
            Self::NotInThisVersion => "this version of MQTT can not say that",
        }
    }
}

impl core::fmt::Display for EncodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for EncodeError {}
