//! Publishing with QoS 0, 1 and 2 (3.3, 4.3).

use wasmqtt::client::ErrorCode;
use wasmqtt::codec::{PacketType, Property, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config};

#[test]
fn qos_0_is_done_when_it_was_handed_to_the_socket() {
    let mut world = World::connected(config(V4));
    world.blocked = true;
    let token = world.publish("a", "1", QoS::AtMostOnce);
    assert_eq!(world.outcome(token), None);
    world.blocked = false;
    world.settle();
    assert_eq!(world.sent(), ["PUBLISH \"a\" q0 \"1\""]);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
}

/// [MQTT-4.3.2-3] (5.0)
#[test]
fn qos_1_is_done_when_puback_came() {
    let mut world = World::connected(config(V5));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q1 \"1\""]);
    assert_eq!(world.outcome(token), None);
    world.ack(PacketType::Puback, 1, ReasonCode::NO_MATCHING_SUBSCRIBERS);
    let done = Told::Published(token, ReasonCode::NO_MATCHING_SUBSCRIBERS);
    assert_eq!(world.outcome(token), Some(&done));
    assert_eq!(world.client.stats().in_flight, 0);
}

/// [MQTT-4.3.3-4] [MQTT-4.3.3-5] (5.0)
#[test]
fn qos_2_is_done_when_pubcomp_came() {
    let mut world = World::connected(config(V5));
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q2 \"1\""]);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 1"]);
    assert_eq!(world.outcome(token), None);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
}

#[test]
fn a_refused_publish_fails_with_the_reason() {
    for (qos, packet) in
        [(QoS::AtLeastOnce, PacketType::Puback), (QoS::ExactlyOnce, PacketType::Pubrec)]
    {
        let mut world = World::connected(config(V5));
        let token = world.publish("a", "1", qos);
        world.sent();
        world.ack(packet, 1, ReasonCode::NOT_AUTHORIZED);
        let error = world.failure(token);
        assert_eq!(
            (error.code, error.reason_code),
            (ErrorCode::Refused, Some(ReasonCode::NOT_AUTHORIZED))
        );
        assert!(world.sent().is_empty(), "no PUBREL after an error");
        assert_eq!(world.client.stats().in_flight, 0);
    }
}

#[test]
fn acknowledgements_may_come_in_any_order() {
    let mut world = World::connected(config(V4));
    let first = world.publish("a", "1", QoS::AtLeastOnce);
    let second = world.publish("a", "2", QoS::AtLeastOnce);
    world.ack(PacketType::Puback, 2, ReasonCode::SUCCESS);
    assert!(world.outcome(second).is_some() && world.outcome(first).is_none());
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert!(world.outcome(first).is_some());
}

#[test]
fn an_unknown_pubrec_is_answered_and_other_unknown_acknowledgements_are_ignored() {
    let mut world = World::connected(config(V5));
    world.ack(PacketType::Puback, 9, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 9, ReasonCode::SUCCESS);
    assert!(world.sent().is_empty() && world.told.is_empty());
    world.ack(PacketType::Pubrec, 9, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 9 0x92"]);
    world.ack(PacketType::Pubrel, 8, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBCOMP 8 0x92"]);
}

#[test]
fn an_acknowledgement_of_the_wrong_kind_ends_the_connection() {
    let mut world = World::connected(config(V5));
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    world.sent();
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
    assert_eq!(world.outcome(token), None, "it is sent again");
}

#[test]
fn bad_arguments_are_refused_and_disturb_nothing() {
    let mut world = World::connected(config(V5));
    for topic in ["", "a/+", "#", "a\0"] {
        let error = world.try_publish(topic, "", QoS::AtLeastOnce, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
    let properties =
        [Property::ResponseTopic("a/#"), Property::TopicAlias(1), Property::ReasonString("x")];
    for property in properties {
        let error = world.try_publish("a", "", QoS::AtLeastOnce, &[property]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
    assert!(world.sent().is_empty() && world.told.is_empty());
    world.publish("a", "", QoS::AtLeastOnce);
    assert_eq!(world.sent(), ["PUBLISH 1 \"a\" q1 \"\""]);
}

#[test]
fn properties_need_5_0() {
    let property = Property::ContentType("text/plain");
    let mut world = World::connected(config(V4));
    let error = world.try_publish("a", "", QoS::AtMostOnce, &[property]).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    let mut world = World::connected(config(V5));
    world.try_publish("a", "", QoS::AtMostOnce, &[property]).unwrap();
}

#[test]
fn one_burst_leaves_in_one_frame() {
    let mut world = World::connected(config(V5));
    world.blocked = true;
    for _ in 0..50 {
        world.publish("a", "1", QoS::AtMostOnce);
    }
    world.blocked = false;
    world.settle();
    assert_eq!((world.sent().len(), world.frames), (50, 1));
}

#[test]
fn flush_waits_for_every_publish_before_it() {
    let mut world = World::connected(config(V4));
    let nothing = world.client.flush(world.now).get();
    world.settle();
    assert_eq!(world.outcome(nothing), Some(&Told::Flushed(nothing)));
    world.publish("a", "1", QoS::AtLeastOnce);
    let flush = world.client.flush(world.now).get();
    world.publish("a", "2", QoS::AtLeastOnce);
    world.ack(PacketType::Puback, 2, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(flush), None);
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(flush), Some(&Told::Flushed(flush)));
}

#[test]
fn a_publish_nobody_waits_for_is_taken_back_while_it_is_queued() {
    let mut world = World::connecting(config(V4));
    let queued = world.try_publish("a", "1", QoS::AtLeastOnce, &[]).unwrap();
    assert!(world.client.cancel(queued));
    world.open();
    world.accept(false, &[]);
    let sent = world.try_publish("a", "2", QoS::AtLeastOnce, &[]).unwrap();
    assert!(!world.client.cancel(sent));
    assert_eq!(world.sent()[1..], ["PUBLISH 1 \"a\" q1 \"2\""]);
}
