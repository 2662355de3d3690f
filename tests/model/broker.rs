//! A broker as the specification has it (3.1.1 and 5.0): sessions, retained messages, wills, QoS 0 to 2, expiry, limits,
//! clients that are taken over. It does not know the network, nor what is right for a client beyond that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wasmqtt::codec::{
    Acknowledgement, Connack, Connect, Disconnect, Packet, PacketIdentifier, PacketType,
    Properties, PropertiesBuf, Property, ProtocolVersion, Publish, QoS, ReasonCode, ReasonCodes,
    Suback, TopicFilter, TopicName, decode_from_client, locate,
};

use crate::ledger::Ledger;
use crate::trace::line;

/// A message that the broker has taken over.
#[derive(Clone, Debug)]
struct Held {
    topic: String,
    payload: Vec<u8>,
    qos: QoS,
    retained: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Awaits {
    Puback,
    Pubrec,
    Pubcomp,
}

#[derive(Debug)]
struct Sent {
    identifier: u16,
    held: Held,
    awaits: Awaits,
}

#[derive(Default, Debug)]
struct Session {
    connection: Option<usize>,
    /// Seconds it is kept after the connection.
    expiry: u32,
    ended: u64,
    subscriptions: BTreeMap<String, (QoS, u32)>,
    /// QoS 2 identifiers of the client's, with what was sent under them.
    received: BTreeMap<u16, Vec<u8>>,
    sent: VecDeque<Sent>,
    queue: VecDeque<Held>,
    last: u16,
}

/// One connection, as the broker sees it.
#[derive(Default, Debug)]
struct Connection {
    client: Option<String>,
    version: Option<ProtocolVersion>,
    bytes: Vec<u8>,
    /// What its CONNACK said.
    limits: Option<Limits>,
    /// For the network.
    out: Vec<u8>,
    receive_maximum: usize,
    /// Identifiers of publishes that count against the Receive Maximum (4.9).
    counted: BTreeSet<u16>,
    aliases: BTreeMap<u16, String>,
    will: Option<Held>,
    /// Its CONNACK tells that a session is lost, and the page has not heard of it.
    tells_of_loss: bool,
    /// Acknowledgements that are written later.
    later: VecDeque<(PacketType, u16)>,
    closed: bool,
}

/// What CONNACK says, from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) receive_maximum: u16,
    pub(crate) maximum_qos: QoS,
    pub(crate) retain_available: bool,
    pub(crate) aliases: u16,
    /// Bytes, or 0 for no limit.
    pub(crate) maximum_packet_size: u32,
}

#[derive(Debug)]
pub(crate) struct Broker {
    sessions: BTreeMap<String, Session>,
    connections: BTreeMap<usize, Connection>,
    retained: BTreeMap<String, Held>,
    pub(crate) limits: Limits,
    /// Whether acknowledgements wait for [`Broker::acknowledge`].
    pub(crate) lazy: bool,
    pub(crate) accepted: u64,
}

type Checked = Result<(), String>;

