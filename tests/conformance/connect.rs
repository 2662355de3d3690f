//! CONNECT (3.1), byte for byte. It does not know what a server answers.

use wasmqtt::client::{Client, Config, ErrorCode, WillConfig};
use wasmqtt::codec::{Property, QoS};

use crate::support::{V5, World, config};
use crate::wire::{bare, connect, kept, limited, next_attempt, opened, raw, with_login, with_will};

/// Where the Connect Flags stand.
const FLAGS: usize = 9;

/// What follows the fixed header up to the payload, with those flags.
fn head(flags: u8) -> Vec<u8> {
    [&b"\x00\x04MQTT\x05"[..], &[flags, 0, 60, 0]].concat()
}

fn whole(flags: u8, payload: &[u8]) -> Vec<u8> {
    let body = [&*head(flags), payload].concat();
    [&[0x10, body.len() as u8], &*body].concat()
}

/// [MQTT-3.1.0-1] (5.0)
#[test]
fn nothing_is_sent_before_connect_and_nothing_with_it() {
    let mut world = World::connecting(config(V5));
    world.publish("a", "1", QoS::ExactlyOnce);
    world.subscribe("b", QoS::AtMostOnce);
    world.settle();
    assert!(world.raw.is_empty());
    world.open();
    let sent = raw(&mut world);
    assert_eq!((sent.len(), sent[0][0]), (1, 0x10));
    world.drop_socket();
    world.forget();
    next_attempt(&mut world);
    world.open();
    let sent = raw(&mut world);
    assert_eq!((sent.len(), sent[0][0]), (1, 0x10), "on each connection");
}

/// [MQTT-3.1.2-1] [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-16] [MQTT-3.1.2-18] [MQTT-3.1.3-3] (5.0)
#[test]
fn a_plain_connect_has_a_name_a_version_and_an_identifier_only() {
    assert_eq!(connect(bare()), whole(0x02, b"\x00\x01c"));
    let assigned = Config { client_identifier: Some(String::new()), ..bare() };
    assert_eq!(connect(assigned), whole(0x02, b"\x00\x00"), "empty, but there");
}

/// [MQTT-3.1.2-9] [MQTT-3.1.2-12] (5.0)
#[test]
fn a_will_has_properties_topic_and_payload_and_its_qos_in_the_flags() {
    let will = b"\x00\x01c\x00\x00\x01w\x00\x01x";
    for (qos, bits) in [(QoS::AtMostOnce, 0x00), (QoS::AtLeastOnce, 0x08), (QoS::ExactlyOnce, 0x10)]
    {
        assert_eq!(connect(with_will(qos, false)), whole(0x06 | bits, will));
        assert_eq!(connect(with_will(qos, true)), whole(0x26 | bits, will));
    }
    assert_eq!(QoS::from_value(3), None, "there is no other to ask for");
}

/// [MQTT-3.1.2-16] [MQTT-3.1.2-17] [MQTT-3.1.2-18] [MQTT-3.1.2-19] (5.0)
#[test]
fn user_name_and_password_stand_there_exactly_when_their_flags_do() {
    type Case<'a> = (Option<&'a str>, Option<&'a [u8]>, u8, &'a [u8]);
    let cases: [Case<'_>; 5] = [
        (Some("u"), Some(b"p"), 0xC2, b"\x00\x01c\x00\x01u\x00\x01p"),
        (Some("u"), None, 0x82, b"\x00\x01c\x00\x01u"),
        (None, Some(b"p"), 0x42, b"\x00\x01c\x00\x01p"),
        (Some(""), Some(b""), 0xC2, b"\x00\x01c\x00\x00\x00\x00"),
        (None, None, 0x02, b"\x00\x01c"),
    ];
    for (username, password, flags, payload) in cases {
        assert_eq!(connect(with_login(username, password)), whole(flags, payload));
    }
}

/// [MQTT-3.1.3-1] (5.0)
#[test]
fn the_payload_has_its_fields_in_order() {
    let will = WillConfig {
        topic: "w".into(),
        payload: b"x".to_vec(),
        delay_interval: 5,
        ..WillConfig::default()
    };
    let all = Config { will: Some(will), ..with_login(Some("u"), Some(b"p")) };
    let fields: [&[u8]; 6] = [
        b"\x00\x01c",
        b"\x05\x18\x00\x00\x00\x05",
        b"\x00\x01w",
        b"\x00\x01x",
        b"\x00\x01u",
        b"\x00\x01p",
    ];
    assert_eq!(connect(all), whole(0xC6, &fields.concat()));
}

