//! Quality of Service. It does not know the exchanges that keep the promise.

/// How often a message is delivered (4.3).
///
/// ```
/// use wasmqtt::codec::QoS;
///
/// assert_eq!(QoS::default(), QoS::AtMostOnce);
/// assert_eq!(QoS::from_value(2), Some(QoS::ExactlyOnce));
/// assert!(QoS::ExactlyOnce > QoS::AtLeastOnce);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum QoS {
    /// 0: no acknowledgement.
    #[default]
    AtMostOnce = 0,
    /// 1: acknowledged by PUBACK.
    AtLeastOnce = 1,
    /// 2: acknowledged by PUBREC, PUBREL and PUBCOMP.
    ExactlyOnce = 2,
}

impl QoS {
    /// The value on the wire.
    pub const fn value(self) -> u8 {
        self as u8
    }

    /// From the value on the wire; 3 does not exist [MQTT-3.3.1-4].
    pub const fn from_value(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}
