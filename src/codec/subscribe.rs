//! SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10), with the options of a subscription.

use alloc::vec::Vec;

use super::frame::{read_properties, write, write_properties};
use super::wire::{self, Reader};
use super::{
    DecodeError, EncodeError, PacketIdentifier, PacketType, Properties, ProtocolVersion, QoS,
    TopicFilter,
};

/// When retained messages are sent (3.8.3.1).
///
/// ```
/// use wasmqtt::codec::RetainHandling;
///
/// assert_eq!(RetainHandling::default(), RetainHandling::SendAtSubscribe);
/// assert_eq!(RetainHandling::from_value(3), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RetainHandling {
    /// 0: at each subscribe.
    #[default]
    SendAtSubscribe = 0,
    /// 1: if the subscription did not exist.
    SendIfNew = 1,
    /// 2: never.
    DoNotSend = 2,
}

impl RetainHandling {
    /// From the value on the wire; 3 does not exist.
    pub const fn from_value(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::SendAtSubscribe),
            1 => Some(Self::SendIfNew),
            2 => Some(Self::DoNotSend),
            _ => None,
        }
    }
}

/// Subscription Options (3.8.3.1). 3.x has the QoS alone.
///
/// ```
/// use wasmqtt::codec::{QoS, SubscriptionOptions};
///
/// let options = SubscriptionOptions { no_local: true, ..SubscriptionOptions::new(QoS::AtLeastOnce) };
/// assert!(!options.is_plain()); // 3.x has no No Local
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct SubscriptionOptions {
    /// Greatest QoS wanted.
    pub qos: QoS,
    /// Do not send back what this client publishes.
    pub no_local: bool,
    /// Keep the RETAIN flag as published.
    pub retain_as_published: bool,
    /// When retained messages are sent.
    pub retain_handling: RetainHandling,
}

impl SubscriptionOptions {
    /// The defaults of 5.0 with this QoS.
    pub const fn new(qos: QoS) -> Self {
        Self {
            qos,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::SendAtSubscribe,
        }
    }

    /// Whether 3.x can say it too.
    pub const fn is_plain(&self) -> bool {
        !self.no_local
            && !self.retain_as_published
            && matches!(self.retain_handling, RetainHandling::SendAtSubscribe)
    }

    /// As on the wire; `None` for what cannot be.
    pub(crate) fn from_stored(byte: u8, filter: TopicFilter<'_>) -> Option<Self> {
        Self::from_byte(byte, filter, ProtocolVersion::V5_0).ok()
    }

    /// As on the wire.
    pub(crate) const fn byte(self) -> u8 {
        self.qos.value()
            | (self.no_local as u8) << 2
            | (self.retain_as_published as u8) << 3
            | (self.retain_handling as u8) << 4
    }

    fn from_byte(
        byte: u8,
        filter: TopicFilter<'_>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let reserved = if version.is_v5() { 0xC0 } else { 0xFC };
        if byte & reserved != 0 {
            return Err(DecodeError::malformed(
                "a reserved bit of the Subscription Options is set",
            ));
        }
        let options = Self {
            qos: QoS::from_value(byte & 3).ok_or(DecodeError::protocol("QoS 3 does not exist"))?,
            no_local: byte & 4 != 0,
            retain_as_published: byte & 8 != 0,
            retain_handling: RetainHandling::from_value(byte >> 4 & 3)
                .ok_or(DecodeError::protocol("Retain Handling 3 does not exist"))?,
        };
        if options.no_local && filter.share_name().is_some() {
            // [MQTT-3.8.3-4]
            return Err(DecodeError::protocol("No Local on a shared subscription"));
        }
        Ok(options)
    }
}

/// A Topic Filter with its options.
///
/// ```
/// use wasmqtt::codec::{QoS, Subscription, SubscriptionOptions, TopicFilter};
///
/// let subscription = Subscription {
///     filter: TopicFilter::new("plant/+/temperature")?,
///     options: SubscriptionOptions::new(QoS::AtLeastOnce),
/// };
/// assert!(subscription.filter.has_wildcard());
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subscription<'a> {
    /// What is asked for.
    pub filter: TopicFilter<'a>,
    /// How.
    pub options: SubscriptionOptions,
}

