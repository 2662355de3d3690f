//! The order in which packets leave (4.6). It does not know what they hold.

use wasmqtt::client::{Acknowledge, SubscribeRequest};
use wasmqtt::codec::{Packet, PacketType, QoS, ReasonCode, SubscriptionOptions};

use super::{connected, kept, next_attempt};
use crate::support::{World, message};
use crate::wire::{packet, raw};

/// Subscribed to "slow/#" by one who acknowledges by hand.
fn by_hand() -> World {
    let mut world = connected();
    let plain = SubscriptionOptions::new(QoS::ExactlyOnce);
    let request = SubscribeRequest { manual: true, ..plain.into() };
    world.client.subscribe("slow/#", request, world.now).unwrap();
    world.settle();
    world.suback(1, &[2]);
    world.forget();
    world
}

/// Messages of that QoS, of which the first and the third are acknowledged by hand, the third first.
fn answers(qos: QoS) -> Vec<Vec<u8>> {
    let mut world = by_hand();
    world.serve(&[message("slow/1", "", qos, 9), message("b", "", qos, 3)]);
    world.serve(&[message("slow/2", "", qos, 6), message("b", "", qos, 1)]);
    let waiting: Vec<_> = world.deliveries.iter().flatten().copied().collect();
    assert_eq!((waiting.len(), world.messages().len(), world.raw.len()), (2, 4, 0));
    for delivery in waiting.into_iter().rev() {
        assert!(world.client.acknowledge(delivery, Acknowledge::default(), world.now).unwrap());
        world.settle();
    }
    raw(&mut world)
}

/// [MQTT-4.6.0-2] (3.1.1)
#[test]
fn pubacks_leave_in_the_order_of_the_messages() {
    let mut world = connected();
    for identifiers in [[5, 2, 9], [1, 8, 3]] {
        world.serve(&identifiers.map(|identifier| message("a", "", QoS::AtLeastOnce, identifier)));
    }
    assert_eq!(raw(&mut world), [5, 2, 9, 1, 8, 3].map(|identifier| [0x40, 2, 0, identifier]));
    let expected = [9, 3, 6, 1].map(|identifier| [0x40, 2, 0, identifier]);
    assert_eq!(answers(QoS::AtLeastOnce), expected);
}

/// [MQTT-4.6.0-3] (3.1.1)
#[test]
fn pubrecs_leave_in_the_order_of_the_messages() {
    let mut world = connected();
    for identifiers in [[5, 2, 9], [1, 8, 3]] {
        world.serve(&identifiers.map(|identifier| message("a", "", QoS::ExactlyOnce, identifier)));
    }
    assert_eq!(raw(&mut world), [5, 2, 9, 1, 8, 3].map(|identifier| [0x50, 2, 0, identifier]));
    let expected = [9, 3, 6, 1].map(|identifier| [0x50, 2, 0, identifier]);
    assert_eq!(answers(QoS::ExactlyOnce), expected);
}

/// [MQTT-4.6.0-4] (3.1.1)
#[test]
fn pubrels_leave_in_the_order_of_the_pubrecs() {
    let mut world = connected();
    for _ in 0..4 {
        world.publish("a", "", QoS::ExactlyOnce);
    }
    world.raw.clear();
    world.blocked = true;
    for identifier in [2, 1, 4] {
        world.ack(PacketType::Pubrec, identifier, ReasonCode::SUCCESS);
    }
    world.blocked = false;
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    assert_eq!(raw(&mut world), [2, 1, 4, 3].map(|identifier| [0x62, 2, 0, identifier]));
}

/// [MQTT-4.6.0-1] [MQTT-4.4.0-1] [MQTT-3.3.1-1] (3.1.1)
#[test]
fn what_is_sent_again_leaves_in_its_first_order() {
    let mut world = World::connected(kept());
    for qos in [1, 2, 1, 1, 2, 1] {
        world.publish("a", "", QoS::from_value(qos).unwrap());
    }
    world.ack(PacketType::Puback, 3, ReasonCode::SUCCESS);
    for _ in 0..3 {
        world.seconds(10);
        world.drop_socket();
        world.publish("a", "", QoS::AtMostOnce);
        world.reconnect(true, &[]);
        let again = [(0x3A, 1), (0x3C, 2), (0x3A, 4), (0x3C, 5), (0x3A, 6)];
        let mut expected =
            again.map(|(first, it)| packet(first, &[b"\x00\x01a\x00", &[it]])).to_vec();
        expected.push(packet(0x30, &[b"\x00\x01a"]));
        assert_eq!(raw(&mut world), expected);
    }
}

/// [MQTT-4.6.0-1] (3.1.1)
#[test]
fn an_answer_in_the_middle_of_the_replay_does_not_change_its_order() {
    let mut world = World::connected(kept());
    for _ in 0..6 {
        world.publish("a", "", QoS::AtLeastOnce);
    }
    world.drop_socket();
    next_attempt(&mut world);
    world.open();
    world.blocked = true;
    world.accept(true, &[]);
    // One packet, and then late answers to what was sent on the connection before.
    let first = world.client.poll_transmit(world.now, 1).unwrap().to_vec();
    for identifier in [2, 5] {
        world.ack(PacketType::Puback, identifier, ReasonCode::SUCCESS);
    }
    world.blocked = false;
    world.raw.clear();
    world.settle();
    let again = |identifier: u8| packet(0x3A, &[b"\x00\x01a\x00", &[identifier]]);
    assert_eq!((first, raw(&mut world)), (again(1), [3, 4, 6].map(again).to_vec()));
}

/// [MQTT-4.6.0-1] (3.1.1)
#[test]
fn what_had_to_wait_follows_what_is_sent_again() {
    let mut world = World::connected(kept());
    for _ in 0..25 {
        world.publish("a", "", QoS::ExactlyOnce);
    }
    assert_eq!(raw(&mut world).len(), 20, "as many as a server of 3.1.1 gets at once");
    world.drop_socket();
    world.reconnect(true, &[]);
    let mut order: Vec<u8> = raw(&mut world).iter().map(|publish| publish[6]).collect();
    for identifier in 1..=5 {
        world.ack(PacketType::Pubrec, identifier, ReasonCode::SUCCESS);
        world.ack(PacketType::Pubcomp, identifier, ReasonCode::SUCCESS);
        let publishes = raw(&mut world).into_iter().filter(|packet| packet[0] >> 4 == 3);
        order.extend(publishes.map(|publish| publish[6]));
    }
    assert!((1..=25).eq(order));
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] (3.1.1)
#[test]
fn answers_that_wait_for_the_socket_leave_in_their_order() {
    let mut world = connected();
    world.blocked = true;
    for (qos, identifier) in [(1, 4), (2, 5), (1, 2), (2, 3)] {
        world.serve(&[message("a", "", QoS::from_value(qos).unwrap(), identifier)]);
    }
    world.serve(&[Packet::Pingresp]);
    world.blocked = false;
    world.settle();
    let expected = [[0x40, 2, 0, 4], [0x50, 2, 0, 5], [0x40, 2, 0, 2], [0x50, 2, 0, 3]];
    assert_eq!(raw(&mut world), expected);
}
