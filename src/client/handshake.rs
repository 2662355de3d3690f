//! CONNECT and CONNACK (3.1, 3.2). It knows what both say; when to try again is `core`'s matter.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::{NonZeroU16, NonZeroU32};

use super::config::check_credentials;
use super::connection::Connection;
use super::core::{Core, Phase};
use super::liveness::Liveness;
use super::output::Queued;
use super::policy::{self, Verdict};
use super::server_info::LARGEST_PACKET;
use super::{
    Config, Credentials, DisconnectOptions, Error, ErrorCode, Instant, Republished, Resubscribe,
    ServerInfo, Token, authentication,
};
use crate::codec::{
    Connack, Connect, EncodeError, Properties, PropertiesBuf, Property, ProtocolVersion,
    ReasonCode, TopicName, Will,
};

impl Core {
    pub(super) fn provide_credentials(
        &mut self,
        username: Option<String>,
        password: Option<Vec<u8>>,
    ) {
        if self.phase != Phase::Authorizing {
            return;
        }
        match check_credentials(username.as_deref(), password.as_deref()) {
            Ok(()) => {
                self.connecting.login.give((username, password));
                self.authenticate_or_open();
            }
            Err(error) => self.lost(error, Verdict::Retry),
        }
    }

    pub(super) fn refuse_credentials(&mut self) {
        if self.phase == Phase::Authorizing {
            let error = Error::new(ErrorCode::Auth, "the application gave no credentials");
            self.lost(error, Verdict::Retry);
        }
    }

    /// The WebSocket is open: CONNECT is the first packet [MQTT-3.1.0-1].
    pub(super) fn opened(&mut self) {
        let Phase::Opening { since } = self.phase else { return };
        self.outbox.clear();
        self.stats.packets_sent += 1;
        // In 5.0 the session of the connection before is wanted, whatever the first CONNECT said.
        let v5 = self.connecting.version().is_v5();
        let clean_start = match self.storing.is_wanted() {
            true => self.begins_clean(),
            false => self.config.clean_start && (!v5 || self.connecting.connections() == 0),
        };
        match self.write_connect(clean_start) {
            Ok(()) => {
                self.enter(Phase::AwaitConnack { since, asked: self.now, clean_start });
            }
            Err(error) => {
                self.close_socket();
                self.lost(error.into(), Verdict::Fatal);
            }
        }
    }

    fn write_connect(&mut self, clean_start: bool) -> Result<(), EncodeError> {
        let v5 = self.connecting.version().is_v5();
        if !v5 && !clean_start && self.session.client_identifier.is_empty() {
            // [MQTT-3.1.3-7] (3.1.1), where 5.0 was hoped for.
            return Err(EncodeError::NotInThisVersion);
        }
        let (asked, authentication) = self.connecting.login.take();
        let (username, password) = match (&self.config.credentials, &asked) {
            (Credentials::Fixed { username, password }, _) => (username, password),
            (Credentials::Ask, Some((username, password))) => (username, password),
            (Credentials::Ask, None) => (&None, &None),
        };
        let properties = match v5 {
            true => connect_properties(&self.config, authentication.as_deref())?,
            false => PropertiesBuf::new(),
        };
        let will_properties = match &self.config.will {
            Some(will) if v5 => will.properties()?,
            _ => PropertiesBuf::new(),
        };
        Connect {
            version: self.connecting.version(),
            client_identifier: &self.session.client_identifier,
            clean_start,
            keep_alive: self.config.keep_alive,
            username: username.as_deref(),
            password: password.as_deref(),
            will: self.config.will.as_ref().map(|will| Will {
                topic: TopicName::checked(&will.topic),
                payload: &will.payload,
                qos: will.qos,
                retain: will.retain,
                properties: will_properties.as_properties(),
            }),
            properties: properties.as_properties(),
        }
        .encode(self.outbox.end())
    }

