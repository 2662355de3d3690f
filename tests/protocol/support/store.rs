//! A store that does what it is asked when a test says so, and the clock on the wall. It does not know what the records say.

use std::collections::BTreeMap;

use wasmqtt::client::{Config, RecordKey};

use super::world::World;

/// Changes that are stored together.
pub(crate) type Write = Vec<(RecordKey, Option<Vec<u8>>)>;

/// The records of a stored session.
pub(crate) type Records = BTreeMap<RecordKey, Vec<u8>>;

pub(crate) fn store(write: Write, records: &mut Records) {
    for (key, value) in write {
        match value {
            Some(value) => records.insert(key, value),
            None => records.remove(&key),
        };
    }
}

/// What the clock on the wall shows when a world begins.
pub(crate) const WALL: u64 = 1_700_000_000_000;

impl World {
    /// A client whose session goes on where those records left off.
    pub(crate) fn restored(config: Config, records: &Records) -> Self {
        let mut world = Self::new(config);
        for (key, value) in records {
            world.client.restore(*key, value, WALL, world.now).unwrap();
        }
        world.client.keep_session(WALL, world.now).unwrap();
        world.client.connect(world.now).unwrap();
        world.settle();
        world
    }

    /// The store has done what it was asked to, as long as it is asked.
    pub(crate) fn store(&mut self, records: &mut Records) {
        while let Some(write) = self.storing.pop_front() {
            store(write, records);
            self.held = false;
            self.client.handle_stored(self.now);
            self.settle();
        }
    }
}
