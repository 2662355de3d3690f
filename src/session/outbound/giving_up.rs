//! Publishes that are given up, and the identifiers that they leave behind. It does not know why they are.

use super::super::journal::STORES;
use super::super::message::Written;
use super::super::{OutboundMessage, PacketIdentifiers};
use super::Outbound;
use crate::codec::{PacketIdentifier, QoS};

impl Outbound {
    /// A message in flight is not sent again. Its token.
    pub fn give_up(
        &mut self,
        identifier: PacketIdentifier,
        identifiers: &mut PacketIdentifiers,
    ) -> Option<u32> {
        let held = self.inflight.give_up(identifier)?;
        self.burn(identifier, &held.message, identifiers);
        Some(self.done(&held.message))
    }

    /// There is a record of a publish that was given up.
    pub(super) fn retire(&mut self, number: u64) {
        if STORES {
            self.ended.push((number, Written::Progress));
        }
    }

    pub(super) fn burn(
        &mut self,
        identifier: PacketIdentifier,
        message: &OutboundMessage,
        identifiers: &mut PacketIdentifiers,
    ) {
        if message.qos == QoS::ExactlyOnce {
            self.burned.push((identifier, message.number()));
            self.journal.note_first(message.number());
        } else {
            identifiers.release(identifier);
        }
    }

    /// The server does not know that identifier any more, if it is one of a publish that was given up.
    pub fn forgive(&mut self, identifier: PacketIdentifier, identifiers: &mut PacketIdentifiers) {
        let mut known = None;
        self.burned.retain(|(it, number)| {
            let other = *it != identifier;
            if !other {
                known = Some(*number);
            }
            other
        });
        if let Some(number) = known {
            identifiers.release(identifier);
            self.retire(number);
        }
    }
}
