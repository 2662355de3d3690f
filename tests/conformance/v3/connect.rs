//! CONNECT of 3.1.1, byte for byte (3.1). It does not know what text can be in it.

use wasmqtt::client::{Client, Config, Credentials, ErrorCode, VersionPolicy, WillConfig};
use wasmqtt::codec::QoS;

use super::next_attempt;
use crate::support::{V4, V5, World, config};
use crate::wire::{connect, opened, packet};

const USER_NAME: u8 = 0x80;
const PASSWORD: u8 = 0x40;
const WILL_RETAIN: u8 = 0x20;
const WILL_QOS: u8 = 0x18;
const WILL: u8 = 0x04;
const CLEAN: u8 = 0x02;

fn with_will(qos: QoS, retain: bool) -> Config {
    let (topic, payload) = ("w".into(), b"x".to_vec());
    let will = Some(WillConfig { topic, payload, qos, retain, ..WillConfig::default() });
    Config { will, ..config(V4) }
}

fn with_login(username: Option<&str>, password: Option<&[u8]>) -> Config {
    let (username, password) = (username.map(Into::into), password.map(Into::into));
    Config { credentials: Credentials::Fixed { username, password }, ..config(V4) }
}

/// CONNECT with these flags and this payload, and a keep-alive of 60.
fn bytes(flags: u8, payload: &[u8]) -> Vec<u8> {
    packet(0x10, &[b"\x00\x04MQTT\x04", &[flags, 0, 60], payload])
}

/// [MQTT-3.1.0-1] (3.1.1)
#[test]
fn connect_is_the_first_packet_and_the_only_one_before_connack() {
    let mut world = World::connecting(config(V4));
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        world.publish("a", "", qos);
        world.subscribe("b", qos);
    }
    assert!(world.raw.is_empty());
    world.open();
    assert_eq!(world.raw.len(), 1);
    assert_eq!(world.raw[0][0], 0x10);
    world.seconds(5);
    assert_eq!(world.raw.len(), 1);
    world.accept(false, &[]);
    assert!(world.raw.len() > 1);
    world.drop_socket();
    next_attempt(&mut world);
    world.raw.clear();
    world.open();
    assert_eq!(world.raw.iter().map(|packet| packet[0]).collect::<Vec<_>>(), [0x10]);
}

/// [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] [MQTT-3.1.2-18] [MQTT-3.1.2-20] [MQTT-3.1.3-3] (3.1.1)
#[test]
fn without_will_and_login_no_flag_is_set_and_the_client_identifier_is_all() {
    assert_eq!(connect(config(V4)), bytes(CLEAN, b"\x00\x01c"));
    let kept = Config { clean_start: false, ..config(V4) };
    assert_eq!(connect(kept), bytes(0, b"\x00\x01c"));
}

