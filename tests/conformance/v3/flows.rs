//! The exchanges of QoS 0, 1 and 2, as sender and as receiver (3.3, 4.3, 4.5). It does not know what
//! happens when the connection is lost.

use wasmqtt::client::{Config, VersionPolicy};
use wasmqtt::codec::{Packet, PacketIdentifier, PacketType, Properties, Publish, QoS, ReasonCode};

use super::connected;
use crate::support::{Told, V4, V5, World, config, message};
use crate::wire::{opened, packet, raw};

fn duplicate(payload: &str, qos: QoS, identifier: u16) -> Packet<'_> {
    Packet::Publish(Publish {
        duplicate: true,
        qos,
        retain: false,
        topic: "a",
        packet_identifier: PacketIdentifier::new(identifier),
        properties: Properties::EMPTY,
        payload: payload.as_bytes(),
    })
}

fn ack(world: &mut World, packet: PacketType, identifier: u16) {
    world.ack(packet, identifier, ReasonCode::SUCCESS);
}

/// [MQTT-4.3.1-1] (3.1.1)
#[test]
fn a_qos_0_message_is_sent_once_and_forgotten() {
    let mut world = World::connected(super::kept());
    let token = world.publish("a", "x", QoS::AtMostOnce);
    assert_eq!(raw(&mut world), [packet(0x30, &[b"\x00\x01ax"])]);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    world.drop_socket();
    world.reconnect(true, &[]);
    assert!(world.raw.is_empty());
}

/// [MQTT-4.3.2-1] (3.1.1)
#[test]
fn a_qos_1_message_goes_out_without_dup_and_waits_for_its_puback() {
    let mut world = connected();
    let token = world.publish("a", "x", QoS::AtLeastOnce);
    let other = world.publish("a", "y", QoS::AtLeastOnce);
    let expected = [packet(0x32, &[b"\x00\x01a\x00\x01x"]), packet(0x32, &[b"\x00\x01a\x00\x02y"])];
    assert_eq!(raw(&mut world), expected);
    // Neither time nor anything else that arrives makes it complete, and nothing is repeated.
    ack(&mut world, PacketType::Puback, 2);
    ack(&mut world, PacketType::Puback, 3);
    for _ in 0..5 {
        world.seconds(58);
        world.serve(&[Packet::Pingresp]);
    }
    assert!(world.outcome(other).is_some());
    assert_eq!((world.outcome(token), world.client.stats().in_flight), (None, 1));
    assert!(raw(&mut world).iter().all(|packet| *packet == [0xC0, 0]));
    ack(&mut world, PacketType::Puback, 1);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    assert_eq!(world.client.stats().in_flight, 0);
}

/// [MQTT-4.3.3-1] [MQTT-2.3.1-6] (3.1.1)
#[test]
fn a_qos_2_message_goes_out_without_dup_is_released_and_waits_for_its_pubcomp() {
    let mut world = connected();
    let token = world.publish("a", "x", QoS::ExactlyOnce);
    assert_eq!(raw(&mut world), [packet(0x34, &[b"\x00\x01a\x00\x01x"])]);
    ack(&mut world, PacketType::Pubrec, 1);
    assert_eq!(raw(&mut world), [[0x62, 2, 0, 1]]);
    assert_eq!((world.outcome(token), world.client.stats().in_flight), (None, 1));
    // PUBREC again: PUBREL again, and never PUBLISH.
    ack(&mut world, PacketType::Pubrec, 1);
    assert_eq!(raw(&mut world), [[0x62, 2, 0, 1]]);
    for _ in 0..5 {
        world.seconds(58);
        world.serve(&[Packet::Pingresp]);
    }
    assert!(raw(&mut world).iter().all(|packet| *packet == [0xC0, 0]));
    assert_eq!(world.outcome(token), None);
    ack(&mut world, PacketType::Pubcomp, 1);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    assert_eq!(world.client.stats().in_flight, 0);
}

/// [MQTT-4.3.3-1] (3.1.1)
#[test]
fn nothing_but_pubrec_releases_a_qos_2_message() {
    for wrong in [PacketType::Puback, PacketType::Pubcomp] {
        let mut world = connected();
        let token = world.publish("a", "x", QoS::ExactlyOnce);
        world.raw.clear();
        ack(&mut world, wrong, 1);
        assert!(world.raw.is_empty());
        assert_eq!((world.outcome(token), world.closed), (None, 1));
    }
}

