//! GHSA-h8jm-hm87-fqw3: a client announced its Receive Maximum and did not hold the server to it. It
//! does not know the Receive Maximum of the server.

use wasmqtt::client::{Client, Config, ErrorCode, SubscribeRequest};
use wasmqtt::codec::{
    Packet, PacketType, QoS, ReasonCode, SubscriptionOptions, decode_from_client,
};

use super::dropped;
use crate::support::{V5, World, config, message};

const EXACTLY_ONCE: QoS = QoS::ExactlyOnce;

fn taking(receive_maximum: u16) -> Config {
    Config { receive_maximum, session_expiry_interval: 60, ..config(V5) }
}

/// One that holds two messages of QoS 2, which is all that it takes.
fn full() -> World {
    let mut world = World::connected(taking(2));
    world.serve(&[message("a", "1", EXACTLY_ONCE, 1), message("a", "2", EXACTLY_ONCE, 2)]);
    assert_eq!((world.messages().len(), world.sent().len()), (2, 2));
    world
}

#[test]
fn ghsa_h8jm_hm87_fqw3_one_message_too_many_ends_the_connection() {
    dropped(full(), &[0x34, 6, 0, 1, b'a', 0, 3, 0], &["DISCONNECT 0x93"]);
}

#[test]
fn ghsa_h8jm_hm87_fqw3_a_message_that_comes_again_takes_no_second_place() {
    let mut world = full();
    for identifier in [1, 2, 1] {
        world.serve(&[message("a", "again", EXACTLY_ONCE, identifier)]);
    }
    assert_eq!(world.sent(), ["PUBREC 1", "PUBREC 2", "PUBREC 1"]);
    assert_eq!((world.messages().len(), world.closed), (2, 0));
}

#[test]
fn ghsa_h8jm_hm87_fqw3_a_released_message_makes_place_for_one() {
    let mut world = full();
    world.ack(PacketType::Pubrel, 1, ReasonCode::SUCCESS);
    world.ack(PacketType::Pubrel, 1, ReasonCode::SUCCESS);
    world.serve(&[message("a", "3", EXACTLY_ONCE, 3)]);
    assert_eq!(world.sent(), ["PUBCOMP 1", "PUBCOMP 1 0x92", "PUBREC 3"]);
    dropped(world, &[0x34, 6, 0, 1, b'a', 0, 4, 0], &["DISCONNECT 0x93"]);
}

#[test]
fn ghsa_h8jm_hm87_fqw3_a_session_that_is_resumed_forgets_nothing_and_grows_by_nothing() {
    let mut world = full();
    for round in 0..20 {
        world.drop_socket();
        world.reconnect(true, &[]);
        world.serve(&[
            message("a", "again", EXACTLY_ONCE, 1),
            message("a", "again", EXACTLY_ONCE, 2),
        ]);
        assert_eq!((world.messages().len(), world.sent().len()), (0, 2), "{round}");
        // The server tries one more each time.
        world.bytes(&[0x34, 6, 0, 1, b'a', 0, 3 + round, 0]);
        assert_eq!(world.sent(), ["DISCONNECT 0x93"], "{round}");
        assert!(world.messages().is_empty());
    }
}

#[test]
fn ghsa_h8jm_hm87_fqw3_messages_that_the_application_holds_back_count_as_well() {
    let mut world = World::connected(taking(3));
    let plain = SubscriptionOptions::new(EXACTLY_ONCE);
    let request = SubscribeRequest { manual: true, ..plain.into() };
    world.client.subscribe("a", request, world.now).unwrap();
    world.settle();
    world.suback(1, &[2]);
    world.forget();
    for (qos, identifier) in [(1, 1), (2, 1), (1, 2)] {
        world.serve(&[message("a", "x", QoS::from_value(qos).unwrap(), identifier)]);
    }
    assert_eq!((world.messages().len(), world.sent().len()), (3, 0));
    for first in [0x32, 0x34] {
        let mut world = World::connected(taking(3));
        world
            .client
            .subscribe("a", SubscribeRequest { manual: true, ..plain.into() }, world.now)
            .unwrap();
        world.settle();
        world.suback(1, &[2]);
        for identifier in 1..=3 {
            world.serve(&[message("a", "x", QoS::AtLeastOnce, identifier)]);
        }
        dropped(world, &[first, 6, 0, 1, b'a', 0, 9, 0], &["DISCONNECT 0x93"]);
    }
}

#[test]
fn ghsa_h8jm_hm87_fqw3_what_is_announced_is_what_is_held_to() {
    assert_eq!(
        Client::new(taking(0), 1).map(|_| ()).unwrap_err().code,
        ErrorCode::InvalidArgument,
        "0 is no Receive Maximum"
    );
    for maximum in [1, 2, 100] {
        let mut world = World::connecting(taking(maximum));
        world.open();
        let Packet::Connect(connect) = decode_from_client(&world.raw[0], V5).unwrap() else {
            panic!("no CONNECT")
        };
        assert_eq!(connect.properties.receive_maximum().map(|it| it.get()), Some(maximum));
        world.accept(false, &[]);
        world.forget();
        for identifier in 1..=maximum {
            world.serve(&[message("a", "", EXACTLY_ONCE, identifier)]);
        }
        assert_eq!((world.sent().len(), world.closed), (usize::from(maximum), 0));
        world.serve(&[message("a", "", EXACTLY_ONCE, maximum + 1)]);
        assert_eq!((world.sent(), world.closed), (vec!["DISCONNECT 0x93".to_string()], 1));
    }
}
