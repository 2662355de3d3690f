//! Reason codes: which may stand in which packet, in both directions (2.4). It does not know what they
//! lead to.

use wasmqtt::client::{DisconnectOptions, ErrorCode};
use wasmqtt::codec::{Acknowledgement, Auth, Disconnect, PacketType, Properties, QoS, ReasonCode};

use crate::support::{V5, World, config, id, message};
use crate::wire::{opened, packet};

const CONNACK: [u8; 22] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
    0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
];
const PUBACK: [u8; 9] = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const PUBREL: [u8; 2] = [0x00, 0x92];
const SUBACK: [u8; 12] = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2];
const UNSUBACK: [u8; 7] = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91];
/// Of a server; 0x8C is in one of the specification's two tables.
const DISCONNECT: [u8; 29] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95,
    0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
];
const DISCONNECT_OF_CLIENT: [u8; 14] =
    [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];

/// The packet is taken with the codes of the table and ends the connection with every other.
fn check(table: &[u8], ready: impl Fn() -> World, bytes: impl Fn(u8) -> Vec<u8>) {
    for code in 0..=0xFF {
        let mut world = ready();
        world.forget();
        world.bytes(&bytes(code));
        let sent = world.sent();
        if table.contains(&code) {
            assert_eq!(world.closed, 0, "{code:#x}");
        } else {
            // The specification leaves open which of the two it is.
            assert!(matches!(&*sent[0], "DISCONNECT 0x81" | "DISCONNECT 0x82"), "{code:#x}");
            assert_eq!((sent.len(), world.closed), (1, 1), "{code:#x}");
            assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        }
    }
}

fn published(qos: QoS) -> World {
    let mut world = World::connected(config(V5));
    world.publish("a", "1", qos);
    world
}

/// [MQTT-3.4.2-1] (5.0)
#[test]
fn codes_of_puback() {
    let bytes = |code| vec![0x40, 4, 0, 1, code, 0];
    check(&PUBACK, || published(QoS::AtLeastOnce), bytes);
}

/// [MQTT-3.5.2-1] (5.0)
#[test]
fn codes_of_pubrec() {
    let bytes = |code| vec![0x50, 3, 0, 1, code];
    check(&PUBACK, || published(QoS::ExactlyOnce), bytes);
}

/// [MQTT-3.6.2-1] (5.0)
#[test]
fn codes_of_pubrel() {
    let ready = || {
        let mut world = World::connected(config(V5));
        world.serve(&[message("a", "1", QoS::ExactlyOnce, 1)]);
        world
    };
    check(&PUBREL, ready, |code| vec![0x62, 3, 0, 1, code]);
}

/// [MQTT-3.7.2-1] (5.0)
#[test]
fn codes_of_pubcomp() {
    let ready = || {
        let mut world = published(QoS::ExactlyOnce);
        world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
        world
    };
    check(&PUBREL, ready, |code| vec![0x70, 3, 0, 1, code]);
}

/// [duty breach 3.9.3-2] (5.0)
#[test]
fn codes_of_suback() {
    let ready = || {
        let mut world = World::connected(config(V5));
        world.subscribe("a", QoS::ExactlyOnce);
        world
    };
    check(&SUBACK, ready, |code| vec![0x90, 4, 0, 1, 0, code]);
}

/// [duty breach 3.11.3-2] (5.0)
#[test]
fn codes_of_unsuback() {
    let ready = || {
        let mut world = World::connected(config(V5));
        let subscription = world.subscribe("a", QoS::ExactlyOnce);
        world.suback(1, &[0]);
        world.unsubscribe(subscription);
        world
    };
    check(&UNSUBACK, ready, |code| vec![0xB0, 4, 0, 2, 0, code]);
}

/// [MQTT-3.14.2-1] (5.0)
#[test]
fn codes_of_a_servers_disconnect() {
    for code in 0..=0xFF {
        let mut world = World::connected(config(V5));
        world.bytes(&[0xE0, 1, code]);
        let (sent, error) = (world.sent(), world.disconnections()[0]);
        assert_eq!(world.closed, 1);
        if DISCONNECT.contains(&code) {
            assert!(sent.is_empty(), "{code:#x}");
            assert_eq!(error.reason_code, Some(ReasonCode::from_value(code)));
        } else {
            assert!(matches!(&*sent[0], "DISCONNECT 0x81" | "DISCONNECT 0x82"), "{code:#x}");
        }
    }
}

/// [duty breach 3.2.2-8] (5.0)
#[test]
fn codes_of_connack() {
    for code in 1..=0xFF {
        let mut world = opened(config(V5));
        world.bytes(&packet(0x20, &[&[0, code, 0]]));
        let error = world.disconnections()[0];
        assert_eq!(world.closed, 1, "{code:#x}");
        if CONNACK.contains(&code) {
            assert_eq!(error.reason_code, Some(ReasonCode::from_value(code)));
            assert_ne!(error.code, ErrorCode::ProtocolError);
        } else {
            assert_eq!(error.code, ErrorCode::ProtocolError, "{code:#x}");
        }
    }
}

/// [MQTT-3.14.2-1] (5.0)
#[test]
fn a_client_ends_with_a_code_that_is_a_clients() {
    for code in 0..=0xFF {
        let mut world = World::connected(config(V5));
        let reason_code = ReasonCode::from_value(code);
        world.client.disconnect(DisconnectOptions { reason_code, ..Default::default() }, world.now);
        world.settle();
        let sent = world.raw[0].get(2).copied().unwrap_or(0);
        let expected = if DISCONNECT_OF_CLIENT.contains(&code) { code } else { 0 };
        assert_eq!((sent, world.raw.len(), world.closed), (expected, 1, 1), "{code:#x}");
    }
}

/// [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.14.2-1] [MQTT-3.15.2-1] (5.0)
#[test]
fn a_code_that_a_packet_does_not_have_can_not_be_written() {
    let packets: [(PacketType, &[u8]); 4] = [
        (PacketType::Puback, &PUBACK),
        (PacketType::Pubrec, &PUBACK),
        (PacketType::Pubrel, &PUBREL),
        (PacketType::Pubcomp, &PUBREL),
    ];
    for value in 0..=0xFF {
        let reason_code = ReasonCode::from_value(value);
        let mut out = Vec::new();
        for (packet, table) in packets {
            let ack = Acknowledgement { reason_code, ..Acknowledgement::success(id(1)) };
            let written = ack.encode(packet, V5, &mut out).is_ok();
            assert_eq!(written, table.contains(&value), "{packet:?} {value:#x}");
        }
        let properties = Properties::EMPTY;
        let written = Disconnect { reason_code, properties }.encode(V5, &mut out).is_ok();
        assert_eq!(written, value == 4 || DISCONNECT.contains(&value), "DISCONNECT {value:#x}");
        let written = Auth { reason_code, properties }.encode(V5, &mut out).is_ok();
        assert_eq!(written, [0x00, 0x18, 0x19].contains(&value), "AUTH {value:#x}");
    }
}
