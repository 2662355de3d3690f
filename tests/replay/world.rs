//! The engine in the place of the client that was recorded. It knows what the application must have asked for; what the
//! engine makes of it, it compares.

use core::time::Duration;
use std::collections::{HashMap, VecDeque};

use wasmqtt::client::{
    Client, CloseInfo, Config, Credentials, DisconnectOptions, Event, Instant, Output,
    PublishRequest, Reconnect, SubscribeRequest, SubscriptionId, VersionPolicy, WillConfig,
};
use wasmqtt::codec::{
    Connect, Packet, Properties, PropertiesBuf, Property, ProtocolVersion, decode_from_client,
    decode_from_server, locate,
};

use crate::recording::Entry;

pub(crate) struct World {
    client: Client,
    version: ProtocolVersion,
    now: Instant,
    deadline: Option<Instant>,
    socket: bool,
    /// What the engine sent that is not met in the recording yet.
    pending: VecDeque<Vec<u8>>,
    subscriptions: HashMap<String, SubscriptionId>,
    aliases: HashMap<u16, String>,
    /// Messages that came and are not told yet.
    coming: VecDeque<String>,
    /// Events that the engine told and the recording has not.
    events: VecDeque<String>,
    pub(crate) told: Vec<String>,
    pub(crate) sent: usize,
    pub(crate) received: usize,
}

impl World {
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let connect = entries.iter().find_map(|entry| match entry {
            Entry::Packet { sent: true, bytes, .. } => Some(bytes),
            _ => None,
        });
        let connect = decode_from_client(connect.expect("a packet"), ProtocolVersion::V5_0);
        let Ok(Packet::Connect(connect)) = connect else {
            panic!("a recording begins with CONNECT: begin before the client connects");
        };
        let mut world = Self {
            client: Client::new(config(&connect), 1).unwrap(),
            version: connect.version,
            now: Instant::from_millis(entries.first().map_or(0, Entry::time)),
            deadline: None,
            socket: false,
            pending: VecDeque::new(),
            subscriptions: HashMap::new(),
            aliases: HashMap::new(),
            coming: VecDeque::new(),
            events: VecDeque::new(),
            told: Vec::new(),
            sent: 0,
            received: 0,
        };
        world.client.connect(world.now).unwrap();
        world.settle();
        world
    }

    pub(crate) fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Packet { time, sent: true, bytes } => {
                self.advance(*time);
                self.sent(bytes);
                self.sent += 1;
            }
            Entry::Packet { time, sent: false, bytes } => {
                self.advance(*time);
                if let Ok(Packet::Publish(publish)) = decode_from_server(bytes, self.version) {
                    self.coming.push_back(message(publish.payload));
                }
                self.client.handle_bytes(bytes, self.now);
                self.settle();
                self.received += 1;
            }
            Entry::Event { time, event, detail, close_code } => {
                self.advance(*time);
                self.event(event, detail, *close_code);
            }
        }
    }

    /// Nothing is left that the recording does not have.
    pub(crate) fn end(&mut self) {
        self.pending.retain(|packet| packet.first() != Some(&0xC0));
        assert_eq!(self.pending, VecDeque::<Vec<u8>>::new(), "sent, and not in the recording");
        assert_eq!(self.coming, VecDeque::<String>::new(), "received, and not told");
    }

    fn event(&mut self, event: &str, detail: &str, close_code: Option<u16>) {
        if event == "disconnect" && self.socket {
            self.socket = false;
            let code = close_code.unwrap_or(1006);
            let close = CloseInfo { code, reason: String::new(), was_clean: code != 1006 };
            self.client.handle_close(close, self.now);
            self.settle();
        }
        // Times of attempts are chance, and `idle` is before the engine is loaded.
        if !matches!(event, "disconnect" | "connect") {
            return;
        }
        let expected = match event {
            "connect" => format!("connect {}", detail.split(' ').nth(1).unwrap_or_default()),
            _ => format!("disconnect {detail}"),
        };
        let told = self.events.pop_front();
        assert_eq!(told.as_deref(), Some(&*expected), "at {:?}", self.now);
    }

    /// What was sent then: the engine has sent it by itself, or the application must have asked for it.
    fn sent(&mut self, bytes: &[u8]) {
        if bytes.first() == Some(&0x10) {
            while !self.socket {
                let at = self.deadline.expect("another attempt");
                self.timeout(at);
            }
            self.aliases.clear();
            self.client.handle_open(self.now);
            self.settle();
        }
        if !self.meet(bytes) {
            self.ask(bytes);
            assert!(self.meet(bytes), "not sent: {bytes:02x?}; but {:02x?}", self.pending);
        }
    }

    fn meet(&mut self, bytes: &[u8]) -> bool {
        let at = self.pending.iter().position(|packet| packet == bytes);
        at.is_some_and(|at| self.pending.remove(at).is_some())
    }

    fn ask(&mut self, bytes: &[u8]) {
        match decode_from_client(bytes, self.version).unwrap() {
            Packet::Publish(publish) => {
                let alias = publish.properties.topic_alias();
                let mut topic = publish.topic.to_string();
                if let Some(alias) = alias {
                    if topic.is_empty() {
                        topic = self.aliases[&alias].clone();
                    } else {
                        self.aliases.insert(alias, topic.clone());
                    }
                }
                let request = PublishRequest {
                    topic: &topic,
                    payload: publish.payload.into(),
                    qos: publish.qos,
                    retain: publish.retain,
                    properties: without(publish.properties, |property| {
                        matches!(property, Property::TopicAlias(_))
                    }),
                };
                self.client.publish(request, self.now).unwrap();
            }
            Packet::Subscribe(subscribe) => {
                for subscription in subscribe.subscriptions.iter() {
                    let properties = without(subscribe.properties, |property| {
                        matches!(property, Property::SubscriptionIdentifier(_))
                    });
                    let request = SubscribeRequest {
                        options: subscription.options,
                        manual: false,
                        properties,
                    };
                    let filter = subscription.filter.as_str();
                    let id = self.client.subscribe(filter, request, self.now).unwrap();
                    self.subscriptions.insert(filter.into(), id);
                }
            }
            Packet::Unsubscribe(unsubscribe) => {
                for filter in unsubscribe.filters.iter() {
                    let id = self.subscriptions[filter.as_str()];
                    let properties = unsubscribe.properties.to_buf();
                    self.client.unsubscribe_with(id, properties, self.now).unwrap();
                }
            }
            Packet::Pingreq => {
                self.client.ping(self.now).unwrap();
            }
            Packet::Disconnect(disconnect) => {
                let expiry = disconnect.properties.session_expiry_interval();
                let options = DisconnectOptions {
                    reason_code: disconnect.reason_code,
                    session_expiry_interval: expiry,
                    properties: without(disconnect.properties, |property| {
                        matches!(property, Property::SessionExpiryInterval(_))
                    }),
                    drain: None,
                };
                self.client.disconnect(options, self.now);
            }
            packet => panic!("nobody can have asked for {:?}", packet.packet_type()),
        }
        self.settle();
    }

    fn advance(&mut self, millis: u64) {
        let end = Instant::from_millis(millis).max(self.now);
        while let Some(at) = self.deadline.filter(|at| *at <= end) {
            self.timeout(at);
        }
        self.now = end;
    }

    fn timeout(&mut self, at: Instant) {
        self.now = self.now.max(at);
        self.client.handle_timeout(self.now);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    if !self.transmit() && !self.client.has_output() {
                        return;
                    }
                }
                Output::Open { .. } => self.socket = true,
                Output::Close { .. } => {
                    while self.transmit() {}
                    self.socket = false;
                }
                Output::Event(Event::Message(told)) => {
                    self.told.push(format!("message {}", told.topic));
                    self.coming.pop_front().expect("a message that came");
                }
                Output::Event(Event::Connected(server)) => {
                    self.events.push_back(format!("connect {}", server.session_present));
                    self.told.push("connect".into());
                }
                Output::Event(Event::Disconnected(error)) => {
                    self.events.push_back(format!("disconnect {}", kebab(error.code)));
                    self.told.push(format!("disconnect {}", kebab(error.code)));
                }
                Output::Event(Event::Completed { token, .. }) => {
                    self.told.push(format!("done {}", token.get()));
                }
                Output::Event(Event::State(state)) => {
                    let text = format!("{state:?}").to_lowercase();
                    self.told.push(format!("state {}", text.split(' ').next().unwrap_or_default()));
                }
                _ => {}
            }
        }
    }

    fn transmit(&mut self) -> bool {
        let Some(bytes) = self.client.poll_transmit(self.now, 64 * 1024) else { return false };
        let mut rest = bytes;
        while !rest.is_empty() {
            let frame = locate(rest, self.version, None).unwrap().expect("whole packets");
            let (packet, tail) = rest.split_at(frame.len);
            self.pending.push_back(packet.into());
            rest = tail;
        }
        true
    }
}

