//! Topic Names and Topic Filters (4.7). It does not know the bytes that they are written in.

use wasmqtt::client::{Client, Config, ErrorCode, WillConfig};
use wasmqtt::codec::{QoS, SubscriptionOptions};

use super::{closes, connected};
use crate::support::{V4, config};
use crate::wire::packet;

fn refused_filters(filters: &[&str]) {
    let mut world = connected();
    let plain = SubscriptionOptions::new(QoS::AtMostOnce);
    for filter in filters {
        let error = world.client.subscribe(filter, plain, world.now).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{filter:?}");
    }
    world.settle();
    assert!(world.raw.is_empty() && world.told.is_empty());
}

fn sent_filters(filters: &[&str]) {
    for filter in filters {
        let mut world = connected();
        world.subscribe(filter, QoS::AtMostOnce);
        assert_eq!(world.sent(), [format!("SUBSCRIBE 1 {filter} q0")]);
    }
}

/// [MQTT-3.3.2-2] [MQTT-4.7.1-1] (3.1.1)
#[test]
fn nothing_is_published_to_a_wildcard() {
    let mut world = connected();
    for topic in ["+", "#", "a/+", "a/#", "a/+/b", "a+", "#a"] {
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let error = world.try_publish(topic, "", qos, &[]).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{topic:?}");
        }
        let will = Some(WillConfig { topic: topic.into(), ..WillConfig::default() });
        let error = Client::new(Config { will, ..config(V4) }, 1).map(|_| ()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{topic:?}");
    }
    assert!(world.raw.is_empty() && world.told.is_empty());
}

/// [MQTT-3.3.2-2] [MQTT-4.7.1-1] (3.1.1)
#[test]
fn a_message_to_a_wildcard_ends_the_connection() {
    for topic in [&b"+"[..], b"#", b"a/+", b"a/#", b"a+b"] {
        closes(&packet(0x30, &[&[0, topic.len() as u8], topic, b"x"]));
        closes(&packet(0x32, &[&[0, topic.len() as u8], topic, &[0, 1]]));
    }
}

/// [MQTT-4.7.1-2] (3.1.1)
#[test]
fn a_number_sign_is_the_whole_last_level_of_a_filter() {
    sent_filters(&["#", "a/#", "/#", "a/b/#", "+/#", "a//#"]);
    refused_filters(&["a#", "#a", "#/", "#/a", "a/#/b", "a/b#", "##", "a/##", "+#"]);
}

/// [MQTT-4.7.1-3] (3.1.1)
#[test]
fn a_plus_sign_is_a_whole_level_of_a_filter() {
    sent_filters(&["+", "/+", "+/", "a/+", "a/+/b", "+/+/+", "+/a/#"]);
    refused_filters(&["a+", "+a", "a/b+", "+a/b", "a/+b/c", "++", "a/++/b", "#+"]);
}

/// [MQTT-4.7.3-1] (3.1.1)
#[test]
fn a_topic_and_a_filter_have_a_character() {
    refused_filters(&[""]);
    let mut world = connected();
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let error = world.try_publish("", "", qos, &[]).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
    }
    let will = Some(WillConfig::default());
    assert!(Client::new(Config { will, ..config(V4) }, 1).is_err());
    assert!(world.raw.is_empty());
    closes(&[0x30, 3, 0, 0, b'x']);
    closes(&[0x30, 2, 0, 0]);
    closes(&[0x32, 5, 0, 0, 0, 1, b'x']);
    sent_filters(&["/", "a", " "]);
}
