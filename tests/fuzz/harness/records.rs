//! Arbitrary bytes as records of a stored session: each is taken or refused, and a client that begins with what was taken
//! can be connected. It does not know how records are laid out.

use wasmqtt::client::{Client, Config, Instant, Output, RecordKey};

use super::input::Input;

const WALL: u64 = 1 << 41;

/// CONNACK of 5.0 with Session Present.
const CONNACK: [u8; 5] = [0x20, 3, 1, 0, 0];

/// A kind, a number, and bytes with their count in front; and again.
pub fn records(data: &[u8]) {
    let mut input = Input::new(data);
    let config = Config { session_expiry_interval: 60, ..Config::default() };
    let now = Instant::from_millis(1_000);
    let Ok(mut client) = Client::new(config, 1) else { return };
    while !input.is_empty() {
        let kind = u64::from(input.u8() % 6);
        let key = RecordKey::from_raw(kind << 50 | u64::from(input.u8()));
        let _ = client.restore(key, input.bytes(), WALL, now);
    }
    assert!(client.keep_session(WALL, now).is_ok());
    assert!(client.connect(now).is_ok());
    settle(&mut client, now);
    client.handle_open(now);
    settle(&mut client, now);
    client.handle_bytes(&CONNACK, now);
    settle(&mut client, now);
    client.abandon(now);
    settle(&mut client, now);
}

/// A store and a WebSocket that do all at once.
fn settle(client: &mut Client, now: Instant) {
    for _ in 0..1_000 {
        let persists = match client.poll_output() {
            Output::Timeout(_) => {
                let sent = client.poll_transmit(now, 1 << 16).is_some();
                if !sent && !client.has_output() {
                    return;
                }
                false
            }
            Output::Persist(changes) => changes.iter().count() > 0,
            _ => false,
        };
        if persists {
            client.handle_stored(now);
        }
    }
    panic!("the engine does not come to an end");
}
