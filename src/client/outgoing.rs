//! Packets to the server: what is due, in which order, and publishes within which limits. It does not
//! know when the driver takes them.

use alloc::vec::Vec;
use core::time::Duration;

use super::aliases::Naming;
use super::core::Core;
use super::instant::Millis;
use super::output::Queued;
use super::trial::Trial;
use super::{Error, ErrorCode, Instant, Outcome, Token};
use crate::codec::{
    Acknowledgement, Packet, PacketIdentifier, PacketType, Properties, PropertiesBuf, Property,
    ProtocolVersion, Publish, QoS,
};
use crate::session::{OutboundMessage, Resend};

impl Core {
    /// Whole packets of about `max` bytes.
    pub(super) fn transmit(&mut self, max: usize) -> Option<&[u8]> {
        if self.is_connected() {
            self.fill(max);
            self.progressed();
        }
        let bytes = self.outbox.take()?;
        self.stats.bytes_sent += bytes.len() as u64;
        self.connection.liveness.sent(self.now);
        Some(bytes)
    }

    /// Whether `transmit` may do something.
    pub(super) fn has_transmit(&self) -> bool {
        self.outbox.has_free()
            || self.is_connected()
                && (self.session.outbound.is_due() || self.session.subscriptions.is_due())
    }

    /// Something that is suspected goes out under that identifier.
    pub(super) fn try_alone(&mut self, identifier: PacketIdentifier) {
        self.connection.trial = Some(Trial::new(identifier, self.now));
    }

    pub(super) fn is_trying(&self) -> bool {
        self.trial_deadline().is_some_and(|until| self.now < until)
    }

    /// When what waits for a trial waits no longer.
    pub(super) fn trial_deadline(&self) -> Option<Instant> {
        let trial = self
            .connection
            .trial
            .as_ref()
            .filter(|it| self.session.identifiers.contains(it.identifier()))?;
        Some(trial.until())
    }

    /// Writes what is due: subscriptions, so that nothing is missed; what was sent before, in its
    /// order; then what is new.
    pub(super) fn fill(&mut self, max: usize) {
        self.expire();
        while self.outbox.len() < max && !self.is_trying() && self.send_one() {}
    }

    /// One packet, or one that cannot be sent and is settled. False when none is due.
    pub(super) fn send_one(&mut self) -> bool {
        let before = self.outbox.len();
        let sent =
            self.send_request() || self.send_again() || self.send_next() || self.send_suspect();
        self.hold(before);
        sent
    }

    /// One publish or PUBREL of the session that was resumed. False when there is none, or the
    /// server's Receive Maximum is reached [MQTT-3.3.4-9].
    fn send_again(&mut self) -> bool {
        let suspicion = self.session.outbound.suspicion();
        if self.yields(suspicion) {
            return false;
        }
        let identifier = match self.session.outbound.resend() {
            None => return false,
            Some(Resend::Pubrel(identifier)) => {
                let pubrel = Acknowledgement::success(identifier);
                // Cannot fail: there is nothing in it that a version lacks.
                let _ =
                    pubrel.encode(PacketType::Pubrel, self.connecting.version(), self.outbox.end());
                self.stats.packets_sent += 1;
                identifier
            }
            Some(Resend::Publish(identifier, message)) => {
                if self.window_is_full(message.qos) {
                    return false;
                }
                // By its name: the alias it was first sent with was of another connection.
                let written = self.check(message).and_then(|_| {
                    let packet = message.packet(Some(identifier), true);
                    let expiry = left(message.expires_at(), self.connecting.version(), self.now);
                    let (version, scratch) = (self.connecting.version(), &mut self.properties);
                    write(packet, expiry, Naming::Name, version, scratch, self.outbox.end())
                });
                if let Err(error) = written {
                    return self.give_up(identifier, error);
                }
                self.stats.packets_sent += 1;
                self.stats.messages_sent += 1;
                identifier
            }
        };
        self.session.outbound.resent();
        if suspicion.exists() {
            self.try_alone(identifier);
        }
        true
    }

    /// Whether another publish has to wait for an acknowledgement [MQTT-3.3.4-9].
    fn window_is_full(&self, qos: QoS) -> bool {
        match qos {
            QoS::AtMostOnce => false,
            _ if !self.connecting.version().is_v5() => {
                self.session.outbound.exactly_once() >= WINDOW_3
            }
            _ => self.session.outbound.counted() >= self.connection.limits.receive_maximum,
        }
    }

    /// A message in flight that this connection does not take.
    fn give_up(&mut self, identifier: PacketIdentifier, error: Error) -> bool {
        let Self { session, .. } = self;
        if let Some(token) = session.outbound.give_up(identifier, &mut session.identifiers) {
            self.fail(Token(token), error);
        }
        true
    }

