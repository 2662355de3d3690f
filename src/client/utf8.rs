//! Whether bytes that come in pieces are UTF-8. It keeps no more of them than the beginning of one
//! character.

/// What is known so far.
#[derive(Default, Clone, Copy, Debug)]
pub(super) struct Utf8 {
    begun: [u8; 4],
    len: usize,
    broken: bool,
}

impl Utf8 {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while self.len > 0 && !self.broken {
            let Some((byte, tail)) = rest.split_first() else { return };
            rest = tail;
            if let Some(free) = self.begun.get_mut(self.len) {
                *free = *byte;
            }
            let len = self.len + 1;
            match core::str::from_utf8(self.begun.get(..len).unwrap_or_default()) {
                Ok(_) => self.len = 0,
                Err(error) => {
                    self.len = len;
                    self.broken = error.error_len().is_some();
                }
            }
        }
        if let Err(error) = core::str::from_utf8(rest) {
            let begun = rest.get(error.valid_up_to()..).unwrap_or_default();
            self.broken |= error.error_len().is_some();
            for (free, byte) in self.begun.iter_mut().zip(begun) {
                *free = *byte;
            }
            self.len = begun.len();
        }
    }

    /// Whether all that came is, and no character is cut.
    pub(super) fn is_valid(&self) -> bool {
        self.len == 0 && !self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_what_the_whole_is() {
        let texts: [&[u8]; 12] = [
            b"",
            b"text",
            "1 \u{e9} \u{20ac} \u{1f600}".as_bytes(),
            "\u{1f600}\u{1f600}".as_bytes(),
            b"\xE2\x82",
            b"\xF0\x9F\x98",
            b"\xE2\x82A\xAC",
            b"\xFF",
            b"a\xC0\x80",
            b"\xED\xA0\x80",
            b"\xF4\x90\x80\x80",
            b"\x80\xE2\x82\xAC",
        ];
        for text in texts {
            for first in 0..=text.len() {
                for second in first..=text.len() {
                    let mut pieces = Utf8::default();
                    pieces.push(&text[..first]);
                    pieces.push(&text[first..second]);
                    pieces.push(&text[second..]);
                    let whole = core::str::from_utf8(text).is_ok();
                    assert_eq!(pieces.is_valid(), whole, "{text:x?} at {first} and {second}");
                }
            }
        }
    }
}
