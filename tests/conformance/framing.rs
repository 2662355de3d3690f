//! Fixed headers, lengths and property blocks (1.5.5, 2.1, 2.2). It does not know what packets are about.

use wasmqtt::client::Config;
use wasmqtt::codec::{PacketType, Property, QoS, ReasonCode};

use crate::support::{V5, World, config, message};
use crate::wire::{
    bare, connect, limited, packet, publish_with, raw, refused, refused_by, taken, taken_by,
};

/// Each packet that a client sends, once, as bytes.
fn all_packets() -> Vec<Vec<u8>> {
    let mut world = limited(bare(), &[Property::SubscriptionIdentifierAvailable(false)]);
    let subscription = world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    world.unsubscribe(subscription);
    world.publish("a", "0", QoS::AtMostOnce);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 4, ReasonCode::SUCCESS);
    world.serve(&[message("a", "", QoS::AtLeastOnce, 7), message("a", "", QoS::ExactlyOnce, 8)]);
    world.ack(PacketType::Pubrel, 8, ReasonCode::SUCCESS);
    world.client.ping(world.now).unwrap();
    world.settle();
    world.client.disconnect(Default::default(), world.now);
    world.settle();
    raw(&mut world)
}

/// [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-2.2.1-2] [MQTT-2.2.1-5] (5.0)
/// [MQTT-2.2.2-1] [MQTT-4.3.1-1] [MQTT-4.3.2-2] [MQTT-4.3.3-2] [MQTT-3.3.2-1] (5.0)
#[test]
fn each_packet_is_written_as_it_has_to_be() {
    let expected: [&[u8]; 12] = [
        b"\x82\x07\x00\x01\x00\x00\x01a\x00",
        b"\xA2\x06\x00\x02\x00\x00\x01a",
        b"\x30\x05\x00\x01a\x000",
        b"\x32\x07\x00\x01a\x00\x03\x001",
        b"\x34\x07\x00\x01a\x00\x04\x002",
        b"\x62\x02\x00\x04",
        b"\x40\x02\x00\x07",
        b"\x50\x02\x00\x08",
        b"\x70\x02\x00\x08",
        b"\xC0\x00",
        b"\xE0\x00",
        b"\x10\x0E\x00\x04MQTT\x05\x02\x00\x3C\x00\x00\x01c",
    ];
    let mut sent = all_packets();
    sent.push(connect(bare()));
    assert_eq!(sent, expected);
}

/// [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1] [duty 2.1.3 flags] (5.0)
#[test]
fn wrong_flags_are_malformed_in_every_packet() {
    let packets: [(u8, &[u8]); 10] = [
        (0x20, &[0, 0, 0]),
        (0x40, &[0, 1]),
        (0x50, &[0, 1]),
        (0x62, &[0, 1]),
        (0x70, &[0, 1]),
        (0x90, &[0, 1, 0, 0]),
        (0xB0, &[0, 1, 0, 0]),
        (0xD0, &[]),
        (0xE0, &[]),
        (0xF0, &[0x18, 4, 0x15, 0, 1, b'm']),
    ];
    for (first, body) in packets {
        for flags in (0..16).filter(|flags| *flags != first & 0x0F) {
            refused(&packet(first & 0xF0 | flags, &[body]), 0x81);
        }
    }
}

/// [MQTT-3.3.1-4] [duty 3.3.1.2 qos 3] (5.0)
#[test]
fn a_publish_with_both_qos_bits_is_malformed() {
    for first in [0x36, 0x37, 0x3E, 0x3F] {
        refused(&packet(first, &[b"\x00\x01a\x00\x01\x00"]), 0x81);
    }
}

/// [MQTT-2.2.1-2] (5.0)
#[test]
fn behind_the_topic_of_a_qos_0_publish_come_its_properties() {
    let world = taken(b"\x30\x06\x00\x01a\x00\x01x");
    assert_eq!(world.messages(), ["\u{1}x"]);
}

