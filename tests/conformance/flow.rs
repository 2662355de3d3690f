//! What the server takes and what the client takes: Receive Maximum, QoS, RETAIN and packet size (3.2.2.3, 4.9).
//! It does not know Topic Aliases.

use core::num::{NonZeroU16, NonZeroU32};

use wasmqtt::client::{
    Acknowledge, Config, DisconnectOptions, ErrorCode, PublishRequest, SubscribeRequest,
};
use wasmqtt::codec::{
    Packet, PacketType, PropertiesBuf, Property, QoS, ReasonCode, SubscriptionOptions,
    decode_from_client,
};

use crate::support::{V5, World, config, message};
use crate::wire::{kept, limited, raw, refused_by};

fn window(size: u16) -> Property<'static> {
    Property::ReceiveMaximum(NonZeroU16::new(size).unwrap())
}

fn size(bytes: u32) -> Property<'static> {
    Property::MaximumPacketSize(NonZeroU32::new(bytes).unwrap())
}

fn publish_many(world: &mut World, count: usize) {
    for _ in 0..count {
        world.publish("a", "x", QoS::AtLeastOnce);
    }
}

/// [MQTT-3.3.4-7] [MQTT-4.9.0-1] [MQTT-4.9.0-2] (5.0)
/// [case SES-01]
#[test]
fn no_more_publishes_are_open_than_the_server_takes() {
    let mut world = limited(config(V5), &[window(5)]);
    publish_many(&mut world, 7);
    assert_eq!(world.sent().len(), 5);
    world.publish("a", "QoS 0", QoS::AtMostOnce);
    assert!(world.sent().is_empty(), "what is behind it keeps its place");
    world.ack(PacketType::Puback, 3, ReasonCode::SUCCESS);
    world.ack(PacketType::Puback, 4, ReasonCode::QUOTA_EXCEEDED);
    let expected =
        ["PUBLISH 6 \"a\" q1 \"x\"", "PUBLISH 7 \"a\" q1 \"x\"", "PUBLISH \"a\" q0 \"QoS 0\""];
    assert_eq!(world.sent(), expected);
    publish_many(&mut world, 1);
    assert!(world.sent().is_empty());
    let mut world = limited(config(V5), &[]);
    let config = Config {
        queue: wasmqtt::client::QueueLimits { max_messages: 100_000, ..Default::default() },
        ..config(V5)
    };
    world.client = limited(config, &[]).client;
    world.blocked = true;
    publish_many(&mut world, 65_535);
    world.blocked = false;
    world.settle();
    assert_eq!(
        world.sent().len(),
        65_535,
        "as many as there are identifiers, where nothing is said"
    );
}

/// [MQTT-3.3.4-7] [MQTT-4.9.0-2] (5.0)
/// [case SES-02]
#[test]
fn a_qos_2_publish_keeps_its_place_until_pubcomp_or_an_error() {
    let mut world = limited(config(V5), &[window(1)]);
    for _ in 0..3 {
        world.publish("a", "x", QoS::ExactlyOnce);
    }
    world.forget();
    world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREL 1"]);
    world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBLISH 2 \"a\" q2 \"x\""]);
    world.ack(PacketType::Pubrec, 2, ReasonCode::NOT_AUTHORIZED);
    assert_eq!(world.sent(), ["PUBLISH 3 \"a\" q2 \"x\""]);
}

/// [MQTT-4.9.0-1] (5.0)
/// [case SES-04]
#[test]
fn the_window_begins_anew_with_each_connection() {
    let mut world = limited(kept(), &[window(3)]);
    publish_many(&mut world, 4);
    assert_eq!(world.sent().len(), 3);
    world.drop_socket();
    world.reconnect(true, &[window(2)]);
    assert_eq!(world.sent(), ["PUBLISH 1 dup \"a\" q1 \"x\"", "PUBLISH 2 dup \"a\" q1 \"x\""]);
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBLISH 3 dup \"a\" q1 \"x\""]);
}

/// [MQTT-3.3.4-8] [MQTT-4.9.0-3] (5.0)
/// [case SES-02]
#[test]
fn a_full_window_holds_back_nothing_but_publishes() {
    let mut world = limited(config(V5), &[window(1)]);
    let subscription = world.subscribe("b", QoS::AtMostOnce);
    world.suback(1, &[0]);
    world.publish("a", "1", QoS::ExactlyOnce);
    world.publish("a", "2", QoS::ExactlyOnce);
    world.forget();
    world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
    world.serve(&[message("b", "", QoS::AtLeastOnce, 7), message("b", "", QoS::ExactlyOnce, 8)]);
    world.ack(PacketType::Pubrel, 8, ReasonCode::SUCCESS);
    world.subscribe("c", QoS::AtMostOnce);
    world.unsubscribe(subscription);
    world.client.ping(world.now).unwrap();
    world.settle();
    let expected = [
        "PUBREL 2",
        "PUBACK 7",
        "PUBREC 8",
        "PUBCOMP 8",
        "SUBSCRIBE 3 c q0",
        "UNSUBSCRIBE 4 b",
        "PINGREQ",
    ];
    assert_eq!(world.sent(), expected);
}

