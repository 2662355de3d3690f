//! What MQTT 3.1 does otherwise than 3.1.1: name and level, the client identifier, no Session Present,
//! DUP where 3.1.1 has a reserved bit. It does not know what both have.

use wasmqtt::client::{Client, Config, Credentials, ErrorCode, State, VersionPolicy};
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use crate::support::{Told, V3_1, World, config, message};
use crate::wire::{connect, opened, packet, raw, taken_by};

fn named(identifier: String) -> Config {
    Config { client_identifier: Some(identifier), ..config(V3_1) }
}

#[test]
fn connect_says_mqisdp_and_level_3() {
    let expected = packet(0x10, &[b"\x00\x06MQIsdp\x03\x02\x00\x3C\x00\x01c"]);
    assert_eq!(connect(config(V3_1)), expected);
    let (username, password) = (Some("u".into()), Some(b"p".to_vec()));
    let credentials = Credentials::Fixed { username, password };
    let login = Config { credentials, clean_start: false, keep_alive: 1, ..config(V3_1) };
    let expected = packet(0x10, &[b"\x00\x06MQIsdp\x03\xC0\x00\x01\x00\x01c\x00\x01u\x00\x01p"]);
    assert_eq!(connect(login), expected);
}

#[test]
fn a_client_identifier_has_from_1_to_23_characters() {
    for identifier in ["c".to_string(), "c".repeat(23), "é".repeat(23)] {
        let mut world = opened(named(identifier.clone()));
        assert!(world.sent()[0].contains(&format!("{identifier:?}")));
    }
    for identifier in [String::new(), "c".repeat(24), "é".repeat(24)] {
        let error = Client::new(named(identifier.clone()), 1).map(|_| ()).unwrap_err();
        assert_eq!(error.code, ErrorCode::Unsupported, "{identifier}");
    }
    let made = World::new(Config { client_identifier: None, ..config(V3_1) });
    assert_eq!(made.client.client_identifier().len(), 23);
}

#[test]
fn what_fills_the_reserved_byte_of_connack_is_no_session() {
    for reserved in [0, 1, 0x7F, 0xFF] {
        let mut world = opened(config(V3_1));
        world.bytes(&[0x20, 2, reserved, 0]);
        assert_eq!((world.client.state(), world.closed), (State::Connected, 0));
        assert!(
            matches!(&world.told[..], [.., Told::Connected(server)] if !server.session_present)
        );
    }
}

#[test]
fn each_return_code_but_0_refuses() {
    for code in 1..=5 {
        let mut world = opened(config(V3_1));
        world.bytes(&[0x20, 2, 0, code]);
        assert_eq!(world.closed, 1, "{code}");
        let error = world.disconnections()[0];
        assert!(matches!(error.code, ErrorCode::ConnectionRefused | ErrorCode::Auth), "{code}");
    }
}

#[test]
fn dup_on_pubrel_is_taken_and_a_wrong_flag_is_not() {
    for first in [0x62, 0x6A] {
        let mut world = World::connected(config(V3_1));
        world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
        world.raw.clear();
        let mut world = taken_by(world, &[first, 2, 0, 7]);
        assert_eq!(raw(&mut world), [[0x70, 2, 0, 7]]);
    }
    for first in [0x60, 0x61, 0x64, 0x66] {
        let mut world = World::connected(config(V3_1));
        world.bytes(&[first, 2, 0, 7]);
        assert_eq!((world.closed, world.raw.len()), (1, 0), "{first:#04x}");
    }
}

#[test]
fn the_exchanges_are_those_of_3_1_1() {
    let mut world = World::connected(config(V3_1));
    let token = world.publish("a", "x", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    world.subscribe("b", QoS::AtLeastOnce);
    world.suback(2, &[1]);
    world.bytes(b"\x32\x05\x00\x01b\x00\x09\x34\x05\x00\x01b\x00\x09");
    let expected: [&[u8]; 5] = [
        b"\x34\x06\x00\x01a\x00\x01x",
        b"\x62\x02\x00\x01",
        b"\x82\x06\x00\x02\x00\x01b\x01",
        b"\x40\x02\x00\x09",
        b"\x50\x02\x00\x09",
    ];
    assert_eq!(raw(&mut world), expected);
}

#[test]
fn a_kept_session_is_believed_in_though_the_server_cannot_say_that_it_has_it() {
    let mut world = World::connected(Config { clean_start: false, ..config(V3_1) });
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(raw(&mut world), [packet(0x3A, &[b"\x00\x01a\x00\x011"]), packet(0x62, &[&[0, 2]])]);
}

#[test]
fn a_break_of_3_1_closes_and_no_other_version_is_tried() {
    let mut world = World::connected(config(V3_1));
    world.bytes(&[0xF0, 0]);
    assert_eq!((world.closed, world.raw.len()), (1, 0));
    world.reconnect(false, &[]);
    assert!(world.opened.iter().all(|(_, version)| *version == V3_1));
    let mut refused = opened(config(V3_1));
    assert_eq!(config(V3_1).version, VersionPolicy::Exactly(V3_1));
    refused.bytes(&[0x20, 2, 0, 1]);
    assert_eq!((refused.client.state(), refused.opened.len()), (State::Closed, 1));
}
