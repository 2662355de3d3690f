//! Recordings of `wasmqtt/trace`, run through the engine under a virtual clock: it is given what the server sent and what the
//! application asked for, at the times at which they were, and has to send the same bytes and tell the same. One of a real
//! client is beside this file; `npm run replay -- FILE` runs another one.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod recording;
mod world;

use std::path::PathBuf;

use recording::{Entry, read};
use world::World;

fn replay(text: &str) -> World {
    let entries = read(text);
    let mut world = World::new(&entries);
    for entry in &entries {
        world.take(entry);
    }
    world.end();
    world
}

#[test]
fn a_recording_of_a_real_client_is_told_again() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/replay/recordings");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let world = replay(&std::fs::read_to_string(&path).unwrap());
        assert!(world.sent > 0 && world.received > 0, "{} is empty", path.display());
        count += 1;
    }
    assert!(count >= 2, "{count}");
}

#[test]
fn what_was_not_so_is_noticed() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/replay/recordings");
    let text = std::fs::read_to_string(folder.join("exchange.json")).unwrap();
    let entries = read(&text);
    let whole = replay(&text).told.len();
    for missing in 0..entries.len() {
        let received = matches!(&entries[missing], Entry::Packet { sent: false, .. });
        if !received {
            continue;
        }
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(&entries);
            for (_, entry) in entries.iter().enumerate().filter(|(at, _)| *at != missing) {
                world.take(entry);
            }
            world.end();
            world.told.len()
        });
        // It is not sent what was recorded, or less is told.
        assert!(outcome.is_err() || outcome.unwrap() < whole, "without entry {missing}");
    }
}

/// The one that `npm run replay` names.
#[test]
fn the_recording_that_was_asked_for_is_told_again() {
    let Some(path) = std::env::var_os("WASMQTT_REPLAY") else { return };
    let world = replay(&std::fs::read_to_string(path).unwrap());
    println!("{} packets sent and {} received, as recorded:", world.sent, world.received);
    for line in &world.told {
        println!("  {line}");
    }
}
