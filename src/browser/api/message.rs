//! A message as a Rust application receives it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::client;
use crate::codec::{PropertiesBuf, QoS};

/// A message of a [`Subscription`](super::Subscription). Subscriptions that overlap share it.
///
/// ```no_run
/// use wasmqtt::Message;
///
/// fn celsius(message: &Message) -> Option<f64> {
///     message.text()?.parse().ok()
/// }
/// # let _ = celsius;
/// ```
#[derive(Clone)]
pub struct Message {
    /// Topic it was published to.
    pub topic: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Quality of Service it was delivered with.
    pub qos: QoS,
    /// In MQTT 5.0 and without Retain As Published: it was kept by the server, and was sent because
    /// of the subscription.
    pub retain: bool,
    /// Sent once before; not whether the application has seen it [MQTT-3.3.1-3].
    pub duplicate: bool,
    /// Properties (5.0), the Topic Alias left out.
    pub properties: PropertiesBuf,
    /// Where a subscription that it went to acknowledges by hand.
    pub(super) delivery: Option<client::DeliveryId>,
}

impl Message {
    pub(super) fn of(message: &client::Message<'_>, payload: Vec<u8>) -> Self {
        let mut properties = PropertiesBuf::new();
        for property in message.properties.iter() {
            // Cannot fail: they were valid when they came.
            let _ = properties.push(property);
        }
        Self {
            topic: message.topic.into(),
            payload,
            qos: message.qos,
            retain: message.retain,
            duplicate: message.duplicate,
            properties,
            delivery: message.delivery,
        }
    }

    /// The payload, if it is UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        core::str::from_utf8(&self.payload).ok()
    }
}
