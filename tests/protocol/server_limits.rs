//! The limits of CONNACK are kept to (3.2.2.3).

use core::num::{NonZeroU16, NonZeroU32};

use wasmqtt::client::{Config, DisconnectOptions, ErrorCode, Phase, PublishRequest};
use wasmqtt::codec::{PacketType, PropertiesBuf, Property, QoS, ReasonCode};

use crate::support::{V3_1, V4, V5, World, config};

fn limited(properties: &[Property<'_>]) -> World {
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, properties);
    world.forget();
    world
}

/// [MQTT-3.3.4-7] [MQTT-3.3.4-8] [MQTT-4.9.0-1] [MQTT-4.9.0-2] [MQTT-4.9.0-3] (5.0)
/// [case SES-03]
#[test]
fn the_receive_maximum_is_the_window_of_qos_1_and_2() {
    let mut world = limited(&[Property::ReceiveMaximum(NonZeroU16::new(2).unwrap())]);
    for payload in ["1", "2", "3", "4"] {
        world.publish("a", payload, QoS::ExactlyOnce);
    }
    assert_eq!(world.sent().len(), 2);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 1"], "PUBREC opens no place");
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBLISH 3 \"a\" q2 \"3\""]);
    world.ack(PacketType::Pubrec, 2, ReasonCode::QUOTA_EXCEEDED);
    assert_eq!(world.sent(), ["PUBLISH 4 \"a\" q2 \"4\""], "PUBREC with an error does");
    world.subscribe("b", QoS::AtMostOnce);
    assert_eq!(world.sent(), ["SUBSCRIBE 5 b q0"], "only publishes count");
}

/// [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15] (5.0)
#[test]
fn what_the_server_does_not_take_is_refused_before_it_is_sent() {
    let size = Property::MaximumPacketSize(NonZeroU32::new(20).unwrap());
    let mut world = limited(&[size, Property::MaximumQoS(true), Property::RetainAvailable(false)]);
    // 2 of fixed header, 3 of topic, 1 of properties.
    let largest = "x".repeat(14);
    world.publish("a", &largest, QoS::AtMostOnce);
    let too_large = "x".repeat(15);
    let error = world.try_publish("a", &too_large, QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::TooLarge);
    let error = world.try_publish("a", &largest, QoS::AtLeastOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::TooLarge);
    let error = world.try_publish("a", "", QoS::ExactlyOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    let properties = PropertiesBuf::new();
    let retained = PublishRequest {
        topic: "a",
        payload: vec![],
        qos: QoS::AtMostOnce,
        retain: true,
        properties,
    };
    let error = world.client.publish(retained, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn what_waited_for_a_server_that_does_not_take_it_fails_alone() {
    let mut world = World::connecting(config(V5));
    let too_much = world.publish("a", "1", QoS::ExactlyOnce);
    world.publish("a", "2", QoS::AtLeastOnce);
    world.open();
    world.accept(false, &[Property::MaximumQoS(true)]);
    assert_eq!(world.failure(too_much).code, ErrorCode::Unsupported);
    assert_eq!(world.sent()[1..], ["PUBLISH 2 \"a\" q1 \"2\""]);
}

#[test]
fn properties_that_waited_for_a_3_1_1_server_fail_and_say_why() {
    let mut world =
        World::connecting(Config { version: wasmqtt::client::VersionPolicy::Auto, ..config(V5) });
    let property = Property::ContentType("x");
    let token = world.try_publish("a", "", QoS::AtLeastOnce, &[property]).unwrap().get();
    world.open();
    world.bytes(&[0x20, 2, 0, 1]);
    world.open();
    assert_eq!(world.socket, Some((0, V4)));
    world.accept(false, &[]);
    assert_eq!(world.failure(token).code, ErrorCode::Unsupported);
}

#[test]
fn a_3_1_1_server_gets_20_qos_2_publishes_at_once_and_any_number_of_qos_1() {
    let mut world = World::connected(config(V4));
    for _ in 0..30 {
        world.publish("a", "", QoS::ExactlyOnce);
    }
    assert_eq!(world.sent().len(), 20);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 1"]);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBLISH 21 \"a\" q2 \"\""]);
    let mut world = World::connected(config(V4));
    for _ in 0..300 {
        world.publish("a", "", QoS::AtLeastOnce);
    }
    assert_eq!(world.sent().len(), 300);
}

/// mosquitto acknowledges a QoS 1 publish that comes while 20 QoS 2 exchanges are open, and forgets it.
#[test]
fn with_20_qos_2_exchanges_open_a_3_x_server_gets_no_qos_1_publish() {
    for version in [V3_1, V4] {
        let mut world = World::connected(Config { clean_start: false, ..config(version) });
        for _ in 0..20 {
            world.publish("a", "", QoS::ExactlyOnce);
        }
        world.forget();
        world.publish("b", "", QoS::AtLeastOnce);
        world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
        assert_eq!(world.sent(), ["PUBREL 1"], "its exchange is open until PUBCOMP");
        // Over a reconnect as well: PUBREL is sent again, and the server still has all of them.
        world.seconds(20);
        world.drop_socket();
        world.reconnect(true, &[]);
        let sent = world.sent();
        assert_eq!((sent.len(), &*sent[0]), (20, "PUBREL 1"));
        world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
        assert_eq!(world.sent(), ["PUBLISH 21 \"b\" q1 \"\""]);
    }
}

#[test]
fn a_5_0_server_says_how_many_it_takes() {
    let mut world = World::connected(config(V5));
    for _ in 0..25 {
        world.publish("a", "", QoS::ExactlyOnce);
    }
    world.publish("b", "", QoS::AtLeastOnce);
    assert_eq!(world.sent().len(), 26);
}

#[test]
fn what_is_refused_tells_where_the_connection_stands() {
    let size = Property::MaximumPacketSize(NonZeroU32::new(20).unwrap());
    let mut world = World::connecting(config(V5));
    let error = world.try_publish("a/+", "", QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::InvalidArgument, Phase::Opening));
    world.open();
    let error = world.try_publish("a/+", "", QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::InvalidArgument, Phase::Connack));
    world.accept(false, &[size]);
    let error = world.try_publish("a", &"x".repeat(15), QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::TooLarge, Phase::Connected));
    assert_eq!(world.client.phase(), Phase::Connected);
    world.client.disconnect(DisconnectOptions::default(), world.now);
    let error = world.try_publish("a", "", QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::Closed, Phase::Closed));
}
