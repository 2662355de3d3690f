//! Properties (5.0, 2.2.2), in one table: identifier, name, form, and the packets each may stand in.
//!
//! A block of properties stays as it stands on the wire: checked once, read by walking it. It does
//! not know what a property means.

use alloc::vec::Vec;
use core::num::{NonZeroU16, NonZeroU32};

use super::wire::{self, Reader};
use super::{DecodeError, EncodeError, PacketType};

const WILL: u16 = 1; // Packet type 0 is reserved, so its bit stands for the Will Properties.
const CONNECT: u16 = PacketType::Connect.bit();
const CONNACK: u16 = PacketType::Connack.bit();
const PUBLISH: u16 = PacketType::Publish.bit();
const SUBSCRIBE: u16 = PacketType::Subscribe.bit();
const SUBACKS: u16 = PacketType::Suback.bit() | PacketType::Unsuback.bit();
const PUBACKS: u16 = PacketType::Puback.bit()
    | PacketType::Pubrec.bit()
    | PacketType::Pubrel.bit()
    | PacketType::Pubcomp.bit();
const DISCONNECT: u16 = PacketType::Disconnect.bit();
const AUTH: u16 = PacketType::Auth.bit();
const ANY: u16 = !(PacketType::Pingreq.bit() | PacketType::Pingresp.bit());

/// Where a block of properties stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Packet(PacketType),
    Will,
}

impl Place {
    const fn bit(self) -> u16 {
        match self {
            Self::Packet(packet) => packet.bit(),
            Self::Will => WILL,
        }
    }
}

/// How a value is read and written. One trait so that the table needs only a type.
trait Form<'a>: Sized {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

impl<'a> Form<'a> for bool {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::protocol("a property that is 0 or 1 has another value")),
        }
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.push(u8::from(self));
        Ok(())
    }
}

impl<'a> Form<'a> for u16 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.u16()
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_u16(out, self);
        Ok(())
    }
}

impl<'a> Form<'a> for u32 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.u32()
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.to_be_bytes());
        Ok(())
    }
}

impl<'a> Form<'a> for NonZeroU16 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        NonZeroU16::new(reader.u16()?)
            .ok_or(DecodeError::protocol("a property that can not be 0 is 0"))
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.get().write(out)
    }
}

impl<'a> Form<'a> for NonZeroU32 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        NonZeroU32::new(reader.u32()?)
            .ok_or(DecodeError::protocol("a property that can not be 0 is 0"))
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.get().write(out)
    }
}

impl<'a> Form<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.string()
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_string(out, self)
    }
}

impl<'a> Form<'a> for &'a [u8] {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.binary()
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_binary(out, self)
    }
}

impl<'a> Form<'a> for (&'a str, &'a str) {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok((reader.string()?, reader.string()?))
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_string(out, self.0)?;
        wire::put_string(out, self.1)
    }
}

/// A Variable Byte Integer that can not be 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubscriptionIdentifier(u32);

impl SubscriptionIdentifier {
    /// From 1 to 268,435,455 (5.0, 3.8.2.1.2).
    pub const fn new(value: u32) -> Option<Self> {
        if value == 0 || value > wire::VARINT_MAX { None } else { Some(Self(value)) }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<'a> Form<'a> for SubscriptionIdentifier {
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::new(reader.varint()?).ok_or(DecodeError::protocol("the Subscription Identifier is 0"))
    }
    fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        wire::put_varint(out, self.0);
        Ok(())
    }
}

