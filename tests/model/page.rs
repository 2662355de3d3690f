//! A page: an engine, its store and an application, which may be gone at any step. What leaves the engine is held
//! against what is stored. It does not know what becomes of it on the way.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use wasmqtt::client::{
    Acknowledge, Client, CloseInfo, Config, DeliveryId, DisconnectOptions, Event, Instant, Outcome,
    Output, PublishRequest, RecordKey, RecordKind, State, SubscribeRequest,
};
use wasmqtt::codec::{
    Packet, PacketIdentifier, PropertiesBuf, Property, ProtocolVersion, QoS, SubscriptionOptions,
    decode_from_client, locate,
};

use crate::broker::serial_of;
use crate::net::{Checked, Net};
use crate::trace::line;

type Records = BTreeMap<RecordKey, Vec<u8>>;
type Write = Vec<(RecordKey, Option<Vec<u8>>)>;

/// What is open, or being opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Socket {
    pub(crate) link: usize,
    pub(crate) open: bool,
}

/// When the application may know of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    /// Once all before it is known.
    InTurn,
    /// When changes are stored that the engine has not given yet.
    Later,
    /// When so many more changes are stored.
    After(usize),
}

pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) version: ProtocolVersion,
    /// It acknowledges by hand.
    pub(crate) manual: bool,
    config: Config,
    pub(crate) client: Option<Client>,
    durable: Records,
    /// What the store was asked and has not done.
    pub(crate) writes: VecDeque<Write>,
    /// Its store failed, in this life or an earlier one.
    pub(crate) fragile: bool,
    pub(crate) socket: Option<Socket>,
    /// All bytes of the connection.
    received: Vec<u8>,
    /// What was told, in its order, and when it may be known.
    told: VecDeque<(Known, u32)>,
    /// The connection, and how many changes more are to be stored until what its CONNACK said is.
    connected: Option<(usize, usize)>,
    tokens: BTreeMap<u32, u32>,
    pub(crate) deliveries: VecDeque<DeliveryId>,
    pub(crate) deadline: Option<Instant>,
}

impl Page {
    pub(crate) fn new(
        number: usize,
        version: ProtocolVersion,
        manual: bool,
        config: Config,
    ) -> Self {
        Self {
            number,
            version,
            manual,
            config,
            client: None,
            durable: Records::new(),
            writes: VecDeque::new(),
            fragile: false,
            socket: None,
            received: Vec::new(),
            told: VecDeque::new(),
            connected: None,
            tokens: BTreeMap::new(),
            deliveries: VecDeque::new(),
            deadline: None,
        }
    }

    /// The page is loaded, and goes on with what is durable.
    pub(crate) fn load(&mut self, seed: u64, net: &mut Net) -> Checked {
        line(|| format!("page {} is loaded, with {} records", self.number, self.durable.len()));
        let mut client = Client::new(self.config.clone(), seed).map_err(|it| format!("{it:?}"))?;
        let (wall, now) = (WALL + net.now.as_millis(), net.now);
        for (key, value) in &self.durable {
            client.restore(*key, value, wall, now).map_err(|_| format!("{key:?} is damaged"))?;
        }
        client.keep_session(wall, now).map_err(|it| format!("{it:?}"))?;
        let request = SubscribeRequest {
            manual: self.manual,
            ..SubscriptionOptions::new(QoS::ExactlyOnce).into()
        };
        client.subscribe("t/#", request, now).map_err(|it| format!("{it:?}"))?;
        client.connect(now).map_err(|it| format!("{it:?}"))?;
        self.client = Some(client);
        self.settle(net)
    }

