//! Reason Codes (5.0, 2.4), in one table: value, name, and the packets each may stand in.
//!
//! It does not know what a client does about a code: that is the client layer's table.

use super::PacketType;

/// A Reason Code. Below 0x80 is success (5.0, 2.4).
///
/// ```
/// use wasmqtt::codec::ReasonCode;
///
/// let code = ReasonCode::from_value(0x87);
/// assert_eq!(code, ReasonCode::NOT_AUTHORIZED);
/// assert!(code.is_error());
/// assert_eq!(code.name(), "Not authorized");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReasonCode(u8);

const CONNACK: u16 = PacketType::Connack.bit();
const PUBACK: u16 = PacketType::Puback.bit() | PacketType::Pubrec.bit();
const PUBREL: u16 = PacketType::Pubrel.bit() | PacketType::Pubcomp.bit();
const SUBACK: u16 = PacketType::Suback.bit();
const UNSUBACK: u16 = PacketType::Unsuback.bit();
const AUTH: u16 = PacketType::Auth.bit();
const DISCONNECT: u16 = PacketType::Disconnect.bit();

macro_rules! reason_codes {
    ($($value:literal $name:ident $text:literal in $($packet:ident)|+;)+) => {
        impl ReasonCode {
            $(
                #[doc = concat!($text, ".")]
                pub const $name: Self = Self($value);
            )+

            const VALUES: &[u8] = &[$($value),+];

            /// In the order of the values, and in one text, so that no table of texts is in the WebAssembly.
            const NAMES: &str = concat!($($text, "\n"),+);

            /// Bit sets of the packets that each may stand in.
            const PACKETS: &[u16] = &[$($($packet)|+),+];
        }
    };
}

reason_codes! {
    0x00 SUCCESS "Success" in CONNACK | PUBACK | PUBREL | SUBACK | UNSUBACK | AUTH | DISCONNECT;
    0x01 GRANTED_QOS_1 "Granted QoS 1" in SUBACK;
    0x02 GRANTED_QOS_2 "Granted QoS 2" in SUBACK;
    0x04 DISCONNECT_WITH_WILL_MESSAGE "Disconnect with Will Message" in DISCONNECT;
    0x10 NO_MATCHING_SUBSCRIBERS "No matching subscribers" in PUBACK;
    0x11 NO_SUBSCRIPTION_EXISTED "No subscription existed" in UNSUBACK;
    0x18 CONTINUE_AUTHENTICATION "Continue authentication" in AUTH;
    0x19 RE_AUTHENTICATE "Re-authenticate" in AUTH;
    0x80 UNSPECIFIED_ERROR "Unspecified error" in CONNACK | PUBACK | SUBACK | UNSUBACK | DISCONNECT;
    0x81 MALFORMED_PACKET "Malformed Packet" in CONNACK | DISCONNECT;
    0x82 PROTOCOL_ERROR "Protocol Error" in CONNACK | DISCONNECT;
    0x83 IMPLEMENTATION_SPECIFIC_ERROR "Implementation specific error" in CONNACK | PUBACK | SUBACK | UNSUBACK | DISCONNECT;
    0x84 UNSUPPORTED_PROTOCOL_VERSION "Unsupported Protocol Version" in CONNACK;
    0x85 CLIENT_IDENTIFIER_NOT_VALID "Client Identifier not valid" in CONNACK;
    0x86 BAD_USER_NAME_OR_PASSWORD "Bad User Name or Password" in CONNACK;
    0x87 NOT_AUTHORIZED "Not authorized" in CONNACK | PUBACK | SUBACK | UNSUBACK | DISCONNECT;
    0x88 SERVER_UNAVAILABLE "Server unavailable" in CONNACK;
    0x89 SERVER_BUSY "Server busy" in CONNACK | DISCONNECT;
    0x8A BANNED "Banned" in CONNACK;
    0x8B SERVER_SHUTTING_DOWN "Server shutting down" in DISCONNECT;
    0x8C BAD_AUTHENTICATION_METHOD "Bad authentication method" in CONNACK | DISCONNECT;
    0x8D KEEP_ALIVE_TIMEOUT "Keep Alive timeout" in DISCONNECT;
    0x8E SESSION_TAKEN_OVER "Session taken over" in DISCONNECT;
    0x8F TOPIC_FILTER_INVALID "Topic Filter invalid" in SUBACK | UNSUBACK | DISCONNECT;
    0x90 TOPIC_NAME_INVALID "Topic Name invalid" in CONNACK | PUBACK | DISCONNECT;
    0x91 PACKET_IDENTIFIER_IN_USE "Packet Identifier in use" in PUBACK | SUBACK | UNSUBACK;
    0x92 PACKET_IDENTIFIER_NOT_FOUND "Packet Identifier not found" in PUBREL;
    0x93 RECEIVE_MAXIMUM_EXCEEDED "Receive Maximum exceeded" in DISCONNECT;
    0x94 TOPIC_ALIAS_INVALID "Topic Alias invalid" in DISCONNECT;
    0x95 PACKET_TOO_LARGE "Packet too large" in CONNACK | DISCONNECT;
    0x96 MESSAGE_RATE_TOO_HIGH "Message rate too high" in DISCONNECT;
    0x97 QUOTA_EXCEEDED "Quota exceeded" in CONNACK | PUBACK | SUBACK | DISCONNECT;
    0x98 ADMINISTRATIVE_ACTION "Administrative action" in DISCONNECT;
    0x99 PAYLOAD_FORMAT_INVALID "Payload format invalid" in CONNACK | PUBACK | DISCONNECT;
    0x9A RETAIN_NOT_SUPPORTED "Retain not supported" in CONNACK | DISCONNECT;
    0x9B QOS_NOT_SUPPORTED "QoS not supported" in CONNACK | DISCONNECT;
    0x9C USE_ANOTHER_SERVER "Use another server" in CONNACK | DISCONNECT;
    0x9D SERVER_MOVED "Server moved" in CONNACK | DISCONNECT;
    0x9E SHARED_SUBSCRIPTIONS_NOT_SUPPORTED "Shared Subscriptions not supported" in SUBACK | DISCONNECT;
    0x9F CONNECTION_RATE_EXCEEDED "Connection rate exceeded" in CONNACK | DISCONNECT;
    0xA0 MAXIMUM_CONNECT_TIME "Maximum connect time" in DISCONNECT;
    0xA1 SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED "Subscription Identifiers not supported" in SUBACK | DISCONNECT;
    0xA2 WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED "Wildcard Subscriptions not supported" in SUBACK | DISCONNECT;
}

