//! Strings in both directions (1.5.4, 1.5.7). It does not know which texts are topics.

use wasmqtt::client::ErrorCode;
use wasmqtt::codec::{Property, QoS, SubscriptionOptions};

use crate::support::{Told, V5, World, config};
use crate::wire::{opened, packet, publish_with, refused, refused_at_first, taken};

/// Bytes that are no string: a surrogate, U+0000, overlong, beyond U+10FFFF, cut, none.
const ILL_FORMED: [&[u8]; 8] = [
    b"t\xED\xA0\x80",
    b"\xED\xBF\xBF",
    b"t\x00t",
    b"\xC0\x80",
    b"\xE0\x80\xAF",
    b"\xF4\x90\x80\x80",
    b"a\xE2\x82",
    b"\xFF",
];

fn string(text: &[u8]) -> Vec<u8> {
    [&[0, text.len() as u8], text].concat()
}

/// [MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-3.3.2-1] [MQTT-4.7.3-2] (5.0)
#[test]
fn an_ill_formed_topic_is_malformed() {
    for text in ILL_FORMED {
        refused(&packet(0x30, &[&string(text), &[0]]), 0x81);
    }
}

/// [MQTT-1.5.4-1] [MQTT-1.5.7-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19] [duty 1.5.4 ill-formed string] (5.0)
#[test]
fn an_ill_formed_string_is_malformed_in_every_property() {
    for text in ILL_FORMED {
        let text = string(text);
        for identifier in [0x03, 0x08] {
            refused(&publish_with(&[&[identifier], &*text].concat()), 0x81);
        }
        refused(&publish_with(&[&[0x26], &*text, b"\x00\x01v"].concat()), 0x81);
        refused(&publish_with(&[b"\x26\x00\x01k", &*text].concat()), 0x81);
        let len = [text.len() as u8 + 1];
        for first in [0x40, 0x50, 0x62, 0x70] {
            refused(&packet(first, &[&[0, 1, 0], &len, &[0x1F], &text]), 0x81);
        }
        refused(&packet(0x90, &[&[0, 1], &len, &[0x1F], &text, &[0]]), 0x81);
        refused(&packet(0xB0, &[&[0, 1], &len, &[0x1F], &text, &[0]]), 0x81);
        for identifier in [0x1F, 0x1C] {
            refused(&packet(0xE0, &[&[0x80], &len, &[identifier], &text]), 0x81);
        }
        for identifier in [0x12, 0x15, 0x1A, 0x1C, 0x1F] {
            let connack = packet(0x20, &[&[0, 0], &len, &[identifier], &text]);
            refused_at_first(opened(config(V5)), &connack);
        }
    }
}

/// [MQTT-1.5.4-3] (5.0)
#[test]
fn a_byte_order_mark_is_a_character_as_others_are() {
    let world = taken(&packet(0x30, &[&string(b"\xEF\xBB\xBFt\xEF\xBB\xBF"), &[0]]));
    assert!(
        matches!(&world.told[..], [Told::Message { topic, .. }] if topic == "\u{FEFF}t\u{FEFF}")
    );
}

/// [duty 1.5.4 control characters] (5.0)
#[test]
fn control_characters_and_noncharacters_are_taken() {
    for text in ["a\u{1}", "\u{1F}", "\u{7F}", "\u{9F}", "\u{FFFF}", "\u{1FFFE}"] {
        let world = taken(&packet(0x30, &[&string(text.as_bytes()), &[0]]));
        assert!(matches!(&world.told[..], [Told::Message { topic, .. }] if topic == text));
        let mut world = World::connected(config(V5));
        world.publish(text, "", QoS::AtMostOnce);
        assert_eq!(world.sent(), [format!("PUBLISH {text:?} q0 \"\"")]);
    }
}

/// [MQTT-1.5.4-2] [MQTT-1.5.7-1] [MQTT-3.3.2-13] [MQTT-3.3.2-19] [MQTT-4.7.3-2] [MQTT-3.8.3-1] (5.0)
#[test]
fn what_no_string_can_say_is_refused_and_nothing_is_sent() {
    let mut world = World::connected(config(V5));
    let long = "x".repeat(65_536);
    for text in ["a\0", &long] {
        let error = world.try_publish(text, "", QoS::AtLeastOnce, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        let plain = SubscriptionOptions::new(QoS::AtMostOnce);
        let error = world.client.subscribe(text, plain, world.now).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        let mut block = wasmqtt::codec::PropertiesBuf::new();
        for property in [
            Property::ContentType(text),
            Property::ResponseTopic(text),
            Property::UserProperty((text, "")),
            Property::UserProperty(("", text)),
        ] {
            assert!(block.push(property).is_err(), "no block of properties takes it");
        }
    }
    world.settle();
    assert!(world.raw.is_empty());
}
