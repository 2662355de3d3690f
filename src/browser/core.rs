//! One engine, one socket, one timer. It knows in what order they are served; it does not know who
//! listens, and no code of the application's listeners runs while it is borrowed.

mod sending;

use alloc::string::String;
use alloc::vec::Vec;

use gloo_timers::callback::Timeout;

#[cfg(feature = "bindings")]
use super::addresses::check_addresses;
use super::clock::{BEAT, Clock, Lap};
use super::frame::Frames;
use super::host::{date_now, performance_now};
use super::observer::Observer;
use super::page::Page;
use super::servers::Servers;
use super::signal::End;
use super::signal::{Notify, Signal, SocketEvent};
use super::socket::Socket;
use super::timer::Timer;
use super::turn::Turn;
#[cfg(feature = "bindings")]
use crate::client::{Backlog, Config, Error};
use crate::client::{Client, CloseInfo, Event, Instant, Output, State, Wake};
use crate::codec::ProtocolVersion;

/// What the driver holds behind its `RefCell`.
pub(crate) struct Core {
    pub(crate) engine: Client,
    pub(crate) servers: Servers,
    notify: Notify,
    pub(crate) clock: Clock,
    socket: Option<Socket>,
    /// Number of the latest socket; signals of earlier ones are dropped.
    epoch: u32,
    frames: Frames,
    /// Reused copy of a part of a frame.
    scratch: Vec<u8>,
    /// A connection that ended while the engine was being drained.
    lost: Option<End>,
    /// No socket is made until the application says so; the one that is due is kept here.
    held: bool,
    postponed: Option<(String, ProtocolVersion)>,
    timer: Timer,
    turn: Option<Turn>,
    /// Armed while the socket has more to send than [`HIGH_WATER`].
    relief: Option<Timeout>,
    /// Gone once the client is closed.
    page: Option<Page>,
    woke: bool,
    /// There may be no other turn: the page is being left.
    goes: bool,
    unsent: Burst,
    published: Lap,
    /// Answers to a frame were due, or a turn came in which they leave.
    answered: Lap,
    closed: bool,
}

/// What is to leave since bytes were last handed to the socket.
#[derive(Default)]
struct Burst {
    /// Answers to a frame, after the application has heard of it.
    answers: bool,
    /// Publishes.
    packets: u32,
    bytes: usize,
}

impl Core {
    /// Where the browser knows no `MessageChannel` it [has no turns](Core::has_turns), and is of no use.
    // Inlined, its hundred fields would be moved one by one.
    #[inline(never)]
    pub(crate) fn new(engine: Client, servers: Servers, notify: Notify) -> Self {
        Self {
            engine,
            servers,
            clock: Clock::new(performance_now(), date_now()),
            socket: None,
            epoch: 0,
            frames: Frames::default(),
            scratch: Vec::new(),
            lost: None,
            held: false,
            postponed: None,
            timer: Timer::default(),
            turn: Turn::new(&notify).ok(),
            relief: None,
            page: Some(Page::new(&notify)),
            woke: false,
            goes: false,
            unsent: Burst::default(),
            published: Lap::default(),
            answered: Lap::default(),
            closed: false,
            notify,
        }
    }

    pub(crate) fn has_turns(&self) -> bool {
        self.turn.is_some()
    }

    /// The time, for a command of the application's: one reading for all that is asked until the turn
    /// that is coming.
    pub(crate) fn now(&mut self) -> Instant {
        if self.is_burst() {
            return self.clock.now();
        }
        self.clock.read(performance_now());
        if self.clock.may_have_slept() {
            self.compare();
        }
        self.clock.now()
    }

    /// A turn is coming.
    fn has_turn(&self) -> bool {
        self.turn.as_ref().is_some_and(Turn::is_pending)
    }