/// [MQTT-3.1.3-4] [MQTT-3.1.3-11] [MQTT-3.1.3-12] [MQTT-1.5.4-2] [MQTT-1.5.7-1] (5.0)
#[test]
fn a_text_that_no_string_can_be_is_refused_before_anything_is_sent() {
    let long = "x".repeat(65_536);
    for text in ["a\0", &long] {
        let will = |will: WillConfig| Config { will: Some(will), ..bare() };
        let named = WillConfig { topic: "w".into(), ..WillConfig::default() };
        let text = || String::from(text);
        for config in [
            Config { client_identifier: Some(text()), ..bare() },
            with_login(Some(&text()), None),
            Config { user_properties: vec![(text(), String::new())], ..bare() },
            Config { user_properties: vec![(String::new(), text())], ..bare() },
            Config { authentication_method: Some(text()), ..bare() },
            will(WillConfig { topic: text(), ..WillConfig::default() }),
            will(WillConfig { content_type: Some(text()), ..named.clone() }),
            will(WillConfig { response_topic: Some(text()), ..named.clone() }),
            will(WillConfig { user_properties: vec![(text(), text())], ..named.clone() }),
        ] {
            let error = Client::new(config, 1).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidArgument);
        }
    }
    let longest = "x".repeat(65_535);
    let config =
        Config { client_identifier: Some(longest.clone()), ..with_login(Some(&longest), None) };
    assert_eq!(connect(config).len(), 4 + 11 + 2 * (2 + 65_535));
}

/// [MQTT-3.1.3-12] (5.0)
#[test]
fn a_user_name_that_is_asked_for_is_checked_as_one_that_is_given() {
    let ask = Config { credentials: wasmqtt::client::Credentials::Ask, ..bare() };
    let mut world = World::connecting(ask);
    world.client.provide_credentials(Some("a\0".into()), None, world.now);
    world.settle();
    assert_eq!((world.opened.len(), world.disconnections().len()), (0, 1));
}

/// [MQTT-3.1.2-4] (5.0)
#[test]
fn a_clean_start_is_asked_for_until_there_was_a_connection_and_believed() {
    let mut world = opened(bare());
    assert_eq!(raw(&mut world)[0][FLAGS] & 2, 2);
    world.drop_socket();
    next_attempt(&mut world);
    world.open();
    assert_eq!(raw(&mut world)[0][FLAGS] & 2, 2, "no server has begun a session yet");
    world.accept(true, &[]);
    assert_eq!(world.disconnections().len(), 2, "a session where there can be none");
    assert_eq!(world.socket, None);
    let asked = Config { clean_start: false, ..bare() };
    assert_eq!(connect(asked)[FLAGS] & 2, 0);
}

/// [MQTT-3.1.3-2] (5.0)
#[test]
fn a_session_is_asked_for_by_the_identifier_it_was_begun_with() {
    let mut world = opened(Config { client_identifier: Some(String::new()), ..kept() });
    world.accept(false, &[Property::AssignedClientIdentifier("given")]);
    world.publish("a", "1", QoS::AtLeastOnce);
    world.drop_socket();
    next_attempt(&mut world);
    world.forget();
    world.open();
    assert_eq!(world.sent(), ["CONNECT v5 \"given\" clean 0 keep-alive 60"]);
    let named = |name: &str| Config { client_identifier: Some(name.into()), ..kept() };
    let mut one = World::connected(named("one"));
    let mut two = World::connected(named("two"));
    one.publish("a", "of one", QoS::AtLeastOnce);
    for world in [&mut one, &mut two] {
        world.drop_socket();
        world.reconnect(true, &[]);
    }
    assert_eq!((one.sent().len(), two.sent().len()), (1, 0), "what is in flight is of one alone");
}

/// [MQTT-3.2.2-1] (5.0)
#[test]
fn the_acknowledge_flags_have_one_bit() {
    for bit in 1..8 {
        crate::wire::refused_at_first(opened(config(V5)), &[0x20, 3, 1 << bit, 0, 0]);
    }
    limited(config(V5), &[]);
}
