//! GHSA-gfxc-3w7m-8ch4: CONNACK changed the options of the application for good. GHSA-8phv-jwjm-93rr: a
//! second CONNACK set the connection up once more. It does not know what CONNACK is good for.

use core::num::{NonZeroU16, NonZeroU32};

use wasmqtt::client::{Config, ErrorCode, State, WillConfig};
use wasmqtt::codec::{PacketType, Property, QoS, ReasonCode};

use super::{dropped, next_attempt};
use crate::support::{Told, V4, V5, World, config, message};

/// Room for an acknowledgement with a reason code, and for nothing else.
const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();

const NARROW: [Property<'static>; 12] = [
    Property::SessionExpiryInterval(0),
    Property::ReceiveMaximum(NonZeroU16::MIN),
    Property::MaximumQoS(false),
    Property::RetainAvailable(false),
    Property::MaximumPacketSize(FIVE),
    Property::TopicAliasMaximum(0),
    Property::WildcardSubscriptionAvailable(false),
    Property::SubscriptionIdentifierAvailable(false),
    Property::SharedSubscriptionAvailable(false),
    Property::ServerKeepAlive(7),
    Property::ReasonString("sorry"),
    Property::UserProperty(("k", "v")),
];

/// One whose options all differ from their defaults.
fn demanding() -> Config {
    Config {
        keep_alive: 60,
        session_expiry_interval: 3600,
        receive_maximum: 10,
        maximum_packet_size: Some(1000),
        topic_alias_maximum: 5,
        will: Some(WillConfig {
            topic: "gone".into(),
            payload: b"bye".into(),
            qos: QoS::AtLeastOnce,
            retain: true,
            ..WillConfig::default()
        }),
        user_properties: vec![("app".into(), "x".into())],
        ..config(V5)
    }
}

