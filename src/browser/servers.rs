//! The servers that the application names, and the sockets to them. It does not know which one is tried when.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::WebSocket;

use super::signal::{End, Notify};
use super::socket::Socket;
use crate::codec::ProtocolVersion;

/// Where to connect and how sockets are made.
#[derive(Default)]
pub(crate) struct Servers {
    /// At least one.
    pub(crate) urls: Vec<String>,
    /// Subprotocols; `None` is the registered name for the version.
    pub(crate) protocols: Option<Array>,
    /// Makes the sockets in place of `new WebSocket(url, protocols)`.
    pub(crate) factory: Option<Function>,
    /// Has one that the page began to open already, perhaps, and is asked for it once.
    pub(crate) early: Cell<Option<Function>>,
    /// Is given each socket before anybody listens to it.
    #[cfg(all(feature = "bindings", feature = "session-store"))]
    pub(crate) watch: Option<Function>,
}

impl Servers {
    /// The address of that server, or the same one at the host that it named in its place.
    pub(crate) fn url(&self, server: usize, reference: Option<&str>) -> String {
        let url = self.urls.get(server).map_or("", String::as_str);
        reference.map_or_else(|| url.into(), |host| redirected(url, host))
    }

    /// Starts to open a socket.
    ///
    /// # Errors
    /// Of [`Socket::open`].
    pub(crate) fn socket(
        &self,
        url: &str,
        version: ProtocolVersion,
        epoch: u32,
        notify: &Notify,
    ) -> Result<Socket, End> {
        let name = if version == ProtocolVersion::V3_1 { "mqttv3.1" } else { "mqtt" };
        let protocols = self.protocols.clone();
        let protocols = protocols.unwrap_or_else(|| Array::of1(&JsValue::from_str(name)));
        let made = |_socket: &WebSocket| {
            #[cfg(all(feature = "bindings", feature = "session-store"))]
            if let Some(watch) = &self.watch {
                let _ = watch.call1(&JsValue::UNDEFINED, _socket);
            }
        };
        let early = self
            .early
            .take()
            .and_then(|give| give.call2(&JsValue::UNDEFINED, &url.into(), &protocols).ok())
            .filter(JsValue::is_object)
            .map(JsCast::unchecked_into);
        Socket::open(url, &protocols, self.factory.as_ref(), early, made, epoch, notify)
    }
}

/// The same address at another host, which stands for all between the scheme and the path.
fn redirected(url: &str, host: &str) -> String {
    // By bytes: to search text for text would cost five kilobytes of wasm.
    let bytes = url.as_bytes();
    let start = bytes.iter().position(|byte| *byte == b'/').map_or(0, |at| at + 2);
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
    let len = bytes.iter().skip(start).position(ends).unwrap_or(bytes.len());
    let mut redirected = String::from(url.get(..start).unwrap_or_default());
    redirected.push_str(host);
    redirected.push_str(url.get(start + len..).unwrap_or_default());
    redirected
}
