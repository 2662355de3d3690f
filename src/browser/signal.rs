//! What the browser tells the driver: one type for the socket, the timer, the turn and the page,
//! so that there is one way in.

use alloc::rc::Rc;

use wasm_bindgen::JsValue;

use crate::client::{CloseInfo, Error, Instant, Wake};

/// Something that happened outside.
pub(crate) enum Signal {
    /// Of the socket with that number; see `Core::epoch`.
    Socket(u32, SocketEvent),
    /// The timer for that time fired.
    Timer(Instant),
    /// The turn that was asked for has come.
    Turn,
    /// The code of the page that ran when that was asked for has returned.
    ScriptEnd,
    /// The page was shown or hidden, or the network came or went.
    Page(Wake),
    /// What was to be stored is, or cannot be.
    Stored(bool),
}

/// What a WebSocket reports.
pub(crate) enum SocketEvent {
    Open,
    /// The `data` of a message event, whatever it is.
    Message(JsValue),
    Close(CloseInfo),
    /// It comes to nothing: the browser will never open it, or the server does not speak MQTT on it.
    Refused(End),
}

/// How a socket ended, or came to nothing.
pub(crate) enum End {
    Lost(CloseInfo),
    /// It cannot be otherwise in this page.
    Refused(Error),
}

/// Takes a [`Signal`] to the driver, or nowhere when the driver is gone.
pub(crate) type Notify = Rc<dyn Fn(Signal)>;
