//! What an application wants of its client. It knows defaults and ranges, and checks them once.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::Error;
use crate::codec::{EncodeError, PropertiesBuf, Property, ProtocolVersion, QoS, TopicName};

/// Options of a client. Those that only 5.0 has are refused where 3.x is asked for. Where the version
/// is found out, they are left out of a CONNECT of 3.1.1: it cannot say them.
///
/// ```
/// use wasmqtt::client::{Config, Reconnect, WillConfig};
///
/// let config = Config {
///     client_identifier: Some("till-7".into()),
///     keep_alive: 30,
///     will: Some(WillConfig { topic: "tills/7".into(), payload: b"gone".to_vec(), ..WillConfig::default() }),
///     reconnect: Some(Reconnect { max_attempts: Some(10), ..Reconnect::default() }),
///     ..Config::default()
/// };
/// assert!(wasmqtt::client::Client::new(config, 7).is_ok());
/// ```
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
    /// Whether topics that are used often are said by the server's Topic Aliases (5.0, 3.3.2.3.4), as
    /// far as it accepts any. Default: true.
    pub topic_aliases: bool,
    /// Whether subscriptions get Subscription Identifiers (5.0, 3.8.2.1.2), where the server knows them:
    /// then a message that it sends once for each of several filters that match reaches each
    /// subscription once. Default: true.
    pub subscription_identifiers: bool,
    /// Whether the server is asked for Response Information (5.0, 3.1.2.11.6). Default: false.
    pub request_response_information: bool,
    /// Whether the server may give reasons and User Properties in every packet (5.0, 3.1.2.11.7); if
    /// not, then only in PUBLISH, CONNACK and DISCONNECT. Default: true.
    pub request_problem_information: bool,
    /// Whether a received payload that is said to be UTF-8 text has to be (5.0, 3.3.2.3.2). One that
    /// is not is refused with 0x99: by PUBACK or PUBREC, and with QoS 0 by DISCONNECT. Default: false.
    pub check_payload_format: bool,
    /// Name of the method of enhanced authentication (5.0, 4.12). The application is asked for the
    /// data by `Output::Authenticate`, and no older version is fallen back to. Default: none.
    pub authentication_method: Option<String>,
    /// Whether a server that names another one (5.0, 4.11) is obeyed. What it says for now holds for
    /// one connection, what it says for good until a connection fails. Credentials go there, too.
    /// Default: false.
    pub follow_server_reference: bool,
    /// User Properties of CONNECT (5.0).
    pub user_properties: Vec<(String, String)>,
    /// From opening the WebSocket to CONNACK; not zero. Default: 30 s.
    pub connect_timeout: Duration,
    /// `None`: one attempt, and closed when the connection is lost.
    pub reconnect: Option<Reconnect>,
    /// Connected by hand: without a next attempt the client is idle until [`Client::connect`], in place of
    /// closed. Default: false.
    ///
    /// [`Client::connect`]: super::Client::connect
    pub by_hand: bool,
    /// When subscriptions are asked for again. Default: where the server has lost them.
    pub resubscribe: Resubscribe,
    /// In 3.x the server keeps no session between connections, also where this side's is stored. Default: false.
    pub session_ends: bool,
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
            topic_alias_maximum: TOPIC_ALIASES,
            topic_aliases: true,
            subscription_identifiers: true,
            request_response_information: false,
            request_problem_information: true,
            check_payload_format: false,
            authentication_method: None,
            follow_server_reference: false,
            user_properties: Vec::new(),
            connect_timeout: Duration::from_secs(30),
            reconnect: Some(Reconnect::default()),
            by_hand: false,
            resubscribe: Resubscribe::default(),
            session_ends: false,
            queue: QueueLimits::default(),
        }
    }
}

/// Which version to speak.
///
/// ```
/// use wasmqtt::client::{Config, VersionPolicy};
/// use wasmqtt::codec::ProtocolVersion;
///
/// let config =
///     Config { version: VersionPolicy::Exactly(ProtocolVersion::V3_1_1), ..Config::default() };
/// assert_eq!(VersionPolicy::default(), VersionPolicy::Auto);
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum VersionPolicy {
    /// 5.0, and 3.1.1 where the server refuses it.
    #[default]
    Auto,
    /// That one.
    Exactly(ProtocolVersion),
}

/// What is subscribed to again after a reconnect.
///
/// ```
/// use wasmqtt::client::{Config, Resubscribe};
///
/// let config = Config { resubscribe: Resubscribe::Always, ..Config::default() };
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Resubscribe {
    /// What the server has no session for (3.2.2.1.1).
    #[default]
    Lost,
    /// Everything, so that the server sends the retained messages (3.8.4), which may have changed meanwhile.
    Always,
}

