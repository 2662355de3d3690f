//! Which Packet Identifiers are in use (2.2.1). It does not know what for: PUBLISH, SUBSCRIBE and
//! UNSUBSCRIBE draw from the same set [MQTT-2.2.1-3].

use alloc::vec::Vec;

use crate::codec::PacketIdentifier;

/// A set of 65,535 identifiers, given out in turn so that a late answer meets no new request.
///
/// ```
/// use wasmqtt::session::PacketIdentifiers;
///
/// let mut identifiers = PacketIdentifiers::default();
/// let first = identifiers.take().ok_or("all are in use")?;
/// assert_eq!((first.get(), identifiers.used()), (1, 1));
/// assert!(identifiers.release(first));
/// # Ok::<(), &str>(())
/// ```
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
            let next = PacketIdentifier::new(self.last)?;
            if self.insert(next) {
                return Some(next);
            }
        }
    }

    /// The exchange of that identifier has ended. False when it was not in use.
    pub fn release(&mut self, identifier: PacketIdentifier) -> bool {
        let (word, bit) = place(identifier);
        let Some(word) = self.words.get_mut(word) else { return false };
        let used = *word & bit != 0;
        *word &= !bit;
        self.used -= u16::from(used);
        used
    }

    /// Whether it is in use.
    #[must_use]
    pub fn contains(&self, identifier: PacketIdentifier) -> bool {
        let (word, bit) = place(identifier);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Identifiers in use.
    #[must_use]
    pub fn used(&self) -> u16 {
        self.used
    }

    /// Those in use.
    pub fn iter(&self) -> impl Iterator<Item = PacketIdentifier> {
        let all = (1..=u16::MAX).take(self.words.len() * 64);
        all.filter_map(PacketIdentifier::new).filter(|it| self.contains(*it))
    }

    /// Takes that one. False when it is in use.
    pub(super) fn insert(&mut self, identifier: PacketIdentifier) -> bool {
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

fn place(identifier: PacketIdentifier) -> (usize, u64) {
    let identifier = identifier.get();
    (usize::from(identifier / 64), 1 << (identifier % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-2.2.1-3] (5.0)
    /// [case SES-18]
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
