//! What other clients lost or held up when the connection came back, seen on the wire. It does not know
//! when the next attempt is made.

use wasmqtt::client::{Config, WillConfig};
use wasmqtt::codec::{Packet, ProtocolVersion, QoS, decode_from_client};

use super::next_attempt;
use crate::support::{Told, V4, V5, World, config};

fn kept(version: ProtocolVersion) -> Config {
    Config {
        clean_start: false,
        session_expiry_interval: 60 * u32::from(version == V5),
        ..config(version)
    }
}

fn with_will(version: ProtocolVersion) -> Config {
    let will = WillConfig {
        topic: "gone".into(),
        payload: b"bye".into(),
        qos: QoS::AtLeastOnce,
        retain: true,
        ..WillConfig::default()
    };
    Config { will: Some(will), ..config(version) }
}

/// The next attempt, up to CONNECT, which is the only packet in `raw`.
fn again(world: &mut World) {
    world.drop_socket();
    next_attempt(world);
    world.forget();
    world.open();
}

/// Seen in MQTT.js: stored messages one at a time, then what was queued, then SUBSCRIBE, one filter in each.
#[test]
fn subscriptions_go_first_in_one_packet_and_stored_messages_follow_at_once() {
    for version in [V4, V5] {
        for session_present in [false, true] {
            let mut world = World::connected(kept(version));
            for filter in ["a", "b", "c", "d", "e"] {
                world.subscribe(filter, QoS::AtLeastOnce);
            }
            for _ in 0..4 {
                world.publish("t", "stored", QoS::AtLeastOnce);
            }
            world.drop_socket();
            world.publish("t", "queued", QoS::AtMostOnce);
            world.reconnect(session_present, &[]);
            // No acknowledgement has come since, and all of it went out at once.
            let sent = world.sent();
            assert_eq!(world.frames, 1);
            assert_eq!(sent.len(), 6, "{sent:?}");
            assert!(sent[0].ends_with(" a q1 b q1 c q1 d q1 e q1"), "{sent:?}");
            assert!(sent[1..5].iter().all(|packet| packet.contains("stored")), "{sent:?}");
            assert!(sent[5].contains("queued"), "{sent:?}");
        }
    }
}

/// Seen in mqtt5-wasm: the second CONNECT has none.
#[test]
fn every_connect_has_the_will() {
    for version in [V4, V5] {
        let mut world = World::connected(with_will(version));
        for _ in 0..5 {
            again(&mut world);
            let Packet::Connect(connect) = decode_from_client(&world.raw[0], version).unwrap()
            else {
                panic!("no CONNECT")
            };
            let will = connect.will.unwrap();
            assert_eq!((will.topic.as_str(), will.payload), ("gone", &b"bye"[..]));
            assert_eq!((will.qos, will.retain), (QoS::AtLeastOnce, true));
            world.accept(false, &[]);
        }
    }
}

/// Seen in mqtt5-wasm: it does not, and the application hears nothing any more.
#[test]
fn where_the_session_is_new_the_client_subscribes_again() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let token = world.subscribe("a/#", QoS::ExactlyOnce).get();
        world.suback(1, &[2]);
        assert_eq!(world.outcome(token), Some(&Told::Subscribed(token, QoS::ExactlyOnce)));
        for identifier in 2..7 {
            again(&mut world);
            world.sent();
            world.accept(false, &[]);
            assert_eq!(world.sent(), [format!("SUBSCRIBE {identifier} a/# q2")]);
            world.suback(identifier, &[2]);
        }
    }
}

/// The same, where the server has the session and not the subscription.
#[test]
fn a_subscription_that_was_not_answered_is_asked_for_again_though_the_session_was_kept() {
    for version in [V4, V5] {
        let mut world = World::connected(kept(version));
        let token = world.subscribe("a", QoS::AtMostOnce).get();
        again(&mut world);
        world.sent();
        world.accept(true, &[]);
        assert_eq!(world.sent(), ["SUBSCRIBE 2 a q0"]);
        world.suback(2, &[0]);
        assert_eq!(world.outcome(token), Some(&Told::Subscribed(token, QoS::AtMostOnce)));
    }
}
