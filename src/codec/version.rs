//! The three versions of MQTT. It does not know which one a connection ends up with.

/// Protocol Version, the byte of CONNECT that tells it (3.1.2.2).
///
/// ```
/// use wasmqtt::codec::ProtocolVersion;
///
/// assert_eq!(ProtocolVersion::from_level(4), Some(ProtocolVersion::V3_1_1));
/// assert!(ProtocolVersion::V5_0.is_v5());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProtocolVersion {
    /// MQTT 3.1, protocol name `MQIsdp`.
    V3_1 = 3,
    /// MQTT 3.1.1.
    V3_1_1 = 4,
    /// MQTT 5.0.
    V5_0 = 5,
}

impl ProtocolVersion {
    /// The value on the wire.
    pub const fn level(self) -> u8 {
        self as u8
    }

    /// The version with this level, if there is one.
    pub const fn from_level(level: u8) -> Option<Self> {
        match level {
            3 => Some(Self::V3_1),
            4 => Some(Self::V3_1_1),
            5 => Some(Self::V5_0),
            _ => None,
        }
    }

    /// Whether packets have properties and reason codes.
    pub const fn is_v5(self) -> bool {
        matches!(self, Self::V5_0)
    }

    /// The protocol name of CONNECT (3.1.2.1).
    pub(crate) const fn protocol_name(self) -> &'static str {
        match self {
            Self::V3_1 => "MQIsdp",
            Self::V3_1_1 | Self::V5_0 => "MQTT",
        }
    }
}
