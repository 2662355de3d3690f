//! Clean Session and what outlives a connection (3.1.2.4, 4.1, 4.4). It does not know the order of what
//! is sent again.

use wasmqtt::client::ErrorCode;
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use super::{connected, kept, next_attempt};
use crate::support::{Told, World, message};
use crate::wire::{packet, raw, taken_by};

const CLEAN: u8 = 0x02;

/// The flags of the next CONNECT, after the pause.
fn next_flags(world: &mut World) -> u8 {
    next_attempt(world);
    world.raw.clear();
    world.open();
    let connect = raw(world).remove(0);
    assert_eq!(connect[0], 0x10);
    connect[9]
}

/// [MQTT-3.1.2-4] [MQTT-4.4.0-1] [MQTT-4.1.0-1] (3.1.1)
#[test]
fn a_session_that_is_kept_is_taken_up_where_it_was() {
    let mut world = World::connected(kept());
    let first = world.publish("a", "1", QoS::AtLeastOnce);
    let second = world.publish("a", "2", QoS::ExactlyOnce);
    world.publish("a", "3", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.subscribe("b", QoS::AtLeastOnce);
    world.suback(4, &[1]);
    world.serve(&[message("b", "theirs", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    assert_eq!(world.client.stats().in_flight, 3);
    assert_eq!(next_flags(&mut world) & CLEAN, 0);
    world.accept(true, &[]);
    let expected = [
        packet(0x3A, &[b"\x00\x01a\x00\x011"]),
        packet(0x62, &[&[0, 2]]),
        packet(0x3C, &[b"\x00\x01a\x00\x033"]),
    ];
    assert_eq!(raw(&mut world), expected, "and the server still has the subscription");
    world.forget();
    world.serve(&[message("b", "theirs", QoS::ExactlyOnce, 7)]);
    assert!(world.messages().is_empty(), "it was delivered before");
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 2, ReasonCode::SUCCESS);
    for token in [first, second] {
        assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    }
}

/// [MQTT-4.1.0-1] [MQTT-4.3.3-1] (3.1.1)
#[test]
fn a_released_message_is_never_sent_again_only_its_pubrel() {
    let mut world = World::connected(kept());
    world.publish("a", "1", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    for _ in 0..4 {
        world.seconds(30);
        world.drop_socket();
        world.reconnect(true, &[]);
        assert_eq!(raw(&mut world), [[0x62, 2, 0, 1]]);
    }
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    world.drop_socket();
    world.reconnect(true, &[]);
    assert!(world.raw.is_empty());
}

/// [MQTT-3.1.2-4] [MQTT-4.1.0-1] (3.1.1)
#[test]
fn a_kept_session_survives_attempts_that_fail() {
    let mut world = World::connected(kept());
    world.publish("a", "1", QoS::AtLeastOnce);
    world.serve(&[message("b", "theirs", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    for round in 0..4 {
        next_flags(&mut world);
        match round {
            0 => world.bytes(&[0x20, 2, 0, 3]),
            1 => world.seconds(30),
            _ => world.drop_socket(),
        }
    }
    assert_eq!(next_flags(&mut world) & CLEAN, 0);
    world.accept(true, &[]);
    assert_eq!(raw(&mut world), [packet(0x3A, &[b"\x00\x01a\x00\x011"])]);
    world.forget();
    world.serve(&[message("b", "theirs", QoS::ExactlyOnce, 7)]);
    assert!(world.messages().is_empty());
}

/// [MQTT-3.1.2-4] (3.1.1)
#[test]
fn where_the_server_has_no_session_a_new_one_begins() {
    let mut world = World::connected(kept());
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.subscribe("b", QoS::AtLeastOnce);
    world.suback(2, &[1]);
    world.serve(&[message("b", "1", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    next_flags(&mut world);
    world.accept(false, &[]);
    let expected = [
        packet(0x82, &[b"\x00\x03\x00\x01b\x01"]),
        // What was not complete is a new message to a server that knows nothing of it.
        packet(0x34, &[b"\x00\x01a\x00\x041"]),
    ];
    assert_eq!((raw(&mut world), world.outcome(token)), (expected.to_vec(), None));
    world.forget();
    let world = taken_by(world, &packet(0x34, &[b"\x00\x01b\x00\x072"]));
    assert_eq!(world.messages(), ["2"], "nor is the identifier an old one");
}

/// [MQTT-3.1.2-6] (3.1.1)
#[test]
fn a_clean_session_takes_nothing_of_the_one_before() {
    let mut world = connected();
    let first = world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.serve(&[message("b", "theirs", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    assert_eq!(next_flags(&mut world) & CLEAN, CLEAN);
    world.accept(false, &[]);
    // What the application still waits for is published anew: other identifiers, no DUP, no PUBREL.
    let expected = [packet(0x32, &[b"\x00\x01a\x00\x031"]), packet(0x34, &[b"\x00\x01a\x00\x042"])];
    assert_eq!(raw(&mut world), expected);
    world.forget();
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(first), None, "an answer of the session before");
    world.serve(&[message("b", "new", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.messages(), ["new"]);
}

/// [MQTT-3.1.2-6] (3.1.1)
#[test]
fn a_client_that_has_ended_leaves_nothing_behind() {
    let mut world = connected();
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    world.client.disconnect(wasmqtt::client::DisconnectOptions::default(), world.now);
    world.settle();
    assert_eq!(world.failure(token).code, ErrorCode::Closed);
    assert_eq!(world.client.stats().in_flight, 0);
}
