//! mqtt-proto from crates.io: what it reads in each version, and what it writes again. It does not know what is asked.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mqtt_proto::{QosPid, v3, v5};

use crate::fields::{Fields, add, filter, flag, hex, pair, sorted, text};
use crate::peer::{Answer, Case, Peer};

pub struct MqttProto;

impl Peer for MqttProto {
    fn name(&self) -> &'static str {
        "mqtt-proto"
    }

    fn answers(&self, cases: &[Case]) -> Vec<Answer> {
        cases.iter().map(answer).collect()
    }
}

fn answer(case: &Case) -> Answer {
    let asked = catch_unwind(AssertUnwindSafe(|| {
        if case.version.is_v5() { five(&case.bytes) } else { three(&case.bytes) }
    }));
    asked.unwrap_or_else(|_| Answer::Refuses("panics".into()))
}

fn five(bytes: &[u8]) -> Answer {
    match v5::Packet::decode(bytes) {
        Ok(Some(packet)) => {
            let again = packet.encode().map(|it| it.as_ref().to_vec());
            Answer::Accepts(sorted(fields_5(&packet)), again.map_err(|error| name_of(&error)))
        }
        Ok(None) => Answer::Refuses("waits".into()),
        Err(v5::ErrorV5::Common(error)) => Answer::Refuses(name_of(&error)),
        Err(error @ v5::ErrorV5::InvalidReasonCode(packet, _)) => {
            Answer::Refuses(format!("{} {packet:?}", name_of(&error)))
        }
        Err(error) => Answer::Refuses(name_of(&error)),
    }
}

fn three(bytes: &[u8]) -> Answer {
    match v3::Packet::decode(bytes) {
        Ok(Some(packet)) => {
            let again = packet.encode().map(|it| it.as_ref().to_vec());
            Answer::Accepts(sorted(fields_3(&packet)), again.map_err(|error| name_of(&error)))
        }
        Ok(None) => Answer::Refuses("waits".into()),
        Err(error) => Answer::Refuses(name_of(&error)),
    }
}

/// The name of an error, without what it holds.
fn name_of(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    text.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default().to_string()
}

fn optional<T>(f: &mut Fields, name: &str, value: Option<T>, show: impl Fn(&T) -> String) {
    if let Some(value) = value {
        add(f, name, show(&value));
    }
}

fn number<T: ToString>(value: &T) -> String {
    value.to_string()
}

fn bit(value: &bool) -> String {
    u8::from(*value).to_string()
}

fn string(value: &Arc<str>) -> String {
    hex(value.as_bytes())
}

fn pairs(f: &mut Fields, prefix: &str, all: &[v5::UserProperty]) {
    for it in all {
        pair(f, prefix, &it.name, &it.value);
    }
}

fn quality(f: &mut Fields, it: QosPid) {
    let (qos, id) = match it {
        QosPid::Level0 => (0, None),
        QosPid::Level1(id) => (1, Some(id)),
        QosPid::Level2(id) => (2, Some(id)),
    };
    add(f, "qos", qos);
    optional(f, "id", id, |id| id.value().to_string());
}

fn fields_3(packet: &v3::Packet) -> Fields {
    let mut f = Fields::new();
    let id = |f: &mut Fields, number: u8, id: &mqtt_proto::Pid| {
        add(f, "type", number);
        add(f, "id", id.value());
    };
    match packet {
        v3::Packet::Connect(it) => {
            add(&mut f, "type", 1);
            add(&mut f, "level", it.protocol.to_pair().1);
            flag(&mut f, "clean", it.clean_session);
            add(&mut f, "keepalive", it.keep_alive);
            text(&mut f, "client", &it.client_id);
            optional(&mut f, "username", it.username.clone(), |it| hex(it.as_bytes()));
            optional(&mut f, "password", it.password.clone(), |it| hex(it));
            if let Some(will) = &it.last_will {
                text(&mut f, "will.topic", &will.topic_name);
                add(&mut f, "will.payload", hex(&will.message));
                add(&mut f, "will.qos", will.qos as u8);
                flag(&mut f, "will.retain", will.retain);
            }
        }
        v3::Packet::Connack(it) => {
            add(&mut f, "type", 2);
            flag(&mut f, "present", it.session_present);
            add(&mut f, "code", it.code as u8);
        }
        v3::Packet::Publish(it) => {
            add(&mut f, "type", 3);
            flag(&mut f, "dup", it.dup);
            flag(&mut f, "retain", it.retain);
            text(&mut f, "topic", &it.topic_name);
            quality(&mut f, it.qos_pid);
            add(&mut f, "payload", hex(&it.payload));
        }
        v3::Packet::Puback(it) => id(&mut f, 4, it),
        v3::Packet::Pubrec(it) => id(&mut f, 5, it),
        v3::Packet::Pubrel(it) => id(&mut f, 6, it),
        v3::Packet::Pubcomp(it) => id(&mut f, 7, it),
        v3::Packet::Subscribe(it) => {
            id(&mut f, 8, &it.pid);
            for (index, (text, qos)) in it.topics.iter().enumerate() {
                filter(&mut f, index, text, &(*qos as u8).to_string());
            }
        }
        v3::Packet::Suback(it) => {
            id(&mut f, 9, &it.pid);
            let code = |it: &v3::SubscribeReturnCode| match it {
                v3::SubscribeReturnCode::MaxLevel0 => 0,
                v3::SubscribeReturnCode::MaxLevel1 => 1,
                v3::SubscribeReturnCode::MaxLevel2 => 2,
                v3::SubscribeReturnCode::Failure => 0x80,
            };
            add(&mut f, "codes", hex(&it.topics.iter().map(code).collect::<Vec<_>>()));
        }
        v3::Packet::Unsubscribe(it) => {
            id(&mut f, 10, &it.pid);
            for (index, text) in it.topics.iter().enumerate() {
                filter(&mut f, index, text, "");
            }
        }
        v3::Packet::Unsuback(it) => {
            id(&mut f, 11, it);
            add(&mut f, "codes", "");
        }
        v3::Packet::Pingreq => add(&mut f, "type", 12),
        v3::Packet::Pingresp => add(&mut f, "type", 13),
        v3::Packet::Disconnect => add(&mut f, "type", 14),
    }
    f
}

