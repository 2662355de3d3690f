//! The receiver of QoS 2 publishes (4.3.3, method B). It remembers identifiers, not messages: a
//! message is delivered when it first comes, and an identifier is remembered until PUBREL.

use super::journal::{Journal, STORES};
use super::packet_identifiers::PacketIdentifiers;
use super::records::{Changes, RecordKey, RecordKind};
use crate::codec::PacketIdentifier;

/// QoS 2 publishes received and not yet released.
///
/// ```
/// use wasmqtt::codec::PacketIdentifier;
/// use wasmqtt::session::Inbound;
///
/// let mut inbound = Inbound::default();
/// let identifier = PacketIdentifier::new(7).ok_or("0 is none")?;
/// assert!(inbound.publish(identifier)); // to be delivered
/// assert!(!inbound.publish(identifier)); // a repetition
/// assert!(inbound.release(identifier)); // PUBREL
/// assert!(inbound.publish(identifier)); // a new message
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Default, Debug)]
pub struct Inbound {
    received: PacketIdentifiers,
    /// Those that came on this connection: only they count against its Receive Maximum (4.9).
    counted: PacketIdentifiers,
    pub(super) journal: Journal,
}

impl Inbound {
    /// A QoS 2 PUBLISH came. True when it has to be delivered, false when it has been
    /// [MQTT-4.3.3-10] (5.0) [MQTT-4.3.3-2] (3.1.1).
    pub fn publish(&mut self, identifier: PacketIdentifier) -> bool {
        self.counted.insert(identifier);
        self.received.insert(identifier)
    }

    /// One that came in an earlier life of the session.
    pub(super) fn restore(&mut self, identifier: PacketIdentifier) {
        self.received.insert(identifier);
    }

    /// Whether a PUBLISH with that identifier would be a repetition.
    #[must_use]
    pub fn knows(&self, identifier: PacketIdentifier) -> bool {
        self.received.contains(identifier)
    }

    /// Publishes of this connection that are not released.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.counted.used().into()
    }

    /// The connection is lost.
    pub fn connection_lost(&mut self) {
        self.counted = PacketIdentifiers::default();
    }

    /// The application has the message, as far as this side is concerned: a stored session knows of it from now
    /// on.
    pub fn settle(&mut self, identifier: PacketIdentifier) {
        self.journal.note_first(identifier.get().into());
    }

    /// A PUBREL came, or a PUBREC with an error was sent. False when nothing was known of it.
    pub fn release(&mut self, identifier: PacketIdentifier) -> bool {
        self.counted.release(identifier);
        let known = self.received.release(identifier);
        if known {
            // The server may use it for another message then.
            self.journal.note_first(identifier.get().into());
        }
        known
    }

    /// The server has no session any more: the same identifier is a new message.
    pub fn session_lost(&mut self) {
        let received = core::mem::take(&mut self.received);
        if STORES {
            for identifier in received.iter() {
                self.journal.note_first(identifier.get().into());
            }
        }
    }

    /// What is to be stored.
    pub(super) fn changes(&mut self, out: &mut Changes) {
        for number in self.journal.take() {
            let key = RecordKey::new(RecordKind::Received, number);
            let known =
                PacketIdentifier::new(number as u16).filter(|it| self.received.contains(*it));
            match known {
                Some(_) => out.put(key, |out| out.push(1)),
                None => out.remove(key),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-4.3.3-10] (5.0)
    #[test]
    fn a_repeated_publish_is_not_delivered_again_until_it_was_released() {
        let mut inbound = Inbound::default();
        let identifier = PacketIdentifier::new(7).unwrap();
        assert!(inbound.publish(identifier));
        assert!(!inbound.publish(identifier));
        assert!(inbound.release(identifier));
        assert!(!inbound.release(identifier));
        assert!(inbound.publish(identifier));
    }
}
