//! What the browser tells the driver: one type for the socket, the timer, the turn and the page,
//! so that there is one way in.

use alloc::rc::Rc;

use wasm_bindgen::JsValue;

use crate::client::{CloseInfo, Wake};

/// Something that happened outside.
pub(crate) enum Signal {
    /// Of the socket with that number; see `Core::epoch`.
    Socket(u32, SocketEvent),
    /// The timer fired.
    Timer,
    /// The turn that was asked for has come.
    Turn,
    /// The page was shown or hidden, or the network came or went.
    Page(PageEvent),
}

/// What a WebSocket reports.
pub(crate) enum SocketEvent {
    Open,
    /// The `data` of a message event, whatever it is.
    Message(JsValue),
    Close(CloseInfo),
}

/// What happened to the page.
#[derive(Clone, Copy)]
pub(crate) struct PageEvent {
    pub(crate) wake: Wake,
    /// The page comes out of the back/forward cache or was frozen: browsers close its sockets.
    pub(crate) restored: bool,
}

/// Takes a [`Signal`] to the driver, or nowhere when the driver is gone.
pub(crate) type Notify = Rc<dyn Fn(Signal)>;
