//! Packet Identifiers as values. Who uses which one is the session's business.

use core::num::NonZeroU16;

use super::DecodeError;
use super::wire::Reader;

/// From 1 to 65,535 (2.2.1).
///
/// ```
/// use wasmqtt::codec::PacketIdentifier;
///
/// assert_eq!(PacketIdentifier::new(7).map(PacketIdentifier::get), Some(7));
/// assert_eq!(PacketIdentifier::new(0), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PacketIdentifier(NonZeroU16);

impl PacketIdentifier {
    /// `None` for 0.
    pub const fn new(value: u16) -> Option<Self> {
        match NonZeroU16::new(value) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// The value on the wire.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::new(reader.u16()?).ok_or(DecodeError::protocol("the packet identifier is 0"))
    }
}
