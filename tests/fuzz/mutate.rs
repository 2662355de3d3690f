//! Random changes to inputs, the same in every run. It does not know what the inputs mean.

/// SplitMix64 and what it changes.
pub struct Mutator(u64);

const EDGES: [u8; 10] = [0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0x23, 0x26, 0x30];

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below that one.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    /// One of the inputs with one to four changes.
    pub fn mutate(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, inputs);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        match self.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = self.next() as u8,
            2 if !bytes.is_empty() => bytes[at] = EDGES[self.below(EDGES.len())],
            3 if !bytes.is_empty() => drop(bytes.remove(at)),
            4 => bytes.insert(at, self.next() as u8),
            5 => bytes.truncate(at),
            _ => {
                // The end of another one.
                let other = &inputs[self.below(inputs.len())];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[self.below(other.len())..]);
            }
        }
    }
}
