//! The same packets through this codec and three others, written by one and read by the other, and the same broken bytes
//! through all: a difference has a row with a clause in `disagreements.tsv`, or the test fails.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs, unreachable_pub)]

mod fields;
mod mqtt_proto;
#[path = "../fuzz/mutate.rs"]
mod mutate;
mod node;
mod packets;
mod peer;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fields::{Fields, hex};
use mutate::Mutator;
use packets::{Packets, VERSIONS};
use peer::{Answer, Case, Peer};
use table::Found;
use wasmqtt::codec::{Packet, decode_from_client, decode_from_server, locate};

const STRUCTURED: usize = 6_000;
const CHANGED: usize = 60_000;

#[test]
fn mqtt_packet_differs_only_where_the_table_says_why() {
    disagreements(&node::MQTT_PACKET).compare("mqtt-packet");
}

#[test]
fn mqtt_proto_differs_only_where_the_table_says_why() {
    disagreements(&mqtt_proto::MqttProto).compare("mqtt-proto");
}

#[test]
fn the_packages_codec_in_typescript_differs_nowhere() {
    assert_eq!(disagreements(&node::TYPESCRIPT).0, BTreeMap::new());
}

fn disagreements(peer: &dyn Peer) -> Found {
    let structured = structured();
    for case in &structured {
        assert!(
            matches!(ours(case), Answer::Accepts(..)),
            "we do not read what we write: {case:?}"
        );
    }
    let mut cases = structured.clone();
    cases.extend(changed(&structured));
    let answers = peer.answers(&cases);
    let mut found = Found::default();
    for (case, theirs) in cases.iter().zip(&answers) {
        compare(peer.name(), case, theirs, &mut found);
    }
    found
}

/// Every type in every version, with random fields.
fn structured() -> Vec<Case> {
    let mut packets = Packets::new(0xD1FF);
    (0..STRUCTURED).map(|_| packets.next()).collect()
}

/// The same, and the fuzzers' seeds, with random changes; and the seeds as they are.
fn changed(structured: &[Case]) -> Vec<Case> {
    let mut inputs = seeds();
    let mut cases: Vec<Case> = VERSIONS
        .iter()
        .flat_map(|version| {
            inputs.iter().map(|bytes| Case { version: *version, bytes: bytes.clone() })
        })
        .collect();
    inputs.extend(structured.iter().map(|case| case.bytes.clone()));
    let mut mutator = Mutator::new(0xC4A6);
    for _ in 0..CHANGED {
        let version = VERSIONS[mutator.below(3)];
        let mut bytes = mutator.mutate(&inputs);
        if mutator.below(4) > 0 {
            repair(&mut bytes);
        }
        cases.push(Case { version, bytes });
    }
    for case in &mut cases {
        // One packet each: what follows it is another question.
        if let Ok(Some(frame)) = locate(&case.bytes, case.version, None) {
            case.bytes.truncate(frame.len);
        }
    }
    cases.retain(|case| !case.bytes.is_empty());
    cases
}

/// Makes the Remaining Length say what follows it, so that what is wrong lies deeper. Of one byte: most are short.
fn repair(bytes: &mut [u8]) {
    let remaining = bytes.len().saturating_sub(2);
    if let [_, length @ 0..=127, ..] = bytes {
        *length = remaining.min(127) as u8;
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    let text = read("packets.txt") + &read("hostile.txt");
    let hex = text.lines().map(|line| line.split('#').next().unwrap().trim());
    hex.filter(|line| !line.is_empty()).map(node::unhex).collect()
}

/// What our codec makes of it, from whichever side it comes.
fn ours(case: &Case) -> Answer {
    let (bytes, version) = (&case.bytes[..], case.version);
    match locate(bytes, version, None) {
        Ok(Some(_)) => {}
        Ok(None) => return Answer::Refuses("waits".into()),
        Err(error) => return Answer::Refuses(error.what.into()),
    }
    let decoded = match decode_from_server(bytes, version) {
        Err(error) if error.what == "a packet that a server does not send" => {
            decode_from_client(bytes, version)
        }
        Err(error) => decode_from_client(bytes, version).map_err(|other| {
            if other.what == "a packet that a client does not send" { error } else { other }
        }),
        decoded => decoded,
    };
    match decoded {
        Ok(packet) => {
            let version = match packet {
                Packet::Connect(connect) => connect.version,
                _ => version,
            };
            let mut again = Vec::new();
            let written = packet.encode(version, &mut again);
            Answer::Accepts(
                fields::of(&packet, version),
                written.map(|()| again).map_err(|it| it.to_string()),
            )
        }
        Err(error) => Answer::Refuses(error.what.into()),
    }
}

fn compare(peer: &str, case: &Case, theirs: &Answer, found: &mut Found) {
    let example = || format!("{:?} {}", case.version, hex(&case.bytes));
    match (ours(case), theirs) {
        (Answer::Refuses(_), Answer::Refuses(_)) => {}
        (Answer::Refuses(why), Answer::Accepts(..)) => found.add(peer, "accepts", &why, example),
        (Answer::Accepts(..), Answer::Refuses(why)) => found.add(peer, "refuses", why, example),
        (Answer::Accepts(mine, _), Answer::Accepts(other, again)) => {
            let names = differing(&mine, other);
            for name in &names {
                found.add(peer, "reads", name, || format!("{} {mine:?} {other:?}", example()));
            }
            if names.is_empty() {
                written_again(peer, case, &mine, again, found);
            }
        }
    }
}

/// What the other one writes is read by ours as the same packet.
fn written_again(
    peer: &str,
    case: &Case,
    mine: &Fields,
    again: &Result<Vec<u8>, String>,
    found: &mut Found,
) {
    let example = || format!("{:?} {} {again:02x?}", case.version, hex(&case.bytes));
    let bytes = match again {
        Ok(bytes) => bytes.clone(),
        Err(why) => return found.add(peer, "does not write", why, example),
    };
    match ours(&Case { version: case.version, bytes }) {
        Answer::Refuses(why) => found.add(peer, "writes", &why, example),
        Answer::Accepts(read, _) => {
            for name in differing(mine, &read) {
                found.add(peer, "writes", &name, example);
            }
        }
    }
}

/// The names of the fields that are not the same.
fn differing(mine: &Fields, other: &Fields) -> Vec<String> {
    let name = |field: &String| field.split('=').next().unwrap().to_string();
    let only = |these: &Fields, those: &Fields| {
        these.iter().filter(|it| !those.contains(it)).map(name).collect::<Vec<_>>()
    };
    let mut names = only(mine, other);
    names.extend(only(other, mine));
    if names.is_empty() && mine.len() != other.len() {
        names.push("the number of fields".into());
    }
    names.sort();
    names.dedup();
    names
}