/// A request for one or more subscriptions.
///
/// ```
/// use wasmqtt::codec::{
///     PacketIdentifier, Properties, ProtocolVersion, QoS, Subscribe, Subscription,
///     SubscriptionOptions, Subscriptions, TopicFilter,
/// };
///
/// let wanted = [Subscription {
///     filter: TopicFilter::new("a/#")?,
///     options: SubscriptionOptions::new(QoS::AtLeastOnce),
/// }];
/// let subscribe = Subscribe {
///     packet_identifier: PacketIdentifier::new(7).ok_or("0 is none")?,
///     properties: Properties::EMPTY,
///     subscriptions: Subscriptions::List(&wanted),
/// };
/// let mut bytes = Vec::new();
/// subscribe.encode(ProtocolVersion::V3_1_1, &mut bytes)?;
/// assert_eq!(bytes, [0x82, 8, 0, 7, 0, 3, b'a', b'/', b'#', 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subscribe<'a> {
    /// Answered by the SUBACK with the same one.
    pub packet_identifier: PacketIdentifier,
    /// Subscription Identifier and User Properties.
    pub properties: Properties<'a>,
    /// At least one [MQTT-3.8.3-2].
    pub subscriptions: Subscriptions<'a>,
}

/// The list of a SUBSCRIBE: given by the application, or as it stands on the wire.
///
/// ```
/// use wasmqtt::codec::{Subscription, SubscriptionOptions, Subscriptions, TopicFilter};
///
/// let wanted =
///     [Subscription { filter: TopicFilter::new("a")?, options: SubscriptionOptions::default() }];
/// assert_eq!(Subscriptions::List(&wanted).iter().count(), 1);
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Subscriptions<'a> {
    /// To be written.
    List(&'a [Subscription<'a>]),
    /// As read, checked.
    Wire(&'a [u8], ProtocolVersion),
}

impl<'a> Subscriptions<'a> {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = Subscription<'a>> + use<'a> {
        let (list, wire, version) = match *self {
            Self::List(list) => (list, &[][..], ProtocolVersion::V5_0),
            Self::Wire(bytes, version) => (&[][..], bytes, version),
        };
        let mut reader = Reader::new(wire);
        let read = core::iter::from_fn(move || {
            if reader.is_empty() {
                return None;
            }
            let filter = TopicFilter::checked(reader.string().ok()?);
            let options =
                SubscriptionOptions::from_byte(reader.u8().ok()?, filter, version).ok()?;
            Some(Subscription { filter, options })
        });
        list.iter().copied().chain(read)
    }
}

impl PartialEq for Subscriptions<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Subscriptions<'_> {}

impl<'a> Subscribe<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// An empty list, options that 3.x does not have, properties in 3.x.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let list = self.subscriptions.iter().map(|it| (it.filter.as_str(), it.options));
        let (identifier, properties) = (self.packet_identifier, &self.properties);
        encode_filters(PacketType::Subscribe, identifier, properties, list, version, out)
    }

    pub(crate) fn decode(
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let packet_identifier = PacketIdentifier::decode(&mut body)?;
        let properties = read_properties(&mut body, PacketType::Subscribe, version)?;
        let bytes = body.rest();
        let mut list = Reader::new(bytes);
        if list.is_empty() {
            return Err(DecodeError::protocol("a SUBSCRIBE without a Topic Filter"));
        }
        while !list.is_empty() {
            let filter = read_filter(&mut list)?;
            SubscriptionOptions::from_byte(list.u8()?, filter, version)?;
        }
        Ok(Self {
            packet_identifier,
            properties,
            subscriptions: Subscriptions::Wire(bytes, version),
        })
    }
}

/// A SUBSCRIBE, or an UNSUBSCRIBE, which has no options.
///
/// # Errors
/// As [`Subscribe::encode`].
pub(crate) fn encode_filters<'a>(
    packet: PacketType,
    packet_identifier: PacketIdentifier,
    properties: &Properties<'_>,
    list: impl Iterator<Item = (&'a str, SubscriptionOptions)>,
    version: ProtocolVersion,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    write(out, packet.first_byte(), |out| {
        wire::put_u16(out, packet_identifier.get());
        write_properties(properties, packet, version, out)?;
        let mut any = false;
        for (filter, options) in list {
            wire::put_string(out, filter)?;
            if packet == PacketType::Subscribe {
                if !version.is_v5() && !options.is_plain() {
                    return Err(EncodeError::NotInThisVersion);
                }
                out.push(options.byte());
            }
            any = true;
        }
        if any { Ok(()) } else { Err(EncodeError::EmptyList) }
    })
}

fn read_filter<'a>(reader: &mut Reader<'a>) -> Result<TopicFilter<'a>, DecodeError> {
    TopicFilter::new(reader.string()?)
        .map_err(|_| DecodeError::malformed("a Topic Filter is not one"))
}

/// The end of one or more subscriptions.
///
/// ```
/// use wasmqtt::codec::{
///     Filters, PacketIdentifier, Properties, ProtocolVersion, TopicFilter, Unsubscribe,
/// };
///
/// let unsubscribe = Unsubscribe {
///     packet_identifier: PacketIdentifier::new(8).ok_or("0 is none")?,
///     properties: Properties::EMPTY,
///     filters: Filters::List(&[TopicFilter::new("a")?]),
/// };
/// let mut bytes = Vec::new();
/// unsubscribe.encode(ProtocolVersion::V3_1_1, &mut bytes)?;
/// assert_eq!(bytes, [0xA2, 5, 0, 8, 0, 1, b'a']);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsubscribe<'a> {
    /// Answered by the UNSUBACK with the same one.
    pub packet_identifier: PacketIdentifier,
    /// User Properties.
    pub properties: Properties<'a>,
    /// At least one [MQTT-3.10.3-2].
    pub filters: Filters<'a>,
}

