//! PUBLISH (3.3) in both directions. It does not know how it is acknowledged.

use wasmqtt::client::{ErrorCode, PublishRequest};
use wasmqtt::codec::{
    Packet, PropertiesBuf, Property, Publish, QoS, SubscriptionIdentifier, decode_from_client,
};

use crate::support::{Told, V5, World, config};
use crate::wire::{kept, packet, publish_with, raw, refused, taken};

/// [MQTT-3.3.1-1] [MQTT-4.3.3-3] (5.0)
#[test]
fn what_is_sent_again_says_so_and_is_the_same_otherwise() {
    for (qos, retain, first) in [
        (QoS::AtLeastOnce, false, 0x32),
        (QoS::AtLeastOnce, true, 0x33),
        (QoS::ExactlyOnce, false, 0x34),
        (QoS::ExactlyOnce, true, 0x35),
    ] {
        let mut world = World::connected(kept());
        let (payload, properties) = (b"x".to_vec(), PropertiesBuf::new());
        let request = PublishRequest { topic: "a", payload, qos, retain, properties };
        world.client.publish(request, world.now).unwrap();
        world.settle();
        let sent = raw(&mut world);
        assert_eq!(sent, [packet(first, &[b"\x00\x01a\x00\x01\x00x"])]);
        world.drop_socket();
        world.reconnect(true, &[]);
        assert_eq!(raw(&mut world), [packet(first | 8, &[&sent[0][2..]])]);
    }
}

/// [MQTT-3.3.1-2] (5.0)
#[test]
fn a_qos_0_publish_is_never_a_duplicate() {
    for first in [0x38, 0x39] {
        let mut world = World::connected(config(V5));
        world.bytes(&packet(first, &[b"\x00\x01a\x00"]));
        let sent = world.sent();
        assert!(matches!(&*sent[0], "DISCONNECT 0x81" | "DISCONNECT 0x82"));
        assert!(world.messages().is_empty());
    }
    // One that the connection took with it is not sent again.
    let mut world = World::connected(kept());
    world.publish("a", "0", QoS::AtMostOnce);
    assert_eq!(raw(&mut world)[0][0], 0x30);
    world.drop_socket();
    world.reconnect(true, &[]);
    assert!(world.raw.is_empty());
}

/// [MQTT-3.3.1-3] (5.0)
#[test]
fn a_message_that_came_as_a_duplicate_is_passed_on_as_a_new_one() {
    let mut world = taken(b"\x3A\x06\x00\x01a\x00\x09\x00");
    let told = world.told.clone();
    let [Told::Message { topic, payload, duplicate: true, qos, retain, .. }] = &told[..] else {
        panic!("{told:?}")
    };
    raw(&mut world);
    let properties = PropertiesBuf::new();
    let (payload, qos, retain) = (payload.clone(), *qos, *retain);
    let request = PublishRequest { topic, payload, qos, retain, properties };
    world.client.publish(request, world.now).unwrap();
    world.settle();
    assert_eq!(raw(&mut world)[0][0], 0x32);
}

/// [MQTT-3.3.2-2] [MQTT-4.7.0-1] (5.0)
#[test]
fn a_topic_with_a_wildcard_is_neither_sent_nor_taken() {
    for topic in ["#", "+", "a/#", "a/+", "+/a", "a#b", "a+b"] {
        let bytes = [&[0, topic.len() as u8], topic.as_bytes(), &[0]].concat();
        refused(&packet(0x30, &[&bytes]), 0x81);
        let mut world = World::connected(config(V5));
        let error = world.try_publish(topic, "", QoS::AtMostOnce, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        assert!(world.raw.is_empty());
    }
}

/// [MQTT-3.3.2-14] (5.0)
#[test]
fn a_response_topic_with_a_wildcard_is_neither_sent_nor_taken() {
    for topic in ["#", "r/+"] {
        let property = [&[0x08, 0, topic.len() as u8], topic.as_bytes()].concat();
        refused(&publish_with(&property), 0x82);
        let mut world = World::connected(config(V5));
        let property = [Property::ResponseTopic(topic)];
        let error = world.try_publish("a", "", QoS::AtMostOnce, &property).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        assert!(world.raw.is_empty());
    }
}

/// [MQTT-4.7.3-1] [duty 3.3.2.1 empty topic] (5.0)
#[test]
fn a_topic_has_at_least_one_character() {
    refused(&packet(0x30, &[b"\x00\x00\x00x"]), 0x82);
    taken(&packet(0x30, &[b"\x00\x01/\x00x"]));
    let mut world = World::connected(config(V5));
    let error = world.try_publish("", "", QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(world.raw.is_empty());
}

/// [MQTT-3.3.4-6] (5.0)
#[test]
fn a_publish_of_ours_has_no_subscription_identifier() {
    let identifier = Property::SubscriptionIdentifier(SubscriptionIdentifier::new(1).unwrap());
    let mut world = World::connected(config(V5));
    let error = world.try_publish("a", "", QoS::AtMostOnce, &[identifier]).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    assert!(world.raw.is_empty());
}

/// [duty 3.3.2.3.2 payload sent] (5.0)
#[test]
fn a_payload_that_is_said_to_be_text_is_sent_if_it_is() {
    let mut world = World::connected(config(V5));
    let mut properties = PropertiesBuf::new();
    properties.push(Property::PayloadFormatIndicator(true)).unwrap();
    for (payload, fine) in [("ä".as_bytes(), true), (b"\xFF", false), (b"\xED\xA0\x80", false)] {
        let request = PublishRequest {
            topic: "a",
            payload: payload.into(),
            qos: QoS::AtMostOnce,
            retain: false,
            properties: properties.clone(),
        };
        assert_eq!(world.client.publish(request, world.now).is_ok(), fine);
    }
    world.settle();
    let sent = raw(&mut world);
    assert_eq!(sent.len(), 1);
    let Ok(Packet::Publish(Publish { payload, properties, .. })) = decode_from_client(&sent[0], V5)
    else {
        panic!()
    };
    assert_eq!((payload, properties.payload_format_indicator()), ("ä".as_bytes(), Some(true)));
}

/// [duty breach 2.2.1-4] (5.0)
#[test]
fn a_publish_with_packet_identifier_0_is_a_protocol_error() {
    refused(&packet(0x32, &[b"\x00\x01a\x00\x00\x00x"]), 0x82);
    refused(&packet(0x34, &[b"\x00\x01a\x00\x00\x00x"]), 0x82);
}
