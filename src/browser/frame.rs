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

    /// Position of its first byte among all bytes of the connection.
    #[cfg(feature = "bindings")]
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    #[cfg(feature = "bindings")]
    pub(crate) fn bytes(&self) -> &Uint8Array {
        &self.bytes
    }

    /// Where in it the payload begins, if it lies in this frame as a whole.
    #[cfg(feature = "bindings")]
    pub(crate) fn place_of(&self, message: &Message<'_>) -> Option<u32> {
        let begin = u32::try_from(message.payload_offset.checked_sub(self.start)?).ok()?;
        let end = begin.checked_add(u32::try_from(message.payload.len()).ok()?)?;
        (end <= self.len).then_some(begin)
    }
}
