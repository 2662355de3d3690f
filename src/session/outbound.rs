//! The sender of publishes (4.3, 4.4, 4.6): what waits and what is in flight. It knows tokens, not
//! who waits for them; and no limits of a server.

mod giving_up;
mod storing;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::inflight::{Awaited, Held, Inflight, Resend, Unexpected};
use super::journal::Journal;
use super::message::Written;
use super::{OutboundMessage, PacketIdentifiers, Suspicion, queue};
use crate::codec::{PacketIdentifier, QoS, ReasonCode};

/// The bounds of the queue are reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// A publish that is given up, since each connection it was sent on ended soon after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost(pub u32);

/// Publishes from the application to the server's acknowledgement.
///
/// ```
/// use wasmqtt::codec::QoS;
/// use wasmqtt::session::{Full, Outbound, OutboundMessage, Suspicion};
///
/// # fn message(token: u32) -> OutboundMessage {
/// #     OutboundMessage {
/// #         token,
/// #         topic: "a".into(),
/// #         payload: (*b"hi").into(),
/// #         qos: QoS::AtLeastOnce,
/// #         retain: false,
/// #         suspicion: Suspicion::default(),
/// #         details: None,
/// #     }
/// # }
/// let mut outbound = Outbound::default();
/// assert!(outbound.push(message(1), 1, 1000).is_ok());
/// assert_eq!(outbound.push(message(2), 1, 1000), Err(Full));
/// assert_eq!(outbound.front().map(|it| it.token), Some(1));
/// ```
#[derive(Clone, Default, Debug)]
pub struct Outbound {
    queue: VecDeque<Box<Held>>,
    inflight: Inflight,
    bytes: usize,
    queued_bytes: usize,
    /// No queued message expires before.
    next_expiry: Option<u64>,
    /// Messages that expire, queued or in flight.
    expiring: usize,
    /// The memory of messages that have been sent, for those to come.
    spare: VecDeque<Box<Held>>,
    pub(super) journal: Journal,
    /// Of the next message that is stored.
    next_number: u64,
    /// Messages that have records and are no longer held.
    ended: Vec<(u64, Written)>,
    /// QoS 2 identifiers of publishes that were given up, and the numbers of their records. The server may know them: what
    /// is sent under one of them it would take for the publish that it knows (4.3.3).
    burned: Vec<(PacketIdentifier, u64)>,
}

impl Outbound {
    /// Appends a message, unless there are `max_messages` or with it more than `max_bytes` of them.
    ///
    /// # Errors
    /// [`Full`].
    pub fn push(
        &mut self,
        mut message: OutboundMessage,
        max_messages: usize,
        max_bytes: usize,
    ) -> Result<(), Full> {
        let size = message.size();
        if self.len() >= max_messages || self.bytes.saturating_add(size) > max_bytes {
            return Err(Full);
        }
        if let Some(kept) = message.kept_mut() {
            self.next_number += 1;
            kept.number = self.next_number;
        }
        message.note(&mut self.journal, false);
        let message = Held::new(message);
        let held = match self.spare.pop_back() {
            Some(mut spare) => {
                *spare = message;
                spare
            }
            None => Box::new(message),
        };
        self.hold(held);
        Ok(())
    }

    fn hold(&mut self, held: Box<Held>) {
        self.count(&held.message);
        self.wait(&held.message);
        self.queue.push_back(held);
    }

    /// It is held from now on; [`Outbound::done`] is the end of that.
    fn count(&mut self, message: &OutboundMessage) {
        self.bytes += message.size();
        self.expiring += usize::from(message.expires_at().is_some());
    }

    /// It joins the queue.
    fn wait(&mut self, message: &OutboundMessage) {
        self.queued_bytes += message.size();
        self.note_expiry(message.expires_at());
    }

    /// A copy of a topic, for a message to be pushed.
    pub fn topic(&mut self, topic: &str) -> String {
        let spare = self.spare.back_mut();
        let mut copy = spare.map(|it| core::mem::take(&mut it.message.topic)).unwrap_or_default();
        copy.push_str(topic);
        copy
    }

    /// The message that is sent next, once nothing is left to be sent again.
    #[must_use]
    pub fn front(&self) -> Option<&OutboundMessage> {
        self.queue.front().map(|held| &held.message)
    }

