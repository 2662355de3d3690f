//! Pages, a network and a broker, and a scheduler that does to them what a seed says. It knows what can happen; what
//! must come of it is the ledger's and the pages' matter.

use core::time::Duration;

use wasmqtt::client::{Config, QueueLimits, Reconnect, VersionPolicy};
use wasmqtt::codec::{ProtocolVersion, QoS};

use crate::broker::{Broker, Limits};
use crate::chance::Chance;
use crate::net::{Checked, Net};
use crate::page::Page;
use crate::trace::line;

/// A run, and all that follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Before everything is made well.
    pub(crate) steps: usize,
    /// Kinds of [`Kind`] that do not happen, a bit each.
    pub(crate) without: u32,
}

/// What can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Kind {
    Publish,
    ToBroker,
    ToPage,
    Store,
    Open,
    Time,
    Acknowledge,
    AcknowledgeByHand,
    Cut,
    PageHears,
    BrokerHears,
    FailToOpen,
    Crash,
    Close,
    Load,
    StoreFails,
    BrokerRestarts,
    BrokerForgets,
    LongTime,
    Limits,
}

/// How often each happens, beside the others.
const OFTEN: [(Kind, usize); 20] = [
    (Kind::Publish, 60),
    (Kind::ToBroker, 120),
    (Kind::ToPage, 120),
    (Kind::Store, 60),
    (Kind::Open, 30),
    (Kind::Time, 30),
    (Kind::Acknowledge, 30),
    (Kind::AcknowledgeByHand, 30),
    (Kind::Cut, 6),
    (Kind::PageHears, 12),
    (Kind::BrokerHears, 8),
    (Kind::FailToOpen, 3),
    (Kind::Crash, 6),
    (Kind::Close, 2),
    (Kind::Load, 20),
    (Kind::StoreFails, 1),
    (Kind::BrokerRestarts, 2),
    (Kind::BrokerForgets, 1),
    (Kind::LongTime, 1),
    (Kind::Limits, 2),
];

/// What a run came to.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    pub(crate) events: u64,
    pub(crate) sessions: u64,
    pub(crate) crashes: u64,
    pub(crate) messages: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.events += other.events;
        self.sessions += other.sessions;
        self.crashes += other.crashes;
        self.messages += other.messages;
    }
}

struct World {
    pages: Vec<Page>,
    net: Net,
    tally: Tally,
    /// Whether stores may fail and the broker may forget: most runs promise everything.
    wild: bool,
}