impl Broker {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            sessions: BTreeMap::new(),
            connections: BTreeMap::new(),
            retained: BTreeMap::new(),
            limits,
            lazy: false,
            accepted: 0,
        }
    }

    pub(crate) fn opened(&mut self, connection: usize) {
        self.connections.insert(connection, Connection::default());
    }

    /// Bytes for the network, and whether the connection ends after them.
    pub(crate) fn take(&mut self, connection: usize) -> (Vec<u8>, bool) {
        let Some(it) = self.connections.get_mut(&connection) else { return (Vec::new(), true) };
        (core::mem::take(&mut it.out), it.closed)
    }

    /// The network tells that it is gone.
    pub(crate) fn lost(&mut self, connection: usize, now: u64, ledger: &mut Ledger) -> Checked {
        let Some(it) = self.connections.remove(&connection) else { return Ok(()) };
        self.end(connection, it, now, ledger)
    }

    fn end(&mut self, number: usize, it: Connection, now: u64, ledger: &mut Ledger) -> Checked {
        if let Some(client) = &it.client {
            if it.tells_of_loss {
                // The next CONNACK tells of a session that is not the one the page knows.
                ledger.fragile.insert(page_of(client));
            }
            if let Some(session) = self.sessions.get_mut(client) {
                if session.connection == Some(number) {
                    session.connection = None;
                    session.ended = now;
                    if session.expiry == 0 {
                        self.sessions.remove(client);
                        ledger.forget(page_of(client));
                    }
                }
            }
        }
        match it.will {
            Some(will) => self.route(will, None, ledger),
            None => Ok(()),
        }
    }

    /// It restarts; `keeps`: it has stored its sessions.
    pub(crate) fn restart(&mut self, keeps: bool, now: u64, ledger: &mut Ledger) -> Checked {
        for number in self.connections.keys().copied().collect::<Vec<_>>() {
            if let Some(mut it) = self.connections.remove(&number) {
                it.will = None;
                self.end(number, it, now, ledger)?;
            }
        }
        if !keeps {
            for client in self.sessions.keys() {
                ledger.lost(page_of(client));
            }
            self.sessions.clear();
        }
        Ok(())
    }

    /// A page has heard what its CONNACK says.
    pub(crate) fn heard(&mut self, connection: usize) {
        if let Some(it) = self.connections.get_mut(&connection) {
            it.tells_of_loss = false;
        }
    }

    /// Whether nothing is under way to a client.
    pub(crate) fn is_idle(&self) -> bool {
        self.sessions.values().all(|it| it.sent.is_empty() && it.queue.is_empty())
            && self.connections.values().all(|it| it.later.is_empty())
    }

    /// Writes an acknowledgement that has waited.
    pub(crate) fn acknowledge(&mut self) -> bool {
        for it in self.connections.values_mut() {
            if let Some((packet, identifier)) = it.later.pop_front() {
                write_ack(it, packet, identifier);
                return true;
            }
        }
        false
    }

    /// Bytes came.
    pub(crate) fn receive(
        &mut self,
        number: usize,
        bytes: &[u8],
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        if it.closed {
            return Ok(());
        }
        it.bytes.extend_from_slice(bytes);
        loop {
            let Some(it) = self.connections.get_mut(&number).filter(|it| !it.closed) else {
                return Ok(());
            };
            let version = it.version.unwrap_or(ProtocolVersion::V5_0);
            let frame = locate(&it.bytes, version, None).map_err(|error| format!("{error:?}"))?;
            let Some(frame) = frame.filter(|frame| frame.len <= it.bytes.len()) else {
                return Ok(());
            };
            let packet: Vec<u8> = it.bytes.drain(..frame.len).collect();
            let packet = decode_from_client(&packet, version).map_err(|e| format!("{e:?}"))?;
            line(|| format!("  broker gets {}", told(&packet)));
            self.packet(number, &packet, now, ledger)?;
        }
    }

    fn packet(
        &mut self,
        number: usize,
        packet: &Packet<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        if let Packet::Connect(connect) = packet {
            return self.connect(number, connect, now, ledger);
        }
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        let Some(client) = it.client.clone() else { return Err("no CONNECT".into()) };
        let Some(session) = self.sessions.get_mut(&client) else { return Ok(()) };
        match packet {
            Packet::Publish(publish) => return self.publish(number, &client, publish, ledger),
            Packet::Pubrel(ack) => {
                session.received.remove(&ack.packet_identifier.get());
                self.answer(number, PacketType::Pubcomp, ack.packet_identifier.get());
            }
            Packet::Puback(ack) => session.ended(ack.packet_identifier.get(), Awaits::Puback),
            Packet::Pubcomp(ack) => session.ended(ack.packet_identifier.get(), Awaits::Pubcomp),
            Packet::Pubrec(ack) => {
                let identifier = ack.packet_identifier.get();
                if let Some(sent) = session.sent.iter_mut().find(|it| it.identifier == identifier) {
                    sent.awaits = Awaits::Pubcomp;
                }
                write_ack(it, PacketType::Pubrel, identifier);
            }
            Packet::Subscribe(subscribe) => {
                let identifier = subscribe.properties.subscription_identifiers().next();
                let mut codes = Vec::new();
                let mut retained = Vec::new();
                for wanted in subscribe.subscriptions.iter() {
                    let (filter, qos) = (wanted.filter, wanted.options.qos);
                    let filter_text = filter.as_str().to_owned();
                    session.subscriptions.insert(filter_text, (qos, identifier.unwrap_or(0)));
                    codes.push(qos.value());
                    for held in self.retained.values() {
                        if TopicName::new(&held.topic).is_ok_and(|topic| filter.matches(topic)) {
                            let qos = held.qos.min(qos);
                            retained.push(Held { retained: true, qos, ..held.clone() });
                        }
                    }
                }
                let suback = Packet::Suback(Suback {
                    packet_identifier: subscribe.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(&codes),
                });
                it.write(&suback);
                session.queue.extend(retained);
            }
            Packet::Unsubscribe(unsubscribe) => {
                let mut codes = Vec::new();
                for filter in unsubscribe.filters.iter() {
                    session.subscriptions.remove(filter.as_str());
                    codes.push(0);
                }
                let codes = if it.is_v5() { &codes[..] } else { &[] };
                let unsuback = Packet::Unsuback(Suback {
                    packet_identifier: unsubscribe.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(codes),
                });
                it.write(&unsuback);
            }
            Packet::Pingreq => it.write(&Packet::Pingresp),
            Packet::Disconnect(disconnect) => {
                if disconnect.reason_code == ReasonCode::SUCCESS {
                    it.will = None;
                }
                if disconnect.reason_code.is_error() {
                    return Err(format!("the client says {}", disconnect.reason_code.name()));
                }
                it.closed = true;
            }
            other => return Err(format!("not from a client: {other:?}")),
        }
        self.pump(&client);
        Ok(())
    }

    fn connect(
        &mut self,
        number: usize,
        connect: &Connect<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Checked {
        let client = connect.client_identifier.to_owned();
        let page = page_of(&client);
        let v5 = connect.version.is_v5();
        if let Some(old) = self.sessions.get(&client).and_then(|session| session.connection) {
            // The newer one has it (3.1.4).
            if let Some(mut it) = self.connections.remove(&old) {
                if it.is_v5() {
                    let reason_code = ReasonCode::SESSION_TAKEN_OVER;
                    let properties = Properties::EMPTY;
                    it.write(&Packet::Disconnect(Disconnect { reason_code, properties }));
                }
                self.end(old, it, now, ledger)?;
            }
        }
        let over = |session: &Session| {
            session.expiry != u32::MAX && session.ended + u64::from(session.expiry) * 1000 <= now
        };
        let old = self.sessions.get(&client);
        if old.is_some_and(|session| connect.clean_start || over(session)) {
            self.sessions.remove(&client);
            ledger.forget(page);
            if !connect.clean_start {
                ledger.lost(page);
            }
        }
        let session_present = self.sessions.contains_key(&client);
        let tells_of_loss = !session_present && !connect.clean_start;
        let session = self.sessions.entry(client.clone()).or_default();
        let expiry = connect.properties.session_expiry_interval();
        session.expiry = match v5 {
            true => expiry.unwrap_or(0),
            false if connect.clean_start => 0,
            false => u32::MAX,
        };
        session.connection = Some(number);
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        it.client = Some(client.clone());
        it.version = Some(connect.version);
        it.limits = Some(self.limits);
        it.tells_of_loss = tells_of_loss;
        it.receive_maximum =
            connect.properties.receive_maximum().map_or(65_535, |it| it.get().into());
        it.will = connect.will.as_ref().map(|will| Held {
            topic: will.topic.as_str().into(),
            payload: will.payload.into(),
            qos: will.qos,
            retained: false,
        });
        let mut properties = PropertiesBuf::new();
        if v5 {
            let limits = self.limits;
            let maximum = core::num::NonZeroU16::new(limits.receive_maximum);
            let size = core::num::NonZeroU32::new(limits.maximum_packet_size);
            let mut push = |property| properties.push(property).map_err(|it| format!("{it:?}"));
            if let Some(maximum) = maximum {
                push(Property::ReceiveMaximum(maximum))?;
            }
            if let Some(size) = size {
                push(Property::MaximumPacketSize(size))?;
            }
            if limits.maximum_qos == QoS::AtLeastOnce {
                push(Property::MaximumQoS(true))?;
            }
            if !limits.retain_available {
                push(Property::RetainAvailable(false))?;
            }
            push(Property::TopicAliasMaximum(limits.aliases))?;
        }
        it.write(&Packet::Connack(Connack {
            session_present,
            reason_code: ReasonCode::SUCCESS,
            return_code: 0,
            properties: properties.as_properties(),
        }));
        self.accepted += 1;
        for sent in &session.sent {
            match sent.awaits {
                Awaits::Pubcomp => write_ack(it, PacketType::Pubrel, sent.identifier),
                _ => write_publish(it, &sent.held, sent.identifier, true, &session.subscriptions),
            }
        }
        self.pump(&client);
        Ok(())
    }

    fn publish(
        &mut self,
        number: usize,
        client: &str,
        publish: &Publish<'_>,
        ledger: &mut Ledger,
    ) -> Checked {
        let lazy = self.lazy;
        let Some(it) = self.connections.get_mut(&number) else { return Ok(()) };
        let Some(limits) = it.limits else { return Ok(()) };
        let Some(session) = self.sessions.get_mut(client) else { return Ok(()) };
        let mut topic = publish.topic.to_owned();
        if let Some(alias) = publish.properties.topic_alias() {
            if alias == 0 || alias > limits.aliases {
                return Err("a topic alias that is not allowed".into());
            }
            if topic.is_empty() {
                topic = it.aliases.get(&alias).cloned().ok_or("an alias of nothing")?;
            } else {
                it.aliases.insert(alias, topic.clone());
            }
        }
        let v5 = it.is_v5();
        if v5 && (publish.qos > limits.maximum_qos || publish.retain && !limits.retain_available) {
            return Err("beyond the limits of CONNACK".into());
        }
        let qos = publish.qos;
        let payload = publish.payload.to_vec();
        let held = Held { topic, payload, qos, retained: false };
        let identifier = publish.packet_identifier.map_or(0, PacketIdentifier::get);
        if v5 && qos != QoS::AtMostOnce {
            it.counted.insert(identifier);
            if it.counted.len() > usize::from(limits.receive_maximum) {
                return Err(format!("{} publishes are unacknowledged", it.counted.len()));
            }
        }
        if qos == QoS::AtLeastOnce && it.later.contains(&(PacketType::Puback, identifier)) {
            return Err(format!("identifier {identifier} is in use"));
        }
        if publish.retain {
            self.retained.insert(held.topic.clone(), held.clone());
        }
        match qos {
            QoS::AtMostOnce => self.route(held, Some(client), ledger)?,
            QoS::AtLeastOnce => {
                self.route(held, Some(client), ledger)?;
                self.answer_later(number, PacketType::Puback, identifier, lazy);
            }
            QoS::ExactlyOnce => {
                match session.received.get(&identifier) {
                    Some(first) if *first != held.payload => {
                        if !ledger.fragile.contains(&page_of(client)) {
                            return Err(format!("identifier {identifier} is in use"));
                        }
                    }
                    Some(_) if !publish.duplicate => {
                        return Err("sent again without DUP".into());
                    }
                    Some(_) => {}
                    None => {
                        session.received.insert(identifier, held.payload.clone());
                        self.route(held, Some(client), ledger)?;
                    }
                }
                self.answer_later(number, PacketType::Pubrec, identifier, lazy);
            }
        }
        Ok(())
    }

    fn answer(&mut self, number: usize, packet: PacketType, identifier: u16) {
        if let Some(it) = self.connections.get_mut(&number) {
            write_ack(it, packet, identifier);
        }
    }

    fn answer_later(&mut self, number: usize, packet: PacketType, identifier: u16, lazy: bool) {
        if let Some(it) = self.connections.get_mut(&number) {
            if lazy || !it.later.is_empty() {
                it.later.push_back((packet, identifier));
            } else {
                write_ack(it, packet, identifier);
            }
        }
    }

    /// To everybody who has subscribed.
    fn route(&mut self, held: Held, from: Option<&str>, ledger: &mut Ledger) -> Checked {
        let serial = serial_of(&held.payload).filter(|_| from.is_some());
        if let Some(serial) = serial {
            ledger.routed(serial)?;
        }
        let mut clients = Vec::new();
        for (client, session) in &mut self.sessions {
            let topic = TopicName::new(&held.topic).map_err(|error| format!("{error:?}"))?;
            let matching = session.subscriptions.iter().filter(|(filter, _)| {
                TopicFilter::new(filter).is_ok_and(|filter| filter.matches(topic))
            });
            let Some(qos) = matching.map(|(_, (qos, _))| *qos).max() else { continue };
            let qos = qos.min(held.qos);
            if session.connection.is_none() && qos == QoS::AtMostOnce {
                continue;
            }
            if let Some(serial) = serial.filter(|_| qos != QoS::AtMostOnce) {
                ledger.expect(page_of(client), serial);
            }
            session.queue.push_back(Held { qos, ..held.clone() });
            clients.push(client.clone());
        }
        for client in clients {
            self.pump(&client);
        }
        Ok(())
    }

    /// Sends what is queued for a client, as far as its Receive Maximum allows.
    fn pump(&mut self, client: &str) {
        let Some(session) = self.sessions.get_mut(client) else { return };
        let Some(it) = session.connection.and_then(|it| self.connections.get_mut(&it)) else {
            return;
        };
        while let Some(held) = session.queue.front() {
            if held.qos != QoS::AtMostOnce && session.sent.len() >= it.receive_maximum.min(100) {
                return;
            }
            let Some(held) = session.queue.pop_front() else { return };
            let mut identifier = 0;
            if held.qos != QoS::AtMostOnce {
                session.last = session.last % 500 + 1;
                while session.sent.iter().any(|it| it.identifier == session.last) {
                    session.last = session.last % 500 + 1;
                }
                identifier = session.last;
            }
            write_publish(it, &held, identifier, false, &session.subscriptions);
            if held.qos != QoS::AtMostOnce {
                let exactly_once = held.qos == QoS::ExactlyOnce;
                let awaits = if exactly_once { Awaits::Pubrec } else { Awaits::Puback };
                session.sent.push_back(Sent { identifier, held, awaits });
            }
        }
    }
}