    /// The page is gone without a word. Of what the store was asked, the first so many are done.
    pub(crate) fn crash(&mut self, done: usize, net: &mut Net) {
        line(|| format!("page {} crashes; the store does {done} more", self.number));
        for write in self.writes.drain(..).take(done) {
            store(write, &mut self.durable);
        }
        for (known, serial) in &self.told {
            if matches!(known, Known::After(writes) if *writes <= done) {
                // That it was received is stored, and the page was gone before it could hear so.
                net.ledger.unheard(self.number, *serial);
            }
        }
        self.writes.clear();
        self.gone(net);
        if self.manual {
            net.ledger.unfinished.insert(self.number);
        }
        if self.fragile {
            net.ledger.fragile.insert(self.number);
            net.ledger.repeats.insert(self.number);
        }
    }

    fn gone(&mut self, net: &mut Net) {
        self.client = None;
        self.told.clear();
        self.connected = None;
        self.tokens.clear();
        self.deliveries.clear();
        self.deadline = None;
        if let Some(socket) = self.socket.take() {
            net.page_left(socket.link);
        }
    }

    pub(crate) fn close(&mut self, net: &mut Net) -> Checked {
        line(|| format!("page {} closes", self.number));
        let now = net.now;
        let drain = net.chance.once_in(2).then_some(Duration::from_secs(2));
        if let Some(client) = &mut self.client {
            client.disconnect(DisconnectOptions { drain, ..DisconnectOptions::default() }, now);
        }
        self.settle(net)?;
        if self.client.as_ref().is_some_and(|client| client.state() == State::Closing) {
            // It goes on until what it has is sent, or gone.
            return Ok(());
        }
        // Or it is gone while it closes.
        while !self.writes.is_empty() && !net.chance.once_in(4) {
            self.stored(net)?;
        }
        let done = net.chance.below(self.writes.len() + 1);
        self.crash(done, net);
        Ok(())
    }

    /// The store does what it was asked first.
    pub(crate) fn stored(&mut self, net: &mut Net) -> Checked {
        let Some(write) = self.writes.pop_front() else { return Ok(()) };
        line(|| format!("the store of page {} has {} changes", self.number, write.len()));
        store(write, &mut self.durable);
        let now = net.now;
        if let Some(client) = &mut self.client {
            client.handle_stored(now);
        }
        if let Some((link, writes)) = &mut self.connected {
            *writes = writes.saturating_sub(1);
            if *writes == 0 {
                net.broker.heard(*link);
            }
        }
        for (known, _) in &mut self.told {
            if let Known::After(writes) = known {
                *writes -= 1;
            }
        }
        self.settle(net)
    }

    /// The store fails for good.
    pub(crate) fn store_fails(&mut self, net: &mut Net) -> Checked {
        if self.client.is_none() {
            return Ok(());
        }
        line(|| format!("the store of page {} fails", self.number));
        self.writes.clear();
        self.told.iter_mut().for_each(|(known, _)| *known = Known::InTurn);
        self.fragile = true;
        // What is stored is of the past from now on.
        self.durable.clear();
        let now = net.now;
        if let Some(client) = &mut self.client {
            client.handle_store_failed(now);
        }
        self.settle(net)
    }

    pub(crate) fn publish(&mut self, topic: &'static str, qos: QoS, net: &mut Net) -> Checked {
        let (now, number) = (net.now, self.number);
        let expires = net.chance.once_in(20);
        let retain = net.chance.once_in(10);
        let padding = if net.chance.once_in(15) { 200 } else { 4 };
        let Some(client) = &mut self.client else { return Ok(()) };
        let serial = net.ledger.publish(number, topic, qos);
        line(|| format!("page {number} publishes {serial} to {topic}, QoS {}", qos.value()));
        let mut payload = serial.to_be_bytes().to_vec();
        payload.resize(padding, 0xEE);
        let mut properties = PropertiesBuf::new();
        if expires && self.version.is_v5() {
            let _ = properties.push(Property::MessageExpiryInterval(1));
        }
        let request = PublishRequest { topic, payload, qos, retain, properties };
        client.label_next(&serial.to_string());
        match client.publish(request, now) {
            Ok(token) => _ = self.tokens.insert(token.get(), serial),
            Err(_) => net.ledger.entry(serial).failed = true,
        }
        self.settle(net)
    }

