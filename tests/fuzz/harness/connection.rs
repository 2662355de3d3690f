//! One connection as the server sees it: what it has sent, read once more, and what the client may send in the light of
//! it. It does not know the engine; it shares the codec with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wasmqtt::client::Config;
use wasmqtt::codec::{
    Acknowledgement, Connack, Packet, PacketIdentifier, ProtocolVersion, Publish, QoS, ReasonCode,
    decode_from_server, locate,
};

/// Bytes that may be put to a packet that is half sent to see what it becomes.
const MOST_FILLED: usize = 1 << 16;

/// An acknowledgement that the client owes.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub id: u16,
    /// It was given with an earlier one.
    pub answered: bool,
}

impl Due {
    fn new(id: PacketIdentifier) -> Self {
        Self { id: id.get(), answered: false }
    }
}

/// A publish in flight; it outlives a connection.
#[derive(Clone, Debug)]
pub struct InFlight {
    pub serial: u32,
    pub qos: QoS,
    /// PUBREC came.
    pub received: bool,
}

/// What both sides know of the session.
#[derive(Default, Debug)]
pub struct Session {
    pub in_flight: BTreeMap<u16, InFlight>,
    pub connections: u32,
}

/// What a CONNACK allows.
#[derive(Clone, Debug)]
pub struct Limits {
    pub receive_maximum: usize,
    pub packet_size: usize,
    pub qos: QoS,
    pub retain: bool,
    pub aliases: u16,
    pub wildcards: bool,
    pub shared: bool,
    pub identifiers: bool,
}

/// A message that the server has sent and that the client may tell of.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub topic: String,
    pub offset: usize,
    pub len: usize,
    pub qos: QoS,
    pub retain: bool,
    pub duplicate: bool,
    /// It may be left out: a repetition, or refused for what it says of itself.
    pub optional: bool,
}

#[derive(Debug)]
pub struct Connection {
    pub version: ProtocolVersion,
    /// All bytes that the server has sent.
    pub received: Vec<u8>,
    read: usize,
    /// The server has broken the protocol, or ended the connection: nothing after it counts.
    pub over: bool,
    /// Something was sent in the middle of a packet that was no part of it.
    pub spoiled: bool,
    pub limits: Option<Limits>,
    pub deliveries: VecDeque<Delivery>,
    aliases: BTreeMap<u16, String>,

    // What the client has sent.
    pub said_connect: bool,
    pub clean_start: bool,
    pub said_disconnect: bool,
    pub own_aliases: BTreeMap<u16, String>,
    /// Publishes of this connection that count against the Receive Maximum.
    pub window: BTreeSet<u16>,
    pub published: BTreeSet<u16>,
    pub released: BTreeSet<u16>,
    pub last_serial: Option<u32>,
    /// SUBSCRIBE and UNSUBSCRIBE without an answer, and how many codes it has to have.
    pub requests: BTreeMap<u16, (bool, usize)>,

    // What the client owes, in the order in which it does.
    pub due_puback: VecDeque<Due>,
    pub due_pubrec: VecDeque<Due>,
    pub due_pubrel: VecDeque<(u16, bool)>,
    pub due_pubcomp: VecDeque<Due>,
}

impl Connection {
    pub fn new(version: ProtocolVersion) -> Self {
        Self {
            version,
            received: Vec::new(),
            read: 0,
            over: false,
            spoiled: false,
            limits: None,
            deliveries: VecDeque::new(),
            aliases: BTreeMap::new(),
            said_connect: false,
            clean_start: false,
            said_disconnect: false,
            own_aliases: BTreeMap::new(),
            window: BTreeSet::new(),
            published: BTreeSet::new(),
            released: BTreeSet::new(),
            last_serial: None,
            requests: BTreeMap::new(),
            due_puback: VecDeque::new(),
            due_pubrec: VecDeque::new(),
            due_pubrel: VecDeque::new(),
            due_pubcomp: VecDeque::new(),
        }
    }

