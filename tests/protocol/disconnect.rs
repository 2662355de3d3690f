//! The end: DISCONNECT, draining, abandoning (3.14).

use core::time::Duration;

use wasmqtt::client::{Config, DisconnectOptions, ErrorCode, State};
use wasmqtt::codec::{PacketType, QoS, ReasonCode, SubscriptionOptions};

use crate::support::{Told, V4, V5, World, config};

fn disconnect(world: &mut World, options: DisconnectOptions) {
    world.client.disconnect(options, world.now);
    world.settle();
}

/// [MQTT-3.14.4-1] [MQTT-3.14.4-2] (5.0)
#[test]
fn disconnect_is_the_last_packet_and_the_socket_is_closed() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        disconnect(&mut world, DisconnectOptions::default());
        assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
        assert_eq!((world.closed, world.client.state()), (1, State::Closed));
        assert_eq!(world.told, [Told::State(State::Closed)]);
        world.seconds(100_000);
        assert_eq!(world.opened.len(), 1);
    }
}

#[test]
fn everything_that_waits_is_settled() {
    let mut world = World::connected(config(V4));
    let publish = world.publish("a", "1", QoS::AtLeastOnce);
    let subscribe = world.subscribe("a", QoS::AtMostOnce).get();
    let ping = world.client.ping(world.now).unwrap().get();
    let flush = world.client.flush(world.now).get();
    disconnect(&mut world, DisconnectOptions::default());
    for token in [publish, subscribe, ping, flush] {
        assert_eq!(world.failure(token).code, ErrorCode::Closed);
    }
    let now = world.now;
    let plain = SubscriptionOptions::new(QoS::AtMostOnce);
    assert_eq!(world.client.subscribe("a", plain, now).unwrap_err().code, ErrorCode::Closed);
    assert_eq!(world.client.ping(now).unwrap_err().code, ErrorCode::Closed);
    assert_eq!(world.client.connect(now).unwrap_err().code, ErrorCode::Closed);
    let late = world.client.flush(now).get();
    world.settle();
    assert_eq!(world.failure(late).code, ErrorCode::Closed);
}

#[test]
fn what_can_be_sent_is_sent_first() {
    let mut world = World::connected(config(V4));
    world.blocked = true;
    let token = world.publish("a", "last words", QoS::AtMostOnce);
    disconnect(&mut world, DisconnectOptions::default());
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"last words\"", "DISCONNECT 0x00"]);
    assert!(matches!(world.outcome(token), Some(Told::Published(..))));
}

#[test]
fn draining_waits_for_acknowledgements() {
    let drain = Some(Duration::from_secs(5));
    let mut world = World::connected(config(V4));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    world.sent();
    disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
    assert_eq!((world.client.state(), world.sent()), (State::Closing, vec![]));
    assert!(world.try_publish("a", "2", QoS::AtLeastOnce, &[]).is_err());
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert!(matches!(world.outcome(token), Some(Told::Published(..))));
    assert_eq!(
        (world.client.state(), world.sent()),
        (State::Closed, vec!["DISCONNECT 0x00".into()])
    );
}

#[test]
fn draining_waits_for_subscribe_and_unsubscribe() {
    let drain = Some(Duration::MAX);
    for connected in [true, false] {
        let mut world = World::connected(config(V5));
        let leaving = world.subscribe("a", QoS::AtMostOnce);
        world.suback(1, &[0]);
        if !connected {
            world.drop_socket();
        }
        let token = world.unsubscribe(leaving);
        let coming = world.subscribe("b", QoS::AtLeastOnce).get();
        disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
        assert_eq!(world.client.state(), State::Closing);
        if connected {
            world.forget();
        } else {
            world.reconnect(true, &[]);
        }
        let asked = world.sent();
        if !connected {
            assert_eq!(asked, ["UNSUBSCRIBE 2 a", "SUBSCRIBE 3 b q1"]);
        }
        world.unsuback(2, &[0]);
        assert!(matches!(world.outcome(token), Some(Told::Unsubscribed(..))));
        assert_eq!(world.client.state(), State::Closing);
        world.suback(3, &[1]);
        assert!(matches!(world.outcome(coming), Some(Told::Subscribed(..))));
        assert_eq!(
            (world.client.state(), world.sent()),
            (State::Closed, vec!["DISCONNECT 0x00".into()])
        );
    }
}

#[test]
fn draining_does_not_wait_for_subscriptions_that_were_granted_before() {
    let drain = Some(Duration::from_secs(5));
    let mut world = World::connected(config(V5));
    world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    world.drop_socket();
    disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
    assert_eq!(world.client.state(), State::Closed);
}

#[test]
fn draining_has_no_limit_where_none_is_wanted() {
    for drain in [Duration::MAX, Duration::from_secs(1 << 61), Duration::from_millis(u64::MAX)] {
        let mut world = World::connected(Config { keep_alive: 0, ..config(V5) });
        let token = world.publish("a", "1", QoS::AtLeastOnce);
        let drain = Some(drain);
        disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
        world.seconds(1 << 40);
        assert_eq!(world.client.state(), State::Closing);
        world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
        assert!(matches!(world.outcome(token), Some(Told::Published(..))));
        assert_eq!(world.client.state(), State::Closed);
    }
}

#[test]
fn draining_has_a_limit_and_survives_a_reconnect() {
    let drain = Some(Duration::from_secs(5));
    let mut world = World::connected(config(V4));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    disconnect(&mut world, DisconnectOptions { drain, ..DisconnectOptions::default() });
    world.drop_socket();
    world.advance(Duration::from_millis(600));
    world.open();
    world.forget();
    world.accept(false, &[]);
    assert_eq!(world.sent(), ["PUBLISH 2 \"a\" q1 \"1\""]);
    world.seconds(5);
    assert_eq!(world.failure(token).code, ErrorCode::Closed);
    assert_eq!(world.client.state(), State::Closed);
}

#[test]
fn nothing_is_said_where_nobody_listens() {
    let mut world = World::connecting(config(V4));
    disconnect(&mut world, DisconnectOptions::default());
    assert_eq!((world.closed, world.client.state(), world.sent()), (1, State::Closed, vec![]));
    let mut world = World::new(config(V4));
    disconnect(&mut world, DisconnectOptions::default());
    assert_eq!((world.closed, world.client.state()), (0, State::Closed));
}

#[test]
fn abandoning_sends_no_disconnect() {
    let mut world = World::connected(config(V5));
    world.client.abandon(world.now);
    world.settle();
    assert_eq!((world.closed, world.sent(), world.client.state()), (1, vec![], State::Closed));
}

#[test]
fn the_will_can_be_asked_for() {
    let reason_code = ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;
    for (version, sent) in [(V5, &["DISCONNECT 0x04"][..]), (V4, &[])] {
        let mut world = World::connected(config(version));
        disconnect(&mut world, DisconnectOptions { reason_code, ..DisconnectOptions::default() });
        assert_eq!(
            (world.sent(), world.closed),
            (sent.iter().map(|it| it.to_string()).collect(), 1)
        );
    }
}

/// [duty 3.14.2.2.2 session expiry] (5.0)
#[test]
fn a_session_expiry_is_said_where_there_is_a_session() {
    for (kept, len) in [(60, 9), (0, 2)] {
        let mut world = World::connected(Config { session_expiry_interval: kept, ..config(V5) });
        let session_expiry_interval = Some(5);
        let options = DisconnectOptions { session_expiry_interval, ..DisconnectOptions::default() };
        world.client.disconnect(options, world.now);
        let bytes = world.client.poll_transmit(world.now, 100).unwrap();
        assert_eq!(bytes.len(), len);
    }
}
