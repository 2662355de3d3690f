//! Where the engine stands when the bytes of a row come. It does not know the rows.

use wasmqtt::client::{Config, SubscribeRequest};
use wasmqtt::codec::{PacketType, Property, ProtocolVersion, QoS, ReasonCode, SubscriptionOptions};

use crate::support::{Asked, V5, World, message};

/// What the CONNECT of a scene says.
fn config(scene: &str, version: ProtocolVersion) -> Config {
    let mut config = crate::support::config(version);
    if version == V5 {
        config.topic_alias_maximum = 3;
    }
    let mut words = scene.split(' ');
    while let Some(word) = words.next() {
        match word {
            "size" => config.maximum_packet_size = words.next().unwrap().parse().ok(),
            "aliases" => config.topic_alias_maximum = words.next().unwrap().parse().unwrap(),
            "manual" => config.receive_maximum = words.next().unwrap().parse().unwrap(),
            "method" | "renewing" => config.authentication_method = Some("m".into()),
            "unnamed" => config.client_identifier = Some(String::new()),
            "checking" => config.check_payload_format = true,
            "unexplained" => config.request_problem_information = false,
            _ => {}
        }
    }
    config
}

/// A world that stands as `scene` says, with nothing told or sent yet.
pub(crate) fn scene(scene: &str, version: ProtocolVersion) -> World {
    let mut world = World::connecting(config(scene, version));
    answer(&mut world);
    world.open();
    if !scene.starts_with("connecting") {
        accept(&mut world, scene);
        arrange(&mut world, scene);
    }
    world.forget();
    world.authenticate.clear();
    world
}

/// Gives authentication data where it is asked for.
pub(crate) fn answer(world: &mut World) {
    if matches!(world.authenticate.last(), Some(Asked::Start { .. } | Asked::Challenge(_))) {
        world.authenticate.clear();
        world.client.provide_authentication(Some(b"data".to_vec()), world.now);
        world.settle();
    }
}

/// CONNACK, with the method where there is one.
pub(crate) fn accept(world: &mut World, scene: &str) {
    let method = scene.contains("method") || scene.contains("renewing");
    let properties = [Property::AuthenticationMethod("m")];
    world.accept(false, if method { &properties } else { &[] });
}

fn arrange(world: &mut World, scene: &str) {
    match scene.split(' ').next().unwrap_or_default() {
        "qos1" => two(world, QoS::AtLeastOnce),
        "qos2" => two(world, QoS::ExactlyOnce),
        "pubrec" => {
            two(world, QoS::ExactlyOnce);
            world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
        }
        "received" => world.serve(&[message("a/b", "x", QoS::ExactlyOnce, 1)]),
        "subscribed" => {
            // At once, so that they share a packet.
            let count = if scene.ends_with('2') { 2 } else { 1 };
            for filter in ["a/b", "c"].into_iter().take(count) {
                let options = SubscriptionOptions::new(QoS::AtLeastOnce);
                world.client.subscribe(filter, options, world.now).unwrap();
            }
            world.settle();
        }
        "manual" => {
            let options = SubscriptionOptions::new(QoS::AtLeastOnce);
            let request = SubscribeRequest { manual: true, ..options.into() };
            world.client.subscribe("a/b", request, world.now).unwrap();
            world.settle();
            world.suback(1, &[1]);
        }
        "alias" => {
            let named = [0x30, 9, 0, 3, b'a', b'/', b'b', 3, 0x23, 0, 1];
            world.bytes(&named);
            world.drop_socket();
            world.reconnect(false, &[]);
        }
        "renewing" => {
            world.client.reauthenticate(world.now).unwrap();
            world.settle();
            answer(world);
        }
        _ => {}
    }
}

fn two(world: &mut World, qos: QoS) {
    world.publish("t", "1", qos);
    world.publish("t", "2", qos);
}