    /// Whether no packet is half sent.
    pub fn is_whole(&self) -> bool {
        self.read == self.received.len()
    }

    /// How many of the bytes complete the next packet; all, where they do not.
    pub fn missing(&self, bytes: &[u8]) -> usize {
        let unread = &self.received[self.read..];
        let mut all = unread.to_vec();
        all.extend_from_slice(bytes);
        match locate(&all, self.version, None) {
            Ok(Some(frame)) => frame.len - unread.len(),
            _ => bytes.len(),
        }
    }

    /// Whether the packet that is half sent is a PUBLISH that no rest of it makes right: the client need not wait for
    /// its payload to say so.
    pub fn is_hopeless(&self, config: &Config) -> bool {
        let mut packet = self.received[self.read..].to_vec();
        let publish = packet.first().is_some_and(|first| first >> 4 == 3);
        // The length of such a packet is small: it is the harness that made it.
        for _ in 0..MOST_FILLED {
            match locate(&packet, self.version, config.maximum_packet_size) {
                Ok(Some(_)) => break,
                Ok(None) => packet.push(1),
                Err(_) => return publish,
            }
        }
        publish && decode_from_server(&packet, self.version).is_err()
    }

    /// The server sends bytes.
    pub fn feed(&mut self, bytes: &[u8], session: &mut Session, config: &Config) {
        self.received.extend_from_slice(bytes);
        let received = core::mem::take(&mut self.received);
        while !self.over {
            let rest = &received[self.read..];
            let frame = match locate(rest, self.version, config.maximum_packet_size) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(_) => {
                    self.over = true;
                    break;
                }
            };
            self.read += frame.len;
            match decode_from_server(&rest[..frame.len], self.version) {
                Ok(packet) => self.packet(&packet, session, config),
                Err(_) => self.over = true,
            }
        }
        self.received = received;
    }

    fn packet(&mut self, packet: &Packet<'_>, session: &mut Session, config: &Config) {
        if self.limits.is_none() {
            match packet {
                Packet::Connack(connack) => self.connack(connack, session, config),
                Packet::Auth(_) => {}
                _ => self.over = true,
            }
            return;
        }
        match packet {
            Packet::Publish(publish) => self.publish(publish, config),
            Packet::Puback(ack) => self.ended(ack, session, |it| it.qos == QoS::AtLeastOnce),
            Packet::Pubcomp(ack) => self.ended(ack, session, |it| it.received),
            Packet::Pubrec(ack) if ack.reason_code.is_error() => {
                self.ended(ack, session, |it| it.qos == QoS::ExactlyOnce);
            }
            Packet::Pubrec(ack) => {
                let id = ack.packet_identifier.get();
                let known = session.in_flight.get_mut(&id);
                match known {
                    Some(it) if it.qos != QoS::ExactlyOnce => self.over = true,
                    Some(it) => {
                        it.received = true;
                        self.due_pubrel.push_back((id, true));
                    }
                    None => self.due_pubrel.push_back((id, false)),
                }
            }
            Packet::Pubrel(ack) => self.due_pubcomp.push_back(Due::new(ack.packet_identifier)),
            Packet::Suback(it) | Packet::Unsuback(it) => {
                let subscribe = matches!(packet, Packet::Suback(_));
                let codes = it.reason_codes.len();
                let id = it.packet_identifier.get();
                match self.requests.get(&id) {
                    Some((asked, count))
                        if *asked == subscribe && (*count == codes || !subscribe && codes == 0) =>
                    {
                        self.requests.remove(&id);
                    }
                    _ => self.over = true,
                }
            }
            Packet::Pingresp | Packet::Auth(_) => {}
            _ => self.over = true,
        }
    }

    fn connack(&mut self, connack: &Connack<'_>, session: &mut Session, config: &Config) {
        let refused = connack.reason_code.is_error();
        if refused || connack.session_present && self.clean_start {
            self.over = true;
            return;
        }
        let v5 = self.version.is_v5();
        let properties = &connack.properties;
        if v5 && properties.authentication_method() != config.authentication_method.as_deref() {
            self.over = true;
            return;
        }
        self.limits = Some(Limits {
            receive_maximum: properties.receive_maximum().map_or(65_535, |it| it.get().into()),
            packet_size: properties
                .maximum_packet_size()
                .map_or(usize::MAX, |it| it.get() as usize),
            qos: match properties.maximum_qos() {
                Some(false) => QoS::AtMostOnce,
                Some(true) => QoS::AtLeastOnce,
                None => QoS::ExactlyOnce,
            },
            retain: properties.retain_available().unwrap_or(true),
            aliases: properties.topic_alias_maximum().unwrap_or(0),
            wildcards: properties.wildcard_subscription_available().unwrap_or(true),
            shared: properties.shared_subscription_available().unwrap_or(true),
            identifiers: properties.subscription_identifier_available().unwrap_or(v5),
        });
        // 3.1 has no Session Present: the client believes in the session that it asked for.
        let asked = self.version == ProtocolVersion::V3_1 && !self.clean_start;
        let kept = connack.session_present || asked && session.connections > 0;
        if !kept {
            session.in_flight.clear();
        }
        session.connections += 1;
    }

    fn publish(&mut self, publish: &Publish<'_>, config: &Config) {
        let mut topic = publish.topic.to_string();
        if let Some(alias) = publish.properties.topic_alias() {
            if alias > config.topic_alias_maximum {
                self.over = true;
                return;
            }
            if !topic.is_empty() {
                self.aliases.insert(alias, topic.clone());
            } else if let Some(known) = self.aliases.get(&alias) {
                topic.clone_from(known);
            } else {
                self.over = true;
                return;
            }
        }
        let lies = config.check_payload_format
            && publish.properties.payload_format_indicator() == Some(true)
            && core::str::from_utf8(publish.payload).is_err();
        if lies && publish.qos == QoS::AtMostOnce {
            self.over = true;
            return;
        }
        match (publish.qos, publish.packet_identifier) {
            (QoS::AtLeastOnce, Some(id)) => self.due_puback.push_back(Due::new(id)),
            (QoS::ExactlyOnce, Some(id)) => self.due_pubrec.push_back(Due::new(id)),
            _ => {}
        }
        self.deliveries.push_back(Delivery {
            topic,
            offset: self.read - publish.payload.len(),
            len: publish.payload.len(),
            qos: publish.qos,
            retain: publish.retain,
            duplicate: publish.duplicate,
            optional: lies || publish.qos == QoS::ExactlyOnce,
        });
    }

    /// The answer that ends an exchange, if it is one of that kind.
    fn ended(
        &mut self,
        ack: &Acknowledgement<'_>,
        session: &mut Session,
        fits: impl Fn(&InFlight) -> bool,
    ) {
        let id = ack.packet_identifier.get();
        match session.in_flight.get(&id) {
            Some(it) if fits(it) => {
                session.in_flight.remove(&id);
                self.window.remove(&id);
            }
            Some(_) => self.over = true,
            None => {}
        }
    }

    /// The client tells of a message: the next that was sent, but for those that may be left out.
    pub fn delivered(&mut self, message: &wasmqtt::client::Message<'_>) {
        loop {
            let Some(next) = self.deliveries.pop_front() else {
                panic!("a message that was not sent, or after the end: {message:?}");
            };
            let same = next.topic == message.topic
                && next.offset as u64 == message.payload_offset
                && next.len == message.payload_len
                && (next.qos, next.retain, next.duplicate)
                    == (message.qos, message.retain, message.duplicate);
            if same {
                return;
            }
            assert!(next.optional, "{next:?} was left out before {message:?}");
        }
    }

    /// Whether a client may give that reason in DISCONNECT (3.14.2.1).
    pub fn may_say(code: ReasonCode) -> bool {
        let code = code.value();
        matches!(code, 0x00 | 0x04 | 0x80..=0x83 | 0x90 | 0x93..=0x99)
    }
}
