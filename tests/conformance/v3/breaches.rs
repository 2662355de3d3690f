//! What the specification asks of a client without a number, and what it asks of a server that a client
//! can see. It does not know what is wrong with a packet by itself.

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, Phase, State};
use wasmqtt::codec::{Packet, PacketType, QoS, ReasonCode};

use super::{closes, closes_by, connected, kept, next_attempt};
use crate::support::{Told, V4, World, config};
use crate::wire::{opened, raw};

/// [duty 3.1.2.10 pingresp] (3.1.1)
#[test]
fn a_server_that_does_not_answer_a_ping_is_left() {
    let mut world = World::connected(Config { keep_alive: 40, ..config(V4) });
    world.seconds(40);
    assert_eq!((raw(&mut world), world.closed), (vec![vec![0xC0, 0]], 0));
    world.seconds(20);
    assert_eq!((world.closed, world.raw.len()), (1, 0));
    let error = world.disconnections()[0];
    assert_eq!((error.code, error.retryable), (ErrorCode::KeepAlive, true));
    // One that answers is not.
    let mut world = World::connected(Config { keep_alive: 40, ..config(V4) });
    for _ in 0..10 {
        world.seconds(38);
        world.serve(&[Packet::Pingresp]);
    }
    assert_eq!((world.closed, world.client.state()), (0, State::Connected));
}

/// [MQTT-3.1.2-23] (3.1.1)
#[test]
fn no_gap_between_packets_is_longer_than_the_keep_alive() {
    for keep_alive in [1, 2, 10, 60, 3600, 65_535] {
        let mut world = World::connected(Config { keep_alive, ..config(V4) });
        let limit = Duration::from_secs(keep_alive.into());
        let mut last = world.now;
        for step in 0..20 {
            // The engine wants to be called before the time is up, and then it pings.
            let due = world.deadline.unwrap();
            assert!(due - last < limit, "{keep_alive}");
            world.advance(due - world.now);
            assert_eq!(raw(&mut world), [[0xC0, 0]], "{keep_alive}");
            last = world.now;
            world.serve(&[Packet::Pingresp]);
            if step % 3 == 0 {
                // A packet of another kind does as well.
                world.advance(limit / 4);
                world.publish("a", "", QoS::AtMostOnce);
                last = world.now;
                world.raw.clear();
            }
        }
        assert_eq!(world.closed, 0);
    }
}

/// [duty 3.2 connack] (3.1.1)
#[test]
fn a_server_that_sends_no_connack_is_left() {
    let connect_timeout = Duration::from_secs(10);
    let mut world = opened(Config { connect_timeout, ..config(V4) });
    world.raw.clear();
    // The first half of one is none.
    world.bytes(&[0x20, 2]);
    world.advance(Duration::from_millis(9_999));
    assert_eq!(world.closed, 0);
    world.advance(Duration::from_millis(1));
    assert_eq!((world.closed, world.raw.len()), (1, 0));
    let error = world.disconnections()[0];
    assert_eq!((error.code, error.phase), (ErrorCode::ConnectTimeout, Phase::Connack));
}

/// [duty 3.2.2.1 flags] (3.1.1)
#[test]
fn a_reserved_flag_of_connack_is_an_error() {
    for flags in (2..=0xFE).chain([0xFF]) {
        closes_by(opened(config(V4)), &[0x20, 2, flags, 0]);
    }
}

/// [duty 3.9.3 failure] (3.1.1)
#[test]
fn a_subscription_that_is_refused_fails_alone_and_the_connection_goes_on() {
    let mut world = World::connecting(config(V4));
    let granted = world.subscribe("a", QoS::ExactlyOnce).get();
    let refused = world.subscribe("b", QoS::AtMostOnce).get();
    world.open();
    world.accept(false, &[]);
    world.suback(1, &[1, 0x80]);
    assert_eq!(world.outcome(granted), Some(&Told::Subscribed(granted, QoS::AtLeastOnce)));
    assert_eq!(world.failure(refused).code, ErrorCode::Refused);
    assert_eq!((world.closed, world.client.state()), (0, State::Connected));
    // It is not asked for again, and the other one is.
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(world.sent(), ["SUBSCRIBE 2 a q2"]);
}

/// [MQTT-2.3.1-4] [duty breach 2.3.1-4] (3.1.1)
#[test]
fn a_message_with_qos_and_no_identifier_is_an_error() {
    for first in [0x32, 0x33, 0x34, 0x35, 0x3A, 0x3C] {
        closes(&[first, 6, 0, 1, b'a', 0, 0, b'x']);
    }
}

