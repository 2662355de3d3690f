//! Packets on their way to the driver. It knows bytes, not what is in them, and which of them wait for the store.

use alloc::vec::Vec;

use crate::session::STORES;

/// Packets that are written, and those that are lent.
#[derive(Default, Debug)]
pub(super) struct Outbox {
    pending: Vec<u8>,
    lent: Vec<u8>,
    /// From here on, bytes wait for what is being stored.
    held: Option<usize>,
    /// From here on, they wait for what is stored after that.
    next: Option<usize>,
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

    /// Nothing of it leaves. What is written next may depend on what the store does not have yet, as this did.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
        self.held = self.held.and(Some(0));
        self.next = self.next.and(Some(0));
    }

    /// What was written since there were so many bytes depends on changes that are not being stored yet.
    pub(super) fn hold(&mut self, before: usize) {
        self.next = Some(self.next.map_or(before, |next| next.min(before)));
    }

    /// They are being stored now.
    pub(super) fn begin(&mut self) {
        self.held = self.next.take();
    }

    /// They are stored.
    pub(super) fn stored(&mut self) {
        self.held = None;
    }

    /// Nothing waits.
    pub(super) fn release(&mut self) {
        self.held = None;
        self.next = None;
    }

    /// What waits never leaves; what is written from now on leaves at once, to the end of the connection.
    pub(super) fn drop_held(&mut self) {
        self.pending.truncate(self.free());
        self.held = self.held.and(Some(usize::MAX));
        self.next = self.next.and(Some(usize::MAX));
    }

    /// Whether something waits.
    pub(super) fn is_held(&self) -> bool {
        self.free() < self.pending.len()
    }

    /// Whether something may leave.
    pub(super) fn has_free(&self) -> bool {
        self.free() > 0
    }

    /// All of it that may leave, if there is any.
    pub(super) fn take(&mut self) -> Option<&[u8]> {
        if self.lent.capacity() > KEPT {
            self.lent = Vec::new();
        }
        self.lent.clear();
        let free = self.free();
        if free == self.pending.len() {
            core::mem::swap(&mut self.lent, &mut self.pending);
        } else {
            let (free, held) = self.pending.split_at_checked(free).unwrap_or((&[], &self.pending));
            self.lent.extend_from_slice(free);
            self.pending = held.to_vec();
        }
        for from in [&mut self.held, &mut self.next].into_iter().flatten() {
            *from = from.saturating_sub(free);
        }
        (!self.lent.is_empty()).then_some(&self.lent)
    }

    fn free(&self) -> usize {
        let len = self.pending.len();
        if !STORES {
            return len;
        }
        let from = |place: Option<usize>| place.map_or(len, |from| from.min(len));
        from(self.held).min(from(self.next))
    }
}

/// Capacity that is kept; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