fn message(payload: &[u8]) -> String {
    format!("{} bytes", payload.len())
}

/// `ConnectionLost` as `connection-lost`.
fn kebab(code: impl core::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

fn without(properties: Properties<'_>, left_out: impl Fn(&Property<'_>) -> bool) -> PropertiesBuf {
    let mut kept = PropertiesBuf::new();
    for property in properties.iter().filter(|property| !left_out(property)) {
        kept.push(property).unwrap();
    }
    kept
}

/// The options that make this CONNECT.
fn config(connect: &Connect<'_>) -> Config {
    let properties = connect.properties;
    let pairs = |all: Properties<'_>| {
        all.user_properties().map(|(name, value)| (name.into(), value.into())).collect()
    };
    Config {
        version: VersionPolicy::Exactly(connect.version),
        client_identifier: Some(connect.client_identifier.into()),
        credentials: Credentials::Fixed {
            username: connect.username.map(Into::into),
            password: connect.password.map(Into::into),
        },
        keep_alive: connect.keep_alive,
        clean_start: connect.clean_start,
        session_expiry_interval: properties.session_expiry_interval().unwrap_or_default(),
        will: connect.will.map(|will| WillConfig {
            topic: will.topic.as_str().into(),
            payload: will.payload.into(),
            qos: will.qos,
            retain: will.retain,
            delay_interval: will.properties.will_delay_interval().unwrap_or_default(),
            message_expiry_interval: will.properties.message_expiry_interval(),
            content_type: will.properties.content_type().map(Into::into),
            response_topic: will.properties.response_topic().map(Into::into),
            correlation_data: will.properties.correlation_data().map(Into::into),
            payload_format_indicator: will.properties.payload_format_indicator(),
            user_properties: pairs(will.properties),
        }),
        receive_maximum: properties.receive_maximum().map_or(u16::MAX, |it| it.get()),
        maximum_packet_size: properties.maximum_packet_size().map(|it| it.get()),
        topic_alias_maximum: match connect.version.is_v5() {
            true => properties.topic_alias_maximum().unwrap_or_default(),
            false => Config::default().topic_alias_maximum,
        },
        request_response_information: properties.request_response_information().unwrap_or(false),
        request_problem_information: properties.request_problem_information().unwrap_or(true),
        user_properties: pairs(properties),
        reconnect: Some(Reconnect {
            min: Duration::from_millis(10),
            max: Duration::from_millis(100),
            ..Reconnect::default()
        }),
        ..Config::default()
    }
}
