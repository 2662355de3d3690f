//! What other clients for browsers got wrong, told on this one: the security advisories of MQTT.js of
//! September 2026, and behaviour that was seen on the wire. It does not know how they were mended there.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod alias;
mod auth;
mod connack;
mod limits;
mod receive_maximum;
mod reconnect;
mod suback;
// Shared: some of it is for other tests.
#[allow(dead_code, unused_imports)]
#[path = "../protocol/support/mod.rs"]
mod support;

use wasmqtt::client::ErrorCode;
use wasmqtt::codec::QoS;

use support::{World, message};

/// A message that is not to be delivered after a breach.
const NEXT: [u8; 6] = [0x30, 4, 0, 1, b'n', 0];

/// The bytes, with a message behind them in the same WebSocket message, end the connection with these
/// packets. The application hears of one error and of nothing else; the next connection works.
fn dropped(mut world: World, bytes: &[u8], sent: &[&str]) {
    world.forget();
    let before = world.closed;
    world.bytes(&[bytes, &NEXT].concat());
    assert_eq!(world.sent(), sent, "{bytes:02x?}");
    assert_eq!(world.closed, before + 1, "{bytes:02x?}");
    let errors = world.disconnections();
    assert_eq!(errors.len(), 1, "{bytes:02x?}");
    assert_eq!((errors[0].code, errors[0].retryable), (ErrorCode::ProtocolError, true));
    assert!(world.messages().is_empty(), "{bytes:02x?}");
    // A hostile server can not end the client for good.
    world.reconnect(false, &[]);
    world.serve(&[message("a", "fine", QoS::AtMostOnce, 0)]);
    assert_eq!(world.messages(), ["fine"], "{bytes:02x?}");
}

/// Time passes until the next attempt opens a WebSocket.
fn next_attempt(world: &mut World) {
    while world.socket.is_none() {
        let at = world.deadline.expect("another attempt");
        world.advance(at - world.now);
    }
}
