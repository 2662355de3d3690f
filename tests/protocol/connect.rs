//! CONNECT, CONNACK and the will (3.1, 3.2).

use core::time::Duration;

use wasmqtt::client::{
    Client, Config, Credentials, Error, ErrorCode, Phase, Reconnect, State, WillConfig,
};
use wasmqtt::codec::{Packet, Property, QoS, ReasonCode, decode_from_client};

use crate::support::{Told, V3_1, V4, V5, World, config};

/// The CONNECT that a client with that configuration sends.
fn with_connect(config: Config, look: impl FnOnce(&wasmqtt::codec::Connect<'_>)) {
    let version = match config.version {
        wasmqtt::client::VersionPolicy::Exactly(version) => version,
        wasmqtt::client::VersionPolicy::Auto => V5,
    };
    let mut world = World::connecting(config);
    world.client.handle_open(world.now);
    let bytes = world.client.poll_transmit(world.now, 1000).unwrap().to_vec();
    match decode_from_client(&bytes, version).unwrap() {
        Packet::Connect(connect) => look(&connect),
        other => panic!("{other:?}"),
    }
}

/// [MQTT-3.1.0-1] (5.0)
#[test]
fn connect_is_the_first_packet_and_nothing_follows_before_connack() {
    let mut world = World::connecting(config(V5));
    let token = world.publish("a", "1", QoS::AtMostOnce);
    world.subscribe("b", QoS::AtMostOnce);
    assert!(world.sent().is_empty());
    world.open();
    assert_eq!(world.sent(), ["CONNECT v5 \"c\" clean 1 keep-alive 60"]);
    world.accept(false, &[]);
    assert_eq!(world.sent(), ["SUBSCRIBE 1 b q0", "PUBLISH \"a\" q0 \"1\""]);
    assert_eq!(world.outcome(token), Some(&Told::Published(token, ReasonCode::SUCCESS)));
}

#[test]
fn a_host_without_sockets_is_the_end_however_many_addresses_there_are() {
    let mut world = World::connecting(Config { servers: 3, ..config(V5) });
    let token = world.publish("a", "", QoS::AtLeastOnce);
    world.refuse_sockets(Error::new(ErrorCode::Unsupported, "there are none here"));
    assert_eq!((world.client.state(), world.opened.len()), (State::Closed, 1));
    assert_eq!(world.failure(token).code, ErrorCode::Unsupported);
}

#[test]
fn an_address_that_the_host_does_not_open_is_the_end_where_there_is_no_other() {
    for reconnect in [None, Some(Reconnect::default())] {
        let mut world = World::connecting(Config { reconnect, ..config(V5) });
        let token = world.publish("a", "", QoS::AtLeastOnce);
        world.refuse_socket();
        assert_eq!((world.client.state(), world.opened.len()), (State::Closed, 1));
        let error = world.disconnections()[0];
        assert_eq!((error.code, error.phase), (ErrorCode::Unsupported, Phase::Opening));
        assert!(!error.retryable);
        assert_eq!(world.failure(token).code, ErrorCode::Unsupported);
    }
    let mut world = World::connecting(Config { servers: 2, ..config(V5) });
    world.refuse_socket();
    assert_eq!(world.opened, [(0, V5), (1, V5)]);
    world.refuse_socket();
    assert!(matches!(world.client.state(), State::Waiting { .. }));
    // It comes too late.
    let mut world = World::connected(config(V5));
    world.refuse_socket();
    assert_eq!((world.client.state(), world.told.len()), (State::Connected, 0));
}

#[test]
fn each_version_says_its_name_and_level() {
    for (version, level) in [(V3_1, 3), (V4, 4), (V5, 5)] {
        let mut world = World::connecting(config(version));
        world.open();
        assert_eq!(world.sent(), [format!("CONNECT v{level} \"c\" clean 1 keep-alive 60")]);
        assert_eq!(world.opened, [(0, version)]);
    }
}

#[test]
fn a_client_without_an_identifier_makes_one_and_keeps_it() {
    let mut world = World::connecting(Config { client_identifier: None, ..config(V4) });
    let identifier = world.client.client_identifier().to_string();
    assert_eq!(identifier.len(), 23);
    world.open();
    world.accept(false, &[]);
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(world.client.client_identifier(), identifier);
}

/// [MQTT-3.1.3-2] (5.0)
#[test]
fn an_assigned_identifier_is_used_from_then_on() {
    let mut world =
        World::connecting(Config { client_identifier: Some(String::new()), ..config(V5) });
    world.open();
    world.accept(false, &[Property::AssignedClientIdentifier("given")]);
    world.drop_socket();
    world.sent();
    while world.socket.is_none() {
        world.seconds(1);
    }
    world.open();
    assert_eq!(world.sent(), ["CONNECT v5 \"given\" clean 0 keep-alive 60"]);
}

#[test]
fn the_will_is_sent_with_all_its_properties() {
    let will = WillConfig {
        topic: "gone".into(),
        payload: b"bye".into(),
        qos: QoS::ExactlyOnce,
        retain: true,
        delay_interval: 5,
        message_expiry_interval: Some(60),
        content_type: Some("text/plain".into()),
        response_topic: Some("answers".into()),
        correlation_data: Some(vec![1, 2]),
        payload_format_indicator: Some(true),
        user_properties: vec![("a".into(), "1".into())],
    };
    let with_will = |version| Config { will: Some(will.clone()), ..config(version) };
    with_connect(with_will(V5), |connect| {
        let will = connect.will.unwrap();
        assert_eq!((will.topic.as_str(), will.payload), ("gone", &b"bye"[..]));
        assert_eq!((will.qos, will.retain), (QoS::ExactlyOnce, true));
        let properties = will.properties;
        assert_eq!(properties.will_delay_interval(), Some(5));
        assert_eq!(properties.message_expiry_interval(), Some(60));
        assert_eq!(properties.content_type(), Some("text/plain"));
        assert_eq!(properties.response_topic(), Some("answers"));
        assert_eq!(properties.correlation_data(), Some(&[1, 2][..]));
        assert_eq!(properties.payload_format_indicator(), Some(true));
        assert_eq!(properties.user_properties().collect::<Vec<_>>(), [("a", "1")]);
    });
    let will = WillConfig {
        topic: "gone".into(),
        payload: b"bye".into(),
        qos: QoS::ExactlyOnce,
        retain: true,
        ..WillConfig::default()
    };
    with_connect(Config { will: Some(will), ..config(V4) }, |connect| {
        assert_eq!(connect.will.unwrap().payload, b"bye");
    });
}

#[test]
fn user_name_password_and_limits_are_sent() {
    let credentials =
        Credentials::Fixed { username: Some("u".into()), password: Some(b"p".into()) };
    let config = Config {
        credentials,
        keep_alive: 7,
        session_expiry_interval: 9,
        receive_maximum: 10,
        maximum_packet_size: Some(1000),
        topic_alias_maximum: 3,
        user_properties: vec![("k".into(), "v".into())],
        ..config(V5)
    };
    with_connect(config, |connect| {
        assert_eq!((connect.username, connect.password), (Some("u"), Some(&b"p"[..])));
        assert_eq!(connect.keep_alive, 7);
        let properties = connect.properties;
        assert_eq!(properties.session_expiry_interval(), Some(9));
        assert_eq!(properties.receive_maximum().map(|it| it.get()), Some(10));
        assert_eq!(properties.maximum_packet_size().map(|it| it.get()), Some(1000));
        assert_eq!(properties.topic_alias_maximum(), Some(3));
        assert_eq!(properties.user_properties().collect::<Vec<_>>(), [("k", "v")]);
    });
}

#[test]
fn what_no_connect_can_say_is_refused_before_anything_happens() {
    let will = |topic: &str, payload: usize| {
        Some(WillConfig { topic: topic.into(), payload: vec![0; payload], ..WillConfig::default() })
    };
    let password = Credentials::Fixed { username: None, password: Some(vec![]) };
    for config in [
        Config { client_identifier: Some("a\0".into()), ..config(V5) },
        Config { client_identifier: Some("a".repeat(65_536)), ..config(V5) },
        Config { client_identifier: Some(String::new()), ..config(V3_1) },
        Config { client_identifier: Some(String::new()), clean_start: false, ..config(V4) },
        Config { credentials: password, ..config(V4) },
        Config { will: will("a/+", 0), ..config(V5) },
        Config { will: will("a", 65_536), ..config(V5) },
        Config { receive_maximum: 0, ..config(V5) },
        Config { maximum_packet_size: Some(0), ..config(V5) },
    ] {
        let code = Client::new(config, 1).err().map(|error| error.code);
        assert!(
            matches!(code, Some(ErrorCode::InvalidArgument | ErrorCode::Unsupported)),
            "{code:?}"
        );
    }
}

/// [duty 3.2 connack] (5.0)
#[test]
fn a_server_that_does_not_answer_is_left_after_the_timeout() {
    let connect_timeout = Duration::from_secs(10);
    let mut world = World::connecting(Config { connect_timeout, ..config(V5) });
    world.seconds(4);
    world.open();
    world.advance(Duration::from_millis(5999));
    assert_eq!((world.closed, world.client.state()), (0, State::Connecting));
    world.advance(Duration::from_millis(1));
    assert_eq!(world.closed, 1);
    let error = world.disconnections()[0];
    assert_eq!(
        (error.code, error.phase, error.retryable),
        (ErrorCode::ConnectTimeout, Phase::Connack, true)
    );
}

/// [case SES-16]
#[test]
fn the_terms_of_connack_are_told() {
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(
        false,
        &[Property::ServerKeepAlive(11), Property::MaximumQoS(false), Property::ReasonString("hi")],
    );
    let server = world.client.server().unwrap();
    assert_eq!((server.keep_alive, server.maximum_qos), (11, QoS::AtMostOnce));
    assert_eq!(server.reason_string.as_deref(), Some("hi"));
    assert!(world.told.contains(&Told::Connected(server.clone())));
    assert!(world.told.contains(&Told::State(State::Connected)));
    assert_eq!(world.client.stats().connections, 1);
}
