//! A session out of its records, as they come one after the other. It does not know where they were kept.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::message::Progress;
use super::records::{Damaged, Fields, LAYOUT, RecordKey, RecordKind, Wall};
use super::{OutboundMessage, Session};
use crate::codec::{PacketIdentifier, SubscriptionOptions, TopicFilter};

/// What has been read.
///
/// ```
/// use wasmqtt::session::{RecordKey, Restoring, Session, Wall};
///
/// let mut restoring = Restoring::default();
/// assert!(restoring.take(RecordKey::from_raw(0), b"not a record", Wall::default()).is_err());
/// let mut session = Session::new(String::new());
/// restoring.finish(&mut session);
/// assert!(!session.known);
/// ```
#[derive(Default, Debug)]
pub struct Restoring {
    head: Option<Head>,
    messages: Vec<(OutboundMessage, Progress)>,
    /// Publishes that were given up, with the identifiers that the server may know.
    burned: Vec<(PacketIdentifier, u64)>,
    received: Vec<PacketIdentifier>,
    subscriptions: Vec<Stored>,
}

#[derive(Debug)]
struct Head {
    known: bool,
    client_identifier: String,
}

/// A filter that the server may know.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) number: u32,
    pub(super) identifier: u32,
    pub(super) options: SubscriptionOptions,
    pub(super) filter: Box<str>,
}

impl Restoring {
    /// Takes the next record, in the order of their keys.
    ///
    /// # Errors
    /// [`Damaged`]: it is left out.
    pub fn take(&mut self, key: RecordKey, value: &[u8], wall: Wall) -> Result<(), Damaged> {
        let number = key.number();
        let mut fields = Fields(value);
        match key.kind().ok_or(Damaged)? {
            RecordKind::Head => {
                if fields.byte()? != LAYOUT {
                    return Err(Damaged);
                }
                let known = fields.byte()? != 0;
                self.head = Some(Head { known, client_identifier: fields.text()?.into() });
            }
            RecordKind::Message => {
                self.messages.push(OutboundMessage::restore(number, value, wall)?);
            }
            RecordKind::Progress => {
                let progress = Progress::read(&mut fields)?;
                if let Some(identifier) = progress.identifier.filter(|_| progress.given_up) {
                    self.burned.push((identifier, number));
                    return Ok(());
                }
                let found = self.messages.binary_search_by_key(&number, |(it, _)| it.number());
                let found = found.ok().and_then(|index| self.messages.get_mut(index));
                let (message, before) = found.ok_or(Damaged)?;
                message.has_progress();
                *before = progress;
            }
            RecordKind::Received => {
                let number = u16::try_from(number).map_err(|_| Damaged)?;
                self.received.push(PacketIdentifier::new(number).ok_or(Damaged)?);
            }
            RecordKind::Subscription => {
                let identifier = u32::from_be_bytes(fields.take()?);
                let options = fields.byte()?;
                let filter = core::str::from_utf8(fields.0).map_err(|_| Damaged)?;
                let filter = TopicFilter::new(filter).map_err(|_| Damaged)?;
                let options = SubscriptionOptions::from_stored(options, filter).ok_or(Damaged)?;
                let number = u32::try_from(number).map_err(|_| Damaged)?;
                let filter = filter.as_str().into();
                self.subscriptions.push(Stored { number, identifier, options, filter });
            }
        }
        Ok(())
    }

    /// Whose session it is; `None` where that is not known.
    #[must_use]
    pub fn client_identifier(&self) -> Option<&str> {
        self.head.as_ref().map(|head| head.client_identifier.as_str())
    }

    /// Makes the session, in place of one in which nothing has happened yet.
    pub fn finish(self, session: &mut Session) {
        let Self { head, messages, burned, received, subscriptions } = self;
        if let Some(Head { known, client_identifier }) = head {
            session.known = known;
            session.client_identifier = client_identifier;
        }
        session.outbound.restore_burned(burned, &mut session.identifiers);
        session.outbound.restore(messages, &mut session.identifiers);
        for identifier in received {
            session.inbound.restore(identifier);
        }
        for stored in subscriptions {
            session.subscriptions.restore(stored);
        }
    }
}