/// [MQTT-1.5.5-1] (5.0)
#[test]
fn lengths_take_their_shortest_form() {
    for (remaining, bytes) in
        [(127, 1), (128, 2), (16_383, 2), (16_384, 3), (2_097_151, 3), (2_097_152, 4)]
    {
        let mut world = World::connected(config(V5));
        // 3 of topic and 1 of properties.
        world.publish("a", &"x".repeat(remaining - 4), QoS::AtMostOnce);
        assert_eq!(raw(&mut world)[0].len(), 1 + bytes + remaining);
    }
    for (value, bytes) in [(120, 1), (121, 2)] {
        let mut world = World::connected(config(V5));
        let value = "x".repeat(value);
        let property = [Property::UserProperty(("kk", &value))];
        world.try_publish("a", "", QoS::AtMostOnce, &property).unwrap();
        let sent = raw(&mut world).remove(0);
        // Two bytes of Remaining Length, 3 of topic, 7 of the property.
        assert_eq!(sent.len(), 1 + 2 + 3 + bytes + 7 + value.len());
    }
    refused(&[0xD0, 0x80, 0x00], 0x81);
    refused(&[0x30, 0x84, 0x80, 0x00, 0, 1, b'a', 0], 0x81);
    refused(&packet(0x30, &[&[0, 1, b'a', 0x80, 0x00]]), 0x81);
    refused(&publish_with(&[0x0B, 0x81, 0x00]), 0x81);
}

/// [MQTT-2.2.2-1] (5.0)
#[test]
fn a_packet_without_the_length_of_its_properties_is_malformed() {
    refused(&packet(0x30, &[&[0, 1, b'a']]), 0x81);
    refused(&packet(0x32, &[&[0, 1, b'a', 0, 1]]), 0x81);
    refused(&packet(0x90, &[&[0, 1]]), 0x81);
}

/// Which properties a server may send in which packet, and a value of each.
const VALUES: [(u8, &[u8], &[u8]); 27] = [
    (0x01, &[1], &[0x30]),
    (0x02, &[0, 0, 0, 9], &[0x30]),
    (0x03, b"\x00\x01x", &[0x30]),
    (0x08, b"\x00\x01x", &[0x30]),
    (0x09, b"\x00\x01x", &[0x30]),
    (0x0B, &[1], &[0x30]),
    (0x11, &[0, 0, 0, 9], &[0x20]),
    (0x12, b"\x00\x01x", &[0x20]),
    (0x13, &[0, 9], &[0x20]),
    (0x15, b"\x00\x01x", &[0x20, 0xF0]),
    (0x16, b"\x00\x01x", &[0x20, 0xF0]),
    (0x17, &[1], &[]),
    (0x18, &[0, 0, 0, 9], &[]),
    (0x19, &[1], &[]),
    (0x1A, b"\x00\x01x", &[0x20]),
    (0x1C, b"\x00\x01x", &[0x20, 0xE0]),
    (0x1F, b"\x00\x01x", &[0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xE0, 0xF0]),
    (0x21, &[0, 9], &[0x20]),
    (0x22, &[0, 9], &[0x20]),
    (0x23, &[0, 1], &[0x30]),
    (0x24, &[1], &[0x20]),
    (0x25, &[1], &[0x20]),
    (0x26, b"\x00\x01k\x00\x01v", &[0x20, 0x30, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xE0, 0xF0]),
    (0x27, &[0, 0, 0, 9], &[0x20]),
    (0x28, &[1], &[0x20]),
    (0x29, &[1], &[0x20]),
    (0x2A, &[1], &[0x20]),
];

/// A packet with these properties, on a connection that would take it without them.
fn with_properties(first: u8, properties: &[u8]) -> Vec<u8> {
    let len = [properties.len() as u8];
    let (before, after): (&[u8], &[u8]) = match first {
        0x20 => (&[0, 0], &[]),
        0x30 => (b"\x00\x01t", &[]),
        0x90 => (&[0, 1], &[0]),
        0xB0 => (&[0, 2], &[0]),
        0xE0 => (&[0x80], &[]),
        0xF0 => (&[0x18], &[]),
        _ => (&[0, 1, 0], &[]),
    };
    packet(first, &[before, &len, properties, after])
}

