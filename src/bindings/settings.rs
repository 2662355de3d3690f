//! The options of `connect` as the facade says them: checked there, by name; here they are put where
//! they belong. It does not know what they mean.
//!
//! Each is a byte that tells which, a number in four bytes, and a block of bytes after its length in four.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::browser::Servers;
use crate::client::{
    Config, Credentials, OfflineQos0, Reconnect, Resubscribe, VersionPolicy, WillConfig,
};
use crate::codec::{ProtocolVersion, QoS};

/// Reads what `src/npm/port/settings.ts` writes. What cannot be is left out; that the options go
/// together the engine checks.
pub(super) fn read(mut rest: &[u8], config: &mut Config, servers: &mut Servers) {
    let (mut username, mut password, mut asks) = (None, None, false);
    let mut name = String::new();
    while let Some((tag, number, bytes, after)) = record(rest) {
        rest = after;
        let flag = number != 0;
        match tag {
            0 => servers.urls.push(text(bytes)),
            1 => config.version = version(number),
            2 => config.client_identifier = Some(text(bytes)),
            3 => username = Some(text(bytes)),
            4 => password = Some(Vec::from(bytes)),
            5 => asks = true,
            6 => config.keep_alive = number as u16,
            7 => config.clean_start = flag,
            8 => config.session_expiry_interval = number,
            9 => config.receive_maximum = number as u16,
            10 => config.maximum_packet_size = Some(number),
            11 => config.topic_alias_maximum = number as u16,
            12 => config.topic_aliases = flag,
            13 => config.request_response_information = flag,
            14 => config.request_problem_information = flag,
            15 => config.check_payload_format = flag,
            16 => config.follow_server_reference = flag,
            17 => config.authentication_method = Some(text(bytes)),
            18 => config.connect_timeout = Duration::from_millis(number.into()),
            19 => config.queue.max_messages = number as usize,
            20 => config.queue.max_bytes = number as usize,
            21 => config.queue.qos0 = if flag { OfflineQos0::Reject } else { OfflineQos0::Queue },
            22 => config.reconnect = None,
            26 => config.session_ends = flag,
            28 => config.by_hand = flag,
            25 if flag => config.resubscribe = Resubscribe::Always,
            // The name of the User Property that the next record completes.
            23 => name = text(bytes),
            24 => config.user_properties.push((core::mem::take(&mut name), text(bytes))),
            32..=36 => reconnect(tag, number, bytes, config.reconnect.get_or_insert_default()),
            58 => {
                let pair = (core::mem::take(&mut name), text(bytes));
                config.will.get_or_insert_default().user_properties.push(pair);
            }
            48..=57 => will(tag, number, bytes, config.will.get_or_insert_default()),
            _ => {}
        }
    }
    config.credentials =
        if asks { Credentials::Ask } else { Credentials::Fixed { username, password } };
}

fn will(tag: u8, number: u32, bytes: &[u8], will: &mut WillConfig) {
    let flag = number != 0;
    match tag {
        48 => will.topic = text(bytes),
        49 => will.payload = Vec::from(bytes),
        50 => will.qos = QoS::from_value(number as u8).unwrap_or_default(),
        51 => will.retain = flag,
        52 => will.delay_interval = number,
        53 => will.message_expiry_interval = Some(number),
        54 => will.content_type = Some(text(bytes)),
        55 => will.response_topic = Some(text(bytes)),
        56 => will.correlation_data = Some(Vec::from(bytes)),
        _ => will.payload_format_indicator = Some(flag),
    }
}

fn reconnect(tag: u8, number: u32, bytes: &[u8], reconnect: &mut Reconnect) {
    match tag {
        32 => reconnect.min = Duration::from_millis(number.into()),
        33 => reconnect.max = Duration::from_millis(number.into()),
        34 => reconnect.factor = bytes.try_into().map_or(0.0, f64::from_be_bytes),
        35 => reconnect.jitter = number != 0,
        _ => reconnect.max_attempts = Some(number),
    }
}

/// The first record, and what follows it.
fn record(bytes: &[u8]) -> Option<(u8, u32, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (len, rest) = rest.split_first_chunk()?;
    let (block, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    Some((*tag, u32::from_be_bytes(*number), block, rest))
}

fn version(level: u32) -> VersionPolicy {
    ProtocolVersion::from_level(level as u8).map_or(VersionPolicy::Auto, VersionPolicy::Exactly)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.into()).unwrap_or_default()
}
