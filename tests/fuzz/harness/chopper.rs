//! The same stream of a server's, whole and cut in pieces: the client says and sends the same. It does not know what is
//! right; only that cutting changes nothing.

use wasmqtt::client::{
    Client, Config, Event, Instant, Output, PublishRequest, Stats, VersionPolicy,
};
use wasmqtt::codec::{PropertiesBuf, QoS, SubscriptionOptions};

use super::decoder::VERSIONS;
use super::input::Input;

/// Version and prelude, cuts, and the stream.
pub fn chopper(data: &[u8]) {
    let mut input = Input::new(data);
    let how = input.u8();
    let cuts = input.bytes();
    let stream = input.rest();

    let whole = play(how, &[stream], false);
    let mut pieces = Vec::new();
    let mut rest = stream;
    for cut in cuts {
        let (head, tail) = rest.split_at(usize::from(*cut).min(rest.len()));
        pieces.push(head);
        rest = tail;
    }
    pieces.push(rest);
    let single: Vec<_> = stream.chunks(1).collect();
    for skips in [false, true] {
        assert_eq!(play(how, &pieces, skips), whole, "cut as asked, payloads skipped: {skips}");
        assert_eq!(play(how, &single, skips), whole, "cut to bytes, payloads skipped: {skips}");
    }
    // Where a header or a length falls apart is at the front.
    for cut in 1..stream.len().min(12) {
        let (head, tail) = stream.split_at(cut);
        assert_eq!(play(how, &[head, tail], true), whole, "cut at {cut}");
    }
}

/// What was said, and the bytes that were sent at the end. `skips`: of payloads only that is shown which the client
/// asks for.
fn play(how: u8, pieces: &[&[u8]], skips: bool) -> (Vec<String>, Vec<u8>) {
    let version = VERSIONS[usize::from(how) % VERSIONS.len()];
    let v5 = version.is_v5();
    let config = Config {
        version: VersionPolicy::Exactly(version),
        maximum_packet_size: (how & 0x20 != 0).then_some(100),
        authentication_method: (how & 0x40 != 0 && v5).then(|| "m".into()),
        check_payload_format: how & 0x10 != 0 && v5,
        ..Config::default()
    };
    let now = Instant::from_millis(1000);
    let Ok(mut client) = Client::new(config, 1) else { panic!("the configuration is a good one") };
    let mut told = Vec::new();
    let _ = client.connect(now);
    drain(&mut client, &mut told);
    client.provide_authentication(Some(vec![1, 2]), now);
    drain(&mut client, &mut told);
    client.handle_open(now);
    drain(&mut client, &mut told);
    while client.poll_transmit(now, 1 << 16).is_some() {}
    if how & 0x80 != 0 {
        prelude(&mut client, &mut told, v5, now);
    }
    for piece in pieces {
        let skipped = if skips { client.skippable().min(piece.len()) } else { 0 };
        client.handle_skipped(skipped, now);
        drain(&mut client, &mut told);
        client.handle_bytes(&piece[skipped..], now);
        drain(&mut client, &mut told);
    }
    let mut sent = Vec::new();
    while let Some(bytes) = client.poll_transmit(now, 1 << 16) {
        sent.extend_from_slice(bytes);
    }
    drain(&mut client, &mut told);
    // Bytes after the end of a connection are counted in the piece that they came in.
    let stats = Stats { bytes_received: 0, ..client.stats() };
    told.push(format!("{stats:?}"));
    (told, sent)
}

/// A connection that stands, with something of each kind to be answered, under the identifiers 1 to 4.
fn prelude(client: &mut Client, told: &mut Vec<String>, v5: bool, now: Instant) {
    let connack: &[u8] = if v5 { &[0x20, 3, 0, 0, 0] } else { &[0x20, 2, 0, 0] };
    client.handle_bytes(connack, now);
    drain(client, told);
    let id = client.subscribe("a/#", SubscriptionOptions::new(QoS::ExactlyOnce), now);
    drain(client, told);
    while client.poll_transmit(now, 1 << 16).is_some() {}
    let answer: &[u8] = if v5 { &[0x90, 4, 0, 1, 0, 2] } else { &[0x90, 3, 0, 1, 2] };
    client.handle_bytes(answer, now);
    drain(client, told);
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let properties = PropertiesBuf::new();
        let request =
            PublishRequest { topic: "a/b", payload: vec![7; 3], qos, retain: false, properties };
        let _ = client.publish(request, now);
    }
    if let Ok(id) = id {
        let _ = client.unsubscribe(id, now);
    }
    let _ = client.subscribe("b", SubscriptionOptions::new(QoS::AtLeastOnce), now);
    let _ = client.ping(now);
    drain(client, told);
    while client.poll_transmit(now, 1 << 16).is_some() {}
    drain(client, told);
}

fn drain(client: &mut Client, told: &mut Vec<String>) {
    loop {
        match client.poll_output() {
            // Every piece has a last word.
            Output::Timeout(_) => return,
            Output::Event(Event::Message(it)) => told.push(format!("{it:?}")),
            other => told.push(format!("{other:?}")),
        }
    }
}
