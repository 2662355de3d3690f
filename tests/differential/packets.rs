//! Random packets of every type and version, as our codec writes them; the same in every run. It does not know who reads
//! them.

use core::num::{NonZeroU16, NonZeroU32};

use wasmqtt::codec::{
    Acknowledgement, Auth, Connack, Connect, Disconnect, Filters, Packet, PacketIdentifier,
    PropertiesBuf, Property, ProtocolVersion, Publish, QoS, ReasonCode, ReasonCodes,
    RetainHandling, Suback, Subscribe, Subscription, SubscriptionIdentifier, SubscriptionOptions,
    Subscriptions, TopicFilter, TopicName, Unsubscribe, Will,
};

use crate::mutate::Mutator;
use crate::peer::Case;

pub const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

const TEXTS: [&str; 8] = ["", "a", "text/plain", "\u{FEFF}bom", "é漢😀", "x y", "0", "__proto__"];
const TOPICS: [&str; 6] = ["a", "a/b", "/", "$SYS/x", "é/漢", "a//b "];
const FILTERS: [&str; 7] = ["#", "+", "a/+/b", "$share/g/a/#", "a/b", "/", "é/#"];
const NUMBERS: [u32; 8] = [0, 1, 127, 128, 65_535, 65_536, 268_435_455, u32::MAX];

pub struct Packets(Mutator);

impl Packets {
    pub fn new(seed: u64) -> Self {
        Self(Mutator::new(seed))
    }

