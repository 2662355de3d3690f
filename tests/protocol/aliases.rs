//! Topic Aliases of the client's own (5.0, 3.3.2.3.4).

use core::num::NonZeroU32;

use wasmqtt::client::Config;
use wasmqtt::codec::{Packet, PacketType, Property, QoS, ReasonCode, decode_from_client};

use crate::support::{V5, World, config};

const TOPIC: &str = "plant/line/robot";

fn with_maximum(maximum: u16, more: &[Property<'_>]) -> World {
    let mut world = World::connecting(config(V5));
    world.open();
    let mut properties = vec![Property::TopicAliasMaximum(maximum)];
    properties.extend_from_slice(more);
    world.accept(false, &properties);
    world.forget();
    world
}

/// Topic and alias of each publish since the last call.
fn names(world: &mut World) -> Vec<(String, Option<u16>)> {
    let raw = std::mem::take(&mut world.raw);
    let packets = raw.iter().map(|packet| decode_from_client(packet, V5).unwrap());
    let publishes = packets.filter_map(|packet| match packet {
        Packet::Publish(publish) => Some((publish.topic.into(), publish.properties.topic_alias())),
        _ => None,
    });
    publishes.collect()
}

/// [MQTT-3.2.2-17] [MQTT-3.3.2-9] (5.0)
#[test]
fn a_topic_in_use_gets_an_alias_and_is_said_by_it() {
    let mut world = with_maximum(1, &[]);
    for _ in 0..4 {
        world.publish(TOPIC, "x", QoS::AtMostOnce);
    }
    let named = |alias| (String::from(TOPIC), alias);
    assert_eq!(
        names(&mut world),
        [named(None), named(Some(1)), (String::new(), Some(1)), (String::new(), Some(1))]
    );
    for _ in 0..3 {
        world.publish("another/topic", "x", QoS::AtMostOnce);
    }
    let aliases: Vec<_> = names(&mut world).into_iter().map(|(_, alias)| alias).collect();
    assert_eq!(aliases, [None, None, None], "the server takes one alias");
}

/// [MQTT-3.2.2-18] (5.0)
/// [case SES-09]
#[test]
fn a_server_that_names_no_maximum_gets_no_alias() {
    let mut world = World::connected(config(V5));
    for _ in 0..4 {
        world.publish(TOPIC, "x", QoS::AtMostOnce);
    }
    assert!(names(&mut world).iter().all(|(topic, alias)| topic == TOPIC && alias.is_none()));
}

#[test]
fn they_can_be_turned_off() {
    let mut world = World::connecting(Config { topic_aliases: false, ..config(V5) });
    world.open();
    world.accept(false, &[Property::TopicAliasMaximum(9)]);
    for _ in 0..4 {
        world.publish(TOPIC, "x", QoS::AtMostOnce);
    }
    assert!(names(&mut world).iter().all(|(topic, alias)| topic == TOPIC && alias.is_none()));
}

/// [MQTT-3.3.2-7] (5.0)
/// [case SES-10]
#[test]
fn a_message_is_sent_again_by_its_name_and_aliases_begin_anew() {
    let mut world = with_maximum(4, &[]);
    for payload in ["1", "2", "3"] {
        world.publish(TOPIC, payload, QoS::AtLeastOnce);
    }
    assert_eq!(names(&mut world)[2], (String::new(), Some(1)));
    world.ack(PacketType::Puback, 1, ReasonCode::SUCCESS);
    world.drop_socket();
    world.reconnect(true, &[Property::TopicAliasMaximum(4)]);
    world.publish(TOPIC, "4", QoS::AtMostOnce);
    let again = names(&mut world);
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|(topic, alias)| topic == TOPIC && alias.is_none()), "{again:?}");
}

/// [MQTT-3.2.2-15] (5.0)
#[test]
fn an_alias_never_makes_a_packet_too_large() {
    let size = 2 + 2 + TOPIC.len() + 1 + 10;
    let limit = Property::MaximumPacketSize(NonZeroU32::new(size as u32).unwrap());
    let mut world = with_maximum(4, &[limit]);
    for _ in 0..3 {
        world.publish(TOPIC, "0123456789", QoS::AtMostOnce);
    }
    assert!(world.raw.iter().all(|packet| packet.len() <= size));
    assert_eq!(world.raw.len(), 3);
}
