//! What the application may not ask for: a typed error, and nothing is sent or disturbed. It does not know what
//! JavaScript could ask for besides.

use wasmqtt::client::{
    Acknowledge, Client, Config, Credentials, DisconnectOptions, Error, ErrorCode, PublishRequest,
    WillConfig,
};
use wasmqtt::codec::{
    Filters, PacketIdentifier, Properties, PropertiesBuf, Property, QoS, ReasonCode, Subscribe,
    SubscriptionIdentifier, SubscriptionOptions, Subscriptions, Unsubscribe,
};

use crate::support::{V4, V5, World, config, message};

fn publish(world: &mut World, topic: &str, property: Option<Property<'_>>) -> Result<(), Error> {
    let mut properties = PropertiesBuf::new();
    if let Some(property) = property {
        properties.push(property)?;
    }
    let (payload, qos) = (Vec::new(), QoS::AtMostOnce);
    let request = PublishRequest { topic, payload, qos, retain: false, properties };
    world.client.publish(request, world.now).map(drop)
}

/// Refused as wrong, and the connection is as it was.
fn refused(world: &mut World, result: Result<(), Error>, what: &str) {
    let error = result.expect_err(what);
    assert!(matches!(error.code, ErrorCode::InvalidArgument | ErrorCode::Unsupported), "{what}");
    world.settle();
    assert!(world.sent().is_empty() && world.told.is_empty(), "{what}");
    publish(world, "fine", None).expect(what);
    world.settle();
    assert_eq!(world.sent().len(), 1, "{what}");
    world.forget();
}

/// [case ENC-01] [case ENC-02] [case ENC-03]
#[test]
fn a_topic_that_is_none() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        for topic in ["a/+", "#", "", "a\0"] {
            let result = publish(&mut world, topic, None);
            refused(&mut world, result, topic);
        }
    }
}

/// [case ENC-05]
#[test]
fn a_topic_has_at_most_65535_bytes_of_utf_8() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let longest = "ü".repeat(32_767) + "x";
        publish(&mut world, &longest, None).unwrap();
        world.settle();
        world.forget();
        let result = publish(&mut world, &(longest + "x"), None);
        refused(&mut world, result, "too long");
    }
}

/// [case ENC-07]
#[test]
fn a_packet_has_at_most_268435455_bytes() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let payload = vec![0; 268_435_455];
        let properties = PropertiesBuf::new();
        let qos = QoS::AtMostOnce;
        let request = PublishRequest { topic: "a", payload, qos, retain: false, properties };
        let error = world.client.publish(request, world.now).unwrap_err();
        assert!(matches!(error.code, ErrorCode::TooLarge | ErrorCode::QueueFull));
        world.settle();
        assert!(world.sent().is_empty());
    }
}

/// [case ENC-08] [case ENC-09]
#[test]
fn a_packet_without_a_filter_is_not_written() {
    let packet_identifier = PacketIdentifier::new(1).unwrap();
    let properties = Properties::EMPTY;
    for version in [V4, V5] {
        let mut out = Vec::new();
        let subscriptions = Subscriptions::List(&[]);
        let subscribe = Subscribe { packet_identifier, properties, subscriptions };
        assert!(subscribe.encode(version, &mut out).is_err());
        let unsubscribe =
            Unsubscribe { packet_identifier, properties, filters: Filters::List(&[]) };
        assert!(unsubscribe.encode(version, &mut out).is_err());
        assert!(out.is_empty());
    }
}

/// [case ENC-10] [case ENC-11] [case ENC-12] [case ENC-13] [case ENC-14] [case ENC-15] [case ENC-16]
#[test]
fn a_filter_that_is_none() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        let filters = ["a/#/b", "a#", "a+/b", "+a", "", "$share//t", "$share/g", "$share/g/"];
        for filter in filters.into_iter().chain(["$share/g+/t", "$share/#/t"]) {
            let options = SubscriptionOptions::new(QoS::AtMostOnce);
            let result = world.client.subscribe(filter, options, world.now).map(drop);
            refused(&mut world, result, filter);
        }
    }
}

/// [case ENC-17]
#[test]
fn no_local_on_a_shared_subscription() {
    let mut world = World::connected(config(V5));
    let options =
        SubscriptionOptions { no_local: true, ..SubscriptionOptions::new(QoS::AtMostOnce) };
    let result = world.client.subscribe("$share/g/t", options, world.now).map(drop);
    refused(&mut world, result, "no local");
}

/// [case ENC-19] [case ENC-20]
#[test]
fn a_subscription_identifier_out_of_range_cannot_be_made() {
    for value in [0, 268_435_456, u32::MAX] {
        assert_eq!(SubscriptionIdentifier::new(value), None);
    }
    assert!(SubscriptionIdentifier::new(268_435_455).is_some());
}

/// [case ENC-21] [case ENC-22] [case ENC-24]
#[test]
fn a_property_that_an_application_does_not_set() {
    let mut world = World::connected(config(V5));
    let identifier = SubscriptionIdentifier::new(1).unwrap();
    for property in [
        Property::SubscriptionIdentifier(identifier),
        Property::TopicAlias(0),
        Property::TopicAlias(1),
        Property::ResponseTopic("r/+"),
        Property::ResponseTopic(""),
        Property::ReasonString("x"),
    ] {
        let result = publish(&mut world, "a", Some(property));
        refused(&mut world, result, "a property");
    }
}