impl Session {
    fn ended(&mut self, identifier: u16, awaits: Awaits) {
        self.sent.retain(|it| it.identifier != identifier || it.awaits != awaits);
    }
}

impl Connection {
    fn is_v5(&self) -> bool {
        self.version.is_some_and(ProtocolVersion::is_v5)
    }

    fn write(&mut self, packet: &Packet<'_>) {
        line(|| format!("  broker says {}", told(packet)));
        let version = self.version.unwrap_or(ProtocolVersion::V5_0);
        packet.encode(version, &mut self.out).unwrap();
    }
}

fn write_ack(it: &mut Connection, packet: PacketType, identifier: u16) {
    let Some(identifier) = PacketIdentifier::new(identifier) else { return };
    let ack = Acknowledgement::success(identifier);
    if matches!(packet, PacketType::Puback | PacketType::Pubcomp) {
        it.counted.remove(&identifier.get());
    }
    it.write(&match packet {
        PacketType::Puback => Packet::Puback(ack),
        PacketType::Pubrec => Packet::Pubrec(ack),
        PacketType::Pubrel => Packet::Pubrel(ack),
        _ => Packet::Pubcomp(ack),
    });
}

fn write_publish(
    it: &mut Connection,
    held: &Held,
    identifier: u16,
    duplicate: bool,
    subscriptions: &BTreeMap<String, (QoS, u32)>,
) {
    let mut properties = PropertiesBuf::new();
    if it.is_v5() {
        for (filter, (_, identifier)) in subscriptions {
            let matches = TopicName::new(&held.topic)
                .is_ok_and(|topic| TopicFilter::new(filter).is_ok_and(|it| it.matches(topic)));
            let identifier = wasmqtt::codec::SubscriptionIdentifier::new(*identifier);
            if let Some(identifier) = identifier.filter(|_| matches) {
                properties.push(Property::SubscriptionIdentifier(identifier)).unwrap();
            }
        }
    }
    it.write(&Packet::Publish(Publish {
        duplicate,
        qos: held.qos,
        retain: held.retained,
        topic: &held.topic,
        packet_identifier: PacketIdentifier::new(identifier),
        properties: properties.as_properties(),
        payload: &held.payload,
    }));
}

