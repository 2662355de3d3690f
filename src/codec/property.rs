//! One property (5.0, 2.2.2.2): read, written, and where it may stand. It does not know what it means,
//! nor what stands beside it.

use alloc::vec::Vec;
use core::num::{NonZeroU16, NonZeroU32};

use super::property_table::property_table;
use super::wire::{self, Reader};
use super::{DecodeError, EncodeError, PacketType};

const WILL: u16 = 1; // Packet type 0 is reserved, so its bit stands for the Will Properties.
const CONNECT: u16 = PacketType::Connect.bit();
const CONNACK: u16 = PacketType::Connack.bit();
pub(super) const PUBLISH: u16 = PacketType::Publish.bit();
const SUBSCRIBE: u16 = PacketType::Subscribe.bit();
const SUBACKS: u16 = PacketType::Suback.bit() | PacketType::Unsuback.bit();
const PUBACKS: u16 = PacketType::Puback.bit()
    | PacketType::Pubrec.bit()
    | PacketType::Pubrel.bit()
    | PacketType::Pubcomp.bit();
const DISCONNECT: u16 = PacketType::Disconnect.bit();
const AUTH: u16 = PacketType::Auth.bit();
const ANY: u16 = !(PacketType::Pingreq.bit() | PacketType::Pingresp.bit());

/// Where a block of properties stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Packet(PacketType),
    Will,
}

impl Place {
    pub(super) const fn bit(self) -> u16 {
        match self {
            Self::Packet(packet) => packet.bit(),
            Self::Will => WILL,
        }
    }
}

/// How a value stands on the wire (1.5).
#[derive(Clone, Copy)]
enum Form {
    /// A byte that is 0 or 1.
    Bool,
    U16,
    U32,
    /// Not 0.
    NonZeroU16,
    /// Not 0.
    NonZeroU32,
    /// A Variable Byte Integer that is not 0.
    Varint,
    Binary,
    String,
    StringPair,
}

/// A value of any form: what a form does not have is 0 or empty.
#[derive(Clone, Copy, Default)]
struct Value<'a> {
    number: u32,
    binary: &'a [u8],
    first: &'a str,
    second: &'a str,
}

impl<'a> Value<'a> {
    fn number(number: u32) -> Self {
        Self { number, ..Self::default() }
    }

    fn read(form: Form, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut value = Self::default();
        match form {
            Form::Bool => value.number = reader.u8()?.into(),
            Form::U16 | Form::NonZeroU16 => value.number = reader.u16()?.into(),
            Form::U32 | Form::NonZeroU32 => value.number = reader.u32()?,
            Form::Varint => value.number = reader.varint()?,
            Form::Binary => value.binary = reader.binary()?,
            Form::String => value.first = reader.string()?,
            Form::StringPair => (value.first, value.second) = (reader.string()?, reader.string()?),
        }
        match form {
            Form::Bool if value.number > 1 => {
                Err(DecodeError::protocol("a property that is 0 or 1 has another value"))
            }
            Form::NonZeroU16 | Form::NonZeroU32 if value.number == 0 => {
                Err(DecodeError::protocol("a property that can not be 0 is 0"))
            }
            Form::Varint if value.number == 0 => {
                Err(DecodeError::protocol("the Subscription Identifier is 0"))
            }
            _ => Ok(value),
        }
    }

    fn write(self, form: Form, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match form {
            Form::Bool => out.push(self.number as u8),
            Form::U16 | Form::NonZeroU16 => wire::put_u16(out, self.number as u16),
            Form::U32 | Form::NonZeroU32 => out.extend_from_slice(&self.number.to_be_bytes()),
            Form::Varint => wire::put_varint(out, self.number),
            Form::Binary => wire::put_binary(out, self.binary)?,
            Form::String => wire::put_string(out, self.first)?,
            Form::StringPair => {
                wire::put_string(out, self.first)?;
                wire::put_string(out, self.second)?;
            }
        }
        Ok(())
    }
}

/// A type of the table, with the form it has on the wire.
trait Typed<'a>: Sized {
    const FORM: Form;
    /// From a value that was read in that form.
    fn typed(value: Value<'a>) -> Self;
    fn value(self) -> Value<'a>;
}

