//! Short ways to a connection in the state that a statement is about, and to packets as bytes. It does
//! not know any statement.

use wasmqtt::client::{Config, Credentials, ErrorCode, WillConfig};
use wasmqtt::codec::{Property, QoS};

use crate::support::{V5, World, config};

/// A configuration of 5.0 whose CONNECT has no properties.
pub(crate) fn bare() -> Config {
    Config { topic_alias_maximum: 0, ..config(V5) }
}

/// One whose session outlives its connections.
pub(crate) fn kept() -> Config {
    Config { session_expiry_interval: 60, ..config(V5) }
}

pub(crate) fn with_will(qos: QoS, retain: bool) -> Config {
    let (topic, payload) = ("w".into(), b"x".to_vec());
    Config {
        will: Some(WillConfig { topic, payload, qos, retain, ..WillConfig::default() }),
        ..bare()
    }
}

pub(crate) fn with_login(username: Option<&str>, password: Option<&[u8]>) -> Config {
    let (username, password) = (username.map(Into::into), password.map(Into::into));
    Config { credentials: Credentials::Fixed { username, password }, ..bare() }
}

/// A client whose CONNECT has been sent, which is the only packet in `raw`.
pub(crate) fn opened(config: Config) -> World {
    let mut world = World::connecting(config);
    world.open();
    world
}

/// The CONNECT of such a client.
pub(crate) fn connect(config: Config) -> Vec<u8> {
    let mut world = opened(config);
    assert_eq!(world.raw.len(), 1);
    world.raw.remove(0)
}

/// A client that is connected to a server that said that.
pub(crate) fn limited(config: Config, properties: &[Property<'_>]) -> World {
    let mut world = opened(config);
    world.accept(false, properties);
    world.forget();
    world
}

/// A packet with a Remaining Length of one byte.
pub(crate) fn packet(first: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    assert!(body.len() < 128);
    [&[first, body.len() as u8], &*body].concat()
}

/// A PUBLISH of QoS 0 from the server, to the topic `t`, with those properties.
pub(crate) fn publish_with(properties: &[u8]) -> Vec<u8> {
    packet(0x30, &[&[0, 1, b't', properties.len() as u8], properties])
}

/// A message that is not to be delivered after a breach.
const NEXT: [u8; 5] = [0x30, 3, 0, 1, b'n'];

/// The bytes are answered with DISCONNECT and that code, and with nothing else; one error is told, and
/// nothing behind them is delivered.
pub(crate) fn refused_by(mut world: World, bytes: &[u8], code: u8) {
    world.forget();
    let before = world.closed;
    world.bytes(&[bytes, &NEXT, &[0]].concat());
    assert_eq!(world.sent(), [format!("DISCONNECT {code:#04x}")], "{bytes:02x?}");
    assert_eq!(world.closed, before + 1, "{bytes:02x?}");
    let errors = world.disconnections();
    assert_eq!((errors.len(), errors[0].code), (1, ErrorCode::ProtocolError), "{bytes:02x?}");
    assert!(world.messages().is_empty(), "{bytes:02x?}");
}

pub(crate) fn refused(bytes: &[u8], code: u8) {
    refused_by(World::connected(config(V5)), bytes, code);
}

/// The same before CONNACK, where nothing has to be answered.
pub(crate) fn refused_at_first(mut world: World, bytes: &[u8]) {
    world.bytes(bytes);
    let errors = world.disconnections();
    assert_eq!((errors.len(), errors[0].code), (1, ErrorCode::ProtocolError), "{bytes:02x?}");
    assert_eq!(world.closed, 1, "{bytes:02x?}");
    assert!(!world.told.iter().any(|told| matches!(told, crate::support::Told::Connected(_))));
}

/// The bytes are taken, and the connection goes on.
pub(crate) fn taken_by(mut world: World, bytes: &[u8]) -> World {
    let before = world.closed;
    world.bytes(bytes);
    assert_eq!((world.closed, world.disconnections().len()), (before, 0), "{bytes:02x?}");
    world
}

pub(crate) fn taken(bytes: &[u8]) -> World {
    taken_by(World::connected(config(V5)), bytes)
}

/// Time passes until the next attempt opens a WebSocket.
pub(crate) fn next_attempt(world: &mut World) {
    while world.socket.is_none() {
        let at = world.deadline.expect("another attempt");
        world.advance(at - world.now);
    }
}

/// The packets that the client sent since the last call, as bytes.
pub(crate) fn raw(world: &mut World) -> Vec<Vec<u8>> {
    std::mem::take(&mut world.raw)
}
