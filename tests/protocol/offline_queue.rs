//! Publishes while there is no connection: kept, bounded, expiring.

use core::time::Duration;

use wasmqtt::client::{Config, DisconnectOptions, ErrorCode, OfflineQos0, QueueLimits};
use wasmqtt::codec::{Packet, PacketType, Property, QoS, ReasonCode, decode_from_client};

use crate::support::{V4, V5, World, config};

#[test]
fn everything_waits_and_leaves_in_order() {
    let mut world = World::connecting(config(V4));
    for (payload, qos) in [("1", QoS::AtMostOnce), ("2", QoS::ExactlyOnce), ("3", QoS::AtLeastOnce)]
    {
        world.publish("a", payload, qos);
    }
    assert_eq!((world.client.stats().queued, world.client.stats().queued_bytes), (3, 6));
    world.open();
    world.forget();
    world.accept(false, &[]);
    let expected =
        ["PUBLISH \"a\" q0 \"1\"", "PUBLISH 1 \"a\" q2 \"2\"", "PUBLISH 2 \"a\" q1 \"3\""];
    assert_eq!((world.sent(), world.frames), (expected.map(String::from).to_vec(), 1));
}

#[test]
fn the_bounds_are_kept_and_say_so() {
    let queue = QueueLimits { max_messages: 2, ..QueueLimits::default() };
    let mut world = World::connecting(Config { queue, ..config(V4) });
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::AtLeastOnce);
    let error = world.try_publish("a", "3", QoS::AtLeastOnce, &[]).unwrap_err();
    assert_eq!((error.code, error.retryable), (ErrorCode::QueueFull, true));
    let queue = QueueLimits { max_bytes: 5, ..QueueLimits::default() };
    let mut world = World::connecting(Config { queue, ..config(V4) });
    world.publish("a", "12", QoS::AtMostOnce);
    assert!(world.try_publish("a", "12", QoS::AtMostOnce, &[]).is_err());
    assert!(world.try_publish("a", "1", QoS::AtMostOnce, &[]).is_ok());
}

#[test]
fn qos_0_can_be_refused_instead() {
    let queue = QueueLimits { qos0: OfflineQos0::Reject, ..QueueLimits::default() };
    let mut world = World::connecting(Config { queue, ..config(V4) });
    let error = world.try_publish("a", "", QoS::AtMostOnce, &[]).unwrap_err();
    assert_eq!(error.code, ErrorCode::NotConnected);
    world.publish("a", "", QoS::AtLeastOnce);
    world.open();
    world.accept(false, &[]);
    world.publish("a", "", QoS::AtMostOnce);
}

#[test]
fn a_message_expires_while_it_waits_and_is_never_sent() {
    for version in [V4, V5] {
        let mut world = World::connecting(config(version));
        let expiry = Property::MessageExpiryInterval(3);
        let token = world.try_publish("a", "1", QoS::AtLeastOnce, &[expiry]).unwrap().get();
        world.seconds(3);
        assert_eq!(world.failure(token).code, ErrorCode::Timeout);
        world.open();
        world.forget();
        world.accept(false, &[]);
        assert!(world.sent().is_empty());
    }
}

#[test]
fn the_expiry_that_is_sent_is_what_is_left() {
    let mut world = World::connecting(config(V5));
    world.try_publish("a", "1", QoS::AtMostOnce, &[Property::MessageExpiryInterval(10)]).unwrap();
    world.seconds(4);
    world.open();
    world.blocked = true;
    world.accept(false, &[]);
    let bytes = world.client.poll_transmit(world.now, 1000).unwrap();
    let Packet::Publish(publish) = decode_from_client(bytes, V5).unwrap() else { panic!() };
    assert_eq!(publish.properties.message_expiry_interval(), Some(6));
}

#[test]
fn what_time_alone_ends_is_told_of_while_it_is_held() {
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut world = World::connecting(config(V5));
        let expiry = Property::MessageExpiryInterval(3);
        world.publish("a", "for ever", QoS::AtLeastOnce);
        assert!(!world.client.is_timed());
        // Taken back.
        let token = world.try_publish("a", "", qos, &[expiry]).unwrap();
        assert!(world.client.is_timed());
        assert!(world.client.cancel(token) && !world.client.is_timed());
        // Expired.
        world.try_publish("a", "", qos, &[expiry]).unwrap();
        world.seconds(3);
        assert!(!world.client.is_timed());
        // Sent, and in flight until it is acknowledged.
        world.try_publish("a", "", qos, &[expiry]).unwrap();
        world.open();
        world.accept(false, &[]);
        assert_eq!(world.client.is_timed(), qos != QoS::AtMostOnce);
        if qos == QoS::AtLeastOnce {
            world.ack(PacketType::Puback, 2, ReasonCode::SUCCESS);
            assert!(!world.client.is_timed());
        }
    }
}

#[test]
fn an_end_that_is_put_off_is_timed() {
    let mut world = World::connecting(config(V5));
    world.publish("a", "", QoS::AtLeastOnce);
    let drain = Some(Duration::from_secs(3));
    world.client.disconnect(DisconnectOptions { drain, ..DisconnectOptions::default() }, world.now);
    world.settle();
    assert!(world.client.is_timed());
    world.seconds(3);
    assert!(!world.client.is_timed());
}
