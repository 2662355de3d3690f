//! What an application wants of its client. It knows defaults and ranges, and checks them once.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Error;
use crate::codec::{EncodeError, PropertiesBuf, Property, ProtocolVersion, QoS, TopicName};

/// Options of a client. Those that only 5.0 has are left out of a 3.x CONNECT where leaving them
/// out asks for what every 3.x server does (a session expiry, limits, user properties).
#[derive(Clone, Debug)]
pub struct Config {
    /// How many servers there are to try; the driver knows their addresses. Default: 1.
    pub servers: usize,
    /// Default: 5.0, and 3.1.1 where the server refuses it.
    pub version: VersionPolicy,
    /// Default: generated. Empty lets the server assign one (3.1.3.1).
    pub client_identifier: Option<String>,
    /// Default: none.
    pub credentials: Credentials,
    /// Seconds; 0 is off (3.1.2.10). Default: 60.
    pub keep_alive: u16,
    /// Clean Start (3.1.2.4): in 5.0 of the first CONNECT only, in 3.x of each. Default: true.
    pub clean_start: bool,
    /// Seconds the server keeps the session after a connection (5.0, 3.1.2.11.2). Default: 0.
    pub session_expiry_interval: u32,
    /// Default: none.
    pub will: Option<WillConfig>,
    /// QoS 1 and 2 publishes accepted at once (5.0, 3.1.2.11.3). Default: 65,535.
    pub receive_maximum: u16,
    /// Bytes of a packet that are accepted (3.1.2.11.4). Default: what a packet can have at most.
    pub maximum_packet_size: Option<u32>,
    /// Topic Aliases the server may use (5.0, 3.1.2.11.5). Default: 16.
    pub topic_alias_maximum: u16,
    /// User Properties of CONNECT (5.0).
    pub user_properties: Vec<(String, String)>,
    /// From opening the WebSocket to CONNACK. Default: 30 s.
    pub connect_timeout: Duration,
    /// `None`: one attempt, and closed when the connection is lost.
    pub reconnect: Option<Reconnect>,
    /// Bounds of what waits.
    pub queue: QueueLimits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            servers: 1,
            version: VersionPolicy::Auto,
            client_identifier: None,
            credentials: Credentials::default(),
            keep_alive: 60,
            clean_start: true,
            session_expiry_interval: 0,
            will: None,
            receive_maximum: u16::MAX,
            maximum_packet_size: None,
            topic_alias_maximum: 16,
            user_properties: Vec::new(),
            connect_timeout: Duration::from_secs(30),
            reconnect: Some(Reconnect::default()),
            queue: QueueLimits::default(),
        }
    }
}

/// Which version to speak.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum VersionPolicy {
    /// 5.0, and 3.1.1 where the server refuses it.
    #[default]
    Auto,
    /// That one.
    Exactly(ProtocolVersion),
}

/// Where user name and password come from. It has no `Debug` that shows them.
#[derive(Clone)]
pub enum Credentials {
    /// The same for every CONNECT.
    Fixed {
        /// User Name.
        username: Option<String>,
        /// Password.
        password: Option<Vec<u8>>,
    },
    /// Asked for before every CONNECT by `Output::Authorize`.
    Ask,
}

impl Default for Credentials {
    fn default() -> Self {
        Self::Fixed { username: None, password: None }
    }
}

impl core::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Credentials")
    }
}

/// What the server publishes when the connection is lost (3.1.2.5).
#[derive(Clone, Default, Debug)]
pub struct WillConfig {
    /// A Topic Name.
    pub topic: String,
    /// At most 65,535 bytes.
    pub payload: Vec<u8>,
    /// Quality of Service.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Seconds the server waits (5.0). Default: 0.
    pub delay_interval: u32,
    /// Seconds (5.0).
    pub message_expiry_interval: Option<u32>,
    /// 5.0.
    pub content_type: Option<String>,
    /// A Topic Name (5.0).
    pub response_topic: Option<String>,
    /// 5.0.
    pub correlation_data: Option<Vec<u8>>,
    /// True for text (5.0).
    pub payload_format_indicator: Option<bool>,
    /// 5.0.
    pub user_properties: Vec<(String, String)>,
}

