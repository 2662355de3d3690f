//! What becomes of a session when the connection is lost and another one comes (3.1.2.11.2, 3.2.2.1.1, 4.1,
//! 4.4). It does not know the exchanges themselves.

use wasmqtt::client::{Config, DisconnectOptions, ErrorCode, State};
use wasmqtt::codec::{PacketType, Property, QoS, ReasonCode};

use crate::support::{Told, V5, World, config, message};
use crate::wire::{kept, limited, next_attempt, opened, raw, refused_at_first};

/// Three publishes in flight, the second of which is released.
fn in_flight(config: Config) -> World {
    let mut world = World::connected(config);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.publish("a", "3", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.drop_socket();
    world
}

/// [MQTT-4.4.0-1] [MQTT-4.6.0-1] [MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-3.1.2-23] [MQTT-3.3.1-1] (5.0)
#[test]
fn a_session_that_goes_on_goes_on_where_it_was() {
    let mut world = in_flight(kept());
    world.publish("a", "4", QoS::AtLeastOnce);
    world.reconnect(true, &[]);
    let expected = [
        "PUBLISH 1 dup \"a\" q1 \"1\"",
        "PUBREL 2",
        "PUBLISH 3 dup \"a\" q2 \"3\"",
        "PUBLISH 4 \"a\" q1 \"4\"",
    ];
    assert_eq!(world.sent(), expected);
    for (packet, identifier) in
        [(PacketType::Puback, 1), (PacketType::Pubcomp, 2), (PacketType::Pubrec, 3)]
    {
        world.ack(packet, identifier, ReasonCode::SUCCESS);
    }
    world.drop_socket();
    world.reconnect(true, &[]);
    assert_eq!(world.sent(), ["PUBREL 3", "PUBLISH 4 dup \"a\" q1 \"4\""]);
}

/// [MQTT-3.1.2-23] (5.0)
#[test]
fn a_session_that_is_kept_is_asked_for_and_one_that_is_not_is_gone() {
    let mut world = World::connected(kept());
    let interval = [0x11, 0, 0, 0, 60];
    assert!(crate::wire::connect(kept()).windows(5).any(|bytes| bytes == interval));
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    next_attempt(&mut world);
    world.forget();
    world.open();
    assert_eq!(world.sent(), ["CONNECT v5 \"c\" clean 0 keep-alive 60"]);
    world.accept(true, &[]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert!(world.messages().is_empty(), "it was delivered before");
    // An interval of 0 is not said, and leaves nothing behind.
    let mut world = in_flight(config(V5));
    world.reconnect(false, &[]);
    assert!(
        world.sent().iter().all(|packet| !packet.contains("dup") && !packet.contains("PUBREL"))
    );
}

/// [MQTT-3.2.2-4] [duty breach 3.2.2-2] (5.0)
#[test]
fn a_client_without_a_session_leaves_a_server_that_has_one() {
    refused_at_first(opened(config(V5)), &[0x20, 3, 1, 0, 0]);
    refused_at_first(opened(kept()), &[0x20, 3, 1, 0, 0]);
}

/// [MQTT-3.2.2-5] (5.0)
#[test]
fn a_client_whose_session_the_server_lost_begins_a_new_one() {
    let mut world = in_flight(kept());
    world.reconnect(false, &[]);
    let expected =
        ["PUBLISH 4 \"a\" q1 \"1\"", "PUBLISH 5 \"a\" q2 \"2\"", "PUBLISH 6 \"a\" q2 \"3\""];
    assert_eq!(world.sent(), expected, "as new messages");
    // The old identifiers are free: in all 65,535, three are in use.
    world.ack(PacketType::Pubcomp, 2, ReasonCode::SUCCESS);
    assert_eq!(world.client.stats().in_flight, 3, "an answer to the old session means nothing");
    let mut world = World::connected(kept());
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.drop_socket();
    world.reconnect(false, &[]);
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.messages(), ["2"], "nor is a message known that was not released");
}

/// [MQTT-4.3.3-10] (5.0)
#[test]
fn a_qos_2_message_is_delivered_once_over_two_connections() {
    let mut world = World::connected(kept());
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.messages(), ["1"]);
    world.drop_socket();
    world.reconnect(true, &[]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert!(world.messages().is_empty());
    assert_eq!(world.sent(), ["PUBREC 7"]);
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBCOMP 7"]);
}

/// [MQTT-4.3.3-7] (5.0)
#[test]
fn a_qos_2_publish_that_was_sent_does_not_expire_between_connections() {
    let mut world = World::connected(kept());
    let expiry = [Property::MessageExpiryInterval(1)];
    let token = world.try_publish("a", "1", QoS::ExactlyOnce, &expiry).unwrap().get();
    world.drop_socket();
    world.seconds(10);
    world.reconnect(true, &[]);
    assert_eq!(world.sent(), ["PUBLISH 1 dup \"a\" q2 \"1\""]);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert!(matches!(world.outcome(token), Some(Told::Published(..))));
}

/// [MQTT-3.14.4-1] [MQTT-3.14.4-2] (5.0)
/// [case SES-21]
#[test]
fn disconnect_is_the_last_packet_and_the_client_closes() {
    let mut world = World::connected(config(V5));
    world.publish("a", "1", QoS::AtLeastOnce);
    world.serve(&[message("a", "x", QoS::ExactlyOnce, 7)]);
    let closed = world.closed;
    world.blocked = true;
    world.publish("a", "2", QoS::AtMostOnce);
    world.forget();
    world.client.disconnect(DisconnectOptions::default(), world.now);
    assert!(world.try_publish("a", "3", QoS::AtMostOnce, &[]).is_err());
    world.blocked = false;
    world.settle();
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"2\"", "DISCONNECT 0x00"]);
    assert_eq!((world.closed, world.client.state()), (closed + 1, State::Closed));
    world.bytes(&[0x62, 2, 0, 7]);
    world.seconds(1000);
    assert!(world.raw.len() == 2 && world.client.poll_transmit(world.now, 1000).is_none());
    assert_eq!(world.opened.len(), 1);
}

