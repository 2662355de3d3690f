//! Enhanced authentication (3.15, 4.12). It does not know any mechanism.

use core::num::NonZeroU32;

use wasmqtt::client::{Config, ErrorCode, State};
use wasmqtt::codec::{Packet, Property, QoS, decode_from_client};

use crate::support::{Asked, Told, V5, World, config};
use crate::wire::{opened, packet, raw, refused_at_first, refused_by};

fn with_method() -> Config {
    Config { authentication_method: Some("m".into()), keep_alive: 0, ..config(V5) }
}

/// A client with the method "m" that waits for CONNACK.
fn waiting() -> World {
    let mut world = World::connecting(with_method());
    give(&mut world, b"1");
    world.open();
    world
}

fn connected(properties: &[Property<'_>]) -> World {
    let mut world = waiting();
    let mut all = vec![Property::AuthenticationMethod("m")];
    all.extend_from_slice(properties);
    world.accept(false, &all);
    assert_eq!(world.client.state(), State::Connected);
    world.forget();
    world
}

/// One that has begun to authenticate anew, with the token of that.
fn renewing() -> (World, u32) {
    let mut world = connected(&[]);
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    give(&mut world, b"2");
    (world, token)
}

fn give(world: &mut World, data: &[u8]) {
    world.client.provide_authentication(Some(data.into()), world.now);
    world.settle();
}

/// AUTH with the method "m" and the data "d".
fn auth(code: u8) -> Vec<u8> {
    packet(0xF0, &[&[code, 8], b"\x15\x00\x01m\x16\x00\x01d"])
}

/// [MQTT-3.1.2-30] (5.0)
/// [case SES-27]
#[test]
fn with_a_method_nothing_but_auth_is_sent_until_connack() {
    let mut world = waiting();
    assert_eq!(raw(&mut world)[0][0], 0x10);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "0", QoS::AtMostOnce);
    world.subscribe("b", QoS::AtMostOnce);
    assert!(world.client.ping(world.now).is_err());
    world.settle();
    world.bytes(&auth(0x18));
    assert!(world.raw.is_empty());
    give(&mut world, b"2");
    world.seconds(5);
    let sent = raw(&mut world);
    assert_eq!((sent.len(), sent[0][0]), (1, 0xF0));
    world.accept(false, &[Property::AuthenticationMethod("m")]);
    assert_eq!(world.raw.len(), 3, "then what waited");
}

/// [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-3.15.2-1] [MQTT-2.1.3-1] [MQTT-3.15.1-1] (5.0)
/// [MQTT-3.15.2-2] [MQTT-3.15.2-3] [duty 3.15 method] (5.0)
#[test]
fn auth_is_answered_with_auth_of_the_same_method_and_nothing_to_explain_it() {
    let mut world = waiting();
    let expected = [b"\x15\x00\x01m\x16\x00\x011"];
    let connect = raw(&mut world).remove(0);
    assert!(connect.windows(8).any(|bytes| bytes == expected[0]));
    world.bytes(&auth(0x18));
    assert_eq!(world.authenticate.last(), Some(&Asked::Challenge(b"d".to_vec())));
    give(&mut world, b"2");
    assert_eq!(raw(&mut world), [b"\xF0\x0A\x18\x08\x15\x00\x01m\x16\x00\x012"]);
    world.bytes(&auth(0x18));
    world.client.provide_authentication(None, world.now);
    world.settle();
    assert_eq!(raw(&mut world), [b"\xF0\x06\x18\x04\x15\x00\x01m"]);
}

/// [MQTT-4.12.1-1] [MQTT-4.12.0-5] [MQTT-3.15.2-1] [MQTT-3.15.2-2] [MQTT-3.15.2-3] (5.0)
#[test]
fn authenticating_anew_begins_with_0x19_and_the_method_of_connect() {
    let (mut world, token) = renewing();
    assert_eq!(raw(&mut world), [b"\xF0\x0A\x19\x08\x15\x00\x01m\x16\x00\x012"]);
    world.bytes(&auth(0x18));
    give(&mut world, b"3");
    assert_eq!(raw(&mut world), [b"\xF0\x0A\x18\x08\x15\x00\x01m\x16\x00\x013"]);
    world.bytes(&auth(0x00));
    assert_eq!(world.outcome(token), Some(&Told::Reauthenticated(token)));
    assert_eq!((world.closed, world.raw.len()), (0, 0));
    let mut world = waiting();
    assert!(world.client.reauthenticate(world.now).is_err(), "not before CONNACK");
}

