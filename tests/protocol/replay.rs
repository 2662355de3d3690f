//! What was not acknowledged when the connection was lost (4.4, 4.6).

use wasmqtt::client::{Config, ErrorCode, Resubscribe, VersionPolicy};
use wasmqtt::codec::{PacketType, Property, QoS, ReasonCode};

use crate::support::{Told, V3_1, V4, V5, World, config};

fn kept(config: Config) -> Config {
    let v5 = config.version == VersionPolicy::Exactly(V5);
    let session_expiry_interval = if v5 { 60 } else { 0 };
    Config { clean_start: false, session_expiry_interval, ..config }
}

/// [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1] (5.0)
/// [case SES-11] [case SES-12] [case SES-13] [case CAK-16]
#[test]
fn a_resumed_session_gets_everything_again_in_its_order_before_what_is_new() {
    for version in [V4, V5] {
        let mut world = World::connected(kept(config(version)));
        world.publish("a", "1", QoS::AtLeastOnce);
        world.publish("a", "2", QoS::ExactlyOnce);
        world.publish("a", "3", QoS::ExactlyOnce);
        world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
        world.drop_socket();
        world.publish("a", "4", QoS::AtLeastOnce);
        world.subscribe("b", QoS::AtMostOnce);
        world.reconnect(true, &[]);
        let expected = [
            "SUBSCRIBE 4 b q0",
            "PUBLISH 1 dup \"a\" q1 \"1\"",
            "PUBREL 2",
            "PUBLISH 3 dup \"a\" q2 \"3\"",
            "PUBLISH 5 \"a\" q1 \"4\"",
        ];
        assert_eq!((world.sent(), world.frames), (expected.map(String::from).to_vec(), 1));
    }
}

