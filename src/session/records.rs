//! A session as records that a store keeps: a number and bytes each. It knows how they are laid out; it does not
//! know where they are kept.
//!
//! ```text
//! head          layout, known, client identifier
//! message       flags, progress, since u64, [expires u64], topic, [label], properties, payload
//! progress      Packet Identifier u16 or 0, 1 once PUBREC came, its reason code: in place of that of the message;
//!               2 where the message was given up, and has no record any more
//! received      a QoS 2 identifier; no bytes but one
//! subscription  Subscription Identifier u32, options, filter
//! ```
//!
//! Integers have their greatest byte first; texts and properties a length before them, of two and four bytes, but
//! where they are the last. Times are milliseconds since 1970.

use alloc::vec::Vec;
use core::ops::Range;

/// Which record; those of one kind are together, and in the order in which they came.
///
/// ```
/// use wasmqtt::session::{RecordKey, RecordKind};
///
/// let key = RecordKey::from_raw(0);
/// assert_eq!((key.get(), key.kind()), (0, Some(RecordKind::Head)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordKey(u64);

/// What a record is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RecordKind {
    /// The session itself; one.
    Head = 0,
    /// A publish on its way out.
    Message = 1,
    /// How far the message of the same number has come.
    Progress = 2,
    /// A QoS 2 Packet Identifier on its way in.
    Received = 3,
    /// A filter.
    Subscription = 4,
}

impl RecordKey {
    pub(crate) const fn new(kind: RecordKind, number: u64) -> Self {
        Self((kind as u64) << NUMBER_BITS | number & MASK)
    }

    /// As it was stored; below 2^53, so that it is a number of JavaScript's.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// To be stored.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// `None` for one that this layout does not have.
    #[must_use]
    pub const fn kind(self) -> Option<RecordKind> {
        Some(match self.0 >> NUMBER_BITS {
            0 => RecordKind::Head,
            1 => RecordKind::Message,
            2 => RecordKind::Progress,
            3 => RecordKind::Received,
            4 => RecordKind::Subscription,
            _ => return None,
        })
    }

    pub(crate) const fn number(self) -> u64 {
        self.0 & MASK
    }
}

/// A record that is no record of this layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damaged;

/// Records to be written and removed, all of them or none.
///
/// ```
/// use wasmqtt::session::{Changes, RecordKey};
///
/// /// Writes them, all or none.
/// fn store(changes: &Changes, write: impl Fn(RecordKey, Option<&[u8]>)) {
///     changes.iter().for_each(|(key, bytes)| write(key, bytes));
/// }
/// ```
#[derive(Clone, Default, Debug)]
pub struct Changes {
    bytes: Vec<u8>,
    list: Vec<(RecordKey, Option<Range<usize>>)>,
    holds_told: bool,
}

impl Changes {
    /// Each record: its bytes, or `None` where it is to be removed, which may not be there.
    pub fn iter(&self) -> impl Iterator<Item = (RecordKey, Option<&[u8]>)> {
        self.list.iter().map(|(key, range)| {
            (*key, range.as_ref().map(|range| self.bytes.get(range.clone()).unwrap_or_default()))
        })
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether messages that were told since the changes before these have to wait until these are stored.
    #[must_use]
    pub fn holds_told(&self) -> bool {
        self.holds_told
    }

    pub(crate) fn hold_told(&mut self, holds: bool) {
        self.holds_told = holds;
    }

    /// The same memory is used again, unless it was a great deal.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.bytes.clear();
        self.holds_told = false;
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
    }

    pub(super) fn put(&mut self, key: RecordKey, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.list.push((key, Some(start..self.bytes.len())));
    }

    pub(super) fn remove(&mut self, key: RecordKey) {
        self.list.push((key, None));
    }
}

/// How many milliseconds the clock on the wall is ahead of the engine's.
///
/// ```
/// use wasmqtt::session::Wall;
///
/// let wall = Wall::new(1_700_000_000_000, 5_000);
/// assert_eq!(wall.shown(6_000), 1_700_000_001_000);
/// assert_eq!(wall.when(1_700_000_001_000), 6_000);
/// ```
#[derive(Clone, Copy, Default, Debug)]
pub struct Wall(u64);

impl Wall {
    /// Of two readings of the same moment, in milliseconds.
    #[must_use]
    pub fn new(wall: u64, now: u64) -> Self {
        Self(wall.saturating_sub(now))
    }

    /// What the wall shows.
    #[must_use]
    pub fn shown(self, at: u64) -> u64 {
        at.saturating_add(self.0)
    }

    /// When that was, or will be; the beginning of time for what was before.
    #[must_use]
    pub fn when(self, shown: u64) -> u64 {
        shown.saturating_sub(self.0)
    }
}

/// Reads a record from its front.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (first, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    pub(super) fn block(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let (block, rest) = self.0.split_at_checked(len).ok_or(Damaged)?;
        self.0 = rest;
        Ok(block)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Damaged> {
        let len = u16::from_be_bytes(self.take()?);
        core::str::from_utf8(self.block(len.into())?).map_err(|_| Damaged)
    }
}

/// Appends a text of at most 65,535 bytes.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The layout that this file describes.
pub(super) const LAYOUT: u8 = 1;

/// The kind is above them: three bits, so that all are below 2^53.
const NUMBER_BITS: u32 = 50;

const MASK: u64 = (1 << NUMBER_BITS) - 1;

/// Capacity that is kept; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
