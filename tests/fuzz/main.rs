//! The fuzzers' harness without libFuzzer: the seeds, every finding, what the long runs have left, and a fixed number of
//! random changes to all of that. It does not look for anything new: that is `npm run fuzz`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs, unreachable_pub)]

mod checks;
#[path = "harness/all.rs"]
mod harness;
mod mutate;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};

use harness::meter::allocated;
use mutate::Mutator;
use wasmqtt::client::{Client, Config, Instant, Output};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

/// One input a line, in hexadecimal; what follows a `#` is for people.
fn lines(name: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(corpus().join(name)).unwrap();
    let hex = text.lines().map(|line| line.split('#').next().unwrap().trim());
    hex.filter(|line| !line.is_empty()).map(bytes).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The packets that every target begins with.
fn packets() -> Vec<Vec<u8>> {
    let mut packets = lines("packets.txt");
    packets.append(&mut lines("hostile.txt"));
    assert!(packets.len() > 300);
    packets
}

/// What a target has found, and what reaches all of its code that was ever reached.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let mut inputs = lines(&format!("{target}.txt"));
    assert!(inputs.len() > 50, "{target}: {}", inputs.len());
    let mut files: Vec<_> =
        fs::read_dir(corpus().join(target)).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    inputs.extend(files.iter().map(|path| fs::read(path).unwrap()));
    inputs
}

/// Runs all of them, then `count` changed ones.
fn replay(target: fn(&[u8]), inputs: &[Vec<u8>], count: u32) {
    for input in inputs {
        watch::run(target, input);
    }
    let mut mutator = Mutator::new(0x5EED);
    for _ in 0..count {
        watch::run(target, &mutator.mutate(inputs));
    }
}

#[test]
fn the_decoder_reads_in_place_and_writes_what_it_read() {
    let mut inputs = kept("decoder");
    for packet in packets() {
        for limit in [0, 16, 255] {
            inputs.push([&[limit], &packet[..]].concat());
        }
    }
    replay(harness::decoder, &inputs, 60_000);
}

#[test]
fn the_client_says_the_same_however_the_stream_is_cut() {
    let mut inputs = kept("chopper");
    for (index, packet) in packets().iter().enumerate() {
        // Each in two of the versions, on a connection that stands.
        for version in [index % 3, 2] {
            inputs.push([&[0x80 | version as u8, 2, 1, 3], &packet[..]].concat());
        }
    }
    replay(harness::chopper, &inputs, 600);
}

#[test]
fn whatever_comes_in_whatever_order_every_command_is_answered_once_and_no_rule_is_broken() {
    let mut inputs = kept("engine");
    for packet in packets() {
        // Connected to a 5.0 server, with a publish under way; then the packet, and the answers.
        let len = packet.len() as u8;
        let before = [2, 0, 0, 3, 44, 34, 16, 0x11, 13, 1, 0, 63, 2, len];
        inputs.push([&before, &packet[..], &[34, 63, 34]].concat());
    }
    replay(harness::engine, &inputs, 2_000);
}

/// 3.3.2 says how long a packet may be, and nothing that all of it comes.
#[test]
fn a_length_that_is_only_announced_takes_no_memory() {
    let now = Instant::from_millis(0);
    let mut client = Client::new(Config::default(), 1).unwrap();
    client.connect(now).unwrap();
    while !matches!(client.poll_output(), Output::Timeout(_)) {}
    client.handle_open(now);
    client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    while !matches!(client.poll_output(), Output::Timeout(_)) {}

    let header = [0x30, 0xFF, 0xFF, 0xFF, 0x7F];
    let ((), taken) = allocated(|| {
        client.handle_bytes(&header, now);
        assert!(matches!(client.poll_output(), Output::Timeout(_)));
    });

    assert!(taken < 100, "{taken} bytes for {header:02x?}");
}
