//! What other clients did with the limits of the server, seen on the wire: nothing. It does not know the
//! limits of the client.

use core::num::{NonZeroU16, NonZeroU32};
use core::time::Duration;

use wasmqtt::client::{DisconnectOptions, ErrorCode, PublishRequest, State};
use wasmqtt::codec::{PacketType, PropertiesBuf, Property, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config};

fn limited(property: Property<'_>) -> World {
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, &[property]);
    world.forget();
    world
}

/// Seen in MQTT.js: 12 in flight.
#[test]
fn a_receive_maximum_of_2_means_2_publishes_in_flight() {
    let mut world = limited(Property::ReceiveMaximum(NonZeroU16::new(2).unwrap()));
    let tokens: Vec<u32> = (0..12).map(|_| world.publish("a", "x", QoS::AtLeastOnce)).collect();
    let mut in_flight = world.sent().len();
    assert_eq!(in_flight, 2);
    for (index, token) in tokens.into_iter().enumerate() {
        world.ack(PacketType::Puback, index as u16 + 1, ReasonCode::SUCCESS);
        assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
        in_flight = in_flight - 1 + world.sent().len();
        assert_eq!(in_flight, 2.min(11 - index));
    }
}

/// The same, for a queue.
#[test]
fn what_waited_for_the_connection_keeps_to_the_receive_maximum() {
    let mut world = World::connecting(config(V5));
    for _ in 0..12 {
        world.publish("a", "x", QoS::ExactlyOnce);
    }
    world.open();
    world.sent();
    world.accept(false, &[Property::ReceiveMaximum(NonZeroU16::new(2).unwrap())]);
    assert_eq!(world.sent().len(), 2);
}

/// Seen in MQTT.js: 500 bytes sent to a server that takes 100.
#[test]
fn what_is_longer_than_the_maximum_packet_size_is_refused_and_not_sent() {
    let size = Property::MaximumPacketSize(NonZeroU32::new(100).unwrap());
    let mut world = limited(size);
    let large = "x".repeat(500);
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let error = world.try_publish("a", &large, qos, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::TooLarge);
    }
    let filter = world.subscribe(&large, QoS::AtMostOnce).get();
    assert!(
        world.failure(filter).code == ErrorCode::TooLarge
            || world.failure(filter).reason_code.is_some()
    );
    assert!(world.raw.is_empty());
    // What waited for the connection fails alone.
    let mut world = World::connecting(config(V5));
    let too_large = world.publish("a", &large, QoS::AtLeastOnce);
    let small = world.publish("a", "x", QoS::AtLeastOnce);
    world.open();
    world.raw.clear();
    world.accept(false, &[size]);
    assert_eq!((world.failure(too_large).code, world.raw.len()), (ErrorCode::TooLarge, 1));
    assert!(world.raw.iter().all(|packet| packet.len() <= 100));
    assert_eq!(world.outcome(small), None);
}

/// Seen in MQTT.js: QoS 2 sent after a Maximum QoS of 1. Seen in mqtt5-wasm: lowered in silence.
#[test]
fn a_qos_above_the_maximum_is_refused_and_neither_sent_nor_lowered() {
    let mut world = limited(Property::MaximumQoS(true));
    let error = world.try_publish("a", "x", QoS::ExactlyOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(world.raw.is_empty(), "nor with a lower one, which nobody asked for");
    world.publish("a", "x", QoS::AtLeastOnce);
    assert_eq!(world.sent().len(), 1);
    let mut world = limited(Property::MaximumQoS(false));
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let error = world.try_publish("a", "x", qos, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::Unsupported);
    }
    assert!(world.raw.is_empty());
}

/// Seen in MQTT.js: RETAIN sent after a Retain Available of 0.
#[test]
fn nothing_retained_is_sent_to_a_server_that_does_not_retain() {
    let mut world = limited(Property::RetainAvailable(false));
    let mut retained = |retain| {
        let (topic, properties) = ("a", PropertiesBuf::new());
        let request =
            PublishRequest { topic, payload: vec![], qos: QoS::AtMostOnce, retain, properties };
        let result = world.client.publish(request, world.now);
        world.settle();
        (result, world.sent())
    };
    let (result, sent) = retained(true);
    assert_eq!((result.unwrap_err().code, sent.len()), (ErrorCode::Unsupported, 0));
    assert_eq!(retained(false).1, ["PUBLISH \"a\" q0 \"\""]);
}

/// Seen in MQTT.js: with an unacknowledged QoS 1 publish the end never comes.
#[test]
fn a_disconnect_settles_what_is_not_acknowledged() {
    for version in [V4, V5] {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            for drain in [None, Some(Duration::from_secs(3))] {
                let mut world = World::connected(config(version));
                let token = world.publish("a", "x", qos);
                let flush = world.client.flush(world.now).get();
                let options = DisconnectOptions { drain, ..DisconnectOptions::default() };
                world.client.disconnect(options, world.now);
                world.settle();
                world.advance(drain.unwrap_or_default());
                for token in [token, flush] {
                    assert_eq!(world.failure(token).code, ErrorCode::Closed);
                }
                assert_eq!((world.client.state(), world.closed), (State::Closed, 1));
                assert_eq!(world.sent().last().unwrap(), "DISCONNECT 0x00");
            }
        }
    }
}

/// Seen in mqtt5-wasm: 7 packets in 7 messages.
#[test]
fn packets_of_one_turn_leave_in_one_websocket_message() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        world.blocked = true;
        for index in 0..5 {
            world.publish("a", "x", QoS::from_value(index % 3).unwrap());
        }
        world.subscribe("b", QoS::AtMostOnce);
        world.client.ping(world.now).unwrap();
        world.blocked = false;
        world.settle();
        assert_eq!((world.sent().len(), world.frames), (7, 1));
    }
}
