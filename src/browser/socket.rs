//! The browser's WebSocket. It knows how to open, send and close one; it does not know MQTT.

use alloc::rc::Rc;
use alloc::string::String;

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use super::host::tag;
use super::signal::{End, Notify, Signal, SocketEvent};
use crate::client::{CloseInfo, Error, ErrorCode};

#[wasm_bindgen]
extern "C" {
    /// `Function.prototype` is itself a function, which does nothing.
    #[wasm_bindgen(thread_local_v2, js_namespace = Function, js_name = prototype)]
    static NOTHING: Function;
}

/// One WebSocket, from opening to dropping; dropped, it reports nothing more.
///
/// Chromium fails a connection whose server selected no subprotocol, or one that was not offered; Firefox
/// lets the first pass, and WebKit both. There that is done here ([MQTT-6.0.0-4]). A socket of the
/// application's may know no subprotocols.
pub(crate) struct Socket {
    socket: WebSocket,
    /// Made by the application: may keep what it is given to send.
    foreign: bool,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_life: Closure<dyn Fn(Event)>,
}

impl Socket {
    /// Starts to open. Of a socket made by `factory` these are used: `binaryType`, `readyState`,
    /// `bufferedAmount`, `onopen`, `onmessage`, `onclose`, `onerror`, `send` and `close`. One that is `early`
    /// was made already, and what it told is told again. `made` is given it before anybody listens to it.
    ///
    /// # Errors
    /// The constructor or the factory threw. Only the name of the exception is told: its text may
    /// hold the address, and that a token.
    pub(crate) fn open(
        url: &str,
        protocols: &Array,
        factory: Option<&Function>,
        early: Option<WebSocket>,
        made: impl FnOnce(&WebSocket),
        epoch: u32,
        notify: &Notify,
    ) -> Result<Self, End> {
        let is_early = early.is_some();
        let socket = match (early, factory) {
            (Some(socket), _) => Ok(socket),
            (None, Some(make)) => make
                .call2(&JsValue::UNDEFINED, &url.into(), protocols)
                .and_then(|made| if made.is_object() { Ok(made) } else { Err(JsValue::UNDEFINED) })
                .map(JsCast::unchecked_into),
            (None, None) => WebSocket::new_with_str_sequence(url, protocols),
        };
        let socket: WebSocket = socket.map_err(|thrown| match factory {
            Some(_) => End::Lost(threw(&thrown)),
            None => refused(threw(&thrown)),
        })?;
        if !is_early && factory.is_none() && socket.ready_state() == WebSocket::CLOSED {
            // Chromium, for a content security policy: no `close` will follow.
            return Err(refused(silent()));
        }
        socket.set_binary_type(BinaryType::Arraybuffer);
        // In Chromium those who listen to a WebSocket are told in the order in which they came, whether they capture or not.
        made(&socket);

        // Not `FnMut`, which cannot be called from inside itself: Firefox does, see `Driver`.
        let report = Rc::clone(notify);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            report(Signal::Socket(epoch, SocketEvent::Message(event.data())));
        });
        let report = Rc::clone(notify);
        let foreign = factory.is_some();
        let offered = protocols.clone();
        let asked = socket.clone();
        let on_life = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if let Some(event) = life_event(event, &asked, foreign, &offered) {
                report(Signal::Socket(epoch, event));
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onopen(Some(on_life.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_life.as_ref().unchecked_ref()));
        if !foreign || socket.has_type::<WebSocket>() {
            socket.set_onerror(Some(on_life.as_ref().unchecked_ref()));
        } else {
            // `close` follows, so there is nothing to do; but those of `ws` end a process of Node that does
            // not listen, and they do so as well when they are not wanted any more.
            NOTHING.with(|nothing| socket.set_onerror(Some(nothing)));
        }
        Ok(Self { socket, foreign, _on_message: on_message, _on_life: on_life })
    }

    pub(crate) fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    /// The application may hand over a socket that is open already: no event tells of it.
    pub(crate) fn was_open(&self) -> bool {
        self.foreign && self.is_open()
    }

    /// Hands a frame to the browser, which copies it before it returns.
    ///
    /// # Errors
    /// The socket threw, which one of the browser's does not do once it is open.
    pub(crate) fn send(&self, frame: &[u8]) -> Result<(), CloseInfo> {
        let sent = if self.foreign {
            // A socket of the application's may keep it, and wasm memory changes underneath.
            self.socket.send_with_js_u8_array(&Uint8Array::from(frame))
        } else {
            self.socket.send_with_u8_array(frame)
        };
        sent.map_err(|thrown| threw(&thrown))
    }

    /// Bytes that the browser has not sent yet.
    pub(crate) fn buffered_amount(&self) -> u32 {
        self.socket.buffered_amount()
    }

    /// Begins the closing handshake and does not wait for it.
    pub(crate) fn close(self, code: u16, reason: &str) {
        // Throws only for a code or a reason that the engine never gives.
        let _ = self.socket.close_with_code_and_reason(code, reason);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        // One of `ws` has to go on listening.
        NOTHING.with(|nothing| self.socket.set_onerror(Some(nothing)));
    }
}

