//! Messages from the server, with QoS 0, 1 and 2 (3.3, 4.3).

use wasmqtt::client::Config;
use wasmqtt::codec::{
    Packet, PacketIdentifier, PacketType, Properties, PropertiesBuf, Property, Publish, QoS,
    ReasonCode,
};

use crate::support::{Told, V4, V5, World, config, message};

#[test]
fn a_message_is_told_with_all_that_it_says() {
    let mut world = World::connected(config(V4));
    world.serve(&[Packet::Publish(Publish {
        duplicate: true,
        qos: QoS::AtLeastOnce,
        retain: true,
        topic: "a/b",
        packet_identifier: PacketIdentifier::new(7),
        properties: Properties::EMPTY,
        payload: b"hi",
    })]);
    // CONNACK was 4 bytes; then 2 of fixed header, 5 of topic, 2 of identifier.
    let (topic, payload) = ("a/b".into(), b"hi".into());
    let told = Told::Message {
        topic,
        payload,
        qos: QoS::AtLeastOnce,
        retain: true,
        duplicate: true,
        at: 13,
    };
    assert_eq!(world.told, [told]);
    assert_eq!(world.sent(), ["PUBACK 7"]);
}

/// [MQTT-4.3.3-8] [MQTT-4.3.3-10] [MQTT-4.3.3-11] [MQTT-4.3.3-12] (5.0)
/// [case PUB-53]
#[test]
fn a_duplicate_qos_2_publish_is_acknowledged_but_not_delivered() {
    let mut world = World::connected(config(V5));
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 5)]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 5)]);
    assert_eq!(world.messages(), ["1"]);
    assert_eq!(world.sent(), ["PUBREC 5", "PUBREC 5"]);
    world.ack(PacketType::Pubrel, 5, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBCOMP 5"]);
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 5)]);
    assert_eq!(world.messages(), ["1", "2"]);
}

#[test]
fn qos_2_is_delivered_once_across_a_resumed_session() {
    let mut world = World::connected(Config { clean_start: false, ..config(V4) });
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 5)]);
    world.drop_socket();
    let before = world.messages();
    world.reconnect(true, &[]);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 5)]);
    assert_eq!((before, world.messages()), (vec!["1".to_string()], vec![]));
    world.ack(PacketType::Pubrel, 5, ReasonCode::SUCCESS);
    assert_eq!(world.sent(), ["PUBREC 5", "PUBCOMP 5"]);
}

/// [case SES-14]
#[test]
fn after_a_lost_session_the_same_identifier_is_a_new_message() {
    let mut world = World::connected(config(V4));
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 5)]);
    world.drop_socket();
    world.reconnect(false, &[]);
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 5)]);
    assert_eq!(world.messages(), ["2"]);
}

#[test]
fn acknowledgements_of_one_frame_leave_together() {
    let mut world = World::connected(config(V4));
    world.serve(&[
        message("a", "1", QoS::AtLeastOnce, 1),
        message("a", "2", QoS::ExactlyOnce, 2),
        message("a", "3", QoS::AtLeastOnce, 3),
    ]);
    assert_eq!(world.sent(), ["PUBACK 1", "PUBREC 2", "PUBACK 3"]);
    assert_eq!(world.frames, 1);
}

fn aliased<'a>(topic: &'a str, alias: u16, block: &'a mut PropertiesBuf) -> Packet<'a> {
    block.push(Property::TopicAlias(alias)).unwrap();
    Packet::Publish(Publish {
        duplicate: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic,
        packet_identifier: None,
        properties: block.as_properties(),
        payload: b"",
    })
}

fn topics(world: &World) -> Vec<&str> {
    let topics = world.told.iter().filter_map(|told| match told {
        Told::Message { topic, .. } => Some(topic.as_str()),
        _ => None,
    });
    topics.collect()
}

/// [MQTT-3.3.2-7] [duty 3.3.4 unknown alias] (5.0)
#[test]
fn a_topic_alias_stands_for_its_topic_until_the_connection_ends() {
    let mut world = World::connected(config(V5));
    let mut blocks = [(); 4].map(|()| PropertiesBuf::new());
    let [a, b, c, d] = &mut blocks;
    world.serve(&[
        aliased("one", 1, a),
        aliased("", 1, b),
        aliased("two", 1, c),
        aliased("", 1, d),
    ]);
    assert_eq!(topics(&world), ["one", "one", "two", "two"]);
    world.drop_socket();
    world.reconnect(false, &[]);
    world.serve(&[aliased("", 1, &mut PropertiesBuf::new())]);
    assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
}

/// [duty 3.3.4 alias] (5.0)
#[test]
fn an_alias_above_the_maximum_ends_the_connection() {
    let mut world = World::connected(Config { topic_alias_maximum: 2, ..config(V5) });
    world.serve(&[aliased("one", 3, &mut PropertiesBuf::new())]);
    assert_eq!(world.sent(), ["DISCONNECT 0x94"]);
    assert!(topics(&world).is_empty());
}

/// [duty 3.3.4 receive maximum] (5.0)
#[test]
fn a_server_that_exceeds_our_receive_maximum_is_left() {
    let mut world = World::connected(Config { receive_maximum: 1, ..config(V5) });
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 1), message("a", "1", QoS::ExactlyOnce, 1)]);
    world.serve(&[message("a", "2", QoS::ExactlyOnce, 2)]);
    assert_eq!(world.sent(), ["PUBREC 1", "PUBREC 1", "DISCONNECT 0x93"]);
    assert_eq!(world.messages(), ["1"]);
}

#[test]
fn messages_right_behind_connack_are_delivered() {
    let mut world = World::connecting(config(V4));
    world.open();
    world.bytes(&[0x20, 2, 0, 0, 0x30, 4, 0, 1, b'a', b'x', 0x30, 4, 0, 1, b'a', b'y']);
    assert_eq!(world.messages(), ["x", "y"]);
}

/// [MQTT-3.3.4-9] [MQTT-4.9.0-1] (5.0)
#[test]
fn what_came_on_an_earlier_connection_does_not_count_against_the_receive_maximum_of_this_one() {
    let kept = Config {
        receive_maximum: 1,
        clean_start: false,
        session_expiry_interval: 60,
        ..config(V5)
    };
    let mut world = World::connected(kept);
    world.serve(&[message("a", "1", QoS::ExactlyOnce, 1)]);
    assert_eq!(world.sent(), ["PUBREC 1"]);
    world.drop_socket();
    world.reconnect(true, &[]);
    world.sent();
    world.serve(&[message("a", "2", QoS::AtLeastOnce, 2)]);
    assert_eq!(world.sent(), ["PUBACK 2"]);
    world.serve(&[message("a", "3", QoS::ExactlyOnce, 3)]);
    assert_eq!(world.sent(), ["PUBREC 3"]);
    world.serve(&[message("a", "4", QoS::ExactlyOnce, 4)]);
    assert_eq!(world.sent(), ["DISCONNECT 0x93"]);
}
