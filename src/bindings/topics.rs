//! Topics by number, each with the Subscription Identifiers that a message had. It knows which topics JavaScript has been told of; it does not know who
//! subscribes to them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::session::fnv::{hash, mix};

/// Numbers ("slots") for topics, so that a message costs no string: JavaScript keeps an array of
/// what stands behind each slot, and is told anew whenever that changes.
///
/// A slot is told before the first message that uses it, and messages are handed on in order, so a
/// slot may get another topic at any time. That makes it simple to stay bounded: with
/// [`MOST_TOPICS`] or [`MOST_BYTES`] in use all are forgotten and the numbers begin anew.
#[derive(Default)]
pub(super) struct Topics {
    entries: Vec<Entry>,
    /// Open addressing: slot + 1 of an entry, or 0; a power of two, at most half full.
    index: Vec<u16>,
    /// Of all topics.
    bytes: usize,
}

struct Entry {
    topic: Box<str>,
    identifiers: Box<[u32]>,
    hash: u32,
    generation: u32,
}

/// The slot of a topic.
pub(super) enum Slot {
    /// JavaScript knows it.
    Known(u32),
    /// JavaScript must be told the topic and its subscriptions.
    Stale(u32),
}

impl Topics {
    /// The slot of `topic`, for messages with these identifiers: they decide whose it is. It is stale
    /// when it is new or was told in another `generation`.
    pub(super) fn slot(&mut self, topic: &str, identifiers: &[u32], generation: u32) -> Slot {
        let hash = identifiers.iter().fold(hash(topic.as_bytes()), |hash, it| mix(hash, *it));
        if let Some(slot) = self.find(topic, identifiers, hash) {
            let Some(entry) = self.entries.get_mut(slot) else { return Slot::Stale(slot as u32) };
            if entry.generation == generation {
                return Slot::Known(slot as u32);
            }
            entry.generation = generation;
            return Slot::Stale(slot as u32);
        }
        self.bytes += topic.len();
        if self.entries.len() >= MOST_TOPICS || self.bytes > MOST_BYTES {
            self.bytes = topic.len();
            self.entries.clear();
            self.index.fill(0);
        }
        if self.entries.len() * 2 >= self.index.len() {
            self.grow();
        }
        let slot = self.entries.len();
        let (topic, identifiers) = (topic.into(), identifiers.into());
        self.entries.push(Entry { topic, identifiers, hash, generation });
        self.place(hash, slot);
        Slot::Stale(slot as u32)
    }

    fn find(&self, topic: &str, identifiers: &[u32], hash: u32) -> Option<usize> {
        let mask = self.index.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let slot = usize::from(*self.index.get(at)?).checked_sub(1)?;
            let entry = self.entries.get(slot)?;
            let same = entry.hash == hash && *entry.topic == *topic;
            if same && *entry.identifiers == *identifiers {
                return Some(slot);
            }
            at = (at + 1) & mask;
        }
    }

    fn place(&mut self, hash: u32, slot: usize) {
        let mask = self.index.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        while let Some(place) = self.index.get_mut(at) {
            if *place == 0 {
                *place = slot as u16 + 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.index.len() * 2).max(64);
        self.index.clear();
        self.index.resize(size, 0);
        for slot in 0..self.entries.len() {
            if let Some(hash) = self.entries.get(slot).map(|entry| entry.hash) {
                self.place(hash, slot);
            }
        }
    }
}

/// Topics that are remembered.
const MOST_TOPICS: usize = 4096;

/// Bytes of them: a topic can have 65,535.
const MOST_BYTES: usize = 1 << 20;