/// [case ENC-23]
#[test]
fn a_single_property_twice() {
    let mut properties = PropertiesBuf::new();
    properties.push(Property::PayloadFormatIndicator(false)).unwrap();
    assert!(properties.push(Property::PayloadFormatIndicator(true)).is_err());
    assert_eq!(properties.as_properties().iter().count(), 1);
}

fn no_client(config: Config, what: &str) {
    let error = Client::new(config, 1).map(drop).expect_err(what);
    assert!(matches!(error.code, ErrorCode::InvalidArgument | ErrorCode::Unsupported), "{what}");
}

/// [case ENC-27]
#[test]
fn a_maximum_of_0() {
    no_client(Config { receive_maximum: 0, ..config(V5) }, "Receive Maximum");
    no_client(Config { maximum_packet_size: Some(0), ..config(V5) }, "Maximum Packet Size");
}

/// Data is given where a method asks for it, and only then.
///
/// [case ENC-28]
#[test]
fn authentication_data_without_a_method() {
    let mut world = World::connecting(config(V5));
    world.client.provide_authentication(Some(b"data".to_vec()), world.now);
    world.open();
    assert!(!world.raw[0].windows(4).any(|bytes| bytes == b"data"));
}

/// [case ENC-29]
#[test]
fn a_session_that_ends_with_the_connection_is_not_prolonged() {
    let mut world = World::connected(config(V5));
    let options =
        DisconnectOptions { session_expiry_interval: Some(10), ..DisconnectOptions::default() };
    world.client.disconnect(options, world.now);
    world.settle();
    assert_eq!(world.raw, [[0xE0, 0]]);
}

/// [case ENC-30]
#[test]
fn auth_without_a_method() {
    let mut world = World::connected(config(V5));
    world.client.provide_authentication(Some(b"data".to_vec()), world.now);
    world.settle();
    assert!(world.sent().is_empty());
}

/// [case ENC-31]
#[test]
fn a_reason_code_that_puback_does_not_have() {
    let mut world = World::connected(config(V5));
    let options = SubscriptionOptions::new(QoS::AtLeastOnce);
    let request = wasmqtt::client::SubscribeRequest { manual: true, ..options.into() };
    world.client.subscribe("a", request, world.now).unwrap();
    world.settle();
    world.serve(&[message("a", "x", QoS::AtLeastOnce, 1)]);
    let delivery = world.deliveries[0].unwrap();
    world.forget();
    for code in [0x11, 0x92, 0x04, 0xFF] {
        let reason_code = ReasonCode::from_value(code);
        let answer = Acknowledge { reason_code, ..Acknowledge::default() };
        let result = world.client.acknowledge(delivery, answer, world.now).map(drop);
        refused(&mut world, result, "a reason code");
    }
}

/// [case ENC-32] [case ENC-33]
#[test]
fn what_a_connect_of_3_1_1_cannot_say() {
    let unnamed = Some(String::new());
    no_client(
        Config { client_identifier: unnamed, clean_start: false, ..config(V4) },
        "an empty identifier without a clean session",
    );
    let credentials = Credentials::Fixed { username: None, password: Some(b"p".to_vec()) };
    no_client(Config { credentials, ..config(V4) }, "a password without a user name");
}

/// [case ENC-35]
#[test]
fn the_flags_of_a_will_are_0_without_one() {
    for version in [V4, V5] {
        let mut world = World::connecting(config(version));
        world.open();
        assert_eq!(world.raw[0][9] & 0b11_1100, 0);
    }
}

/// [case ENC-36]
#[test]
fn a_will_to_a_topic_that_is_none() {
    for version in [V4, V5] {
        for topic in ["w/#", "+", ""] {
            let will = WillConfig { topic: topic.into(), ..WillConfig::default() };
            no_client(Config { will: Some(will), ..config(version) }, topic);
        }
    }
}

/// [case ENC-38]
#[test]
fn credentials_of_more_than_65535_bytes() {
    for version in [V4, V5] {
        let username = Some("u".repeat(65_536));
        let password = Some(vec![0; 65_536]);
        let long_name = Credentials::Fixed { username, password: None };
        no_client(Config { credentials: long_name, ..config(version) }, "a user name");
        let long_password = Credentials::Fixed { username: Some("u".into()), password };
        no_client(Config { credentials: long_password, ..config(version) }, "a password");
    }
}

/// [case ENC-39] [case ENC-40]
#[test]
fn connect_is_sent_once_and_first() {
    for version in [V4, V5] {
        let mut world = World::connecting(config(version));
        world.client.connect(world.now).unwrap();
        world.publish("a", "x", QoS::AtLeastOnce);
        world.open();
        world.client.connect(world.now).unwrap();
        world.settle();
        assert_eq!((world.sent().len(), world.opened.len()), (1, 1));
        assert_eq!(world.raw[0][0], 0x10);
    }
}

/// [case ENC-41]
#[test]
fn nothing_follows_disconnect() {
    for version in [V4, V5] {
        let mut world = World::connected(config(version));
        world.client.disconnect(DisconnectOptions::default(), world.now);
        world.settle();
        assert_eq!(world.sent(), ["DISCONNECT 0x00"]);
        let error = publish(&mut world, "a", None).unwrap_err();
        assert_eq!(error.code, ErrorCode::Closed);
        world.settle();
        assert!(world.sent().is_empty());
    }
}
