//! The harness notices what it is there to notice: each of its checks fails for a client that breaks that rule. It does
//! not run the engine.

use wasmqtt::client::{Config, Outcome, Token};
use wasmqtt::codec::{ProtocolVersion, QoS};

use crate::harness::connection::{Connection, Session};
use crate::harness::server;
use crate::harness::tokens::{Kind, Ledger, Publish};

const CONNECT: &[u8] = b"\x10\x0D\x00\x04MQTT\x05\x02\x00\x3C\x00\x00\x00";

/// The server's side of a connection that stands, with a Receive Maximum of 1 and packets of 30 bytes at most.
struct Side {
    connection: Connection,
    session: Session,
    ledger: Ledger,
    config: Config,
    suspects: Vec<u32>,
}

impl Side {
    fn new() -> Self {
        let mut side = Self {
            connection: Connection::new(ProtocolVersion::V5_0),
            session: Session::default(),
            ledger: Ledger::default(),
            config: Config::default(),
            suspects: Vec::new(),
        };
        for serial in 1..=3 {
            let payload = format!("{serial:08x}").into_bytes();
            let (topic, qos) = ("a".to_string(), QoS::AtLeastOnce);
            let publish = Publish {
                topic,
                payload,
                qos,
                retain: false,
                expiry: None,
                sent: 0,
                token: serial,
            };
            side.ledger.published(serial, publish);
        }
        side
    }

    fn connected() -> Self {
        let mut side = Self::new();
        side.sent(CONNECT);
        side.feed(b"\x20\x0B\x00\x00\x08\x21\x00\x01\x27\x00\x00\x00\x1E");
        side
    }

    fn sent(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (connection, session) = (&mut self.connection, &mut self.session);
        server::sent(bytes, connection, session, &mut self.ledger, &self.config, &mut self.suspects)
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.connection.feed(bytes, &mut self.session, &self.config);
    }

    fn publish(&mut self, first: u8, id: u8, serial: u8) {
        self.sent(
            format!("{}\x0E\x00\x01a\x00{}\x000000000{serial}", char::from(first), char::from(id))
                .as_bytes(),
        );
    }
}

/// [MQTT-3.1.0-1] [MQTT-3.3.4-7] (5.0)
#[test]
fn a_client_that_keeps_to_the_rules_passes() {
    let mut side = Side::connected();
    side.publish(0x32, 1, 1);
    side.feed(&[0x40, 2, 0, 1]);
    side.publish(0x32, 1, 2);
    side.feed(&[0x32, 5, 0, 1, b'a', 0, 9, 0]);
    assert!(side.sent(&[0xC0, 0]).starts_with(&[0xD0, 0]));
}

#[test]
#[should_panic(expected = "before CONNACK")]
fn nothing_but_connect_comes_before_connack() {
    Side::new().sent(&[0xC0, 0]);
}

#[test]
#[should_panic(expected = "a second CONNECT")]
fn connect_comes_once() {
    Side::connected().sent(CONNECT);
}

#[test]
#[should_panic(expected = "above the Receive Maximum")]
fn no_more_is_in_flight_than_the_server_takes() {
    let mut side = Side::connected();
    side.publish(0x32, 1, 1);
    side.publish(0x32, 2, 2);
}

#[test]
#[should_panic(expected = "too long")]
fn no_packet_is_longer_than_the_server_takes() {
    let filter = "x".repeat(30);
    let subscribe = [&[0x82, 36, 0, 1, 0, 0, 30], filter.as_bytes(), &[0]].concat();
    Side::connected().sent(&subscribe);
}

#[test]
#[should_panic(expected = "after DISCONNECT")]
fn disconnect_is_the_last_packet() {
    Side::connected().sent(&[0xE0, 0, 0xC0, 0]);
}

#[test]
#[should_panic(expected = "is due before")]
fn acknowledgements_come_in_their_order() {
    let mut side = Side::connected();
    side.feed(b"\x32\x06\x00\x01a\x00\x01\x00\x32\x06\x00\x01a\x00\x02\x00");
    side.sent(&[0x40, 2, 0, 2]);
}

#[test]
#[should_panic(expected = "out of order")]
fn publishes_come_in_their_order() {
    let mut side = Side::connected();
    side.publish(0x32, 1, 2);
    side.feed(&[0x40, 2, 0, 1]);
    side.publish(0x32, 1, 1);
}

#[test]
#[should_panic(expected = "not in its shortest form")]
fn lengths_have_their_shortest_form() {
    Side::connected().sent(&[0x40, 4, 0, 1, 0, 0]);
}

#[test]
#[should_panic(expected = "after the server broke the protocol")]
fn nothing_new_follows_a_breach() {
    let mut side = Side::connected();
    side.feed(&[0, 0]);
    side.publish(0x32, 1, 1);
}

#[test]
#[should_panic(expected = "was answered again")]
fn a_command_is_answered_once() {
    let mut ledger = Ledger::default();
    let token = Token::from_raw(7);
    ledger.asked(token, Kind::Flush);
    ledger.completed(token, &Outcome::Flushed);
    ledger.completed(token, &Outcome::Flushed);
}

#[test]
#[should_panic(expected = "ended with")]
fn a_command_is_answered_as_what_it_is() {
    let mut ledger = Ledger::default();
    let token = Token::from_raw(7);
    ledger.asked(token, Kind::Ping);
    ledger.completed(token, &Outcome::Flushed);
}
