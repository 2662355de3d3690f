//! Fixed headers and the shape of each packet, byte for byte (2.2, 2.3, 3.6, 3.8, 3.10). It does not
//! know what comes of a packet.

use wasmqtt::client::{DisconnectOptions, PublishRequest};
use wasmqtt::codec::{
    EncodeError, Filters, PacketIdentifier, PacketType, Properties, PropertiesBuf, Publish, QoS,
    ReasonCode, Subscribe, Subscriptions, Unsubscribe,
};

use super::{closes, closes_by, connected};
use crate::support::{Told, V4, World, config, message};
use crate::wire::{opened, packet, raw, taken_by};

/// [MQTT-2.2.2-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-2.3.1-6] (3.1.1)
#[test]
fn every_packet_has_the_flags_of_the_table() {
    let mut world = opened(config(V4));
    assert_eq!(raw(&mut world), [b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x3C\x00\x01c"]);
    world.accept(false, &[]);
    let id = world.subscribe("a", QoS::ExactlyOnce);
    assert_eq!(raw(&mut world), [b"\x82\x06\x00\x01\x00\x01a\x02"]);
    world.suback(1, &[2]);
    world.unsubscribe(id);
    assert_eq!(raw(&mut world), [b"\xA2\x05\x00\x02\x00\x01a"]);
    world.unsuback(2, &[]);
    world.publish("a", "x", QoS::ExactlyOnce);
    assert_eq!(raw(&mut world), [b"\x34\x06\x00\x01a\x00\x03x"]);
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    assert_eq!(raw(&mut world), [[0x62, 2, 0, 3]]);
    world.serve(&[message("a", "", QoS::AtLeastOnce, 0x1234)]);
    world.serve(&[message("a", "", QoS::ExactlyOnce, 0x1234)]);
    world.ack(PacketType::Pubrel, 0x1234, ReasonCode::SUCCESS);
    let expected = [[0x40, 2, 0x12, 0x34], [0x50, 2, 0x12, 0x34], [0x70, 2, 0x12, 0x34]];
    assert_eq!(raw(&mut world), expected);
    world.client.ping(world.now).unwrap();
    world.settle();
    assert_eq!(raw(&mut world), [[0xC0, 0]]);
    world.client.disconnect(DisconnectOptions::default(), world.now);
    world.settle();
    assert_eq!(raw(&mut world), [[0xE0, 0]]);
}

/// [MQTT-2.2.2-1] [MQTT-3.6.1-1] (3.1.1)
#[test]
fn the_flags_of_what_is_sent_again_are_those_of_the_table() {
    let mut world = World::connected(super::kept());
    world.publish("a", "", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrec, 9, ReasonCode::SUCCESS);
    world.drop_socket();
    world.subscribe("a", QoS::AtMostOnce);
    world.forget();
    world.reconnect(true, &[]);
    assert_eq!(raw(&mut world), [&b"\x82\x06\x00\x02\x00\x01a\x00"[..], &[0x62, 2, 0, 1]]);
}

/// [MQTT-2.2.2-2] [MQTT-3.6.1-1] (3.1.1)
#[test]
fn wrong_flags_end_the_connection() {
    let packets: [(u8, &[u8]); 7] = [
        (0x40, &[2, 0, 1]),
        (0x50, &[2, 0, 1]),
        (0x62, &[2, 0, 1]),
        (0x70, &[2, 0, 1]),
        (0x90, &[3, 0, 1, 0]),
        (0xB0, &[2, 0, 1]),
        (0xD0, &[0]),
    ];
    for (right, rest) in packets {
        for flags in 0..16 {
            let first = right & 0xF0 | flags;
            if first != right {
                closes(&[&[first], rest].concat());
            }
        }
    }
    for flags in 1..16 {
        closes_by(opened(config(V4)), &[0x20 | flags, 2, 0, 0]);
    }
}

/// [MQTT-3.3.1-2] [MQTT-3.3.1-4] (3.1.1)
#[test]
fn a_publish_with_qos_3_or_with_dup_and_qos_0_ends_the_connection() {
    for first in [0x36, 0x37, 0x3E, 0x3F] {
        closes(&[first, 5, 0, 1, b'a', 0, 1]);
        closes(&[first, 3, 0, 1, b'a']);
    }
    for first in [0x38, 0x39] {
        closes(&[first, 3, 0, 1, b'a']);
    }
}

/// [MQTT-2.3.1-5] [MQTT-4.3.1-1] [MQTT-3.3.1-2] [MQTT-3.3.2-1] (3.1.1)
#[test]
fn a_qos_0_publish_is_topic_and_payload_and_nothing_else() {
    let mut world = connected();
    for (retain, first) in [(false, 0x30), (true, 0x31)] {
        let request = PublishRequest {
            topic: "a/b",
            payload: b"x".to_vec(),
            qos: QoS::AtMostOnce,
            retain,
            properties: PropertiesBuf::new(),
        };
        world.client.publish(request, world.now).unwrap();
        world.settle();
        assert_eq!(raw(&mut world), [packet(first, &[b"\x00\x03a/bx"])]);
    }
    let world = taken_by(world, &packet(0x30, &[b"\x00\x03a/b\x00\x01x"]));
    assert!(
        matches!(&world.told[..], [.., Told::Message { payload, .. }] if payload == b"\0\x01x")
    );
}

/// [MQTT-3.3.1-4] [MQTT-3.3.1-2] [MQTT-4.3.1-1] [MQTT-2.3.1-5] (3.1.1)
#[test]
fn no_publish_goes_out_with_qos_3_and_none_of_qos_0_with_dup_or_an_identifier() {
    assert_eq!(QoS::from_value(3), None);
    let publish = Publish {
        duplicate: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: "a",
        packet_identifier: PacketIdentifier::new(1),
        properties: Properties::EMPTY,
        payload: b"",
    };
    assert_eq!(publish.encode(V4, &mut vec![]), Err(EncodeError::PacketIdentifier));
    // On a connection that takes it, after one that did not.
    let mut world = World::connected(super::kept());
    world.blocked = true;
    world.publish("a", "", QoS::AtMostOnce);
    world.drop_socket();
    world.blocked = false;
    world.publish("b", "", QoS::AtMostOnce);
    world.reconnect(true, &[]);
    let firsts: Vec<u8> = world.raw.iter().map(|packet| packet[0]).collect();
    assert!(!firsts.is_empty() && firsts.iter().all(|first| *first == 0x30), "{firsts:02x?}");
}

/// [MQTT-2.3.1-1] (3.1.1)
#[test]
fn a_packet_identifier_is_not_0() {
    assert_eq!(PacketIdentifier::new(0), None);
    for first in [0x32, 0x34, 0x3A, 0x3C, 0x33, 0x35] {
        closes(&[first, 6, 0, 1, b'a', 0, 0, b'x']);
        closes(&[first, 3, 0, 1, b'a']);
    }
    for first in [0x40, 0x50, 0x62, 0x70, 0xB0] {
        closes(&[first, 2, 0, 0]);
    }
    closes(&[0x90, 3, 0, 0, 0]);
}

/// [MQTT-3.8.3-3] [MQTT-3.10.3-2] (3.1.1)
#[test]
fn no_subscribe_and_no_unsubscribe_is_empty() {
    let packet_identifier = PacketIdentifier::new(1).unwrap();
    let properties = Properties::EMPTY;
    let subscriptions = Subscriptions::List(&[]);
    let mut out = vec![];
    let subscribe = Subscribe { packet_identifier, properties, subscriptions };
    assert_eq!(subscribe.encode(V4, &mut out), Err(EncodeError::EmptyList));
    let unsubscribe = Unsubscribe { packet_identifier, properties, filters: Filters::List(&[]) };
    assert_eq!(unsubscribe.encode(V4, &mut out), Err(EncodeError::EmptyList));
    assert!(out.is_empty());
    // A subscription that is given up before it was sent leaves no packet behind.
    let mut world = World::connecting(config(V4));
    let id = world.subscribe("a", QoS::AtMostOnce);
    world.unsubscribe(id);
    world.open();
    world.raw.clear();
    world.accept(false, &[]);
    assert!(world.raw.is_empty());
}

/// [MQTT-3.8.3-3] [MQTT-3.10.3-1] [MQTT-2.3.1-1] (3.1.1)
#[test]
fn filters_stand_one_behind_the_other_each_with_its_qos() {
    let mut world = World::connecting(config(V4));
    let first = world.subscribe("a", QoS::AtMostOnce);
    let second = world.subscribe("bc/+", QoS::ExactlyOnce);
    world.open();
    world.raw.clear();
    world.accept(false, &[]);
    assert_eq!(raw(&mut world), [b"\x82\x0D\x00\x01\x00\x01a\x00\x00\x04bc/+\x02"]);
    world.suback(1, &[0, 2]);
    world.blocked = true;
    world.unsubscribe(first);
    world.unsubscribe(second);
    world.blocked = false;
    world.settle();
    assert_eq!(raw(&mut world), [b"\xA2\x0B\x00\x02\x00\x01a\x00\x04bc/+"]);
}