/// Does what the plan says.
pub(crate) fn run(plan: Plan) -> Result<Tally, String> {
    let mut world = World::new(plan.seed);
    for _ in 0..plan.steps {
        world.step(plan.without)?;
    }
    world.heal()?;
    world.tally.runs = 1;
    world.tally.sessions = world.net.broker.accepted;
    world.tally.messages = world.net.ledger.entries.len() as u64;
    Ok(world.tally)
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let wild = chance.once_in(4);
        let broker = Broker::new(limits(&mut chance));
        let count = chance.within(1, 3);
        let pages = (0..count).map(|number| page(number, &mut chance)).collect();
        Self { pages, net: Net::new(chance, broker), tally: Tally::default(), wild }
    }

    fn step(&mut self, without: u32) -> Checked {
        self.tally.events += 1;
        let total: usize = OFTEN.iter().map(|(_, often)| often).sum();
        let mut at = self.net.chance.below(total);
        let mut kind = Kind::Publish;
        for (each, often) in OFTEN {
            kind = each;
            if at < often {
                break;
            }
            at -= often;
        }
        let index = self.net.chance.below(self.pages.len());
        let rare = matches!(kind, Kind::StoreFails | Kind::BrokerForgets | Kind::LongTime);
        if without & 1 << kind as u32 != 0 || rare && !self.wild {
            return Ok(());
        }
        self.happens(kind, index)
    }

    fn happens(&mut self, kind: Kind, index: usize) -> Checked {
        let Self { pages, net, .. } = self;
        let page = &mut pages[index];
        let any_link = |net: &mut Net| {
            let links: Vec<usize> = net.links.keys().copied().collect();
            let at = net.chance.below(links.len());
            links.get(at).copied()
        };
        match kind {
            Kind::Publish => {
                let topic = net.chance.pick(&["t/1", "t/2", "u"]);
                let qos = net.chance.pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
                for _ in 0..net.chance.pick(&[1, 1, 1, 4]) {
                    page.publish(topic, qos, net)?;
                }
            }
            Kind::ToBroker => {
                if let Some(link) = any_link(net) {
                    let most = net.chance.pick(&[1, 7, 100, 10_000]);
                    net.to_broker(link, most)?;
                }
            }
            Kind::ToPage => {
                let most = net.chance.pick(&[1, 7, 100, 10_000]);
                to_page(page, most, net)?;
            }
            Kind::Store => page.stored(net)?,
            Kind::Open | Kind::FailToOpen => {
                if page.socket.is_some_and(|socket| !socket.open) {
                    page.opened(kind == Kind::Open, net)?;
                }
            }
            Kind::Time => {
                let until = net.chance.pick(&[1, 20, 500, 5_000]);
                self.advance(until)?;
            }
            Kind::LongTime => self.advance(120_000)?,
            Kind::Acknowledge => {
                net.broker.lazy = net.chance.once_in(2);
                net.broker.acknowledge();
            }
            Kind::AcknowledgeByHand => page.acknowledge(net)?,
            Kind::Cut => {
                if let Some(link) = any_link(net) {
                    net.cut(link);
                }
            }
            Kind::PageHears => {
                let link = page.socket.filter(|it| it.open).map(|it| it.link);
                if link.is_some_and(|link| net.links.get(&link).is_none_or(|it| it.is_dead())) {
                    page.lost(net)?;
                }
            }
            Kind::BrokerHears => {
                if let Some(link) = any_link(net).filter(|link| net.links[link].is_dead()) {
                    net.broker_hears(link)?;
                }
            }
            Kind::Crash => {
                if page.client.is_some() {
                    self.tally.crashes += 1;
                    let done = net.chance.below(page.writes.len() + 1);
                    page.crash(done, net);
                }
            }
            Kind::Close => page.close(net)?,
            Kind::Load => {
                if page.client.is_none() {
                    let seed = net.chance.next();
                    page.load(seed, net)?;
                }
            }
            Kind::StoreFails => page.store_fails(net)?,
            Kind::BrokerRestarts => net.broker_restarts(true)?,
            Kind::BrokerForgets => net.broker_restarts(false)?,
            Kind::Limits => net.broker.limits = limits(&mut net.chance),
        }
        Ok(())
    }

    /// Time passes; each engine is called when it asked to be.
    fn advance(&mut self, millis: u64) -> Checked {
        let Self { pages, net, .. } = self;
        let end = net.now + Duration::from_millis(millis);
        for _ in 0..10_000 {
            let due = |page: &Page| page.deadline.filter(|at| *at <= end && page.client.is_some());
            let next = pages.iter().filter_map(|page| Some((due(page)?, page.number))).min();
            let Some((at, number)) = next else {
                net.now = end;
                return Ok(());
            };
            net.now = net.now.max(at);
            line(|| format!("it is {}", net.now.as_millis()));
            pages[number].timeout(net)?;
        }
        Err("timers without end".into())
    }

    /// Everything works from now on: what was promised has to come true.
    fn heal(&mut self) -> Checked {
        line(|| "everything works from now on");
        self.net.broker.lazy = false;
        for round in 0..3_000 {
            let mut busy = false;
            let dead: Vec<usize> = self
                .net
                .links
                .iter()
                .filter(|(_, it)| it.is_dead())
                .map(|(link, _)| *link)
                .collect();
            for link in dead {
                busy = true;
                if self.net.links.get(&link).is_some_and(|it| it.at_broker) {
                    self.net.broker_hears(link)?;
                }
            }
            busy |= self.net.broker.acknowledge();
            for index in 0..self.pages.len() {
                let Self { pages, net, .. } = self;
                let page = &mut pages[index];
                if page
                    .client
                    .as_ref()
                    .is_none_or(|it| it.state() == wasmqtt::client::State::Closed)
                {
                    busy = true;
                    page.crash(usize::MAX, net);
                    page.load(net.chance.next(), net)?;
                }
                if page.socket.is_some_and(|socket| !socket.open) {
                    busy = true;
                    page.opened(true, net)?;
                }
                while !page.writes.is_empty() {
                    busy = true;
                    page.stored(net)?;
                }
                while !page.deliveries.is_empty() {
                    busy = true;
                    page.acknowledge(net)?;
                }
                if let Some(link) = page.socket.map(|socket| socket.link) {
                    if net.links.get(&link).is_none_or(|it| it.is_dead()) {
                        busy = true;
                        page.lost(net)?;
                    } else {
                        busy |= net.to_broker(link, usize::MAX)?;
                        busy |= to_page(page, usize::MAX, net)?;
                    }
                }
            }
            if !busy {
                if self.pages.iter().all(Page::is_idle) && self.net.broker.is_idle() {
                    return self.look();
                }
                self.advance(1_000)?;
            }
            if round == 2_999 {
                return Err("it does not come to rest".into());
            }
        }
        Ok(())
    }

    fn look(&self) -> Checked {
        for page in &self.pages {
            if let Some(serial) = page.waits() {
                return Err(format!("page {} was never told of {serial}", page.number));
            }
            let fragile = self.net.ledger.fragile.contains(&page.number);
            if let Some(left) = page.left().filter(|_| !fragile) {
                return Err(format!("in the store of page {} there is left {left}", page.number));
            }
        }
        self.net.ledger.settle()
    }
}

