//! Bytes that were received and not read yet. It knows positions, not packets.

use alloc::vec::Vec;

/// The received bytes of one connection.
#[derive(Default, Debug)]
pub(super) struct Inbox {
    pub(super) bytes: Vec<u8>,
    /// Up to here they have been read.
    pub(super) cursor: usize,
    /// Position of the first of them among all of the connection.
    pub(super) start: u64,
}

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.start += self.cursor as u64;
        if self.cursor == self.bytes.len() {
            self.bytes.clear();
            if self.bytes.capacity() > KEPT {
                self.bytes = Vec::new();
            }
        } else {
            self.bytes.drain(..self.cursor);
        }
        self.cursor = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Another connection.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Capacity that is kept when everything was read; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