/// The list of an UNSUBSCRIBE: given by the application, or as it stands on the wire.
///
/// ```
/// use wasmqtt::codec::{Filters, TopicFilter};
///
/// let filters = [TopicFilter::new("a")?, TopicFilter::new("b/#")?];
/// let texts: Vec<&str> = Filters::List(&filters).iter().map(TopicFilter::as_str).collect();
/// assert_eq!(texts, ["a", "b/#"]);
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Filters<'a> {
    /// To be written.
    List(&'a [TopicFilter<'a>]),
    /// As read, checked.
    Wire(&'a [u8]),
}

impl<'a> Filters<'a> {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = TopicFilter<'a>> + use<'a> {
        let (list, wire) = match *self {
            Self::List(list) => (list, &[][..]),
            Self::Wire(bytes) => (&[][..], bytes),
        };
        let mut reader = Reader::new(wire);
        let read = core::iter::from_fn(move || reader.string().ok().map(TopicFilter::checked));
        list.iter().copied().chain(read)
    }
}

impl PartialEq for Filters<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Filters<'_> {}

impl<'a> Unsubscribe<'a> {
    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// An empty list, properties in 3.x.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let list = self.filters.iter().map(|it| (it.as_str(), SubscriptionOptions::default()));
        let (identifier, properties) = (self.packet_identifier, &self.properties);
        encode_filters(PacketType::Unsubscribe, identifier, properties, list, version, out)
    }

    pub(crate) fn decode(
        mut body: Reader<'a>,
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let packet_identifier = PacketIdentifier::decode(&mut body)?;
        let properties = read_properties(&mut body, PacketType::Unsubscribe, version)?;
        let bytes = body.rest();
        let mut list = Reader::new(bytes);
        if list.is_empty() {
            return Err(DecodeError::protocol("an UNSUBSCRIBE without a Topic Filter"));
        }
        while !list.is_empty() {
            read_filter(&mut list)?;
        }
        Ok(Self { packet_identifier, properties, filters: Filters::Wire(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Packet, decode_from_client};
    use super::*;
    use alloc::vec;

    #[test]
    fn several_filters_with_all_options_come_back() {
        let list = [
            Subscription {
                filter: TopicFilter::new("a/+").unwrap(),
                options: SubscriptionOptions {
                    qos: QoS::ExactlyOnce,
                    no_local: true,
                    retain_as_published: true,
                    retain_handling: RetainHandling::DoNotSend,
                },
            },
            Subscription {
                filter: TopicFilter::new("$share/g/b").unwrap(),
                options: SubscriptionOptions::new(QoS::AtLeastOnce),
            },
        ];
        let subscribe = Subscribe {
            packet_identifier: PacketIdentifier::new(9).unwrap(),
            properties: Properties::EMPTY,
            subscriptions: Subscriptions::List(&list),
        };
        let mut out = vec![];
        subscribe.encode(ProtocolVersion::V5_0, &mut out).unwrap();
        assert_eq!(out, b"\x82\x16\x00\x09\x00\x00\x03a/+\x2E\x00\x0A$share/g/b\x01");
        assert_eq!(
            decode_from_client(&out, ProtocolVersion::V5_0),
            Ok(Packet::Subscribe(subscribe))
        );
        assert_eq!(
            subscribe.encode(ProtocolVersion::V3_1_1, &mut out),
            Err(EncodeError::NotInThisVersion)
        );
    }

    /// [MQTT-3.8.3-2] [MQTT-3.10.3-2] (5.0)
    #[test]
    fn an_empty_list_can_be_neither_written_nor_read() {
        let packet_identifier = PacketIdentifier::new(1).unwrap();
        let properties = Properties::EMPTY;
        let subscribe =
            Subscribe { packet_identifier, properties, subscriptions: Subscriptions::List(&[]) };
        let unsubscribe =
            Unsubscribe { packet_identifier, properties, filters: Filters::List(&[]) };
        for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
            assert_eq!(subscribe.encode(version, &mut vec![]), Err(EncodeError::EmptyList));
            assert_eq!(unsubscribe.encode(version, &mut vec![]), Err(EncodeError::EmptyList));
        }
        assert!(decode_from_client(&[0x82, 2, 0, 1], ProtocolVersion::V3_1_1).is_err());
        assert!(decode_from_client(&[0xA2, 2, 0, 1], ProtocolVersion::V3_1_1).is_err());
    }
}
