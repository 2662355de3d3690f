//! PUBLISH with QoS 0 (5.0), read and written, beside rumqttc and mqtt-protocol-core.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mqtt_protocol_core::mqtt::{self, common::Cursor, connection::PacketBuildResult};
use rumqttc::v5::mqttbytes::v5 as rumqttc;
use wasmqtt::codec::{
    Packet, Properties, ProtocolVersion, Publish, QoS, decode_from_server, locate,
};
use wasmqtt_bench::{PACKETS, PAYLOADS, TOPIC, stream};

const V5: ProtocolVersion = ProtocolVersion::V5_0;

fn decode(criterion: &mut Criterion) {
    for payload in PAYLOADS {
        let stream = stream(payload);
        let mut group = criterion.benchmark_group(format!("decode PUBLISH, {payload} B"));
        group.throughput(Throughput::Elements(PACKETS as u64));
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            bencher.iter(|| {
                let mut rest = &stream[..];
                while let Ok(Some(frame)) = locate(rest, V5, None) {
                    let (packet, after) = rest.split_at(frame.len);
                    let Ok(Packet::Publish(publish)) = decode_from_server(packet, V5) else {
                        panic!("a PUBLISH")
                    };
                    black_box(publish);
                    rest = after;
                }
                assert!(rest.is_empty());
            });
        });
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            // It takes its packets out of the buffer in which they came.
            let received = || bytes::BytesMut::from(&stream[..]);
            let read = |received: &mut bytes::BytesMut| {
                for _ in 0..PACKETS {
                    let Ok(rumqttc::Packet::Publish(publish)) =
                        rumqttc::Packet::read(received, None)
                    else {
                        panic!("a PUBLISH")
                    };
                    black_box(publish);
                }
            };
            bencher.iter_batched_ref(received, read, BatchSize::SmallInput);
        });
        group.bench_function(BenchmarkId::from_parameter("mqtt-protocol-core"), |bencher| {
            bencher.iter(|| {
                let mut cursor = Cursor::new(&stream[..]);
                let mut builder = mqtt::connection::PacketBuilder::new();
                for _ in 0..PACKETS {
                    let PacketBuildResult::Complete(packet) = builder.feed(&mut cursor) else {
                        panic!("a packet")
                    };
                    let flags = packet.flags();
                    let mqtt::connection::PacketData::Publish(data) = packet.data else {
                        panic!("a PUBLISH")
                    };
                    let publish = mqtt::packet::v5_0::Publish::parse(flags, data);
                    black_box(publish.expect("a PUBLISH"));
                }
            });
        });
    }
}

fn encode(criterion: &mut Criterion) {
    for payload in PAYLOADS {
        let payload = vec![7; payload];
        let mut group = criterion.benchmark_group(format!("encode PUBLISH, {} B", payload.len()));
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            let publish = Publish {
                duplicate: false,
                qos: QoS::AtMostOnce,
                retain: false,
                topic: TOPIC,
                packet_identifier: None,
                properties: Properties::EMPTY,
                payload: &payload,
            };
            let mut out = Vec::new();
            bencher.iter(|| {
                out.clear();
                black_box(&publish).encode(V5, &mut out).expect("a PUBLISH");
                black_box(&out);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            let qos = ::rumqttc::v5::mqttbytes::QoS::AtMostOnce;
            let publish = rumqttc::Publish::new(TOPIC, qos, payload.clone(), None);
            let packet = rumqttc::Packet::Publish(publish);
            let mut out = bytes::BytesMut::new();
            bencher.iter(|| {
                out.clear();
                black_box(&packet).write(&mut out, None).expect("a PUBLISH");
                black_box(&out);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("mqtt-protocol-core"), |bencher| {
            let publish = mqtt::packet::v5_0::Publish::builder();
            let publish = publish.topic_name(TOPIC).expect("a topic").payload(payload.clone());
            let publish = publish.build().expect("a PUBLISH");
            bencher.iter(|| black_box(black_box(&publish).to_continuous_buffer()));
        });
    }
}

/// As an application has it: a topic and a payload, of which the others make a packet that owns them.
fn make_and_encode(criterion: &mut Criterion) {
    for payload in PAYLOADS {
        let payload = vec![7; payload];
        let name = format!("make and encode PUBLISH, {} B", payload.len());
        let mut group = criterion.benchmark_group(name);
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            let mut out = Vec::new();
            bencher.iter(|| {
                let publish = Publish {
                    duplicate: false,
                    qos: QoS::AtMostOnce,
                    retain: false,
                    topic: black_box(TOPIC),
                    packet_identifier: None,
                    properties: Properties::EMPTY,
                    payload: black_box(&payload),
                };
                out.clear();
                publish.encode(V5, &mut out).expect("a PUBLISH");
                black_box(&out);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            let qos = ::rumqttc::v5::mqttbytes::QoS::AtMostOnce;
            // Shared, not copied.
            let payload = bytes::Bytes::copy_from_slice(&payload);
            let mut out = bytes::BytesMut::new();
            bencher.iter(|| {
                let topic = black_box(TOPIC);
                let publish = rumqttc::Publish::new(topic, qos, payload.clone(), None);
                out.clear();
                rumqttc::Packet::Publish(publish).write(&mut out, None).expect("a PUBLISH");
                black_box(&out);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("mqtt-protocol-core"), |bencher| {
            bencher.iter(|| {
                let publish = mqtt::packet::v5_0::Publish::builder();
                let publish = publish.topic_name(black_box(TOPIC)).expect("a topic");
                let publish = publish.payload(payload.clone()).build().expect("a PUBLISH");
                black_box(publish.to_continuous_buffer())
            });
        });
    }
}

criterion_group!(benches, decode, encode, make_and_encode);
criterion_main!(benches);