/// A client that waits for such a packet, and that asked for whatever it may say.
fn ready_for(first: u8) -> World {
    if first == 0x20 {
        return crate::wire::opened(Config {
            client_identifier: Some(String::new()),
            request_response_information: true,
            ..config(V5)
        });
    }
    let mut world = World::connected(config(V5));
    if matches!(first, 0x90 | 0xB0) {
        let subscription = world.subscribe("a", QoS::AtMostOnce);
        if first == 0xB0 {
            world.suback(1, &[0]);
            world.unsubscribe(subscription);
        }
        world.forget();
    }
    world
}

fn refused_with(first: u8, properties: &[u8], code: u8) {
    let (world, bytes) = (ready_for(first), with_properties(first, properties));
    match first {
        0x20 => crate::wire::refused_at_first(world, &bytes),
        _ => refused_by(world, &bytes, code),
    }
}

const FROM_SERVER: [u8; 10] = [0x20, 0x30, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xE0, 0xF0];

/// [duty 2.2.2.2 foreign property] (5.0)
#[test]
fn a_property_that_a_packet_does_not_have_is_malformed() {
    for first in FROM_SERVER {
        for (identifier, value, packets) in VALUES {
            // DISCONNECT has a Session Expiry Interval, but not from a server.
            if !packets.contains(&first) && (first, identifier) != (0xE0, 0x11) {
                refused_with(first, &[&[identifier], value].concat(), 0x81);
            }
        }
        for unknown in (0..=0x7F).filter(|id| VALUES.iter().all(|(known, ..)| known != id)) {
            refused_with(first, &[unknown, 1], 0x81);
        }
    }
}

/// [duty 3.2.2.3 properties] [duty 3.3.2.3 properties] [duty 3.4.2.2 properties] [duty 3.14.2.2 properties] (5.0)
#[test]
fn a_property_that_comes_twice_is_a_protocol_error_unless_it_may() {
    for (identifier, value, packets) in VALUES {
        for first in packets {
            let once = [&[identifier], value].concat();
            let twice = [&*once, &*once].concat();
            let may = matches!(identifier, 0x26 | 0x0B);
            match (identifier, *first) {
                // Enhanced authentication has tests of its own.
                (0x15 | 0x16, _) | (_, 0xF0) => {}
                // Nothing goes on after a DISCONNECT.
                (_, 0xE0) if may => {}
                (_, first) => {
                    let taken = if may { &twice } else { &once };
                    if first != 0xE0 {
                        taken_by(ready_for(first), &with_properties(first, taken));
                    }
                    if !may {
                        refused_with(first, &twice, 0x82);
                    }
                }
            }
        }
    }
}

/// [duty 3.2.2.3 properties] [duty 3.3.2.3 properties] (5.0)
#[test]
fn a_property_out_of_its_range_is_a_protocol_error() {
    let connack: [&[u8]; 7] = [
        &[0x21, 0, 0],
        &[0x24, 2],
        &[0x25, 2],
        &[0x27, 0, 0, 0, 0],
        &[0x28, 2],
        &[0x29, 2],
        &[0x2A, 2],
    ];
    for properties in connack {
        refused_with(0x20, properties, 0x82);
    }
    refused_with(0x30, &[0x01, 2], 0x82);
    refused_with(0x30, &[0x0B, 0], 0x82);
}

fn small() -> World {
    World::connected(Config { maximum_packet_size: Some(16), ..config(V5) })
}

/// [duty 3.1.2.11.4 too large] [duty breach 3.1.2-24] (5.0)
#[test]
fn a_packet_above_the_own_maximum_is_refused_by_its_header() {
    let world = taken_by(small(), b"\x30\x0E\x00\x01a\x000123456789");
    assert_eq!(world.messages(), ["0123456789"]);
    for header in [&[0x30, 15][..], &[0x30, 0xFF, 0xFF, 0xFF, 0x7F], &[0x50, 15]] {
        let mut world = small();
        world.bytes(header);
        assert_eq!((world.sent(), world.closed), (vec!["DISCONNECT 0x95".to_string()], 1));
    }
    refused_by(small(), b"\x30\x0F\x00\x01a\x0001234567890", 0x95);
}