    /// The application is done with a message.
    pub(crate) fn acknowledge(&mut self, net: &mut Net) -> Checked {
        let (now, delivery) = (net.now, self.deliveries.pop_front());
        if let (Some(client), Some(delivery)) = (&mut self.client, delivery) {
            client
                .acknowledge(delivery, Acknowledge::default(), now)
                .map_err(|e| format!("{e:?}"))?;
        }
        self.settle(net)
    }

    pub(crate) fn timeout(&mut self, net: &mut Net) -> Checked {
        let now = net.now;
        if let Some(client) = &mut self.client {
            client.handle_timeout(now);
        }
        self.settle(net)
    }

    pub(crate) fn opened(&mut self, opens: bool, net: &mut Net) -> Checked {
        let (now, number) = (net.now, self.number);
        let (Some(client), Some(socket)) = (&mut self.client, &mut self.socket) else {
            return Ok(());
        };
        line(|| format!("the socket of page {number} {}", if opens { "opens" } else { "fails" }));
        if opens {
            socket.open = true;
            self.received.clear();
            net.opened(socket.link);
            client.handle_open(now);
        } else {
            net.page_left(socket.link);
            self.socket = None;
            client.handle_close(lost(), now);
        }
        self.settle(net)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8], net: &mut Net) -> Checked {
        let now = net.now;
        self.received.extend_from_slice(bytes);
        let Some(client) = &mut self.client else { return Ok(()) };
        let skipped = client.skippable().min(bytes.len());
        if skipped > 0 {
            client.handle_skipped(skipped, now);
            self.settle(net)?;
        }
        if let Some(client) = &mut self.client {
            client.handle_bytes(&bytes[skipped..], now);
        }
        self.settle(net)
    }

    /// The browser tells that the connection is gone.
    pub(crate) fn lost(&mut self, net: &mut Net) -> Checked {
        let now = net.now;
        if let (Some(client), Some(socket)) = (&mut self.client, self.socket.take()) {
            net.page_left(socket.link);
            client.handle_close(lost(), now);
        }
        self.settle(net)
    }

    /// Does what the engine says.
    pub(crate) fn settle(&mut self, net: &mut Net) -> Checked {
        let mut rounds = 0;
        loop {
            rounds += 1;
            if rounds > 100_000 {
                return Err("the engine does not come to an end".into());
            }
            let Some(client) = &mut self.client else { return Ok(()) };
            match client.poll_output() {
                Output::Timeout(deadline) => {
                    self.deadline = deadline;
                    let more = self.transmit(net)?;
                    let Some(client) = &mut self.client else { return Ok(()) };
                    if !more && !client.has_output() {
                        break;
                    }
                }
                Output::Open { .. } => {
                    if self.socket.is_some() {
                        return Err("a second socket".into());
                    }
                    let link = net.open(self.number);
                    self.socket = Some(Socket { link, open: false });
                }
                Output::Close { .. } => {
                    while self.transmit(net)? {}
                    if let Some(socket) = self.socket.take() {
                        net.page_closed(socket.link);
                    }
                }
                Output::Persist(changes) => {
                    let holds = changes.holds_told();
                    let changes = changes.iter().map(|(key, value)| (key, value.map(Vec::from)));
                    self.writes.push_back(changes.collect());
                    let writes = self.writes.len();
                    for (known, _) in self.told.iter_mut().filter(|_| holds) {
                        if *known == Known::Later {
                            *known = Known::After(writes);
                        }
                    }
                    let last = matches!(client.state(), State::Closed);
                    if self.writes.len() > 1 && !last {
                        return Err("a change is to be stored while another one is".into());
                    }
                }
                Output::Authorize { .. } | Output::Authenticate(_) => {}
                Output::Event(event) => {
                    if let (Event::Connected(_), Some(socket)) = (&event, self.socket) {
                        self.connected = Some((socket.link, self.writes.len() + 1));
                    }
                    let told = note(&event, &self.received, &mut self.tokens, net);
                    let mut known = Known::InTurn;
                    if let Event::Message(message) = &event {
                        self.deliveries.extend(message.delivery);
                        if message.ahead_of_store {
                            known = Known::Later;
                        }
                    }
                    self.told.extend(told.map(|serial| (known, serial)));
                }
            }
        }
        if self.client.as_ref().is_none_or(|client| !client.is_ahead_of_store()) {
            // Nothing came of what they waited for.
            for (known, _) in self.told.iter_mut().filter(|(known, _)| *known == Known::Later) {
                *known = Known::InTurn;
            }
        }
        let knows =
            |(known, _): &mut (Known, u32)| matches!(known, Known::InTurn | Known::After(0));
        while let Some((_, serial)) = self.told.pop_front_if(knows) {
            self.hear(serial, net)?;
        }
        Ok(())
    }

    /// The application is told.
    fn hear(&self, serial: u32, net: &mut Net) -> Checked {
        line(|| format!("  page {} is told of {serial}", self.number));
        net.ledger.told(self.number, serial, self.manual)
    }

    fn transmit(&mut self, net: &mut Net) -> Result<bool, String> {
        let Some(socket) = self.socket.filter(|socket| socket.open) else { return Ok(false) };
        let Some(client) = &mut self.client else { return Ok(false) };
        let max = net.chance.pick(&[50, 400, 64 * 1024]);
        let Some(bytes) = client.poll_transmit(net.now, max).map(<[u8]>::to_vec) else {
            return Ok(false);
        };
        let version = self.version;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let frame = locate(rest, version, None).ok().flatten().ok_or("half a packet")?;
            let (packet, tail) = rest.split_at(frame.len);
            let packet = decode_from_client(packet, version).map_err(|it| format!("{it:?}"))?;
            line(|| format!("  page {} sends {}", self.number, crate::broker::told(&packet)));
            self.check(&packet)?;
            rest = tail;
        }
        net.send(socket.link, &bytes);
        Ok(true)
    }

    /// What is sent has to be stored.
    fn check(&self, packet: &Packet<'_>) -> Checked {
        if self.fragile {
            return Ok(());
        }
        let received = |identifier: PacketIdentifier| {
            let mut all = self.records(RecordKind::Received);
            all.any(|(key, _)| key.get() & 0xFFFF == u64::from(identifier.get()))
        };
        let wrong = match packet {
            Packet::Publish(publish) => {
                let record = self
                    .records(RecordKind::Message)
                    .find(|(_, value)| value.ends_with(publish.payload));
                match (record, publish.packet_identifier) {
                    (None, None) => return Ok(()),
                    (Some(_), None) => "QoS 0 is sent and may be sent again",
                    (None, Some(_)) => "PUBLISH before it is stored",
                    (Some((key, value)), Some(identifier)) => {
                        if self.progress(*key, value).0 == identifier.get() {
                            return Ok(());
                        }
                        "PUBLISH before its identifier is stored"
                    }
                }
            }
            Packet::Pubrel(ack) => {
                let mut all = self.records(RecordKind::Message);
                let identifier = ack.packet_identifier.get();
                // Where nothing is known of it, it is answered all the same.
                let is_error = ack.reason_code.is_error();
                if is_error || all.any(|(key, it)| self.progress(*key, it) == (identifier, true)) {
                    return Ok(());
                }
                if !self.version.is_v5() && !self.holds(identifier) {
                    return Ok(());
                }
                "PUBREL before PUBREC is stored"
            }
            Packet::Pubrec(ack) if !ack.reason_code.is_error() => {
                if received(ack.packet_identifier) {
                    return Ok(());
                }
                "PUBREC before it is stored"
            }
            Packet::Pubcomp(ack) => {
                if !received(ack.packet_identifier) {
                    return Ok(());
                }
                "PUBCOMP before it is stored"
            }
            _ => return Ok(()),
        };
        Err(wrong.into())
    }

    fn holds(&self, identifier: u16) -> bool {
        self.records(RecordKind::Message).any(|(key, it)| self.progress(*key, it).0 == identifier)
    }

    fn records(&self, kind: RecordKind) -> impl Iterator<Item = (&RecordKey, &Vec<u8>)> {
        self.durable.iter().filter(move |(key, _)| key.kind() == Some(kind))
    }

    /// The identifier of a message, and whether PUBREC came, by its records.
    fn progress(&self, key: RecordKey, message: &[u8]) -> (u16, bool) {
        let progress = RecordKey::from_raw(key.get() + (1 << 50));
        let progress = self.durable.get(&progress).map_or(&message[1..], |value| value);
        (u16::from_be_bytes([progress[0], progress[1]]), progress[2] == 1)
    }

    /// Whether nothing is left to be done.
    pub(crate) fn is_idle(&self) -> bool {
        let Some(client) = &self.client else { return false };
        let stats = client.stats();
        self.writes.is_empty()
            && self.deliveries.is_empty()
            && client.state() == State::Connected
            && stats.queued == 0
            && stats.in_flight == 0
            && self.socket.is_some_and(|socket| socket.open)
    }

    /// What is stored when nothing is left to be done.
    pub(crate) fn left(&self) -> Option<String> {
        let mut left = self.durable.iter().filter(|(key, value)| match key.kind() {
            Some(RecordKind::Message | RecordKind::Received) => true,
            // Of what was given up the identifier is kept.
            Some(RecordKind::Progress) => value[2] != 2,
            _ => false,
        });
        let (key, value) = left.find(|_| !self.fragile)?;
        Some(format!("{:?} {}: {value:02x?}", key.kind(), key.get() & 0xFFFF))
    }

    pub(crate) fn waits(&self) -> Option<u32> {
        self.tokens.values().next().copied()
    }
}

