//! The end of a connection: by DISCONNECT, and by a breach that the client notices (3.14, 4.8). It does
//! not know what was in flight.

use core::time::Duration;

use wasmqtt::client::{DisconnectOptions, ErrorCode, State};
use wasmqtt::codec::{QoS, SubscriptionOptions};

use super::{closes, closes_by, connected};
use crate::support::{V4, World, config, message};
use crate::wire::{opened, raw};

fn disconnect(world: &mut World, options: DisconnectOptions) {
    world.client.disconnect(options, world.now);
    world.settle();
}

/// [MQTT-3.14.4-1] (3.1.1)
#[test]
fn the_connection_is_closed_behind_disconnect_and_the_answer_is_not_waited_for() {
    let mut world = connected();
    disconnect(&mut world, DisconnectOptions::default());
    assert_eq!(raw(&mut world), [[0xE0, 0]]);
    assert_eq!((world.closed, world.socket, world.client.state()), (1, None, State::Closed));
    world.seconds(100_000);
    assert_eq!((world.opened.len(), world.raw.len()), (1, 0));
}

/// [MQTT-3.14.4-1] [MQTT-3.14.4-2] (3.1.1)
#[test]
fn a_drain_ends_with_disconnect_and_nothing_behind_it() {
    let drain = Some(Duration::from_secs(5));
    let mut world = connected();
    world.publish("a", "", QoS::AtLeastOnce);
    world.raw.clear();
    disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
    assert_eq!((world.raw.len(), world.closed), (0, 0));
    world.bytes(&[0x40, 2, 0, 1, 0x32, 5, 0, 1, b'a', 0, 9]);
    assert_eq!((raw(&mut world), world.closed), (vec![vec![0xE0, 0]], 1));
    assert!(world.messages().is_empty());
}

/// [MQTT-3.14.4-2] (3.1.1)
#[test]
fn nothing_is_sent_after_disconnect_whatever_is_asked_for_or_arrives() {
    let mut world = connected();
    let waiting = world.publish("a", "", QoS::AtLeastOnce);
    world.blocked = true;
    let queued = world.publish("a", "", QoS::ExactlyOnce);
    world.raw.clear();
    disconnect(&mut world, DisconnectOptions::default());
    let sent = raw(&mut world);
    assert_eq!(sent.last(), Some(&vec![0xE0, 0]));
    assert_eq!(sent.iter().filter(|packet| packet[0] == 0xE0).count(), 1);
    world.blocked = false;
    for token in [waiting, queued] {
        assert_eq!(world.failure(token).code, ErrorCode::Closed);
    }
    assert_eq!(
        world.try_publish("a", "", QoS::AtMostOnce, &[]).unwrap_err().code,
        ErrorCode::Closed
    );
    let plain = SubscriptionOptions::new(QoS::AtMostOnce);
    assert_eq!(world.client.subscribe("a", plain, world.now).unwrap_err().code, ErrorCode::Closed);
    assert_eq!(world.client.ping(world.now).unwrap_err().code, ErrorCode::Closed);
    disconnect(&mut world, DisconnectOptions::default());
    for bytes in [&[0x32, 5, 0, 1, b'a', 0, 9][..], &[0x50, 2, 0, 2], &[0x62, 2, 0, 5]] {
        world.bytes(bytes);
    }
    world.drop_socket();
    world.seconds(1000);
    assert!(world.raw.is_empty() && world.messages().is_empty());
    assert_eq!((world.closed, world.opened.len()), (1, 1));
}

