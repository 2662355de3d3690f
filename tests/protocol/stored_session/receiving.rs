//! What was received is stored before it is answered, and filters so that the next page can tell whose a message is. It does
//! not know what is published.

use wasmqtt::client::{Acknowledge, RecordKind, SubscribeRequest};
use wasmqtt::codec::{PacketType, QoS, ReasonCode, SubscriptionOptions};

use super::{connected, count, kept, messages, next_page};
use crate::support::{Records, V5, World, config, message};

/// [MQTT-4.3.3-10] [MQTT-4.3.3-8] (5.0)
#[test]
fn a_received_qos_2_identifier_is_stored_before_pubrec_and_before_the_message_is_known() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert_eq!(messages(&world), 1);
    assert!(world.held);
    assert_eq!(world.sent(), [""; 0]);
    world.store(&mut records);
    assert!(!world.held);
    assert_eq!(world.sent(), ["PUBREC 7"]);

    // The page is gone before PUBREL: the server sends it again.
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    world.forget();
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    world.store(&mut records);
    assert_eq!((messages(&world), world.sent()), (0, vec!["PUBREC 7".into()]));
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), [""; 0], "or the next message with that identifier would be lost");
    world.store(&mut records);
    assert_eq!(world.sent(), ["PUBCOMP 7"]);
    assert_eq!(count(&records, RecordKind::Received), 0);
}

#[test]
fn qos_0_and_1_are_known_at_once() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.serve(&[message("a", "1", QoS::AtMostOnce, 0)]);
    world.serve(&[message("a", "1", QoS::AtLeastOnce, 7)]);
    assert!(!world.held);
    assert_eq!((messages(&world), world.sent()), (2, vec!["PUBACK 7".into()]));
    assert!(world.storing.is_empty());
}

#[test]
fn a_message_that_is_acknowledged_by_hand_is_stored_when_it_is() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    let options = SubscriptionOptions::new(QoS::ExactlyOnce);
    let by_hand = SubscribeRequest { manual: true, ..options.into() };
    world.client.subscribe("a", by_hand, world.now).unwrap();
    world.settle();
    world.store(&mut records);
    world.suback(1, &[2]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
    assert!(!world.held);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Received), 0, "the application may not be done with it");

    let delivery = world.deliveries.last().copied().flatten().unwrap();
    world.sent();
    world.client.acknowledge(delivery, Acknowledge::default(), world.now).unwrap();
    world.settle();
    assert_eq!(world.sent(), [""; 0]);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Received), 1);
    assert_eq!(world.sent(), ["PUBREC 7"]);
}

#[test]
fn filters_keep_their_identifiers() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.subscribe("a/#", QoS::AtLeastOnce);
    world.subscribe("a/b", QoS::AtLeastOnce);
    assert_eq!(world.sent(), [""; 0], "or the next page could not tell whose a message is");
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Subscription), 2);

    // In another order, as the page has changed.
    let mut world = next_page(config(V5), &records);
    world.store(&mut records);
    world.forget();
    let second = world.subscribe("a/b", QoS::AtLeastOnce);
    let third = world.subscribe("a/+", QoS::AtLeastOnce);
    world.store(&mut records);
    let topic = wasmqtt::codec::TopicName::new("a/b").unwrap();
    let mut of = |identifier: u32| {
        let mut to = Vec::new();
        world.client.routes(topic, &[identifier], &mut to);
        to
    };
    assert_eq!(of(1), [], "the filter that nobody has subscribed to again");
    assert_eq!(of(2), [second]);
    assert_eq!(of(3), [third]);
    // Those that the server has lost, and the page does not want, are forgotten.
    world.drop_socket();
    world.reconnect(false, &[]);
    world.store(&mut records);
    assert_eq!(count(&records, RecordKind::Subscription), 2);
}

#[test]
fn a_filter_that_the_next_page_subscribes_to_before_it_is_connected_is_asked_for() {
    let mut records = Records::new();
    let mut world = connected(config(V5), &mut records);
    world.subscribe("a", QoS::AtLeastOnce);
    world.store(&mut records);
    world.suback(1, &[1]);
    let mut world = World::restored(kept(config(V5)), &records);
    let id = world.subscribe("a", QoS::AtLeastOnce);
    world.store(&mut records);
    world.open();
    world.store(&mut records);
    world.accept(true, &[]);
    world.store(&mut records);
    assert_eq!(world.sent().pop().unwrap(), "SUBSCRIBE 1 a q1");
    world.suback(1, &[1]);
    assert!(world.outcome(id.get()).is_some());
}
