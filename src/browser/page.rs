//! The life of the page: shown, restored, thawed, online, offline. It knows the browser's events;
//! it does not know what a connection is.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::signal::{Notify, Signal};
use crate::client::Wake;

#[wasm_bindgen]
extern "C" {
    /// What is read of the global object, of the document and of a page transition.
    type Scope;

    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: EventTarget;

    #[wasm_bindgen(method, getter)]
    fn document(this: &Scope) -> Option<EventTarget>;

    #[wasm_bindgen(method, getter)]
    fn hidden(this: &Scope) -> Option<bool>;

    #[wasm_bindgen(method, getter)]
    fn persisted(this: &Scope) -> Option<bool>;
}

/// Listeners on the page, or on the worker's global object; gone when it is dropped.
///
/// `pagehide` and `freeze` need no listener: all state is in memory, which the back/forward cache
/// keeps. The socket does not live through it, so coming back from there is [`Wake::Visible`].
pub(crate) struct Page {
    global: EventTarget,
    document: Option<EventTarget>,
    listener: Closure<dyn Fn(web_sys::Event)>,
}

impl Page {
    pub(crate) fn new(notify: &Notify) -> Self {
        let global = GLOBAL.with(EventTarget::clone);
        let document = global.unchecked_ref::<Scope>().document();
        let notify = Rc::clone(notify);
        let listener = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            if let Some(wake) = read(&event) {
                notify(Signal::Page(wake));
            }
        });
        let page = Self { global, document, listener };
        page.each(|target, name, listener| {
            // A host without events (server-side rendering) simply has none.
            let _ = target.add_event_listener_with_callback(name, listener);
        });
        page
    }

    fn each(&self, act: impl Fn(&EventTarget, &str, &js_sys::Function)) {
        let listener = self.listener.as_ref().unchecked_ref();
        for name in ["online", "offline", "pageshow"] {
            act(&self.global, name, listener);
        }
        if let Some(document) = &self.document {
            for name in ["visibilitychange", "resume"] {
                act(document, name, listener);
            }
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.each(|target, name, listener| {
            let _ = target.remove_event_listener_with_callback(name, listener);
        });
    }
}

fn read(event: &web_sys::Event) -> Option<Wake> {
    Some(match event.type_().as_str() {
        "online" => Wake::Online,
        "offline" => Wake::Offline,
        "resume" => Wake::Visible,
        "pageshow" => {
            event.unchecked_ref::<Scope>().persisted().filter(|persisted| *persisted)?;
            Wake::Visible
        }
        _ => {
            let document = event.target()?;
            document.unchecked_ref::<Scope>().hidden().filter(|hidden| !hidden)?;
            Wake::Visible
        }
    })
}
