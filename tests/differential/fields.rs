//! What a packet says, as a sorted list of names and values: the one form in which three codecs are compared. Strings and
//! binary data are in hexadecimal. It does not know how a packet was read.

use std::fmt::Write;

use wasmqtt::codec::{Packet, Properties, Property, ProtocolVersion, SubscriptionOptions};

/// Names and values, in their order.
pub type Fields = Vec<String>;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Adds a field; the value as it is shown.
pub fn add(fields: &mut Fields, name: &str, value: impl ToString) {
    fields.push(format!("{name}={}", value.to_string()));
}

pub fn text(fields: &mut Fields, name: &str, value: &str) {
    add(fields, name, hex(value.as_bytes()));
}

pub fn flag(fields: &mut Fields, name: &str, value: bool) {
    add(fields, name, u8::from(value));
}

/// A User Property. What is compared is sorted: between different names there is no order that all codecs keep.
pub fn pair(fields: &mut Fields, prefix: &str, name: &str, value: &str) {
    let (name, value) = (hex(name.as_bytes()), hex(value.as_bytes()));
    fields.push(format!("{prefix}UserProperty={name}:{value}"));
}

/// Sorts: properties have no order (2.2.2.2), and those that repeat are named by their place.
pub fn sorted(mut fields: Fields) -> Fields {
    fields.sort();
    fields
}

/// What our codec has read.
pub fn of(packet: &Packet<'_>, version: ProtocolVersion) -> Fields {
    let v5 = version.is_v5();
    let mut f = Fields::new();
    add(&mut f, "type", packet.packet_type() as u8);
    match packet {
        Packet::Connect(it) => {
            add(&mut f, "level", it.version.level());
            flag(&mut f, "clean", it.clean_start);
            add(&mut f, "keepalive", it.keep_alive);
            text(&mut f, "client", it.client_identifier);
            if let Some(username) = it.username {
                text(&mut f, "username", username);
            }
            if let Some(password) = it.password {
                add(&mut f, "password", hex(password));
            }
            if let Some(will) = &it.will {
                text(&mut f, "will.topic", will.topic.as_str());
                add(&mut f, "will.payload", hex(will.payload));
                add(&mut f, "will.qos", will.qos.value());
                flag(&mut f, "will.retain", will.retain);
                properties(&mut f, "will.", &will.properties);
            }
            properties(&mut f, "", &it.properties);
        }
        Packet::Connack(it) => {
            flag(&mut f, "present", it.session_present);
            add(&mut f, "code", it.return_code);
            properties(&mut f, "", &it.properties);
        }
        Packet::Publish(it) => {
            flag(&mut f, "dup", it.duplicate);
            add(&mut f, "qos", it.qos.value());
            flag(&mut f, "retain", it.retain);
            text(&mut f, "topic", it.topic);
            if let Some(id) = it.packet_identifier {
                add(&mut f, "id", id.get());
            }
            add(&mut f, "payload", hex(it.payload));
            properties(&mut f, "", &it.properties);
        }
        Packet::Puback(it) | Packet::Pubrec(it) | Packet::Pubrel(it) | Packet::Pubcomp(it) => {
            add(&mut f, "id", it.packet_identifier.get());
            if v5 {
                add(&mut f, "code", it.reason_code.value());
            }
            properties(&mut f, "", &it.properties);
        }
        Packet::Subscribe(it) => {
            add(&mut f, "id", it.packet_identifier.get());
            for (index, subscription) in it.subscriptions.iter().enumerate() {
                let options = options(subscription.options, v5);
                filter(&mut f, index, subscription.filter.as_str(), &options);
            }
            properties(&mut f, "", &it.properties);
        }
        Packet::Suback(it) | Packet::Unsuback(it) => {
            add(&mut f, "id", it.packet_identifier.get());
            add(&mut f, "codes", hex(it.reason_codes.0));
            properties(&mut f, "", &it.properties);
        }
        Packet::Unsubscribe(it) => {
            add(&mut f, "id", it.packet_identifier.get());
            for (index, it) in it.filters.iter().enumerate() {
                filter(&mut f, index, it.as_str(), "");
            }
            properties(&mut f, "", &it.properties);
        }
        Packet::Pingreq | Packet::Pingresp => {}
        Packet::Disconnect(it) => {
            if v5 {
                add(&mut f, "code", it.reason_code.value());
            }
            properties(&mut f, "", &it.properties);
        }
        Packet::Auth(it) => {
            add(&mut f, "code", it.reason_code.value());
            properties(&mut f, "", &it.properties);
        }
    }
    sorted(f)
}

