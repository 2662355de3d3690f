//! What became of each message: who published it, how often the broker took it over, and how often each page was
//! told. It does not know packets.

use std::collections::{BTreeMap, BTreeSet};

use wasmqtt::codec::QoS;

/// One publish of a page.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) page: usize,
    pub(crate) topic: &'static str,
    pub(crate) qos: QoS,
    /// The page knows that it is stored: it will arrive.
    pub(crate) promised: bool,
    /// The page was told that it failed.
    pub(crate) failed: bool,
    pub(crate) completed: bool,
    /// Times that the broker took it over.
    pub(crate) routed: u32,
}

#[derive(Default, Debug)]
pub(crate) struct Ledger {
    pub(crate) entries: Vec<Entry>,
    /// How often a page was told of a message.
    pub(crate) told: BTreeMap<(usize, u32), u32>,
    /// What the broker keeps for a page until it has it.
    expected: BTreeSet<(usize, u32)>,
    /// The last that the broker took over, and that a page was told, of a page, a topic and a QoS.
    routed_last: BTreeMap<(usize, &'static str, u8), u32>,
    told_last: BTreeMap<(usize, usize, &'static str, u8), u32>,
    /// Pages whose publishes may be taken over twice: the broker lost their session, or their store failed.
    pub(crate) repeats: BTreeSet<usize>,
    /// Pages that may be told twice, or not at all.
    pub(crate) fragile: BTreeSet<usize>,
    /// Pages that acknowledge by hand and were gone before they could.
    pub(crate) unfinished: BTreeSet<usize>,
}

impl Ledger {
    /// A page publishes; the payload says the number.
    pub(crate) fn publish(&mut self, page: usize, topic: &'static str, qos: QoS) -> u32 {
        self.entries.push(Entry {
            page,
            topic,
            qos,
            promised: false,
            failed: false,
            completed: false,
            routed: 0,
        });
        self.entries.len() as u32 - 1
    }

    pub(crate) fn entry(&mut self, serial: u32) -> &mut Entry {
        &mut self.entries[serial as usize]
    }

    /// The broker takes a message over.
    pub(crate) fn routed(&mut self, serial: u32) -> Result<(), String> {
        let repeats = self.repeats.contains(&self.entries[serial as usize].page);
        let entry = &mut self.entries[serial as usize];
        entry.routed += 1;
        let (qos, again) = (entry.qos, entry.routed > 1);
        if again && qos != QoS::AtLeastOnce && !repeats {
            return Err(format!("message {serial} of QoS {} was taken over twice", qos.value()));
        }
        // What failed may have been sent all the same, and by the page after that, too.
        if !again && !entry.failed && qos != QoS::AtMostOnce {
            let last = self.routed_last.entry((entry.page, entry.topic, qos.value())).or_default();
            if *last > serial && !repeats {
                return Err(format!("message {serial} was taken over after {last}"));
            }
            *last = serial;
        }
        Ok(())
    }

    /// The broker keeps it for a page, until it has it.
    pub(crate) fn expect(&mut self, page: usize, serial: u32) {
        self.expected.insert((page, serial));
    }

    /// A page was gone between the moment in which it was stored that it has a message and the one in which it heard of
    /// that. Here exactly once ends: it is not told of it again.
    pub(crate) fn unheard(&mut self, page: usize, serial: u32) {
        self.expected.remove(&(page, serial));
    }

    /// The broker has lost the session of a page.
    pub(crate) fn lost(&mut self, page: usize) {
        self.forget(page);
        self.repeats.insert(page);
    }

    /// The broker has ended what it kept for a page, as it was told to.
    pub(crate) fn forget(&mut self, page: usize) {
        self.expected.retain(|(other, _)| *other != page);
    }

    /// A page is told of a message.
    pub(crate) fn told(&mut self, page: usize, serial: u32, manual: bool) -> Result<(), String> {
        let count = self.told.entry((page, serial)).or_default();
        *count += 1;
        let again = *count > 1;
        let Entry { page: by, topic, qos, routed, failed, .. } = self.entries[serial as usize];
        if again && qos != QoS::AtLeastOnce && routed < *count {
            let excused = self.fragile.contains(&page)
                || manual && qos == QoS::ExactlyOnce && self.unfinished.contains(&page);
            if !excused {
                let qos = qos.value();
                return Err(format!("page {page} was told twice of message {serial} of QoS {qos}"));
            }
        }
        // One that was sent again may come first to a page that has subscribed meanwhile.
        if !again && !failed && routed == 1 && qos != QoS::AtMostOnce {
            let key = (page, by, topic, qos.value());
            let last = self.told_last.entry(key).or_default();
            let excused = self.fragile.contains(&page) || self.repeats.contains(&by);
            if *last > serial && !excused {
                return Err(format!("page {page} was told of message {serial} after {last}"));
            }
            *last = serial;
        }
        Ok(())
    }

    /// Nothing is under way any more.
    pub(crate) fn settle(&self) -> Result<(), String> {
        for (serial, entry) in self.entries.iter().enumerate() {
            let fragile = self.fragile.contains(&entry.page);
            if entry.promised && !entry.failed && !fragile && entry.qos != QoS::AtMostOnce {
                if entry.routed == 0 {
                    return Err(format!("message {serial} was promised and is lost"));
                }
            }
            if entry.completed && entry.routed == 0 && entry.qos != QoS::AtMostOnce {
                return Err(format!("message {serial} is said to be complete and is lost"));
            }
        }
        for (page, serial) in &self.expected {
            if !self.told.contains_key(&(*page, *serial)) && !self.fragile.contains(page) {
                return Err(format!("page {page} was not told of message {serial}"));
            }
        }
        Ok(())
    }
}
