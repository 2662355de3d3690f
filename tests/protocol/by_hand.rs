//! A client that is stopped and begun again, with other options where they are given.

use core::time::Duration;

use wasmqtt::client::{Config, DisconnectOptions, ErrorCode, State, WillConfig};
use wasmqtt::codec::{PacketType, PropertiesBuf, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config};

fn by_hand(version: wasmqtt::codec::ProtocolVersion) -> Config {
    Config { by_hand: true, reconnect: None, ..config(version) }
}

fn stop(world: &mut World) {
    let token = world.client.stop(&DisconnectOptions::default(), world.now).unwrap();
    world.settle();
    assert!(world.outcome(token.get()).is_some());
}

fn begin(world: &mut World) {
    world.client.connect(world.now).unwrap();
    world.settle();
}

/// [MQTT-3.14.4-1] [MQTT-3.14.4-2] (5.0)
#[test]
fn stop_sends_disconnect_and_is_idle_until_it_is_begun_again() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        stop(&mut world);
        assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
        assert_eq!((world.closed, world.client.state()), (1, State::Idle));
        assert_eq!(world.disconnections().last().unwrap().code, ErrorCode::Aborted);
        world.seconds(100_000);
        assert_eq!(world.opened.len(), 1);
        begin(&mut world);
        assert_eq!(world.opened.len(), 2);
        world.open();
        world.accept(false, &[]);
        assert_eq!(world.client.state(), State::Connected);
    }
}

#[test]
fn what_waits_when_it_is_stopped_goes_on_where_it_was() {
    let mut world = World::connected(Config { clean_start: false, ..config(V4) });
    let subscription = world.subscribe("a", QoS::AtLeastOnce);
    world.suback(1, &[1]);
    let publish = world.publish("b", "1", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    stop(&mut world);
    let later = world.publish("b", "2", QoS::AtLeastOnce);
    world.sent();
    begin(&mut world);
    world.open();
    world.sent();
    world.accept(true, &[]);
    assert_eq!(world.sent(), ["PUBREL 2", "PUBLISH 3 \"b\" q1 \"2\""]);
    world.ack(PacketType::Pubcomp, 2, ReasonCode::SUCCESS);
    world.ack(PacketType::Puback, 3, ReasonCode::SUCCESS);
    for token in [publish, later] {
        assert!(matches!(world.outcome(token), Some(Told::Published(..))));
    }
    world.unsubscribe(subscription);
    assert_eq!(world.sent(), ["UNSUBSCRIBE 4 a"]);
}

#[test]
fn an_attempt_can_be_stopped() {
    let mut world = World::connecting(config(V5));
    stop(&mut world);
    assert_eq!(world.client.state(), State::Idle);
    begin(&mut world);
    world.open();
    stop(&mut world);
    assert_eq!((world.client.state(), world.closed), (State::Idle, 2));
    assert!(!world.sent().iter().any(|packet| packet.starts_with("DISCONNECT")));
}

#[test]
fn by_hand_nothing_ends_the_client_but_disconnect() {
    let mut world = World::connecting(by_hand(V5));
    world.drop_socket();
    assert_eq!(world.client.state(), State::Idle);
    begin(&mut world);
    world.open();
    world.refuse(ReasonCode::NOT_AUTHORIZED);
    assert_eq!(world.client.state(), State::Idle);
    begin(&mut world);
    world.open();
    world.accept(false, &[]);
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    world.drop_socket();
    world.seconds(100_000);
    assert_eq!((world.client.state(), world.opened.len()), (State::Idle, 3));
    assert!(world.outcome(token).is_none(), "it waits");
    world.client.disconnect(DisconnectOptions::default(), world.now);
    world.settle();
    assert_eq!(world.failure(token).code, ErrorCode::Closed);
}

#[test]
fn by_hand_all_servers_are_tried_before_it_is_idle() {
    let mut world = World::connecting(Config { servers: 2, ..by_hand(V4) });
    world.drop_socket();
    world.drop_socket();
    assert_eq!((world.opened.len(), world.client.state()), (2, State::Idle));
    begin(&mut world);
    world.drop_socket();
    assert_eq!(world.opened.len(), 4);
}

#[test]
fn a_drain_ends_with_the_connection_by_hand_too() {
    let mut world = World::connected(by_hand(V4));
    world.publish("a", "1", QoS::AtLeastOnce);
    let drain = Some(Duration::from_secs(5));
    let options = DisconnectOptions { drain, ..DisconnectOptions::default() };
    world.client.disconnect(options, world.now);
    world.settle();
    world.drop_socket();
    assert_eq!(world.client.state(), State::Closed);
}

#[test]
fn options_change_between_connections() {
    let mut world = World::connected(config(V4));
    let changed = || Config {
        keep_alive: 7,
        will: Some(WillConfig { topic: "gone".into(), ..WillConfig::default() }),
        ..config(V5)
    };
    let refused = world.client.configure(changed(), world.now).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unsupported);
    stop(&mut world);
    let other = Config { client_identifier: Some("other".into()), ..changed() };
    let refused = world.client.configure(other, world.now).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidArgument);
    world.client.configure(changed(), world.now).unwrap();
    begin(&mut world);
    assert_eq!(world.opened.last(), Some(&(0, V5)));
    world.open();
    let connect = world.sent().pop().unwrap();
    assert!(connect.starts_with("CONNECT v5") && connect.contains("keep-alive 7"), "{connect}");
}

#[test]
fn a_filter_of_an_earlier_client_can_be_given_up() {
    let mut world = World::connected(config(V5));
    let token = world.client.unsubscribe_filter("a/#", PropertiesBuf::new(), world.now).unwrap();
    world.settle();
    assert_eq!(world.sent(), ["UNSUBSCRIBE 1 a/#"]);
    world.unsuback(1, &[0x11]);
    assert!(matches!(world.outcome(token.get()), Some(Told::Unsubscribed(..))));
    world.subscribe("b", QoS::AtMostOnce);
    let refused = world.client.unsubscribe_filter("b", PropertiesBuf::new(), world.now);
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidArgument);
}