fn fields_5(packet: &v5::Packet) -> Fields {
    let mut f = Fields::new();
    // One shape in four types.
    macro_rules! acknowledgement {
        ($number:literal, $it:expr) => {{
            add(&mut f, "type", $number);
            add(&mut f, "id", $it.pid.value());
            add(&mut f, "code", $it.reason_code as u8);
            optional(&mut f, "ReasonString", $it.properties.reason_string.clone(), string);
            pairs(&mut f, "", &$it.properties.user_properties);
        }};
    }
    macro_rules! answers {
        ($number:literal, $it:expr) => {{
            add(&mut f, "type", $number);
            add(&mut f, "id", $it.pid.value());
            let codes: Vec<u8> = $it.topics.iter().map(|it| *it as u8).collect();
            add(&mut f, "codes", hex(&codes));
            optional(&mut f, "ReasonString", $it.properties.reason_string.clone(), string);
            pairs(&mut f, "", &$it.properties.user_properties);
        }};
    }
    match packet {
        v5::Packet::Connect(it) => connect_5(&mut f, it),
        v5::Packet::Connack(it) => connack_5(&mut f, it),
        v5::Packet::Publish(it) => publish_5(&mut f, it),
        v5::Packet::Puback(it) => acknowledgement!(4, it),
        v5::Packet::Pubrec(it) => acknowledgement!(5, it),
        v5::Packet::Pubrel(it) => acknowledgement!(6, it),
        v5::Packet::Pubcomp(it) => acknowledgement!(7, it),
        v5::Packet::Subscribe(it) => {
            add(&mut f, "type", 8);
            add(&mut f, "id", it.pid.value());
            for (index, (text, options)) in it.topics.iter().enumerate() {
                let (local, published) = (options.no_local, options.retain_as_published);
                let shown = format!(
                    "{} {} {} {}",
                    options.max_qos as u8,
                    bit(&local),
                    bit(&published),
                    options.retain_handling as u8
                );
                filter(&mut f, index, text, &shown);
            }
            let number = it.properties.subscription_id;
            optional(&mut f, "SubscriptionIdentifier", number, |it| it.value().to_string());
            pairs(&mut f, "", &it.properties.user_properties);
        }
        v5::Packet::Suback(it) => answers!(9, it),
        v5::Packet::Unsubscribe(it) => {
            add(&mut f, "type", 10);
            add(&mut f, "id", it.pid.value());
            for (index, text) in it.topics.iter().enumerate() {
                filter(&mut f, index, text, "");
            }
            pairs(&mut f, "", &it.properties.user_properties);
        }
        v5::Packet::Unsuback(it) => answers!(11, it),
        v5::Packet::Pingreq => add(&mut f, "type", 12),
        v5::Packet::Pingresp => add(&mut f, "type", 13),
        v5::Packet::Disconnect(it) => {
            add(&mut f, "type", 14);
            add(&mut f, "code", it.reason_code as u8);
            let p = it.properties.clone();
            optional(&mut f, "SessionExpiryInterval", p.session_expiry_interval, number);
            optional(&mut f, "ReasonString", p.reason_string, string);
            optional(&mut f, "ServerReference", p.server_reference, string);
            pairs(&mut f, "", &p.user_properties);
        }
        v5::Packet::Auth(it) => {
            add(&mut f, "type", 15);
            add(&mut f, "code", it.reason_code as u8);
            let p = it.properties.clone();
            optional(&mut f, "AuthenticationMethod", p.auth_method, string);
            optional(&mut f, "AuthenticationData", p.auth_data, |it| hex(it));
            optional(&mut f, "ReasonString", p.reason_string, string);
            pairs(&mut f, "", &p.user_properties);
        }
    }
    f
}

