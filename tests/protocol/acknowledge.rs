//! Acknowledgement by hand, its order, and the Receive Maximum as the brake (4.6, 4.9).

use core::num::NonZeroU32;

use wasmqtt::client::{
    Acknowledge, Config, DeliveryId, ErrorCode, SubscribeRequest, SubscriptionId,
};
use wasmqtt::codec::{
    Packet, PacketType, PropertiesBuf, Property, Publish, QoS, ReasonCode, SubscriptionOptions,
};

use crate::support::{V4, V5, World, config, message};

fn by_hand(world: &mut World, filter: &str, qos: QoS) -> SubscriptionId {
    let request = SubscribeRequest { manual: true, ..SubscriptionOptions::new(qos).into() };
    let id = world.client.subscribe(filter, request, world.now).unwrap();
    world.settle();
    id
}

/// Connected, with "a/#" acknowledged by hand.
fn manual(config: Config) -> World {
    let mut world = World::connected(config);
    by_hand(&mut world, "a/#", QoS::ExactlyOnce);
    world.suback(1, &[2]);
    world.forget();
    world
}

fn acknowledge(world: &mut World, delivery: Option<DeliveryId>) -> bool {
    let done = world.client.acknowledge(delivery.unwrap(), Acknowledge::default(), world.now);
    world.settle();
    done.unwrap()
}

#[test]
fn a_message_is_acknowledged_when_the_application_says_so() {
    for version in [V4, V5] {
        for (qos, answer) in [(QoS::AtLeastOnce, "PUBACK 7"), (QoS::ExactlyOnce, "PUBREC 7")] {
            let mut world = manual(config(version));
            world.serve(&[message("a/1", "x", qos, 7)]);
            assert_eq!((world.messages().len(), world.sent().len()), (1, 0));
            let delivery = world.deliveries[0];
            assert!(acknowledge(&mut world, delivery));
            assert_eq!(world.sent(), [answer]);
            assert!(!acknowledge(&mut world, delivery), "once");
            assert!(world.sent().is_empty());
        }
    }
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] (5.0)
#[test]
fn answers_leave_in_the_order_in_which_the_messages_came() {
    let mut world = manual(config(V5));
    for (identifier, topic) in [(1, "a/1"), (2, "b"), (3, "a/2")] {
        world.serve(&[message(topic, "x", QoS::AtLeastOnce, identifier)]);
    }
    world.serve(&[message("a/3", "x", QoS::ExactlyOnce, 4)]);
    let deliveries = world.deliveries.clone();
    assert_eq!(deliveries.iter().filter(|it| it.is_some()).count(), 3, "not that of \"b\"");
    acknowledge(&mut world, deliveries[2]);
    assert!(world.sent().is_empty());
    acknowledge(&mut world, deliveries[3]);
    assert_eq!(world.sent(), ["PUBREC 4"], "QoS 2 has an order of its own");
    acknowledge(&mut world, deliveries[0]);
    assert_eq!(world.sent(), ["PUBACK 1", "PUBACK 2", "PUBACK 3"]);
}

/// [MQTT-4.6.0-3] (5.0)
#[test]
fn the_answer_to_a_repetition_does_not_overtake_one_that_is_given_by_hand() {
    let mut world = manual(config(V5));
    world.serve(&[message("b", "x", QoS::ExactlyOnce, 1)]);
    assert_eq!(world.sent(), ["PUBREC 1"]);
    world.serve(&[message("a/1", "x", QoS::ExactlyOnce, 2)]);
    world.serve(&[message("b", "x", QoS::ExactlyOnce, 1)]);
    assert!(world.sent().is_empty());
    let waiting = world.deliveries[1];
    acknowledge(&mut world, waiting);
    assert_eq!(world.sent(), ["PUBREC 2", "PUBREC 1"]);
}

#[test]
fn every_subscription_that_acknowledges_by_hand_has_its_say() {
    let mut world = manual(config(V5));
    by_hand(&mut world, "a/1", QoS::AtLeastOnce);
    world.subscribe("a/+", QoS::AtLeastOnce);
    world.forget();
    world.serve(&[message("a/1", "x", QoS::AtLeastOnce, 7)]);
    let delivery = world.deliveries[0];
    assert!(acknowledge(&mut world, delivery));
    assert!(world.sent().is_empty());
    assert!(acknowledge(&mut world, delivery));
    assert_eq!(world.sent(), ["PUBACK 7"]);
}

/// [MQTT-4.3.3-10] (5.0)
#[test]
fn a_qos_2_message_that_waits_is_delivered_once_over_a_reconnect() {
    for version in [V4, V5] {
        let session_expiry_interval = if version == V5 { 60 } else { 0 };
        let kept = Config { clean_start: false, session_expiry_interval, ..config(version) };
        let mut world = manual(kept);
        world.serve(&[message("a/1", "x", QoS::ExactlyOnce, 7)]);
        let delivery = world.deliveries[0];
        world.drop_socket();
        world.reconnect(true, &[]);
        assert!(acknowledge(&mut world, delivery), "it still waits");
        assert!(world.sent().iter().all(|it| !it.starts_with("PUBREC")), "the server asks first");
        let Packet::Publish(again) = message("a/1", "x", QoS::ExactlyOnce, 7) else { panic!() };
        world.serve(&[Packet::Publish(Publish { duplicate: true, ..again })]);
        assert_eq!((world.messages().len(), world.sent()), (0, vec!["PUBREC 7".to_string()]));
        world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
        assert_eq!(world.sent(), ["PUBCOMP 7"]);
    }
}