/// What is told of a message, by its number; of a publish the ledger is.
fn note(
    event: &Event<'_>,
    received: &[u8],
    tokens: &mut BTreeMap<u32, u32>,
    net: &mut Net,
) -> Option<u32> {
    match event {
        // Retained messages come with each subscription.
        Event::Message(message) if message.retain => {}
        Event::Message(message) => {
            let begin = message.payload_offset as usize;
            return serial_of(&received[begin..begin + message.payload_len]);
        }
        Event::Completed { token, outcome: Outcome::Published { .. } } => {
            if let Some(serial) = tokens.remove(&token.get()) {
                line(|| format!("  {serial} is complete"));
                net.ledger.entry(serial).completed = true;
            }
        }
        Event::Failed { token, error } => {
            if let Some(serial) = tokens.remove(&token.get()) {
                line(|| format!("  {serial} failed: {}", error.message));
                net.ledger.entry(serial).failed = true;
            }
        }
        Event::Stored { tokens: stored } => {
            for token in *stored {
                if let Some(serial) = tokens.get(&token.get()) {
                    net.ledger.entry(*serial).promised = true;
                }
            }
        }
        Event::Restored(restored) => {
            let serial = restored.label.as_deref().and_then(|label| label.parse().ok());
            if let Some(serial) = serial {
                // It will arrive: it is there again.
                net.ledger.entry(serial).promised = true;
                tokens.insert(restored.token.get(), serial);
            }
        }
        _ => {}
    }
    None
}

fn store(write: Write, records: &mut Records) {
    for (key, value) in write {
        line(|| {
            let did = if value.is_some() { "has" } else { "is rid of" };
            format!("    the store {did} {:?} {}", key.kind(), key.get() & 0xFFFF_FFFF)
        });
        match value {
            Some(value) => records.insert(key, value),
            None => records.remove(&key),
        };
    }
}

fn lost() -> CloseInfo {
    CloseInfo { code: 1006, reason: String::new(), was_clean: false }
}

/// What the clock on the wall shows at the beginning, in milliseconds.
const WALL: u64 = 1_700_000_000_000;
