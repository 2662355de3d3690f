//! Whatever a packet says comes back from its bytes; and no bytes make the decoder panic.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use core::num::{NonZeroU16, NonZeroU32};

use proptest::option;
use proptest::prelude::*;
use wasmqtt::codec::{
    Acknowledgement, Connack, Connect, Disconnect, Packet, PacketIdentifier, Properties,
    PropertiesBuf, Property, ProtocolVersion, Publish, QoS, ReasonCode, Subscribe, Subscription,
    SubscriptionOptions, Subscriptions, TopicFilter, TopicName, Will, decode_from_client,
    decode_from_server, locate,
};

const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

fn version() -> impl Strategy<Value = ProtocolVersion> {
    prop::sample::select(&VERSIONS[..])
}

fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[^\0]{0,20}").unwrap()
}

fn topic() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[^\0+#]{1,20}").unwrap()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

fn identifier() -> impl Strategy<Value = PacketIdentifier> {
    (1..=u16::MAX).prop_map(|value| PacketIdentifier::new(value).unwrap())
}

fn qos() -> impl Strategy<Value = QoS> {
    (0..3u8).prop_map(|value| QoS::from_value(value).unwrap())
}

/// Properties of a message.
#[derive(Debug)]
struct Values {
    format: Option<bool>,
    expiry: Option<u32>,
    content_type: Option<String>,
    response_topic: Option<String>,
    correlation: Option<Vec<u8>>,
    pairs: Vec<(String, String)>,
}

fn values() -> impl Strategy<Value = Values> {
    let pairs = proptest::collection::vec((text(), text()), 0..4);
    (
        option::of(any::<bool>()),
        option::of(any::<u32>()),
        option::of(text()),
        option::of(topic()),
        option::of(bytes()),
        pairs,
    )
        .prop_map(|(format, expiry, content_type, response_topic, correlation, pairs)| {
            Values { format, expiry, content_type, response_topic, correlation, pairs }
        })
}

impl Values {
    fn block(&self, version: ProtocolVersion) -> PropertiesBuf {
        let mut block = PropertiesBuf::new();
        if !version.is_v5() {
            return block;
        }
        let given = [
            self.format.map(Property::PayloadFormatIndicator),
            self.expiry.map(Property::MessageExpiryInterval),
            self.content_type.as_deref().map(Property::ContentType),
            self.response_topic.as_deref().map(Property::ResponseTopic),
            self.correlation.as_deref().map(Property::CorrelationData),
        ];
        for property in given.into_iter().flatten() {
            block.push(property).unwrap();
        }
        for (name, value) in &self.pairs {
            block.push(Property::UserProperty((name, value))).unwrap();
        }
        block
    }
}

/// Encodes, finds and decodes again.
fn there_and_back(packet: Packet<'_>, version: ProtocolVersion, to_server: bool) {
    let mut out = vec![0xAA];
    packet.encode(version, &mut out).unwrap();
    let frame = &out[1..];
    let found = locate(frame, version, None).unwrap().unwrap();
    assert_eq!(found.len, frame.len());
    for cut in 0..frame.len() {
        assert_eq!(locate(&frame[..cut], version, None), Ok(None));
    }
    let decode = if to_server { decode_from_client } else { decode_from_server };
    assert_eq!(decode(frame, version), Ok(packet));
}

proptest! {
    #[test]
    fn publish(
        version in version(), qos in qos(), identifier in identifier(), flags in any::<(bool, bool)>(),
        topic in topic(), values in values(), payload in bytes(),
    ) {
        let block = values.block(version);
        let publish = Publish {
            duplicate: flags.0 && qos != QoS::AtMostOnce,
            qos,
            retain: flags.1,
            topic: &topic,
            packet_identifier: Some(identifier).filter(|_| qos != QoS::AtMostOnce),
            properties: block.as_properties(),
            payload: &payload,
        };
        there_and_back(Packet::Publish(publish), version, true);
        there_and_back(Packet::Publish(publish), version, false);
        let mut out = vec![];
        publish.encode(version, &mut out).unwrap();
        prop_assert_eq!(out.len(), publish.encoded_len(version));
    }

    #[test]
    fn connect(
        version in version(), client_identifier in text(), clean_start in any::<bool>(), keep_alive in any::<u16>(),
        username in option::of(text()), password in option::of(bytes()),
        will in option::of((topic(), bytes(), qos(), any::<bool>(), values())),
        pairs in proptest::collection::vec((text(), text()), 0..3), session in any::<u32>(),
    ) {
        let mut properties = PropertiesBuf::new();
        if version.is_v5() {
            properties.push(Property::SessionExpiryInterval(session)).unwrap();
            for (name, value) in &pairs {
                properties.push(Property::UserProperty((name, value))).unwrap();
            }
        }
        let block = will.as_ref().map(|will| will.4.block(version)).unwrap_or_default();
        let will = will.as_ref().map(|(topic, payload, qos, retain, _)| Will {
            topic: TopicName::new(topic).unwrap(),
            payload,
            qos: *qos,
            retain: *retain,
            properties: block.as_properties(),
        });
        let password = password.as_deref().filter(|_| version.is_v5() || username.is_some());
        let connect = Connect {
            version, client_identifier: &client_identifier, clean_start, keep_alive,
            username: username.as_deref(), password, will, properties: properties.as_properties(),
        };
        there_and_back(Packet::Connect(connect), version, true);
    }

    #[test]
    fn acknowledgements(version in version(), identifier in identifier(), reason in option::of(text())) {
        let mut block = PropertiesBuf::new();
        if let Some(reason) = reason.as_deref().filter(|_| version.is_v5()) {
            block.push(Property::ReasonString(reason)).unwrap();
        }
        let ack = Acknowledgement { properties: block.as_properties(), ..Acknowledgement::success(identifier) };
        for packet in [Packet::Puback(ack), Packet::Pubrec(ack), Packet::Pubrel(ack), Packet::Pubcomp(ack)] {
            there_and_back(packet, version, true);
            there_and_back(packet, version, false);
        }
    }

    #[test]
    fn subscribe(version in version(), identifier in identifier(), filters in proptest::collection::vec((topic(), qos()), 1..5)) {
        let list: Vec<_> = filters.iter().filter(|(filter, _)| !filter.starts_with("$share")).map(|(filter, qos)| Subscription {
            filter: TopicFilter::new(filter).unwrap(),
            options: SubscriptionOptions::new(*qos),
        }).collect();
        prop_assume!(!list.is_empty());
        let subscribe = Subscribe {
            packet_identifier: identifier,
            properties: Properties::EMPTY,
            subscriptions: Subscriptions::List(&list),
        };
        there_and_back(Packet::Subscribe(subscribe), version, true);
    }

    #[test]
    fn connack_and_disconnect(
        session_present in any::<bool>(), receive in 1..=u16::MAX, size in 1..=u32::MAX, flags in any::<(bool, bool, bool)>(), reason in text(),
    ) {
        let mut block = PropertiesBuf::new();
        block.push(Property::ReceiveMaximum(NonZeroU16::new(receive).unwrap())).unwrap();
        block.push(Property::MaximumPacketSize(NonZeroU32::new(size).unwrap())).unwrap();
        block.push(Property::MaximumQoS(flags.0)).unwrap();
        block.push(Property::RetainAvailable(flags.1)).unwrap();
        block.push(Property::WildcardSubscriptionAvailable(flags.2)).unwrap();
        block.push(Property::ReasonString(&reason)).unwrap();
        let connack = Connack { session_present, reason_code: ReasonCode::SUCCESS, return_code: 0, properties: block.as_properties() };
        there_and_back(Packet::Connack(connack), ProtocolVersion::V5_0, false);
        let mut block = PropertiesBuf::new();
        block.push(Property::ReasonString(&reason)).unwrap();
        let disconnect = Disconnect { reason_code: ReasonCode::SERVER_BUSY, properties: block.as_properties() };
        there_and_back(Packet::Disconnect(disconnect), ProtocolVersion::V5_0, false);
    }

    /// What is decoded can be encoded again, to the same meaning.
    #[test]
    fn any_bytes_are_a_packet_or_an_error(version in version(), first in any::<u8>(), body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut frame = vec![first, body.len() as u8];
        frame.extend_from_slice(&body);
        let _ = locate(&frame, version, Some(100));
        for decode in [decode_from_client, decode_from_server] {
            if let Ok(packet) = decode(&frame, version) {
                let mut again = vec![];
                if packet.encode(version, &mut again).is_ok() {
                    prop_assert_eq!(decode(&again, version), Ok(packet));
                }
            }
        }
    }

    #[test]
    fn a_filter_made_from_a_topic_matches_it(levels in proptest::collection::vec("[a-z]{0,3}", 1..6), wild in any::<u8>(), hash in any::<prop::sample::Index>()) {
        prop_assume!(levels.len() > 1 || !levels[0].is_empty());
        let name = levels.join("/");
        let topic = TopicName::new(&name).unwrap();
        let plus: Vec<_> = levels.iter().enumerate().map(|(index, level)| if wild >> (index % 8) & 1 == 1 { "+" } else { level }).collect();
        prop_assert!(TopicFilter::new(&plus.join("/")).unwrap().matches(topic));
        let cut = hash.index(levels.len());
        let mut start: Vec<&str> = levels[..cut].iter().map(String::as_str).collect();
        start.push("#");
        prop_assert!(TopicFilter::new(&start.join("/")).unwrap().matches(topic));
        let other = format!("{name}/x");
        prop_assert!(!TopicFilter::new(&other).unwrap().matches(topic));
    }
}