    /// Takes the front away: sent with QoS 0, or not to be sent.
    pub fn pop(&mut self) {
        let Some(mut held) = self.take(0) else { return };
        let OutboundMessage { topic, payload, details, .. } = &mut held.message;
        if self.spare.len() < SPARE && topic.capacity() <= TOPIC {
            topic.clear();
            *payload = Box::default();
            *details = None;
            self.spare.push_back(held);
        }
    }

    /// The front was sent under that identifier and awaits its acknowledgement.
    pub fn start(&mut self, identifier: PacketIdentifier) {
        if let Some(mut held) = self.queue.pop_front() {
            self.queued_bytes -= held.message.size();
            held.message.note(&mut self.journal, true);
            self.inflight.start(identifier, held);
        }
    }

    /// What is to be sent again next, in the order in which it was first sent [MQTT-4.6.0-1].
    #[must_use]
    pub fn resend(&self) -> Option<Resend<'_>> {
        self.inflight.resend()
    }

    /// What [`Outbound::resend`] gave was sent.
    pub fn resent(&mut self) {
        self.inflight.resent();
    }

    /// Publishes that count against the server's Receive Maximum (4.9).
    #[must_use]
    pub fn counted(&self) -> u16 {
        self.inflight.counted()
    }

    /// QoS 2 exchanges that are open on this connection, those included of which only PUBREL was sent
    /// on it.
    #[must_use]
    pub fn exactly_once(&self) -> u16 {
        self.inflight.exactly_once()
    }

    /// Whether an acknowledgement is due of something that was sent on this connection.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.counted() > 0 || self.exactly_once() > 0
    }

    /// Whether what is sent next may end the connection.
    #[must_use]
    pub fn suspicion(&self) -> Suspicion {
        let next = match self.inflight.resend_message() {
            Some(message) => Some(message),
            None => self.front(),
        };
        next.map(|message| message.suspicion).unwrap_or_default()
    }

    /// PUBACK: the token of the publish, which is done. `None` for an unknown identifier.
    ///
    /// # Errors
    /// [`Unexpected`] when it is a QoS 2 publish.
    pub fn puback(&mut self, identifier: PacketIdentifier) -> Result<Option<u32>, Unexpected> {
        self.ended(identifier, &[Awaited::Puback])
    }

    /// PUBREC: a PUBREL is due [MQTT-4.3.3-4]. The token; `None` for an unknown identifier.
    ///
    /// # Errors
    /// [`Unexpected`] when it is a QoS 1 publish.
    pub fn pubrec(
        &mut self,
        identifier: PacketIdentifier,
        reason: ReasonCode,
    ) -> Result<Option<u32>, Unexpected> {
        let known = self.inflight.pubrec(identifier, reason)?;
        // After PUBREL the server takes the same PUBLISH for a new one.
        Ok(known.map(|message| {
            message.note(&mut self.journal, true);
            message.token
        }))
    }

    /// What the PUBREC of a publish said that awaits its PUBCOMP.
    #[must_use]
    pub fn reason(&self, identifier: PacketIdentifier) -> Option<ReasonCode> {
        self.inflight.reason(identifier)
    }

    /// A PUBREC with an error ends the exchange (4.3.3). As [`Outbound::puback`].
    ///
    /// # Errors
    /// [`Unexpected`] when it is a QoS 1 publish.
    pub fn pubrec_error(
        &mut self,
        identifier: PacketIdentifier,
    ) -> Result<Option<u32>, Unexpected> {
        self.ended(identifier, &[Awaited::Pubrec, Awaited::Pubcomp])
    }

    /// PUBCOMP: as [`Outbound::puback`].
    ///
    /// # Errors
    /// [`Unexpected`] when no PUBREC came before.
    pub fn pubcomp(&mut self, identifier: PacketIdentifier) -> Result<Option<u32>, Unexpected> {
        self.ended(identifier, &[Awaited::Pubcomp])
    }

    fn ended(
        &mut self,
        identifier: PacketIdentifier,
        awaited: &[Awaited],
    ) -> Result<Option<u32>, Unexpected> {
        let held = self.inflight.ended(identifier, awaited)?;
        Ok(held.map(|held| self.done(&held.message)))
    }

    fn done(&mut self, message: &OutboundMessage) -> u32 {
        self.bytes -= message.size();
        self.expiring -= usize::from(message.expires_at().is_some());
        if let Some(kept) = message.kept().filter(|kept| kept.written != Written::Nothing) {
            self.ended.push((kept.number, kept.written));
            if message.qos == QoS::AtMostOnce {
                // It may not be sent a second time.
                self.journal.hurry();
            }
        }
        message.token
    }

    /// The connection is lost. `soon`: before a publish was complete on it and not long after its
    /// start; `None` where that says nothing of what was sent on it. A message that was sent on
    /// five such connections in a row may be what ends them: it is given up.
    pub fn connection_lost(
        &mut self,
        soon: Option<bool>,
        identifiers: &mut PacketIdentifiers,
    ) -> Option<Lost> {
        let (identifier, held) = self.inflight.connection_lost(soon)?;
        self.burn(identifier, &held.message, identifiers);
        Some(Lost(self.done(&held.message)))
    }

    /// The server still has the session: what is in flight is sent again, in its order.
    pub fn resume(&mut self) {
        self.inflight.resume();
    }

    /// The server has no session: what is not complete is published anew, before everything else
    /// and with new identifiers. It may arrive a second time, which is better than never. How many there are.
    pub fn restart(&mut self, identifiers: &mut PacketIdentifiers) -> usize {
        let mut count = 0;
        for (identifier, number) in core::mem::take(&mut self.burned) {
            identifiers.release(identifier);
            self.retire(number);
        }
        while let Some((identifier, mut held)) = self.inflight.pop_back() {
            identifiers.release(identifier);
            self.wait(&held.message);
            held.message.note(&mut self.journal, true);
            self.queue.push_front(held);
            count += 1;
        }
        count
    }

    /// What was not sent, or is sent anew, in its order.
    pub fn queue(&self) -> impl Iterator<Item = &OutboundMessage> {
        self.queue.iter().map(|held| &held.message)
    }

    /// Takes back a message that was not sent yet.
    pub fn cancel(&mut self, token: u32) -> bool {
        let Some(index) = self.queue().position(|message| message.token == token) else {
            return false;
        };
        self.take(index);
        true
    }

    /// Takes the queued messages away whose time is over; their tokens go to `expired`.
    pub fn expire(&mut self, now: u64, expired: &mut Vec<u32>) {
        if self.next_expiry.is_none_or(|at| at > now) {
            return;
        }
        self.next_expiry = None;
        let mut index = 0;
        while let Some(held) = self.queue.get(index) {
            let message = &held.message;
            if message.expires_at().is_some_and(|at| at <= now) {
                expired.extend(self.take(index).map(|held| held.message.token));
            } else {
                let expires_at = message.expires_at();
                self.note_expiry(expires_at);
                index += 1;
            }
        }
    }

    /// Before this time no queued message expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<u64> {
        self.next_expiry
    }

    /// Whether a message is held that expires; also one in flight, which may have to be sent anew.
    #[must_use]
    pub fn expires(&self) -> bool {
        self.expiring > 0
    }

    /// Whether a publish with a token below that one is not complete.
    #[must_use]
    pub fn before(&self, token: u32) -> bool {
        self.front().is_some_and(|message| message.token < token)
            || self.inflight.tokens().any(|other| other < token)
    }

    /// Forgets everything; the tokens of all, in their order.
    pub fn clear(&mut self) -> Vec<u32> {
        let mut tokens: Vec<u32> = self.inflight.tokens().collect();
        tokens.extend(self.queue().map(|message| message.token));
        *self = Self::default();
        tokens
    }

    /// Messages held, in flight or waiting.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len() + self.inflight.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether something is to be sent, for the first time or again.
    #[must_use]
    pub fn is_due(&self) -> bool {
        !self.queue.is_empty() || self.inflight.resend().is_some()
    }

    /// Messages not sent yet.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Bytes of the messages not sent yet.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Messages sent and not acknowledged.
    #[must_use]
    pub fn inflight(&self) -> usize {
        self.inflight.len()
    }

    fn note_expiry(&mut self, expires_at: Option<u64>) {
        if let Some(at) = expires_at {
            self.next_expiry = Some(self.next_expiry.map_or(at, |next| next.min(at)));
        }
    }

    fn take(&mut self, index: usize) -> Option<Box<Held>> {
        let held = queue::remove(&mut self.queue, index)?;
        self.queued_bytes -= held.message.size();
        self.done(&held.message);
        Some(held)
    }
}

/// Messages whose memory is kept.
const SPARE: usize = 64;

/// Bytes of the topic of each of them at most.
const TOPIC: usize = 128;
