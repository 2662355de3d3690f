//! SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10): which are due, within which limits, and what their answers
//! tell the application. It does not know when the driver takes them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::core::Core;
use super::output::Queued;
use super::{Error, ErrorCode, SubscriptionId, Token, incoming};
use crate::codec::{
    EncodeError, PacketIdentifier, PacketType, Properties, PropertiesBuf, Property, ReasonCode,
    SubscriptionIdentifier, SubscriptionOptions, TopicFilter, encode_filters,
};
use crate::session::{Answer, Request, Suspicion};

impl Core {
    /// One SUBSCRIBE or UNSUBSCRIBE. False when none is due or no identifier is free.
    pub(super) fn send_request(&mut self) -> bool {
        let next = self.session.subscriptions.next_request(self.identifies());
        next.is_some_and(|request| self.request(request))
    }

    /// The same of what may end the connection, once all other requests are answered.
    pub(super) fn send_suspect(&mut self) -> bool {
        if self.session.subscriptions.awaits_answer() {
            return false;
        }
        let next = self.session.subscriptions.next_suspect(self.identifies());
        next.is_some_and(|(_, request)| self.request(request))
    }

    /// Whether a publish is not sent now, as a subscription that is less suspected is tried before.
    pub(super) fn yields(&self, publish: Suspicion) -> bool {
        publish.exists()
            && self
                .session
                .subscriptions
                .next_suspect(self.identifies())
                .is_some_and(|(other, _)| other <= publish)
    }

    fn request(&mut self, mut request: Request) -> bool {
        if let Some((filter, reason)) = self.refusal(&request) {
            return self.refuse(&filter, reason);
        }
        let Some(identifier) = self.session.identifiers.take() else { return false };
        let start = self.outbox.len();
        let mut written = self.write_request(&request, identifier);
        if written.is_ok() && self.outbox.len() - start > self.server_maximum() {
            // The first of them alone.
            self.outbox.truncate(start);
            request.list.truncate(1);
            written = self.write_request(&request, identifier);
        }
        if written.is_err() || self.outbox.len() - start > self.server_maximum() {
            self.outbox.truncate(start);
            self.session.identifiers.release(identifier);
            let first = request.list.first();
            return first.is_some_and(|(it, _)| self.refuse(it, ReasonCode::PACKET_TOO_LARGE));
        }
        self.stats.packets_sent += 1;
        if self.session.subscriptions.requested(identifier, &request, self.now.as_millis()) {
            self.try_alone(identifier);
        }
        true
    }

    fn write_request(
        &mut self,
        request: &Request,
        packet_identifier: PacketIdentifier,
    ) -> Result<(), EncodeError> {
        let version = self.connecting.version();
        // It is not known when they are given whether the version has them.
        let mut properties =
            if version.is_v5() { request.properties.clone() } else { PropertiesBuf::new() };
        let identifier = SubscriptionIdentifier::new(request.identifier);
        if let Some(identifier) = identifier.filter(|_| self.identifies()) {
            properties.push(Property::SubscriptionIdentifier(identifier))?;
        }
        let packet =
            if request.subscribe { PacketType::Subscribe } else { PacketType::Unsubscribe };
        let (properties, out) = (&properties.as_properties(), self.outbox.end());
        let list = request.list.iter().map(|(filter, options)| (&**filter, *options));
        encode_filters(packet, packet_identifier, properties, list, version, out)
    }

    /// Whether subscriptions have an identifier on this connection (3.2.2.3.12).
    fn identifies(&self) -> bool {
        self.config.subscription_identifiers
            && self.connection.limits.subscription_identifier_available
    }

    /// The first filter that this server or version does not have.
    fn refusal(&self, request: &Request) -> Option<(Box<str>, ReasonCode)> {
        let mut list = request.list.iter().filter(|_| request.subscribe);
        list.find_map(|(filter, options)| {
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
        let v5 = self.connecting.version().is_v5();
        if !v5 && !options.is_plain() {
            return Some(ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR);
        }
        if filter.has_wildcard() && !self.connection.limits.wildcard_subscription_available {
            return Some(ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
        // Several servers have shared subscriptions in 3.1.1 too, and no way to say so.
        let shared = self.connection.limits.shared_subscription_available || !v5;
        (filter.share_name().is_some() && !shared)
            .then_some(ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED)
    }

    fn refuse(&mut self, filter: &str, reason: ReasonCode) -> bool {
        let mut answers = Vec::new();
        self.session.subscriptions.refuse(filter, Some(reason), &mut answers);
        self.answer(answers, Properties::EMPTY);
        true
    }

    /// Tells what became of subscriptions, with the properties of the packet that said so.
    pub(super) fn answer(&mut self, answers: Vec<Answer>, properties: Properties<'_>) {
        // Without a reason code there is none of these packets.
        self.answer_with(answers, properties, |code| {
            incoming::refused(code.unwrap_or(ReasonCode::UNSPECIFIED_ERROR), properties)
        });
    }

    /// The same, with another error for what was refused.
    pub(super) fn answer_with(
        &mut self,
        answers: Vec<Answer>,
        properties: Properties<'_>,
        refused: impl Fn(Option<ReasonCode>) -> Error,
    ) {
        for answer in answers {
            match answer {
                Answer::Subscribed(id, qos) => {
                    self.queue.push_back(Queued::Subscribed(Token(id), qos, properties.to_buf()));
                }
                Answer::Aborted(id) => {
                    let text = "unsubscribed before it was granted";
                    self.fail(Token(id), Error::new(ErrorCode::Aborted, text));
                }
                Answer::Refused(id, code) => self.fail(Token(id), refused(code)),
                Answer::Lost(id, code) => {
                    let told = Queued::SubscriptionLost(
                        SubscriptionId(id),
                        refused(code).in_phase(self.error_phase()),
                    );
                    self.queue.push_back(told);
                }
                Answer::Unsubscribed(token, code) if code.is_error() => {
                    self.fail(Token(token), refused(Some(code)));
                }
                Answer::Unsubscribed(token, code) => {
                    let told = Queued::Unsubscribed(Token(token), code, properties.to_buf());
                    self.queue.push_back(told);
                }
            }
        }
    }
}
