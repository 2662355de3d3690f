//! Packets from the server on an open connection. It answers them and says what is for the
//! application; the bytes they lie in are not its own.

use alloc::vec::Vec;

use core::time::Duration;

use super::core::{Core, Phase};
use super::policy::{self, Verdict};
use super::{Backlog, Credentials, Error, ErrorCode, Message, Outcome, Token};
use crate::codec::{Disconnect, Packet, Properties, Publish, QoS, ReasonCode, Suback};

/// What a packet has for the application that borrows its bytes.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// Nothing, or it is queued.
    Done,
    Message(Message<'a>),
    /// The topic stands under that alias.
    Aliased(Message<'a>, u16),
    Published(Token, Outcome<'a>),
}

/// Of a PUBLISH: where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload {
    /// Among all bytes of the connection.
    pub(super) offset: u64,
    pub(super) len: usize,
    /// It is not the text that it is said to be.
    pub(super) not_text: bool,
}

impl Core {
    /// Bytes came. False when nobody is interested.
    pub(super) fn received(&mut self, len: usize) -> bool {
        if !self.listens() {
            return false;
        }
        self.stats.bytes_received += len as u64;
        self.connection.liveness.received(self.now);
        true
    }

    /// Whether a payload has to be looked at (5.0, 3.3.2.3.2).
    pub(super) fn reads_payload(&self, packet: &Packet<'_>) -> bool {
        self.config.check_payload_format
            && matches!(packet, Packet::Publish(publish)
                if publish.properties.payload_format_indicator() == Some(true))
    }

    /// A packet; of a PUBLISH the head, and where its payload is.
    pub(super) fn receive<'a>(&mut self, packet: Packet<'a>, payload: Payload) -> Step<'a> {
        self.stats.packets_received += 1;
        match (self.phase, packet) {
            (Phase::AwaitConnack { asked, clean_start, .. }, Packet::Connack(connack)) => {
                self.connack(&connack, asked, clean_start);
            }
            (Phase::AwaitConnack { .. }, Packet::Auth(auth)) => self.auth_received(&auth),
            (Phase::Connected { .. }, Packet::Publish(publish)) => {
                return self.publish_received(&publish, payload);
            }
            (Phase::Connected { .. }, packet) => return self.received_other(packet),
            _ => self.breach("the first packet is not CONNACK"),
        }
        Step::Done
    }

    fn received_other<'a>(&mut self, packet: Packet<'a>) -> Step<'a> {
        if !self.config.request_problem_information && explains(&packet) {
            // [MQTT-3.1.2-29] (5.0)
            self.breach("a reason or a User Property that was not asked for");
            return Step::Done;
        }
        match packet {
            Packet::Puback(ack) => {
                let found = self.session.outbound.puback(ack.packet_identifier);
                return self.acknowledged(found, &ack);
            }
            Packet::Pubrec(ack) => return self.pubrec(&ack),
            Packet::Pubrel(ack) => self.pubrel(&ack),
            Packet::Pubcomp(ack) => {
                // What became of the message was said by PUBREC.
                let said = self.session.outbound.reason(ack.packet_identifier);
                let found = self.session.outbound.pubcomp(ack.packet_identifier);
                let mut ack = ack;
                if let Some(reason_code) = said {
                    ack.reason_code = reason_code;
                }
                return self.acknowledged(found, &ack);
            }
            Packet::Suback(suback) => self.suback(&suback, true),
            Packet::Unsuback(suback) => self.suback(&suback, false),
            Packet::Pingresp => self.pong(),
            Packet::Disconnect(disconnect) => self.disconnect_received(&disconnect),
            Packet::Auth(auth) => self.auth_received(&auth),
            Packet::Connack(_) => self.breach("a second CONNACK"),
            _ => self.breach("a packet that was not asked for"),
        }
        Step::Done
    }

    fn publish_received<'a>(&mut self, publish: &Publish<'a>, payload: Payload) -> Step<'a> {
        let alias = match self.resolve(publish) {
            Ok(alias) => alias,
            Err((code, what)) => {
                self.broken(code, what);
                return Step::Done;
            }
        };
        // 5.0, 3.3.2.3.2
        if payload.not_text && publish.packet_identifier.is_none() {
            let what = "a payload is not the text it is said to be";
            self.broken(ReasonCode::PAYLOAD_FORMAT_INVALID, what);
            return Step::Done;
        }
        let mut delivery = None;
        if let Some(identifier) = publish.packet_identifier {
            let exactly_once = publish.qos == QoS::ExactlyOnce;
            if exactly_once && self.session.inbound.knows(identifier) {
                self.session.inbound.publish(identifier);
                // [MQTT-4.3.3-10] (5.0): answered, where the first one was, and not delivered; in its turn
                // [MQTT-4.6.0-3].
                if !self.session.deliveries.again(identifier) {
                    self.session.deliveries.push(publish.qos, identifier, 0, ReasonCode::SUCCESS);
                }
                self.answer_deliveries();
                return Step::Done;
            }
            let v5 = self.connecting.version().is_v5();
            let unacknowledged =
                self.session.inbound.counted() + self.session.deliveries.at_least_once();
            if v5 && unacknowledged >= usize::from(self.config.receive_maximum) {
                // [MQTT-3.3.4-9] (5.0)
                let text = "the server exceeds the Receive Maximum";
                self.broken(ReasonCode::RECEIVE_MAXIMUM_EXCEEDED, text);
                return Step::Done;
            }
            if exactly_once {
                self.session.inbound.publish(identifier);
            }
            if payload.not_text {
                let reason_code = ReasonCode::PAYLOAD_FORMAT_INVALID;
                self.session.deliveries.push(publish.qos, identifier, 0, reason_code);
                self.answer_deliveries();
                return Step::Done;
            }
            delivery = self.deliver(publish, alias, identifier);
        } else if self.backlog == Backlog::Full {
            self.stats.messages_dropped += 1;
            return Step::Done;
        }
        self.stats.messages_received += 1;
        let message = Message {
            topic: publish.topic,
            payload_offset: payload.offset,
            payload_len: payload.len,
            qos: publish.qos,
            retain: publish.retain,
            duplicate: publish.duplicate,
            packet_identifier: publish.packet_identifier,
            properties: publish.properties,
            delivery,
            ahead_of_store: publish.qos == QoS::ExactlyOnce
                && delivery.is_none()
                && self.storing.is_ahead(),
        };
        match alias {
            Some(alias) if publish.topic.is_empty() => Step::Aliased(message, alias),
            _ => Step::Message(message),
        }
    }

    /// Keeps or looks up the Topic Alias (5.0, 3.3.2.3.4).
    fn resolve(
        &mut self,
        publish: &Publish<'_>,
    ) -> Result<Option<u16>, (ReasonCode, &'static str)> {
        let Some(alias) = publish.properties.topic_alias() else { return Ok(None) };
        if alias > self.config.topic_alias_maximum {
            // [MQTT-3.3.2-9]
            let what = "the Topic Alias is above the Topic Alias Maximum";
            return Err((ReasonCode::TOPIC_ALIAS_INVALID, what));
        }
        if publish.topic.is_empty() {
            return if self.connection.received_aliases.topic(alias).is_some() {
                Ok(Some(alias))
            } else {
                Err((ReasonCode::PROTOCOL_ERROR, "a Topic Alias that stands for nothing"))
            };
        }
        self.connection.received_aliases.set(alias, publish.topic);
        Ok(Some(alias))
    }

    fn suback(&mut self, suback: &Suback<'_>, subscribe: bool) {
        let identifier = suback.packet_identifier;
        let mut answers = Vec::new();
        let codes = suback.reason_codes;
        if self.session.subscriptions.answered(identifier, subscribe, codes, &mut answers) {
            self.session.identifiers.release(identifier);
            self.answer(answers, suback.properties);
            self.progressed();
        } else {
            self.breach("a SUBACK or UNSUBACK that answers nothing");
        }
    }

    fn pong(&mut self) {
        let Some((round_trip, token)) = self.connection.ponged(self.now) else { return };
        let round_trip = Duration::from_millis(round_trip.into());
        self.stats.round_trip = Some(round_trip);
        if let Some(token) = token {
            self.complete(token, Outcome::Pong { round_trip });
        }
    }

    fn disconnect_received(&mut self, disconnect: &Disconnect<'_>) {
        let code = disconnect.reason_code;
        let error_code = match code {
            ReasonCode::SESSION_TAKEN_OVER => ErrorCode::TakenOver,
            ReasonCode::NOT_AUTHORIZED => ErrorCode::Auth,
            _ => ErrorCode::Disconnected,
        };
        let error = Error::new(error_code, "the server ended the connection")
            .reason(code, disconnect.properties);
        self.outbox.clear();
        self.close_socket();
        let mut verdict = policy::of_disconnect(code);
        let asks = matches!(self.config.credentials, Credentials::Ask);
        let unanswered = self.session.awaits_answer();
        if verdict == Verdict::Credentials && (unanswered || !asks) {
            // It may be about what was sent; if it is about the credentials, CONNACK will say so.
            verdict = Verdict::Retry;
        }
        if verdict == Verdict::Elsewhere
            && self.follow(code, disconnect.properties.server_reference())
        {
            verdict = Verdict::Again;
        }
        self.lost(error, verdict);
    }

    pub(super) fn breach(&mut self, what: &'static str) {
        self.broken(ReasonCode::PROTOCOL_ERROR, what);
    }

    /// The server broke the protocol: DISCONNECT with the reason (5.0), close, try again (4.13).
    pub(super) fn broken(&mut self, code: ReasonCode, what: &'static str) {
        if !self.listens() {
            return;
        }
        if !self.is_connected() {
            self.outbox.clear();
        } else if self.connecting.version().is_v5() {
            self.outbox.drop_held();
            let packet = Disconnect { reason_code: code, properties: Properties::EMPTY };
            self.stats.packets_sent += 1;
            // Cannot fail: these reason codes may stand in a DISCONNECT.
            let _ = packet.encode(self.connecting.version(), self.outbox.end());
        }
        self.close_socket();
        let error = Error::new(ErrorCode::ProtocolError, what).reason(code, Properties::EMPTY);
        self.lost(error, Verdict::Retry);
    }
}

/// Whether it has what `request_problem_information` asks for.
fn explains(packet: &Packet<'_>) -> bool {
    let properties = match packet {
        Packet::Puback(ack) | Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => {
            ack.properties
        }
        Packet::Suback(suback) | Packet::Unsuback(suback) => suback.properties,
        Packet::Auth(auth) => auth.properties,
        _ => return false,
    };
    properties.reason_string().is_some() || properties.user_properties().next().is_some()
}

/// A request that the server refused.
pub(super) fn refused(code: ReasonCode, properties: Properties<'_>) -> Error {
    let name = if code.name().is_empty() { "the server refused" } else { code.name() };
    let retryable = matches!(
        code,
        ReasonCode::UNSPECIFIED_ERROR
            | ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR
            | ReasonCode::QUOTA_EXCEEDED
            | ReasonCode::PACKET_IDENTIFIER_IN_USE
    );
    let mut error = Error::new(ErrorCode::Refused, name).retryable(retryable);
    error.phase = super::Phase::Connected;
    error.reason(code, properties)
}
