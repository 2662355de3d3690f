//! Packets at the wrong time, and what may not be in them because of CONNECT (3.1.2.11, 3.2, 3.14). It does not
//! know enhanced authentication.

use wasmqtt::client::{Config, ErrorCode};
use wasmqtt::codec::QoS;

use crate::support::{V5, World, config};
use crate::wire::{next_attempt, opened, packet, refused, refused_at_first, refused_by, taken_by};

/// [duty breach 3.2.0-1] [duty breach 3.14.0-1] (5.0)
#[test]
fn nothing_comes_before_connack() {
    let packets: [&[u8]; 10] = [
        b"\x30\x04\x00\x01a\x00",
        &[0x40, 2, 0, 1],
        &[0x50, 2, 0, 1],
        &[0x62, 2, 0, 1],
        &[0x70, 2, 0, 1],
        &[0x90, 4, 0, 1, 0, 0],
        &[0xB0, 4, 0, 1, 0, 0],
        &[0xD0, 0],
        &[0xE0, 0],
        &[0xE0, 1, 0x81],
    ];
    for bytes in packets {
        refused_at_first(opened(config(V5)), bytes);
    }
}

/// [duty breach 3.2.0-2] (5.0)
#[test]
fn a_second_connack_is_a_protocol_error() {
    refused(&[0x20, 3, 0, 0, 0], 0x82);
    let mut world = opened(config(V5));
    world.bytes(&[0x20, 3, 0, 0, 0, 0x20, 3, 0, 0, 0]);
    assert_eq!(world.closed, 1);
    assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
}

/// [duty breach 3.2.2-6] (5.0)
#[test]
fn a_session_that_is_present_with_a_failure_is_none() {
    let mut world = World::connected(crate::wire::kept());
    world.publish("a", "1", QoS::AtLeastOnce);
    world.drop_socket();
    next_attempt(&mut world);
    world.open();
    world.forget();
    world.bytes(&[0x20, 3, 1, 0x88, 0]);
    assert_eq!((world.closed, world.raw.len(), world.disconnections().len()), (1, 0, 1));
    world.reconnect(true, &[]);
    assert_eq!(world.sent(), ["PUBLISH 1 dup \"a\" q1 \"1\""], "what was open still is");
}

/// [duty breach 3.1.2-28] (5.0)
#[test]
fn response_information_comes_only_where_it_was_asked_for() {
    let connack = packet(0x20, &[b"\x00\x00\x04\x1A\x00\x01r"]);
    refused_at_first(opened(config(V5)), &connack);
    taken_by(opened(Config { request_response_information: true, ..config(V5) }), &connack);
}

/// [duty 3.1.2.11.7 problem information] [duty breach 3.1.2-29] (5.0)
#[test]
fn reasons_and_user_properties_come_only_where_they_were_asked_for() {
    for request_problem_information in [true, false] {
        let config = Config { request_problem_information, ..config(V5) };
        let ready = || {
            let mut world = World::connected(config.clone());
            let subscription = world.subscribe("a", QoS::AtMostOnce);
            world.suback(1, &[0]);
            world.unsubscribe(subscription);
            world.subscribe("b", QoS::AtMostOnce);
            world
        };
        for property in [&b"\x04\x1F\x00\x01r"[..], b"\x07\x26\x00\x01k\x00\x01v"] {
            let packets = [
                packet(0x40, &[&[0, 9, 0], property]),
                packet(0x50, &[&[0, 9, 0], property]),
                packet(0x62, &[&[0, 9, 0], property]),
                packet(0x70, &[&[0, 9, 0], property]),
                packet(0x90, &[&[0, 3], property, &[0]]),
                packet(0xB0, &[&[0, 2], property, &[0]]),
            ];
            for bytes in packets {
                if request_problem_information {
                    taken_by(ready(), &bytes);
                } else {
                    refused_by(ready(), &bytes, 0x82);
                }
            }
            taken_by(opened(config.clone()), &packet(0x20, &[&[0, 0], property]));
            let mut world = ready();
            world.bytes(&packet(0xE0, &[&[0x8B], property]));
            assert_eq!(world.disconnections()[0].reason_code.map(|it| it.value()), Some(0x8B));
        }
        taken_by(ready(), &packet(0x30, &[b"\x00\x01a\x07\x26\x00\x01k\x00\x01v"]));
    }
}
