//! The properties of one packet (5.0, 2.2.2). A block stays as it stands on the wire: checked once, read
//! by walking it. It does not know what a property means.

use alloc::vec::Vec;
use core::num::{NonZeroU16, NonZeroU32};

use super::property::{PUBLISH, Place, Property, SubscriptionIdentifier};
use super::property_table::property_table;
use super::wire::{self, Reader};
use super::{DecodeError, EncodeError};

/// The properties of one packet, as they stand on the wire.
///
/// ```
/// use wasmqtt::codec::{PropertiesBuf, Property};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::ContentType("application/json"))?;
/// properties.push(Property::UserProperty(("unit", "°C")))?;
/// let block = properties.as_properties();
/// assert_eq!(block.content_type(), Some("application/json"));
/// assert_eq!(block.user_properties().collect::<Vec<_>>(), [("unit", "°C")]);
/// assert_eq!(block.iter().count(), 2);
/// # Ok::<(), wasmqtt::codec::EncodeError>(())
/// ```
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
///
/// ```
/// use wasmqtt::codec::{PropertiesBuf, Property};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::MessageExpiryInterval(60))?;
/// assert_eq!(properties.as_properties().message_expiry_interval(), Some(60));
/// assert_eq!(PropertiesBuf::from_wire(&[0x02, 0, 0, 0, 60])?, properties);
/// # Ok::<(), wasmqtt::codec::EncodeError>(())
/// ```
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

macro_rules! getters {
    ($($id:literal $name:ident $getter:ident ($($form:tt)+) in $places:expr, $doc:literal;)+) => {
        impl<'a> Properties<'a> {
            /// The first of that kind.
            fn first(&self, identifier: u8) -> Option<Property<'a>> {
                self.iter().find(|property| property.identifier() == identifier)
            }

            $(
                #[doc = $doc]
                pub fn $getter(&self) -> Option<$($form)+> {
                    match self.first($id)? {
                        Property::$name(value) => Some(value),
                        _ => None,
                    }
                }
            )+
        }
    };
}

property_table!(getters);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::PacketType;

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
