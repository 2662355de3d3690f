//! All fifteen control packets as one type. It does not know who may send which.

use alloc::vec::Vec;

use super::{
    Acknowledgement, Auth, Connack, Connect, Disconnect, EncodeError, PacketType, ProtocolVersion,
    Publish, Suback, Subscribe, Unsubscribe,
};

/// A control packet, borrowing the bytes it was decoded from or will be encoded from.
///
/// ```
/// use wasmqtt::codec::{Packet, PacketType, ProtocolVersion};
///
/// let mut bytes = Vec::new();
/// Packet::Pingreq.encode(ProtocolVersion::V5_0, &mut bytes)?;
/// assert_eq!(bytes, [0xC0, 0]);
/// assert_eq!(Packet::Pingreq.packet_type(), PacketType::Pingreq);
/// # Ok::<(), wasmqtt::codec::EncodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Packet<'a> {
    Connect(Connect<'a>),
    Connack(Connack<'a>),
    Publish(Publish<'a>),
    Puback(Acknowledgement<'a>),
    Pubrec(Acknowledgement<'a>),
    Pubrel(Acknowledgement<'a>),
    Pubcomp(Acknowledgement<'a>),
    Subscribe(Subscribe<'a>),
    Suback(Suback<'a>),
    Unsubscribe(Unsubscribe<'a>),
    Unsuback(Suback<'a>),
    Pingreq,
    Pingresp,
    Disconnect(Disconnect<'a>),
    Auth(Auth<'a>),
}

impl Packet<'_> {
    /// Which of the fifteen it is.
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::Connack(_) => PacketType::Connack,
            Self::Publish(_) => PacketType::Publish,
            Self::Puback(_) => PacketType::Puback,
            Self::Pubrec(_) => PacketType::Pubrec,
            Self::Pubrel(_) => PacketType::Pubrel,
            Self::Pubcomp(_) => PacketType::Pubcomp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::Suback(_) => PacketType::Suback,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::Unsuback(_) => PacketType::Unsuback,
            Self::Pingreq => PacketType::Pingreq,
            Self::Pingresp => PacketType::Pingresp,
            Self::Disconnect(_) => PacketType::Disconnect,
            Self::Auth(_) => PacketType::Auth,
        }
    }

    /// Appends the packet's bytes.
    ///
    /// # Errors
    /// When the version can not say it; `out` is then as it was before.
    pub fn encode(&self, version: ProtocolVersion, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Connect(connect) => connect.encode(out),
            Self::Connack(connack) => connack.encode(version, out),
            Self::Publish(publish) => publish.encode(version, out),
            Self::Puback(ack) => ack.encode(PacketType::Puback, version, out),
            Self::Pubrec(ack) => ack.encode(PacketType::Pubrec, version, out),
            Self::Pubrel(ack) => ack.encode(PacketType::Pubrel, version, out),
            Self::Pubcomp(ack) => ack.encode(PacketType::Pubcomp, version, out),
            Self::Subscribe(subscribe) => subscribe.encode(version, out),
            Self::Suback(suback) => suback.encode(PacketType::Suback, version, out),
            Self::Unsubscribe(unsubscribe) => unsubscribe.encode(version, out),
            Self::Unsuback(unsuback) => unsuback.encode(PacketType::Unsuback, version, out),
            Self::Pingreq => {
                out.extend_from_slice(&[PacketType::Pingreq.first_byte(), 0]);
                Ok(())
            }
            Self::Pingresp => {
                out.extend_from_slice(&[PacketType::Pingresp.first_byte(), 0]);
                Ok(())
            }
            Self::Disconnect(disconnect) => disconnect.encode(version, out),
            Self::Auth(auth) => auth.encode(version, out),
        }
    }
}
