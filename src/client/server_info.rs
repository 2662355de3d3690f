//! What the server said in CONNACK (3.2.2.3). It knows the specification's defaults; who keeps to
//! the limits is `outgoing`.

use alloc::string::String;
use alloc::vec::Vec;

use super::Config;
use crate::codec::{Connack, Property, ProtocolVersion, QoS};

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
        let v5 = version.is_v5();
        let mut info = Self {
            server,
            redirected_to: None,
            version,
            client_identifier: client_identifier.into(),
            session_present: connack.session_present,
            keep_alive: config.keep_alive,
            session_expiry_interval: match (v5, clean_start) {
                (true, _) => config.session_expiry_interval,
                (false, true) => 0,
                (false, false) => u32::MAX,
            },
            receive_maximum: u16::MAX,
            maximum_packet_size: LARGEST_PACKET,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            topic_alias_maximum: 0,
            wildcard_subscription_available: true,
            shared_subscription_available: v5,
            subscription_identifier_available: v5,
            response_information: None,
            server_reference: None,
            reason_string: None,
            user_properties: Vec::new(),
        };
        for property in connack.properties.iter() {
            info.set(property);
        }
        info
    }

    /// What the server says in place of the default.
    fn set(&mut self, property: Property<'_>) {
        match property {
            Property::AssignedClientIdentifier(text) => self.client_identifier = text.into(),
            Property::ServerKeepAlive(seconds) => self.keep_alive = seconds,
            Property::SessionExpiryInterval(seconds) => self.session_expiry_interval = seconds,
            Property::ReceiveMaximum(maximum) => self.receive_maximum = maximum.get(),
            Property::MaximumPacketSize(size) => {
                self.maximum_packet_size = size.get().min(LARGEST_PACKET);
            }
            Property::MaximumQoS(one) => {
                self.maximum_qos = if one { QoS::AtLeastOnce } else { QoS::AtMostOnce };
            }
            Property::RetainAvailable(available) => self.retain_available = available,
            Property::TopicAliasMaximum(maximum) => self.topic_alias_maximum = maximum,
            Property::WildcardSubscriptionAvailable(available) => {
                self.wildcard_subscription_available = available;
            }
            Property::SharedSubscriptionAvailable(available) => {
                self.shared_subscription_available = available;
            }
            Property::SubscriptionIdentifierAvailable(available) => {
                self.subscription_identifier_available = available;
            }
            Property::ResponseInformation(text) => self.response_information = Some(text.into()),
            Property::ServerReference(text) => self.server_reference = Some(text.into()),
            Property::ReasonString(text) => self.reason_string = Some(text.into()),
            Property::UserProperty((name, value)) => {
                self.user_properties.push((name.into(), value.into()));
            }
            _ => {}
        }
    }
}

/// Bytes of the longest packet there is: five of fixed header and 268,435,455 (2.1.4).
pub(super) const LARGEST_PACKET: u32 = 268_435_460;
