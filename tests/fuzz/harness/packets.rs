//! Packets of a server's, made of the fuzzer's choices: mostly well formed, with values at the edges, and now and then
//! with a byte changed. It does not know what the client makes of them.

use core::num::{NonZeroU16, NonZeroU32};

use wasmqtt::client::Config;
use wasmqtt::codec::{
    Acknowledgement, Auth, Connack, Disconnect, Packet, PacketIdentifier, PacketType,
    PropertiesBuf, Property, ProtocolVersion, Publish, QoS, ReasonCode, ReasonCodes, Suback,
    SubscriptionIdentifier,
};

use super::input::Input;

pub const TOPICS: [&str; 8] =
    ["a", "plant/one/temperature", "plant/two/temperature", "b/c", "$SYS/x", "/", "reply/1", "q"];
const TEXTS: [&str; 5] = ["", "m", "wrong", "other.example:8884", "\u{FEFF}é"];
const SIZES: [u32; 8] = [1, 4, 7, 20, 64, 130, 20_000, u32::MAX];
/// Reason codes that stand somewhere, and some that stand nowhere.
const CODES: [u8; 16] = [
    0x00, 0x01, 0x02, 0x10, 0x11, 0x18, 0x80, 0x82, 0x87, 0x84, 0x8E, 0x92, 0x97, 0x9C, 0x9D, 0x05,
];

/// Appends one packet.
pub fn packet(input: &mut Input<'_>, version: ProtocolVersion, config: &Config, out: &mut Vec<u8>) {
    let kind = input.u8();
    let start = out.len();
    build(kind & 0x0F, input, version, config, out);
    if out.len() == start {
        // The version cannot say it: by hand.
        let body = input.take(usize::from(kind >> 4));
        out.extend_from_slice(&[kind << 4 | 2, body.len() as u8]);
        out.extend_from_slice(body);
    }
    // One in four has a byte changed.
    if kind & 0xC0 == 0xC0 {
        let at = start + input.below(out.len() - start);
        out[at] = input.u8();
    }
}

fn build(
    kind: u8,
    input: &mut Input<'_>,
    version: ProtocolVersion,
    config: &Config,
    out: &mut Vec<u8>,
) {
    let mut properties = PropertiesBuf::new();
    let identifier = PacketIdentifier::new(match input.u8() {
        it @ 0..=63 => u16::from(it % 8) + 1,
        it @ 64..=127 => u16::from(it),
        _ => input.u16(),
    });
    let Some(identifier) = identifier else { return };
    let codes;
    let v5 = version.is_v5();
    let packet = match kind {
        0 | 2 => {
            let flags = input.u8();
            if v5 {
                limits(input, &mut properties);
                let method = config.authentication_method.as_deref();
                if let Some(method) = method.filter(|_| flags & 0x70 != 0) {
                    push(&mut properties, Property::AuthenticationMethod(method));
                }
            }
            let code = if flags & 0x80 == 0 { 0 } else { input.pick(&CODES) };
            Packet::Connack(Connack {
                session_present: flags & 1 == 1,
                reason_code: ReasonCode::from_value(code),
                return_code: code,
                properties: properties.as_properties(),
            })
        }
        1 | 3 | 8 => {
            let flags = input.u8();
            let qos = QoS::from_value(flags & 3).unwrap_or_default();
            let mut topic = input.pick(&TOPICS);
            if v5 {
                message(input, &mut properties);
                if flags & 0x20 != 0 {
                    push(&mut properties, Property::TopicAlias(u16::from(input.u8() % 20)));
                    if flags & 0x40 != 0 {
                        topic = "";
                    }
                }
            }
            let payload = if flags & 0x80 == 0 { input.bytes() } else { &[0x78; 300] };
            Packet::Publish(Publish {
                duplicate: flags & 8 != 0 && qos != QoS::AtMostOnce,
                qos,
                retain: flags & 4 != 0,
                topic,
                packet_identifier: Some(identifier).filter(|_| qos != QoS::AtMostOnce),
                properties: properties.as_properties(),
                payload,
            })
        }
        4..=7 => {
            let flags = input.u8();
            let mut ack = Acknowledgement::success(identifier);
            if v5 && flags & 1 != 0 {
                ack.reason_code = ReasonCode::from_value(input.pick(&CODES));
            }
            if v5 && flags & 2 != 0 {
                reasons(input, &mut properties);
                ack.properties = properties.as_properties();
            }
            match kind {
                4 => Packet::Puback(ack),
                5 => Packet::Pubrec(ack),
                6 => Packet::Pubrel(ack),
                _ => Packet::Pubcomp(ack),
            }
        }
        9..=11 => {
            let count = usize::from(input.u8() % 10);
            codes = (0..count).map(|_| input.pick(&CODES)).collect::<Vec<_>>();
            if v5 && count > 8 {
                reasons(input, &mut properties);
            }
            let suback = Suback {
                packet_identifier: identifier,
                properties: properties.as_properties(),
                reason_codes: ReasonCodes(&codes),
            };
            if kind == 11 { Packet::Unsuback(suback) } else { Packet::Suback(suback) }
        }
        12 => Packet::Pingreq,
        13 => Packet::Pingresp,
        14 => {
            let reason_code = ReasonCode::from_value(input.pick(&CODES));
            if v5 && input.bool() {
                reasons(input, &mut properties);
                push(&mut properties, Property::ServerReference(input.pick(&TEXTS)));
            }
            Packet::Disconnect(Disconnect { reason_code, properties: properties.as_properties() })
        }
        _ => {
            let flags = input.u8();
            let method = config.authentication_method.as_deref().filter(|_| flags & 1 == 0);
            push(&mut properties, Property::AuthenticationMethod(method.unwrap_or("wrong")));
            if flags & 2 != 0 {
                push(&mut properties, Property::AuthenticationData(input.bytes()));
            }
            let reason_code = ReasonCode::from_value(input.pick(&[0x18, 0x00, 0x18, 0x19]));
            Packet::Auth(Auth { reason_code, properties: properties.as_properties() })
        }
    };
    let packet_type = packet.packet_type();
    let before = out.len();
    if packet.encode(version, out).is_err() {
        out.truncate(before);
        // A reason code that does not stand there: as bytes.
        if matches!(packet_type, PacketType::Puback | PacketType::Disconnect) {
            out.extend_from_slice(&[(packet_type as u8) << 4, 3, 0, 1, input.u8()]);
        }
    }
}

