//! What the application asks for. It checks arguments and queues; what is sent when is `outgoing`'s
//! matter.

use alloc::vec::Vec;

use super::core::{Core, Phase};
use super::outgoing::expires_at;
use super::{
    Config, DisconnectOptions, Error, ErrorCode, OfflineQos0, Outcome, PublishRequest,
    SubscribeRequest, SubscriptionId, Token,
};
use crate::codec::{
    Disconnect, Properties, PropertiesBuf, Property, QoS, ReasonCode, TopicFilter, TopicName,
};
use crate::session::{Details, OutboundMessage, Suspicion};

impl Core {
    pub(super) fn connect(&mut self) -> Result<(), Error> {
        self.still_open()?;
        if self.phase == Phase::Idle {
            self.attempt();
        }
        Ok(())
    }

    pub(super) fn publish(&mut self, request: PublishRequest<'_>) -> Result<Token, Error> {
        // The word that was given for this publish is not for the next one, whatever becomes of this one.
        let kept = self.kept();
        self.still_open()?;
        TopicName::new(request.topic)?;
        let offered = request.properties.as_properties();
        let expires_at = expires_at(offered, self.now);
        let properties = publish_properties(offered)?;
        check_payload_format(offered.payload_format_indicator(), &request.payload)?;
        if self.config.only_3() && !properties.is_empty() {
            return Err(Error::unsupported("MQTT 3.x has no properties"));
        }
        let plain = properties.is_empty() && expires_at.is_none() && kept.is_none();
        let details = (!plain).then(|| Details { properties, expires_at, kept }.into());
        let message = OutboundMessage {
            token: 0,
            topic: self.session.outbound.topic(request.topic),
            payload: request.payload.into(),
            qos: request.qos,
            retain: request.retain,
            suspicion: Suspicion::default(),
            details,
        };
        if self.is_connected() {
            self.check(&message)?;
        } else if request.qos == QoS::AtMostOnce && self.config.queue.qos0 == OfflineQos0::Reject {
            return Err(Error::new(ErrorCode::NotConnected, "there is no connection"));
        }
        let token = self.token();
        let limits = &self.config.queue;
        self.session
            .outbound
            .push(
                OutboundMessage { token: token.get(), ..message },
                limits.max_messages,
                limits.max_bytes,
            )
            .map_err(|_| Error::new(ErrorCode::QueueFull, "the queue is at its limit"))?;
        Ok(token)
    }

    pub(super) fn subscribe(
        &mut self,
        filter: &str,
        request: SubscribeRequest,
    ) -> Result<SubscriptionId, Error> {
        self.still_open()?;
        let SubscribeRequest { options, manual, properties } = request;
        self.check_user_properties(&properties)?;
        let filter = TopicFilter::new(filter)?;
        if options.no_local && filter.share_name().is_some() {
            // [MQTT-3.8.3-4]
            return Err(Error::invalid("No Local does not go with a shared subscription"));
        }
        if self.config.only_3() && !options.is_plain() {
            return Err(Error::unsupported("MQTT 3.x has no subscription options but QoS"));
        }
        if self.is_connected() {
            if let Some(reason) = self.subscription_limit(filter, options) {
                let text = match reason {
                    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR => {
                        "MQTT 3.x has no subscription options but QoS"
                    }
                    _ => reason.name(),
                };
                return Err(Error::unsupported(text));
            }
        }
        let id = SubscriptionId(self.token().get());
        self.session.subscriptions.subscribe(id.get(), filter, options, manual, properties);
        Ok(id)
    }

    pub(super) fn unsubscribe_filter(
        &mut self,
        filter: &str,
        properties: PropertiesBuf,
    ) -> Result<Token, Error> {
        self.still_open()?;
        self.check_user_properties(&properties)?;
        let filter = TopicFilter::new(filter)?;
        let token = self.token();
        if !self.session.subscriptions.unsubscribe_filter(filter, token.get(), properties) {
            return Err(Error::invalid(
                "this client subscribes to that filter: end its subscriptions",
            ));
        }
        Ok(token)
    }