#[test]
fn a_qos_1_message_comes_again_with_a_delivery_of_its_own() {
    let kept = Config { clean_start: false, session_expiry_interval: 60, ..config(V5) };
    let mut world = manual(kept);
    world.serve(&[message("a/1", "x", QoS::AtLeastOnce, 7)]);
    let stale = world.deliveries[0];
    world.drop_socket();
    world.reconnect(true, &[]);
    world.serve(&[message("a/1", "x", QoS::AtLeastOnce, 7)]);
    assert!(!acknowledge(&mut world, stale));
    assert!(world.sent().iter().all(|it| !it.starts_with("PUBACK")));
    let delivery = world.deliveries[0];
    assert!(acknowledge(&mut world, delivery));
    assert_eq!(world.sent(), ["PUBACK 7"]);
}

#[test]
fn without_the_session_nothing_waits() {
    let mut world = manual(config(V5));
    world.serve(&[message("a/1", "x", QoS::ExactlyOnce, 7)]);
    let stale = world.deliveries[0];
    world.drop_socket();
    world.reconnect(false, &[]);
    assert!(!acknowledge(&mut world, stale));
    world.serve(&[message("a/1", "y", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.messages(), ["y"], "the same identifier is a new message");
}

/// [duty breach 3.3.4-9] (5.0)
#[test]
fn a_server_that_sends_more_than_was_allowed_breaks_the_protocol() {
    let mut world = manual(Config { receive_maximum: 2, ..config(V5) });
    world.serve(&[message("a/1", "1", QoS::AtLeastOnce, 1)]);
    world.serve(&[message("a/1", "2", QoS::ExactlyOnce, 2)]);
    assert!(world.sent().is_empty());
    world.serve(&[message("a/1", "3", QoS::AtLeastOnce, 3)]);
    assert_eq!(world.sent(), ["DISCONNECT 0x93"]);
    assert_eq!(world.messages(), ["1", "2"]);
}

#[test]
fn a_message_can_be_refused_with_a_reason() {
    let mut world = manual(config(V5));
    world.serve(&[message("a/1", "x", QoS::ExactlyOnce, 7)]);
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ReasonString("full")).unwrap();
    properties.push(Property::UserProperty(("k", "v"))).unwrap();
    let refusal = Acknowledge { reason_code: ReasonCode::QUOTA_EXCEEDED, properties };
    world.client.acknowledge(world.deliveries[0].unwrap(), refusal, world.now).unwrap();
    world.settle();
    assert_eq!(world.sent(), ["PUBREC 7 0x97"]);
    assert!(world.raw[0].windows(4).any(|it| it == b"full"));
    world.serve(&[message("a/1", "y", QoS::ExactlyOnce, 7)]);
    assert_eq!(world.messages().len(), 2, "the exchange has ended");
}

/// [MQTT-3.4.2-2] [MQTT-3.4.2-3] (5.0)
#[test]
fn a_reason_that_the_server_has_no_room_for_is_left_out() {
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, &[Property::MaximumPacketSize(NonZeroU32::new(20).unwrap())]);
    by_hand(&mut world, "a", QoS::AtLeastOnce);
    world.suback(1, &[1]);
    world.forget();
    world.serve(&[message("a", "x", QoS::AtLeastOnce, 7)]);
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ReasonString("more than there is room for")).unwrap();
    let refusal = Acknowledge { reason_code: ReasonCode::QUOTA_EXCEEDED, properties };
    world.client.acknowledge(world.deliveries[0].unwrap(), refusal, world.now).unwrap();
    world.settle();
    assert_eq!(world.sent(), ["PUBACK 7 0x97"]);
    assert!(world.raw[0].len() <= 20);
}

#[test]
fn what_puback_cannot_say_is_refused() {
    let mut world = manual(config(V5));
    world.serve(&[message("a/1", "x", QoS::AtLeastOnce, 7)]);
    let delivery = world.deliveries[0].unwrap();
    let unknown = ReasonCode::from_value(0x11);
    let answer = Acknowledge { reason_code: unknown, ..Acknowledge::default() };
    let error = world.client.acknowledge(delivery, answer, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let mut properties = PropertiesBuf::new();
    properties.push(Property::ContentType("x")).unwrap();
    let answer = Acknowledge { properties, ..Acknowledge::default() };
    let error = world.client.acknowledge(delivery, answer, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let mut world = manual(config(V4));
    world.serve(&[message("a/1", "x", QoS::AtLeastOnce, 7)]);
    let refusal = Acknowledge { reason_code: ReasonCode::QUOTA_EXCEEDED, ..Acknowledge::default() };
    let error =
        world.client.acknowledge(world.deliveries[0].unwrap(), refusal, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(world.sent().is_empty());
}

#[test]
fn what_acknowledges_by_itself_does_so_at_once_and_qos_0_never_waits() {
    let mut world = manual(config(V5));
    world.serve(&[message("b", "x", QoS::AtLeastOnce, 1)]);
    world.serve(&[message("a/1", "x", QoS::AtMostOnce, 0)]);
    assert_eq!(
        (world.sent(), &*world.deliveries),
        (vec!["PUBACK 1".to_string()], &[None, None][..])
    );
}
