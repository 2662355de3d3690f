//! The filters of a stored session: what is to be written of them, and how they are held again. It does not
//! know when that is.

use alloc::vec::Vec;

use super::super::records::{Changes, RecordKey, RecordKind};
use super::super::restoring::Stored;
use super::{Entry, Subscriptions};
use crate::codec::TopicFilter;

impl Subscriptions {
    /// What is to be stored.
    pub(in super::super) fn changes(&mut self, out: &mut Changes) {
        for number in self.journal.take() {
            let key = RecordKey::new(RecordKind::Subscription, number);
            match self.entries.iter().find(|entry| u64::from(entry.number) == number) {
                Some(entry) => out.put(key, |out| {
                    out.extend_from_slice(&entry.identifier.to_be_bytes());
                    out.push(entry.options.byte());
                    out.extend_from_slice(entry.filter.as_bytes());
                }),
                None => out.remove(key),
            }
        }
    }

    /// Holds a filter of an earlier life of the session. Nobody has subscribed to it in this one, but the server
    /// may send its messages, under its identifier.
    pub(in super::super) fn restore(&mut self, stored: Stored) {
        let Stored { number, identifier, options, filter } = stored;
        if self.position(&filter).is_some() {
            return;
        }
        self.last_number = self.last_number.max(number);
        self.last_identifier = self.last_identifier.max(identifier);
        self.trie.insert(TopicFilter::checked(&filter).inner(), self.entries.len() as u32);
        self.entries.push(Entry {
            number,
            filter,
            options,
            identifier,
            members: Vec::new(),
            granted: true,
            ..Entry::default()
        });
    }
}