    /// One publish of the queue. False when there is none or it has to wait.
    fn send_next(&mut self) -> bool {
        let Some(message) = self.session.outbound.front() else { return false };
        if self.session.outbound.resend().is_some() {
            return false;
        }
        let (token, qos, suspicion) = (Token(message.token), message.qos, message.suspicion);
        if self.window_is_full(qos) || self.yields(suspicion) {
            return false;
        }
        let identifier = match qos {
            QoS::AtMostOnce => None,
            _ => match self.session.identifiers.take() {
                Some(identifier) => Some(identifier),
                None => return false,
            },
        };
        let written = match self.check(message) {
            Ok(len) => {
                let room = self.server_maximum() - len;
                let packet = message.packet(identifier, false);
                let expiry = left(message.expires_at(), self.connecting.version(), self.now);
                let aliases = &mut self.connection.sent_aliases;
                let naming = aliases.name(packet.topic, room);
                let (version, scratch) = (self.connecting.version(), &mut self.properties);
                write(packet, expiry, naming, version, scratch, self.outbox.end())
                    .inspect(|()| aliases.sent(packet.topic, naming))
            }
            Err(error) => Err(error),
        };
        match (written, identifier) {
            (Ok(()), Some(identifier)) => {
                self.session.outbound.start(identifier);
                if suspicion.exists() {
                    self.try_alone(identifier);
                }
            }
            (Ok(()), None) => {
                self.session.outbound.pop();
                self.queue.push_back(Queued::Sent(token));
            }
            (Err(error), identifier) => {
                if let Some(identifier) = identifier {
                    self.session.identifiers.release(identifier);
                }
                self.session.outbound.pop();
                self.fail(token, error);
                return true;
            }
        }
        self.stats.packets_sent += 1;
        self.stats.messages_sent += 1;
        true
    }

    /// Whether this connection takes the message (3.2.2.3.4 to 6); the bytes of its packet.
    pub(super) fn check(&self, message: &OutboundMessage) -> Result<usize, Error> {
        let server = self.connection.limits;
        if message.qos > server.maximum_qos {
            // [MQTT-3.2.2-11]
            return Err(Error::unsupported("the server does not support this QoS"));
        }
        if message.retain && !server.retain_available {
            // [MQTT-3.2.2-14]
            return Err(Error::unsupported("the server does not retain messages"));
        }
        if !self.connecting.version().is_v5() && !message.properties().is_empty() {
            return Err(Error::unsupported("MQTT 3.x has no properties"));
        }
        let expiry = if message.expires_at().is_some() { EXPIRY_LEN } else { 0 };
        let identifier = PacketIdentifier::new(1).filter(|_| message.qos != QoS::AtMostOnce);
        let len = message.packet(identifier, false).encoded_len(self.connecting.version()) + expiry;
        if len > self.server_maximum() {
            // [MQTT-3.2.2-15]
            let text = "the message is longer than the server's Maximum Packet Size";
            return Err(Error::new(ErrorCode::TooLarge, text));
        }
        Ok(len)
    }

    pub(super) fn server_maximum(&self) -> usize {
        self.connection.limits.maximum_packet_size
    }

    /// Queued messages whose time is over fail.
    pub(super) fn expire(&mut self) {
        let mut expired = Vec::new();
        self.session.outbound.expire(self.now.as_millis(), &mut expired);
        for token in expired {
            let error = Error::new(ErrorCode::Timeout, "the message expired before it was sent");
            self.fail(Token(token), error);
            self.progressed();
        }
    }

    /// A PINGREQ, to be answered within `limit`.
    pub(super) fn send_ping(&mut self, token: Option<Token>, limit: Millis) {
        self.stats.packets_sent += 1;
        // Cannot fail: it is two bytes.
        let _ = Packet::Pingreq.encode(self.connecting.version(), self.outbox.end());
        self.connection.pinged(self.now, token, limit);
    }

    /// Publishes have ended, or may have: those who wait for the last of them are told.
    pub(super) fn progressed(&mut self) {
        if !self.flushes.is_empty() {
            let outbound = &self.session.outbound;
            let (waiting, done): (Vec<_>, Vec<_>) =
                self.flushes.drain(..).partition(|token| outbound.before(token.get()));
            self.flushes = waiting;
            for token in done {
                self.complete(token, Outcome::Flushed);
            }
        }
        if self.closing.is_some() && self.is_drained() {
            self.finish();
        }
    }

    /// Nothing is queued, and nothing that was sent waits for its acknowledgement.
    pub(super) fn is_drained(&self) -> bool {
        self.session.is_drained()
    }
}

/// Seconds that are left of a message, where the version can say that.
fn left(expires_at: Option<u64>, version: ProtocolVersion, now: Instant) -> Option<u32> {
    let left = expires_at.filter(|_| version.is_v5())?.saturating_sub(now.as_millis());
    Some(u32::try_from(left.div_ceil(1000)).unwrap_or(u32::MAX))
}

/// Writes a PUBLISH with what is left of its expiry.
fn write(
    packet: Publish<'_>,
    expiry: Option<u32>,
    naming: Naming,
    version: ProtocolVersion,
    properties: &mut PropertiesBuf,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if expiry.is_none() && naming == Naming::Name {
        return Ok(packet.encode(version, out)?);
    }
    properties.copy(packet.properties);
    if let Some(seconds) = expiry {
        properties.push(Property::MessageExpiryInterval(seconds))?;
    }
    let mut topic = packet.topic;
    match naming {
        Naming::Name => {}
        Naming::NameAndAlias(alias) => properties.push(Property::TopicAlias(alias))?,
        Naming::Alias(alias) => {
            properties.push(Property::TopicAlias(alias))?;
            topic = "";
        }
    }
    Ok(Publish { topic, properties: properties.as_properties(), ..packet }.encode(version, out)?)
}

/// When a message expires that is published at `now`.
pub(super) fn expires_at(properties: Properties<'_>, now: Instant) -> Option<u64> {
    let seconds = properties.message_expiry_interval()?;
    Some((now + Duration::from_secs(seconds.into())).as_millis())
}

/// QoS 2 exchanges that are open at once with a server of 3.x. It has no way to say how many it takes;
/// mosquitto drops the connection on the 21st, and with 20 of them open it acknowledges a QoS 1
/// publish and forgets it.
const WINDOW_3: u16 = 20;

/// Bytes of a Message Expiry Interval.
const EXPIRY_LEN: usize = 5;
