//! The store of a page: it does what it was asked when it comes to it, or fails. It does not know what has to be stored:
//! that is `proof`.

use std::collections::BTreeMap;

use wasmqtt::client::{RecordKey, RecordKind};

use super::Page;
use super::settle::Known;
use crate::net::{Checked, Net};
use crate::trace::line;

pub(super) type Records = BTreeMap<RecordKey, Vec<u8>>;
pub(super) type Write = Vec<(RecordKey, Option<Vec<u8>>)>;

impl Page {
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
}

pub(super) fn store(write: Write, records: &mut Records) {
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