/// [MQTT-4.8.0-1] (3.1.1)
#[test]
fn every_packet_that_is_no_packet_of_3_1_1_ends_the_connection_and_is_not_answered() {
    let packets: [&[u8]; 22] = [
        &[0x00, 0],                            // type 0
        &[0xF0, 0],                            // type 15
        &[0xD0, 0x80, 0x80, 0x80, 0x80, 0x01], // a length of five bytes
        &[0xD0, 0xFF, 0xFF, 0xFF, 0xFF],       // and one that does not end
        &[0x30, 0],                            // a PUBLISH without a topic
        &[0x30, 1, 0],                         // a length that is cut
        &[0x30, 2, 0, 5],                      // a topic that is cut
        &[0x32, 4, 0, 1, b'a', 0],             // an identifier that is cut
        &[0x40, 0],                            // answers that are too short,
        &[0x40, 1, 0],
        &[0x50, 1, 0],
        &[0x62, 1, 0],
        &[0x70, 1, 0],
        &[0x90, 2, 0, 1],       // without a code,
        &[0x40, 3, 0, 1, 0],    // with a code of 5.0,
        &[0x50, 4, 0, 1, 0, 0], // and properties
        &[0x62, 3, 0, 1, 0x92],
        &[0x70, 3, 0, 1, 0x92],
        &[0xB0, 3, 0, 1, 0],
        &[0xD0, 1, 0],       // a PINGRESP with something in it
        &[0x20, 3, 0, 0, 0], // CONNACK of 5.0
        &[0xE0, 2, 0x8B, 0], // DISCONNECT of 5.0
    ];
    for bytes in packets {
        closes(bytes);
    }
}

/// [MQTT-4.8.0-1] (3.1.1)
#[test]
fn a_packet_that_only_a_client_sends_ends_the_connection() {
    let packets: [&[u8]; 5] = [
        b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x3C\x00\x01c",
        b"\x82\x06\x00\x01\x00\x01a\x00",
        b"\xA2\x05\x00\x01\x00\x01a",
        &[0xC0, 0],
        &[0xE0, 0],
    ];
    for bytes in packets {
        closes(bytes);
        closes_by(opened(config(V4)), bytes);
    }
}

/// [MQTT-4.8.0-1] (3.1.1)
#[test]
fn an_answer_of_the_wrong_kind_ends_the_connection() {
    let after = |qos: u8, then: &[u8], wrong: &[u8]| {
        let mut world = connected();
        world.publish("a", "", QoS::from_value(qos).unwrap());
        world.bytes(then);
        world.raw.clear();
        world.bytes(wrong);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{wrong:02x?}");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    };
    after(1, &[], &[0x50, 2, 0, 1]);
    after(1, &[], &[0x70, 2, 0, 1]);
    after(2, &[], &[0x40, 2, 0, 1]);
    after(2, &[], &[0x70, 2, 0, 1]);
    after(2, &[0x50, 2, 0, 1], &[0x40, 2, 0, 1]);
    let mut world = connected();
    world.subscribe("a", QoS::AtMostOnce);
    world.raw.clear();
    world.bytes(&[0xB0, 2, 0, 1]);
    assert_eq!((world.closed, world.raw.len()), (1, 0));
}

/// [MQTT-6.0.0-1] [MQTT-4.8.0-1] (3.1.1)
#[test]
fn a_text_message_ends_the_connection() {
    for mut world in [connected(), opened(config(V4))] {
        world.forget();
        world.client.handle_text(world.now);
        world.settle();
        assert_eq!((world.closed, world.raw.len()), (1, 0));
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    }
}

/// [MQTT-6.0.0-2] (3.1.1)
#[test]
fn packets_and_messages_have_boundaries_of_their_own() {
    let mut world = opened(config(V4));
    for byte in [0x20, 2, 0, 0] {
        assert!(!matches!(world.client.state(), State::Connected));
        world.bytes(&[byte]);
    }
    assert_eq!(world.client.state(), State::Connected);
    world.forget();
    let mut stream = Vec::new();
    for (payload, qos, identifier) in [("1", 1, 7), ("22", 2, 8), ("333", 0, 0)] {
        let qos = QoS::from_value(qos).unwrap();
        message("a/€", payload, qos, identifier).encode(V4, &mut stream).unwrap();
    }
    // All in one message, two messages cut anywhere, byte by byte; and empty ones in between.
    let expected = [[0x40, 2, 0, 7], [0x50, 2, 0, 8]];
    let mut chop = |pieces: &[&[u8]]| {
        for piece in pieces {
            world.bytes(piece);
            world.bytes(&[]);
        }
        assert_eq!(world.messages(), ["1", "22", "333"], "{pieces:02x?}");
        assert_eq!((raw(&mut world), world.closed), (expected.map(Vec::from).to_vec(), 0));
        world.bytes(&[0x62, 2, 0, 8]);
        world.forget();
    };
    chop(&[&stream]);
    for at in 1..stream.len() {
        let (head, tail) = stream.split_at(at);
        chop(&[head, tail]);
    }
    chop(&stream.chunks(1).collect::<Vec<_>>());
}