fn connect_5(f: &mut Fields, it: &v5::Connect) {
    add(f, "type", 1);
    add(f, "level", it.protocol.to_pair().1);
    flag(f, "clean", it.clean_start);
    add(f, "keepalive", it.keep_alive);
    text(f, "client", &it.client_id);
    optional(f, "username", it.username.clone(), |it| hex(it.as_bytes()));
    optional(f, "password", it.password.clone(), |it| hex(it));
    let p = it.properties.clone();
    optional(f, "SessionExpiryInterval", p.session_expiry_interval, number);
    optional(f, "ReceiveMaximum", p.receive_max, number);
    optional(f, "MaximumPacketSize", p.max_packet_size, number);
    optional(f, "TopicAliasMaximum", p.topic_alias_max, number);
    optional(f, "RequestResponseInformation", p.request_response_info, bit);
    optional(f, "RequestProblemInformation", p.request_problem_info, bit);
    optional(f, "AuthenticationMethod", p.auth_method, string);
    optional(f, "AuthenticationData", p.auth_data, |it| hex(it));
    pairs(f, "", &p.user_properties);
    let Some(will) = &it.last_will else { return };
    text(f, "will.topic", &will.topic_name);
    add(f, "will.payload", hex(&will.payload));
    add(f, "will.qos", will.qos as u8);
    flag(f, "will.retain", will.retain);
    let p = will.properties.clone();
    optional(f, "will.WillDelayInterval", p.delay_interval, number);
    optional(f, "will.PayloadFormatIndicator", p.payload_is_utf8, bit);
    optional(f, "will.MessageExpiryInterval", p.message_expiry_interval, number);
    optional(f, "will.ContentType", p.content_type, string);
    optional(f, "will.ResponseTopic", p.response_topic, |it| hex(it.as_bytes()));
    optional(f, "will.CorrelationData", p.correlation_data, |it| hex(it));
    pairs(f, "will.", &p.user_properties);
}

fn connack_5(f: &mut Fields, it: &v5::Connack) {
    add(f, "type", 2);
    flag(f, "present", it.session_present);
    add(f, "code", it.reason_code as u8);
    let p = it.properties.clone();
    optional(f, "SessionExpiryInterval", p.session_expiry_interval, number);
    optional(f, "ReceiveMaximum", p.receive_max, number);
    optional(f, "MaximumQoS", p.max_qos, |it| (*it as u8).to_string());
    optional(f, "RetainAvailable", p.retain_available, bit);
    optional(f, "MaximumPacketSize", p.max_packet_size, number);
    optional(f, "AssignedClientIdentifier", p.assigned_client_id, string);
    optional(f, "TopicAliasMaximum", p.topic_alias_max, number);
    optional(f, "ReasonString", p.reason_string, string);
    optional(f, "WildcardSubscriptionAvailable", p.wildcard_subscription_available, bit);
    optional(f, "SubscriptionIdentifierAvailable", p.subscription_id_available, bit);
    optional(f, "SharedSubscriptionAvailable", p.shared_subscription_available, bit);
    optional(f, "ServerKeepAlive", p.server_keep_alive, number);
    optional(f, "ResponseInformation", p.response_info, string);
    optional(f, "ServerReference", p.server_reference, string);
    optional(f, "AuthenticationMethod", p.auth_method, string);
    optional(f, "AuthenticationData", p.auth_data, |it| hex(it));
    pairs(f, "", &p.user_properties);
}

fn publish_5(f: &mut Fields, it: &v5::Publish) {
    add(f, "type", 3);
    flag(f, "dup", it.dup);
    flag(f, "retain", it.retain);
    text(f, "topic", &it.topic_name);
    quality(f, it.qos_pid);
    add(f, "payload", hex(&it.payload));
    let p = it.properties.clone();
    optional(f, "PayloadFormatIndicator", p.payload_is_utf8, bit);
    optional(f, "MessageExpiryInterval", p.message_expiry_interval, number);
    optional(f, "TopicAlias", p.topic_alias, number);
    optional(f, "ResponseTopic", p.response_topic, |it| hex(it.as_bytes()));
    optional(f, "CorrelationData", p.correlation_data, |it| hex(it));
    optional(f, "SubscriptionIdentifier", p.subscription_id, |it| it.value().to_string());
    optional(f, "ContentType", p.content_type, string);
    pairs(f, "", &p.user_properties);
}
