//! A configuration made of the fuzzer's choices, with values at the edges. It does not know what is done with it.

use core::time::Duration;

use wasmqtt::client::{
    Config, Credentials, OfflineQos0, QueueLimits, Reconnect, VersionPolicy, WillConfig,
};
use wasmqtt::codec::{ProtocolVersion, QoS};

use super::input::Input;

/// Stands in no error, however it is shown.
pub const SECRET: &str = "s3cr3t-passw0rd";

pub fn config(input: &mut Input<'_>) -> Config {
    let version = match input.u8() % 8 {
        0 | 1 => VersionPolicy::Auto,
        2..=4 => VersionPolicy::Exactly(ProtocolVersion::V5_0),
        5 | 6 => VersionPolicy::Exactly(ProtocolVersion::V3_1_1),
        _ => VersionPolicy::Exactly(ProtocolVersion::V3_1),
    };
    let has_5 = !matches!(version, VersionPolicy::Exactly(it) if !it.is_v5());
    let flags = input.u16();
    let set = |bit: u16| flags & 1 << bit != 0;
    let only_5 = |bit: u16| has_5 && set(bit);
    let mut config = Config {
        version,
        clean_start: !set(0),
        servers: if set(1) { 2 } else { 1 },
        topic_aliases: !set(8),
        follow_server_reference: !set(9),
        request_response_information: only_5(10),
        request_problem_information: !only_5(11),
        check_payload_format: only_5(12),
        ..Config::default()
    };
    // Few settings are left for flags of their own.
    config.subscription_identifiers = !(set(8) && set(9));
    if set(2) {
        config.keep_alive = input.pick(&[0, 1, 10, 65_535]);
    }
    if only_5(3) {
        config.session_expiry_interval = input.pick(&[1, 60, u32::MAX]);
        config.receive_maximum = input.pick(&[1, 2, 10, u16::MAX]);
    }
    if set(4) {
        config.maximum_packet_size = Some(input.pick(&[60, 200, 70_000]));
    }
    if only_5(5) {
        config.topic_alias_maximum = input.pick(&[0, 1, 3, 65_535]);
    }
    if only_5(6) {
        config.authentication_method = Some("m".into());
    }
    if set(7) {
        reconnect(input, &mut config);
    }
    if set(13) {
        config.credentials = Credentials::Ask;
    } else if set(14) {
        let (username, password) = (Some("user".into()), Some(SECRET.into()));
        config.credentials = Credentials::Fixed { username, password };
    }
    if set(15) {
        config.will = Some(WillConfig {
            topic: "will".into(),
            payload: vec![0xFF; 3],
            qos: QoS::from_value(input.u8() % 3).unwrap_or_default(),
            delay_interval: if has_5 { 5 } else { 0 },
            ..WillConfig::default()
        });
        if has_5 {
            config.user_properties = vec![("a".into(), "b".into())];
        }
    }
    config
}

fn reconnect(input: &mut Input<'_>, config: &mut Config) {
    let how = input.u8();
    config.reconnect = (how & 3 != 0).then(|| Reconnect {
        min: Duration::from_millis(u64::from(how) * 10),
        max: Duration::from_secs(30),
        factor: if how & 4 == 0 { 2.0 } else { 1.0 },
        jitter: how & 8 == 0,
        max_attempts: (how & 3 == 1).then_some(u32::from(how >> 4)),
        stable_after: Duration::from_secs(5),
    });
    config.queue = QueueLimits {
        max_messages: if how & 0x40 == 0 { 1000 } else { 3 },
        max_bytes: if how & 0x80 == 0 { 1 << 20 } else { 100 },
        qos0: if how & 0x20 == 0 { OfflineQos0::Queue } else { OfflineQos0::Reject },
    };
    config.connect_timeout = Duration::from_millis(u64::from(how) * 100 + 1);
}