/// [MQTT-3.1.2-9] [MQTT-3.1.2-14] (3.1.1)
#[test]
fn a_will_has_a_topic_and_a_message_and_one_of_three_qos() {
    let every_qos: Vec<_> = (0..=u8::MAX).filter_map(QoS::from_value).collect();
    assert_eq!(every_qos, [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
    for (qos, bits) in every_qos.into_iter().zip([0x00, 0x08, 0x10]) {
        for (retain, bit) in [(false, 0), (true, WILL_RETAIN)] {
            let expected = bytes(CLEAN | WILL | bits | bit, b"\x00\x01c\x00\x01w\x00\x01x");
            assert_eq!(connect(with_will(qos, retain)), expected);
        }
    }
    let mut empty = with_will(QoS::AtMostOnce, false);
    empty.will.as_mut().unwrap().payload.clear();
    assert_eq!(connect(empty), bytes(CLEAN | WILL, b"\x00\x01c\x00\x01w\x00\x00"));
}

/// [MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.2-20] [MQTT-3.1.2-21] (3.1.1)
#[test]
fn a_user_name_and_a_password_are_there_when_their_flags_are() {
    for (login, flags, payload) in [
        (with_login(Some("u"), None), USER_NAME, &b"\x00\x01c\x00\x01u"[..]),
        (with_login(Some(""), None), USER_NAME, b"\x00\x01c\x00\x00"),
        (with_login(Some("u"), Some(b"p")), USER_NAME | PASSWORD, b"\x00\x01c\x00\x01u\x00\x01p"),
        (with_login(Some(""), Some(b"")), USER_NAME | PASSWORD, b"\x00\x01c\x00\x00\x00\x00"),
        (
            with_login(Some("u"), Some(&[0, 0xFF])),
            USER_NAME | PASSWORD,
            b"\x00\x01c\x00\x01u\x00\x02\x00\xFF",
        ),
    ] {
        assert_eq!(connect(login), bytes(CLEAN | flags, payload));
    }
}

/// [MQTT-3.1.3-1] [MQTT-3.1.3-3] [MQTT-3.1.2-9] [MQTT-3.1.2-19] [MQTT-3.1.2-21] (3.1.1)
#[test]
fn the_payload_has_identifier_will_topic_will_message_user_name_and_password_in_that_order() {
    let credentials = with_login(Some("u"), Some(b"p")).credentials;
    let all = Config { credentials, ..with_will(QoS::ExactlyOnce, true) };
    let payload = b"\x00\x01c\x00\x01w\x00\x01x\x00\x01u\x00\x01p";
    assert_eq!(connect(all), bytes(0xF6, payload));
}

/// [MQTT-3.1.2-22] (3.1.1)
#[test]
fn a_password_without_a_user_name_is_never_sent() {
    let error = Client::new(with_login(None, Some(b"p")), 1).map(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);

    let mut asked = World::connecting(Config { credentials: Credentials::Ask, ..config(V4) });
    asked.client.provide_credentials(None, Some(b"p".to_vec()), asked.now);
    asked.settle();
    if asked.socket.is_some() {
        asked.open();
    }
    assert!(asked.raw.is_empty());
    assert_eq!(asked.disconnections()[0].code, ErrorCode::Unsupported);

    // What 5.0 takes is of no use to the server of 3.1.1 that it turns out to be.
    let mut fallen = falling_back(with_login(None, Some(b"p")));
    assert!(fallen.raw.is_empty());
    assert_eq!(fallen.sent(), [""; 0]);
    assert_eq!(fallen.disconnections()[0].code, ErrorCode::Unsupported);
}

/// [MQTT-3.1.3-3] [MQTT-3.1.3-7] (3.1.1)
#[test]
fn an_empty_client_identifier_asks_for_a_clean_session() {
    let nameless = Config { client_identifier: Some(String::new()), ..config(V4) };
    assert_eq!(connect(nameless.clone()), bytes(CLEAN, b"\x00\x00"));
    let kept = Config { clean_start: false, ..nameless.clone() };
    let error = Client::new(kept.clone(), 1).map(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);

    // Nor where a server of 5.0 was hoped for.
    let fallen = falling_back(kept);
    assert!(fallen.raw.is_empty());
    assert_eq!(fallen.disconnections()[0].code, ErrorCode::Unsupported);

    // Nor on a later connection.
    let mut world = opened(nameless);
    world.accept(false, &[]);
    world.drop_socket();
    next_attempt(&mut world);
    world.raw.clear();
    world.open();
    assert_eq!(world.raw, [bytes(CLEAN, b"\x00\x00")]);
}

/// A client of either version whose server has refused 5.0, with its WebSocket for 3.1.1 open.
fn falling_back(config: Config) -> World {
    let mut world = opened(Config { version: VersionPolicy::Auto, ..config });
    assert_eq!(world.opened, [(0, V5)]);
    world.forget();
    world.bytes(&[0x20, 2, 0, 1]);
    assert_eq!(world.opened.last(), Some(&(0, V4)));
    world.open();
    world
}

/// [MQTT-3.1.3-2] (3.1.1)
#[test]
fn a_session_belongs_to_one_client_identifier() {
    let generated = Config { client_identifier: None, clean_start: false, ..config(V4) };
    let mut one = World::connecting(generated.clone());
    let identifier = one.client.client_identifier().to_string();
    for _ in 0..3 {
        one.open();
        assert_eq!(one.raw[0][12..14], [0, 23]);
        assert_eq!(&one.raw[0][14..], identifier.as_bytes(), "the session is asked for again");
        one.accept(true, &[]);
        one.publish("a", "", QoS::ExactlyOnce);
        one.seconds(10);
        one.drop_socket();
        next_attempt(&mut one);
        one.forget();
    }
    let other = Client::new(generated, 2).unwrap();
    assert_ne!(other.client_identifier(), identifier);
    assert_eq!((one.client.stats().in_flight, other.stats().in_flight), (3, 0));
}

/// [MQTT-3.1.2-13] [MQTT-3.1.2-15] (3.1.1)
#[test]
fn the_bits_of_the_will_are_clear_whatever_else_is_said() {
    for login in [with_login(Some("u"), Some(b"p")), with_login(Some("u"), None)] {
        for clean_start in [false, true] {
            let flags = connect(Config { clean_start, ..login.clone() })[9];
            assert_eq!(flags & (WILL | WILL_QOS | WILL_RETAIN), 0, "{flags:08b}");
        }
    }
}
