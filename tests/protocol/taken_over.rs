//! Another client with the same identifier, where the server says nothing of it: it is told by how
//! often it happens.

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, State, Wake};
use wasmqtt::codec::{Disconnect, Packet, Properties, QoS, ReasonCode};

use crate::support::{V4, V5, World, config};

/// Connections that are accepted and closed after so long, until the client ends or there were `most`.
fn evicted(world: &mut World, lives: Duration, most: u32) -> u32 {
    for round in 1..=most {
        while world.socket.is_none() {
            let at = world.deadline.expect("another attempt");
            world.advance(at - world.now);
        }
        world.open();
        world.accept(false, &[]);
        world.advance(lives);
        world.drop_socket();
        if world.client.state() == State::Closed {
            return round;
        }
    }
    most
}

#[test]
fn a_client_that_is_thrown_out_soon_again_and_again_ends_as_taken_over() {
    for version in [V4, V5] {
        let mut world = World::connecting(config(version));
        world.publish("a", "waits for nobody", QoS::AtMostOnce);
        assert_eq!(evicted(&mut world, Duration::from_secs(4), 100), 8);
        let error = *world.disconnections().last().unwrap();
        assert_eq!((error.code, error.retryable), (ErrorCode::TakenOver, false));
        assert_eq!(error.reason_code, None, "the server gave none");
        assert!(error.close.is_some());
    }
}

#[test]
fn a_connection_that_lives_longer_begins_the_count_anew() {
    let mut world = World::connecting(config(V4));
    for _ in 0..5 {
        assert_eq!(evicted(&mut world, Duration::from_secs(4), 7), 7);
        assert_eq!(evicted(&mut world, Duration::from_secs(10), 1), 1);
    }
    assert!(matches!(world.client.state(), State::Waiting { .. }));
}

#[test]
fn a_failed_attempt_or_a_network_that_comes_and_goes_begins_the_count_anew() {
    let mut world = World::connecting(config(V4));
    for round in 0..6 {
        assert_eq!(evicted(&mut world, Duration::from_secs(1), 7), 7);
        match round % 3 {
            0 => {
                while world.socket.is_none() {
                    let at = world.deadline.expect("another attempt");
                    world.advance(at - world.now);
                }
                world.drop_socket();
            }
            1 => world.wake(Wake::Online),
            _ => world.wake(Wake::Offline),
        }
    }
    assert_ne!(world.client.state(), State::Closed);
}

#[test]
fn an_identifier_that_nobody_else_can_have_is_not_taken_over() {
    for identifier in [None, Some(String::new())] {
        let settings = Config { client_identifier: identifier, ..config(V5) };
        let mut world = World::connecting(settings);
        assert_eq!(evicted(&mut world, Duration::from_secs(1), 50), 50);
        assert_ne!(world.client.state(), State::Closed);
    }
}

#[test]
fn a_server_that_says_why_is_believed() {
    let mut world = World::connecting(config(V5));
    for _ in 0..20 {
        while world.socket.is_none() {
            let at = world.deadline.expect("another attempt");
            world.advance(at - world.now);
        }
        world.open();
        world.accept(false, &[]);
        let reason_code = ReasonCode::SERVER_BUSY;
        let properties = Properties::EMPTY;
        world.serve(&[Packet::Disconnect(Disconnect { reason_code, properties })]);
    }
    assert_ne!(world.client.state(), State::Closed);
}
