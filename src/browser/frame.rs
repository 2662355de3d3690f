//! A received WebSocket message. It knows where in the connection's bytes it lies; it does not
//! know what it holds.

use alloc::vec::Vec;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;

#[cfg(feature = "bindings")]
use crate::client::Message;

/// One binary message as the browser gave it.
pub(crate) struct Frame {
    bytes: Uint8Array,
    /// Position of its first byte among all bytes of the connection.
    start: u64,
    len: u32,
}

impl Frame {
    /// `None` for a text message.
    pub(crate) fn new(data: JsValue, start: u64) -> Option<Self> {
        let bytes = match data.dyn_into::<ArrayBuffer>() {
            Ok(buffer) => Uint8Array::new(&buffer),
            // An application's own socket may give views.
            Err(other) => other.dyn_into().ok()?,
        };
        let len = bytes.length();
        Some(Self { bytes, start, len })
    }

    /// The position after its last byte.
    pub(crate) fn end(&self) -> u64 {
        self.start + u64::from(self.len)
    }

    /// Copies it to wasm memory; `into` is used again and again.
    pub(crate) fn copy_to(&self, into: &mut Vec<u8>) {
        into.resize(self.len as usize, 0);
        self.bytes.copy_to(into);
    }

    #[cfg(feature = "bindings")]
    /// The payload at that position, if it lies in this frame as a whole.
    fn slice(&self, offset: u64, len: usize) -> Option<Uint8Array> {
        let begin = u32::try_from(offset.checked_sub(self.start)?).ok()?;
        let len = u32::try_from(len).ok()?;
        let end = begin.checked_add(len).filter(|end| *end <= self.len)?;
        if self.len > SMALL_FRAME && len < self.len / WASTE {
            Some(self.bytes.slice(begin, end))
        } else {
            Some(self.bytes.subarray(begin, end))
        }
    }
}

#[cfg(feature = "bindings")]
/// The payload for JavaScript without a copy out of wasm memory, which is the dearest there is:
/// a view on the frame's own buffer, or a copy of that part where a view would keep a large frame
/// alive for a small payload. Only a payload that came in several frames is copied out.
pub(crate) fn payload(message: &Message<'_>, frame: Option<&Frame>) -> Uint8Array {
    frame
        .and_then(|frame| frame.slice(message.payload_offset, message.payload.len()))
        .unwrap_or_else(|| Uint8Array::from(message.payload))
}

#[cfg(feature = "bindings")]
/// Bytes that a view may always keep alive.
const SMALL_FRAME: u32 = 16 * 1024;

#[cfg(feature = "bindings")]
/// Above that, a view must use at least one part in this many.
const WASTE: u32 = 4;