impl WillConfig {
    /// The Will Properties (3.1.3.2).
    pub(super) fn properties(&self) -> Result<PropertiesBuf, EncodeError> {
        let mut properties = PropertiesBuf::new();
        if self.delay_interval > 0 {
            properties.push(Property::WillDelayInterval(self.delay_interval))?;
        }
        if let Some(text) = self.payload_format_indicator {
            properties.push(Property::PayloadFormatIndicator(text))?;
        }
        if let Some(seconds) = self.message_expiry_interval {
            properties.push(Property::MessageExpiryInterval(seconds))?;
        }
        if let Some(content_type) = &self.content_type {
            properties.push(Property::ContentType(content_type))?;
        }
        if let Some(response_topic) = &self.response_topic {
            properties.push(Property::ResponseTopic(response_topic))?;
        }
        if let Some(correlation_data) = &self.correlation_data {
            properties.push(Property::CorrelationData(correlation_data))?;
        }
        for (name, value) in &self.user_properties {
            properties.push(Property::UserProperty((name, value)))?;
        }
        Ok(properties)
    }

    fn check(&self) -> Result<(), Error> {
        TopicName::new(&self.topic)?;
        if let Some(topic) = &self.response_topic {
            TopicName::new(topic)?;
        }
        if self.payload.len() > usize::from(u16::MAX) {
            return Err(Error::invalid("the payload of a will has at most 65,535 bytes"));
        }
        self.properties()?;
        Ok(())
    }
}

/// When to try again.
#[derive(Clone, Debug)]
pub struct Reconnect {
    /// Greatest pause before the first attempt. Default: 500 ms.
    pub min: Duration,
    /// Greatest pause of all. Default: 30 s.
    pub max: Duration,
    /// By which the pause grows. Default: 2.
    pub factor: f64,
    /// A random pause between 0 and the computed one. Default: true.
    pub jitter: bool,
    /// Failed attempts in a row after which the client closes. Default: no limit.
    pub max_attempts: Option<u32>,
    /// A connection that lived so long makes the pauses short again. Default: 5 s.
    pub stable_after: Duration,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            min: Duration::from_millis(500),
            max: Duration::from_secs(30),
            factor: 2.0,
            jitter: true,
            max_attempts: None,
            stable_after: Duration::from_secs(5),
        }
    }
}

/// Bounds of the publishes that wait or are in flight.
#[derive(Clone, Debug)]
pub struct QueueLimits {
    /// Default: 1,000.
    pub max_messages: usize,
    /// Bytes of topics, payloads and properties. Default: 64 MiB.
    pub max_bytes: usize,
    /// Default: queue.
    pub qos0: OfflineQos0,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { max_messages: 1000, max_bytes: 64 << 20, qos0: OfflineQos0::default() }
    }
}

/// What becomes of a QoS 0 publish while there is no connection.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum OfflineQos0 {
    /// It waits as the others do.
    #[default]
    Queue,
    /// It fails with `ErrorCode::NotConnected`.
    Reject,
}

impl Config {
    /// What no CONNECT can say is found here, and not at the first attempt.
    pub(super) fn check(&self) -> Result<(), Error> {
        let exactly = |wanted| self.version == VersionPolicy::Exactly(wanted);
        if let Some(identifier) = &self.client_identifier {
            check_text(identifier)?;
            if identifier.is_empty() && exactly(ProtocolVersion::V3_1) {
                return Err(Error::unsupported("MQTT 3.1 has no empty client identifier"));
            }
            if identifier.is_empty() && !self.clean_start && exactly(ProtocolVersion::V3_1_1) {
                // [MQTT-3.1.3-7] (3.1.1)
                return Err(Error::invalid("an empty client identifier asks for a clean start"));
            }
        }
        if let Credentials::Fixed { username, password } = &self.credentials {
            check_credentials(username.as_deref(), password.as_deref())?;
            if username.is_none() && password.is_some() && self.only_3() {
                // [MQTT-3.1.2-22] (3.1.1)
                return Err(Error::unsupported("MQTT 3.x has no password without a user name"));
            }
        }
        if let Some(will) = &self.will {
            will.check()?;
        }
        for (name, value) in &self.user_properties {
            check_text(name)?;
            check_text(value)?;
        }
        if self.receive_maximum == 0 || self.maximum_packet_size == Some(0) || self.servers == 0 {
            return Err(Error::invalid("a maximum cannot be 0"));
        }
        Ok(())
    }

    fn only_3(&self) -> bool {
        matches!(self.version, VersionPolicy::Exactly(version) if !version.is_v5())
    }
}

pub(super) fn check_credentials(
    username: Option<&str>,
    password: Option<&[u8]>,
) -> Result<(), Error> {
    check_text(username.unwrap_or_default())?;
    if password.is_some_and(|password| password.len() > usize::from(u16::MAX)) {
        return Err(EncodeError::StringTooLong.into());
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.len() > usize::from(u16::MAX) {
        return Err(EncodeError::StringTooLong.into());
    }
    if text.as_bytes().contains(&0) {
        return Err(EncodeError::InvalidString.into());
    }
    Ok(())
}