/// [MQTT-3.2.2-15] (5.0)
#[test]
fn an_auth_is_not_larger_than_the_server_takes() {
    let mut world = connected(&[Property::MaximumPacketSize(NonZeroU32::new(50).unwrap())]);
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    give(&mut world, &[b'x'; 100]);
    assert!(world.raw.iter().all(|packet| packet.len() <= 50));
    assert!(matches!(world.outcome(token), Some(Told::Failed(..))));
}

/// [MQTT-4.12.0-5] [duty 3.15 method] (5.0)
#[test]
fn another_method_or_none_is_a_protocol_error() {
    let wrong = [packet(0xF0, &[b"\x18\x04\x15\x00\x01x"]), packet(0xF0, &[b"\x18\x00"])];
    for bytes in &wrong {
        refused_at_first(waiting(), bytes);
        refused_by(renewing().0, bytes, 0x82);
    }
    refused_at_first(waiting(), &[0x20, 3, 0, 0, 0]);
    refused_at_first(waiting(), &packet(0x20, &[b"\x00\x00\x04\x15\x00\x01x"]));
}

/// [duty 3.15.2.2 properties] [duty 3.2.2.3 properties] [duty 3.15 method] (5.0)
#[test]
fn a_property_that_comes_twice_in_auth_is_a_protocol_error() {
    let method = b"\x15\x00\x01m";
    for twice in
        [&b"\x16\x00\x01d\x16\x00\x01d"[..], b"\x15\x00\x01m", b"\x1F\x00\x01r\x1F\x00\x01r"]
    {
        let bytes = packet(0xF0, &[&[0x18, (method.len() + twice.len()) as u8], method, twice]);
        refused_at_first(waiting(), &bytes);
        refused_by(renewing().0, &bytes, 0x82);
    }
    for twice in [&b"\x16\x00\x01d\x16\x00\x01d"[..], b"\x15\x00\x01m"] {
        let len = (method.len() + twice.len()) as u8;
        refused_at_first(waiting(), &packet(0x20, &[&[0, 0, len], method, twice]));
    }
    let data_alone = packet(0x20, &[b"\x00\x00\x04\x16\x00\x01d"]);
    refused_at_first(opened(config(V5)), &data_alone);
}

/// [duty breach 4.12.0-2] [MQTT-3.15.2-1] (5.0)
#[test]
fn an_auth_of_the_server_continues_or_ends_a_renewal() {
    for code in [0x00, 0x19, 0x17] {
        refused_at_first(waiting(), &auth(code));
    }
    for (code, reason) in [(0x19, 0x82), (0x17, 0x81)] {
        refused_by(renewing().0, &auth(code), reason);
    }
    for code in [0x00, 0x18, 0x19] {
        refused_by(connected(&[]), &auth(code), 0x82);
    }
}

/// [MQTT-4.12.0-7] (5.0)
#[test]
fn without_a_method_no_auth_is_sent() {
    let mut world = opened(config(V5));
    give(&mut world, b"1");
    world.accept(false, &[]);
    give(&mut world, b"1");
    world.client.reauthenticate(world.now).unwrap();
    world.settle();
    give(&mut world, b"1");
    let sent = raw(&mut world);
    assert!(sent.iter().all(|packet| packet[0] >> 4 != 15), "{sent:02x?}");
    assert!(!sent[0].windows(2).any(|bytes| bytes == [0x15, 0]), "nor is there one in CONNECT");
}

/// [duty breach 4.12.0-6] (5.0)
#[test]
fn a_server_does_not_authenticate_a_client_without_a_method() {
    refused_at_first(opened(config(V5)), &auth(0x18));
    refused_at_first(opened(config(V5)), &packet(0x20, &[b"\x00\x00\x04\x15\x00\x01m"]));
    for code in [0x00, 0x18, 0x19] {
        refused_by(World::connected(config(V5)), &auth(code), 0x82);
    }
}

/// [MQTT-4.12.1-2] (5.0)
#[test]
fn a_renewal_that_fails_ends_the_connection() {
    let (mut world, token) = renewing();
    world.forget();
    world.bytes(&[0xE0, 1, 0x87]);
    assert_eq!((world.closed, world.raw.len()), (1, 0));
    assert_eq!(world.failure(token).reason_code.map(|it| it.value()), Some(0x87));
    // Its own: the answer of the server is not believed.
    let (mut world, token) = renewing();
    world.bytes(&auth(0x18));
    raw(&mut world);
    world.client.refuse_authentication(world.now);
    world.settle();
    assert_eq!((world.failure(token).code, world.closed), (ErrorCode::Auth, 1));
    let sent = raw(&mut world);
    let Ok(Packet::Disconnect(it)) = decode_from_client(&sent[0], V5) else { panic!() };
    assert!(it.reason_code.is_error() && sent.len() == 1);
}
