//! A page: an engine, its store and an application, which may be gone at any step. What leaves the engine is held
//! against what is stored. It does not know what becomes of it on the way.

mod proof;
mod settle;
mod socket;
mod store;

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use wasmqtt::client::{
    Acknowledge, Client, Config, DeliveryId, DisconnectOptions, Instant, PublishRequest, State,
    SubscribeRequest,
};
use wasmqtt::codec::{PropertiesBuf, Property, ProtocolVersion, QoS, SubscriptionOptions};

use crate::net::{Checked, Net};
use crate::trace::line;
use settle::Known;
use socket::Socket;
use store::{Records, Write, store};

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

    pub(crate) fn waits(&self) -> Option<u32> {
        self.tokens.values().next().copied()
    }
}

/// What the clock on the wall shows at the beginning, in milliseconds.
const WALL: u64 = 1_700_000_000_000;
