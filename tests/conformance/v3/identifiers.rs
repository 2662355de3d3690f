//! Packet Identifiers: which are free, and when (2.3.1). It does not know the packets' other fields.

use wasmqtt::client::{Config, QueueLimits};
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use super::{connected, kept};
use crate::support::{V4, World, config, message};
use crate::wire::{packet, raw};

/// The identifier of a QoS 1 publish that is sent and acknowledged at once.
fn passing(world: &mut World) -> u16 {
    world.raw.clear();
    world.publish("a", "", QoS::AtLeastOnce);
    let publish = &world.raw[0];
    assert_eq!(publish[..5], [0x32, 5, 0, 1, b'a'], "one at a time");
    let identifier = u16::from_be_bytes([publish[5], publish[6]]);
    world.ack(PacketType::Puback, identifier, ReasonCode::SUCCESS);
    world.forget();
    identifier
}

/// [MQTT-2.3.1-1] [MQTT-2.3.1-2] [MQTT-2.3.1-3] [MQTT-4.3.2-1] [MQTT-4.3.3-1] (3.1.1)
#[test]
fn an_identifier_is_free_again_only_after_the_last_answer_and_0_never() {
    let mut world = connected();
    world.publish("a", "", QoS::AtLeastOnce); // 1
    world.publish("a", "", QoS::ExactlyOnce); // 2
    world.publish("a", "", QoS::ExactlyOnce); // 3
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    let id = world.subscribe("a", QoS::AtMostOnce); // 4
    world.suback(4, &[0]);
    world.unsubscribe(id); // 5
    world.subscribe("b", QoS::AtMostOnce); // 6
    // The server's identifiers are its own.
    world.serve(&[message("a", "", QoS::ExactlyOnce, 7)]);
    let order: Vec<u16> = (0..65_533).map(|_| passing(&mut world)).collect();
    let busy = [1, 2, 3, 5, 6];
    // Once around from 7, and past 0 and what is busy to 4 and what follows.
    assert!((7..=65_535).eq(order[..65_529].iter().copied()));
    assert_eq!(order[65_529..], [4, 7, 8, 9]);
    assert!(order.iter().all(|identifier| *identifier != 0 && !busy.contains(identifier)));

    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 3, ReasonCode::SUCCESS);
    world.unsuback(5, &[]);
    world.suback(6, &[0]);
    let order: Vec<u16> = (0..65_534).map(|_| passing(&mut world)).collect();
    assert!(!order.contains(&2), "PUBREC does not end it");
    for free in [1, 3, 4, 5, 6, 7] {
        assert!(order.contains(&free), "{free}");
    }
}

/// [MQTT-2.3.1-2] (3.1.1)
#[test]
fn where_no_identifier_is_free_the_next_request_waits_for_one() {
    let queue = QueueLimits { max_messages: 70_000, ..QueueLimits::default() };
    let mut world = World::connected(Config { queue, ..config(V4) });
    world.subscribe("a", QoS::AtMostOnce);
    world.blocked = true;
    for _ in 0..65_536 {
        world.publish("a", "", QoS::AtLeastOnce);
    }
    world.blocked = false;
    world.raw.clear();
    world.settle();
    assert_eq!(world.raw.len(), 65_534);
    world.forget();
    world.subscribe("b", QoS::AtMostOnce);
    assert!(world.raw.is_empty());
    world.ack(PacketType::Puback, 500, ReasonCode::SUCCESS);
    assert_eq!(raw(&mut world), [b"\x82\x06\x01\xF4\x00\x01b\x00"]);
    world.ack(PacketType::Puback, 600, ReasonCode::SUCCESS);
    assert_eq!(raw(&mut world), [b"\x32\x05\x00\x01a\x02\x58"]);
}

/// [MQTT-2.3.1-3] [MQTT-4.4.0-1] (3.1.1)
#[test]
fn what_is_sent_again_keeps_its_identifier_and_what_is_new_gets_another() {
    let mut world = World::connected(kept());
    world.publish("a", "", QoS::AtLeastOnce);
    world.publish("a", "", QoS::ExactlyOnce);
    for _ in 0..3 {
        world.seconds(10);
        world.drop_socket();
        world.reconnect(true, &[]);
        let expected =
            [packet(0x3A, &[b"\x00\x01a\x00\x01"]), packet(0x3C, &[b"\x00\x01a\x00\x02"])];
        assert_eq!(raw(&mut world), expected);
    }
    assert_eq!(passing(&mut world), 3);
}

/// [MQTT-2.3.1-6] (3.1.1)
#[test]
fn an_answer_has_the_identifier_of_what_it_answers() {
    for identifier in [1, 2, 0x00FF, 0x0100, 0x1234, 0xFFFF] {
        let [high, low] = u16::to_be_bytes(identifier);
        let mut world = connected();
        world.serve(&[message("a", "", QoS::AtLeastOnce, identifier)]);
        world.serve(&[message("a", "", QoS::ExactlyOnce, identifier)]);
        world.ack(PacketType::Pubrel, identifier, ReasonCode::SUCCESS);
        let expected = [[0x40, 2, high, low], [0x50, 2, high, low], [0x70, 2, high, low]];
        assert_eq!(raw(&mut world), expected);
    }
    let mut world = connected();
    for _ in 0..3 {
        world.publish("a", "", QoS::ExactlyOnce);
    }
    world.raw.clear();
    for identifier in [3, 1, 2] {
        world.ack(PacketType::Pubrec, identifier, ReasonCode::SUCCESS);
    }
    assert_eq!(raw(&mut world), [[0x62, 2, 0, 3], [0x62, 2, 0, 1], [0x62, 2, 0, 2]]);
}

/// [MQTT-2.3.1-2] (3.1.1)
#[test]
fn the_same_identifier_may_be_in_use_on_both_sides() {
    let mut world = connected();
    let token = world.publish("a", "ours", QoS::ExactlyOnce);
    world.serve(&[message("a", "theirs", QoS::ExactlyOnce, 1)]);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrel, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(token), None);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert!(world.outcome(token).is_some());
    assert_eq!(world.messages(), ["theirs"]);
    let expected = ["PUBLISH 1 \"a\" q2 \"ours\"", "PUBREC 1", "PUBREL 1", "PUBCOMP 1"];
    assert_eq!(world.sent(), expected);
}
