//! Plain JavaScript objects of what the engine tells. It knows their fields, which are those of
//! the TypeScript types; it does not know when they are made. All of them are rare.

use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, Serializer as _};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::client::{CloseInfo, Error, ServerInfo, Stats};
use crate::codec::{Properties, Property, QoS};

/// An object under construction. Maps and not structs are written, because those keep a table of
/// field names.
struct Record(<&'static Serializer as serde::Serializer>::SerializeMap);

impl Record {
    fn new() -> Option<Self> {
        SERIALIZER.serialize_map(None).ok().map(Self)
    }

    fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        // Fails only for a key that is not text and for integers above 2^53.
        let _ = self.0.serialize_entry(name, value);
    }

    fn set_some<T: Serialize>(&mut self, name: &str, value: Option<T>) {
        if let Some(value) = value {
            self.set(name, &value);
        }
    }

    fn end(self) -> JsValue {
        self.0.end().unwrap_or(JsValue::UNDEFINED)
    }
}

fn record(fill: impl FnOnce(&mut Record)) -> JsValue {
    let Some(mut record) = Record::new() else { return JsValue::UNDEFINED };
    fill(&mut record);
    record.end()
}

/// `ErrorData`.
pub(super) fn error(error: &Error) -> JsValue {
    record(|record| {
        record.set("code", &(error.code as u32));
        record.set("message", &*error.message);
        record.set_some("reasonCode", error.reason_code.map(|code| code.value()));
        record.set_some("reasonString", error.reason_string.as_deref());
        if !error.user_properties.is_empty() {
            record.set("userProperties", &error.user_properties);
        }
        record.set_some("close", error.close.as_ref().map(Close));
        record.set("phase", &(error.phase as u32));
        record.set("retryable", &error.retryable);
    })
}

/// `ServerInfo`; `url` is the address that was connected to.
pub(super) fn server(server: &ServerInfo, url: &str) -> JsValue {
    record(|record| {
        record.set("url", url);
        record.set("protocol", &server.version.level());
        record.set("clientId", &*server.client_identifier);
        record.set("sessionPresent", &server.session_present);
        record.set("keepAlive", &server.keep_alive);
        record.set("sessionExpiry", &server.session_expiry_interval);
        record.set("receiveMaximum", &server.receive_maximum);
        record.set("maximumPacketSize", &server.maximum_packet_size);
        record.set("maximumQoS", &(server.maximum_qos as u32));
        record.set("retainAvailable", &server.retain_available);
        record.set("topicAliasMaximum", &server.topic_alias_maximum);
        record.set("wildcardSubscriptionAvailable", &server.wildcard_subscription_available);
        record.set("sharedSubscriptionAvailable", &server.shared_subscription_available);
        record.set("subscriptionIdentifierAvailable", &server.subscription_identifier_available);
        record.set_some("responseInformation", server.response_information.as_deref());
        record.set_some("serverReference", server.server_reference.as_deref());
        record.set_some("reasonString", server.reason_string.as_deref());
        record.set("userProperties", &server.user_properties);
    })
}

/// `MessageProperties`; `undefined` when there are none.
pub(super) fn properties(properties: Properties<'_>) -> JsValue {
    // Subscription Identifiers are the library's own.
    let ours = |it| matches!(it, Property::SubscriptionIdentifier(_));
    if properties.iter().all(ours) {
        return JsValue::UNDEFINED;
    }
    record(|record| {
        let format = properties.payload_format_indicator();
        record.set_some("payloadFormat", format.map(|text| if text { "utf-8" } else { "bytes" }));
        record.set_some("expiry", properties.message_expiry_interval());
        record.set_some("contentType", properties.content_type());
        record.set_some("responseTopic", properties.response_topic());
        record.set_some("correlationData", properties.correlation_data().map(Bytes));
        record.set("userProperties", &properties.user_properties().collect::<Vec<_>>());
    })
}

/// `Stats` as numbers in the order of its fields; NaN for `undefined`.
pub(super) fn stats(stats: &Stats, buffered_amount: u32) -> Vec<f64> {
    [
        stats.bytes_sent as f64,
        stats.bytes_received as f64,
        stats.packets_sent as f64,
        stats.packets_received as f64,
        stats.messages_sent as f64,
        stats.messages_received as f64,
        stats.queued as f64,
        stats.queued_bytes as f64,
        stats.in_flight as f64,
        f64::from(stats.connections),
        stats.round_trip.map_or(f64::NAN, |it| it.as_millis() as f64),
        f64::from(buffered_amount),
    ]
    .into()
}

/// Name, value, name, value, ...; `None` when there are none.
pub(super) fn flat_user_properties(properties: Properties<'_>) -> Option<Vec<JsValue>> {
    let mut flat = Vec::new();
    for (name, value) in properties.user_properties() {
        flat.push(JsValue::from_str(name));
        flat.push(JsValue::from_str(value));
    }
    (!flat.is_empty()).then_some(flat)
}

/// Message flags of `Sink.message`.
pub(super) fn flags(qos: QoS, retain: bool, duplicate: bool) -> u32 {
    qos as u32 | u32::from(retain) << 2 | u32::from(duplicate) << 3
}

struct Close<'a>(&'a CloseInfo);

impl Serialize for Close<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.0.code)?;
        map.serialize_entry("reason", &*self.0.reason)?;
        map.serialize_entry("wasClean", &self.0.was_clean)?;
        map.end()
    }
}

/// A `Uint8Array`, where a slice would be an array of numbers.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

static SERIALIZER: Serializer = Serializer::new().serialize_maps_as_objects(true);
