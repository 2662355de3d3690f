//! A task of our own in the browser's queue, or the end of the code that runs. It knows whether one of them is to come; it
//! does not know what is done in it.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

use super::signal::{Notify, Signal};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = queueMicrotask)]
    fn queue_microtask(act: &JsValue);
}

/// A turn of the event loop, by a message from one port of a channel to the other.
///
/// A microtask would run before the next task of the application, so a burst that the application
/// makes over several tasks would leave in as many frames. A timer of 0 ms is throttled to 4 ms,
/// and in a hidden page to 1 s.
///
/// For what is no burst the microtask does: the message goes by way of Chromium's thread for input and output, as frames
/// do, and a round trip over the machine itself took 155 µs with it and 120 without.
pub(crate) struct Turn {
    near: MessagePort,
    far: MessagePort,
    pending: bool,
    ending: bool,
    _listener: Closure<dyn Fn()>,
    end: Option<Closure<dyn Fn()>>,
}

impl Turn {
    /// # Errors
    /// Where the browser knows no `MessageChannel`.
    pub(crate) fn new(notify: &Notify) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let signals = |signal: fn() -> Signal| {
            let notify = Rc::clone(notify);
            Closure::<dyn Fn()>::new(move || notify(signal()))
        };
        let (listener, end) = (signals(|| Signal::Turn), Some(signals(|| Signal::ScriptEnd)));
        let far = channel.port2();
        far.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        let near = channel.port1();
        Ok(Self { near, far, pending: false, ending: false, _listener: listener, end })
    }

    /// Asks to be told when the code that runs has returned.
    pub(crate) fn wait_for_end(&mut self) {
        if let Some(end) = self.end.as_ref().filter(|_| !self.ending) {
            self.ending = true;
            queue_microtask(end.as_ref());
        }
    }

    pub(crate) fn waits_for_end(&self) -> bool {
        self.ending
    }

    /// It has. True where a turn comes anyway.
    pub(crate) fn ended(&mut self) -> bool {
        self.ending = false;
        self.pending
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
        if let Some(end) = self.end.take().filter(|_| self.ending) {
            // It will be called, and finds nobody.
            end.forget();
        }
        self.far.set_onmessage(None);
        self.near.close();
        self.far.close();
    }
}