/// [MQTT-3.3.1-3] (3.1.1)
#[test]
fn what_is_published_has_no_dup_though_what_was_received_had() {
    let mut world = connected();
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        world.serve(&[duplicate("x", qos, 7)]);
    }
    let passed_on: Vec<_> = world
        .told
        .iter()
        .map(|told| match told {
            Told::Message { topic, payload, qos, duplicate: true, .. } => {
                (topic.clone(), String::from_utf8(payload.clone()).unwrap(), *qos)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    world.raw.clear();
    for (topic, payload, qos) in passed_on {
        world.publish(&topic, &payload, qos);
    }
    let expected = [packet(0x32, &[b"\x00\x01a\x00\x01x"]), packet(0x34, &[b"\x00\x01a\x00\x02x"])];
    assert_eq!(raw(&mut world), expected);
}

/// [MQTT-3.3.4-1] [MQTT-4.5.0-2] (3.1.1)
#[test]
fn a_message_is_answered_as_its_qos_asks_whether_anybody_wants_it_or_not() {
    for subscribed in [false, true] {
        let mut world = connected();
        if subscribed {
            world.subscribe("a", QoS::ExactlyOnce);
            world.suback(1, &[2]);
        }
        world.forget();
        world.serve(&[message("a", "0", QoS::AtMostOnce, 0)]);
        assert!(world.raw.is_empty());
        world.serve(&[message("a", "1", QoS::AtLeastOnce, 7)]);
        assert_eq!(raw(&mut world), [[0x40, 2, 0, 7]]);
        world.serve(&[message("a", "2", QoS::ExactlyOnce, 7)]);
        assert_eq!(raw(&mut world), [[0x50, 2, 0, 7]]);
        assert_eq!(world.messages(), ["0", "1", "2"]);
    }
    // DUP and RETAIN change nothing about it.
    let mut world = connected();
    world.bytes(b"\x3B\x06\x00\x01a\x00\x08x\x3D\x06\x00\x01a\x00\x09x");
    assert_eq!(raw(&mut world), [[0x40, 2, 0, 8], [0x50, 2, 0, 9]]);
    assert_eq!(world.messages(), ["x", "x"]);
}

/// [MQTT-4.3.2-2] (3.1.1)
#[test]
fn after_puback_the_same_identifier_is_a_new_message_with_dup_or_without() {
    let mut world = connected();
    world.serve(&[message("a", "1", QoS::AtLeastOnce, 7)]);
    world.serve(&[duplicate("1", QoS::AtLeastOnce, 7)]);
    world.serve(&[message("a", "2", QoS::AtLeastOnce, 7)]);
    assert_eq!(raw(&mut world), [[0x40, 2, 0, 7]; 3]);
    assert_eq!(world.messages(), ["1", "1", "2"]);
}

/// [MQTT-4.3.3-2] (3.1.1)
#[test]
fn a_qos_2_message_is_delivered_once_until_it_is_released() {
    let mut world = connected();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.serve(&[duplicate("1", QoS::ExactlyOnce, 7)]);
    // A server that forgets DUP.
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.serve(&[message("a", "other", QoS::ExactlyOnce, 8)]);
    assert_eq!(
        raw(&mut world),
        [[0x50, 2, 0, 7], [0x50, 2, 0, 7], [0x50, 2, 0, 7], [0x50, 2, 0, 8]]
    );
    ack(&mut world, PacketType::Pubrel, 7);
    assert_eq!(raw(&mut world), [[0x70, 2, 0, 7]]);
    world.serve(&[
        message("a", "2", QoS::ExactlyOnce, 7),
        message("a", "other", QoS::ExactlyOnce, 8),
    ]);
    assert_eq!(world.messages(), ["1", "other", "2"]);
    assert_eq!(raw(&mut world), [[0x50, 2, 0, 7], [0x50, 2, 0, 8]]);
}

/// [MQTT-4.3.3-2] (3.1.1)
#[test]
fn every_pubrel_is_answered_with_pubcomp() {
    let mut world = connected();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.raw.clear();
    for identifier in [7, 7, 9] {
        ack(&mut world, PacketType::Pubrel, identifier);
    }
    assert_eq!(raw(&mut world), [[0x70, 2, 0, 7], [0x70, 2, 0, 7], [0x70, 2, 0, 9]]);
    assert_eq!((world.messages().len(), world.closed), (1, 0));
}

/// [MQTT-4.1.0-2] (3.1.1)
#[test]
fn a_clean_session_lasts_as_long_as_its_connection() {
    let mut world = connected();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    let token = world.publish("a", "ours", QoS::ExactlyOnce);
    ack(&mut world, PacketType::Pubrec, 1);
    for _ in 0..2000 {
        world.seconds(58);
        world.serve(&[Packet::Pingresp]);
    }
    world.raw.clear();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert_eq!((world.messages().len(), raw(&mut world)), (1, vec![vec![0x50, 2, 0, 7]]));
    ack(&mut world, PacketType::Pubcomp, 1);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
}

/// [MQTT-4.5.0-2] [MQTT-3.3.4-1] (3.1.1)
#[test]
fn a_server_of_3_1_1_knows_of_no_receive_maximum_and_is_not_held_to_one() {
    let version = VersionPolicy::Auto;
    let mut world = opened(Config { version, receive_maximum: 2, ..config(V5) });
    world.bytes(&[0x20, 2, 0, 1]);
    world.open();
    world.accept(false, &[]);
    assert_eq!(world.opened, [(0, V5), (0, V4)]);
    world.forget();
    for identifier in 1..=5 {
        world.serve(&[message("a", "x", QoS::ExactlyOnce, identifier)]);
    }
    assert_eq!(raw(&mut world), [1, 2, 3, 4, 5].map(|identifier| [0x50, 2, 0, identifier]));
    assert_eq!((world.messages().len(), world.closed), (5, 1), "only the connection of 5.0 ended");
}
