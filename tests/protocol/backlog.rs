//! An application that does not take what it is told: acknowledgements wait, which makes the server stop (4.9), and with
//! QoS 0, where nothing does, messages are counted and not told.

use wasmqtt::client::{Backlog, Config};
use wasmqtt::codec::QoS;

use crate::support::{V4, V5, World, config, message};

fn subscribed(config: Config) -> World {
    let mut world = World::connected(config);
    world.subscribe("a/#", QoS::ExactlyOnce);
    world.suback(1, &[2]);
    world.forget();
    world
}

fn backlog(world: &mut World, backlog: Backlog) {
    world.client.handle_backlog(backlog, world.now);
    world.settle();
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3] (5.0)
#[test]
fn acknowledgements_wait_until_it_is_small_and_leave_in_their_order() {
    for version in [V4, V5] {
        let mut world = subscribed(config(version));
        backlog(&mut world, Backlog::Large);
        world.serve(&[message("a/1", "a/1", QoS::AtLeastOnce, 1)]);
        world.serve(&[message("a/2", "a/2", QoS::ExactlyOnce, 2)]);
        world.serve(&[message("a/3", "a/3", QoS::AtLeastOnce, 3)]);
        assert_eq!((world.messages().len(), world.sent().len()), (3, 0));
        assert!(world.deliveries.iter().all(Option::is_none), "nobody is asked to");
        backlog(&mut world, Backlog::Full);
        assert!(world.sent().is_empty());
        backlog(&mut world, Backlog::Small);
        assert_eq!(world.sent(), ["PUBACK 1", "PUBACK 3", "PUBREC 2"]);
        world.serve(&[message("a/4", "a/4", QoS::AtLeastOnce, 4)]);
        assert_eq!(world.sent(), ["PUBACK 4"]);
    }
}

#[test]
fn qos_0_is_told_until_it_is_full() {
    let mut world = subscribed(config(V5));
    backlog(&mut world, Backlog::Large);
    world.serve(&[message("a/1", "a/1", QoS::AtMostOnce, 0)]);
    backlog(&mut world, Backlog::Full);
    world.serve(&[message("a/2", "a/2", QoS::AtMostOnce, 0)]);
    world.serve(&[message("a/3", "a/3", QoS::AtLeastOnce, 3)]);
    backlog(&mut world, Backlog::Small);
    world.serve(&[message("a/4", "a/4", QoS::AtMostOnce, 0)]);
    assert_eq!(world.messages(), ["a/1", "a/3", "a/4"]);
    let stats = world.client.stats();
    assert_eq!((stats.messages_dropped, stats.messages_received), (1, 3));
}

/// What was told and not acknowledged comes again, and with QoS 2 is not told a second time.
#[test]
fn a_connection_that_is_lost_meanwhile_loses_nothing() {
    let mut world = subscribed(Config { session_expiry_interval: 60, ..config(V5) });
    backlog(&mut world, Backlog::Large);
    world.serve(&[message("a/1", "a/1", QoS::AtLeastOnce, 1)]);
    world.serve(&[message("a/2", "a/2", QoS::ExactlyOnce, 2)]);
    assert_eq!(world.messages().len(), 2);
    world.drop_socket();
    world.reconnect(true, &[]);
    world.serve(&[message("a/1", "a/1", QoS::AtLeastOnce, 1)]);
    world.serve(&[message("a/2", "a/2", QoS::ExactlyOnce, 2)]);
    assert_eq!(world.messages(), ["a/1"]);
    assert!(world.sent().is_empty());
    backlog(&mut world, Backlog::Small);
    assert_eq!(world.sent(), ["PUBACK 1", "PUBREC 2"]);
}
