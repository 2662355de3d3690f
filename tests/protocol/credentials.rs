//! Credentials that are asked for before every CONNECT.

use wasmqtt::client::{AuthorizeReason, Config, Credentials, ErrorCode, State};
use wasmqtt::codec::{Disconnect, Packet, Properties, ReasonCode};

use crate::support::{V4, V5, World, config};

fn asking() -> Config {
    Config { credentials: Credentials::Ask, ..config(V5) }
}

fn give(world: &mut World) {
    world.client.provide_credentials(Some("u".into()), Some(b"token".into()), world.now);
    world.settle();
}

#[test]
fn they_are_asked_for_before_every_connect() {
    let mut world = World::connecting(asking());
    assert_eq!((world.authorize.len(), world.socket), (1, None));
    give(&mut world);
    world.open();
    world.accept(false, &[]);
    world.drop_socket();
    world.seconds(1);
    assert_eq!(world.authorize, [(1, AuthorizeReason::First), (2, AuthorizeReason::Reconnect)]);
    assert_eq!(world.socket, None);
    give(&mut world);
    assert!(world.socket.is_some());
}

#[test]
fn refused_ones_are_asked_for_once_more_and_then_it_is_over() {
    let mut world = World::connecting(asking());
    for _ in 0..2 {
        give(&mut world);
        world.open();
        world.refuse(ReasonCode::NOT_AUTHORIZED);
    }
    assert_eq!(world.authorize, [(1, AuthorizeReason::First), (2, AuthorizeReason::Rejected)]);
    assert_eq!(world.client.state(), State::Closed);
    let codes: Vec<_> = world.disconnections().iter().map(|it| (it.code, it.retryable)).collect();
    assert_eq!(codes, [(ErrorCode::Auth, true), (ErrorCode::Auth, false)]);
}

#[test]
fn a_server_that_takes_them_and_then_does_not_is_not_hammered_at() {
    let mut world = World::connecting(asking());
    give(&mut world);
    world.open();
    world.accept(false, &[]);
    world.serve(&[refusal()]);
    assert!(matches!(world.client.state(), State::Waiting { .. }), "{:?}", world.client.state());
    world.seconds(1);
    assert_eq!(
        world.authorize,
        [(1, AuthorizeReason::First), (2, AuthorizeReason::Rejected)],
        "new ones are asked for all the same"
    );
    // One that has lived for a while had good ones: new ones are asked for at once.
    give(&mut world);
    world.open();
    world.accept(false, &[]);
    world.seconds(5);
    world.serve(&[refusal()]);
    assert_eq!(world.authorize.last(), Some(&(3, AuthorizeReason::Rejected)));
}

#[test]
fn without_reconnect_their_refusal_on_a_connection_is_the_end() {
    let mut world = World::connecting(Config { reconnect: None, ..asking() });
    give(&mut world);
    world.open();
    world.accept(false, &[]);
    world.seconds(60);
    world.serve(&[refusal()]);
    assert_eq!((world.client.state(), world.authorize.len()), (State::Closed, 1));
}

fn refusal() -> Packet<'static> {
    let reason_code = ReasonCode::NOT_AUTHORIZED;
    Packet::Disconnect(Disconnect { reason_code, properties: Properties::EMPTY })
}

#[test]
fn fixed_ones_that_are_refused_end_the_client_and_all_that_waits() {
    for (version, code) in
        [(V5, ReasonCode::BAD_USER_NAME_OR_PASSWORD), (V5, ReasonCode::NOT_AUTHORIZED)]
    {
        let mut world = World::connecting(config(version));
        let token = world.publish("a", "", wasmqtt::codec::QoS::AtLeastOnce);
        world.open();
        world.refuse(code);
        assert_eq!(world.client.state(), State::Closed);
        assert_eq!(world.failure(token).code, ErrorCode::Auth);
        assert_eq!(world.failure(token).reason_code, Some(code));
    }
    let mut world = World::connecting(config(V4));
    world.open();
    world.bytes(&[0x20, 2, 0, 5]);
    assert_eq!(world.disconnections()[0].reason_code, Some(ReasonCode::NOT_AUTHORIZED));
    assert_eq!(world.client.state(), State::Closed);
}

#[test]
fn an_application_that_gives_none_is_asked_again_later() {
    let mut world = World::connecting(asking());
    world.client.refuse_credentials(world.now);
    world.settle();
    assert_eq!(world.disconnections()[0].code, ErrorCode::Auth);
    assert!(matches!(world.client.state(), State::Waiting { .. }));
    world.seconds(1);
    assert_eq!(world.authorize.len(), 2);
}

#[test]
fn credentials_that_cannot_be_sent_fail_the_attempt() {
    let mut world = World::connecting(asking());
    world.client.provide_credentials(Some("u\0".into()), None, world.now);
    world.settle();
    assert_eq!(world.disconnections()[0].code, ErrorCode::InvalidArgument);
    assert_eq!(world.socket, None);
}