fn try_retained(world: &mut World, qos: QoS, retain: bool) -> Result<(), ErrorCode> {
    let (payload, properties) = (vec![], PropertiesBuf::new());
    let request = PublishRequest { topic: "a", payload, qos, retain, properties };
    let token = world.client.publish(request, world.now);
    world.settle();
    token.map(|_| ()).map_err(|error| error.code)
}

/// [MQTT-3.2.2-11] (5.0)
/// [case SES-05]
#[test]
fn nothing_is_published_above_the_servers_qos() {
    for (maximum, best) in [(false, QoS::AtMostOnce), (true, QoS::AtLeastOnce)] {
        let mut world = limited(config(V5), &[Property::MaximumQoS(maximum)]);
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let expected = if qos <= best { Ok(()) } else { Err(ErrorCode::Unsupported) };
            assert_eq!(try_retained(&mut world, qos, false), expected);
        }
        assert_eq!(world.raw.len(), 1 + usize::from(best.value()));
    }
    let mut world = World::connected(kept());
    let token = world.publish("a", "1", QoS::ExactlyOnce);
    world.drop_socket();
    world.reconnect(true, &[Property::MaximumQoS(true)]);
    assert!(world.sent().is_empty(), "nor what was sent to one that took it");
    assert_eq!(world.failure(token).code, ErrorCode::Unsupported);
}

/// [MQTT-3.2.2-14] (5.0)
/// [case SES-08]
#[test]
fn nothing_is_retained_where_the_server_retains_nothing() {
    let unavailable = [Property::RetainAvailable(false)];
    let mut world = limited(config(V5), &unavailable);
    assert_eq!(try_retained(&mut world, QoS::AtMostOnce, true), Err(ErrorCode::Unsupported));
    assert!(world.raw.is_empty());
    let mut world = World::connecting(config(V5));
    try_retained(&mut world, QoS::AtLeastOnce, true).unwrap();
    world.open();
    world.forget();
    world.accept(false, &unavailable);
    assert!(world.raw.is_empty(), "nor what was queued before that was known");
}

/// [MQTT-3.2.2-15] (5.0)
/// [case SES-06]
#[test]
fn no_packet_is_larger_than_the_server_takes() {
    for aliases in [0, 9] {
        let mut world = limited(config(V5), &[size(30), Property::TopicAliasMaximum(aliases)]);
        for len in 0..60 {
            let payload = "x".repeat(len);
            for qos in [QoS::AtMostOnce, QoS::AtLeastOnce] {
                let token = world.try_publish("topic/a", &payload, qos, &[]);
                let room = 30 - (2 + 2 + 7 + 1) - 2 * usize::from(qos.value());
                assert_eq!(token.is_ok(), len <= room);
                let properties =
                    [Property::UserProperty(("k", "v")), Property::MessageExpiryInterval(9)];
                let _ = world.try_publish("topic/a", &payload, qos, &properties);
            }
            let options = SubscriptionOptions::new(QoS::AtMostOnce);
            let filter = "f".repeat(len + 1);
            if let Ok(id) = world.client.subscribe(&filter, options, world.now) {
                world.settle();
                let _ = world.client.unsubscribe(id, world.now);
            }
            world.settle();
        }
        let sent = raw(&mut world);
        assert_eq!((sent.iter().map(Vec::len).max(), world.closed), (Some(30), 0));
        for first in [0x30, 0x32, 0x82, 0xA2] {
            assert!(sent.iter().any(|packet| packet[0] == first), "{first:#x}");
        }
    }
}

/// What explains an answer, and has no place in 20 bytes.
fn explanations() -> [PropertiesBuf; 2] {
    [
        Property::ReasonString("a reason in many words"),
        Property::UserProperty(("name", "a long value")),
    ]
    .map(|property| {
        let mut properties = PropertiesBuf::new();
        properties.push(property).unwrap();
        properties
    })
}

