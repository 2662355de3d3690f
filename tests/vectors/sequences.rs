//! Rows that are a sequence of packets and not one: framing, acknowledgements, subscriptions. It does not know the rows
//! that tests elsewhere prove.

use wasmqtt::client::{CloseInfo, State};
use wasmqtt::codec::{PacketType, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config, lost, message};

/// [case FRM-21]
#[test]
fn an_empty_piece_changes_nothing() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        world.bytes(&[0x30, 5, 0]);
        world.bytes(&[]);
        world.bytes(&[1, b'a', 0, b'x']);
        assert_eq!(world.messages().len(), 1);
        assert!(world.disconnections().is_empty());
    }
}

/// [case FRM-23]
#[test]
fn a_thousand_messages_in_one_piece_are_delivered_and_acknowledged_in_order() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let payloads: Vec<String> = (1..=1000).map(|number| number.to_string()).collect();
        let packets = payloads.iter().zip(1..);
        let packets: Vec<_> =
            packets.map(|(it, number)| message("a", it, QoS::AtLeastOnce, number)).collect();
        world.serve(&packets);
        assert_eq!(world.messages(), payloads);
        let answers: Vec<String> = (1..=1000).map(|number| format!("PUBACK {number}")).collect();
        assert_eq!((world.sent(), world.frames), (answers, 1));
    }
}

/// Two filters or more, asked for together; the identifier of the packet is the next one.
fn subscribed(world: &mut World, filters: &[&str]) -> Vec<u32> {
    let options = wasmqtt::codec::SubscriptionOptions::new(QoS::ExactlyOnce);
    let subscribe = |filter: &&str| world.client.subscribe(filter, options, world.now).unwrap();
    let ids = filters.iter().map(subscribe).map(|id| id.get()).collect();
    world.settle();
    ids
}

/// [case SAK-11]
#[test]
fn each_filter_has_its_own_reason_code() {
    let codes = [0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2];
    let mut world = World::connected(config(V5));
    for (packet, codes) in (1..).zip(codes.chunks(4)) {
        let filters: Vec<String> = codes.iter().map(|code| format!("f/{code}")).collect();
        let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
        let ids = subscribed(&mut world, &filters);
        world.suback(packet, codes);
        for (id, code) in ids.into_iter().zip(codes) {
            match world.outcome(id) {
                Some(Told::Subscribed(_, qos)) => assert_eq!(qos.value(), *code),
                Some(Told::Failed(_, error)) => {
                    assert_eq!(error.reason_code, Some(ReasonCode::from_value(*code)));
                }
                other => panic!("{code:#04x}: {other:?}"),
            }
        }
    }
    assert_eq!(world.client.state(), State::Connected);
}

/// [case SAK-12] [case SES-28]
#[test]
fn one_filter_of_two_is_refused_and_the_other_one_stays() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let ids = subscribed(&mut world, &["good", "bad"]);
        world.suback(1, &[1, 0x80]);
        assert_eq!(world.outcome(ids[0]), Some(&Told::Subscribed(ids[0], QoS::AtLeastOnce)));
        assert_eq!(world.failure(ids[1]).reason_code, Some(ReasonCode::UNSPECIFIED_ERROR));
        world.drop_socket();
        world.reconnect(false, &[]);
        assert_eq!(world.sent(), ["SUBSCRIBE 2 good q2"]);
    }
}

/// [case SAK-15]
#[test]
fn a_lower_qos_than_wanted_is_granted_and_told() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let id = world.subscribe("a", QoS::ExactlyOnce).get();
        world.suback(1, &[0]);
        assert_eq!(world.outcome(id), Some(&Told::Subscribed(id, QoS::AtMostOnce)));
    }
}

/// [case SAK-29] [case SAK-30]
#[test]
fn an_unsuback_ends_or_refuses() {
    for (code, refused) in [(0x11, false), (0x87, true)] {
        let mut world = World::connected(config(V5));
        let id = world.subscribe("a", QoS::AtMostOnce);
        world.suback(1, &[0]);
        let token = world.unsubscribe(id);
        world.unsuback(2, &[code]);
        let code = ReasonCode::from_value(code);
        if refused {
            assert_eq!(world.failure(token).reason_code, Some(code));
        } else {
            assert_eq!(world.outcome(token), Some(&Told::Unsubscribed(token, code)));
        }
        assert_eq!(world.client.state(), State::Connected);
    }
}

/// [case SES-20]
#[test]
fn the_same_identifier_in_both_directions_is_two_exchanges() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let token = world.publish("up", "mine", QoS::ExactlyOnce);
        world.serve(&[message("down", "theirs", QoS::ExactlyOnce, 1)]);
        assert_eq!(world.sent(), ["PUBLISH 1 \"up\" q2 \"mine\"", "PUBREC 1"]);
        world.ack(PacketType::Pubrec, 1, ReasonCode::SUCCESS);
        world.ack(PacketType::Pubrel, 1, ReasonCode::SUCCESS);
        assert_eq!(world.sent(), ["PUBREL 1", "PUBCOMP 1"]);
        assert_eq!(world.outcome(token), None);
        world.ack(PacketType::Pubcomp, 1, ReasonCode::SUCCESS);
        assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
        assert_eq!(world.messages(), ["theirs"]);
    }
}

/// [case SES-23]
#[test]
fn a_server_that_closes_at_once_is_one_failure_and_one_more_attempt() {
    for version in [V4, V5] {
        for opened in [true, false] {
            let mut world = World::connecting(config(version));
            if opened {
                world.open();
            }
            world.drop_socket();
            // What a browser says besides is too late.
            world.client.handle_close(CloseInfo { code: 1000, ..lost() }, world.now);
            world.settle();
            assert_eq!(world.disconnections().len(), 1);
            assert!(matches!(world.client.state(), State::Waiting { .. }));
            world.seconds(1);
            assert_eq!(world.opened.len(), 2);
        }
    }
}
