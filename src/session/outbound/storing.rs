//! The publishes of a stored session: what is to be written of them, and how they are held again. It does
//! not know when that is.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::inflight::Held;
use super::super::message::{Progress, Written};
use super::super::records::{Changes, RecordKey, RecordKind, Wall};
use super::super::{OutboundMessage, PacketIdentifiers};
use super::Outbound;
use crate::codec::PacketIdentifier;

impl Outbound {
    /// Whether something is to be stored.
    pub(in super::super) fn has_changes(&self) -> bool {
        self.journal.has_changes() || !self.ended.is_empty()
    }

    /// What is to be stored; the tokens of messages that are for the first time.
    pub(in super::super) fn changes(
        &mut self,
        wall: Wall,
        out: &mut Changes,
        tokens: &mut Vec<u32>,
    ) {
        let changed = self.journal.take();
        for (number, written) in self.ended.drain(..) {
            out.remove(RecordKey::new(RecordKind::Message, number));
            if written == Written::Progress {
                out.remove(RecordKey::new(RecordKind::Progress, number));
            }
        }
        for number in changed {
            if let Some((identifier, _)) = self.burned.iter().find(|(_, it)| *it == number) {
                let identifier = Some(*identifier);
                let progress = Progress { identifier, given_up: true, ..Progress::default() };
                let key = RecordKey::new(RecordKind::Progress, number);
                out.put(key, |out| progress.write(out));
                continue;
            }
            let Some((message, progress)) = self.numbered(number) else { continue };
            if message.record(progress, wall, out) {
                tokens.push(message.token);
            }
        }
    }

    /// Gives a restored message its token: the one at that place, those in flight first.
    pub fn name(&mut self, index: usize, token: u32) -> Option<&OutboundMessage> {
        let message = match index.checked_sub(self.inflight.len()) {
            Some(index) => self.queue.get_mut(index).map(|held| &mut held.message),
            None => self.inflight.message(index),
        }?;
        message.token = token;
        Some(message)
    }

    fn numbered(&mut self, number: u64) -> Option<(&mut OutboundMessage, Progress)> {
        if let Ok(index) = self.queue.binary_search_by_key(&number, |held| held.message.number()) {
            return Some((&mut self.queue.get_mut(index)?.message, Progress::default()));
        }
        self.inflight.numbered(number)
    }

    /// Keeps identifiers of publishes that were given up in an earlier life.
    pub(in super::super) fn restore_burned(
        &mut self,
        burned: Vec<(PacketIdentifier, u64)>,
        identifiers: &mut PacketIdentifiers,
    ) {
        for (identifier, number) in burned {
            self.next_number = self.next_number.max(number);
            if identifiers.insert(identifier) {
                self.burned.push((identifier, number));
            }
        }
    }

    /// Holds messages of an earlier life of the session, in their order, in which each keeps its identifier.
    /// The limits do not count: what was accepted is not given up.
    pub(in super::super) fn restore(
        &mut self,
        messages: Vec<(OutboundMessage, Progress)>,
        identifiers: &mut PacketIdentifiers,
    ) {
        for (message, Progress { identifier, received, .. }) in messages {
            self.next_number = self.next_number.max(message.number());
            let held = Box::new(Held::new(message));
            // One that is in use twice would be a slip of the store's.
            match identifier.filter(|it| self.queue.is_empty() && identifiers.insert(*it)) {
                Some(identifier) => {
                    self.count(&held.message);
                    self.inflight.restore(identifier, held, received);
                }
                None => self.hold(held),
            }
        }
        // Nothing of it was sent on a connection of this life.
        self.inflight.connection_lost(None);
    }
}
