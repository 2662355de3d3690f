//! Rows that are a breach: one error, the right DISCONNECT, nothing after it, and the next connection works.

use wasmqtt::client::{ErrorCode, State};
use wasmqtt::codec::{ProtocolVersion, QoS, ReasonCode};

use crate::rows::{Row, cuts, rows};
use crate::scenes::{accept, answer, scene};
use crate::support::{Told, V4, V5, World, message};

const BREACHES: [&str; 5] = [
    "malformed",
    "protocol-error",
    "packet-too-large",
    "topic-alias-invalid",
    "payload-format-invalid",
];

/// What is wrong with what came of these pieces, if anything is.
fn wrong(row: &Row, version: ProtocolVersion, pieces: &[&[u8]]) -> Option<String> {
    let mut world = scene(row.setup, version);
    let connecting = row.setup.starts_with("connecting");
    for piece in pieces {
        world.bytes(piece);
    }
    let errors = world.disconnections();
    let [error] = errors[..] else { return Some(format!("{} errors", errors.len())) };
    let code = error.reason_code.map(ReasonCode::value);
    let any = row.codes.is_empty() && matches!(code, Some(0x81 | 0x82));
    let right = any || code.is_some_and(|code| row.codes.contains(&code));
    if error.code != ErrorCode::ProtocolError || !right {
        return Some(format!("{:?} with {code:02X?}", error.code));
    }
    let messages = world.messages().len();
    // Of a row with two messages the first is good.
    if messages > usize::from(row.setup.starts_with("manual")) {
        return Some(format!("{messages} messages were delivered"));
    }
    let sent = world.sent();
    let goodbye = format!("DISCONNECT {:#04x}", code.unwrap_or_default());
    let good = match (version, connecting) {
        (V5, false) => sent == [goodbye],
        _ => sent.is_empty(),
    };
    if !good {
        return Some(format!("{sent:?} was sent"));
    }
    if (world.closed, world.socket) != (1, None) {
        return Some(format!("the socket was closed {} times", world.closed));
    }
    next_connection(&mut world, row.setup)
}

/// Whether the engine can be used again.
fn next_connection(world: &mut World, scene: &str) -> Option<String> {
    for _ in 0..100 {
        if world.socket.is_some() {
            break;
        }
        world.seconds(1);
        answer(world);
    }
    world.open();
    accept(world, scene);
    if world.client.state() != State::Connected {
        return Some(format!("the next connection is {:?}", world.client.state()));
    }
    world.forget();
    world.serve(&[message("next", "one", QoS::AtMostOnce, 0)]);
    let delivered = world.told.iter().any(|told| matches!(told, Told::Message { .. }));
    let token = world.publish("next", "two", QoS::AtMostOnce);
    let sent = matches!(world.outcome(token), Some(Told::Published(..)));
    (!delivered || !sent).then(|| "the next connection does not work".into())
}

#[test]
fn every_breach_is_one_error_whole_and_in_pieces() {
    let mut problems = Vec::new();
    for row in rows().iter().filter(|row| BREACHES.contains(&row.kind)) {
        let before = problems.len();
        for version in &row.versions {
            for bytes in &row.bytes {
                for pieces in cuts(bytes) {
                    if let Some(problem) = wrong(row, *version, &pieces) {
                        problems.push(format!("{} {version:?} {pieces:02X?}: {problem}", row.id));
                        break;
                    }
                }
            }
        }
        println!("row {} {}", row.id, if problems.len() == before { "ok" } else { "FAILED" });
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_row_is_of_a_kind_that_is_tested() {
    for row in rows() {
        let known = BREACHES.contains(&row.kind) || crate::valid::KINDS.contains(&row.kind);
        assert!(known, "{} is {}", row.id, row.kind);
        assert!(row.versions.iter().all(|version| [V4, V5].contains(version)));
    }
}