macro_rules! properties {
    ($($id:literal $name:ident $getter:ident ($($form:tt)+) in $places:expr, $doc:literal;)+) => {
        /// A property and its value (5.0, 2.2.2.2).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Property<'a> {
            $(#[doc = $doc] $name($($form)+),)+
        }

        impl<'a> Property<'a> {
            fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
                match reader.u8()? {
                    $($id => Ok(Self::$name(Form::read(reader)?)),)+
                    _ => Err(DecodeError::malformed("a property is unknown")),
                }
            }

            fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                match self {
                    $(Self::$name(value) => { out.push($id); value.write(out) })+
                }
            }

            const fn identifier(&self) -> u8 {
                match self { $(Self::$name(_) => $id,)+ }
            }

            const fn places(&self) -> u16 {
                match self { $(Self::$name(_) => $places,)+ }
            }
        }

        impl<'a> Properties<'a> {
            $(
                #[doc = $doc]
                pub fn $getter(&self) -> Option<$($form)+> {
                    self.iter().find_map(|property| match property {
                        Property::$name(value) => Some(value),
                        _ => None,
                    })
                }
            )+
        }
    };
}

properties! {
    0x01 PayloadFormatIndicator payload_format_indicator (bool) in PUBLISH | WILL, "True: the payload is UTF-8 text (3.3.2.3.2).";
    0x02 MessageExpiryInterval message_expiry_interval (u32) in PUBLISH | WILL, "Lifetime of the message in seconds (3.3.2.3.3).";
    0x03 ContentType content_type (&'a str) in PUBLISH | WILL, "What the payload is (3.3.2.3.9).";
    0x08 ResponseTopic response_topic (&'a str) in PUBLISH | WILL, "Topic Name for a response (3.3.2.3.5).";
    0x09 CorrelationData correlation_data (&'a [u8]) in PUBLISH | WILL, "Identifies the request of a response (3.3.2.3.6).";
    0x0B SubscriptionIdentifier subscription_identifier (SubscriptionIdentifier) in PUBLISH | SUBSCRIBE, "Number of the subscription (3.8.2.1.2).";
    0x11 SessionExpiryInterval session_expiry_interval (u32) in CONNECT | CONNACK | DISCONNECT, "Seconds the session is kept after the connection (3.1.2.11.2).";
    0x12 AssignedClientIdentifier assigned_client_identifier (&'a str) in CONNACK, "Client Identifier given by the server (3.2.2.3.7).";
    0x13 ServerKeepAlive server_keep_alive (u16) in CONNACK, "Keep Alive in seconds to use instead (3.2.2.3.14).";
    0x15 AuthenticationMethod authentication_method (&'a str) in CONNECT | CONNACK | AUTH, "Name of the authentication method (4.12).";
    0x16 AuthenticationData authentication_data (&'a [u8]) in CONNECT | CONNACK | AUTH, "Data of the authentication method (4.12).";
    0x17 RequestProblemInformation request_problem_information (bool) in CONNECT, "Whether reasons may stand in any packet (3.1.2.11.7).";
    0x18 WillDelayInterval will_delay_interval (u32) in WILL, "Seconds until the will is published (3.1.3.2.2).";
    0x19 RequestResponseInformation request_response_information (bool) in CONNECT, "Asks for Response Information (3.1.2.11.6).";
    0x1A ResponseInformation response_information (&'a str) in CONNACK, "Basis of a Response Topic (3.2.2.3.15).";
    0x1C ServerReference server_reference (&'a str) in CONNACK | DISCONNECT, "Another server to use (4.11).";
    0x1F ReasonString reason_string (&'a str) in CONNACK | PUBACKS | SUBACKS | DISCONNECT | AUTH, "The reason, for people.";
    0x21 ReceiveMaximum receive_maximum (NonZeroU16) in CONNECT | CONNACK, "QoS 1 and 2 publishes that may be unacknowledged (3.1.2.11.3).";
    0x22 TopicAliasMaximum topic_alias_maximum (u16) in CONNECT | CONNACK, "Greatest Topic Alias accepted (3.1.2.11.5).";
    0x23 TopicAlias topic_alias (u16) in PUBLISH, "Number that stands for the Topic Name (3.3.2.3.4).";
    0x24 MaximumQoS maximum_qos (bool) in CONNACK, "Greatest QoS the server supports: false 0, true 1 (3.2.2.3.4).";
    0x25 RetainAvailable retain_available (bool) in CONNACK, "Whether the server retains messages (3.2.2.3.5).";
    0x26 UserProperty user_property ((&'a str, &'a str)) in ANY, "A name and a value of the application's.";
    0x27 MaximumPacketSize maximum_packet_size (NonZeroU32) in CONNECT | CONNACK, "Greatest packet accepted, in bytes (3.1.2.11.4).";
    0x28 WildcardSubscriptionAvailable wildcard_subscription_available (bool) in CONNACK, "Whether wildcards are supported (3.2.2.3.11).";
    0x29 SubscriptionIdentifierAvailable subscription_identifier_available (bool) in CONNACK, "Whether Subscription Identifiers are supported (3.2.2.3.12).";
    0x2A SharedSubscriptionAvailable shared_subscription_available (bool) in CONNACK, "Whether shared subscriptions are supported (3.2.2.3.13).";
}

impl Property<'_> {
    /// User Property anywhere; Subscription Identifier in a PUBLISH (3.3.2.3.8).
    fn may_repeat(&self, place: u16) -> bool {
        match self {
            Self::UserProperty(_) => true,
            Self::SubscriptionIdentifier(_) => place & PUBLISH != 0,
            _ => false,
        }
    }
}

/// The properties of one packet, as they stand on the wire.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Properties<'a> {
    bytes: &'a [u8],
}

impl<'a> Properties<'a> {
    /// No properties.
    pub const EMPTY: Properties<'static> = Properties { bytes: &[] };

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes, without the length in front.
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// As on the wire, without the length in front.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A copy that can be added to.
    pub fn to_buf(&self) -> PropertiesBuf {
        PropertiesBuf { bytes: self.bytes.to_vec() }
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = Property<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        core::iter::from_fn(move || {
            if reader.is_empty() {
                return None;
            }
            Property::read(&mut reader).ok()
        })
    }

    /// All User Properties, in order and with repeats.
    pub fn user_properties(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.iter().filter_map(|property| match property {
            Property::UserProperty(pair) => Some(pair),
            _ => None,
        })
    }

    /// All Subscription Identifiers of a PUBLISH (3.3.2.3.8).
    pub fn subscription_identifiers(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.iter().filter_map(|property| match property {
            Property::SubscriptionIdentifier(identifier) => Some(identifier.get()),
            _ => None,
        })
    }

    /// Reads a block with its length and checks all of it.
    pub(crate) fn decode(reader: &mut Reader<'a>, place: Place) -> Result<Self, DecodeError> {
        let len = reader.varint()?;
        let bytes = reader.take(len as usize)?;
        let mut block = Reader::new(bytes);
        let mut seen = 0u64;
        while !block.is_empty() {
            let property = Property::read(&mut block)?;
            if property.places() & place.bit() == 0 {
                return Err(DecodeError::malformed(
                    "a property stands in a packet where it may not",
                ));
            }
            let bit = 1u64 << property.identifier();
            if seen & bit != 0 && !property.may_repeat(place.bit()) {
                return Err(DecodeError::protocol("a property stands twice"));
            }
            seen |= bit;
        }
        if seen & (1 << 0x16) != 0 && seen & (1 << 0x15) == 0 {
            return Err(DecodeError::protocol(
                "Authentication Data without an Authentication Method",
            ));
        }
        Ok(Self { bytes })
    }

    /// Bytes with the length in front.
    pub(crate) fn encoded_len(&self) -> usize {
        wire::varint_len(self.bytes.len() as u32) + self.bytes.len()
    }

    #[inline]
    pub(crate) fn encode(&self, place: Place, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if self.is_empty() {
            out.push(0);
            return Ok(());
        }
        for property in self.iter() {
            if property.places() & place.bit() == 0 {
                return Err(EncodeError::PropertyNotAllowed);
            }
        }
        wire::put_varint(out, self.bytes.len() as u32);
        out.extend_from_slice(self.bytes);
        Ok(())
    }
}

/// Properties under construction.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct PropertiesBuf {
    bytes: Vec<u8>,
}

impl PropertiesBuf {
    /// No properties.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Properties as they stand on the wire, without the length in front. Where each may stand is checked
    /// when the packet is encoded.
    ///
    /// # Errors
    /// [`EncodeError::PropertyOutOfRange`] for bytes that are none.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, EncodeError> {
        let mut block = Reader::new(bytes);
        while !block.is_empty() {
            Property::read(&mut block).map_err(|_| EncodeError::PropertyOutOfRange)?;
        }
        Ok(Self { bytes: bytes.into() })
    }

    /// Adds a property. Where it may stand is checked when the packet is encoded.
    ///
    /// # Errors
    /// A string too long or with U+0000, or a single property given twice.
    pub fn push(&mut self, property: Property<'_>) -> Result<(), EncodeError> {
        let id = property.identifier();
        if !property.may_repeat(PUBLISH)
            && self.as_properties().iter().any(|other| other.identifier() == id)
        {
            return Err(EncodeError::PropertyRepeated);
        }
        let before = self.bytes.len();
        let written = property.write(&mut self.bytes);
        if written.is_err() {
            self.bytes.truncate(before);
        }
        written
    }

    /// Becomes a copy of these.
    pub(crate) fn copy(&mut self, properties: Properties<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(properties.bytes);
    }

    /// The block, to be put in a packet.
    pub fn as_properties(&self) -> Properties<'_> {
        Properties { bytes: &self.bytes }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes held.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], packet: PacketType) -> Result<Properties<'_>, DecodeError> {
        Properties::decode(&mut Reader::new(bytes), Place::Packet(packet))
    }

    #[test]
    fn user_properties_keep_their_order_and_repeats() {
        let mut block = PropertiesBuf::new();
        for pair in [("b", "1"), ("a", "2"), ("b", "3")] {
            block.push(Property::UserProperty(pair)).unwrap();
        }
        let pairs: Vec<_> = block.as_properties().user_properties().collect();
        assert_eq!(pairs, [("b", "1"), ("a", "2"), ("b", "3")]);
    }

    #[test]
    fn a_single_property_given_twice_is_refused_both_ways() {
        let mut block = PropertiesBuf::new();
        block.push(Property::TopicAliasMaximum(1)).unwrap();
        assert_eq!(block.push(Property::TopicAliasMaximum(2)), Err(EncodeError::PropertyRepeated));
        let twice = [6, 0x22, 0, 1, 0x22, 0, 1];
        assert_eq!(
            decode(&twice, PacketType::Connack).map_err(|e| e.kind),
            Err(super::super::DecodeErrorKind::ProtocolError)
        );
    }

    #[test]
    fn a_property_in_a_foreign_packet_is_malformed() {
        assert!(decode(&[3, 0x13, 0, 9], PacketType::Connack).is_ok());
        assert!(decode(&[3, 0x13, 0, 9], PacketType::Publish).is_err());
        assert!(decode(&[1, 0x04], PacketType::Publish).is_err());
    }

    #[test]
    fn a_value_out_of_range_is_a_protocol_error() {
        assert!(decode(&[3, 0x21, 0, 0], PacketType::Connack).is_err());
        assert!(decode(&[2, 0x25, 2], PacketType::Connack).is_err());
        assert!(decode(&[2, 0x0B, 0], PacketType::Publish).is_err());
        assert!(decode(&[5, 0x27, 0, 0, 0, 0], PacketType::Connack).is_err());
    }

    #[test]
    fn a_publish_may_carry_several_subscription_identifiers() {
        let block = decode(&[4, 0x0B, 1, 0x0B, 7], PacketType::Publish).unwrap();
        assert_eq!(block.subscription_identifiers().collect::<Vec<_>>(), [1, 7]);
        assert!(decode(&[4, 0x0B, 1, 0x0B, 7], PacketType::Subscribe).is_err());
    }
}
