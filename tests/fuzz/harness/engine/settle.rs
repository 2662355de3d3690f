//! The engine's word is done, and each of them held against what is known: what may not be said at that moment, and what holds
//! whenever all is said. It does not know what the client sends.

use wasmqtt::client::{Authentication, ErrorCode, Event, Output, State};

use super::super::connection::Connection;
use super::super::settings::SECRET;
use super::super::trace::trace;
use super::Run;

/// Breaches that only the client can see, since they are of what it asked for.
const OWN_REASONS: [&str; 8] = [
    "a text message",
    "Receive Maximum",
    "was not asked for",
    "AUTH",
    "authentication method",
    "an Assigned Client Identifier",
    "Response Information",
    // Where it comes before CONNECT was handed to the WebSocket.
    "Session Present after",
];

impl Run {
    /// Does what the engine says, until it says no more.
    pub fn settle(&mut self) {
        let mut rounds = 0_u32;
        loop {
            rounds += 1;
            assert!(rounds < 100_000, "the engine does not come to an end");
            let output = self.client.poll_output();
            if !matches!(output, Output::Timeout(_)) {
                trace(|| format!("    {output:?}"));
            }
            match output {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    if !self.client.has_output() {
                        break;
                    }
                }
                Output::Open { server, version, .. } => {
                    assert!(self.connection.is_none(), "a second WebSocket");
                    assert!(server < self.config.servers);
                    self.connection = Some(Connection::new(version));
                    self.open = false;
                    self.sockets += 1;
                    self.authenticate = false;
                }
                Output::Close { .. } => {
                    assert!(self.connection.is_some(), "there is nothing to close");
                    self.last_words();
                    let connection = self.connection.as_ref();
                    self.rightly =
                        connection.is_some_and(|it| it.over || it.is_hopeless(&self.config));
                    self.forget();
                }
                // The sessions of this target are not stored.
                Output::Persist(_) | Output::Event(Event::Stored { .. } | Event::Restored(_)) => {
                    panic!("{output:?} without a store")
                }
                Output::Authorize { attempt, .. } => {
                    assert!(attempt > 0);
                    self.authorize = true;
                }
                Output::Authenticate(Authentication::Success(_)) => self.authenticate = false,
                Output::Authenticate(_) => {
                    assert!(self.config.authentication_method.is_some());
                    self.authenticate = true;
                }
                Output::Event(Event::Message(message)) => match &mut self.connection {
                    Some(connection) => {
                        connection.delivered(&message);
                        self.deliveries.extend(message.delivery);
                    }
                    None => panic!("a message without a connection: {message:?}"),
                },
                Output::Event(Event::Completed { token, outcome }) => {
                    self.ledger.completed(token, &outcome);
                }
                Output::Event(Event::Failed { token, error }) => {
                    assert!(!format!("{error:?}").contains(SECRET));
                    self.ledger.failed(token);
                }
                Output::Event(Event::SessionLost { republished }) => {
                    assert!(republished.iter().all(|it| it.qos != wasmqtt::codec::QoS::AtMostOnce));
                }
                Output::Event(Event::SubscriptionLost { id, .. }) => self.ledger.lost(id),
                Output::Event(Event::State(state)) => {
                    assert_ne!(state, self.state, "a state that was told already");
                    assert_ne!(self.state, State::Closed, "something comes after the end");
                    self.state = state;
                }
                Output::Event(Event::Disconnected(error)) => {
                    assert!(!format!("{error:?}").contains(SECRET));
                    let breach = error.code == ErrorCode::ProtocolError;
                    let own = OWN_REASONS.iter().any(|it| error.message.contains(it));
                    assert!(!breach || self.rightly || own, "there was no such breach: {error:?}");
                }
                Output::Event(Event::Connected(info)) => {
                    let limits = self.connection.as_ref().and_then(|it| it.limits.as_ref());
                    assert!(limits.is_some(), "connected without a CONNACK: {info:?}");
                }
            }
        }
        for serial in core::mem::take(&mut self.suspects) {
            assert!(
                self.ledger.is_done(serial),
                "the identifier of publish {serial} was given away"
            );
        }
        self.ledger.look();
        self.forget_failed();
        assert_eq!(self.client.state(), self.state, "a state that was not told");
        self.look();
    }

    /// A publish that was given up, and told so, is not in flight any more.
    pub(super) fn forget_failed(&mut self) {
        let ledger = &self.ledger;
        self.session.in_flight.retain(|_, it| !ledger.is_done(it.serial));
    }

    /// What holds whenever the engine has said everything.
    fn look(&self) {
        let waits = match self.state {
            State::Waiting { .. } => true,
            State::Connecting => self.connection.is_some(),
            State::Connected => false,
            State::Idle | State::Closing | State::Closed => false,
        };
        assert!(!waits || self.deadline.is_some(), "{:?} without end", self.state);
        assert!(self.state != State::Closed || self.deadline.is_none());
        if let Some(connection) = &self.connection {
            assert!(!connection.over, "the server broke the protocol and the client goes on");
            assert!(!connection.said_disconnect, "DISCONNECT was sent and the WebSocket is open");
        }
        if matches!(self.state, State::Waiting { .. } | State::Idle | State::Closed) {
            assert!(self.connection.is_none(), "{:?} with a WebSocket", self.state);
        }
    }
}
