//! The statements of MQTT 3.1.1 that no test elsewhere names, one module for each subject. It does not
//! know 5.0.

use wasmqtt::client::{Config, ErrorCode, State};
use wasmqtt::codec::QoS;

use crate::support::{V4, World, config, message};

mod breaches;
mod closing;
mod connect;
mod flows;
mod headers;
mod identifiers;
mod mqtt31;
mod order;
mod session;
mod strings;
mod topics;

/// A configuration that keeps its session.
fn kept() -> Config {
    Config { clean_start: false, ..config(V4) }
}

fn connected() -> World {
    World::connected(config(V4))
}

/// These bytes, followed by a message, end the connection: nothing is written, one error is told, the
/// message is not delivered, and the next connection works.
fn closes(bytes: &[u8]) {
    closes_by(connected(), bytes);
}

fn closes_by(mut world: World, bytes: &[u8]) {
    world.forget();
    world.bytes(&[bytes, &[0x30, 3, 0, 1, b'n']].concat());
    assert!(world.raw.is_empty(), "{bytes:02x?}");
    assert_eq!(world.closed, 1, "{bytes:02x?}");
    let errors = world.disconnections();
    assert_eq!(errors.len(), 1, "{bytes:02x?}");
    assert_eq!((errors[0].code, errors[0].retryable), (ErrorCode::ProtocolError, true));
    assert!(world.messages().is_empty(), "{bytes:02x?}");
    assert!(matches!(world.client.state(), State::Waiting { .. }));
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
