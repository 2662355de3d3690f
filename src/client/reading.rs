//! What the client is given of what it received, and what it makes of it: heads of packets one after the other, and
//! payloads by where they are. What a packet means is `incoming`'s matter.

use core::ops::Range;

use super::core::Core;
use super::inbox::Inbox;
use super::incoming::{Payload, Step};
use super::output::Queued;
use super::utf8::Utf8;
use super::{Client, Event, Instant, Message, Output};
use crate::codec::decode_head_from_server;

impl Client {
    /// A binary message of the WebSocket: any piece of the stream of packets.
    pub fn handle_bytes(&mut self, bytes: &[u8], now: Instant) {
        self.core.now = now;
        if self.core.received(bytes.len()) {
            self.inbox.push(bytes);
        }
    }

    /// How many of the bytes that come next belong to a payload and are of no interest here. So many,
    /// or fewer, may be told by [`Client::handle_skipped`]. To be asked after `poll_output`.
    #[must_use]
    pub fn skippable(&self) -> usize {
        self.inbox.skippable()
    }

    /// As [`Client::handle_bytes`], of that many bytes that are not shown.
    pub fn handle_skipped(&mut self, len: usize, now: Instant) {
        self.core.now = now;
        if self.core.received(len) {
            let _ = self.inbox.skip(len);
        }
    }

    /// Which of the connection's bytes the driver has to keep, as far as they came: the payload of a
    /// message of which more is to come. To be asked after `poll_output`.
    #[must_use]
    pub fn payload_coming(&self) -> Option<Range<u64>> {
        self.inbox.payload_coming()
    }

    /// Where a reader of the received bytes begins that has seen none: the Protocol Level of the connection; how many of the
    /// bytes that come next belong to a packet whose head came; what came of a packet whose head did not. To be asked
    /// after `poll_output`.
    #[must_use]
    pub fn unread(&self) -> (u8, usize, &[u8]) {
        let (missing, head) = self.inbox.unread();
        (self.core.connecting.version().level(), missing, head)
    }

    /// What to do next. To be called until it answers [`Output::Timeout`].
    pub fn poll_output(&mut self) -> Output<'_> {
        let Self { inbox: Inbox { bytes, place }, core } = self;
        loop {
            if core.advance() {
                return lend(core);
            }
            if !core.listens() {
                place.give_up(bytes);
                break;
            }
            let found = match place.next(bytes, core.connecting.version(), core.largest_packet()) {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(error) => {
                    core.broken(error.reason_code(), error.what);
                    continue;
                }
            };
            let rest = bytes.get(found.at..).unwrap_or_default();
            let packet = match decode_head_from_server(rest, found.head, core.connecting.version())
            {
                Ok(packet) => packet,
                Err(error) => {
                    core.broken(error.reason_code(), error.what);
                    continue;
                }
            };
            let mut text = found.text;
            if !found.waited && core.reads_payload(&packet) {
                let payload = rest.get(found.head.len..rest.len().min(found.head.frame.len));
                text.insert(Utf8::default()).push(payload.unwrap_or_default());
            }
            if found.missing > 0 {
                place.wait_for(&found, text);
                break;
            }
            let payload = Payload {
                offset: place.payload_begin(&found),
                len: found.head.frame.len - found.head.len,
                not_text: text.is_some_and(|text| !text.is_valid()),
            };
            place.advance(&found);
            let before = core.outbox.len();
            let step = core.receive(packet, payload);
            core.hold(before);
            match step {
                Step::Done => {}
                Step::Message(message) => return Output::Event(Event::Message(message)),
                Step::Aliased(message, alias) => {
                    let topic = core.connection.received_aliases.topic(alias).unwrap_or_default();
                    return Output::Event(Event::Message(Message { topic, ..message }));
                }
                Step::Published(token, outcome) => {
                    return Output::Event(Event::Completed { token, outcome });
                }
            }
        }
        // Not while there is more to read: it is stored together.
        while core.is_to_persist() {
            let changed = core.persist();
            if changed {
                return Output::Persist(core.changes());
            }
            if core.advance() {
                return lend(core);
            }
        }
        Output::Timeout(core.deadline())
    }
}

fn lend(core: &Core) -> Output<'_> {
    match &core.current {
        Queued::Persist => Output::Persist(core.changes()),
        told => told.lend(),
    }
}
