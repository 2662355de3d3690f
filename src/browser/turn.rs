//! A task of our own in the browser's queue. It knows whether one is under way; it does not know
//! what is done in it.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

use super::signal::{Notify, Signal};

/// A turn of the event loop, by a message from one port of a channel to the other.
///
/// A microtask would run before the next task of the application, so a burst that the application
/// makes over several tasks would leave in as many frames. A timer of 0 ms is throttled to 4 ms,
/// and in a hidden page to 1 s.
pub(crate) struct Turn {
    near: MessagePort,
    far: MessagePort,
    pending: bool,
    _listener: Closure<dyn Fn()>,
}

impl Turn {
    /// # Errors
    /// Where the browser knows no `MessageChannel`.
    pub(crate) fn new(notify: &Notify) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let notify = Rc::clone(notify);
        let listener = Closure::<dyn Fn()>::new(move || notify(Signal::Turn));
        let far = channel.port2();
        far.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { near: channel.port1(), far, pending: false, _listener: listener })
    }

    /// Asks for a turn, unless one is already coming.
    pub(crate) fn request(&mut self) {
        if !self.pending {
            self.pending = self.near.post_message(&JsValue::NULL).is_ok();
        }
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.pending
    }

    /// The turn has come.
    pub(crate) fn begin(&mut self) {
        self.pending = false;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.far.set_onmessage(None);
        self.near.close();
        self.far.close();
    }
}
