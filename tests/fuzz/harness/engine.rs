//! Arbitrary bytes from the network and arbitrary calls in arbitrary order, then a server that does everything right:
//! nothing panics, every command is answered exactly once, and what is sent keeps to the rules. It does not know how
//! the engine does it.

use core::time::Duration;

use wasmqtt::client::{
    Authentication, Client, CloseInfo, Config, DeliveryId, DisconnectOptions, ErrorCode, Event,
    Instant, Output, State,
};

use super::calls;
use super::connection::{Connection, Session};
use super::input::Input;
use super::meter;
use super::server;
use super::settings::{SECRET, config};
use super::tokens::Ledger;
use super::trace::trace;

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

pub fn engine(data: &[u8]) {
    let (before, _) = meter::in_use();
    let mut input = Input::new(data);
    let config = config(&mut input);
    let seed: u64 = input.u8().into();
    let client = match Client::new(config.clone(), seed) {
        Ok(client) => client,
        Err(error) => panic!("{config:?} is refused: {error:?}"),
    };
    let mut run = Run {
        client,
        config,
        now: Instant::from_millis(if seed & 1 == 0 { 0 } else { 1 << 41 }),
        connection: None,
        open: false,
        rightly: false,
        sockets: 0,
        state: State::Idle,
        deadline: None,
        session: Session::default(),
        ledger: Ledger::default(),
        answers: Vec::new(),
        suspects: Vec::new(),
        authorize: false,
        authenticate: false,
        serial: 0,
        deliveries: Vec::new(),
        moved: 0,
    };
    while !input.is_empty() {
        trace(|| format!("{:?}", run.client.state()));
        calls::step(&mut run, &mut input);
        run.settle();
        let (live, peak) = meter::in_use();
        let most = (4 << 20) + 512 * data.len() + 16 * run.moved;
        assert!(peak - before <= most as isize, "{} bytes in use, {}", live - before, data.len());
    }
    run.heal(seed & 2 != 0);
    run.end();
}