    /// A turn is coming, or there was a publish before in what runs now.
    fn is_burst(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.is_pending() || turn.waits_for_end())
    }

    fn compare(&mut self) {
        self.woke |= self.clock.compare(date_now());
    }

    /// Asks for a turn, in which what a command caused is reported.
    pub(crate) fn request_turn(&mut self) {
        if self.turn.is_none() {
            // A command after the end; the first channel could be made, so can this.
            self.turn = Turn::new(&self.notify).ok();
        }
        if let Some(turn) = &mut self.turn {
            turn.request();
        }
    }

    /// How much is noted and not told.
    #[cfg(feature = "bindings")]
    pub(crate) fn backlog(&mut self, backlog: Backlog, observer: &impl Observer) {
        if backlog != self.engine.backlog() {
            let now = self.now();
            self.engine.handle_backlog(backlog, now);
            self.settle(false, now, observer);
        }
    }

    /// Takes in what happened outside and does all that follows from it.
    pub(crate) fn handle(&mut self, signal: Signal, observer: &impl Observer) {
        if let Signal::Timer(at) = signal {
            self.timer.clear();
            self.clock.reach(at);
        }
        // Of frames there is much: the reading of before holds for all until the turn that is coming, or the next millisecond.
        let frame = matches!(signal, Signal::Socket(_, SocketEvent::Message(_)));
        if !(frame && (self.has_turn() || !self.clock.ticks(date_now()))) {
            self.clock.read(performance_now());
            if self.clock.is_to_be_compared() {
                self.compare();
            }
        }
        let now = self.clock.now();
        if core::mem::take(&mut self.woke) {
            self.engine.handle_wake(Wake::Visible, now);
        }
        match signal {
            Signal::Socket(epoch, event) if epoch == self.epoch && self.socket.is_some() => {
                return self.handle_socket(event, now, observer);
            }
            Signal::Socket(..) => {}
            Signal::Timer(_) => self.engine.handle_timeout(now),
            Signal::Turn => {
                if let Some(turn) = &mut self.turn {
                    turn.begin();
                }
                self.relief = None;
                self.unsent.answers = false;
                self.clock.lap(&mut self.answered);
            }
            Signal::ScriptEnd if self.turn.as_mut().is_none_or(Turn::ended) => return,
            Signal::ScriptEnd => {
                self.unsent.answers = false;
                self.transmit(now, observer);
            }
            Signal::Page(wake) => {
                self.goes = false;
                self.engine.handle_wake(wake, now);
            }
            Signal::Stored(true) => self.engine.handle_stored(now),
            Signal::Stored(false) => self.engine.handle_store_failed(now),
        }
        self.settle(false, now, observer);
    }

    fn handle_socket(&mut self, event: SocketEvent, now: Instant, observer: &impl Observer) {
        // What is asked for anew after CONNACK, and what was queued, waits for nobody.
        let answers = matches!(event, SocketEvent::Message(_)) && self.engine.server().is_some();
        match event {
            SocketEvent::Open => self.engine.handle_open(now),
            SocketEvent::Close(close) => self.socket_lost(close, now),
            SocketEvent::Refused(end) => self.lost = Some(end),
            SocketEvent::Message(data) => match self.frames.begin(data) {
                Some((bytes, len)) => {
                    observer.received(self.epoch, bytes);
                    self.read(len, now, observer);
                }
                None => self.engine.handle_text(now),
            },
        }
        self.settle(answers, now, observer);
        self.frames.end(self.engine.payload_coming());
    }

    /// Shows the engine a frame, but for payloads of which it needs to know only that they came.
    fn read(&mut self, len: u32, now: Instant, observer: &impl Observer) {
        let mut at = 0;
        while at < len {
            let left = len - at;
            let skipped = left.min(self.engine.skippable() as u32);
            if skipped > 0 {
                self.engine.handle_skipped(skipped as usize, now);
                at += skipped;
            } else {
                let part = left.min(PART);
                self.frames.copy(at, part, &mut self.scratch);
                self.engine.handle_bytes(&self.scratch, now);
                at += part;
            }
            if at < len {
                self.drain(now, observer);
            }
        }
    }

    fn socket_lost(&mut self, close: CloseInfo, now: Instant) {
        self.socket = None;
        self.engine.handle_close(close, now);
    }

    /// Drains the engine, sends what may be sent, and arms the timer, until nothing is left to do. What `answers` a frame
    /// leaves after the application has heard of it, or with what it publishes then.
    pub(crate) fn settle(&mut self, answers: bool, now: Instant, observer: &impl Observer) {
        loop {
            let deadline = self.drain(now, observer);
            if answers && self.engine.has_transmit() {
                self.keep_answers();
            }
            if let Some(end) = self.lost.take() {
                if let Some(socket) = self.socket.take() {
                    // One of the application's that took no bytes is still open.
                    socket.close(1000, "");
                }
                match end {
                    End::Lost(close) => self.socket_lost(close, now),
                    End::Refused(error) => self.engine.handle_refused(error, now),
                }
                continue;
            }
            let waits = !self.goes && (self.has_turn() || self.unsent.answers);
            if !waits && (self.transmit(now, observer) || self.engine.has_output()) {
                self.request_turn();
                continue;
            }
            if self.closed {
                return self.release();
            }
            let deadline = self.watch(deadline, now);
            return self.timer.arm(deadline, now, &self.notify);
        }
    }

    /// Keeps the beat while time alone ends something, and only then: it is what tells sleep from a
    /// clock that is set.
    fn watch(&mut self, deadline: Option<Instant>, now: Instant) -> Option<Instant> {
        let watches = self.engine.is_timed();
        if watches && !self.clock.watches() {
            self.compare();
        }
        self.clock.watch(watches);
        let beat = watches.then(|| now + BEAT);
        Instant::first(deadline, beat)
    }

    fn drain(&mut self, now: Instant, observer: &impl Observer) -> Option<Instant> {
        loop {
            let generation = self.engine.routes_generation();
            match self.engine.poll_output() {
                Output::Timeout(deadline) => return deadline,
                Output::Event(Event::Message(message)) => {
                    let place = self.frames.place_of(&message);
                    if place.is_some_and(|place| observer.message(&message, &place, generation)) {
                        observer.routes(&mut self.engine);
                    }
                }
                Output::Event(event) => {
                    self.closed |= matches!(event, Event::State(State::Closed));
                    observer.event(event, now);
                }
                Output::Authorize { attempt, reason } => observer.authorize(attempt, reason),
                Output::Authenticate(step) => observer.authenticate(step),
                Output::Open { server, reference, version } => {
                    let url = self.servers.url(server, reference);
                    if self.held {
                        self.postponed = Some((url, version));
                    } else {
                        self.open(&url, version);
                    }
                }
                Output::Persist(changes) => observer.persist(changes),
                Output::Close { code, reason } => self.close(code, reason, now, observer),
            }
        }
    }

    fn open(&mut self, url: &str, version: ProtocolVersion) {
        self.socket = None;
        self.epoch += 1;
        self.frames.clear();
        match self.servers.socket(url, version, self.epoch, &self.notify) {
            Ok(socket) => {
                if socket.was_open() {
                    (self.notify)(Signal::Socket(self.epoch, SocketEvent::Open));
                }
                self.socket = Some(socket);
            }
            Err(end) => self.lost = Some(end),
        }
    }

    /// Takes other options, and other addresses.
    ///
    /// # Errors
    /// Of [`Client::configure`], and of the addresses.
    #[cfg(feature = "bindings")]
    pub(crate) fn configure(
        &mut self,
        mut config: Config,
        urls: Vec<String>,
        now: Instant,
    ) -> Result<(), Error> {
        check_addresses(&urls)?;
        config.servers = urls.len();
        self.engine.configure(config, now)?;
        self.servers.urls = urls;
        Ok(())
    }

    /// Whether sockets wait. What is open stays open.
    #[cfg(feature = "bindings")]
    pub(crate) fn hold(&mut self, held: bool) {
        self.held = held;
        if let Some((url, version)) = self.postponed.take().filter(|_| !held) {
            self.open(&url, version);
        }
    }

    /// Lets go of the browser: closed is for good.
    fn release(&mut self) {
        self.socket = None;
        self.page = None;
        self.relief = None;
        self.unsent = Burst::default();
        self.timer.clear();
        if !self.is_burst() {
            self.turn = None;
        }
    }
}

/// Bytes of a frame that the engine is shown at a time: a payload that begins in them is not copied
/// beyond them.
const PART: u32 = 16 * 1024;
