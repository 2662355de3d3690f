//! Packets to the server: what is due, in which order, and within which limits. It does not know
//! when the driver takes them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::aliases::Naming;
use super::core::Core;
use super::output::Queued;
use super::{Error, ErrorCode, Instant, Outcome, SubscriptionId, Token, incoming};
use crate::codec::{
    Acknowledgement, EncodeError, Filters, Packet, PacketIdentifier, PacketType, Properties,
    PropertiesBuf, Property, ProtocolVersion, Publish, QoS, ReasonCode, Subscribe, Subscription,
    SubscriptionIdentifier, SubscriptionOptions, Subscriptions, TopicFilter, Unsubscribe,
};
use crate::session::{Answer, OutboundMessage, Request, Resend};

impl Core {
    /// Whole packets of about `max` bytes.
    pub(super) fn transmit(&mut self, max: usize) -> Option<&[u8]> {
        if self.is_connected() {
            self.fill(max);
            self.progressed();
        }
        if self.frame.capacity() > KEPT {
            self.frame = Vec::new();
        }
        self.frame.clear();
        core::mem::swap(&mut self.frame, &mut self.pending);
        if self.frame.is_empty() {
            return None;
        }
        self.stats.bytes_sent += self.frame.len() as u64;
        self.liveness.sent(self.now);
        Some(&self.frame)
    }

    /// Writes what is due: subscriptions, so that nothing is missed; what was sent before, in its
    /// order; then what is new.
    pub(super) fn fill(&mut self, max: usize) {
        self.expire();
        while self.pending.len() < max {
            if !self.send_request() && !self.send_again() && !self.send_next() {
                break;
            }
        }
    }

    /// One SUBSCRIBE or UNSUBSCRIBE. False when none is due or no identifier is free.
    fn send_request(&mut self) -> bool {
        let identified = self.identifies();
        let Some(mut request) = self.subscriptions.next_request(identified) else { return false };
        if let Some((filter, reason)) = self.refusal(&request) {
            return self.refuse(&filter, reason);
        }
        let Some(identifier) = self.identifiers.take() else { return false };
        let start = self.pending.len();
        let mut written = self.write_request(&request, identifier);
        if written.is_ok() && self.pending.len() - start > self.server_maximum() {
            // The first of them alone.
            self.pending.truncate(start);
            match &mut request {
                Request::Subscribe { list, .. } => list.truncate(1),
                Request::Unsubscribe { list, .. } => list.truncate(1),
            }
            written = self.write_request(&request, identifier);
        }
        if written.is_err() || self.pending.len() - start > self.server_maximum() {
            self.pending.truncate(start);
            self.identifiers.release(identifier);
            let first = match request {
                Request::Subscribe { list, .. } => {
                    list.into_iter().next().map(|(filter, _)| filter)
                }
                Request::Unsubscribe { list, .. } => list.into_iter().next(),
            };
            return first.is_some_and(|it| self.refuse(&it, ReasonCode::PACKET_TOO_LARGE));
        }
        self.stats.packets_sent += 1;
        self.subscriptions.requested(identifier, &request);
        true
    }

    fn write_request(
        &mut self,
        request: &Request,
        packet_identifier: PacketIdentifier,
    ) -> Result<(), EncodeError> {
        match request {
            Request::Subscribe { identifier, properties, list } => {
                let mut properties = self.of_this_version(properties);
                if let Some(identifier) =
                    SubscriptionIdentifier::new(*identifier).filter(|_| self.identifies())
                {
                    properties.push(Property::SubscriptionIdentifier(identifier))?;
                }
                let properties = properties.as_properties();
                let list: Vec<_> = list
                    .iter()
                    .map(|(filter, options)| Subscription {
                        filter: TopicFilter::checked(filter),
                        options: *options,
                    })
                    .collect();
                let subscriptions = Subscriptions::List(&list);
                Subscribe { packet_identifier, properties, subscriptions }
                    .encode(self.version, &mut self.pending)
            }
            Request::Unsubscribe { properties, list } => {
                let properties = self.of_this_version(properties);
                let properties = properties.as_properties();
                let list: Vec<_> = list.iter().map(|filter| TopicFilter::checked(filter)).collect();
                let filters = Filters::List(&list);
                Unsubscribe { packet_identifier, properties, filters }
                    .encode(self.version, &mut self.pending)
            }
        }
    }

    /// Whether subscriptions have an identifier on this connection (3.2.2.3.12).
    fn identifies(&self) -> bool {
        self.config.subscription_identifiers && self.server_info.subscription_identifier_available
    }

    /// User Properties, as far as the version has them: it is not known when they are given.
    fn of_this_version(&self, properties: &PropertiesBuf) -> PropertiesBuf {
        if self.version.is_v5() { properties.clone() } else { PropertiesBuf::new() }
    }

