//! From some moment on everything goes well, and then it is over: nothing may be left. It does not know what went before.

use core::time::Duration;

use wasmqtt::client::{DisconnectOptions, State};

use super::Run;

impl Run {
    /// From now on everything goes well: whatever waits has to come to an end by itself. On the connection that
    /// stands, if it is to be kept and the server owes nothing but its answers; else on another one.
    pub(super) fn heal(&mut self, keep: bool) {
        let _ = self.client.connect(self.now);
        self.settle();
        let kept = keep
            && self.open
            && self.connection.as_ref().is_some_and(|it| it.is_whole() && !it.spoiled);
        if self.connection.is_some() && !kept {
            self.lose();
        }
        // A window of one lets each of them pass alone, and QoS 2 takes two answers.
        for _ in 0..60 + 4 * self.ledger.open().len() {
            if self.state == State::Closed {
                break;
            }
            if core::mem::take(&mut self.authorize) {
                self.client.provide_credentials(Some("user".into()), None, self.now);
                self.settle();
            }
            if core::mem::take(&mut self.authenticate) {
                self.client.provide_authentication(Some(vec![1]), self.now);
                self.settle();
            }
            self.opened();
            let mut busy = self.transmit(1 << 16);
            let answers = core::mem::take(&mut self.answers);
            if !answers.is_empty() {
                busy = true;
                self.feed(&answers);
            }
            busy |= self.authorize || self.authenticate;
            if !busy {
                if self.state == State::Connected && self.ledger.open().is_empty() {
                    break;
                }
                self.due();
            }
        }
        let open = self.ledger.open();
        assert!(open.is_empty(), "left without an answer, {:?}: {open:?}", self.client.state());
    }

    pub(super) fn end(mut self) {
        let drain = Some(Duration::from_secs(1)).filter(|_| self.serial & 1 == 0);
        self.client
            .disconnect(DisconnectOptions { drain, ..DisconnectOptions::default() }, self.now);
        self.settle();
        if self.state != State::Closed {
            self.due();
        }
        assert_eq!(self.state, State::Closed);
        assert!(self.ledger.open().is_empty());
        let stats = self.client.stats();
        assert_eq!((stats.queued, stats.queued_bytes, stats.in_flight), (0, 0, 0));
    }
}
