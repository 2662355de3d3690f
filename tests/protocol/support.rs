//! A scripted server and a virtual clock around one engine. Tests say what the server sends and what
//! time it is, and read what the client sent and told, as text.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use wasmqtt::client::{
    Authentication, Client, CloseInfo, Config, DeliveryId, Error, ErrorCode, Event, Instant,
    Outcome, Output, PublishRequest, RecordKey, Restored, ServerInfo, State, SubscriptionId, Token,
    VersionPolicy, Wake,
};
use wasmqtt::codec::{
    Acknowledgement, Connack, Packet, PacketIdentifier, PacketType, Properties, PropertiesBuf,
    Property, ProtocolVersion, Publish, QoS, ReasonCode, ReasonCodes, Suback, SubscriptionOptions,
    decode_from_client, locate,
};

pub(crate) const V3_1: ProtocolVersion = ProtocolVersion::V3_1;
pub(crate) const V4: ProtocolVersion = ProtocolVersion::V3_1_1;
pub(crate) const V5: ProtocolVersion = ProtocolVersion::V5_0;

/// What the application was told.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Told {
    State(State),
    Connected(ServerInfo),
    Disconnected(Error),
    Message {
        topic: String,
        payload: Vec<u8>,
        qos: QoS,
        retain: bool,
        duplicate: bool,
        at: u64,
    },
    Published(u32, ReasonCode),
    Subscribed(u32, QoS),
    Unsubscribed(u32, ReasonCode),
    Pong(u32, Duration),
    Flushed(u32),
    Reauthenticated(u32),
    Done(u32),
    Failed(u32, Error),
    SubscriptionLost(u32, Error),
    /// The topics of what is published anew.
    SessionLost(Vec<String>),
    Stored(Vec<u32>),
    Restored(Restored),
}

/// What the application was asked for, or told, of enhanced authentication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    Start { again: bool },
    Challenge(Vec<u8>),
    Success(Vec<u8>),
}

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) now: Instant,
    pub(crate) told: Vec<Told>,
    /// Packets that the client sent, as text, since they were last read.
    sent: Vec<String>,
    /// The same as bytes, since they were last taken.
    pub(crate) raw: Vec<Vec<u8>>,
    /// What the server sent on this connection.
    received: Vec<u8>,
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
    pub(crate) authorize: Vec<(u32, wasmqtt::client::AuthorizeReason)>,
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

/// Changes that are stored together.
pub(crate) type Write = Vec<(RecordKey, Option<Vec<u8>>)>;

/// The records of a stored session.
pub(crate) type Records = BTreeMap<RecordKey, Vec<u8>>;

pub(crate) fn store(write: Write, records: &mut Records) {
    for (key, value) in write {
        match value {
            Some(value) => records.insert(key, value),
            None => records.remove(&key),
        };
    }
}

