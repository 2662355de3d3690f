//! Text: UTF-8 both ways, for every string that a packet of 3.1.1 has. It does not know wildcards.

use wasmqtt::client::{Client, Config, Credentials, ErrorCode, WillConfig};
use wasmqtt::codec::{QoS, SubscriptionOptions};

use super::{closes, connected};
use crate::support::{Told, V4, World, config};
use crate::wire::{packet, taken_by};

/// A PUBLISH of QoS 0 from the server to a topic of these bytes.
fn publish_to(topic: &[u8]) -> Vec<u8> {
    packet(0x30, &[&[0, topic.len() as u8], topic, b"x"])
}

fn will(topic: String) -> Config {
    Config { will: Some(WillConfig { topic, ..WillConfig::default() }), ..config(V4) }
}

fn username(username: String) -> Config {
    let credentials = Credentials::Fixed { username: Some(username), password: None };
    Config { credentials, ..config(V4) }
}

fn client_identifier(identifier: String) -> Config {
    Config { client_identifier: Some(identifier), ..config(V4) }
}

/// Nothing is written of a configuration whose text cannot be in a packet.
fn refused_with(make: fn(String) -> Config) {
    for text in ["a\0".to_string(), "\0".into(), "x".repeat(65_536), "é".repeat(32_768)] {
        let error = Client::new(make(text), 1).map(|_| ()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
    for text in ["x".repeat(65_535), "\u{FEFF}é😀\u{10FFFF}".into()] {
        let mut world = World::connecting(make(text.clone()));
        world.open();
        let connect = &world.raw[0];
        let text = [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat();
        assert!(connect.windows(text.len()).any(|bytes| bytes == text));
    }
}

/// [MQTT-1.5.3-1] [MQTT-3.3.2-1] (3.1.1)
#[test]
fn a_topic_that_is_not_utf_8_ends_the_connection() {
    let ill_formed: [&[u8]; 10] = [
        b"t\xED\xA0\x80",            // a surrogate
        b"t\xED\xBF\xBF",            // the last one
        b"\xED\xA0\xBD\xED\xB8\x80", // a pair of them
        b"\xC3\x28",                 // no continuation
        b"\x80",                     // nothing but one
        b"\xC0\x80",                 // U+0000 in two bytes
        b"\xE0\x80\xAF",             // a slash in three
        b"\xF4\x90\x80\x80",         // above U+10FFFF
        b"\xFF",                     // never
        b"t\xE2\x82",                // cut
    ];
    for topic in ill_formed {
        closes(&publish_to(topic));
    }
}

/// [MQTT-1.5.3-2] [MQTT-4.7.3-2] (3.1.1)
#[test]
fn a_topic_with_u_0000_ends_the_connection() {
    for topic in [&b"\0"[..], b"t\0", b"t\0t", b"\0t"] {
        closes(&publish_to(topic));
    }
}

/// [MQTT-1.5.3-3] (3.1.1)
#[test]
fn a_byte_order_mark_is_a_character_in_both_directions() {
    let world = taken_by(connected(), &publish_to(b"\xEF\xBB\xBFt\xEF\xBB\xBF"));
    assert!(
        matches!(&world.told[..], [Told::Message { topic, .. }] if topic == "\u{FEFF}t\u{FEFF}")
    );
    let mut world = connected();
    world.publish("\u{FEFF}t", "", QoS::AtMostOnce);
    world.subscribe("\u{FEFF}", QoS::AtMostOnce);
    let expected =
        [&b"\x30\x06\x00\x04\xEF\xBB\xBFt"[..], b"\x82\x08\x00\x01\x00\x03\xEF\xBB\xBF\0"];
    assert_eq!(world.raw, expected);
}

/// [MQTT-1.5.3-1] [MQTT-3.3.2-1] [MQTT-3.8.3-1] (3.1.1)
#[test]
fn what_is_well_formed_goes_out_as_it_is_and_comes_in_as_it_was() {
    for text in ["é", "€", "\u{D7FF}\u{E000}", "😀", "\u{10FFFF}", "\u{1}\u{7F}\u{FFFF}"] {
        let mut world = taken_by(connected(), &publish_to(text.as_bytes()));
        assert!(matches!(&world.told[..], [Told::Message { topic, .. }] if topic == text));
        world.publish(text, "x", QoS::AtMostOnce);
        world.subscribe(text, QoS::AtMostOnce);
        let len = text.len() as u8;
        let subscribe = packet(0x82, &[&[0, 1, 0, len], text.as_bytes(), &[0]]);
        assert_eq!(world.raw, [publish_to(text.as_bytes()), subscribe]);
    }
}

/// [MQTT-1.5.3-2] [MQTT-4.7.3-2] [MQTT-4.7.3-3] [MQTT-3.8.3-1] [MQTT-3.10.3-1] (3.1.1)
#[test]
fn a_topic_or_filter_that_no_string_can_say_is_refused_and_nothing_is_sent() {
    let mut world = connected();
    for text in ["\0", "a\0", "a/\0/b", &"x".repeat(65_536), &"é".repeat(32_768)] {
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let error = world.try_publish(text, "", qos, &[]).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidArgument);
            // Only what was subscribed to can be in an UNSUBSCRIBE.
            let options = SubscriptionOptions::new(qos);
            let error = world.client.subscribe(text, options, world.now).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidArgument);
        }
    }
    world.settle();
    assert!(world.raw.is_empty() && world.told.is_empty());
}

/// [MQTT-4.7.3-3] (3.1.1)
#[test]
fn a_topic_or_filter_of_65535_bytes_is_sent() {
    for text in ["x".repeat(65_535), "é".repeat(32_767) + "x"] {
        let mut world = connected();
        world.publish(&text, "", QoS::AtMostOnce);
        world.subscribe(&text, QoS::AtMostOnce);
        let expected = [
            [b"\x30\x81\x80\x04\xFF\xFF", text.as_bytes()].concat(),
            [b"\x82\x84\x80\x04\x00\x01\xFF\xFF", text.as_bytes(), &[0]].concat(),
        ];
        assert!(world.raw == expected, "too long to be shown");
    }
}

/// [MQTT-1.5.3-2] [MQTT-3.1.3-4] (3.1.1)
#[test]
fn a_client_identifier_is_a_string() {
    refused_with(client_identifier);
}

/// [MQTT-1.5.3-2] [MQTT-3.1.3-10] (3.1.1)
#[test]
fn a_will_topic_is_a_string() {
    refused_with(will);
}

/// [MQTT-1.5.3-2] [MQTT-3.1.3-11] (3.1.1)
#[test]
fn a_user_name_is_a_string() {
    refused_with(username);
}

/// [MQTT-3.1.3-11] (3.1.1)
#[test]
fn a_user_name_that_was_asked_for_and_is_no_string_is_not_sent() {
    let mut world = World::connecting(Config { credentials: Credentials::Ask, ..config(V4) });
    world.client.provide_credentials(Some("u\0".into()), None, world.now);
    world.settle();
    assert!(world.opened.is_empty() && world.raw.is_empty());
    assert_eq!(world.disconnections()[0].code, ErrorCode::InvalidArgument);
}