/// [MQTT-3.14.4-1] [MQTT-3.14.4-2] [duty 4.13.1 error] (5.0)
#[test]
fn after_an_error_nothing_follows_the_disconnect() {
    let mut world = World::connected(config(V5));
    world.publish("a", "1", QoS::AtLeastOnce);
    world.forget();
    // A message to be acknowledged stands before what is wrong, and another one behind it.
    world.bytes(b"\x32\x06\x00\x01a\x00\x07\x00\x00\x00\x32\x06\x00\x01a\x00\x08\x00");
    assert_eq!(world.sent(), ["PUBACK 7", "DISCONNECT 0x81"]);
    assert_eq!((world.closed, world.messages().len(), world.disconnections().len()), (1, 1, 1));
    world.bytes(&[0x40, 2, 0, 1]);
    assert!(world.sent().is_empty());
}

/// [MQTT-4.13.2-1] (5.0)
#[test]
fn a_code_of_0x80_or_above_ends_the_connection() {
    for code in [0x80, 0x87, 0x97] {
        let mut world = opened(config(V5));
        world.bytes(&[0x20, 3, 0, code, 0]);
        assert_eq!((world.closed, world.socket), (1, None));
        assert_eq!(world.disconnections()[0].reason_code.map(|it| it.value()), Some(code));
    }
    for code in [0x80, 0x8B, 0x8E, 0x98] {
        let mut world = World::connected(config(V5));
        world.bytes(&[0xE0, 1, code]);
        assert_eq!((world.closed, world.socket, world.raw.len()), (1, None, 0));
    }
    // Its own, whether it can be sent or not.
    for blocked in [false, true] {
        let mut world = World::connected(config(V5));
        world.blocked = blocked;
        world.bytes(&[0, 0]);
        assert_eq!((world.closed, world.socket), (1, None));
    }
}

/// [duty 3.14.2.2.2 session expiry] (5.0)
#[test]
fn a_session_that_ends_with_the_connection_is_not_prolonged_at_its_end() {
    for (at_first, at_last, expected) in [
        (0, 60, &[0xE0, 0][..]),
        (0, 0, &[0xE0, 7, 0, 5, 0x11, 0, 0, 0, 0]),
        (60, 5, &[0xE0, 7, 0, 5, 0x11, 0, 0, 0, 5]),
    ] {
        let config = Config { session_expiry_interval: at_first, ..config(V5) };
        let mut world = limited(config, &[]);
        let session_expiry_interval = Some(at_last);
        let options = DisconnectOptions { session_expiry_interval, ..Default::default() };
        world.client.disconnect(options, world.now);
        world.settle();
        assert_eq!(raw(&mut world), [expected]);
    }
}

/// [duty breach 3.14.2-2] (5.0)
#[test]
fn a_session_expiry_in_the_servers_disconnect_is_a_protocol_error() {
    crate::wire::refused(&[0xE0, 7, 0x80, 5, 0x11, 0, 0, 0, 0], 0x82);
}

/// [duty 4.11 server reference] (5.0)
#[test]
fn a_server_that_sends_elsewhere_is_left_and_its_word_is_followed_or_not() {
    for (code, follow) in [(0x9C, true), (0x9D, true), (0x9C, false), (0x9D, false)] {
        let config = Config { follow_server_reference: follow, ..config(V5) };
        let place = follow.then(|| String::from("h:1"));
        let mut world = World::connected(config.clone());
        world.bytes(&[&[0xE0, 8, code, 6, 0x1C, 0, 3], &b"h:1"[..]].concat());
        let error = world.disconnections()[0];
        assert_eq!(
            (error.code, error.reason_code.unwrap().value()),
            (ErrorCode::Disconnected, code)
        );
        assert_eq!((world.closed, &world.reference), (1, &place));
        let mut world = opened(config);
        world.bytes(&[&[0x20, 9, 0, code, 6, 0x1C, 0, 3], &b"h:1"[..]].concat());
        assert_eq!(world.disconnections()[0].code, ErrorCode::ConnectionRefused);
        assert_eq!((world.closed, &world.reference), (1, &place));
    }
}
