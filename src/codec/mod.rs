//! Bytes ⇄ packets, for MQTT 3.1, 3.1.1 and 5.0.
//!
//! One model for the three versions, in the shape of 5.0. A packet borrows the bytes it was decoded
//! from. This layer knows no session, no time and no socket.
//!
//! ```
//! use wasmqtt::codec::{Packet, Properties, ProtocolVersion, Publish, QoS, decode_from_server};
//!
//! let publish = Packet::Publish(Publish {
//!     duplicate: false,
//!     qos: QoS::AtMostOnce,
//!     retain: false,
//!     topic: "plant/1/temperature",
//!     packet_identifier: None,
//!     properties: Properties::EMPTY,
//!     payload: b"21.5",
//! });
//! let mut bytes = Vec::new();
//! publish.encode(ProtocolVersion::V5_0, &mut bytes)?;
//!
//! assert_eq!(decode_from_server(&bytes, ProtocolVersion::V5_0)?, publish);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ack;
mod auth;
mod connack;
mod connect;
mod decode;
mod disconnect;
mod error;
mod frame;
mod packet;
mod packet_identifier;
mod packet_type;
mod properties;
mod property;
mod property_table;
mod publish;
mod qos;
mod reason_code;
mod suback;
mod subscribe;
mod topic;
mod version;
mod wire;

pub use ack::Acknowledgement;
pub use auth::Auth;
pub use connack::Connack;
pub use connect::{Connect, Will};
pub(crate) use decode::decode_head_from_server;
pub use decode::{decode_from_client, decode_from_server};
pub use disconnect::Disconnect;
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use frame::{Frame, locate};
pub(crate) use frame::{Head, locate_head};
pub use packet::Packet;
pub use packet_identifier::PacketIdentifier;
pub use packet_type::PacketType;
pub use properties::{Properties, PropertiesBuf};
pub use property::{Property, SubscriptionIdentifier};
pub use publish::Publish;
pub use qos::QoS;
pub use reason_code::ReasonCode;
pub use suback::{ReasonCodes, Suback};
pub(crate) use subscribe::encode_filters;
pub use subscribe::{
    Filters, RetainHandling, Subscribe, Subscription, SubscriptionOptions, Subscriptions,
    Unsubscribe,
};
pub(crate) use topic::levels;
pub use topic::{TopicError, TopicFilter, TopicName};
pub use version::ProtocolVersion;
