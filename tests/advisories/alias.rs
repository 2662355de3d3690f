//! GHSA-c8jq-r765-cq7g: a Topic Alias that nobody asked for crashed the client. It does not know aliases
//! that were agreed on.

use wasmqtt::client::Config;
use wasmqtt::codec::QoS;

use super::dropped;
use crate::support::{Told, V4, V5, World, config, message};

/// Whose CONNECT announces that many aliases; none for 0.
fn announcing(topic_alias_maximum: u16) -> World {
    World::connected(Config { topic_alias_maximum, ..config(V5) })
}

/// A QoS 0 PUBLISH with a topic of no or one character, and an alias.
fn aliased(topic: &[u8], alias: u16) -> Vec<u8> {
    let [high, low] = alias.to_be_bytes();
    let len = topic.len() as u8;
    [&[0x30, 6 + len, 0, len], topic, &[3, 0x23, high, low]].concat()
}

#[test]
fn ghsa_c8jq_r765_cq7g_an_alias_where_none_was_announced_ends_the_connection_and_no_more() {
    for topic in [&b"t"[..], b""] {
        for alias in [1, 2, 0x00FF, 0xFFFF] {
            dropped(announcing(0), &aliased(topic, alias), &["DISCONNECT 0x94"]);
        }
    }
}

#[test]
fn ghsa_c8jq_r765_cq7g_an_alias_of_0_or_above_the_maximum_ends_the_connection_and_no_more() {
    for topic in [&b"t"[..], b""] {
        for alias in [0, 4, 0xFFFF] {
            dropped(announcing(3), &aliased(topic, alias), &["DISCONNECT 0x94"]);
        }
    }
}

#[test]
fn ghsa_c8jq_r765_cq7g_an_alias_that_stands_for_nothing_ends_the_connection_and_no_more() {
    dropped(announcing(3), &aliased(b"", 1), &["DISCONNECT 0x82"]);
    // Another one is known; and this one was, on the connection before.
    let mut world = announcing(3);
    world.bytes(&aliased(b"t", 2));
    dropped(world, &aliased(b"", 1), &["DISCONNECT 0x82"]);
    let mut world = announcing(3);
    world.bytes(&aliased(b"t", 1));
    world.drop_socket();
    world.reconnect(true, &[]);
    dropped(world, &aliased(b"", 1), &["DISCONNECT 0x82"]);
}

#[test]
fn ghsa_c8jq_r765_cq7g_the_server_can_do_it_on_every_connection() {
    let mut world = announcing(0);
    for _ in 0..50 {
        world.bytes(&aliased(b"", 1));
        assert!(world.socket.is_none());
        world.reconnect(false, &[]);
    }
    world.serve(&[message("a", "fine", QoS::AtMostOnce, 0)]);
    assert_eq!(world.messages(), ["fine"]);
}

#[test]
fn ghsa_c8jq_r765_cq7g_a_qos_1_or_2_message_behind_the_breach_is_not_answered() {
    for first in [0x32, 0x34] {
        let mut world = announcing(0);
        let behind = [first, 6, 0, 1, b't', 0, 9, 0];
        world.bytes(&[&aliased(b"", 1)[..], &behind].concat());
        assert_eq!(world.sent(), ["DISCONNECT 0x94"]);
        assert!(!world.told.iter().any(|told| matches!(told, Told::Message { .. })));
    }
}

#[test]
fn ghsa_c8jq_r765_cq7g_3_1_1_has_no_aliases_to_be_wrong() {
    let mut world = World::connected(config(V4));
    world.bytes(&aliased(b"t", 1));
    assert_eq!(world.messages(), ["\u{3}#\0\u{1}"], "the same bytes are payload there");
}
