//! GHSA-rj8f-4655-cgg2: a SUBACK with another number of codes crashed the client or told of
//! subscriptions that were none, and answers were matched by their identifier alone.

use wasmqtt::client::ErrorCode;
use wasmqtt::codec::{PacketType, ProtocolVersion, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config};

/// A client that has asked for two filters in one packet, with identifier 1.
fn asked(version: ProtocolVersion) -> (World, [u32; 2]) {
    let mut world = World::connecting(config(version));
    let tokens = ["a", "b"].map(|filter| world.subscribe(filter, QoS::AtLeastOnce).get());
    world.open();
    world.accept(false, &[]);
    assert_eq!(world.sent().last().unwrap(), "SUBSCRIBE 1 a q1 b q1");
    world.forget();
    (world, tokens)
}

fn ended(version: ProtocolVersion) -> &'static [&'static str] {
    if version == V5 { &["DISCONNECT 0x82"] } else { &[] }
}

#[test]
fn ghsa_rj8f_4655_cgg2_a_suback_with_too_many_or_too_few_codes_grants_nothing() {
    for version in [V4, V5] {
        for codes in [&[1][..], &[0x80], &[1, 1, 1], &[1, 1, 0x80], &[1; 100]] {
            let (mut world, tokens) = asked(version);
            world.suback(1, codes);
            assert_eq!(world.sent(), ended(version), "{codes:02x?}");
            let errors = world.disconnections();
            assert_eq!((errors.len(), errors[0].code), (1, ErrorCode::ProtocolError));
            assert!(tokens.iter().all(|token| world.outcome(*token).is_none()), "{codes:02x?}");
            // They are asked for again, and granted by a server that can count.
            world.reconnect(false, &[]);
            let sent = world.sent();
            assert_eq!(sent, ["SUBSCRIBE 2 a q1 b q1"]);
            world.suback(2, &[1, 0]);
            let granted = [QoS::AtLeastOnce, QoS::AtMostOnce];
            for (token, qos) in tokens.into_iter().zip(granted) {
                assert_eq!(world.outcome(token), Some(&Told::Subscribed(token, qos)));
            }
        }
    }
}

#[test]
fn ghsa_rj8f_4655_cgg2_a_suback_without_codes_grants_nothing() {
    for (version, bytes) in [(V4, &[0x90, 2, 0, 1][..]), (V5, &[0x90, 3, 0, 1, 0])] {
        let (mut world, tokens) = asked(version);
        world.bytes(bytes);
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
        assert!(tokens.iter().all(|token| world.outcome(*token).is_none()));
    }
}

#[test]
fn ghsa_rj8f_4655_cgg2_an_unsuback_does_not_answer_a_subscribe_nor_a_suback_an_unsubscribe() {
    for version in [V4, V5] {
        let (mut world, tokens) = asked(version);
        world.unsuback(1, if version == V5 { &[0, 0] } else { &[] });
        assert_eq!(
            (world.sent(), world.closed),
            (ended(version).iter().map(|it| it.to_string()).collect(), 1)
        );
        assert!(tokens.iter().all(|token| world.outcome(*token).is_none()));

        let mut world = World::connected(config(version));
        let id = world.subscribe("a", QoS::AtMostOnce);
        world.suback(1, &[0]);
        let token = world.unsubscribe(id);
        world.forget();
        world.suback(2, &[0]);
        assert_eq!((world.closed, world.outcome(token)), (1, None));
    }
}

#[test]
fn ghsa_rj8f_4655_cgg2_an_acknowledgement_of_a_publish_frees_no_identifier_of_a_subscribe() {
    for version in [V4, V5] {
        for packet in [PacketType::Puback, PacketType::Pubcomp] {
            let (mut world, tokens) = asked(version);
            world.ack(packet, 1, ReasonCode::SUCCESS);
            world.publish("t", "", QoS::AtLeastOnce);
            assert_eq!(world.sent(), ["PUBLISH 2 \"t\" q1 \"\""]);
            world.suback(1, &[1, 1]);
            for token in tokens {
                assert_eq!(world.outcome(token), Some(&Told::Subscribed(token, QoS::AtLeastOnce)));
            }
        }
    }
}

#[test]
fn ghsa_rj8f_4655_cgg2_a_suback_does_not_answer_a_publish() {
    for version in [V4, V5] {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let mut world = World::connected(config(version));
            let token = world.publish("t", "", qos);
            world.forget();
            world.suback(1, &[0]);
            assert_eq!((world.closed, world.outcome(token)), (1, None));
            world.reconnect(false, &[]);
            assert_eq!(world.sent(), [format!("PUBLISH 2 \"t\" q{} \"\"", qos.value())]);
        }
    }
}
