//! Reading and writing the data representations of section 1.5: integers, strings, binary data.
//!
//! It does not know packets.

use alloc::vec::Vec;

use super::{DecodeError, EncodeError};

/// The greatest Variable Byte Integer (5.0, 1.5.5).
pub(crate) const VARINT_MAX: u32 = 268_435_455;

/// A cursor over the bytes of one packet.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let Some((head, tail)) = self.bytes.split_at_checked(len) else {
            return Err(DecodeError::malformed("the packet is too short for what it holds"));
        };
        self.bytes = tail;
        Ok(head)
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.bytes)
    }

    /// Fails when bytes are left over.
    pub(crate) fn end(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::malformed("bytes are left over at the end of the packet"))
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        match self.take(1)? {
            [byte] => Ok(*byte),
            _ => Ok(0),
        }
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        match self.take(2)? {
            [a, b] => Ok(u16::from_be_bytes([*a, *b])),
            _ => Ok(0),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        match self.take(4)? {
            [a, b, c, d] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
            _ => Ok(0),
        }
    }

    /// Shortest form only [MQTT-1.5.5-1].
    pub(crate) fn varint(&mut self) -> Result<u32, DecodeError> {
        match read_varint(self.bytes, true)? {
            Some((value, len)) => {
                self.take(len)?;
                Ok(value)
            }
            None => Err(DecodeError::malformed("the packet is too short for what it holds")),
        }
    }

    /// Binary Data (5.0, 1.5.6).
    pub(crate) fn binary(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// UTF-8 Encoded String: well-formed, and without U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2].
    pub(crate) fn string(&mut self) -> Result<&'a str, DecodeError> {
        let bytes = self.binary()?;
        match core::str::from_utf8(bytes) {
            Ok(text) if !has_null(bytes) => Ok(text),
            Ok(_) => Err(DecodeError::malformed("a string holds U+0000")),
            Err(_) => Err(DecodeError::malformed("a string is not UTF-8")),
        }
    }
}

/// Whether there is U+0000 in a text; eight bytes are looked at together.
#[inline]
pub(crate) fn has_null(text: &[u8]) -> bool {
    let words = text.chunks_exact(8);
    let tail = words.remainder().contains(&0);
    let mut words = words.filter_map(|word| Some(u64::from_ne_bytes(word.try_into().ok()?)));
    // Only a byte that is 0 borrows where its highest bit was not set.
    let null = |word: u64| word.wrapping_sub(LOWEST_BITS) & !word & LOWEST_BITS << 7 != 0;
    tail || words.any(null)
}

/// The lowest bit of each byte.
const LOWEST_BITS: u64 = 0x0101_0101_0101_0101;

/// A Variable Byte Integer at the front of `bytes`: value and length, `None` when bytes are missing.
pub(crate) fn read_varint(
    bytes: &[u8],
    shortest_only: bool,
) -> Result<Option<(u32, usize)>, DecodeError> {
    let mut value = 0u32;
    for index in 0..4usize {
        let Some(&byte) = bytes.get(index) else {
            return Ok(None);
        };
        value |= u32::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            if shortest_only && byte == 0 && index > 0 {
                return Err(DecodeError::malformed("a length is not in its shortest form"));
            }
            return Ok(Some((value, index + 1)));
        }
    }
    Err(DecodeError::malformed("a length is longer than four bytes"))
}

/// How many bytes `value` takes as a Variable Byte Integer.
pub(crate) const fn varint_len(value: u32) -> usize {
    match value {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = (value & 0x7F) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Writes it over the bytes that are there.
pub(crate) fn set_varint(out: &mut [u8], mut value: u32) {
    for byte in out {
        let low = (value & 0x7F) as u8;
        value >>= 7;
        *byte = if value == 0 { low } else { low | 0x80 };
        if value == 0 {
            return;
        }
    }
}

pub(crate) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Writes Binary Data, 65,535 bytes at most.
#[inline]
pub(crate) fn put_binary(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    let len = u16::try_from(bytes.len()).map_err(|_| EncodeError::StringTooLong)?;
    put_u16(out, len);
    out.extend_from_slice(bytes);
    Ok(())
}

/// Writes a UTF-8 Encoded String, without U+0000.
#[inline]
pub(crate) fn put_string(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    if has_null(text.as_bytes()) {
        return Err(EncodeError::InvalidString);
    }
    put_binary(out, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_null_is_found_wherever_it_is() {
        for len in 0..40 {
            for byte in [1, b'a', 0x7F, 0x80, 0x81, 0xFF] {
                let mut text = vec![byte; len];
                assert!(!has_null(&text));
                for at in 0..len {
                    text[at] = 0;
                    assert!(has_null(&text), "{at} of {len}");
                    text[at] = byte;
                }
            }
        }
    }

    /// [MQTT-1.5.5-1] (5.0)
    #[test]
    fn a_variable_byte_integer_takes_its_shortest_form() {
        for (value, len) in [
            (0, 1),
            (127, 1),
            (128, 2),
            (16_383, 2),
            (16_384, 3),
            (2_097_151, 3),
            (2_097_152, 4),
            (VARINT_MAX, 4),
        ] {
            let mut out = vec![];
            put_varint(&mut out, value);
            assert_eq!((out.len(), varint_len(value)), (len, len));
            assert_eq!(read_varint(&out, true), Ok(Some((value, len))));
        }
    }

    #[test]
    fn a_padded_integer_is_malformed_where_the_shortest_form_is_asked_for() {
        assert!(read_varint(&[0x80, 0x00], true).is_err());
        assert_eq!(read_varint(&[0x80, 0x00], false), Ok(Some((0, 2))));
        assert!(read_varint(&[0xFF, 0xFF, 0xFF, 0xFF], false).is_err());
        assert_eq!(read_varint(&[0x80, 0x80], true), Ok(None));
    }

    /// [MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-1.5.4-3] (5.0)
    #[test]
    fn a_string_is_well_formed_utf_8_without_u_0000() {
        let read = |bytes: &'static [u8]| Reader::new(bytes).string();
        assert!(read(&[0, 2, 0x74, 0x00]).is_err());
        assert!(read(&[0, 3, 0xED, 0xA0, 0x80]).is_err());
        assert!(read(&[0, 2, 0xC0, 0x80]).is_err());
        assert_eq!(read(&[0, 4, 0xEF, 0xBB, 0xBF, 0x74]), Ok("\u{FEFF}t"));
        assert_eq!(put_string(&mut vec![], "a\0"), Err(EncodeError::InvalidString));
    }
}
