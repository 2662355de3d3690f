//! A server that names another one (5.0, 4.11).

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, State};
use wasmqtt::codec::{Connack, Disconnect, Packet, PropertiesBuf, Property, ReasonCode};

use crate::support::{V5, World, config};

fn following() -> Config {
    Config { follow_server_reference: true, ..config(V5) }
}

fn refuse(world: &mut World, reason_code: ReasonCode, reference: &str) {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ServerReference(reference)).unwrap();
    world.serve(&[Packet::Connack(Connack {
        session_present: false,
        reason_code,
        return_code: reason_code.value(),
        properties: properties.as_properties(),
    })]);
}

fn send_away(world: &mut World, reason_code: ReasonCode, reference: &str) {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ServerReference(reference)).unwrap();
    let properties = properties.as_properties();
    world.serve(&[Packet::Disconnect(Disconnect { reason_code, properties })]);
}

/// [duty 4.11 server reference] (5.0)
#[test]
fn the_server_that_connack_names_is_tried_at_once() {
    let mut world = World::connecting(following());
    world.open();
    refuse(&mut world, ReasonCode::USE_ANOTHER_SERVER, "b.example:9001");
    assert_eq!(world.opened.len(), 2);
    assert_eq!(world.reference.as_deref(), Some("b.example:9001"));
    let error = world.disconnections()[0];
    assert_eq!((error.code, error.retryable), (ErrorCode::ConnectionRefused, true));
    world.open();
    world.accept(false, &[]);
    assert_eq!(world.client.state(), State::Connected);
    world.drop_socket();
    world.seconds(1);
    assert_eq!(world.reference, None, "it was for now");
}

#[test]
fn a_server_that_the_host_does_not_open_is_forgotten() {
    for code in [ReasonCode::USE_ANOTHER_SERVER, ReasonCode::SERVER_MOVED] {
        let mut world = World::connected(following());
        send_away(&mut world, code, "b.example");
        assert_eq!(world.reference.as_deref(), Some("b.example"));
        world.refuse_socket();
        world.seconds(1);
        assert_eq!((world.opened.len(), &world.reference), (3, &None));
    }
}

#[test]
fn what_has_moved_is_found_there_from_then_on() {
    let mut world = World::connected(following());
    send_away(&mut world, ReasonCode::SERVER_MOVED, "b.example");
    assert_eq!(world.reference.as_deref(), Some("b.example"));
    world.open();
    world.accept(false, &[]);
    world.drop_socket();
    world.seconds(1);
    assert_eq!(world.reference.as_deref(), Some("b.example"));
    world.drop_socket();
    world.seconds(30);
    assert_eq!(world.reference, None, "until it does not work");
}

#[test]
fn servers_that_name_each_other_are_not_followed_without_end() {
    let mut world = World::connecting(following());
    for _ in 0..3 {
        world.open();
        refuse(&mut world, ReasonCode::USE_ANOTHER_SERVER, "b.example");
    }
    world.open();
    refuse(&mut world, ReasonCode::USE_ANOTHER_SERVER, "b.example");
    assert_eq!(world.socket, None);
    assert!(matches!(world.client.state(), State::Waiting { .. }));
    world.advance(Duration::from_secs(30));
    assert_eq!(world.reference, None);
}

#[test]
fn a_reference_that_is_no_host_is_not_followed() {
    for reference in ["wss://b.example/mqtt", "user@b.example", ""] {
        let mut world = World::connecting(following());
        world.open();
        refuse(&mut world, ReasonCode::USE_ANOTHER_SERVER, reference);
        assert_eq!((world.opened.len(), &world.reference), (1, &None), "{reference:?}");
    }
}

#[test]
fn nobody_is_followed_without_being_asked() {
    let mut world = World::connecting(config(V5));
    world.open();
    refuse(&mut world, ReasonCode::SERVER_MOVED, "b.example");
    world.seconds(30);
    assert_eq!(world.reference, None);
}