/// Accepts with these properties, breaks, and gives both CONNECT packets.
fn two_connects(properties: &[Property<'_>]) -> (World, [Vec<u8>; 2]) {
    let mut world = World::connecting(demanding());
    world.open();
    let first = world.raw.remove(0);
    world.accept(false, properties);
    world.drop_socket();
    next_attempt(&mut world);
    world.raw.clear();
    world.open();
    let second = world.raw.remove(0);
    (world, [first, second])
}

#[test]
fn ghsa_gfxc_3w7m_8ch4_the_next_connect_says_what_the_application_wanted() {
    let (mut world, [first, mut second]) = two_connects(&NARROW);
    assert_eq!((first[9] & 2, second[9] & 2), (2, 0), "only the first asks for a clean start");
    second[9] |= 2;
    assert_eq!(first, second);
    // A server without limits is one without limits.
    world.accept(false, &[]);
    let server = world.client.server().unwrap();
    assert_eq!((server.keep_alive, server.receive_maximum), (60, u16::MAX));
    assert_eq!((server.maximum_qos, server.retain_available), (QoS::ExactlyOnce, true));
    world.sent();
    world.publish("a", &"x".repeat(5000), QoS::ExactlyOnce);
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn ghsa_gfxc_3w7m_8ch4_the_servers_maximum_packet_size_is_not_that_of_what_comes_in() {
    let mut world = World::connecting(demanding());
    world.open();
    world.accept(false, &[Property::MaximumPacketSize(NonZeroU32::new(20).unwrap())]);
    world.forget();
    world.serve(&[message("a", &"x".repeat(900), QoS::AtMostOnce, 0)]);
    assert_eq!((world.messages().len(), world.closed), (1, 0));
}

#[test]
fn ghsa_gfxc_3w7m_8ch4_the_server_can_not_widen_the_limits_of_the_application() {
    let wide = [
        Property::MaximumPacketSize(NonZeroU32::new(1_000_000).unwrap()),
        Property::ReceiveMaximum(NonZeroU16::MAX),
        Property::TopicAliasMaximum(u16::MAX),
    ];
    let accepted = || {
        let mut world = World::connecting(demanding());
        world.open();
        world.accept(false, &wide);
        world
    };
    // 1,001 bytes; an alias of 6; an eleventh message.
    dropped(accepted(), &[0x30, 0xE6, 0x07], &["DISCONNECT 0x95"]);
    dropped(accepted(), &[0x30, 7, 0, 1, b't', 3, 0x23, 0, 6], &["DISCONNECT 0x94"]);
    let mut world = accepted();
    for identifier in 1..=10 {
        world.serve(&[message("a", "", QoS::ExactlyOnce, identifier)]);
    }
    dropped(world, &[0x34, 6, 0, 1, b'a', 0, 11, 0], &["DISCONNECT 0x93"]);
}

#[test]
fn ghsa_gfxc_3w7m_8ch4_a_refusal_changes_nothing_either() {
    let mut world = World::connecting(demanding());
    world.open();
    let first = world.raw.remove(0);
    let properties = b"\x1F\x00\x02no\x27\x00\x00\x00\x05\x13\x00\x01\x21\x00\x01";
    let len = properties.len() as u8;
    world.bytes(&[&[0x20, 3 + len, 0, 0x89, len], &properties[..]].concat());
    assert_eq!(world.disconnections()[0].reason_string.as_deref(), Some("no"));
    next_attempt(&mut world);
    world.open();
    assert_eq!(world.raw, [first]);
}

#[test]
fn ghsa_8phv_jwjm_93rr_a_second_connack_sends_nothing_again() {
    for (version, connack, end) in [
        (V4, &[0x20, 2, 0, 0][..], &[][..]),
        (V4, &[0x20, 2, 1, 0], &[]),
        (V4, &[0x20, 2, 0, 5], &[]),
        (V5, &[0x20, 3, 0, 0, 0], &["DISCONNECT 0x82"]),
        (V5, &[0x20, 3, 1, 0, 0], &["DISCONNECT 0x82"]),
        (V5, &[0x20, 3, 0, 0x87, 0], &["DISCONNECT 0x82"]),
    ] {
        let mut world = World::connected(config(version));
        world.publish("a", "1", QoS::AtLeastOnce);
        world.publish("a", "2", QoS::ExactlyOnce);
        world.ack(PacketType::Pubrec, 2, ReasonCode::SUCCESS);
        world.subscribe("b", QoS::AtMostOnce);
        world.suback(3, &[0]);
        world.forget();
        world.bytes(connack);
        assert_eq!(
            (world.sent(), world.closed),
            (end.iter().map(|it| it.to_string()).collect(), 1)
        );
        assert_eq!(world.client.stats().connections, 1);
        assert!(!world.told.iter().any(|told| matches!(told, Told::Connected(_))));
    }
}

#[test]
fn ghsa_8phv_jwjm_93rr_a_second_connack_in_the_same_message_is_one_too() {
    for (version, connack) in [(V4, &[0x20, 2, 0, 0][..]), (V5, &[0x20, 3, 0, 0, 0])] {
        let mut world = World::connecting(config(version));
        world.open();
        world.bytes(&[connack, connack].concat());
        assert_eq!((world.closed, world.client.stats().connections), (1, 1));
        assert_eq!(world.disconnections()[0].code, ErrorCode::ProtocolError);
    }
}

#[test]
fn ghsa_8phv_jwjm_93rr_a_refusal_is_not_taken_back_by_what_follows_it() {
    for (version, refusal, welcome) in [
        (V4, &[0x20, 2, 0, 3][..], &[0x20, 2, 0, 0][..]),
        (V5, &[0x20, 3, 0, 0x88, 0], &[0x20, 3, 0, 0, 0]),
    ] {
        let mut world = World::connecting(config(version));
        world.publish("a", "1", QoS::AtMostOnce);
        world.open();
        world.forget();
        world.bytes(&[refusal, welcome].concat());
        assert_eq!((world.sent(), world.closed), (vec![], 1), "and the socket is not left open");
        assert_eq!(world.disconnections()[0].code, ErrorCode::ConnectionRefused);
        assert!(matches!(world.client.state(), State::Waiting { .. }));
        assert!(!world.told.iter().any(|told| matches!(told, Told::Connected(_))));
    }
}