/// Where user name and password come from. It has no `Debug` that shows them.
///
/// ```
/// use wasmqtt::client::Credentials;
///
/// let fixed = Credentials::Fixed {
///     username: Some("dashboard".into()),
///     password: Some(b"secret".to_vec()),
/// };
/// assert!(!format!("{fixed:?}").contains("secret"));
/// ```
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
///
/// ```
/// use wasmqtt::client::WillConfig;
/// use wasmqtt::codec::QoS;
///
/// let will = WillConfig {
///     topic: "dashboards/1/status".into(),
///     payload: b"gone".to_vec(),
///     qos: QoS::AtLeastOnce,
///     retain: true,
///     ..WillConfig::default()
/// };
/// # let _ = will;
/// ```
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

    fn has_properties(&self) -> bool {
        self.properties().is_ok_and(|it| !it.is_empty())
    }

    fn check(&self) -> Result<(), Error> {
        TopicName::new(&self.topic)?;
        if let Some(topic) = &self.response_topic {
            TopicName::new(topic)?;
        }
        if self.payload.len() > usize::from(u16::MAX) {
            return Err(Error::invalid("the payload of a will has at most 65,535 bytes"));
        }
        super::commands::check_payload_format(self.payload_format_indicator, &self.payload)?;
        self.properties()?;
        Ok(())
    }
}

/// When to try again. A pause is never less than 10 ms, 20 ms after the next failure, then 40 and 80, and
/// 100 ms from then on, whatever is asked for here.
///
/// ```
/// use core::time::Duration;
/// use wasmqtt::client::Reconnect;
///
/// let patient = Reconnect { max: Duration::from_secs(300), ..Reconnect::default() };
/// assert_eq!(patient.min, Duration::from_millis(500));
/// ```
#[derive(Clone, Debug)]
pub struct Reconnect {
    /// Greatest pause before the first retry; not above `max`. Default: 500 ms.
    pub min: Duration,
    /// Greatest pause of all. Default: 30 s.
    pub max: Duration,
    /// By which the pause grows: a finite number, at least 1. Default: 2.
    pub factor: f64,
    /// A random pause, up to the computed one. Default: true.
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

impl Reconnect {
    /// By the names that JavaScript has for them, too.
    fn check(&self) -> Result<(), Error> {
        if self.min > self.max {
            return Err(Error::invalid("reconnect.min must not be greater than reconnect.max"));
        }
        if !self.factor.is_finite() || self.factor < 1.0 {
            return Err(Error::invalid("reconnect.factor must be a finite number, at least 1"));
        }
        Ok(())
    }
}

/// Bounds of the publishes that wait or are in flight.
///
/// ```
/// use wasmqtt::client::{Config, QueueLimits};
///
/// let config =
///     Config { queue: QueueLimits { max_messages: 10, ..QueueLimits::default() }, ..Config::default() };
/// # let _ = config;
/// ```
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
///
/// ```
/// use wasmqtt::client::{OfflineQos0, QueueLimits};
///
/// let limits = QueueLimits { qos0: OfflineQos0::Reject, ..QueueLimits::default() };
/// # let _ = limits;
/// ```
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
            if exactly(ProtocolVersion::V3_1) && !(1..=23).contains(&identifier.chars().count()) {
                let text = "a client identifier of MQTT 3.1 has from 1 to 23 characters";
                return Err(Error::unsupported(text));
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
        if self.only_3() {
            if let Some(option) = self.only_5() {
                return Err(Error::unsupported(option));
            }
        }
        if let Some(method) = &self.authentication_method {
            check_text(method)?;
        }
        for (name, value) in &self.user_properties {
            check_text(name)?;
            check_text(value)?;
        }
        if self.receive_maximum == 0 || self.maximum_packet_size == Some(0) || self.servers == 0 {
            return Err(Error::invalid("a maximum cannot be 0"));
        }
        if self.connect_timeout.is_zero() {
            return Err(Error::invalid("connect_timeout must be greater than 0"));
        }
        self.reconnect.as_ref().map_or(Ok(()), Reconnect::check)
    }

    /// An option that is set, and that 3.x has no way to say.
    fn only_5(&self) -> Option<&'static str> {
        let will = self.will.as_ref();
        let set = [
            (self.session_expiry_interval > 0, "MQTT 3.x has no session expiry"),
            (self.receive_maximum != u16::MAX, "MQTT 3.x has no Receive Maximum"),
            (self.topic_alias_maximum != TOPIC_ALIASES, "MQTT 3.x has no Topic Alias Maximum"),
            (!self.user_properties.is_empty(), "MQTT 3.x has no User Properties"),
            (self.request_response_information, "MQTT 3.x has no Response Information"),
            (!self.request_problem_information, "MQTT 3.x has no problem information"),
            (self.check_payload_format, "MQTT 3.x has no payload format"),
            (self.authentication_method.is_some(), "MQTT 3.x has no enhanced authentication"),
            (will.is_some_and(WillConfig::has_properties), "MQTT 3.x has no properties of a will"),
        ];
        set.iter().find(|(set, _)| *set).map(|(_, text)| *text)
    }

    /// Whether a version older than 5.0 was asked for.
    pub(super) fn only_3(&self) -> bool {
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

/// Topic Aliases that the server may use, where nothing else is asked for.
const TOPIC_ALIASES: u16 = 16;
