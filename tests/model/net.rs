//! The network between pages and broker: bytes in two directions, that may be cut anywhere, and ends that do not hear of
//! it. It does not know packets.

use std::collections::BTreeMap;

use wasmqtt::client::Instant;

use crate::broker::Broker;
use crate::chance::Chance;
use crate::ledger::Ledger;
use crate::trace::line;

pub(crate) type Checked = Result<(), String>;

/// One connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) page: usize,
    to_broker: Vec<u8>,
    to_page: Vec<u8>,
    /// Each end, as long as it believes in the connection.
    pub(crate) at_page: bool,
    pub(crate) at_broker: bool,
    was_open: bool,
    /// Nothing passes any more.
    cut: bool,
}

impl Link {
    /// One end is gone, or nothing passes.
    pub(crate) fn is_dead(&self) -> bool {
        self.cut
            || !self.at_page && self.to_broker.is_empty()
            || self.at_page && !self.at_broker && self.was_open
    }
}

/// What is not in the pages.
pub(crate) struct Net {
    pub(crate) chance: Chance,
    pub(crate) now: Instant,
    pub(crate) broker: Broker,
    pub(crate) links: BTreeMap<usize, Link>,
    pub(crate) ledger: Ledger,
    next: usize,
    /// Of each page the newest connection that has reached the broker.
    newest: BTreeMap<usize, usize>,
}

impl Net {
    pub(crate) fn new(chance: Chance, broker: Broker) -> Self {
        let now = Instant::from_millis(1_000_000);
        let (links, ledger) = (BTreeMap::new(), Ledger::default());
        Self { chance, now, broker, links, ledger, next: 0, newest: BTreeMap::new() }
    }

    /// A page asks for a connection.
    pub(crate) fn open(&mut self, page: usize) -> usize {
        self.next += 1;
        let (to_broker, to_page) = (Vec::new(), Vec::new());
        let link = Link {
            page,
            to_broker,
            to_page,
            at_page: true,
            at_broker: false,
            was_open: false,
            cut: false,
        };
        self.links.insert(self.next, link);
        self.next
    }

    pub(crate) fn opened(&mut self, link: usize) {
        if let Some(it) = self.links.get_mut(&link) {
            it.at_broker = true;
            it.was_open = true;
            self.broker.opened(link);
        }
    }

    pub(crate) fn send(&mut self, link: usize, bytes: &[u8]) {
        if let Some(it) = self.links.get_mut(&link) {
            it.to_broker.extend_from_slice(bytes);
        }
    }

    /// The page is gone, or has given the connection up: the broker may never hear of it.
    pub(crate) fn page_left(&mut self, link: usize) {
        if let Some(it) = self.links.get_mut(&link) {
            it.at_page = false;
            it.cut = true;
            if !it.at_broker {
                self.links.remove(&link);
            }
        }
    }

    /// The page has closed it: what it sent before arrives.
    pub(crate) fn page_closed(&mut self, link: usize) {
        if let Some(it) = self.links.get_mut(&link) {
            it.at_page = false;
            if !it.at_broker {
                self.links.remove(&link);
            }
        }
    }

    /// Nothing passes any more, and nobody is told.
    pub(crate) fn cut(&mut self, link: usize) {
        line(|| format!("connection {link} is cut"));
        if let Some(it) = self.links.get_mut(&link) {
            it.cut = true;
        }
    }

    /// Some bytes arrive at the broker. False when there were none, and nothing to hear.
    pub(crate) fn to_broker(&mut self, link: usize, most: usize) -> Result<bool, String> {
        let now = self.now.as_millis();
        let Some(it) = self.links.get_mut(&link).filter(|it| it.at_broker && !it.cut) else {
            return Ok(false);
        };
        let count = most.min(it.to_broker.len());
        let bytes: Vec<u8> = it.to_broker.drain(..count).collect();
        if count == 0 && it.at_page {
            return Ok(false);
        }
        let newest = self.newest.entry(it.page).or_insert(link);
        *newest = link.max(*newest);
        // What an older one still carries does not overtake a newer one: a late CONNECT with Clean Start would end the
        // session, and no client can help that.
        if count == 0 || link < *newest {
            self.broker_hears(link)?;
            return Ok(true);
        }
        line(|| format!("{count} bytes of connection {link} reach the broker"));
        self.broker.receive(link, &bytes, now, &mut self.ledger)?;
        Ok(true)
    }

    /// The broker hears that a connection is gone.
    pub(crate) fn broker_hears(&mut self, link: usize) -> Checked {
        let now = self.now.as_millis();
        line(|| format!("the broker hears that connection {link} is gone"));
        if let Some(it) = self.links.get_mut(&link) {
            it.at_broker = false;
            it.cut = true;
            if !it.at_page {
                self.links.remove(&link);
            }
        }
        self.broker.lost(link, now, &mut self.ledger)
    }

    /// Some bytes for a page; `None` where the broker has closed the connection and all of it has arrived.
    pub(crate) fn for_page(&mut self, link: usize, most: usize) -> Option<Vec<u8>> {
        let (bytes, closed) = self.broker.take(link);
        let it = self.links.get_mut(&link)?;
        it.to_page.extend_from_slice(&bytes);
        if it.cut {
            return Some(Vec::new());
        }
        if it.to_page.is_empty() && closed && it.at_broker {
            return None;
        }
        let count = most.min(it.to_page.len());
        Some(it.to_page.drain(..count).collect())
    }

    /// The broker restarts: all connections break.
    pub(crate) fn broker_restarts(&mut self, keeps: bool) -> Checked {
        line(|| format!("the broker restarts; it keeps sessions: {keeps}"));
        for it in self.links.values_mut() {
            it.at_broker = false;
            it.cut = true;
        }
        self.links.retain(|_, it| it.at_page);
        self.broker.restart(keeps, self.now.as_millis(), &mut self.ledger)
    }
}