/// Pages are clients by their numbers.
pub(crate) fn page_of(client: &str) -> usize {
    client.trim_start_matches("page-").parse().unwrap_or(usize::MAX)
}

/// The number of a message, which is its payload; wills have none.
pub(crate) fn serial_of(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().map(|it| u32::from_be_bytes(*it)).filter(|_| payload.len() >= 4)
}

pub(crate) fn told(packet: &Packet<'_>) -> String {
    match packet {
        Packet::Publish(it) => format!(
            "PUBLISH {:?} QoS {} {}{:?}",
            it.packet_identifier.map_or(0, PacketIdentifier::get),
            it.qos.value(),
            if it.duplicate { "DUP " } else { "" },
            serial_of(it.payload)
        ),
        Packet::Puback(it) => format!("PUBACK {}", it.packet_identifier.get()),
        Packet::Pubrec(it) => format!("PUBREC {}", it.packet_identifier.get()),
        Packet::Pubrel(it) => format!("PUBREL {}", it.packet_identifier.get()),
        Packet::Pubcomp(it) => format!("PUBCOMP {}", it.packet_identifier.get()),
        Packet::Connect(it) => {
            format!("CONNECT {} clean {}", it.client_identifier, it.clean_start)
        }
        Packet::Connack(it) => format!("CONNACK session {}", it.session_present),
        other => format!("{:?}", other.packet_type()),
    }
}