    /// CONNACK, to a CONNECT of that time.
    pub(super) fn connack(&mut self, connack: &Connack<'_>, asked: Instant, clean_start: bool) {
        if connack.reason_code.is_error() {
            return self.refused(connack);
        }
        if connack.session_present && clean_start {
            // [MQTT-3.2.2-2] (5.0), [MQTT-3.2.2-1] (3.1.1)
            return self.broken(ReasonCode::PROTOCOL_ERROR, "Session Present after a clean start");
        }
        if !self.authenticated(connack) {
            // [MQTT-4.12.0-5] [MQTT-4.12.0-6] (5.0)
            let what = "CONNACK with another authentication method than CONNECT";
            return self.broken(ReasonCode::PROTOCOL_ERROR, what);
        }
        let properties = &connack.properties;
        if properties.assigned_client_identifier().is_some()
            && !self.session.client_identifier.is_empty()
        {
            // 3.2.2.3.7
            let what = "an Assigned Client Identifier where the client has one";
            return self.broken(ReasonCode::PROTOCOL_ERROR, what);
        }
        if properties.response_information().is_some() && !self.config.request_response_information
        {
            // [MQTT-3.1.2-28] (5.0)
            let what = "Response Information that was not asked for";
            return self.broken(ReasonCode::PROTOCOL_ERROR, what);
        }
        let smallest = properties.maximum_packet_size().is_some_and(|it| it.get() < SMALLEST);
        if smallest {
            let what = "the server's Maximum Packet Size has no room for an acknowledgement";
            self.close_socket();
            return self.lost(Error::new(ErrorCode::ConnectionRefused, what), Verdict::Elsewhere);
        }
        if self.discards(connack.session_present, clean_start) {
            self.send_disconnect(&DisconnectOptions::default());
            self.close_socket();
            let what = "the server has a session of which nothing is known here";
            return self.lost(Error::new(ErrorCode::ConnectionLost, what), Verdict::Again);
        }
        let mut server_info = ServerInfo::read(
            connack,
            self.connecting.server(),
            self.connecting.version(),
            clean_start,
            &self.session.client_identifier,
            &self.config,
        );
        server_info.redirected_to = self.connecting.reference().map(String::from);
        let first = !self.session.known;
        self.session.accepted(&server_info.client_identifier);
        self.connecting.accepted();
        let aliases = if self.config.topic_aliases { server_info.topic_alias_maximum } else { 0 };
        let server_info = Rc::new(server_info);
        let mut liveness =
            Liveness::new(server_info.keep_alive, self.now.millis_since(asked), self.now);
        liveness.cut_after(self.connecting.cut_after());
        self.connection = Connection::accepted(Rc::clone(&server_info), liveness, aliases);
        self.enter(Phase::Connected { since: self.now });
        self.queue.push_back(Queued::Connected(server_info));
        self.renewed();
        // 3.1 has no Session Present: a client that asks for its session has to believe in it, and
        // subscribes once more to be sure.
        let believed = self.connecting.version() == ProtocolVersion::V3_1 && !clean_start && !first;
        if connack.session_present || believed {
            self.session.outbound.resume();
        } else {
            let restarted = self.session.lost();
            if !first && self.keeps_session(clean_start) {
                self.session_lost(restarted);
            }
        }
        if !connack.session_present {
            self.subscriptions_lost();
        } else if !first && self.config.resubscribe == Resubscribe::Always {
            self.session.subscriptions.again();
        }
        self.progressed();
    }

    /// Whether the server was asked to keep the session of the connection before this one.
    fn keeps_session(&self, clean_start: bool) -> bool {
        !clean_start
            && (!self.connecting.version().is_v5() || self.config.session_expiry_interval > 0)
    }

    /// The first so many of the queue were in flight.
    fn session_lost(&mut self, restarted: usize) {
        let mut republished = Vec::new();
        for message in self.session.outbound.queue().take(restarted) {
            let (token, topic) = (Token(message.token), message.topic.as_str().into());
            republished.push(Republished { token, topic, qos: message.qos });
        }
        self.queue.push_back(Queued::SessionLost(republished));
    }

    fn subscriptions_lost(&mut self) {
        let mut answers = Vec::new();
        self.session.subscriptions.session_lost(&mut answers);
        self.answer(answers, Properties::EMPTY);
    }

    fn refused(&mut self, connack: &Connack<'_>) {
        let code = connack.reason_code;
        let mut verdict = policy::of_connack(code);
        if self.connecting.version().is_v5()
            && self.falls_back()
            && matches!(code, ReasonCode::MALFORMED_PACKET | ReasonCode::PROTOCOL_ERROR)
        {
            // What a server says that cannot read a CONNECT of 5.0.
            verdict = Verdict::OlderVersion;
        }
        if verdict == Verdict::Elsewhere && self.follow(code, connack.properties.server_reference())
        {
            verdict = Verdict::Again;
        }
        let error_code = match verdict {
            Verdict::Credentials => ErrorCode::Auth,
            _ => ErrorCode::ConnectionRefused,
        };
        let name = if code.name().is_empty() { "the server refused" } else { code.name() };
        let error = Error::new(error_code, name).reason(code, connack.properties);
        self.close_socket();
        self.lost(error, verdict);
    }

    /// Whether to go where the server says, at once.
    pub(super) fn follow(&mut self, code: ReasonCode, references: Option<&str>) -> bool {
        self.config.follow_server_reference && self.connecting.follow(code, references)
    }

    pub(super) fn largest_packet(&self) -> u32 {
        self.config.maximum_packet_size.unwrap_or(LARGEST_PACKET)
    }
}

/// Bytes of an acknowledgement with a reason code: with less room a client cannot keep its word.
const SMALLEST: u32 = 5;

/// Properties of CONNECT (3.1.2.11), where they differ from their defaults.
fn connect_properties(
    config: &Config,
    authentication_data: Option<&[u8]>,
) -> Result<PropertiesBuf, EncodeError> {
    let method = config.authentication_method.as_deref();
    let mut properties = authentication::properties(method, authentication_data)?;
    if config.session_expiry_interval > 0 {
        properties.push(Property::SessionExpiryInterval(config.session_expiry_interval))?;
    }
    if let Some(maximum) = NonZeroU16::new(config.receive_maximum).filter(|it| it.get() < u16::MAX)
    {
        properties.push(Property::ReceiveMaximum(maximum))?;
    }
    if let Some(size) = config.maximum_packet_size.and_then(NonZeroU32::new) {
        properties.push(Property::MaximumPacketSize(size))?;
    }
    if config.topic_alias_maximum > 0 {
        properties.push(Property::TopicAliasMaximum(config.topic_alias_maximum))?;
    }
    if config.request_response_information {
        properties.push(Property::RequestResponseInformation(true))?;
    }
    if !config.request_problem_information {
        properties.push(Property::RequestProblemInformation(false))?;
    }
    for (name, value) in &config.user_properties {
        properties.push(Property::UserProperty((name, value)))?;
    }
    Ok(properties)
}