/// [MQTT-2.3.1-7] [duty breach 2.3.1-7] (3.1.1)
#[test]
fn an_answer_to_no_request_is_an_error() {
    for (subscribed, bytes) in [
        (false, &[0x90, 3, 0, 1, 0][..]),
        (false, &[0xB0, 2, 0, 1]),
        (true, &[0x90, 3, 0, 2, 0]),
        (true, &[0xB0, 2, 0, 1]),
    ] {
        let mut world = connected();
        if subscribed {
            world.subscribe("a", QoS::AtMostOnce);
            world.raw.clear();
        }
        world.bytes(bytes);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{bytes:02x?}");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    }
    // A second answer to the same one.
    let mut world = connected();
    world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    assert_eq!(world.closed, 0);
    world.suback(1, &[0]);
    assert_eq!(world.closed, 1);
}

/// [MQTT-3.2.0-1] [duty breach 3.2.0-1] (3.1.1)
#[test]
fn whatever_comes_before_connack_is_an_error() {
    let packets: [&[u8]; 8] = [
        &[0x30, 3, 0, 1, b'a'],
        &[0x40, 2, 0, 1],
        &[0x50, 2, 0, 1],
        &[0x62, 2, 0, 1],
        &[0x70, 2, 0, 1],
        &[0x90, 3, 0, 1, 0],
        &[0xB0, 2, 0, 1],
        &[0xD0, 0],
    ];
    for bytes in packets {
        closes_by(opened(config(V4)), bytes);
        // Nor is the CONNACK behind it believed.
        closes_by(opened(config(V4)), &[bytes, &[0x20, 2, 0, 0]].concat());
    }
}

/// [duty breach 3.2.0-1] (3.1.1)
#[test]
fn a_second_connack_is_an_error() {
    closes(&[0x20, 2, 0, 0]);
    closes(&[0x20, 2, 0, 5]);
}

/// [MQTT-3.2.2-1] [duty breach 3.2.2-1] (3.1.1)
#[test]
fn a_session_after_a_clean_start_is_an_error() {
    let mut world = opened(config(V4));
    world.publish("a", "1", QoS::ExactlyOnce);
    closes_by(world, &[0x20, 2, 1, 0]);
    let mut world = opened(kept());
    world.bytes(&[0x20, 2, 1, 0]);
    assert_eq!(world.client.state(), State::Connected, "where one was asked for it is none");
}

/// [MQTT-3.2.2-4] [duty breach 3.2.2-4] (3.1.1)
#[test]
fn a_refusal_with_a_session_resumes_nothing() {
    for code in 1..=6 {
        let mut world = World::connected(kept());
        let token = world.publish("a", "1", QoS::AtLeastOnce);
        world.drop_socket();
        next_attempt(&mut world);
        world.open();
        world.forget();
        world.bytes(&[0x20, 2, 1, code]);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{code}");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert_eq!(world.outcome(token), None);
    }
}

/// [MQTT-3.8.4-5] [duty breach 3.8.4-5] (3.1.1)
#[test]
fn a_suback_has_as_many_codes_as_there_were_filters() {
    for codes in [&[0][..], &[0, 0, 0], &[0x80], &[0, 0, 0x80]] {
        let mut world = World::connecting(config(V4));
        let tokens = ["a", "b"].map(|filter| world.subscribe(filter, QoS::AtMostOnce).get());
        world.open();
        world.accept(false, &[]);
        world.raw.clear();
        world.suback(1, codes);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{codes:02x?}");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert!(
            tokens.iter().all(|token| world.outcome(*token).is_none()),
            "they are asked for again"
        );
    }
}

/// [MQTT-3.9.3-2] (3.1.1)
#[test]
fn a_suback_with_a_code_between_2_and_0x80_is_an_error() {
    for code in 3..0x80 {
        let mut world = connected();
        let token = world.subscribe("a", QoS::ExactlyOnce).get();
        world.raw.clear();
        world.suback(1, &[code]);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{code:#04x}");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert_eq!(world.outcome(token), None);
    }
    for (code, qos) in [(0, QoS::AtMostOnce), (1, QoS::AtLeastOnce), (2, QoS::ExactlyOnce)] {
        let mut world = connected();
        let token = world.subscribe("a", QoS::ExactlyOnce).get();
        world.suback(1, &[code]);
        assert_eq!(world.outcome(token), Some(&Told::Subscribed(token, qos)));
    }
}

/// [duty breach 2.3.1-7] (3.1.1)
#[test]
fn an_acknowledgement_that_nobody_waits_for_does_no_harm() {
    let mut world = connected();
    let token = world.publish("a", "", QoS::AtLeastOnce);
    for packet in [PacketType::Puback, PacketType::Pubcomp] {
        world.ack(packet, 9, ReasonCode::SUCCESS);
    }
    assert_eq!((world.closed, world.outcome(token)), (0, None));
}