    /// The first filter that this server or version does not have.
    fn refusal(&self, request: &Request) -> Option<(Box<str>, ReasonCode)> {
        let Request::Subscribe { list, .. } = request else { return None };
        list.iter().find_map(|(filter, options)| {
            let reason = self.subscription_limit(TopicFilter::checked(filter), *options)?;
            Some((filter.clone(), reason))
        })
    }

    /// The reason code a subscription would be refused with (3.2.2.3.11 to 13).
    pub(super) fn subscription_limit(
        &self,
        filter: TopicFilter<'_>,
        options: SubscriptionOptions,
    ) -> Option<ReasonCode> {
        let v5 = self.version.is_v5();
        if !v5 && !options.is_plain() {
            return Some(ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR);
        }
        if filter.has_wildcard() && !self.server_info.wildcard_subscription_available {
            return Some(ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
        // Several servers have shared subscriptions in 3.1.1 too, and no way to say so.
        let shared = self.server_info.shared_subscription_available || !v5;
        (filter.share_name().is_some() && !shared)
            .then_some(ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED)
    }

    fn refuse(&mut self, filter: &str, reason: ReasonCode) -> bool {
        let mut answers = Vec::new();
        self.subscriptions.refuse(filter, reason, &mut answers);
        self.answer(answers, Properties::EMPTY);
        true
    }

    /// Tells what became of subscriptions, with the properties of the packet that said so.
    pub(super) fn answer(&mut self, answers: Vec<Answer>, properties: Properties<'_>) {
        for answer in answers {
            match answer {
                Answer::Subscribed(id, qos) => {
                    self.queue.push_back(Queued::Subscribed(Token(id), qos, properties.to_buf()));
                }
                Answer::Aborted(id) => {
                    let text = "unsubscribed before it was granted";
                    self.fail(Token(id), Error::new(ErrorCode::Aborted, text));
                }
                Answer::Refused(id, code) => {
                    self.fail(Token(id), incoming::refused(code, properties));
                }
                Answer::Lost(id, code) => {
                    let error = incoming::refused(code, properties);
                    self.queue.push_back(Queued::SubscriptionLost(SubscriptionId(id), error));
                }
                Answer::Unsubscribed(token, code) if code.is_error() => {
                    self.fail(Token(token), incoming::refused(code, properties));
                }
                Answer::Unsubscribed(token, code) => {
                    let told = Queued::Unsubscribed(Token(token), code, properties.to_buf());
                    self.queue.push_back(told);
                }
            }
        }
    }

    /// One publish or PUBREL of the session that was resumed. False when there is none, or the
    /// server's Receive Maximum is reached [MQTT-3.3.4-9].
    fn send_again(&mut self) -> bool {
        match self.outbound.resend() {
            None => return false,
            Some(Resend::Pubrel(identifier)) => {
                let pubrel = Acknowledgement::success(identifier);
                // Cannot fail: there is nothing in it that a version lacks.
                let _ = pubrel.encode(PacketType::Pubrel, self.version, &mut self.pending);
                self.stats.packets_sent += 1;
            }
            Some(Resend::Publish(identifier, message)) => {
                if self.window_is_full(message.qos) {
                    return false;
                }
                // By its name: the alias it was first sent with was of another connection.
                let written = self.check(message).and_then(|_| {
                    let (version, now) = (self.version, self.now);
                    let packet = message.packet(Some(identifier), true);
                    write(packet, message.expires_at, Naming::Name, version, now, &mut self.pending)
                });
                if let Err(error) = written {
                    return self.give_up(identifier, error);
                }
                self.stats.packets_sent += 1;
                self.stats.messages_sent += 1;
            }
        }
        self.outbound.resent();
        true
    }

    /// Whether another publish has to wait for an acknowledgement [MQTT-3.3.4-9].
    fn window_is_full(&self, qos: QoS) -> bool {
        match qos {
            QoS::AtMostOnce => false,
            QoS::ExactlyOnce if !self.version.is_v5() => {
                self.outbound.counted_exactly_once() >= WINDOW_3
            }
            _ => self.outbound.counted() >= self.server_info.receive_maximum,
        }
    }

    /// A message in flight that this connection does not take.
    fn give_up(&mut self, identifier: PacketIdentifier, error: Error) -> bool {
        if let Some(token) = self.outbound.give_up(identifier) {
            self.identifiers.release(identifier);
            self.fail(Token(token), error);
        }
        true
    }

    /// One publish of the queue. False when there is none or it has to wait.
    fn send_next(&mut self) -> bool {
        let Some(message) = self.outbound.front() else { return false };
        if self.outbound.resend().is_some() {
            return false;
        }
        let (token, qos) = (Token(message.token), message.qos);
        if self.window_is_full(qos) {
            return false;
        }
        let identifier = match qos {
            QoS::AtMostOnce => None,
            _ => match self.identifiers.take() {
                Some(identifier) => Some(identifier),
                None => return false,
            },
        };
        let written = match self.check(message) {
            Ok(len) => {
                let (version, now) = (self.version, self.now);
                let room = self.server_maximum() - len;
                let packet = message.packet(identifier, false);
                let aliases = &mut self.sent_aliases;
                let naming = aliases.name(packet.topic, room);
                write(packet, message.expires_at, naming, version, now, &mut self.pending)
                    .inspect(|()| aliases.sent(packet.topic, naming))
            }
            Err(error) => Err(error),
        };
        match (written, identifier) {
            (Ok(()), Some(identifier)) => self.outbound.start(identifier),
            (Ok(()), None) => {
                self.outbound.pop();
                let (reason_code, properties) = (ReasonCode::SUCCESS, Properties::EMPTY);
                self.complete(token, Outcome::Published { reason_code, properties });
            }
            (Err(error), identifier) => {
                if let Some(identifier) = identifier {
                    self.identifiers.release(identifier);
                }
                self.outbound.pop();
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
        let server = &self.server_info;
        if message.qos > server.maximum_qos {
            // [MQTT-3.2.2-11]
            return Err(Error::unsupported("the server does not support this QoS"));
        }
        if message.retain && !server.retain_available {
            // [MQTT-3.2.2-14]
            return Err(Error::unsupported("the server does not retain messages"));
        }
        if !self.version.is_v5() && !message.properties.is_empty() {
            return Err(Error::unsupported("MQTT 3.x has no properties"));
        }
        let expiry = if message.expires_at.is_some() { EXPIRY_LEN } else { 0 };
        let identifier = PacketIdentifier::new(1).filter(|_| message.qos != QoS::AtMostOnce);
        let len = message.packet(identifier, false).encoded_len(self.version) + expiry;
        if len > self.server_maximum() {
            // [MQTT-3.2.2-15]
            let text = "the message is longer than the server's Maximum Packet Size";
            return Err(Error::new(ErrorCode::TooLarge, text));
        }
        Ok(len)
    }

    pub(super) fn server_maximum(&self) -> usize {
        self.server_info.maximum_packet_size as usize
    }

    /// Queued messages whose time is over fail.
    pub(super) fn expire(&mut self) {
        let mut expired = Vec::new();
        self.outbound.expire(self.now.as_millis(), &mut expired);
        for token in expired {
            let error = Error::new(ErrorCode::Timeout, "the message expired before it was sent");
            self.fail(Token(token), error);
            self.progressed();
        }
    }

    /// A PINGREQ, to be answered within `limit`.
    pub(super) fn send_ping(&mut self, token: Option<Token>, limit: Duration) {
        self.stats.packets_sent += 1;
        // Cannot fail: it is two bytes.
        let _ = Packet::Pingreq.encode(self.version, &mut self.pending);
        self.pings.push_back((self.now, token));
        self.liveness.probe(self.now, limit);
    }

    /// Publishes have ended, or may have: those who wait for the last of them are told.
    pub(super) fn progressed(&mut self) {
        if !self.flushes.is_empty() {
            let outbound = &self.outbound;
            let (waiting, done): (Vec<_>, Vec<_>) =
                self.flushes.drain(..).partition(|token| outbound.before(token.get()));
            self.flushes = waiting;
            for token in done {
                self.complete(token, Outcome::Flushed);
            }
        }
        if self.closing.is_some() && self.outbound.is_empty() {
            self.finish();
        }
    }
}

/// Writes a PUBLISH; the expiry it carries is what is left of it.
fn write(
    packet: Publish<'_>,
    expires_at: Option<u64>,
    naming: Naming,
    version: ProtocolVersion,
    now: Instant,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let expires_at = expires_at.filter(|_| version.is_v5());
    if expires_at.is_none() && naming == Naming::Name {
        return Ok(packet.encode(version, out)?);
    }
    let mut properties = packet.properties.to_buf();
    if let Some(at) = expires_at {
        let left = at.saturating_sub(now.as_millis()).div_ceil(1000);
        properties
            .push(Property::MessageExpiryInterval(u32::try_from(left).unwrap_or(u32::MAX)))?;
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

/// QoS 2 publishes that a server of 3.x gets at once. It has no way to say how many it takes, and
/// mosquitto drops the connection on the 21st.
const WINDOW_3: u16 = 20;

/// Bytes of a Message Expiry Interval.
const EXPIRY_LEN: usize = 5;

/// Capacity of the lent frame that is kept; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