/// One client, the server's side of its connection, and what the application knows.
pub struct Run {
    pub client: Client,
    pub config: Config,
    pub now: Instant,
    /// The WebSocket that is being opened or is open.
    pub connection: Option<Connection>,
    pub open: bool,
    /// The last one was closed after the server had broken the protocol.
    rightly: bool,
    /// WebSockets that were asked for.
    sockets: u32,
    state: State,
    pub deadline: Option<Instant>,
    pub session: Session,
    pub ledger: Ledger,
    /// What a server that does everything right would say now.
    pub answers: Vec<u8>,
    suspects: Vec<u32>,
    /// The application has been asked.
    pub authorize: bool,
    pub authenticate: bool,
    pub serial: u32,
    /// Messages that the application acknowledges by hand, or has.
    pub deliveries: Vec<DeliveryId>,
    /// Bytes given to the client.
    pub moved: usize,
}

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
    fn forget_failed(&mut self) {
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

    /// The WebSocket takes about `max` bytes. False when there were none.
    pub fn transmit(&mut self, max: usize) -> bool {
        if !self.open {
            return false;
        }
        let Some(bytes) = self.client.poll_transmit(self.now, max) else {
            self.settle();
            return false;
        };
        let bytes = bytes.to_vec();
        self.sent(&bytes);
        self.settle();
        true
    }

    fn sent(&mut self, bytes: &[u8]) {
        trace(|| format!("  sent {bytes:02x?}"));
        let Some(connection) = &mut self.connection else {
            panic!("bytes without a WebSocket: {bytes:02x?}")
        };
        let answers = server::sent(
            bytes,
            connection,
            &mut self.session,
            &mut self.ledger,
            &self.config,
            &mut self.suspects,
        );
        self.answers.extend_from_slice(&answers);
    }

    /// What is to be sent before the WebSocket is closed.
    fn last_words(&mut self) {
        while self.open {
            let Some(bytes) = self.client.poll_transmit(self.now, 1 << 16) else { return };
            let bytes = bytes.to_vec();
            self.sent(&bytes);
        }
    }

    /// The WebSocket is gone.
    pub fn forget(&mut self) {
        self.connection = None;
        self.open = false;
        self.answers.clear();
    }

    /// As [`Run::feed`], of what is no answer. Where a packet is left half sent, the next answers are taken for the rest of
    /// it, and are none.
    pub fn feed_foreign(&mut self, bytes: &[u8]) {
        self.spoil();
        self.feed(bytes);
        self.spoil();
    }

    fn spoil(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|it| !it.is_whole()) {
            connection.spoiled = true;
        }
    }

    /// The server sends bytes. They arrive packet by packet: what it says after the client has closed the connection
    /// counts for nothing, nor does what made the client do so.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.moved += bytes.len();
        let mut rest = bytes;
        let socket = self.sockets;
        while let Some(connection) =
            self.connection.as_mut().filter(|_| self.open && self.sockets == socket)
        {
            let (piece, more) = rest.split_at(connection.missing(rest));
            rest = more;
            trace(|| format!("  received {piece:02x?}"));
            let before = self.session.in_flight.clone();
            connection.feed(piece, &mut self.session, &self.config);
            self.show(piece);
            if self.connection.is_none() || self.sockets != socket {
                self.session.in_flight = before;
                self.forget_failed();
            }
            if rest.is_empty() {
                return;
            }
        }
        self.show(rest);
    }

    /// Gives the client bytes, of every other payload as a driver does: as far as it asks for them.
    fn show(&mut self, bytes: &[u8]) {
        let skipped = self.client.skippable().min(bytes.len());
        let skipped = if bytes.len().is_multiple_of(2) { skipped } else { 0 };
        let (payload, rest) = bytes.split_at(skipped);
        if !payload.is_empty() {
            self.client.handle_skipped(payload.len(), self.now);
            self.settle();
        }
        self.client.handle_bytes(rest, self.now);
        self.settle();
    }

    pub fn lose(&mut self) {
        let close = CloseInfo { code: 1006, reason: String::new(), was_clean: false };
        self.forget();
        self.client.handle_close(close, self.now);
        self.settle();
    }

    pub fn opened(&mut self) {
        if self.connection.is_some() && !self.open {
            self.open = true;
            self.client.handle_open(self.now);
            self.settle();
        }
    }

    /// The time has come that the engine asked for. What it asks for then lies ahead, but for a random pause of nothing.
    pub fn due(&mut self) {
        let Some(deadline) = self.deadline else { return };
        self.now = self.now.max(deadline);
        for _ in 0..4 {
            self.client.handle_timeout(self.now);
            self.settle();
            // A ping that is due counts as sent when the WebSocket takes it.
            while self.transmit(1 << 16) {}
            if self.deadline.is_none_or(|it| it > self.now) {
                return;
            }
        }
        panic!("it asks for {:?} again and again", self.deadline);
    }

    /// From now on everything goes well: whatever waits has to come to an end by itself. On the connection that
    /// stands, if it is to be kept and the server owes nothing but its answers; else on another one.
    fn heal(&mut self, keep: bool) {
        let _ = self.client.connect(self.now);
        self.settle();
        let kept = keep
            && self.open
            && self.connection.as_ref().is_some_and(|it| it.is_whole() && !it.spoiled);
        if self.connection.is_some() && !kept {
            self.lose();
        }
        // A window of one lets each of them pass alone, and QoS 2 takes two answers.
        for _ in 0..60 + 4 * self.ledger.open().len() {
            if self.state == State::Closed {
                break;
            }
            if core::mem::take(&mut self.authorize) {
                self.client.provide_credentials(Some("user".into()), None, self.now);
                self.settle();
            }
            if core::mem::take(&mut self.authenticate) {
                self.client.provide_authentication(Some(vec![1]), self.now);
                self.settle();
            }
            self.opened();
            let mut busy = self.transmit(1 << 16);
            let answers = core::mem::take(&mut self.answers);
            if !answers.is_empty() {
                busy = true;
                self.feed(&answers);
            }
            busy |= self.authorize || self.authenticate;
            if !busy {
                if self.state == State::Connected && self.ledger.open().is_empty() {
                    break;
                }
                self.due();
            }
        }
        let open = self.ledger.open();
        assert!(open.is_empty(), "left without an answer, {:?}: {open:?}", self.client.state());
    }

    fn end(mut self) {
        let drain = Some(Duration::from_secs(1)).filter(|_| self.serial & 1 == 0);
        self.client
            .disconnect(DisconnectOptions { drain, ..DisconnectOptions::default() }, self.now);
        self.settle();
        if self.state != State::Closed {
            self.due();
        }
        assert_eq!(self.state, State::Closed);
        assert!(self.ledger.open().is_empty());
        let stats = self.client.stats();
        assert_eq!((stats.queued, stats.queued_bytes, stats.in_flight), (0, 0, 0));
    }
}
