//! Bytes that were received and not read yet, but for payloads: of those it knows where they are. It
//! knows heads of packets, not what is in them.

use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Range;

use super::utf8::Utf8;
use crate::codec::{DecodeError, Head, ProtocolVersion, locate_head};

/// The received bytes of one connection.
#[derive(Default, Debug)]
pub(super) struct Inbox {
    pub(super) bytes: Vec<u8>,
    pub(super) place: Place,
}

/// Where in them the next packet begins.
#[derive(Default, Debug)]
pub(super) struct Place {
    cursor: usize,
    /// Among all bytes of the connection.
    position: u64,
    /// The head of the packet at the cursor is there, and its payload is still coming.
    coming: Option<Coming>,
}

#[derive(Clone, Copy, Debug)]
struct Coming {
    head: Head,
    missing: usize,
    /// Where the payload has to be looked at.
    text: Option<Utf8>,
}

/// A head, where it lies, and the payload that belongs to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) head: Head,
    /// Bytes of the payload that did not come yet.
    pub(super) missing: usize,
    /// Of one that was waited for and looked at.
    pub(super) text: Option<Utf8>,
    /// It was waited for, and is not in these bytes.
    pub(super) waited: bool,
}

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let (payload, rest) =
            bytes.split_at_checked(self.skip(bytes.len())).unwrap_or((&[], bytes));
        let Self { bytes: kept, place } = self;
        if let Some(Coming { text: Some(text), .. }) = &mut place.coming {
            text.push(payload);
        }
        if place.cursor == kept.len() && kept.capacity() > KEPT {
            *kept = Vec::new();
        }
        // What is unread moves to the front; there is little of it.
        let cells = Cell::from_mut(kept.as_mut_slice()).as_slice_of_cells();
        for (to, from) in cells.iter().zip(cells.iter().skip(place.cursor)) {
            to.set(from.get());
        }
        kept.truncate(kept.len().saturating_sub(place.cursor));
        place.cursor = 0;
        kept.extend_from_slice(rest);
    }

    /// So many bytes came. How many of them belong to the payload that is coming.
    pub(super) fn skip(&mut self, len: usize) -> usize {
        let Self { bytes, place } = self;
        let Some(coming) = place.coming.as_mut().filter(|it| it.missing > 0) else { return 0 };
        // What is there of the payload is the last that is there.
        bytes.truncate(place.cursor + coming.head.len);
        let payload = len.min(coming.missing);
        coming.missing -= payload;
        payload
    }

    /// Bytes of a payload that come next and that need not be shown.
    pub(super) fn skippable(&self) -> usize {
        match &self.place.coming {
            Some(Coming { missing, text: None, .. }) => *missing,
            _ => 0,
        }
    }

    /// The payload that is coming, among all bytes of the connection.
    pub(super) fn payload_coming(&self) -> Option<Range<u64>> {
        let Place { position, coming, .. } = &self.place;
        let Coming { head, .. } = coming.as_ref()?;
        Some(position + head.len as u64..position + head.frame.len as u64)
    }

    /// What is not read of the packet that is coming: how many bytes of a payload, or what is there of a head.
    pub(super) fn unread(&self) -> (usize, &[u8]) {
        match &self.place.coming {
            Some(coming) => (coming.missing, &[]),
            None => (0, self.bytes.get(self.place.cursor..).unwrap_or_default()),
        }
    }

    /// Another connection.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Place {
    /// The next head in `bytes`; `None` when it is not there yet, or its payload is coming.
    pub(super) fn next(
        &self,
        bytes: &[u8],
        version: ProtocolVersion,
        maximum_packet_size: u32,
    ) -> Result<Option<Found>, DecodeError> {
        let at = self.cursor;
        if let Some(coming) = &self.coming {
            let Coming { head, missing, text } = *coming;
            return Ok((missing == 0).then_some(Found { at, head, missing, text, waited: true }));
        }
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let head = locate_head(rest, version, Some(maximum_packet_size))?;
        Ok(head.map(|head| {
            let missing = head.frame.len.saturating_sub(rest.len());
            Found { at, head, missing, text: None, waited: false }
        }))
    }

    /// Where the payload of that one begins, among all bytes of the connection.
    pub(super) fn payload_begin(&self, found: &Found) -> u64 {
        self.position + found.head.len as u64
    }

    /// That one has been read.
    pub(super) fn advance(&mut self, found: &Found) {
        let Head { frame, len } = found.head;
        self.cursor += if found.waited { len } else { frame.len };
        self.position += frame.len as u64;
        self.coming = None;
    }

    /// The payload of that one is waited for, and looked at where there is a `text`.
    pub(super) fn wait_for(&mut self, found: &Found, text: Option<Utf8>) {
        self.coming = Some(Coming { head: found.head, missing: found.missing, text });
    }

    /// Nobody is interested in what is there.
    pub(super) fn give_up(&mut self, bytes: &[u8]) {
        self.cursor = bytes.len();
        self.coming = None;
    }
}

/// Capacity that is kept when everything was read; memory of wasm is never given back.
const KEPT: usize = 1 << 20;
