//! Topic Aliases in both directions (3.3.2.3.4). It does not know which topics are worth one.

use wasmqtt::client::Config;
use wasmqtt::codec::{Packet, Property, QoS, decode_from_client};

use crate::support::{V5, World, config};
use crate::wire::{kept, limited, packet, raw, refused, refused_by, taken_by};

/// Alias and topic of each publish since the last call.
fn aliases(world: &mut World) -> Vec<(u16, bool)> {
    let packets = raw(world);
    let packets = packets.iter().map(|packet| decode_from_client(packet, V5).unwrap());
    let named = packets.map(|packet| match packet {
        Packet::Publish(it) => (it.properties.topic_alias().unwrap_or(0), !it.topic.is_empty()),
        other => panic!("{other:?}"),
    });
    named.collect()
}

fn publish_often(world: &mut World) {
    for _ in 0..4 {
        for topic in ["plant/line/one", "plant/line/two", "plant/line/three", "plant/line/four"] {
            world.publish(topic, "x", QoS::AtMostOnce);
        }
    }
}

/// [MQTT-3.2.2-17] [MQTT-3.2.2-18] [MQTT-3.3.2-8] [MQTT-3.3.2-9] (5.0)
#[test]
fn aliases_are_between_1_and_what_the_server_takes() {
    for maximum in [0, 1, 2, 9] {
        let properties: &[_] = &[Property::TopicAliasMaximum(maximum)];
        let mut world = limited(config(V5), if maximum == 0 { &[] } else { properties });
        publish_often(&mut world);
        let used = aliases(&mut world);
        let greatest = used.iter().map(|(alias, _)| *alias).max();
        assert_eq!(greatest, Some(maximum.min(4)));
        assert!(used.iter().all(|(alias, named)| *alias > 0 || *named), "0 stands for nothing");
        // An application cannot say one.
        for alias in [0, 1, 5] {
            let property = [Property::TopicAlias(alias)];
            assert!(world.try_publish("a", "", QoS::AtMostOnce, &property).is_err());
        }
        assert!(world.raw.is_empty());
    }
}

fn aliased(topic: &[u8], alias: u8) -> Vec<u8> {
    packet(0x30, &[&[0, topic.len() as u8], topic, &[3, 0x23, 0, alias]])
}

/// [MQTT-3.3.2-7] [duty 3.3.4 unknown alias] (5.0)
#[test]
fn aliases_end_with_the_connection_in_both_directions() {
    let announced = [Property::TopicAliasMaximum(4)];
    let mut world = limited(kept(), &announced);
    publish_often(&mut world);
    assert!(aliases(&mut world).iter().any(|(_, named)| !named));
    let mut world = taken_by(world, &[aliased(b"a/b", 1), aliased(b"", 1)].concat());
    world.drop_socket();
    world.reconnect(true, &announced);
    publish_often(&mut world);
    let first = aliases(&mut world);
    let mut known = [false; 5];
    for (alias, named) in first.into_iter().filter(|(alias, _)| *alias > 0) {
        assert!(named || known[usize::from(alias)], "a topic comes before its alias stands for it");
        known[usize::from(alias)] = true;
    }
    refused_by(world, &aliased(b"", 1), 0x82);
    refused(&aliased(b"", 2), 0x82);
}

fn three() -> World {
    World::connected(Config { topic_alias_maximum: 3, ..config(V5) })
}

/// [MQTT-3.3.2-10] (5.0)
#[test]
fn every_alias_up_to_the_own_maximum_is_taken() {
    let mut world = three();
    for (topic, alias) in [(&b"one"[..], 1), (b"two", 2), (b"three", 3), (b"other", 1)] {
        world = taken_by(world, &[aliased(topic, alias), aliased(b"", alias)].concat());
    }
    let topics: Vec<_> = world
        .told
        .iter()
        .filter_map(|told| match told {
            crate::support::Told::Message { topic, .. } => Some(topic.as_str()),
            _ => None,
        })
        .collect();
    let expected = ["one", "one", "two", "two", "three", "three", "other", "other"];
    assert_eq!(topics, expected);
}

/// [MQTT-3.3.2-8] [duty 3.3.4 alias] [duty breach 3.1.2-26] [duty breach 3.3.2-11] (5.0)
#[test]
fn an_alias_of_0_or_above_the_own_maximum_is_invalid() {
    for alias in [0, 4, 255] {
        refused_by(three(), &aliased(b"a/b", alias), 0x94);
        refused_by(three(), &aliased(b"", alias), 0x94);
    }
}

/// [duty breach 3.1.2-27] (5.0)
#[test]
fn an_alias_where_none_was_announced_is_invalid() {
    let none = || World::connected(Config { topic_alias_maximum: 0, ..config(V5) });
    refused_by(none(), &aliased(b"a/b", 1), 0x94);
    assert!(!crate::wire::connect(crate::wire::bare()).contains(&0x22));
}