    /// A packet that the version has.
    pub fn next(&mut self) -> Case {
        let version = self.pick(&VERSIONS);
        let mut bytes = Vec::new();
        let kind = self.0.below(if version.is_v5() { 15 } else { 14 }) + 1;
        self.write(kind, version, &mut bytes);
        assert!(!bytes.is_empty(), "a packet of type {kind} was not written");
        Case { version, bytes }
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.0.below(list.len())]
    }

    fn flip(&mut self) -> bool {
        self.0.below(2) == 1
    }

    fn data(&mut self) -> Vec<u8> {
        let len = self.pick(&[0, 1, 5, 40, 130]);
        (0..len).map(|_| self.0.below(256) as u8).collect()
    }

    fn id(&mut self) -> PacketIdentifier {
        PacketIdentifier::new(self.pick(&[1, 2, 255, 256, 65_535])).unwrap()
    }

    fn qos(&mut self) -> QoS {
        self.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
    }

    /// Some of the properties, each with a random value, and some User Properties.
    fn properties(&mut self, version: ProtocolVersion, names: &[&str]) -> PropertiesBuf {
        let mut all = PropertiesBuf::new();
        if !version.is_v5() {
            return all;
        }
        for name in names {
            if self.flip() {
                self.property(name, &mut all);
            }
        }
        for _ in 0..self.pick(&[0, 0, 1, 3]) {
            all.push(Property::UserProperty((self.pick(&TEXTS), self.pick(&TEXTS)))).unwrap();
        }
        all
    }

    fn property(&mut self, name: &str, all: &mut PropertiesBuf) {
        let number = self.pick(&NUMBERS);
        let short = number as u16;
        let (text, topic, data) = (self.pick(&TEXTS), self.pick(&TOPICS), self.data());
        let (bit, data) = (self.flip(), &data[..]);
        let long = NonZeroU32::new(number.max(1)).unwrap();
        let property = match name {
            "format" => Property::PayloadFormatIndicator(false),
            "expiry" => Property::MessageExpiryInterval(number),
            "content" => Property::ContentType(text),
            "response" => Property::ResponseTopic(topic),
            "correlation" => Property::CorrelationData(data),
            "subscription" => {
                let number = number.clamp(1, 268_435_455);
                Property::SubscriptionIdentifier(SubscriptionIdentifier::new(number).unwrap())
            }
            "session" => Property::SessionExpiryInterval(number),
            "assigned" => Property::AssignedClientIdentifier(text),
            "alive" => Property::ServerKeepAlive(short),
            "problem" => Property::RequestProblemInformation(bit),
            "delay" => Property::WillDelayInterval(number),
            "information" => Property::RequestResponseInformation(bit),
            "basis" => Property::ResponseInformation(text),
            "reference" => Property::ServerReference(text),
            "reason" => Property::ReasonString(text),
            "window" => Property::ReceiveMaximum(NonZeroU16::new(short.max(1)).unwrap()),
            "aliases" => Property::TopicAliasMaximum(short),
            "alias" => Property::TopicAlias(short.max(1)),
            "quality" => Property::MaximumQoS(bit),
            "retain" => Property::RetainAvailable(bit),
            "size" => Property::MaximumPacketSize(long),
            "wildcard" => Property::WildcardSubscriptionAvailable(bit),
            "numbers" => Property::SubscriptionIdentifierAvailable(bit),
            "shared" => Property::SharedSubscriptionAvailable(bit),
            "method" => {
                if bit {
                    all.push(Property::AuthenticationData(data)).unwrap();
                }
                Property::AuthenticationMethod(text)
            }
            other => panic!("there is no {other}"),
        };
        all.push(property).unwrap();
    }

    fn write(&mut self, kind: usize, version: ProtocolVersion, out: &mut Vec<u8>) {
        let v5 = version.is_v5();
        let code = |codes: &[u8], this: &mut Self| {
            ReasonCode::from_value(if v5 { this.pick(codes) } else { 0 })
        };
        let (id, data) = (self.id(), self.data());
        let reasons: &[&str] = &["reason"];
        match kind {
            1 => return self.connect(version, out),
            2 => {
                let names = [
                    "session",
                    "window",
                    "quality",
                    "retain",
                    "size",
                    "assigned",
                    "aliases",
                    "reason",
                    "wildcard",
                    "numbers",
                    "shared",
                    "alive",
                    "basis",
                    "reference",
                    "method",
                ];
                let properties = self.properties(version, &names);
                let codes: &[u8] = if v5 { &[0x80, 0x87, 0x9F] } else { &[1, 2, 3, 4, 5] };
                let refuses = self.flip();
                let return_code = if refuses { self.pick(codes) } else { 0 };
                // A server of 5.0 that refuses says more than two bytes.
                let session_present = !refuses && version != ProtocolVersion::V3_1 && self.flip();
                let reason_code = ReasonCode::from_value(return_code);
                let properties = properties.as_properties();
                Packet::Connack(Connack { session_present, reason_code, return_code, properties })
                    .encode(version, out)
            }
            3 => {
                let names = ["format", "expiry", "content", "response", "correlation", "alias"];
                let properties = self.properties(version, &names);
                let qos = self.qos();
                Packet::Publish(Publish {
                    duplicate: qos != QoS::AtMostOnce && self.flip(),
                    qos,
                    retain: self.flip(),
                    topic: self.pick(&TOPICS),
                    packet_identifier: Some(id).filter(|_| qos != QoS::AtMostOnce),
                    properties: properties.as_properties(),
                    payload: &data,
                })
                .encode(version, out)
            }
            4..=7 => {
                let properties = self.properties(version, reasons);
                let codes: &[u8] =
                    if kind < 6 { &[0, 0x10, 0x80, 0x87, 0x97, 0x99] } else { &[0, 0x92] };
                let ack = Acknowledgement {
                    packet_identifier: id,
                    reason_code: code(codes, self),
                    properties: properties.as_properties(),
                };
                match kind {
                    4 => Packet::Puback(ack),
                    5 => Packet::Pubrec(ack),
                    6 => Packet::Pubrel(ack),
                    _ => Packet::Pubcomp(ack),
                }
                .encode(version, out)
            }
            8 => {
                let properties = self.properties(version, &["subscription"]);
                let list: Vec<_> = (0..=self.0.below(3)).map(|_| self.subscription(v5)).collect();
                Packet::Subscribe(Subscribe {
                    packet_identifier: id,
                    properties: properties.as_properties(),
                    subscriptions: Subscriptions::List(&list),
                })
                .encode(version, out)
            }
            9 | 11 => {
                let codes: &[u8] = match (kind, v5) {
                    (9, true) => &[0, 1, 2, 0x80, 0x87, 0xA2],
                    (9, false) => &[0, 1, 2, 0x80],
                    (_, true) => &[0, 0x11, 0x80],
                    _ => &[],
                };
                let count = if codes.is_empty() { 0 } else { self.0.below(4) + 1 };
                let codes: Vec<u8> = (0..count).map(|_| self.pick(codes)).collect();
                let properties = self.properties(version, reasons);
                let suback = Suback {
                    packet_identifier: id,
                    properties: properties.as_properties(),
                    reason_codes: ReasonCodes(&codes),
                };
                let packet =
                    if kind == 9 { Packet::Suback(suback) } else { Packet::Unsuback(suback) };
                packet.encode(version, out)
            }
            10 => {
                let properties = self.properties(version, &[]);
                let filter = |this: &mut Self| TopicFilter::new(this.pick(&FILTERS)).unwrap();
                let list: Vec<_> = (0..=self.0.below(3)).map(|_| filter(self)).collect();
                Packet::Unsubscribe(Unsubscribe {
                    packet_identifier: id,
                    properties: properties.as_properties(),
                    filters: Filters::List(&list),
                })
                .encode(version, out)
            }
            12 => Packet::Pingreq.encode(version, out),
            13 => Packet::Pingresp.encode(version, out),
            14 => {
                let names =
                    if self.flip() { ["reason", "reference"] } else { ["reason", "session"] };
                let properties = self.properties(version, &names);
                let reason_code = code(&[0, 0x81, 0x8B, 0x9D], self);
                let properties = properties.as_properties();
                Packet::Disconnect(Disconnect { reason_code, properties }).encode(version, out)
            }
            _ => {
                let mut properties = self.properties(version, reasons);
                self.property("method", &mut properties);
                let reason_code = code(&[0, 0x18, 0x19], self);
                let properties = properties.as_properties();
                Packet::Auth(Auth { reason_code, properties }).encode(version, out)
            }
        }
        .unwrap();
    }

    fn subscription(&mut self, v5: bool) -> Subscription<'static> {
        let filter = TopicFilter::new(self.pick(&FILTERS)).unwrap();
        let mut options = SubscriptionOptions::new(self.qos());
        if v5 {
            options.no_local = self.flip() && filter.share_name().is_none();
            options.retain_as_published = self.flip();
            options.retain_handling = RetainHandling::from_value(self.pick(&[0, 1, 2])).unwrap();
        }
        Subscription { filter, options }
    }

    fn connect(&mut self, version: ProtocolVersion, out: &mut Vec<u8>) {
        let names = ["session", "window", "size", "aliases", "information", "problem", "method"];
        let properties = self.properties(version, &names);
        let names = ["delay", "format", "expiry", "content", "response", "correlation"];
        let will_properties = self.properties(version, &names);
        let (payload, password) = (self.data(), self.data());
        let username = self.flip().then(|| self.pick(&TEXTS));
        let has_password = self.flip() && (version.is_v5() || username.is_some());
        let will = self.flip().then(|| Will {
            topic: TopicName::new(self.pick(&TOPICS)).unwrap(),
            payload: &payload,
            qos: self.qos(),
            retain: self.flip(),
            properties: will_properties.as_properties(),
        });
        Connect {
            version,
            client_identifier: self.pick(&["id", "wasmqtt0123456789abcdef", "é"]),
            clean_start: self.flip(),
            keep_alive: self.pick(&[0, 1, 60, u16::MAX]),
            username,
            password: has_password.then_some(&password[..]),
            will,
            properties: properties.as_properties(),
        }
        .encode(out)
        .unwrap();
    }
}
