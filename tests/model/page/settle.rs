//! The engine of a page is done as it says, and the application told no sooner than it may be. It does not know what it is
//! told for: that is the ledger's matter.

use std::collections::BTreeMap;

use wasmqtt::client::{Event, Outcome, Output, State};

use super::Page;
use super::socket::Socket;
use crate::names::serial_of;
use crate::net::{Checked, Net};
use crate::trace::line;

/// When the application may know of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    /// Once all before it is known.
    InTurn,
    /// When changes are stored that the engine has not given yet.
    Later,
    /// When so many more changes are stored.
    After(usize),
}

impl Page {
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