/// What the clock on the wall shows when a world begins.
pub(crate) const WALL: u64 = 1_700_000_000_000;

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

    /// A client whose session goes on where those records left off.
    pub(crate) fn restored(config: Config, records: &Records) -> Self {
        let mut world = Self::new(config);
        for (key, value) in records {
            world.client.restore(*key, value, WALL, world.now).unwrap();
        }
        world.client.keep_session(WALL, world.now).unwrap();
        world.client.connect(world.now).unwrap();
        world.settle();
        world
    }

    /// The store has done what it was asked to, as long as it is asked.
    pub(crate) fn store(&mut self, records: &mut Records) {
        while let Some(write) = self.storing.pop_front() {
            store(write, records);
            self.held = false;
            self.client.handle_stored(self.now);
            self.settle();
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

    fn version(&self) -> ProtocolVersion {
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

    /// The socket is open.
    pub(crate) fn open(&mut self) {
        self.received.clear();
        self.client.handle_open(self.now);
        self.settle();
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        self.client.handle_bytes(bytes, self.now);
        self.settle();
    }

    /// As `bytes`, but what the client does not ask to see of a payload is not shown.
    pub(crate) fn heads(&mut self, bytes: &[u8]) {
        let skipped = self.client.skippable().min(bytes.len());
        let (payload, rest) = bytes.split_at(skipped);
        self.received.extend_from_slice(payload);
        self.client.handle_skipped(skipped, self.now);
        self.settle();
        if !rest.is_empty() {
            self.bytes(rest);
        }
    }

    /// The server sends these packets in one message.
    pub(crate) fn serve(&mut self, packets: &[Packet<'_>]) {
        let mut bytes = Vec::new();
        for packet in packets {
            packet.encode(self.version(), &mut bytes).unwrap();
        }
        self.bytes(&bytes);
    }

    pub(crate) fn accept(&mut self, session_present: bool, properties: &[Property<'_>]) {
        self.connack(session_present, ReasonCode::SUCCESS, properties);
    }

    pub(crate) fn refuse(&mut self, reason_code: ReasonCode) {
        self.connack(false, reason_code, &[]);
    }

    fn connack(&mut self, session_present: bool, code: ReasonCode, properties: &[Property<'_>]) {
        let mut block = PropertiesBuf::new();
        for property in properties {
            block.push(*property).unwrap();
        }
        self.serve(&[Packet::Connack(Connack {
            session_present,
            reason_code: code,
            return_code: code.value(),
            properties: block.as_properties(),
        })]);
    }

    /// PUBACK, PUBREC, PUBREL or PUBCOMP.
    pub(crate) fn ack(&mut self, packet: PacketType, identifier: u16, reason_code: ReasonCode) {
        let ack = Acknowledgement { reason_code, ..Acknowledgement::success(id(identifier)) };
        self.serve(&[match packet {
            PacketType::Puback => Packet::Puback(ack),
            PacketType::Pubrec => Packet::Pubrec(ack),
            PacketType::Pubrel => Packet::Pubrel(ack),
            _ => Packet::Pubcomp(ack),
        }]);
    }

    pub(crate) fn suback(&mut self, identifier: u16, codes: &[u8]) {
        self.serve(&[Packet::Suback(suback(identifier, codes))]);
    }

    pub(crate) fn unsuback(&mut self, identifier: u16, codes: &[u8]) {
        self.serve(&[Packet::Unsuback(suback(identifier, codes))]);
    }

    /// The connection breaks without a closing handshake.
    pub(crate) fn drop_socket(&mut self) {
        self.socket = None;
        self.client.handle_close(lost(), self.now);
        self.settle();
    }

    /// The host does not make that socket, and never will.
    pub(crate) fn refuse_socket(&mut self) {
        let mut error = Error::new(ErrorCode::Unsupported, "not from here");
        error.close = Some(lost());
        self.refuse_sockets(error);
    }

    /// The host makes none, wherever to, unless the error says how that one ended.
    pub(crate) fn refuse_sockets(&mut self, error: Error) {
        self.socket = None;
        self.client.handle_refused(error, self.now);
        self.settle();
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

    pub(crate) fn publish(&mut self, topic: &str, payload: &str, qos: QoS) -> u32 {
        self.try_publish(topic, payload, qos, &[]).unwrap().get()
    }

    pub(crate) fn try_publish(
        &mut self,
        topic: &str,
        payload: &str,
        qos: QoS,
        properties: &[Property<'_>],
    ) -> Result<Token, Error> {
        let mut block = PropertiesBuf::new();
        for property in properties {
            block.push(*property).unwrap();
        }
        let request = PublishRequest {
            topic,
            payload: payload.into(),
            qos,
            retain: false,
            properties: block,
        };
        let token = self.client.publish(request, self.now);
        self.settle();
        token
    }

    pub(crate) fn subscribe(&mut self, filter: &str, qos: QoS) -> SubscriptionId {
        let id = self.client.subscribe(filter, SubscriptionOptions::new(qos), self.now).unwrap();
        self.settle();
        id
    }

    pub(crate) fn unsubscribe(&mut self, id: SubscriptionId) -> u32 {
        let token = self.client.unsubscribe(id, self.now).unwrap();
        self.settle();
        token.get()
    }

    /// What became of a token.
    pub(crate) fn outcome(&self, wanted: u32) -> Option<&Told> {
        self.told.iter().find(|told| match told {
            Told::Published(token, _)
            | Told::Subscribed(token, _)
            | Told::Unsubscribed(token, _)
            | Told::Pong(token, _)
            | Told::Flushed(token)
            | Told::Reauthenticated(token)
            | Told::Done(token)
            | Told::Failed(token, _) => *token == wanted,
            _ => false,
        })
    }

    pub(crate) fn failure(&self, token: u32) -> &Error {
        match self.outcome(token) {
            Some(Told::Failed(_, error)) => error,
            other => panic!("{token} has not failed but is {other:?}"),
        }
    }

    pub(crate) fn disconnections(&self) -> Vec<&Error> {
        let errors = self.told.iter().filter_map(|told| match told {
            Told::Disconnected(error) => Some(error),
            _ => None,
        });
        errors.collect()
    }

    /// Payloads of the messages delivered, as text.
    pub(crate) fn messages(&self) -> Vec<String> {
        let payloads = self.told.iter().filter_map(|told| match told {
            Told::Message { payload, .. } => Some(String::from_utf8_lossy(payload).into_owned()),
            _ => None,
        });
        payloads.collect()
    }
}

pub(crate) fn id(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).unwrap()
}

pub(crate) fn lost() -> CloseInfo {
    CloseInfo { code: 1006, reason: String::new(), was_clean: false }
}

/// A message from the server.
pub(crate) fn message<'a>(
    topic: &'a str,
    payload: &'a str,
    qos: QoS,
    identifier: u16,
) -> Packet<'a> {
    Packet::Publish(Publish {
        duplicate: false,
        qos,
        retain: false,
        topic,
        packet_identifier: PacketIdentifier::new(identifier),
        properties: Properties::EMPTY,
        payload: payload.as_bytes(),
    })
}

fn suback(identifier: u16, codes: &[u8]) -> Suback<'_> {
    Suback {
        packet_identifier: id(identifier),
        properties: Properties::EMPTY,
        reason_codes: ReasonCodes(codes),
    }
}

/// `received` are all bytes of the connection.
fn own(event: Event<'_>, received: &[u8]) -> Told {
    match event {
        Event::State(state) => Told::State(state),
        Event::Connected(server) => Told::Connected(server.clone()),
        Event::Disconnected(error) => Told::Disconnected(error.clone()),
        Event::Message(message) => Told::Message {
            topic: message.topic.into(),
            payload: {
                let begin = message.payload_offset as usize;
                received[begin..begin + message.payload_len].into()
            },
            qos: message.qos,
            retain: message.retain,
            duplicate: message.duplicate,
            at: message.payload_offset,
        },
        Event::Completed { token, outcome } => match outcome {
            Outcome::Published { reason_code, .. } => Told::Published(token.get(), reason_code),
            Outcome::Subscribed { qos, .. } => Told::Subscribed(token.get(), qos),
            Outcome::Unsubscribed { reason_code, .. } => {
                Told::Unsubscribed(token.get(), reason_code)
            }
            Outcome::Pong { round_trip } => Told::Pong(token.get(), round_trip),
            Outcome::Flushed => Told::Flushed(token.get()),
            Outcome::Reauthenticated => Told::Reauthenticated(token.get()),
            Outcome::Done => Told::Done(token.get()),
        },
        Event::Failed { token, error } => Told::Failed(token.get(), error.clone()),
        Event::SessionLost { republished } => {
            Told::SessionLost(republished.iter().map(|it| it.topic.to_string()).collect())
        }
        Event::Stored { tokens } => Told::Stored(tokens.iter().map(|it| it.get()).collect()),
        Event::Restored(restored) => Told::Restored(restored.clone()),
        Event::SubscriptionLost { id, error } => Told::SubscriptionLost(id.get(), error.clone()),
    }
}

/// A packet as a line of text.
pub(crate) fn describe(packet: &Packet<'_>) -> String {
    let ack = |name: &str, ack: &Acknowledgement<'_>| match ack.reason_code {
        ReasonCode::SUCCESS => format!("{name} {}", ack.packet_identifier.get()),
        code => format!("{name} {} {:#04x}", ack.packet_identifier.get(), code.value()),
    };
    match packet {
        Packet::Connect(connect) => format!(
            "CONNECT v{} {:?} clean {} keep-alive {}",
            connect.version.level(),
            connect.client_identifier,
            u8::from(connect.clean_start),
            connect.keep_alive
        ),
        Packet::Publish(publish) => format!(
            "PUBLISH{}{} {:?} q{}{}{}",
            publish.packet_identifier.map_or(String::new(), |it| format!(" {}", it.get())),
            if publish.duplicate { " dup" } else { "" },
            publish.topic,
            publish.qos.value(),
            if publish.retain { " retain" } else { "" },
            format_args!(" {:?}", String::from_utf8_lossy(publish.payload)),
        ),
        Packet::Puback(it) => ack("PUBACK", it),
        Packet::Pubrec(it) => ack("PUBREC", it),
        Packet::Pubrel(it) => ack("PUBREL", it),
        Packet::Pubcomp(it) => ack("PUBCOMP", it),
        Packet::Subscribe(subscribe) => {
            let list = subscribe.subscriptions.iter();
            let list =
                list.map(|it| format!(" {} q{}", it.filter.as_str(), it.options.qos.value()));
            format!("SUBSCRIBE {}{}", subscribe.packet_identifier.get(), list.collect::<String>())
        }
        Packet::Unsubscribe(unsubscribe) => {
            let list = unsubscribe.filters.iter().map(|filter| format!(" {}", filter.as_str()));
            format!(
                "UNSUBSCRIBE {}{}",
                unsubscribe.packet_identifier.get(),
                list.collect::<String>()
            )
        }
        Packet::Pingreq => "PINGREQ".into(),
        Packet::Disconnect(it) => format!("DISCONNECT {:#04x}", it.reason_code.value()),
        other => format!("{other:?}"),
    }
}
