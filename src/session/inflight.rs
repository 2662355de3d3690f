//! Publishes of QoS 1 and 2 that were sent and not acknowledged to the end (4.3, 4.4): what answer
//! each awaits, and in what order they are sent again. It does not know what waits behind them.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::message::Progress;
use super::{OutboundMessage, queue};
use crate::codec::{PacketIdentifier, QoS, ReasonCode};

/// A message that is held, and where it stands. One of QoS 1 or 2 that was sent is kept until the exchange has ended: a server that
/// loses its session between PUBREC and PUBREL may never have passed it on.
///
/// Boxed: thousands may be held, and a deque that grows has room for twice as many.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) message: OutboundMessage,
    /// Under which it was sent.
    identifier: Option<PacketIdentifier>,
    awaited: Awaited,
    /// Of its PUBREC.
    reason: ReasonCode,
    /// Counts against the server's window on this connection.
    counted: bool,
}

impl Held {
    /// One that waits.
    pub(super) fn new(message: OutboundMessage) -> Self {
        let (awaited, reason) = (Awaited::Puback, ReasonCode::SUCCESS);
        Self { message, identifier: None, awaited, reason, counted: false }
    }
}

/// What answer is awaited (4.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Awaited {
    Puback,
    Pubrec,
    Pubcomp,
}

/// What is to be sent again after a reconnect [MQTT-4.4.0-1].
///
/// ```
/// use wasmqtt::codec::{PacketIdentifier, QoS};
/// use wasmqtt::session::{Outbound, OutboundMessage, PacketIdentifiers, Resend, Suspicion};
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
/// let mut identifiers = PacketIdentifiers::default();
/// outbound.push(message(1), 10, 1000).map_err(|_| "full")?;
/// outbound.start(identifiers.take().ok_or("all are in use")?);
/// assert!(outbound.resend().is_none()); // on this connection it was sent
/// let _ = outbound.connection_lost(None, &mut identifiers);
/// outbound.resume();
/// assert!(matches!(outbound.resend(), Some(Resend::Publish(..))));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug)]
pub enum Resend<'a> {
    /// With DUP [MQTT-3.3.1-1].
    Publish(PacketIdentifier, &'a OutboundMessage),
    /// The publish has arrived.
    Pubrel(PacketIdentifier),
}

/// An acknowledgement of a kind that its publish does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unexpected;

/// All that are in flight, in the order in which they were first sent [MQTT-4.6.0-1].
#[derive(Clone, Default, Debug)]
pub(super) struct Inflight {
    entries: VecDeque<Box<Held>>,
    /// Those from this one on have to be sent again.
    resend_from: usize,
    counted: u16,
    /// QoS 2 exchanges that the server has open on this connection.
    exactly_once: u16,
}

impl Inflight {
    /// A message was sent under that identifier.
    pub(super) fn start(&mut self, identifier: PacketIdentifier, mut held: Box<Held>) {
        let exactly_once = held.message.qos == QoS::ExactlyOnce;
        held.identifier = Some(identifier);
        held.awaited = if exactly_once { Awaited::Pubrec } else { Awaited::Puback };
        held.reason = ReasonCode::SUCCESS;
        held.counted = true;
        self.counted += 1;
        self.exactly_once += u16::from(exactly_once);
        self.entries.push_back(held);
        self.resend_from = self.entries.len();
    }

