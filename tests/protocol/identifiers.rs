//! Subscription Identifiers (5.0, 3.8.2.1.2): sent where the server knows them, and routed by.

use wasmqtt::client::{Config, SubscribeRequest};
use wasmqtt::codec::{
    Packet, PropertiesBuf, Property, QoS, SubscriptionOptions, TopicName, decode_from_client,
};

use crate::support::{V4, V5, World, config};

/// Identifier and filters of each SUBSCRIBE sent.
fn subscribed(
    world: &World,
    version: wasmqtt::codec::ProtocolVersion,
) -> Vec<(Option<u32>, usize)> {
    let packets = world.raw.iter().map(|it| decode_from_client(it, version).unwrap());
    let subscribes = packets.filter_map(|packet| match packet {
        Packet::Subscribe(it) => Some((
            it.properties.subscription_identifier().map(|id| id.get()),
            it.subscriptions.iter().count(),
        )),
        _ => None,
    });
    subscribes.collect()
}

fn routes(world: &mut World, topic: &str, identifiers: &[u32]) -> Vec<u32> {
    let mut routes = Vec::new();
    world.client.routes(TopicName::new(topic).unwrap(), identifiers, &mut routes);
    routes.iter().map(|id| id.get()).collect()
}

#[test]
fn filters_that_overlap_are_told_apart() {
    let mut world = World::connected(config(V5));
    let all = world.subscribe("a/#", QoS::AtMostOnce).get();
    let one = world.subscribe("a/b", QoS::AtMostOnce).get();
    assert_eq!(subscribed(&world, V5), [(Some(1), 1), (Some(2), 1)]);
    assert_eq!(routes(&mut world, "a/b", &[1]), [all]);
    assert_eq!(routes(&mut world, "a/b", &[2]), [one]);
    assert_eq!(routes(&mut world, "a/b", &[1, 2]), [all, one]);
    assert_eq!(routes(&mut world, "a/b", &[]), [all, one]);
}

#[test]
fn filters_that_do_not_overlap_share_a_packet_and_keep_their_identifiers() {
    let mut world = World::connecting(config(V5));
    for filter in ["a/1", "a/2", "a/3", "a/#"] {
        world.subscribe(filter, QoS::AtMostOnce);
    }
    world.open();
    world.accept(false, &[]);
    assert_eq!(subscribed(&world, V5), [(Some(1), 3), (Some(2), 1)]);
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(subscribed(&world, V5), [(Some(1), 3), (Some(2), 1)]);
}

/// The client asks for none (3.2.2.3.12).
#[test]
fn there_are_none_where_the_server_or_the_version_has_none() {
    let unavailable = [Property::SubscriptionIdentifierAvailable(false)];
    let off = Config { subscription_identifiers: false, ..config(V5) };
    for (config, version, properties) in
        [(config(V5), V5, &unavailable[..]), (off, V5, &[]), (config(V4), V4, &[])]
    {
        let mut world = World::connecting(config);
        for filter in ["a/#", "a/b"] {
            world.subscribe(filter, QoS::AtMostOnce);
        }
        world.open();
        world.accept(false, properties);
        assert_eq!(subscribed(&world, version), [(None, 2)]);
    }
}

#[test]
fn user_properties_of_subscribe_and_unsubscribe_are_sent() {
    let mut world = World::connected(config(V5));
    let mut properties = PropertiesBuf::new();
    properties.push(Property::UserProperty(("k", "v"))).unwrap();
    let request = SubscribeRequest {
        properties: properties.clone(),
        ..SubscriptionOptions::new(QoS::AtMostOnce).into()
    };
    let id = world.client.subscribe("a", request, world.now).unwrap();
    world.settle();
    world.suback(1, &[0]);
    world.client.unsubscribe_with(id, properties, world.now).unwrap();
    world.settle();
    let pairs = |packet: &[u8]| match decode_from_client(packet, V5).unwrap() {
        Packet::Subscribe(it) => it.properties.user_properties().count(),
        Packet::Unsubscribe(it) => it.properties.user_properties().count(),
        other => panic!("{other:?}"),
    };
    assert_eq!((pairs(&world.raw[0]), pairs(&world.raw[1])), (1, 1));
}
