//! A server that breaks the protocol: one error, the right reason code, close, try again (4.13).

use wasmqtt::client::{Config, ErrorCode, State};
use wasmqtt::codec::{Packet, QoS};

use crate::support::{V4, V5, World, config, message};

/// Feeds the bytes, followed by a message that must not be delivered.
fn breach(mut world: World, bytes: &[u8], expected: &[&str]) {
    let mut all = bytes.to_vec();
    all.extend_from_slice(&[0x30, 4, 0, 1, b'a', b'x']);
    world.bytes(&all);
    assert_eq!(world.sent(), expected, "{bytes:02x?}");
    let errors = world.disconnections();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].code, errors[0].retryable), (ErrorCode::ProtocolError, true));
    assert!(world.messages().is_empty());
    assert!(matches!(world.client.state(), State::Waiting { .. }));
    world.reconnect(false, &[]);
    world.serve(&[message("a", "fine", QoS::AtMostOnce, 0)]);
    assert_eq!(world.messages(), ["fine"]);
}

#[test]
fn malformed_packets() {
    let packets: [&[u8]; 8] = [
        &[0x00, 0x00],
        &[0xD0, 0x80, 0x80, 0x80, 0x80, 0x01],
        &[0x36, 0x03, 0, 1, b'a'],
        &[0x40, 0x01, 0],
        &[0x60, 0x02, 0, 1],
        &[0xD0, 0x01, 0],
        &[0x30, 0x02, 0, 5],
        &[0x30, 0x04, 0, 2, 0xC3, 0x28],
    ];
    for packet in packets {
        breach(World::connected(config(V5)), packet, &["DISCONNECT 0x81"]);
        breach(World::connected(config(V4)), packet, &[]);
    }
}

#[test]
fn packets_that_do_not_belong() {
    let packets: [&[u8]; 6] = [
        &[0x20, 0x03, 0, 0, 0],             // a second CONNACK
        &[0x10, 0x00],                      // CONNECT
        &[0x82, 0x06, 0, 1, 0, 0, 1, b'a'], // SUBSCRIBE, cut
        &[0xC0, 0x00],                      // PINGREQ
        &[0xF0, 0x00],                      // AUTH without a method
        &[0x90, 0x04, 0, 9, 0, 0],          // SUBACK to nothing
    ];
    for packet in packets {
        breach(World::connected(config(V5)), packet, &["DISCONNECT 0x82"]);
    }
    breach(World::connected(config(V4)), &[0xE0, 0x00], &[]);
}

#[test]
fn a_packet_above_our_maximum_is_refused_by_its_header() {
    let small = Config { maximum_packet_size: Some(10), ..config(V5) };
    let mut world = World::connected(small);
    world.bytes(&[0x30, 9]);
    assert_eq!(world.sent(), ["DISCONNECT 0x95"]);
    assert_eq!(world.closed, 1);
}

/// [duty breach 3.2.0-1] (5.0)
#[test]
fn before_connack_nothing_else_is_accepted_and_nothing_is_answered() {
    for packet in [&[0x30, 4, 0, 1, b'a', b'x'][..], &[0xD0, 0], &[0x20, 3, 1, 0, 0]] {
        let mut world = World::connecting(config(V5));
        world.open();
        world.sent();
        world.bytes(packet);
        assert!(world.sent().is_empty());
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert_eq!(world.closed, 1);
    }
}

#[test]
fn a_text_message_ends_the_connection() {
    let mut world = World::connected(config(V5));
    world.client.handle_text(world.now);
    world.settle();
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
}

#[test]
fn what_was_sent_before_the_breach_is_not_lost() {
    let mut world = World::connected(config(V5));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    world.bytes(&[0x00, 0x00]);
    assert_eq!(world.outcome(token), None);
    world.reconnect(false, &[]);
    assert_eq!(world.sent(), ["PUBLISH 2 \"a\" q1 \"1\""]);
}

#[test]
fn bytes_and_times_that_nobody_asked_for_do_nothing() {
    let mut world = World::new(config(V5));
    world.bytes(&[0x20, 3, 0, 0, 0]);
    world.open();
    world.drop_socket();
    world.client.handle_timeout(world.now);
    world.settle();
    assert!(world.told.is_empty() && world.sent().is_empty());
    let mut world = World::connected(config(V5));
    world.serve(&[Packet::Pingresp]);
    assert_eq!(world.client.state(), State::Connected);
}