/// [case SES-14] [case SES-15] [case CAK-17]
#[test]
fn a_lost_session_gets_what_is_not_complete_as_new_publishes() {
    let mut world = World::connected(config(V4));
    let first = world.publish("a", "1", QoS::AtLeastOnce);
    let second = world.publish("a", "2", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.subscribe("b", QoS::AtMostOnce);
    world.suback(3, &[0]);
    world.drop_socket();
    world.reconnect(false, &[]);
    // A server that had answered PUBREC and lost its session may have passed nothing on.
    let expected = ["SUBSCRIBE 4 b q0", "PUBLISH 5 \"a\" q1 \"1\"", "PUBLISH 6 \"a\" q2 \"2\""];
    assert_eq!(world.sent(), expected);
    world.ack(PacketType::Puback, 5, ReasonCode::SUCCESS);
    assert!(world.outcome(first).is_some() && world.outcome(second).is_none());
}

#[test]
fn a_session_that_was_to_be_kept_and_is_lost_is_told_with_what_is_published_anew() {
    let lost = |world: &World| {
        let told = world.told.iter().filter_map(|told| match told {
            Told::SessionLost(topics) => Some(topics.clone()),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    for version in [V4, V5] {
        let mut world = World::connected(kept(config(version)));
        world.publish("a", "1", QoS::AtLeastOnce);
        world.publish("b", "2", QoS::ExactlyOnce);
        world.drop_socket();
        world.publish("c", "3", QoS::AtLeastOnce);
        world.reconnect(true, &[]);
        assert_eq!(lost(&world), Vec::<Vec<String>>::new(), "it has it");
        world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
        world.drop_socket();
        world.reconnect(false, &[]);
        assert_eq!(lost(&world), [["b", "c"]]);
        // None was to be kept: nothing is lost.
        let mut world = World::connected(config(version));
        world.publish("a", "1", QoS::AtLeastOnce);
        world.drop_socket();
        world.reconnect(false, &[]);
        assert_eq!(lost(&world), Vec::<Vec<String>>::new());
    }
}

#[test]
fn all_is_subscribed_to_again_where_that_is_asked_for() {
    for version in [V4, V5] {
        let resubscribe = Resubscribe::Always;
        let mut world = World::connected(Config { resubscribe, ..kept(config(version)) });
        world.subscribe("a", QoS::AtMostOnce);
        let gone = world.subscribe("b", QoS::AtMostOnce);
        world.suback(1, &[0]);
        world.suback(2, &[0]);
        assert_eq!(world.sent().len(), 2, "once on the first connection");
        world.drop_socket();
        world.unsubscribe(gone);
        world.reconnect(true, &[]);
        assert_eq!(world.sent(), ["UNSUBSCRIBE 3 b", "SUBSCRIBE 4 a q0"]);
        world.suback(4, &[0]);
        world.drop_socket();
        world.reconnect(false, &[]);
        assert_eq!(world.sent(), ["SUBSCRIBE 5 a q0"]);
    }
}

#[test]
fn promises_are_kept_over_many_connections() {
    let mut world = World::connected(kept(config(V5)));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    for _ in 0..20 {
        // Long enough not to be put down to the message.
        world.seconds(20);
        world.drop_socket();
        world.reconnect(true, &[]);
        assert_eq!(world.sent(), ["PUBLISH 1 dup \"a\" q1 \"1\""]);
    }
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert!(matches!(world.outcome(token), Some(Told::Published(..))));
}

#[test]
fn a_message_that_ends_every_connection_is_not_replayed_for_ever() {
    let mut world = World::connected(kept(config(V5)));
    let token = world.publish("a", "poison", QoS::AtLeastOnce);
    let other = world.publish("a", "fine", QoS::AtLeastOnce);
    for _ in 0..4 {
        world.drop_socket();
        world.reconnect(true, &[]);
    }
    world.drop_socket();
    assert_eq!(world.failure(token).code, ErrorCode::HungUp);
    world.reconnect(true, &[]);
    assert_eq!(world.sent(), ["PUBLISH 2 dup \"a\" q1 \"fine\""]);
    world.ack(PacketType::Puback, 2, ReasonCode::SUCCESS);
    assert!(world.outcome(other).is_some());
}

/// [case SES-04]
#[test]
fn the_replay_keeps_to_the_receive_maximum() {
    let mut world = World::connected(kept(config(V5)));
    for payload in ["1", "2", "3"] {
        world.publish("a", payload, QoS::AtLeastOnce);
    }
    world.drop_socket();
    world.publish("a", "4", QoS::AtLeastOnce);
    let one = core::num::NonZeroU16::new(1).unwrap();
    world.reconnect(true, &[Property::ReceiveMaximum(one)]);
    let mut sent = world.sent();
    for identifier in 1..=3 {
        world.ack(PacketType::Puback, identifier, ReasonCode::SUCCESS);
        let next = world.sent();
        assert_eq!(next.len(), 1);
        sent.extend(next);
    }
    assert_eq!(sent.last().map(String::as_str), Some("PUBLISH 4 \"a\" q1 \"4\""));
    assert_eq!(sent[2], "PUBLISH 3 dup \"a\" q1 \"3\"");
}

#[test]
fn a_3_1_client_that_keeps_its_session_believes_in_it_and_subscribes_again() {
    let mut world = World::connected(kept(config(V3_1)));
    world.publish("a", "1", QoS::ExactlyOnce);
    world.subscribe("b", QoS::AtMostOnce);
    world.suback(2, &[0]);
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(world.sent(), ["SUBSCRIBE 3 b q0", "PUBLISH 1 dup \"a\" q2 \"1\""]);
}

/// [MQTT-2.2.1-3] [MQTT-4.3.3-2] (5.0)
#[test]
fn the_identifier_of_a_qos_2_publish_that_was_given_up_is_not_used_while_the_server_may_know_it() {
    for version in [V4, V5] {
        let mut world = World::connected(kept(config(version)));
        let given_up = world.publish("a", "1", QoS::ExactlyOnce);
        assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q2 \"1\""]);
        // It ends each connection on which it is sent.
        for _ in 0..5 {
            world.drop_socket();
            world.reconnect(true, &[]);
        }
        assert!(world.outcome(given_up).is_none());
        // All others come before it is its turn again.
        world.forget();
        for _ in 0..65_534 {
            world.publish("a", "", QoS::AtLeastOnce);
            let sent = world.sent().pop().unwrap();
            let identifier: u16 = sent.split(' ').nth(1).unwrap().parse().unwrap();
            assert_ne!(identifier, 1);
            world.ack(PacketType::Puback, identifier, ReasonCode::SUCCESS);
        }
        world.forget();
        world.publish("a", "2", QoS::ExactlyOnce);
        assert_eq!(world.sent(), ["PUBLISH 2 \"a\" q2 \"2\""]);
        // A late answer frees it.
        world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
        let pubrel = if version == V5 { "PUBREL 1 0x92" } else { "PUBREL 1" };
        assert_eq!(world.sent(), [pubrel]);
        world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    }
}