/// A Topic Filter with its options, by its place.
pub fn filter(fields: &mut Fields, index: usize, text: &str, options: &str) {
    fields.push(format!("filter={index:03} {} {options}", hex(text.as_bytes())));
}

/// QoS, No Local, Retain As Published, Retain Handling; in 3.x the QoS.
fn options(options: SubscriptionOptions, v5: bool) -> String {
    let qos = options.qos.value();
    if !v5 {
        return qos.to_string();
    }
    let (local, published) = (u8::from(options.no_local), u8::from(options.retain_as_published));
    format!("{qos} {local} {published} {}", options.retain_handling as u8)
}

fn properties(fields: &mut Fields, prefix: &str, all: &Properties<'_>) {
    for property in all.iter() {
        let (name, value) = match property {
            Property::UserProperty((name, value)) => {
                pair(fields, prefix, name, value);
                continue;
            }
            Property::PayloadFormatIndicator(it) => ("PayloadFormatIndicator", bit(it)),
            Property::MessageExpiryInterval(it) => ("MessageExpiryInterval", it.to_string()),
            Property::ContentType(it) => ("ContentType", hex(it.as_bytes())),
            Property::ResponseTopic(it) => ("ResponseTopic", hex(it.as_bytes())),
            Property::CorrelationData(it) => ("CorrelationData", hex(it)),
            Property::SubscriptionIdentifier(it) => {
                ("SubscriptionIdentifier", it.get().to_string())
            }
            Property::SessionExpiryInterval(it) => ("SessionExpiryInterval", it.to_string()),
            Property::AssignedClientIdentifier(it) => {
                ("AssignedClientIdentifier", hex(it.as_bytes()))
            }
            Property::ServerKeepAlive(it) => ("ServerKeepAlive", it.to_string()),
            Property::AuthenticationMethod(it) => ("AuthenticationMethod", hex(it.as_bytes())),
            Property::AuthenticationData(it) => ("AuthenticationData", hex(it)),
            Property::RequestProblemInformation(it) => ("RequestProblemInformation", bit(it)),
            Property::WillDelayInterval(it) => ("WillDelayInterval", it.to_string()),
            Property::RequestResponseInformation(it) => ("RequestResponseInformation", bit(it)),
            Property::ResponseInformation(it) => ("ResponseInformation", hex(it.as_bytes())),
            Property::ServerReference(it) => ("ServerReference", hex(it.as_bytes())),
            Property::ReasonString(it) => ("ReasonString", hex(it.as_bytes())),
            Property::ReceiveMaximum(it) => ("ReceiveMaximum", it.to_string()),
            Property::TopicAliasMaximum(it) => ("TopicAliasMaximum", it.to_string()),
            Property::TopicAlias(it) => ("TopicAlias", it.to_string()),
            Property::MaximumQoS(it) => ("MaximumQoS", bit(it)),
            Property::RetainAvailable(it) => ("RetainAvailable", bit(it)),
            Property::MaximumPacketSize(it) => ("MaximumPacketSize", it.to_string()),
            Property::WildcardSubscriptionAvailable(it) => {
                ("WildcardSubscriptionAvailable", bit(it))
            }
            Property::SubscriptionIdentifierAvailable(it) => {
                ("SubscriptionIdentifierAvailable", bit(it))
            }
            Property::SharedSubscriptionAvailable(it) => ("SharedSubscriptionAvailable", bit(it)),
        };
        fields.push(format!("{prefix}{name}={value}"));
    }
}

fn bit(value: bool) -> String {
    u8::from(value).to_string()
}