fn push(properties: &mut PropertiesBuf, property: Property<'_>) {
    // One that stands there already stays as it is.
    let _ = properties.push(property);
}

fn reasons(input: &mut Input<'_>, properties: &mut PropertiesBuf) {
    let flags = input.u8();
    if flags & 1 != 0 {
        push(properties, Property::ReasonString(input.pick(&TEXTS)));
    }
    if flags & 2 != 0 {
        push(properties, Property::UserProperty((input.pick(&TEXTS), input.pick(&TEXTS))));
    }
}

/// What a CONNACK may say (3.2.2.3).
fn limits(input: &mut Input<'_>, properties: &mut PropertiesBuf) {
    let which = input.u16();
    let set = |bit: u16| which & 1 << bit != 0;
    if set(0) {
        let maximum = NonZeroU16::new(u16::from(input.u8() % 8) + 1);
        maximum.into_iter().for_each(|it| push(properties, Property::ReceiveMaximum(it)));
    }
    if set(1) {
        let size = NonZeroU32::new(input.pick(&SIZES));
        size.into_iter().for_each(|it| push(properties, Property::MaximumPacketSize(it)));
    }
    if set(2) {
        push(properties, Property::MaximumQoS(input.bool()));
    }
    if set(3) {
        push(properties, Property::RetainAvailable(input.bool()));
    }
    if set(4) {
        push(properties, Property::TopicAliasMaximum(u16::from(input.u8())));
    }
    if set(5) {
        push(properties, Property::WildcardSubscriptionAvailable(input.bool()));
    }
    if set(6) {
        push(properties, Property::SubscriptionIdentifierAvailable(input.bool()));
    }
    if set(7) {
        push(properties, Property::SharedSubscriptionAvailable(input.bool()));
    }
    if set(8) {
        push(properties, Property::ServerKeepAlive(u16::from(input.u8())));
    }
    if set(9) {
        push(properties, Property::AssignedClientIdentifier(input.pick(&TEXTS)));
    }
    if set(10) {
        push(properties, Property::SessionExpiryInterval(input.pick(&SIZES)));
    }
    if set(11) {
        push(properties, Property::ServerReference(input.pick(&TEXTS)));
    }
    if set(12) {
        push(properties, Property::ResponseInformation(input.pick(&TEXTS)));
    }
    if set(13) {
        reasons(input, properties);
    }
}

/// What a PUBLISH may say besides its topic (3.3.2.3).
fn message(input: &mut Input<'_>, properties: &mut PropertiesBuf) {
    let which = input.u8();
    if which & 1 != 0 {
        push(properties, Property::PayloadFormatIndicator(which & 0x80 != 0));
    }
    if which & 2 != 0 {
        push(properties, Property::MessageExpiryInterval(input.pick(&SIZES)));
    }
    if which & 4 != 0 {
        push(properties, Property::ContentType(input.pick(&TEXTS)));
    }
    if which & 8 != 0 {
        push(properties, Property::ResponseTopic(input.pick(&TOPICS)));
    }
    if which & 16 != 0 {
        push(properties, Property::CorrelationData(input.take(4)));
    }
    if which & 32 != 0 {
        let number = SubscriptionIdentifier::new(u32::from(input.u8()));
        number.into_iter().for_each(|it| push(properties, Property::SubscriptionIdentifier(it)));
    }
    if which & 64 != 0 {
        push(properties, Property::UserProperty((input.pick(&TEXTS), input.pick(&TEXTS))));
    }
}
