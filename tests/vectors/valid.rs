//! Rows that are right, or not complete yet: what is told and sent is what the row says, however it comes in.

use wasmqtt::codec::ProtocolVersion;

use crate::outcome::outcome;
use crate::rows::{Row, cuts, rows};
use crate::scenes::scene;

pub(crate) const KINDS: [&str; 3] = ["ok", "incomplete", "legacy-connack"];

fn of(row: &Row, version: ProtocolVersion, pieces: &[&[u8]]) -> String {
    let mut world = scene(row.setup, version);
    for piece in pieces {
        world.bytes(piece);
    }
    outcome(&mut world)
}

/// A row says one thing for all its versions and bytes, or one for each.
fn expected<'a>(row: &'a Row, version: &ProtocolVersion, at: usize) -> &'a str {
    let choose = |text: &'a str, mark, at| {
        let parts: Vec<&str> = text.split(mark).collect();
        parts.get(at).or(parts.first()).copied().unwrap_or_default()
    };
    let index = row.versions.iter().position(|it| it == version).unwrap_or_default();
    choose(choose(row.comes, " || ", index), " | ", at)
}

#[test]
fn every_valid_row_does_what_it_says_whole_and_in_pieces() {
    let mut problems = Vec::new();
    for row in rows().iter().filter(|row| KINDS.contains(&row.kind)) {
        let before = problems.len();
        for version in &row.versions {
            for (at, bytes) in row.bytes.iter().enumerate() {
                let whole = of(row, *version, &[bytes]);
                let expected = expected(row, version, at);
                if whole != expected {
                    let id = row.id;
                    problems.push(format!("{id}\t{version:?}\n  is   {whole}\n  asks {expected}"));
                    continue;
                }
                for pieces in cuts(bytes) {
                    let came = of(row, *version, &pieces);
                    if came != whole {
                        problems.push(format!("{} {version:?} {pieces:02X?}: {came}", row.id));
                        break;
                    }
                }
            }
        }
        println!("row {} {}", row.id, if problems.len() == before { "ok" } else { "FAILED" });
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