    pub(super) fn unsubscribe(
        &mut self,
        id: SubscriptionId,
        properties: PropertiesBuf,
    ) -> Result<Token, Error> {
        self.still_open()?;
        self.check_user_properties(&properties)?;
        let token = self.token();
        let mut answers = Vec::new();
        if !self.session.subscriptions.unsubscribe(id.get(), token.get(), properties, &mut answers)
        {
            return Err(Error::invalid("there is no such subscription"));
        }
        self.answer(answers, Properties::EMPTY);
        Ok(token)
    }

    /// What SUBSCRIBE and UNSUBSCRIBE may be given.
    fn check_user_properties(&self, properties: &PropertiesBuf) -> Result<(), Error> {
        if self.config.only_3() && !properties.is_empty() {
            return Err(Error::unsupported("MQTT 3.x has no User Properties"));
        }
        let mut all = properties.as_properties().iter();
        if !all.all(|property| matches!(property, Property::UserProperty(_))) {
            return Err(Error::invalid("a property that an application does not set"));
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, token: Token) -> bool {
        let taken = self.session.outbound.cancel(token.get());
        self.flushes.retain(|flush| *flush != token);
        self.connection.forget(token);
        if taken {
            self.progressed();
        }
        taken
    }

    pub(super) fn ping(&mut self) -> Result<Token, Error> {
        self.still_open()?;
        if !self.is_connected() {
            return Err(Error::new(ErrorCode::NotConnected, "there is no connection"));
        }
        let token = self.token();
        self.send_ping(Some(token), self.connection.liveness.patience());
        Ok(token)
    }

    pub(super) fn flush(&mut self) -> Token {
        let token = self.token();
        if self.phase == Phase::Closed {
            self.fail(token, Error::closed());
        } else {
            self.flushes.push(token);
            self.progressed();
        }
        token
    }

    pub(super) fn disconnect(&mut self, options: DisconnectOptions) {
        if self.phase == Phase::Closed {
            return;
        }
        let until = self.now + options.drain.unwrap_or_default();
        let waits = options.drain.is_some() && self.phase != Phase::Idle && !self.is_drained();
        self.closing = Some((options, until));
        if waits {
            self.report();
        } else {
            self.finish();
        }
    }

    /// Ends the connection as `disconnect` asked for, and the client.
    pub(super) fn finish(&mut self) {
        let Some((options, _)) = self.closing.take() else { return };
        self.leave(&options);
        self.end(None);
    }

    /// Sends what can be, and DISCONNECT, and has the WebSocket closed.
    pub(super) fn leave(&mut self, options: &DisconnectOptions) {
        match self.phase {
            Phase::Connected { .. } => {
                let with_will = options.reason_code == ReasonCode::DISCONNECT_WITH_WILL_MESSAGE;
                self.expire();
                while !self.outbox.is_held() && !self.is_trying() && self.send_one() {}
                // The next page sends it.
                self.outbox.drop_held();
                if self.connecting.version().is_v5() || !with_will {
                    self.send_disconnect(options);
                }
                self.close_socket();
            }
            Phase::Opening { .. } | Phase::AwaitConnack { .. } => {
                self.outbox.clear();
                self.close_socket();
            }
            _ => {}
        }
    }

    /// Takes other options, for the connections that follow.
    pub(super) fn configure(&mut self, config: Config) -> Result<Token, Error> {
        self.still_open()?;
        config.check()?;
        if self.phase != Phase::Idle {
            return Err(Error::unsupported("options change only while there is no connection"));
        }
        if config.client_identifier != self.config.client_identifier {
            return Err(Error::invalid("a client keeps its client identifier"));
        }
        self.connecting.configure(config.version, self.config.version);
        self.config = config;
        let token = self.token();
        self.complete(token, Outcome::Done);
        Ok(token)
    }

    pub(super) fn send_disconnect(&mut self, options: &DisconnectOptions) {
        let mut properties = PropertiesBuf::new();
        let mut reason_code = ReasonCode::SUCCESS;
        if self.connecting.version().is_v5() {
            if is_of_client(options.reason_code) {
                reason_code = options.reason_code;
            }
            // [MQTT-3.14.2-2]: a session that was to end with the connection cannot be kept.
            let kept = self.config.session_expiry_interval > 0;
            // [MQTT-3.2.2-15]: nine bytes with it.
            let fits = self.server_maximum() >= 9;
            let seconds = options.session_expiry_interval;
            if let Some(seconds) = seconds.filter(|it| fits && (kept || *it == 0)) {
                // Cannot fail: it is the first.
                let _ = properties.push(Property::SessionExpiryInterval(seconds));
            }
            // [MQTT-3.14.2-3] [MQTT-3.14.2-4] (5.0)
            let room = self.server_maximum().saturating_sub(DISCONNECT_LEN);
            if options.properties.len() <= room {
                for property in options.properties.as_properties().iter() {
                    // Refused where it may not stand: then nothing is said but the reason code.
                    let _ = properties.push(property);
                }
            }
        }
        let packet = Disconnect { reason_code, properties: properties.as_properties() };
        self.stats.packets_sent += 1;
        if packet.encode(self.connecting.version(), self.outbox.end()).is_err() {
            // A reason code that DISCONNECT does not have.
            let plain =
                Disconnect { reason_code: ReasonCode::SUCCESS, properties: Properties::EMPTY };
            let _ = plain.encode(self.connecting.version(), self.outbox.end());
        }
    }

    pub(super) fn abandon(&mut self) {
        self.outbox.clear();
        if self.listens() || matches!(self.phase, Phase::Opening { .. }) {
            self.close_socket();
        }
        self.closing = None;
        self.end(None);
    }

    pub(super) fn routes(
        &mut self,
        topic: TopicName<'_>,
        identifiers: &[u32],
        into: &mut Vec<SubscriptionId>,
    ) {
        self.session.subscriptions.routes(topic, identifiers, |id| into.push(SubscriptionId(id)));
    }

    pub(super) fn still_open(&self) -> Result<(), Error> {
        if self.phase == Phase::Closed || self.closing.is_some() {
            return Err(Error::closed());
        }
        Ok(())
    }
}

/// Whether a client may give that reason in DISCONNECT (3.14.2.1) [MQTT-3.14.2-1].
const fn is_of_client(code: ReasonCode) -> bool {
    matches!(code.value(), 0x00 | 0x04 | 0x80..=0x83 | 0x90 | 0x93..=0x99)
}

/// A payload that is said to be text has to be (5.0, 3.3.2.3.2).
pub(super) fn check_payload_format(text: Option<bool>, payload: &[u8]) -> Result<(), Error> {
    if text == Some(true) && core::str::from_utf8(payload).is_err() {
        return Err(Error::invalid("the payload is not UTF-8 text, as its format says"));
    }
    Ok(())
}

/// The properties of a publish but its expiry.
fn publish_properties(offered: Properties<'_>) -> Result<PropertiesBuf, Error> {
    let mut properties = PropertiesBuf::new();
    for property in offered.iter() {
        match property {
            Property::MessageExpiryInterval(_) => continue,
            Property::ResponseTopic(topic) => {
                // [MQTT-3.3.2-14]
                TopicName::new(topic)?;
            }
            Property::PayloadFormatIndicator(_)
            | Property::ContentType(_)
            | Property::CorrelationData(_)
            | Property::UserProperty(_) => {}
            _ => return Err(Error::invalid("a property that an application does not set")),
        }
        properties.push(property)?;
    }
    Ok(properties)
}

/// Bytes of a DISCONNECT besides its properties: five of fixed header, reason code, four of Property
/// Length, a Session Expiry Interval.
const DISCONNECT_LEN: usize = 5 + 1 + 4 + 5;