/// What the constructor does not do, it will never do: a connection that fails is told by `close`. Which
/// addresses are mixed content is the browser's to say: some open those of a local network, and users and
/// policies make exceptions.
fn refused(close: CloseInfo) -> End {
    if matches!(close.reason.as_str(), "ReferenceError" | "TypeError") {
        // As in Node before 22, and in tests that replace it.
        let text = "there is no WebSocket here: give what makes one, as websocket: { factory }";
        return End::Refused(Error::new(ErrorCode::Unsupported, text));
    }
    let (code, text) = match close.reason.as_str() {
        "SyntaxError" => (
            ErrorCode::InvalidArgument,
            "the browser does not take the address or the subprotocols of the WebSocket",
        ),
        _ => (
            ErrorCode::Unsupported,
            "the browser does not open that address from this page: a page of https: needs wss:, \
             and a content security policy has to allow it",
        ),
    };
    End::Refused(Error::new(code, text).with_close(close))
}

fn threw(thrown: &JsValue) -> CloseInfo {
    CloseInfo { code: ABNORMAL, reason: exception_name(thrown), was_clean: false }
}

/// A connection that was closed without a word.
fn silent() -> CloseInfo {
    CloseInfo { code: ABNORMAL, reason: String::new(), was_clean: false }
}

fn life_event(
    event: Event,
    socket: &WebSocket,
    foreign: bool,
    offered: &Array,
) -> Option<SocketEvent> {
    Some(match event.type_().as_str() {
        "open" if !foreign && !agreed(socket, offered) => {
            let reason = String::from("the server did not select a subprotocol that was offered");
            let close = CloseInfo { code: ABNORMAL, reason, was_clean: false };
            SocketEvent::Refused(End::Lost(close))
        }
        "open" => SocketEvent::Open,
        // `close` follows, but for what WebKit does not open (mixed content, a content security policy, some
        // ports): there the constructor throws nothing, and this is all that is told.
        "error" if socket.ready_state() != WebSocket::CONNECTING => return None,
        "error" if foreign => SocketEvent::Close(silent()),
        "error" => SocketEvent::Refused(refused(silent())),
        _ => {
            let close: &CloseEvent = event.unchecked_ref();
            SocketEvent::Close(CloseInfo {
                code: close.code(),
                reason: close.reason(),
                was_clean: close.was_clean(),
            })
        }
    })
}

/// Whether the server selected one of the subprotocols, if there are any. One that stands in for the
/// browser's, as in tests of applications, need not know of them.
fn agreed(socket: &WebSocket, offered: &Array) -> bool {
    offered.length() == 0
        || offered.includes(&socket.protocol().into(), 0)
        || tag(socket) != "[object WebSocket]"
}

/// `SyntaxError`, `SecurityError`, ...
fn exception_name(thrown: &JsValue) -> String {
    js_sys::Reflect::get(thrown, &"name".into())
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| String::from("not a socket"))
}

/// No close frame was received (RFC 6455, 7.4.1).
const ABNORMAL: u16 = 1006;