    pub(super) fn resend(&self) -> Option<Resend<'_>> {
        let entry = self.entries.get(self.resend_from)?;
        let identifier = entry.identifier?;
        Some(match entry.awaited {
            Awaited::Puback | Awaited::Pubrec => Resend::Publish(identifier, &entry.message),
            Awaited::Pubcomp => Resend::Pubrel(identifier),
        })
    }

    /// The message that [`Inflight::resend`] is about.
    pub(super) fn resend_message(&self) -> Option<&OutboundMessage> {
        self.entries.get(self.resend_from).map(|entry| &entry.message)
    }

    pub(super) fn resent(&mut self) {
        let Some(entry) = self.entries.get_mut(self.resend_from) else { return };
        self.resend_from += 1;
        entry.counted = entry.awaited != Awaited::Pubcomp;
        self.counted += u16::from(entry.counted);
        self.exactly_once += u16::from(entry.message.qos == QoS::ExactlyOnce);
    }

    pub(super) fn counted(&self) -> u16 {
        self.counted
    }

    pub(super) fn exactly_once(&self) -> u16 {
        self.exactly_once
    }

    /// PUBREC: now a PUBCOMP is awaited. The message; `None` for an unknown identifier.
    pub(super) fn pubrec(
        &mut self,
        identifier: PacketIdentifier,
        reason: ReasonCode,
    ) -> Result<Option<&mut OutboundMessage>, Unexpected> {
        let index = self.find(identifier);
        let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) else {
            return Ok(None);
        };
        if entry.awaited == Awaited::Puback {
            return Err(Unexpected);
        }
        entry.awaited = Awaited::Pubcomp;
        entry.reason = reason;
        Ok(Some(&mut entry.message))
    }

    /// One that was in flight in an earlier life of the session; the newest of all.
    pub(super) fn restore(
        &mut self,
        identifier: PacketIdentifier,
        held: Box<Held>,
        received: Option<ReasonCode>,
    ) {
        self.start(identifier, held);
        if let (Some(entry), Some(reason)) = (self.entries.back_mut(), received) {
            entry.awaited = Awaited::Pubcomp;
            entry.reason = reason;
        }
    }

    /// The one at that place.
    pub(super) fn message(&mut self, index: usize) -> Option<&mut OutboundMessage> {
        self.entries.get_mut(index).map(|entry| &mut entry.message)
    }

    /// The message with that number, and how far it has come.
    pub(super) fn numbered(&mut self, number: u64) -> Option<(&mut OutboundMessage, Progress)> {
        let index = self.entries.binary_search_by_key(&number, |it| it.message.number()).ok()?;
        let entry = self.entries.get_mut(index)?;
        let received = (entry.awaited == Awaited::Pubcomp).then_some(entry.reason);
        Some((
            &mut entry.message,
            Progress { identifier: entry.identifier, received, given_up: false },
        ))
    }

    /// What its PUBREC said.
    pub(super) fn reason(&self, identifier: PacketIdentifier) -> Option<ReasonCode> {
        let entry = self.find(identifier).and_then(|index| self.entries.get(index))?;
        Some(entry.reason)
    }

    /// The answer that ends an exchange. The message; `None` for an unknown identifier.
    pub(super) fn ended(
        &mut self,
        identifier: PacketIdentifier,
        awaited: &[Awaited],
    ) -> Result<Option<Box<Held>>, Unexpected> {
        let Some(index) = self.find(identifier) else { return Ok(None) };
        if self.entries.get(index).is_some_and(|entry| awaited.contains(&entry.awaited)) {
            Ok(self.remove(index))
        } else {
            Err(Unexpected)
        }
    }

    /// As [`super::Outbound::connection_lost`]; the message that is given up, with its identifier.
    pub(super) fn connection_lost(
        &mut self,
        soon: Option<bool>,
    ) -> Option<(PacketIdentifier, Box<Held>)> {
        let sent = self.resend_from.min(self.entries.len()) > 0;
        self.resend_from = self.entries.len();
        for entry in &mut self.entries {
            entry.counted = false;
        }
        self.counted = 0;
        self.exactly_once = 0;
        let oldest = self.entries.front_mut().filter(|_| sent)?;
        if !oldest.message.suspicion.lost(soon?) {
            return None;
        }
        let identifier = oldest.identifier?;
        Some((identifier, self.remove(0)?))
    }

    /// All have to be sent again.
    pub(super) fn resume(&mut self) {
        self.resend_from = 0;
    }

    /// Takes the newest away.
    pub(super) fn pop_back(&mut self) -> Option<(PacketIdentifier, Box<Held>)> {
        let entry = self.entries.pop_back()?;
        self.resend_from = 0;
        Some((entry.identifier?, entry))
    }

    /// Takes that one away.
    pub(super) fn give_up(&mut self, identifier: PacketIdentifier) -> Option<Box<Held>> {
        self.remove(self.find(identifier)?)
    }

    pub(super) fn tokens(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().map(|entry| entry.message.token)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Servers acknowledge in order, so it is near the front.
    fn find(&self, identifier: PacketIdentifier) -> Option<usize> {
        self.entries.iter().position(|entry| entry.identifier == Some(identifier))
    }

    fn remove(&mut self, index: usize) -> Option<Box<Held>> {
        let entry = queue::remove(&mut self.entries, index)?;
        self.counted = self.counted.saturating_sub(u16::from(entry.counted));
        if index < self.resend_from {
            self.resend_from -= 1;
            let exactly_once = entry.message.qos == QoS::ExactlyOnce;
            self.exactly_once = self.exactly_once.saturating_sub(u16::from(exactly_once));
        }
        Some(entry)
    }
}

/// With the header of the allocator it takes 48 bytes where pointers have four; one byte more, and it would take 64.
const _: () = assert!(size_of::<Held>() <= 40 || size_of::<usize>() > 4);
