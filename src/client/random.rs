//! Random numbers for identifiers and jitter. It does not know where the seed comes from; nothing
//! secret is made of them.

use alloc::string::String;

/// SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `most`.
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        self.next() % most.saturating_add(1).max(1)
    }

    /// 23 letters and digits, which every server has to accept [MQTT-3.1.3-5].
    pub(super) fn client_identifier(&mut self) -> String {
        let mut text = String::from("wasmqtt");
        for _ in 0..16 {
            let at = self.up_to(DIGITS.len() as u64 - 1) as usize;
            text.push(DIGITS.get(at).map_or('0', |digit| char::from(*digit)));
        }
        text
    }
}

const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-3.1.3-5] (5.0)
    #[test]
    fn a_client_identifier_has_23_letters_and_digits() {
        let mut random = Random::new(1);
        let identifier = random.client_identifier();
        assert_eq!(identifier.len(), 23);
        assert!(identifier.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(identifier, random.client_identifier());
    }

    #[test]
    fn a_number_stays_in_its_range() {
        let mut random = Random::new(2);
        assert_eq!(random.up_to(0), 0);
        assert!((0..1000).all(|_| random.up_to(3) <= 3));
        assert!((0..1000).any(|_| random.up_to(u64::MAX) > 1 << 60));
    }
}
