//! From 5.0 to 3.1.1 where a server does not know 5.0.

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, State, VersionPolicy};
use wasmqtt::codec::ReasonCode;

use crate::support::{V4, V5, World, config};

fn auto() -> Config {
    Config { version: VersionPolicy::Auto, ..config(V5) }
}

#[test]
fn a_server_that_refuses_5_0_is_asked_for_3_1_1_at_once() {
    // A refusal in the form of 3.1.1, and the two forms of 5.0.
    for refusal in [&[0x20, 2, 0, 1][..], &[0x20, 3, 0, 0x84, 0], &[0x20, 3, 0, 0x82, 0]] {
        let mut world = World::connecting(auto());
        world.open();
        world.bytes(refusal);
        assert_eq!(world.opened, [(0, V5), (0, V4)]);
        assert!(world.disconnections().is_empty(), "it is one attempt");
        world.open();
        world.accept(false, &[]);
        assert_eq!(world.client.server().map(|it| it.version), Some(V4));
        world.drop_socket();
        world.reconnect(false, &[]);
        assert_eq!(world.opened.last(), Some(&(0, V4)), "what worked is kept");
    }
}

#[test]
fn a_server_that_hangs_up_on_5_0_is_asked_for_3_1_1() {
    let mut world = World::connecting(auto());
    world.open();
    world.drop_socket();
    assert_eq!(world.opened, [(0, V5), (0, V4)]);
    world.open();
    world.drop_socket();
    assert_eq!(world.disconnections().len(), 1);
    assert!(matches!(world.client.state(), State::Waiting { .. }));
    world.seconds(1);
    assert_eq!(world.opened.last(), Some(&(0, V5)), "perhaps it was not the version");
}

#[test]
fn a_server_that_never_answers_5_0_is_asked_for_3_1_1() {
    let connect_timeout = Duration::from_secs(3);
    let mut world = World::connecting(Config { connect_timeout, ..auto() });
    world.open();
    world.seconds(3);
    assert_eq!((&world.opened[..], world.closed), (&[(0, V5), (0, V4)][..], 1));
}

#[test]
fn a_server_that_cannot_be_reached_says_nothing_about_versions() {
    let mut world = World::connecting(auto());
    world.drop_socket();
    world.seconds(1);
    assert_eq!(world.opened, [(0, V5), (0, V5)]);
}

#[test]
fn a_version_that_was_asked_for_is_not_changed() {
    let mut world = World::connecting(config(V5));
    world.open();
    world.refuse(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
    assert_eq!((world.opened.len(), world.client.state()), (1, State::Closed));
    assert_eq!(world.disconnections()[0].code, ErrorCode::ConnectionRefused);
}

#[test]
fn a_server_that_has_neither_ends_it() {
    let mut world = World::connecting(auto());
    world.open();
    world.bytes(&[0x20, 2, 0, 1]);
    world.open();
    world.bytes(&[0x20, 2, 0, 1]);
    assert_eq!((world.opened.len(), world.client.state()), (2, State::Closed));
}
