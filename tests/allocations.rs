//! A message of QoS 0 costs the engine no memory, in either direction: after the first ones it asks the
//! allocator for nothing. What the application hands over is its own: the payload of a publish.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "fuzz/harness/meter.rs"]
mod meter;

use meter::allocated;
use wasmqtt::client::{
    Client, Config, Event, Instant, Outcome, Output, PublishRequest, VersionPolicy,
};
use wasmqtt::codec::{
    Connack, Packet, Properties, PropertiesBuf, Property, ProtocolVersion, Publish, QoS,
    ReasonCode, SubscriptionIdentifier, SubscriptionOptions, TopicName,
};

const VERSIONS: [ProtocolVersion; 3] =
    [ProtocolVersion::V3_1, ProtocolVersion::V3_1_1, ProtocolVersion::V5_0];

const NOW: Instant = Instant::from_millis(1_000_000);

/// What the application was told.
#[derive(Default, PartialEq, Debug)]
struct Told {
    messages: usize,
    published: usize,
    sent: usize,
}

fn settle(client: &mut Client, told: &mut Told) {
    loop {
        match client.poll_output() {
            Output::Timeout(_) => {}
            Output::Event(Event::Message(message)) => {
                told.messages += usize::from(!message.topic.is_empty());
                continue;
            }
            Output::Event(Event::Completed { outcome: Outcome::Published { .. }, .. }) => {
                told.published += 1;
                continue;
            }
            _ => continue,
        }
        let Some(bytes) = client.poll_transmit(NOW, 64 * 1024) else { return };
        told.sent += bytes.len();
    }
}

fn bytes(packet: &Packet<'_>, version: ProtocolVersion) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.encode(version, &mut bytes).unwrap();
    bytes
}

/// A client that is connected, to a server that takes `aliases` Topic Aliases.
fn connected(version: ProtocolVersion, aliases: u16) -> Client {
    let config = Config { version: VersionPolicy::Exactly(version), ..Config::default() };
    let mut client = Client::new(config, 7).unwrap();
    client.connect(NOW).unwrap();
    settle(&mut client, &mut Told::default());
    client.handle_open(NOW);
    let mut properties = PropertiesBuf::new();
    if aliases > 0 {
        properties.push(Property::TopicAliasMaximum(aliases)).unwrap();
    }
    let connack = Connack {
        session_present: false,
        reason_code: ReasonCode::SUCCESS,
        return_code: 0,
        properties: properties.as_properties(),
    };
    client.handle_bytes(&bytes(&Packet::Connack(connack), version), NOW);
    settle(&mut client, &mut Told::default());
    assert!(client.server().is_some());
    client
}

fn message<'a>(topic: &'a str, properties: Properties<'a>, payload: &'a [u8]) -> Packet<'a> {
    Packet::Publish(Publish {
        duplicate: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic,
        packet_identifier: None,
        properties,
        payload,
    })
}

/// Does it a few times, then many times, and says what it cost then.
fn cost(mut work: impl FnMut()) -> usize {
    (0..10).for_each(|_| work());
    allocated(|| (0..1000).for_each(|_| work())).1
}

/// Gives the engine those bytes, whole and in two pieces.
fn receives(client: &mut Client, bytes: &[u8]) -> usize {
    let mut told = Told::default();
    let cost = cost(|| {
        client.handle_bytes(bytes, NOW);
        settle(client, &mut told);
        let (begin, end) = bytes.split_at(bytes.len() / 2 + 3);
        client.handle_bytes(begin, NOW);
        settle(client, &mut told);
        client.handle_bytes(end, NOW);
        settle(client, &mut told);
    });
    assert_eq!(told, Told { messages: 1010 * 2 * 4, ..Told::default() });
    cost
}

#[test]
fn a_message_that_is_received_costs_no_memory() {
    for version in VERSIONS {
        let packet = bytes(&message("plant/7/temperature", Properties::EMPTY, &[7; 64]), version);
        assert_eq!(receives(&mut connected(version, 0), &packet.repeat(4)), 0, "{version:?}");
    }
}

#[test]
fn neither_do_its_properties() {
    let version = ProtocolVersion::V5_0;
    let mut properties = PropertiesBuf::new();
    for property in [
        Property::PayloadFormatIndicator(true),
        Property::TopicAlias(3),
        Property::SubscriptionIdentifier(SubscriptionIdentifier::new(1).unwrap()),
        Property::UserProperty(("unit", "K")),
    ] {
        properties.push(property).unwrap();
    }
    let packet = bytes(&message("plant/7", properties.as_properties(), b"293"), version);
    let mut alias = PropertiesBuf::new();
    alias.push(Property::TopicAlias(3)).unwrap();
    let aliased = bytes(&message("", alias.as_properties(), b"293"), version);
    let packets = [packet, aliased].concat().repeat(2);
    assert_eq!(receives(&mut connected(version, 0), &packets), 0);
}

#[test]
fn finding_its_subscriptions_costs_no_memory() {
    let mut client = connected(ProtocolVersion::V5_0, 0);
    for filter in ["plant/+/temperature", "#", "plant/7/#", "$share/g/plant/7/temperature", "x"] {
        client.subscribe(filter, SubscriptionOptions::new(QoS::AtMostOnce), NOW).unwrap();
    }
    settle(&mut client, &mut Told::default());
    let mut found = Vec::new();
    let topic = TopicName::new("plant/7/temperature").unwrap();
    let cost = cost(|| {
        for identifiers in [&[][..], &[1], &[99]] {
            found.clear();
            client.routes(topic, identifiers, &mut found);
            assert_eq!(found.len(), if identifiers == [1] { 1 } else { 4 });
        }
    });
    assert_eq!(cost, 0);
}

#[test]
fn a_message_that_is_published_costs_no_memory() {
    for (version, aliases) in VERSIONS.map(|it| (it, 0)).into_iter().chain([(VERSIONS[2], 5)]) {
        for burst in [1, 32] {
            let mut client = connected(version, aliases);
            let mut told = Told::default();
            let payloads = |count| (0..count).map(|_| vec![7; 64]).collect::<Vec<_>>();
            let mut work = |payloads: &mut Vec<Vec<u8>>| {
                for number in 0..burst {
                    let request = PublishRequest {
                        topic: ["plant/7/temperature", "plant/7/pressure"][number % 2],
                        payload: payloads.pop().unwrap(),
                        qos: QoS::AtMostOnce,
                        retain: false,
                        properties: PropertiesBuf::new(),
                    };
                    client.publish(request, NOW).unwrap();
                }
                settle(&mut client, &mut told);
            };
            let mut few = payloads(burst * 10);
            (0..10).for_each(|_| work(&mut few));
            let mut many = payloads(burst * 1000);
            let ((), cost) = allocated(|| (0..1000).for_each(|_| work(&mut many)));
            assert_eq!(cost, 0, "{version:?}, {aliases} aliases, {burst} at once");
            assert_eq!(told.published, burst * 1010);
            assert!(told.sent > burst * 1010 * 64);
        }
    }
}
