//! GHSA-fwrw-4mhv-wxvm: an AUTH that nobody asked for crashed the client. It does not know how an
//! authentication goes well.

use wasmqtt::client::{Config, ErrorCode};
use wasmqtt::codec::{Property, QoS};

use super::dropped;
use crate::support::{Asked, V4, V5, World, config, message};

const CODES: [u8; 5] = [0x00, 0x18, 0x19, 0x01, 0x87];

/// AUTH with that code and method.
fn auth(code: u8, method: Option<&[u8]>) -> Vec<u8> {
    let property = method.map_or(vec![], |it| [&[0x15, 0, it.len() as u8], it].concat());
    let len = property.len() as u8;
    [&[0xF0, 2 + len, code, len], &property[..]].concat()
}

fn bodies(code: u8) -> [Vec<u8>; 4] {
    [auth(code, None), auth(code, Some(b"m")), vec![0xF0, 1, code], vec![0xF0, 0]]
}

fn scram() -> Config {
    Config { authentication_method: Some("m".into()), keep_alive: 0, ..config(V5) }
}

/// Whose CONNECT with the method "m" was sent.
fn authenticating() -> World {
    let mut world = World::connecting(scram());
    world.client.provide_authentication(Some(b"first".into()), world.now);
    world.settle();
    world.open();
    world.authenticate.clear();
    world
}

fn authenticated() -> World {
    let mut world = authenticating();
    world.accept(false, &[Property::AuthenticationMethod("m")]);
    world.authenticate.clear();
    world
}

/// No CONNACK has come: one error, a closed socket, nobody is asked, nothing is answered.
fn given_up(mut world: World, bytes: &[u8]) {
    world.forget();
    world.bytes(&[bytes, &[0x20, 3, 0, 0, 0]].concat());
    let errors = world.disconnections();
    assert_eq!((errors.len(), errors[0].code), (1, ErrorCode::ProtocolError), "{bytes:02x?}");
    assert_eq!((world.closed, world.authenticate.len()), (1, 0), "{bytes:02x?}");
    assert!(world.raw.iter().all(|packet| packet[0] == 0xE0), "{bytes:02x?}");
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_an_auth_without_a_method_in_connect_ends_the_connection_and_no_more() {
    for code in CODES {
        for bytes in bodies(code) {
            let malformed = bytes.get(1) == Some(&1);
            let world = World::connected(config(V5));
            if malformed {
                // Neither the shortest form nor one with properties.
                let mut world = world;
                world.bytes(&bytes);
                assert_eq!((world.closed, world.disconnections().len()), (1, 1), "{bytes:02x?}");
            } else {
                // A reason code that AUTH does not have is malformed.
                let known = [0, 0x18, 0x19].contains(&code) || bytes.len() == 2;
                dropped(
                    world,
                    &bytes,
                    &[if known { "DISCONNECT 0x82" } else { "DISCONNECT 0x81" }],
                );
            }
            let mut world = World::connecting(config(V5));
            world.open();
            given_up(world, &bytes);
        }
    }
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_an_auth_in_3_1_1_ends_the_connection_and_no_more() {
    for code in CODES {
        for bytes in bodies(code) {
            let mut world = World::connected(config(V4));
            world.bytes(&[&bytes[..], &[0x30, 3, 0, 1, b'n']].concat());
            assert_eq!((world.closed, world.sent(), world.messages()), (1, vec![], vec![]));
            world.reconnect(false, &[]);
            world.serve(&[message("a", "fine", QoS::AtMostOnce, 0)]);
            assert_eq!(world.messages(), ["fine"]);
        }
    }
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_the_method_cannot_be_changed_on_the_way() {
    for other in [None, Some(&b"n"[..]), Some(b""), Some(b"M"), Some(b"mm")] {
        given_up(authenticating(), &auth(0x18, other));
        // Anew, on an open connection.
        let mut world = authenticated();
        world.client.reauthenticate(world.now).unwrap();
        world.settle();
        world.client.provide_authentication(Some(b"again".into()), world.now);
        world.settle();
        world.authenticate.clear();
        world.forget();
        world.bytes(&auth(0x18, other));
        assert_eq!((world.sent(), world.closed), (vec!["DISCONNECT 0x82".to_string()], 1));
        assert!(world.authenticate.is_empty());
    }
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_a_challenge_on_an_open_connection_that_nobody_began_ends_it() {
    for code in [0x00, 0x18] {
        let mut world = authenticated();
        world.forget();
        world.bytes(&auth(code, Some(b"m")));
        assert_eq!((world.sent(), world.closed), (vec!["DISCONNECT 0x82".to_string()], 1));
        assert!(world.authenticate.is_empty());
    }
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_a_code_that_a_server_does_not_have_ends_the_exchange() {
    for code in [0x19, 0x01, 0x04, 0x80, 0x87, 0xFF] {
        given_up(authenticating(), &auth(code, Some(b"m")));
    }
}

#[test]
fn ghsa_fwrw_4mhv_wxvm_an_application_that_has_no_answer_to_a_challenge_ends_the_attempt() {
    let mut world = authenticating();
    world.bytes(&auth(0x18, Some(b"m")));
    assert_eq!(world.authenticate, [Asked::Challenge(vec![])]);
    world.raw.clear();
    world.client.refuse_authentication(world.now);
    world.settle();
    assert_eq!(world.closed, 1);
    assert!(!world.raw.iter().any(|packet| packet[0] == 0xF0));
    assert_eq!(world.disconnections()[0].code, ErrorCode::Auth);
    // One that says nothing at all waits no longer than for CONNACK.
    let mut world = authenticating();
    world.bytes(&auth(0x18, Some(b"m")));
    world.seconds(30);
    assert_eq!(world.disconnections()[0].code, ErrorCode::ConnectTimeout);
}
