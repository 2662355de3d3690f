//! What the server said in CONNACK (3.2.2.3). It knows the specification's defaults; who keeps to
//! the limits is `outgoing`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Config;
use crate::codec::{Connack, ProtocolVersion, QoS};

/// The terms of a connection, with defaults filled in.
///
/// ```
/// use wasmqtt::client::{Client, Instant, Output};
///
/// # fn connected() -> Result<Client, wasmqtt::client::Error> {
/// #     let now = Instant::from_millis(0);
/// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
/// #     client.connect(now)?;
/// #     drain(&mut client);
/// #     client.handle_open(now);
/// #     while client.poll_transmit(now, 65_536).is_some() {}
/// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
/// #     drain(&mut client);
/// #     Ok(client)
/// # }
/// # fn drain(client: &mut Client) {
/// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
/// # }
/// let client = connected()?;
/// let server = client.server().expect("it is connected");
/// assert_eq!((server.keep_alive, server.receive_maximum), (60, 65_535));
/// assert!(server.retain_available);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerInfo {
    /// Which of the servers.
    pub server: usize,
    /// `host` or `host:port` in its place, where a server said so (4.11).
    pub redirected_to: Option<String>,
    /// The version in use.
    pub version: ProtocolVersion,
    /// The client identifier in use.
    pub client_identifier: String,
    /// The server had the session (3.2.2.1.1).
    pub session_present: bool,
    /// Seconds in force (3.2.2.3.14); 0 is off.
    pub keep_alive: u16,
    /// Seconds in force (3.2.2.3.2). In 3.x 0 for a clean session, else all ones.
    pub session_expiry_interval: u32,
    /// QoS 1 and 2 publishes the server accepts at once (3.2.2.3.3).
    pub receive_maximum: u16,
    /// Bytes of a packet the server accepts (3.2.2.3.6).
    pub maximum_packet_size: u32,
    /// Greatest QoS of a publish (3.2.2.3.4).
    pub maximum_qos: QoS,
    /// Whether a publish may be retained (3.2.2.3.5).
    pub retain_available: bool,
    /// Topic Aliases the server accepts (3.2.2.3.8).
    pub topic_alias_maximum: u16,
    /// 3.2.2.3.11.
    pub wildcard_subscription_available: bool,
    /// 3.2.2.3.13; false in 3.x, which does not have them.
    pub shared_subscription_available: bool,
    /// 3.2.2.3.12; false in 3.x, which does not have them.
    pub subscription_identifier_available: bool,
    /// 3.2.2.3.15.
    pub response_information: Option<String>,
    /// 3.2.2.3.16.
    pub server_reference: Option<String>,
    /// 3.2.2.3.9.
    pub reason_string: Option<String>,
    /// 3.2.2.3.10.
    pub user_properties: Vec<(String, String)>,
}

/// What of it bounds what is sent.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Limits {
    pub(super) receive_maximum: u16,
    pub(super) maximum_packet_size: usize,
    pub(super) maximum_qos: QoS,
    pub(super) retain_available: bool,
    pub(super) wildcard_subscription_available: bool,
    pub(super) shared_subscription_available: bool,
    pub(super) subscription_identifier_available: bool,
}

impl ServerInfo {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            receive_maximum: self.receive_maximum,
            maximum_packet_size: self.maximum_packet_size as usize,
            maximum_qos: self.maximum_qos,
            retain_available: self.retain_available,
            wildcard_subscription_available: self.wildcard_subscription_available,
            shared_subscription_available: self.shared_subscription_available,
            subscription_identifier_available: self.subscription_identifier_available,
        }
    }

    pub(super) fn read(
        connack: &Connack<'_>,
        server: usize,
        version: ProtocolVersion,
        clean_start: bool,
        client_identifier: &str,
        config: &Config,
    ) -> Self {
        let properties = &connack.properties;
        let v5 = version.is_v5();
        let text = |text: Option<&str>| text.map(ToString::to_string);
        let kept = match (v5, clean_start) {
            (true, _) => config.session_expiry_interval,
            (false, true) => 0,
            (false, false) => u32::MAX,
        };
        Self {
            server,
            redirected_to: None,
            version,
            client_identifier: properties
                .assigned_client_identifier()
                .unwrap_or(client_identifier)
                .to_string(),
            session_present: connack.session_present,
            keep_alive: properties.server_keep_alive().unwrap_or(config.keep_alive),
            session_expiry_interval: properties.session_expiry_interval().unwrap_or(kept),
            receive_maximum: properties.receive_maximum().map_or(u16::MAX, |maximum| maximum.get()),
            maximum_packet_size: properties
                .maximum_packet_size()
                .map_or(LARGEST_PACKET, |size| size.get().min(LARGEST_PACKET)),
            maximum_qos: match properties.maximum_qos() {
                Some(false) => QoS::AtMostOnce,
                Some(true) => QoS::AtLeastOnce,
                None => QoS::ExactlyOnce,
            },
            retain_available: properties.retain_available().unwrap_or(true),
            topic_alias_maximum: properties.topic_alias_maximum().unwrap_or(0),
            wildcard_subscription_available: properties
                .wildcard_subscription_available()
                .unwrap_or(true),
            shared_subscription_available: properties.shared_subscription_available().unwrap_or(v5),
            subscription_identifier_available: properties
                .subscription_identifier_available()
                .unwrap_or(v5),
            response_information: text(properties.response_information()),
            server_reference: text(properties.server_reference()),
            reason_string: text(properties.reason_string()),
            user_properties: properties
                .user_properties()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
        }
    }
}

/// Bytes of the longest packet there is: five of fixed header and 268,435,455 (2.1.4).
pub(super) const LARGEST_PACKET: u32 = 268_435_460;