/// [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] (5.0)
/// [case SES-07]
#[test]
fn an_explanation_is_left_out_of_an_answer_that_would_be_too_large_with_it() {
    for properties in explanations() {
        for (qos, name) in [(QoS::AtLeastOnce, 0x40), (QoS::ExactlyOnce, 0x50)] {
            for maximum in (12..60).chain([1000]) {
                let mut world = limited(config(V5), &[size(maximum)]);
                let options = SubscriptionOptions::new(qos);
                let request = SubscribeRequest { manual: true, ..options.into() };
                world.client.subscribe("a", request, world.now).unwrap();
                world.settle();
                world.suback(1, &[2]);
                world.serve(&[message("a", "x", qos, 7)]);
                raw(&mut world);
                let (reason_code, properties) = (ReasonCode::QUOTA_EXCEEDED, properties.clone());
                let answer = Acknowledge { reason_code, properties };
                world.client.acknowledge(world.deliveries[0].unwrap(), answer, world.now).unwrap();
                world.settle();
                let sent = raw(&mut world).remove(0);
                assert_eq!((sent[0], &sent[2..5]), (name, &[0, 7, 0x97][..]));
                assert!(sent.len() <= maximum as usize, "{sent:02x?}");
                assert!(sent.len() > 20 || maximum < 1000, "it is there where it has a place");
            }
        }
    }
}

/// [MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2] [MQTT-3.7.2-3] (5.0)
#[test]
fn what_the_client_answers_by_itself_is_never_explained() {
    let mut world = limited(config(V5), &[size(10)]);
    world.publish("a", "", QoS::ExactlyOnce);
    world.serve(&[message("a", "", QoS::ExactlyOnce, 7)]);
    raw(&mut world);
    world.ack(PacketType::Pubrec, 1, ReasonCode::NO_MATCHING_SUBSCRIBERS);
    world.ack(PacketType::Pubrec, 9, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrel, 7, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrel, 9, ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);
    let expected: [&[u8]; 4] =
        [&[0x62, 2, 0, 1], &[0x62, 3, 0, 9, 0x92], &[0x70, 2, 0, 7], &[0x70, 3, 0, 9, 0x92]];
    assert_eq!(raw(&mut world), expected);
}

/// [MQTT-3.14.2-3] [MQTT-3.14.2-4] (5.0)
/// [case SES-07]
#[test]
fn an_explanation_is_left_out_of_a_disconnect_that_would_be_too_large_with_it() {
    for properties in explanations() {
        for maximum in (9..60).chain([1000]) {
            let mut world = limited(kept(), &[size(maximum)]);
            let options = DisconnectOptions {
                reason_code: ReasonCode::DISCONNECT_WITH_WILL_MESSAGE,
                session_expiry_interval: Some(5),
                properties: properties.clone(),
                drain: None,
            };
            world.client.disconnect(options, world.now);
            world.settle();
            let sent = raw(&mut world).remove(0);
            assert_eq!(&sent[..1], [0xE0]);
            assert!(sent.len() <= maximum as usize, "{sent:02x?}");
            assert!(sent.len() > 20 || maximum < 1000, "it is there where it has a place");
            let Ok(Packet::Disconnect(it)) = decode_from_client(&sent, V5) else { panic!() };
            assert_eq!(it.properties.session_expiry_interval(), Some(5), "which is no explanation");
        }
    }
    // Those that it sends by itself have none.
    let mut world = limited(config(V5), &[size(10)]);
    world.bytes(&[0, 0]);
    assert_eq!(raw(&mut world), [[0xE0, 1, 0x81]]);
}

/// [duty 3.3.4 receive maximum] [duty breach 3.3.4-9] (5.0)
#[test]
fn a_server_that_exceeds_the_own_receive_maximum_is_left() {
    let two = || {
        let mut world = World::connected(Config { receive_maximum: 2, ..config(V5) });
        world.serve(&[
            message("a", "1", QoS::ExactlyOnce, 1),
            message("a", "2", QoS::ExactlyOnce, 2),
        ]);
        world
    };
    let mut world = two();
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 2), message("a", "0", QoS::AtMostOnce, 0)]);
    assert_eq!(world.closed, 0, "neither the same again nor QoS 0 counts");
    world.ack(PacketType::Pubrel, 1, ReasonCode::SUCCESS);
    world.serve(&[message("a", "3", QoS::ExactlyOnce, 3)]);
    assert_eq!(world.closed, 0);
    world.forget();
    world.serve(&[message("a", "4", QoS::ExactlyOnce, 4)]);
    assert_eq!((world.sent(), world.messages().len()), (vec!["DISCONNECT 0x93".into()], 0));
    assert_eq!(world.closed, 1);
    refused_by(two(), b"\x32\x06\x00\x01a\x00\x03\x00", 0x93);
}