macro_rules! typed {
    ($($type:ty, $form:ident, $value:pat => $typed:expr, $this:pat => $back:expr;)+) => {
        $(impl<'a> Typed<'a> for $type {
            const FORM: Form = Form::$form;
            fn typed($value: Value<'a>) -> Self {
                $typed
            }
            fn value(self) -> Value<'a> {
                let $this = self;
                $back
            }
        })+
    };
}

typed! {
    bool, Bool, it => it.number != 0, it => Value::number(it.into());
    u16, U16, it => it.number as Self, it => Value::number(it.into());
    u32, U32, it => it.number, it => Value::number(it);
    NonZeroU16, NonZeroU16, it => Self::new(it.number as u16).unwrap_or(Self::MIN), it => Value::number(it.get().into());
    NonZeroU32, NonZeroU32, it => Self::new(it.number).unwrap_or(Self::MIN), it => Value::number(it.get());
    SubscriptionIdentifier, Varint, it => Self(it.number), it => Value::number(it.0);
    &'a [u8], Binary, it => it.binary, it => Value { binary: it, ..Value::default() };
    &'a str, String, it => it.first, it => Value { first: it, ..Value::default() };
    (&'a str, &'a str), StringPair, it => (it.first, it.second), (first, second) => Value { first, second, ..Value::default() };
}

/// A Variable Byte Integer that can not be 0.
///
/// ```
/// use wasmqtt::codec::{Property, SubscriptionIdentifier};
///
/// let identifier = SubscriptionIdentifier::new(9).ok_or("out of range")?;
/// let property = Property::SubscriptionIdentifier(identifier);
/// assert_eq!(identifier.get(), 9);
/// assert_eq!(SubscriptionIdentifier::new(0), None);
/// # let _ = property;
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubscriptionIdentifier(u32);

impl SubscriptionIdentifier {
    /// From 1 to 268,435,455 (5.0, 3.8.2.1.2).
    pub const fn new(value: u32) -> Option<Self> {
        if value == 0 || value > wire::VARINT_MAX { None } else { Some(Self(value)) }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

macro_rules! properties {
    ($($id:literal $name:ident $getter:ident ($($form:tt)+) in $places:expr, $doc:literal;)+) => {
        /// A property and its value (5.0, 2.2.2.2), numbered by its identifier.
        ///
        /// ```
        /// use wasmqtt::codec::{PropertiesBuf, Property};
        ///
        /// let mut properties = PropertiesBuf::new();
        /// properties.push(Property::PayloadFormatIndicator(true))?;
        /// assert_eq!(properties.as_properties().as_bytes(), [0x01, 1]);
        /// # Ok::<(), wasmqtt::codec::EncodeError>(())
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Property<'a> {
            $(#[doc = $doc] $name($($form)+) = $id,)+
        }

        impl<'a> Property<'a> {
            pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
                let identifier = reader.u8()?;
                let Some(form) = Self::form(identifier) else {
                    return Err(DecodeError::malformed("a property is unknown"));
                };
                let value = Value::read(form, reader)?;
                Ok(match identifier {
                    $($id => Self::$name(Typed::typed(value)),)+
                    _ => return Err(DecodeError::malformed("a property is unknown")),
                })
            }

            pub(super) fn write(self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
                let (form, value) = match self {
                    $(Self::$name(value) => (<$($form)+ as Typed<'a>>::FORM, value.value()),)+
                };
                out.push(self.identifier());
                value.write(form, out)
            }

            /// The form of the property with that identifier.
            const fn form(identifier: u8) -> Option<Form> {
                Some(match identifier {
                    $($id => <$($form)+ as Typed<'a>>::FORM,)+
                    _ => return None,
                })
            }

            pub(super) const fn identifier(&self) -> u8 {
                match self { $(Self::$name(_) => $id,)+ }
            }

            pub(super) const fn places(&self) -> u16 {
                match self { $(Self::$name(_) => $places,)+ }
            }
        }
    };
}

property_table!(properties);

impl Property<'_> {
    /// User Property anywhere; Subscription Identifier in a PUBLISH (3.3.2.3.8).
    pub(super) fn may_repeat(&self, place: u16) -> bool {
        match self {
            Self::UserProperty(_) => true,
            Self::SubscriptionIdentifier(_) => place & PUBLISH != 0,
            _ => false,
        }
    }
}
