//! Received WebSocket messages. It knows where in the connection's bytes they lie, and keeps of them what
//! a payload needs that has not come to its end; it does not know what they hold.

use alloc::vec::Vec;
use core::arch::wasm32::memory_size;
use core::ops::Range;

use js_sys::{ArrayBuffer, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::*;

use super::host::tag;
use crate::client::Message;

/// What was received on one connection.
#[derive(Default)]
pub(crate) struct Frames {
    frame: Option<Frame>,
    /// Of a payload that began in an earlier frame.
    joined: Option<Joined>,
    /// Bytes received up to the end of the frame.
    end: u64,
    /// Frames of all connections.
    count: u64,
    memory: Linear,
}

/// wasm memory, as JavaScript sees it. It is kept: to make a view for each copy takes longer than a small copy.
#[derive(Default)]
struct Linear {
    view: Uint8Array,
    /// 64 KiB that the memory had then.
    pages: usize,
}

/// One binary message as the browser gave it.
struct Frame {
    bytes: Uint8Array,
    /// Position of its first byte among all bytes of the connection.
    start: u64,
}

/// A payload whose pieces came in several frames.
struct Joined {
    bytes: Uint8Array,
    /// Position of its first byte among all bytes of the connection.
    start: u64,
    /// Bytes of it that came.
    len: u32,
}

/// Where a payload lies.
pub(crate) struct Place<'a> {
    pub(crate) bytes: &'a Uint8Array,
    pub(crate) begin: u32,
    pub(crate) len: u32,
    /// In which frame of all connections, if it is one.
    #[cfg(feature = "bindings")]
    pub(crate) frame: Option<u64>,
}

impl Frames {
    /// Another connection begins.
    pub(crate) fn clear(&mut self) {
        self.frame = None;
        self.joined = None;
        self.end = 0;
    }

    /// Takes a message of the WebSocket, and says how long it is. `None` for a text message.
    pub(crate) fn begin(&mut self, data: JsValue) -> Option<(&Uint8Array, u32)> {
        let bytes = match data.dyn_into::<ArrayBuffer>() {
            Ok(buffer) => Uint8Array::new(&buffer),
            Err(other) => foreign(&other)?,
        };
        let (start, len) = (self.end, bytes.length());
        self.end += u64::from(len);
        self.count += 1;
        Some((&self.frame.insert(Frame { bytes, start }).bytes, len))
    }

    /// Copies a part of the frame to wasm memory; `into` is used again and again.
    pub(crate) fn copy(&mut self, begin: u32, len: u32, into: &mut Vec<u8>) {
        let Some(Frame { bytes, start }) = &self.frame else { return };
        into.resize(len as usize, 0);
        if u64::from(len) == self.end - start {
            self.memory.copy(bytes, into);
        } else {
            self.memory.copy(&bytes.subarray(begin, begin + len), into);
        }
    }

    /// All of the frame was read. `coming` is a payload that goes on in the next one.
    pub(crate) fn end(&mut self, coming: Option<Range<u64>>) {
        match coming {
            Some(payload) => self.join(&payload),
            None => self.joined = None,
        }
        self.frame = None;
    }

    /// Where the payload of a message lies that ends in this frame.
    pub(crate) fn place_of(&mut self, message: &Message<'_>) -> Option<Place<'_>> {
        let (start, len) = (message.payload_offset, message.payload_len as u32);
        if self.frame.as_ref().is_some_and(|frame| frame.start > start) && len > 0 {
            self.join(&(start..start + u64::from(len)));
            let bytes = &self.joined.as_ref()?.bytes;
            return Some(Place {
                bytes,
                begin: 0,
                len,
                #[cfg(feature = "bindings")]
                frame: None,
            });
        }
        let frame = self.frame.as_ref()?;
        Some(Place {
            bytes: &frame.bytes,
            begin: start.saturating_sub(frame.start) as u32,
            len,
            #[cfg(feature = "bindings")]
            frame: Some(self.count),
        })
    }

    /// Puts what the frame has of a payload to the rest of it. There is room for all of it from the
    /// first, unless it is very large: that much came only when it came.
    fn join(&mut self, payload: &Range<u64>) {
        let Some(Frame { bytes: frame, start }) = &self.frame else { return };
        let all = (payload.end - payload.start) as u32;
        let begin = payload.start.saturating_sub(*start) as u32;
        let end = (payload.end - start).min(u64::from(frame.length())) as u32;
        let joined = self.joined.take().filter(|joined| joined.start == payload.start);
        let mut joined = joined.unwrap_or_else(|| Joined {
            bytes: Uint8Array::new_with_length(all.min(ROOM)),
            start: payload.start,
            len: 0,
        });
        let len = joined.len + (end - begin);
        if len > joined.bytes.length() {
            let more = Uint8Array::new_with_length(all.min(len.saturating_mul(2)));
            more.set(&joined.bytes, 0);
            joined.bytes = more;
        }
        joined.bytes.set(&frame.subarray(begin, end), joined.len);
        joined.len = len;
        self.joined = Some(joined);
    }
}

impl Linear {
    /// `bytes` are as long as `into`.
    fn copy(&mut self, bytes: &Uint8Array, into: &mut [u8]) {
        let pages = memory_size::<0>();
        if self.pages != pages {
            // Memory that has grown has another buffer; a view of before is empty.
            let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
            *self = Self { view: Uint8Array::new(&memory.buffer()), pages };
        }
        self.view.set(bytes, into.as_mut_ptr() as u32);
    }
}

impl Place<'_> {
    /// A copy in wasm memory.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.bytes.subarray(self.begin, self.begin + self.len).to_vec()
    }
}

/// What an application's own socket may give: a view, or a buffer of another realm, as the WebSocket of a frame
/// has it.
#[cold]
fn foreign(data: &JsValue) -> Option<Uint8Array> {
    if ArrayBuffer::is_view(data) {
        let view: &Uint8Array = data.unchecked_ref();
        let (begin, len) = (view.byte_offset(), view.byte_length());
        return Some(Uint8Array::new_with_byte_offset_and_length(&view.buffer(), begin, len));
    }
    (tag(data) == "[object ArrayBuffer]").then(|| Uint8Array::new(data))
}

/// Bytes for which a server's word is enough.
const ROOM: u32 = 16 << 20;
