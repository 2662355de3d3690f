//! Keep Alive and answers that do not come (3.1.2.10, 3.2, 3.12). It does not know what was lost with the
//! connection.

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode};
use wasmqtt::codec::{Packet, Property, QoS};

use crate::support::{V5, World, config, message};
use crate::wire::{limited, opened};

/// How long after the last packet the next one leaves, while the server sends something each second.
fn pause(config: Config, properties: &[Property<'_>]) -> Option<u64> {
    let mut world = limited(config, properties);
    world.publish("a", "", QoS::AtMostOnce);
    world.forget();
    for second in 1..=100 {
        world.seconds(1);
        if !world.raw.is_empty() {
            assert_eq!(world.sent(), ["PINGREQ"]);
            return Some(second);
        }
        world.serve(&[message("a", "", QoS::AtMostOnce, 0)]);
    }
    None
}

fn with_keep_alive(keep_alive: u16) -> Config {
    Config { keep_alive, ..config(V5) }
}

/// [MQTT-3.1.2-20] (5.0)
/// [case SES-24]
#[test]
fn one_who_has_nothing_to_send_pings_in_time_whatever_comes_in() {
    for keep_alive in [1, 10, 60] {
        let after = pause(with_keep_alive(keep_alive), &[]);
        assert!(after.is_some_and(|seconds| seconds <= u64::from(keep_alive)), "{after:?}");
    }
    assert_eq!(pause(with_keep_alive(0), &[]), None);
}

/// [MQTT-3.1.2-21] [MQTT-3.2.2-21] (5.0)
#[test]
fn the_servers_keep_alive_is_used_in_place_of_the_own() {
    for (own, servers) in [(60, 5), (0, 5), (5, 60)] {
        let after = pause(with_keep_alive(own), &[Property::ServerKeepAlive(servers)]);
        let expected = u64::from(servers);
        assert!(after.is_some_and(|it| it <= expected && it > expected / 2), "{after:?}");
    }
    assert_eq!(pause(with_keep_alive(5), &[Property::ServerKeepAlive(0)]), None);
}

/// [duty 3.1.2.10 pingresp] (5.0)
#[test]
fn a_server_that_does_not_answer_is_left() {
    let mut world = World::connected(with_keep_alive(10));
    world.seconds(20);
    assert_eq!((world.closed, world.disconnections()[0].code), (1, ErrorCode::KeepAlive));
    let mut world = World::connected(with_keep_alive(10));
    for _ in 0..60 {
        world.seconds(1);
        if !world.sent().is_empty() {
            world.serve(&[Packet::Pingresp]);
        }
    }
    assert_eq!(world.closed, 0, "one that does is not");
}

/// [duty 3.2 connack] (5.0)
/// [case SES-22]
#[test]
fn a_server_that_does_not_accept_is_left() {
    let config = Config { connect_timeout: Duration::from_secs(9), ..config(V5) };
    let mut world = opened(config.clone());
    world.seconds(8);
    assert_eq!(world.closed, 0);
    world.seconds(1);
    assert_eq!((world.closed, world.disconnections()[0].code), (1, ErrorCode::ConnectTimeout));
    let world = limited(config, &[]);
    assert_eq!(world.closed, 0);
}
