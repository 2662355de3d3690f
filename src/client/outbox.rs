//! Packets on their way to the driver. It knows bytes, not what is in them.

use alloc::vec::Vec;

/// Packets that are written, and those that are lent.
#[derive(Default, Debug)]
pub(super) struct Outbox {
    pending: Vec<u8>,
    lent: Vec<u8>,
}

impl Outbox {
    /// Where packets are written to, each behind the one before.
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Takes back what was written last.
    pub(super) fn truncate(&mut self, len: usize) {
        self.pending.truncate(len);
    }

    /// Nothing of it leaves.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    /// All of it, if there is any.
    pub(super) fn take(&mut self) -> Option<&[u8]> {
        if self.lent.capacity() > KEPT {
            self.lent = Vec::new();
        }
        self.lent.clear();
        core::mem::swap(&mut self.lent, &mut self.pending);
        (!self.lent.is_empty()).then_some(&self.lent)
    }
}

/// Capacity that is kept; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
