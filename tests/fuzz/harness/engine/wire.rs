//! Bytes in both directions: the client's to the server's side, the server's packet by packet to the client. It does not know
//! what they say.

use super::super::server;
use super::super::trace::trace;
use super::Run;

impl Run {
    /// The WebSocket takes about `max` bytes. False when there were none.
    pub fn transmit(&mut self, max: usize) -> bool {
        if !self.open {
            return false;
        }
        let Some(bytes) = self.client.poll_transmit(self.now, max) else {
            self.settle();
            return false;
        };
        let bytes = bytes.to_vec();
        self.sent(&bytes);
        self.settle();
        true
    }

    fn sent(&mut self, bytes: &[u8]) {
        trace(|| format!("  sent {bytes:02x?}"));
        let Some(connection) = &mut self.connection else {
            panic!("bytes without a WebSocket: {bytes:02x?}")
        };
        let answers = server::sent(
            bytes,
            connection,
            &mut self.session,
            &mut self.ledger,
            &self.config,
            &mut self.suspects,
        );
        self.answers.extend_from_slice(&answers);
    }

    /// What is to be sent before the WebSocket is closed.
    pub(super) fn last_words(&mut self) {
        while self.open {
            let Some(bytes) = self.client.poll_transmit(self.now, 1 << 16) else { return };
            let bytes = bytes.to_vec();
            self.sent(&bytes);
        }
    }

    /// As [`Run::feed`], of what is no answer. Where a packet is left half sent, the next answers are taken for the rest of
    /// it, and are none.
    pub fn feed_foreign(&mut self, bytes: &[u8]) {
        self.spoil();
        self.feed(bytes);
        self.spoil();
    }

    fn spoil(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|it| !it.is_whole()) {
            connection.spoiled = true;
        }
    }

    /// The server sends bytes. They arrive packet by packet: what it says after the client has closed the connection
    /// counts for nothing, nor does what made the client do so.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.moved += bytes.len();
        let mut rest = bytes;
        let socket = self.sockets;
        while let Some(connection) =
            self.connection.as_mut().filter(|_| self.open && self.sockets == socket)
        {
            let (piece, more) = rest.split_at(connection.missing(rest));
            rest = more;
            trace(|| format!("  received {piece:02x?}"));
            let before = self.session.in_flight.clone();
            connection.feed(piece, &mut self.session, &self.config);
            self.show(piece);
            if self.connection.is_none() || self.sockets != socket {
                self.session.in_flight = before;
                self.forget_failed();
            }
            if rest.is_empty() {
                return;
            }
        }
        self.show(rest);
    }

    /// Gives the client bytes, of every other payload as a driver does: as far as it asks for them.
    fn show(&mut self, bytes: &[u8]) {
        let skipped = self.client.skippable().min(bytes.len());
        let skipped = if bytes.len().is_multiple_of(2) { skipped } else { 0 };
        let (payload, rest) = bytes.split_at(skipped);
        if !payload.is_empty() {
            self.client.handle_skipped(payload.len(), self.now);
            self.settle();
        }
        self.client.handle_bytes(rest, self.now);
        self.settle();
    }
}
