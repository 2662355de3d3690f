//! A hash of texts for tables in memory: FNV-1a over words of four bytes. It does not withstand texts
//! that are made to collide.

/// The hash of a text.
pub(crate) fn hash(text: &[u8]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for chunk in text.chunks(4) {
        let word = chunk.iter().fold(0, |word: u32, byte| word << 8 | u32::from(*byte));
        hash = mix(hash, word);
    }
    hash
}

/// A hash with one more word; its high bits are folded down.
pub(crate) const fn mix(hash: u32, word: u32) -> u32 {
    let hash = (hash ^ word).wrapping_mul(0x0100_0193);
    hash ^ hash >> 15
}
