//! Which Packet Identifiers are in use (2.2.1). It does not know what for: PUBLISH, SUBSCRIBE and
//! UNSUBSCRIBE draw from the same set [MQTT-2.2.1-3].

use alloc::vec::Vec;

use crate::codec::PacketIdentifier;

/// A set of 65,535 identifiers, given out in turn so that a late answer meets no new request.
#[derive(Clone, Default, Debug)]
pub struct PacketIdentifiers {
    /// One bit for each identifier, as far as they have been used.
    words: Vec<u64>,
    last: u16,
    used: u16,
}

impl PacketIdentifiers {
    /// Takes the next free identifier; `None` when all are in use.
    pub fn take(&mut self) -> Option<PacketIdentifier> {
        if self.used == u16::MAX {
            return None;
        }
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if self.insert(self.last) {
                return PacketIdentifier::new(self.last);
            }
        }
    }

    /// The exchange of that identifier has ended.
    pub fn release(&mut self, identifier: PacketIdentifier) {
        let (word, bit) = place(identifier.get());
        if let Some(word) = self.words.get_mut(word) {
            self.used -= u16::from(*word & bit != 0);
            *word &= !bit;
        }
    }

    /// Identifiers in use.
    #[must_use]
    pub fn used(&self) -> u16 {
        self.used
    }

    fn insert(&mut self, identifier: u16) -> bool {
        let (index, bit) = place(identifier);
        if index >= self.words.len() {
            self.words.resize(index + 1, 0);
        }
        let Some(word) = self.words.get_mut(index) else { return false };
        let free = *word & bit == 0;
        *word |= bit;
        self.used += u16::from(free);
        free
    }
}

fn place(identifier: u16) -> (usize, u64) {
    (usize::from(identifier / 64), 1 << (identifier % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-2.2.1-3] (5.0)
    #[test]
    fn an_identifier_in_use_is_not_given_out_again() {
        let mut identifiers = PacketIdentifiers::default();
        for expected in 1..=u16::MAX {
            assert_eq!(identifiers.take().unwrap().get(), expected);
        }
        assert_eq!(identifiers.take(), None);
        identifiers.release(PacketIdentifier::new(500).unwrap());
        assert_eq!(identifiers.take().unwrap().get(), 500);
        assert_eq!(identifiers.take(), None);
    }

    #[test]
    fn a_free_identifier_is_not_the_next_one_at_once() {
        let mut identifiers = PacketIdentifiers::default();
        let first = identifiers.take().unwrap();
        identifiers.release(first);
        identifiers.release(first);
        assert_eq!(identifiers.used(), 0);
        assert_eq!(identifiers.take().unwrap().get(), 2);
    }
}
