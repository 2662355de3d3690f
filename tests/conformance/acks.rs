//! The exchanges of QoS 1 and 2 in both directions (4.3, 4.6), on one connection. It does not know what
//! becomes of them when it is lost.

use core::time::Duration;

use wasmqtt::client::{Acknowledge, Config, DeliveryId, ErrorCode, SubscribeRequest};
use wasmqtt::codec::{
    Packet, PacketType, PropertiesBuf, Property, Publish, QoS, ReasonCode, SubscriptionOptions,
};

use crate::support::{Told, V5, World, config, id, message};
use crate::wire::{limited, raw, taken};

fn duplicate(mut packet: Packet<'_>) -> Packet<'_> {
    if let Packet::Publish(publish) = &mut packet {
        publish.duplicate = true;
    }
    packet
}

/// [MQTT-2.2.1-3] [MQTT-4.3.2-1] [MQTT-4.3.3-1] (5.0)
/// [case SES-19]
#[test]
fn every_exchange_takes_an_identifier_that_no_other_has() {
    let mut world = World::connected(config(V5));
    world.publish("a", "1", QoS::AtLeastOnce);
    let subscription = world.subscribe("b", QoS::AtMostOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.suback(2, &[0]);
    world.unsubscribe(subscription);
    let expected = [
        "PUBLISH 1 \"a\" q1 \"1\"",
        "SUBSCRIBE 2 b q0",
        "PUBLISH 3 \"a\" q2 \"2\"",
        "UNSUBSCRIBE 4 b",
    ];
    assert_eq!(world.sent(), expected);
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    world.forget();
    // All the way round: 1, 3 and 4 are still in use.
    let mut given = Vec::new();
    for _ in 0..65_535 - 3 {
        world.publish("a", "", QoS::AtLeastOnce);
        let packet = raw(&mut world).remove(0);
        let identifier = u16::from_be_bytes([packet[5], packet[6]]);
        world.ack(PacketType::Puback, identifier, ReasonCode::SUCCESS);
        given.push(identifier);
    }
    given.sort_unstable();
    let expected: Vec<u16> = (1..=u16::MAX).filter(|it| ![1, 3, 4].contains(it)).collect();
    assert_eq!(given, expected);
}

/// [MQTT-4.3.2-2] [MQTT-4.3.2-3] (5.0)
#[test]
fn a_qos_1_publish_is_open_until_its_own_puback() {
    let mut world = World::connected(config(V5));
    let token = world.publish("a", "1", QoS::AtLeastOnce);
    assert_eq!(raw(&mut world)[0][0], 0x32);
    world.ack(PacketType::Puback, 2, ReasonCode::SUCCESS);
    assert_eq!((world.outcome(token), world.client.stats().in_flight), (None, 1));
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    let ends = world.told.iter().filter(|told| matches!(told, Told::Published(..))).count();
    assert_eq!((ends, world.client.stats().in_flight), (1, 0));
}

/// [MQTT-2.2.1-5] [MQTT-4.3.3-2] [MQTT-4.3.3-3] [MQTT-4.3.3-4] [MQTT-4.3.3-5] (5.0)
#[test]
fn a_qos_2_publish_is_released_by_pubrec_and_open_until_pubcomp() {
    for code in [ReasonCode::SUCCESS, ReasonCode::NO_MATCHING_SUBSCRIBERS] {
        let mut world = World::connected(config(V5));
        let token = world.publish("a", "1", QoS::ExactlyOnce);
        assert_eq!(raw(&mut world)[0][0], 0x34);
        world.ack(PacketType::Pubrec, 1, code);
        assert_eq!(raw(&mut world), [[0x62, 2, 0, 1]]);
        assert_eq!((world.outcome(token), world.client.stats().in_flight), (None, 1));
        world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
        assert!(matches!(world.outcome(token), Some(Told::Published(..))));
        assert!(world.raw.is_empty());
    }
}

/// [MQTT-4.3.3-4] [MQTT-4.4.0-2] (5.0)
#[test]
fn a_refused_publish_is_settled_for_good() {
    for (qos, packet) in
        [(QoS::AtLeastOnce, PacketType::Puback), (QoS::ExactlyOnce, PacketType::Pubrec)]
    {
        let mut world = World::connected(crate::wire::kept());
        let token = world.publish("a", "1", qos);
        world.forget();
        world.ack(packet, 1, ReasonCode::QUOTA_EXCEEDED);
        assert_eq!(world.failure(token).reason_code, Some(ReasonCode::QUOTA_EXCEEDED));
        assert!(world.raw.is_empty(), "no PUBREL");
        world.drop_socket();
        world.reconnect(true, &[]);
        assert!(world.raw.is_empty(), "nothing is sent again");
    }
}

/// [MQTT-4.3.3-6] [MQTT-4.4.0-1] (5.0)
/// [case SES-17]
#[test]
fn nothing_is_sent_again_while_the_connection_stands() {
    let mut world = World::connected(Config { keep_alive: 0, ..config(V5) });
    world.publish("a", "1", QoS::AtLeastOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.publish("a", "3", QoS::ExactlyOnce);
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    world.forget();
    world.seconds(24 * 3600);
    assert!(world.raw.is_empty());
    world.ack(PacketType::Pubrec, 3, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 3"], "a PUBREC that comes twice gets PUBREL, not PUBLISH");
}

/// [MQTT-4.3.3-7] (5.0)
#[test]
fn a_qos_2_publish_that_was_sent_does_not_expire() {
    let mut world = World::connected(config(V5));
    let expiry = [Property::MessageExpiryInterval(1)];
    let token = world.try_publish("a", "1", QoS::ExactlyOnce, &expiry).unwrap().get();
    world.seconds(5);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.seconds(5);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
}

/// [MQTT-3.3.4-1] [MQTT-2.2.1-5] [MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-11] (5.0)
#[test]
fn a_message_is_answered_as_its_qos_asks_and_with_its_identifier() {
    let mut world = World::connected(config(V5));
    world.serve(&[message("a", "0", QoS::AtMostOnce, 0)]);
    assert!(world.raw.is_empty());
    world.serve(&[message("a", "1", QoS::AtLeastOnce, 0x1234)]);
    assert_eq!(raw(&mut world), [[0x40, 2, 0x12, 0x34]]);
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 0xFFFF)]);
    assert_eq!(raw(&mut world), [[0x50, 2, 0xFF, 0xFF]]);
    world.ack(PacketType::Pubrel, 0xFFFF, ReasonCode::SUCCESS);
    assert_eq!(raw(&mut world), [[0x70, 2, 0xFF, 0xFF]]);
    assert_eq!(world.messages(), ["0", "1", "2"]);
}

/// [MQTT-4.3.2-5] (5.0)
#[test]
fn after_puback_the_same_identifier_is_a_new_message() {
    let mut world = World::connected(config(V5));
    world.serve(&[message("a", "1", QoS::AtLeastOnce, 7)]);
    world.serve(&[duplicate(message("a", "2", QoS::AtLeastOnce, 7))]);
    assert_eq!(world.messages(), ["1", "2"]);
    assert_eq!(world.sent(), ["PUBACK 7", "PUBACK 7"]);
}

/// [MQTT-4.3.3-10] [MQTT-4.3.3-11] [MQTT-4.3.3-12] (5.0)
/// [case PUB-54]
#[test]
fn a_qos_2_message_is_delivered_once_until_it_is_released() {
    let mut world = World::connected(config(V5));
    for _ in 0..2 {
        world.serve(&[message("a", "1", QoS::ExactlyOnce, 7)]);
        world.serve(&[duplicate(message("a", "1", QoS::ExactlyOnce, 7))]);
        assert_eq!(world.sent(), ["PUBREC 7", "PUBREC 7"]);
        world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
        world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
        assert_eq!(world.sent(), ["PUBCOMP 7", "PUBCOMP 7 0x92"]);
    }
    assert_eq!(world.messages(), ["1", "1"]);
}

/// [MQTT-4.3.3-13] (5.0)
#[test]
fn expiry_does_not_stop_the_exchange_of_a_message() {
    let mut world = taken(b"\x34\x0B\x00\x01a\x00\x07\x05\x02\x00\x00\x00\x01");
    assert_eq!(world.sent(), ["PUBREC 7"]);
    world.seconds(5);
    world.serve(&[duplicate(message("a", "", QoS::ExactlyOnce, 7))]);
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    assert_eq!(
        (world.sent(), world.messages().len()),
        (vec!["PUBREC 7".into(), "PUBCOMP 7".into()], 1)
    );
}

/// [MQTT-4.5.0-2] (5.0)
#[test]
fn a_message_that_nobody_subscribed_to_is_acknowledged_all_the_same() {
    let mut world = World::connected(config(V5));
    world
        .serve(&[message("zz", "1", QoS::AtLeastOnce, 7), message("zz", "2", QoS::ExactlyOnce, 8)]);
    assert_eq!(world.sent(), ["PUBACK 7", "PUBREC 8"]);
}

fn by_hand(config: Config, properties: &[Property<'_>]) -> World {
    let mut world = limited(config, properties);
    let options = SubscriptionOptions::new(QoS::ExactlyOnce);
    let request = SubscribeRequest { manual: true, ..options.into() };
    world.client.subscribe("a", request, world.now).unwrap();
    world.settle();
    world.suback(1, &[2]);
    world.forget();
    world
}

fn acknowledge(world: &mut World, delivery: Option<DeliveryId>, answer: Acknowledge) {
    world.client.acknowledge(delivery.unwrap(), answer, world.now).unwrap();
    world.settle();
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] (5.0)
#[test]
fn messages_are_acknowledged_in_the_order_in_which_they_came() {
    for (qos, name) in [(QoS::AtLeastOnce, "PUBACK"), (QoS::ExactlyOnce, "PUBREC")] {
        let expected = [5, 6, 7].map(|identifier| format!("{name} {identifier}"));
        let all = || [5, 6, 7].map(|identifier| message("a", "x", qos, identifier));
        let mut world = World::connected(config(V5));
        world.serve(&all());
        assert_eq!(world.sent(), expected);
        let mut world = by_hand(config(V5), &[]);
        world.serve(&all());
        let deliveries = world.deliveries.clone();
        for delivery in deliveries.into_iter().rev() {
            assert!(world.raw.is_empty(), "the first one is not done yet");
            acknowledge(&mut world, delivery, Acknowledge::default());
        }
        assert_eq!(world.sent(), expected);
    }
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] (5.0)
#[test]
fn a_message_that_is_refused_waits_for_its_turn_too() {
    for (qos, name) in [(QoS::AtLeastOnce, "PUBACK"), (QoS::ExactlyOnce, "PUBREC")] {
        let mut world = by_hand(Config { check_payload_format: true, ..config(V5) }, &[]);
        world.serve(&[message("a", "x", qos, 5)]);
        let mut properties = PropertiesBuf::new();
        properties.push(Property::PayloadFormatIndicator(true)).unwrap();
        world.serve(&[Packet::Publish(Publish {
            duplicate: false,
            qos,
            retain: false,
            topic: "a",
            packet_identifier: Some(id(6)),
            properties: properties.as_properties(),
            payload: b"\xFF",
        })]);
        assert!(world.raw.is_empty(), "the first one is not done yet");
        let first = world.deliveries[0];
        acknowledge(&mut world, first, Acknowledge::default());
        assert_eq!(world.sent(), [format!("{name} 5"), format!("{name} 6 0x99")]);
    }
}

/// [MQTT-4.6.0-4] (5.0)
#[test]
fn pubrels_leave_in_the_order_in_which_the_pubrecs_came() {
    let mut world = World::connected(config(V5));
    for payload in ["1", "2", "3"] {
        world.publish("a", payload, QoS::ExactlyOnce);
    }
    world.forget();
    let pubrec = |value| Packet::Pubrec(wasmqtt::codec::Acknowledgement::success(id(value)));
    world.serve(&[pubrec(2), pubrec(3), pubrec(1)]);
    assert_eq!(world.sent(), ["PUBREL 2", "PUBREL 3", "PUBREL 1"]);
}

/// [MQTT-4.3.3-9] (5.0)
#[test]
fn after_a_pubrec_with_an_error_the_same_identifier_is_a_new_message() {
    let mut world = by_hand(config(V5), &[]);
    for _ in 0..2 {
        world.serve(&[message("a", "x", QoS::ExactlyOnce, 7)]);
        let delivery = world.deliveries.last().copied().unwrap();
        let reason_code = ReasonCode::NOT_AUTHORIZED;
        acknowledge(&mut world, delivery, Acknowledge { reason_code, ..Acknowledge::default() });
        assert_eq!(world.sent(), ["PUBREC 7 0x87"]);
    }
    assert_eq!(world.messages().len(), 2);
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBCOMP 7 0x92"], "nothing is left of it");
}

/// [duty 3.3.2.3.2 payload received] (5.0)
#[test]
fn a_payload_that_is_not_the_text_it_is_said_to_be_is_refused_where_that_is_checked() {
    for (first, answer) in
        [(0x30, "DISCONNECT 0x99"), (0x32, "PUBACK 7 0x99"), (0x34, "PUBREC 7 0x99")]
    {
        let identifier: &[u8] = if first == 0x30 { &[] } else { &[0, 7] };
        let body = [b"\x00\x01a", identifier, b"\x02\x01\x01\xFF"];
        let mut world = World::connected(Config { check_payload_format: true, ..config(V5) });
        world.bytes(&crate::wire::packet(first, &body));
        assert_eq!((world.sent(), world.messages().len()), (vec![answer.to_string()], 0));
    }
}

/// [MQTT-4.1.0-1] (5.0)
#[test]
fn the_session_is_whole_as_long_as_the_connection_stands() {
    let mut world = World::connected(Config { keep_alive: 0, ..config(V5) });
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    world.serve(&[message("b", "2", QoS::ExactlyOnce, 9)]);
    world.advance(Duration::from_secs(7 * 24 * 3600));
    world.forget();
    world.serve(&[duplicate(message("b", "2", QoS::ExactlyOnce, 9))]);
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert!(world.messages().is_empty(), "it is still known");
    assert_eq!(world.sent(), ["PUBREC 9", "PUBREL 1"]);
    assert!(matches!(world.outcome(token), Some(Told::Published(..))));
}

/// [duty 4.13.1 error] (5.0)
#[test]
fn an_acknowledgement_of_the_wrong_kind_is_a_protocol_error_and_completes_nothing() {
    for (qos, packet) in [
        (QoS::ExactlyOnce, PacketType::Puback),
        (QoS::ExactlyOnce, PacketType::Pubcomp),
        (QoS::AtLeastOnce, PacketType::Pubrec),
        (QoS::AtLeastOnce, PacketType::Pubcomp),
    ] {
        let mut world = World::connected(config(V5));
        let token = world.publish("a", "1", qos);
        world.forget();
        world.ack(packet, 1, ReasonCode::SUCCESS);
        assert_eq!((world.sent(), world.closed), (vec!["DISCONNECT 0x82".to_string()], 1));
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert_eq!(world.outcome(token), None);
    }
}