impl ReasonCode {
    /// The specification's name of the code; empty for a value it does not define.
    pub fn name(self) -> &'static str {
        let name = |row| Self::NAMES.as_bytes().split(|byte| *byte == b'\n').nth(row);
        let name = self.row().and_then(name).map(core::str::from_utf8);
        name.and_then(Result::ok).unwrap_or_default()
    }

    fn row(self) -> Option<usize> {
        Self::VALUES.iter().position(|value| *value == self.0)
    }

    /// The value on the wire.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// 0x80 and above mean that the operation failed.
    pub const fn is_error(self) -> bool {
        self.0 >= 0x80
    }

    /// Any byte as a code; what it may stand in is checked where a packet is decoded.
    pub const fn from_value(value: u8) -> Self {
        Self(value)
    }

    /// The code that says what a Connect Return code of 3.x says (3.1.1, 3.2.2.3).
    /// A value that 3.x does not define is an unspecified error, unless it is one of 5.0's codes.
    pub const fn from_connack_return_code(value: u8) -> Self {
        match value {
            0 => Self::SUCCESS,
            1 => Self::UNSUPPORTED_PROTOCOL_VERSION,
            2 => Self::CLIENT_IDENTIFIER_NOT_VALID,
            3 => Self::SERVER_UNAVAILABLE,
            4 => Self::BAD_USER_NAME_OR_PASSWORD,
            5 => Self::NOT_AUTHORIZED,
            0x80..=0xA2 => Self(value),
            _ => Self::UNSPECIFIED_ERROR,
        }
    }

    /// Whether 5.0 lets the code stand in this packet. DISCONNECT takes 0x8C from table 2-6.
    pub(crate) fn may_stand_in(self, packet: PacketType) -> bool {
        let packets = self.row().and_then(|row| Self::PACKETS.get(row));
        packets.is_some_and(|packets| packets & packet.bit() != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-3.14.2-1] (5.0)
    #[test]
    fn a_code_stands_only_where_the_specification_lets_it() {
        assert!(ReasonCode::SESSION_TAKEN_OVER.may_stand_in(PacketType::Disconnect));
        assert!(!ReasonCode::SESSION_TAKEN_OVER.may_stand_in(PacketType::Connack));
        assert!(ReasonCode::PACKET_IDENTIFIER_NOT_FOUND.may_stand_in(PacketType::Pubcomp));
        assert!(!ReasonCode::PACKET_IDENTIFIER_NOT_FOUND.may_stand_in(PacketType::Puback));
        assert!(!ReasonCode::from_value(0x03).may_stand_in(PacketType::Suback));
        assert_eq!(ReasonCode::NOT_AUTHORIZED.name(), "Not authorized");
        assert_eq!(ReasonCode::from_value(0x7E).name(), "");
    }

    #[test]
    fn return_codes_of_3_1_1_have_their_like_in_5_0() {
        assert_eq!(ReasonCode::from_connack_return_code(5), ReasonCode::NOT_AUTHORIZED);
        assert_eq!(ReasonCode::from_connack_return_code(9), ReasonCode::UNSPECIFIED_ERROR);
        assert_eq!(
            ReasonCode::from_connack_return_code(0x84),
            ReasonCode::UNSUPPORTED_PROTOCOL_VERSION
        );
    }
}
