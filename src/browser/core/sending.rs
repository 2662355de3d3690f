//! When what is queued leaves: at once, with others, or when the socket has room. It knows how much is waiting; it does not
//! know what.

use alloc::rc::Rc;

use gloo_timers::callback::Timeout;

use super::super::host::performance_now;
use super::super::observer::Observer;
use super::super::signal::{End, Signal};
#[cfg(feature = "bindings")]
use super::super::socket::Socket;
use super::{Burst, Core};
use crate::client::Instant;

impl Core {
    #[cfg(feature = "bindings")]
    pub(crate) fn buffered_amount(&self) -> u32 {
        self.socket.as_ref().map_or(0, Socket::buffered_amount)
    }

    /// Where the page goes, what is queued leaves when this is settled, and at once from now on.
    #[cfg(feature = "bindings")]
    pub(crate) fn hurry(&mut self, goes: bool) {
        self.goes = goes;
    }

    /// A publish was queued: the first after idle leaves at once, and so does a frame's worth of a
    /// burst; the rest is shared in the coming turn.
    pub(crate) fn published(&mut self, bytes: usize, now: Instant, observer: &impl Observer) {
        self.unsent.packets += 1;
        self.unsent.bytes += bytes;
        let idle = self.goes || self.unsent.answers || !self.is_burst();
        if idle || self.unsent.bytes >= FRAME || self.unsent.packets >= BURST {
            self.transmit(now, observer);
        }
        let alone = idle && !self.has_turn() && self.clock.lap(&mut self.published) >= ALONE;
        match &mut self.turn {
            Some(turn) if alone => turn.wait_for_end(),
            _ => self.request_turn(),
        }
    }

    /// Answers to a frame wait for the application to hear of it: to the end of the code that runs then, or for a turn where
    /// frames follow each other.
    pub(super) fn keep_answers(&mut self) {
        if self.unsent.answers || self.has_turn() {
            return;
        }
        self.unsent.answers = true;
        self.clock.read(performance_now());
        if self.clock.lap(&mut self.answered) < ALONE {
            self.request_turn();
        }
    }

    /// The application has heard of all there is.
    pub(in super::super) fn told(&mut self) {
        let waits = self.unsent.answers && !self.has_turn();
        if let Some(turn) = self.turn.as_mut().filter(|_| waits) {
            turn.wait_for_end();
        }
    }

    /// Hands frames to the socket until it has enough. True when there was one.
    pub(super) fn transmit(&mut self, now: Instant, observer: &impl Observer) -> bool {
        if !self.engine.has_transmit() {
            return false;
        }
        // A socket that is closing takes bytes and drops them: they wait for the next one.
        let Some(socket) = self.socket.as_ref().filter(|socket| socket.is_open()) else {
            return false;
        };
        self.unsent = Burst::default();
        let mut sent = false;
        loop {
            if sent && !self.engine.has_transmit() {
                return sent;
            }
            // Up to here the queue of the engine is the brake, not the memory of the browser.
            if socket.buffered_amount() > HIGH_WATER {
                let notify = Rc::clone(&self.notify);
                self.relief = Some(Timeout::new(RELIEF, move || notify(Signal::Turn)));
                return sent;
            }
            let Some(bytes) = self.engine.poll_transmit(now, FRAME) else { return sent };
            sent = true;
            observer.sent(self.epoch, bytes);
            if let Err(close) = socket.send(bytes) {
                self.lost = Some(End::Lost(close));
                return sent;
            }
        }
    }

    pub(super) fn close(
        &mut self,
        code: u16,
        reason: &str,
        now: Instant,
        observer: &impl Observer,
    ) {
        self.postponed = None;
        let Some(socket) = self.socket.take() else { return };
        while let Some(bytes) = self.engine.poll_transmit(now, FRAME) {
            observer.sent(self.epoch, bytes);
            if socket.send(bytes).is_err() {
                break;
            }
        }
        socket.close(code, reason);
    }
}

/// Bytes of a WebSocket message, unless one packet is larger. Above that the cost of a message
/// does not count any more, and a smaller one reaches the server sooner.
const FRAME: usize = 64 * 1024;

/// Packets of one burst after which a frame leaves though the task goes on.
const BURST: u32 = 500;

/// Milliseconds since the one before from which a publish, or a frame that is to be answered, is alone. Frames that come as fast as
/// they are read come faster. A round trip of QoS 1 over mosquitto on the machine itself takes 330 µs, and 350 where a turn is asked
/// for its PUBACK.
const ALONE: f64 = 0.1;

/// `bufferedAmount` above which nothing more is handed over.
const HIGH_WATER: u32 = 1024 * 1024;

/// Milliseconds until `bufferedAmount` is looked at again: no event tells of it.
const RELIEF: u32 = 10;