fn to_page(page: &mut Page, most: usize, net: &mut Net) -> Result<bool, String> {
    let Some(socket) = page.socket.filter(|socket| socket.open) else { return Ok(false) };
    match net.for_page(socket.link, most) {
        Some(bytes) if bytes.is_empty() => Ok(false),
        Some(bytes) => {
            line(|| format!("{} bytes reach page {}", bytes.len(), page.number));
            page.bytes(&bytes, net)?;
            Ok(true)
        }
        None => {
            net.broker_hears(socket.link)?;
            page.lost(net)?;
            Ok(true)
        }
    }
}

fn limits(chance: &mut Chance) -> Limits {
    Limits {
        receive_maximum: chance.pick(&[1, 2, 20, 65_535]),
        maximum_qos: chance.pick(&[
            QoS::ExactlyOnce,
            QoS::ExactlyOnce,
            QoS::ExactlyOnce,
            QoS::AtLeastOnce,
        ]),
        retain_available: !chance.once_in(5),
        aliases: chance.pick(&[0, 2, 10]),
        maximum_packet_size: chance.pick(&[0, 0, 0, 100]),
    }
}

fn page(number: usize, chance: &mut Chance) -> Page {
    let version =
        chance.pick(&[ProtocolVersion::V3_1_1, ProtocolVersion::V5_0, ProtocolVersion::V5_0]);
    let v5 = version.is_v5();
    let config = Config {
        version: VersionPolicy::Exactly(version),
        client_identifier: Some(format!("page-{number}")),
        session_expiry_interval: if v5 { chance.pick(&[60, u32::MAX]) } else { 0 },
        receive_maximum: if v5 { chance.pick(&[1, 3, 65_535]) } else { 65_535 },
        keep_alive: chance.pick(&[0, 5, 60]),
        reconnect: Some(Reconnect { max: Duration::from_secs(2), ..Reconnect::default() }),
        queue: QueueLimits { max_messages: chance.pick(&[10, 1000]), ..QueueLimits::default() },
        ..Config::default()
    };
    Page::new(number, version, chance.once_in(3), config)
}
