//! What a client does for a message of each Quality of Service, both ways (5.0): its state machine, and the
//! packets read and written. Beside it those of rumqttc and of mqtt-protocol-core.

mod clients;

use clients::{Client, ProtocolCore, Rumqttc, Wasmqtt};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use wasmqtt::codec::{Packet, QoS};
use wasmqtt_bench::{TOPIC, acknowledgement, publish};

const PAYLOAD: [u8; 64] = [7; 64];

fn identifier(publish: &[u8]) -> u16 {
    let begin = 2 + 2 + TOPIC.len();
    u16::from_be_bytes([publish[begin], publish[begin + 1]])
}

/// The client publishes, and the server takes it over.
fn sent(client: &mut impl Client, qos: QoS) {
    let frame = client.publish(TOPIC, &PAYLOAD, qos);
    match qos {
        QoS::AtMostOnce => assert_eq!(frame[0], 0x30),
        QoS::AtLeastOnce => {
            let puback = acknowledgement(Packet::Puback, identifier(frame));
            assert!(client.receive(&puback).is_empty());
        }
        QoS::ExactlyOnce => {
            let identifier = identifier(frame);
            let pubrel = client.receive(&acknowledgement(Packet::Pubrec, identifier));
            assert_eq!(pubrel[0], 0x62);
            assert!(client.receive(&acknowledgement(Packet::Pubcomp, identifier)).is_empty());
        }
    }
    assert_eq!(client.done(), 1);
}

/// The server publishes, and the client takes it over.
fn received(client: &mut impl Client, qos: QoS, packets: &[Vec<u8>; 2]) {
    let answer = client.receive(&packets[0]);
    match qos {
        QoS::AtMostOnce => assert!(answer.is_empty()),
        QoS::AtLeastOnce => assert_eq!(answer[0], 0x40),
        QoS::ExactlyOnce => {
            assert_eq!(answer[0], 0x50);
            assert_eq!(client.receive(&packets[1])[0], 0x70);
        }
    }
    assert_eq!(client.messages(), 1);
}

fn exchanges(criterion: &mut Criterion) {
    for (number, qos) in (0..).zip([QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]) {
        let mut group = criterion.benchmark_group(format!("publish, QoS {number}"));
        let mut client = Wasmqtt::connected();
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            bencher.iter(|| sent(&mut client, qos));
        });
        let mut client = Rumqttc::connected();
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            bencher.iter(|| sent(&mut client, qos));
        });
        let mut client = ProtocolCore::connected();
        group.bench_function(BenchmarkId::from_parameter("mqtt-protocol-core"), |bencher| {
            bencher.iter(|| sent(&mut client, qos));
        });
        let mut client = Wasmqtt::subscribed(1000);
        group.bench_function(
            BenchmarkId::from_parameter("wasmqtt, 1000 subscriptions"),
            |bencher| {
                bencher.iter(|| sent(&mut client, qos));
            },
        );
        drop(group);

        let packets = [publish(qos, 7, &PAYLOAD), acknowledgement(Packet::Pubrel, 7)];
        let mut group = criterion.benchmark_group(format!("receive, QoS {number}"));
        let mut client = Wasmqtt::connected();
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            bencher.iter(|| received(&mut client, qos, &packets));
        });
        let mut client = Rumqttc::connected();
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            bencher.iter(|| received(&mut client, qos, &packets));
        });
        let mut client = ProtocolCore::connected();
        group.bench_function(BenchmarkId::from_parameter("mqtt-protocol-core"), |bencher| {
            bencher.iter(|| received(&mut client, qos, &packets));
        });
    }
}

criterion_group!(benches, exchanges);
criterion_main!(benches);
