//! The engine under the virtual clock: does what it says, as a driver would, and keeps what it sent and told. It does not
//! know what the server and the application say, nor what becomes of what is to be stored.

use core::time::Duration;
use std::collections::VecDeque;

use wasmqtt::client::{
    Authentication, AuthorizeReason, Client, Config, DeliveryId, Event, Instant, Output,
    VersionPolicy, Wake,
};
use wasmqtt::codec::{Property, ProtocolVersion, decode_from_client, locate};

use super::V5;
use super::store::Write;
use super::text::describe;
use super::told::{Asked, Told, own};

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) now: Instant,
    pub(crate) told: Vec<Told>,
    /// Packets that the client sent, as text, since they were last read.
    sent: Vec<String>,
    /// The same as bytes, since they were last taken.
    pub(crate) raw: Vec<Vec<u8>>,
    /// What the server sent on this connection.
    pub(super) received: Vec<u8>,
    /// WebSocket messages that the client sent, since they were last counted.
    pub(crate) frames: usize,
    /// The socket that is open or being opened.
    pub(crate) socket: Option<(usize, ProtocolVersion)>,
    /// All that were asked for.
    pub(crate) opened: Vec<(usize, ProtocolVersion)>,
    /// Where the last one was to go in place of the server, if anywhere.
    pub(crate) reference: Option<String>,
    /// All that the client closed.
    pub(crate) closed: usize,
    pub(crate) authorize: Vec<(u32, AuthorizeReason)>,
    pub(crate) authenticate: Vec<Asked>,
    /// What each message delivered waits for.
    pub(crate) deliveries: Vec<Option<DeliveryId>>,
    pub(crate) deadline: Option<Instant>,
    /// The socket takes no bytes.
    pub(crate) blocked: bool,
    /// What the store is asked to do and has not done.
    pub(crate) storing: VecDeque<Write>,
    /// What was told may not be known before that.
    pub(crate) held: bool,
}

pub(crate) fn config(version: ProtocolVersion) -> Config {
    Config {
        version: VersionPolicy::Exactly(version),
        client_identifier: Some("c".into()),
        ..Config::default()
    }
}

impl World {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            client: Client::new(config, 1).unwrap(),
            now: Instant::from_millis(1_000_000),
            told: Vec::new(),
            sent: Vec::new(),
            raw: Vec::new(),
            received: Vec::new(),
            frames: 0,
            socket: None,
            opened: Vec::new(),
            reference: None,
            closed: 0,
            authorize: Vec::new(),
            authenticate: Vec::new(),
            deliveries: Vec::new(),
            deadline: None,
            blocked: false,
            storing: VecDeque::new(),
            held: false,
        }
    }

    /// A client that has begun to connect.
    pub(crate) fn connecting(config: Config) -> Self {
        let mut world = Self::new(config);
        world.client.connect(world.now).unwrap();
        world.settle();
        world
    }

    /// A client that is connected, with what was sent and told until then forgotten.
    pub(crate) fn connected(config: Config) -> Self {
        let mut world = Self::connecting(config);
        world.open();
        world.accept(false, &[]);
        world.forget();
        world
    }

    pub(crate) fn forget(&mut self) {
        self.told.clear();
        self.sent.clear();
        self.raw.clear();
        self.deliveries.clear();
        self.frames = 0;
    }

    pub(super) fn version(&self) -> ProtocolVersion {
        self.socket.map_or(V5, |(_, version)| version)
    }

    /// Does what the engine says until it has nothing more to say or to send.
    pub(crate) fn settle(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    let idle = self.blocked || self.socket.is_none() || !self.transmit();
                    if idle && !self.client.has_output() {
                        return;
                    }
                }
                Output::Open { server, reference, version } => {
                    self.reference = reference.map(String::from);
                    assert_eq!(self.socket, None, "a socket at a time");
                    self.socket = Some((server, version));
                    self.opened.push((server, version));
                }
                Output::Close { .. } => {
                    self.closed += 1;
                    while self.transmit() {}
                    self.socket = None;
                }
                Output::Persist(changes) => {
                    assert!(!changes.is_empty());
                    self.held = changes.holds_told();
                    let changes = changes.iter().map(|(key, value)| (key, value.map(Vec::from)));
                    self.storing.push_back(changes.collect());
                }
                Output::Authorize { attempt, reason } => self.authorize.push((attempt, reason)),
                Output::Authenticate(asked) => self.authenticate.push(match asked {
                    Authentication::Start { again } => Asked::Start { again },
                    Authentication::Challenge(data) => Asked::Challenge(data.into()),
                    Authentication::Success(data) => Asked::Success(data.into()),
                }),
                Output::Event(event) => {
                    if let Event::Message(message) = &event {
                        self.deliveries.push(message.delivery);
                    }
                    let told = own(event, &self.received);
                    self.told.push(told);
                }
            }
        }
    }

    fn transmit(&mut self) -> bool {
        let version = self.version();
        let Some(bytes) = self.client.poll_transmit(self.now, 64 * 1024) else { return false };
        let mut rest = bytes;
        while !rest.is_empty() {
            let frame = locate(rest, version, None).unwrap().expect("whole packets");
            let (packet, tail) = rest.split_at(frame.len);
            self.raw.push(packet.into());
            self.sent.push(describe(&decode_from_client(packet, version).unwrap()));
            rest = tail;
        }
        self.frames += 1;
        true
    }

    /// What the client sent since the last call.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        std::mem::take(&mut self.sent)
    }

    /// Time passes; the engine is called whenever it asked to be.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(deadline) = self.deadline.filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.client.handle_timeout(self.now);
            self.settle();
        }
        self.now = end;
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn wake(&mut self, wake: Wake) {
        self.client.handle_wake(wake, self.now);
        self.settle();
    }

    /// Waits for the next attempt and lets it succeed; what was told until then is forgotten.
    pub(crate) fn reconnect(&mut self, session_present: bool, properties: &[Property<'_>]) {
        while self.socket.is_none() {
            let at = self.deadline.expect("another attempt");
            self.advance(at - self.now);
        }
        self.open();
        self.forget();
        self.accept(session_present, properties);
    }
}
