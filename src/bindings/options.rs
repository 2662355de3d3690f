//! The options of `connect`. It knows their names, types and ranges; their meaning is the engine's.

use alloc::string::String;
use core::time::Duration;

use wasm_bindgen::JsValue;

use super::field::{Field, each, invalid};
use super::properties;
use crate::browser::Servers;
use crate::client::{
    Config, Credentials, Error, OfflineQos0, QueueLimits, Reconnect, VersionPolicy, WillConfig,
};
use crate::codec::{ProtocolVersion, QoS};

/// What an options object says.
pub(super) struct Options {
    pub(super) config: Config,
    pub(super) servers: Servers,
}

/// Reads `ConnectOptions`.
///
/// # Errors
/// `ErrorCode::InvalidArgument`, naming the option that is unknown or has a wrong value. A value
/// is never repeated: it may be a secret.
pub(super) fn read(options: &JsValue) -> Result<Options, Error> {
    let mut config = Config::default();
    let mut servers = Servers::default();
    let (mut username, mut password, mut asks) = (None, None, false);
    each(options, "", &mut |name, field| {
        match name {
            "protocol" => config.version = version(field)?,
            "clientId" => config.client_identifier = Some(field.text()?),
            "username" => username = Some(field.text()?),
            "password" => password = Some(field.bytes()?),
            "auth" => asks = true,
            "keepAlive" => config.keep_alive = sixteen(field, 0)?,
            "cleanStart" => config.clean_start = field.flag()?,
            "sessionExpiry" => config.session_expiry_interval = field.integer(0, u32::MAX)?,
            "will" => config.will = Some(will(field)?),
            "receiveMaximum" => config.receive_maximum = sixteen(field, 1)?,
            "maximumPacketSize" => {
                config.maximum_packet_size = Some(field.integer(1, u32::MAX)?);
            }
            "topicAliasMaximum" => config.topic_alias_maximum = sixteen(field, 0)?,
            "topicAliases" => config.topic_aliases = field.flag()?,
            "requestResponseInformation" => {
                config.request_response_information = field.flag()?;
            }
            "requestProblemInformation" => {
                config.request_problem_information = field.flag()?;
            }
            "checkPayloadFormat" => config.check_payload_format = field.flag()?,
            "followServerReference" => config.follow_server_reference = field.flag()?,
            "authentication" => config.authentication_method = Some(method(field)?),
            "userProperties" => config.user_properties = field.pairs()?,
            "connectTimeout" => config.connect_timeout = millis(field, 1)?,
            "reconnect" => config.reconnect = reconnect(field)?,
            "queue" => queue(field, &mut config.queue)?,
            "websocket" => websocket(field, &mut servers)?,
            // The facade's own.
            "signal" => {}
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if asks && (username.is_some() || password.is_some()) {
        return Err(invalid(&[
            "option \"auth\" does not go together with a user name or password",
        ]));
    }
    config.credentials =
        if asks { Credentials::Ask } else { Credentials::Fixed { username, password } };
    Ok(Options { config, servers })
}

fn version(field: &Field) -> Result<VersionPolicy, Error> {
    if field.value().as_string().is_some_and(|text| text == "auto") {
        return Ok(VersionPolicy::Auto);
    }
    match field.integer(3, 5) {
        Ok(3) => Ok(VersionPolicy::Exactly(ProtocolVersion::V3_1)),
        Ok(4) => Ok(VersionPolicy::Exactly(ProtocolVersion::V3_1_1)),
        Ok(_) => Ok(VersionPolicy::Exactly(ProtocolVersion::V5_0)),
        Err(_) => Err(field.must_be("\"auto\", 3, 4 or 5")),
    }
}

fn will(field: &Field) -> Result<WillConfig, Error> {
    let mut will = WillConfig::default();
    let mut topic = None;
    field.each(&mut |name, field| {
        match name {
            "topic" => topic = Some(field.topic()?),
            "payload" => will.payload = field.bytes()?,
            "qos" => will.qos = qos(field)?,
            "retain" => will.retain = field.flag()?,
            "delay" => will.delay_interval = field.integer(0, u32::MAX)?,
            "expiry" => will.message_expiry_interval = Some(field.integer(0, u32::MAX)?),
            "contentType" => will.content_type = Some(field.text()?),
            "responseTopic" => will.response_topic = Some(field.topic()?),
            "correlationData" => will.correlation_data = Some(field.bytes()?),
            "payloadFormat" => will.payload_format_indicator = Some(properties::format(field)?),
            "userProperties" => will.user_properties = field.pairs()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    will.topic = topic.ok_or_else(|| invalid(&["option \"will.topic\" is missing"]))?;
    Ok(will)
}

/// The functions beside it are the facade's.
fn method(field: &Field) -> Result<String, Error> {
    let mut method = None;
    field.each(&mut |name, field| {
        match name {
            "method" => method = Some(field.text()?),
            "start" | "challenge" | "success" => {
                field.function()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    method.ok_or_else(|| invalid(&["option \"authentication.method\" is missing"]))
}

fn reconnect(field: &Field) -> Result<Option<Reconnect>, Error> {
    if field.value().as_bool() == Some(false) {
        return Ok(None);
    }
    if !field.value().is_object() {
        return Err(field.must_be("false or an object"));
    }
    let mut reconnect = Reconnect::default();
    let (mut min, mut max) = (None, None);
    field.each(&mut |name, field| {
        match name {
            "min" => min = Some(millis(field, 0)?),
            "max" => max = Some(millis(field, 0)?),
            "factor" => reconnect.factor = field.number(1.0, "a number, at least 1")?,
            "jitter" => {
                let full = field.choice(&["none", "full"], "\"full\" or \"none\"")? == 1;
                reconnect.jitter = full;
            }
            "maxAttempts" => {
                let endless = field.value().as_f64() == Some(f64::INFINITY);
                reconnect.max_attempts =
                    if endless { None } else { Some(field.integer(0, u32::MAX)?) };
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    // What is not given gives way to what is.
    reconnect.max = max.unwrap_or(reconnect.max.max(min.unwrap_or_default()));
    reconnect.min = min.unwrap_or(reconnect.min.min(reconnect.max));
    Ok(Some(reconnect))
}

fn queue(field: &Field, queue: &mut QueueLimits) -> Result<(), Error> {
    field.each(&mut |name, field| {
        match name {
            "maxMessages" => queue.max_messages = field.integer(0, u32::MAX)? as usize,
            "maxBytes" => queue.max_bytes = field.integer(0, u32::MAX)? as usize,
            "qos0" => {
                let reject = field.choice(&["queue", "reject"], "\"queue\" or \"reject\"")? == 1;
                queue.qos0 = if reject { OfflineQos0::Reject } else { OfflineQos0::Queue };
            }
            _ => return Ok(false),
        }
        Ok(true)
    })
}

fn websocket(field: &Field, servers: &mut Servers) -> Result<(), Error> {
    field.each(&mut |name, field| {
        match name {
            "protocols" => servers.protocols = Some(field.texts()?),
            "factory" => servers.factory = Some(field.function()?),
            _ => return Ok(false),
        }
        Ok(true)
    })
}

pub(super) fn qos(field: &Field) -> Result<QoS, Error> {
    let bits = field.integer(0, 2).ok().and_then(|bits| QoS::from_value(bits as u8));
    bits.ok_or_else(|| field.must_be("0, 1 or 2"))
}

fn sixteen(field: &Field, least: u32) -> Result<u16, Error> {
    field.integer(least, u32::from(u16::MAX)).map(|value| value as u16)
}

fn millis(field: &Field, least: u32) -> Result<Duration, Error> {
    field.integer(least, u32::MAX).map(|value| Duration::from_millis(u64::from(value)))
}
