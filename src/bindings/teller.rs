//! Notes what the engine says and hands it over at the end of a turn. It knows which topics JavaScript
//! was told of; it does not know what becomes of what it tells.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::batch::{Batch, Kind, NEVER, REMOVED, Tapped};
use super::topics::{Slot, Topics};
use crate::browser::{Observer, Place, date_now, performance_now};
use crate::client::{
    Authentication, AuthorizeReason, Changes, Client, DeliveryId, Event, Instant, Message, Outcome,
    State, SubscriptionId, millis,
};
use crate::codec::{PacketIdentifier, Properties, TopicName};
use crate::session::STORES;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    /// What takes batches; it does not throw. The arrays are views, good until it returns or the
    /// engine is called.
    pub type Sink;

    /// `first` and `more` are the buffers: mostly there is one, and an array for it costs as much as the rest of the way.
    #[wasm_bindgen(method, structural)]
    pub(super) fn batch(
        this: &Sink,
        words: &[u32],
        bytes: Option<&[u8]>,
        first: Option<&Uint8Array>,
        more: Option<&Array>,
    );
}

/// The observer of the npm package.
pub(super) struct Teller {
    sink: Sink,
    batch: RefCell<Batch>,
    memory: RefCell<Memory>,
    waiting: RefCell<Waiting>,
    /// Frames are told; milliseconds since 1970 of the clock's beginning.
    tapped: Cell<Option<f64>>,
}

/// What was told before it may be known.
#[derive(Default)]
struct Waiting {
    /// Each with the number of the changes that it waits for.
    batches: VecDeque<(u32, Batch)>,
    /// Changes that were given to the store.
    asked: u32,
    /// Those of them that are stored.
    done: u32,
    /// What is noted now may not be known before the next ones are.
    ahead: bool,
}

/// What is known from one message to the next.
#[derive(Default)]
struct Memory {
    topics: Topics,
    /// Where the frame of the last message begins in its connection, if it is in the batch.
    frame: Option<u64>,
    /// Of the last message.
    identifiers: Vec<u32>,
    unrouted: Option<Unrouted>,
    subscriptions: Vec<SubscriptionId>,
}

/// A message whose topic JavaScript does not know yet: what follows the topic.
struct Unrouted {
    topic: alloc::boxed::Box<str>,
    words: [u32; 6],
    properties: Vec<u8>,
}

impl Teller {
    pub(super) fn new(sink: Sink) -> Self {
        let (batch, memory) = (RefCell::default(), RefCell::default());
        Self { sink, batch, memory, waiting: RefCell::default(), tapped: Cell::default() }
    }

    /// What has waited, and does not have to any more.
    fn known(&self) -> Option<Batch> {
        let mut waiting = self.waiting.borrow_mut();
        let (changes, _) = waiting.batches.front()?;
        if *changes > waiting.done {
            return None;
        }
        waiting.batches.pop_front().map(|(_, batch)| batch)
    }

    /// Whether what was told last has to wait; what does not have to any more is handed over.
    fn waits(&self, ahead: bool) -> bool {
        // Code of the application runs in each call, and may have more stored.
        while let Some(batch) = self.known() {
            self.hand_over(&batch);
        }
        let mut waiting = self.waiting.borrow_mut();
        waiting.ahead &= ahead;
        ahead || !waiting.batches.is_empty()
    }

    fn hand_over(&self, batch: &Batch) {
        let bytes = Some(&*batch.bytes).filter(|bytes| !bytes.is_empty());
        self.sink.batch(&batch.words, bytes, batch.first.as_ref(), batch.more.as_ref());
    }

    /// Tells a frame, where that is asked for.
    #[inline]
    fn frame(&self, kind: Tapped, connection: u32, bytes: impl FnOnce() -> Uint8Array) {
        if let Some(origin) = self.tapped.get() {
            let micros = (origin + performance_now()) * 1000.0;
            self.tell_frame(kind, connection, micros as u64, &bytes());
            if self.noted() > FULL {
                self.tapped.set(None);
                self.tell_frame(Tapped::Gap, connection, 0, &Uint8Array::default());
            }
        }
    }

    #[inline(never)]
    fn tell_frame(&self, kind: Tapped, number: u32, long: u64, bytes: &Uint8Array) {
        // A payload in it is told as in another one.
        self.memory.borrow_mut().frame = None;
        self.tell(|batch| {
            let buffer = batch.buffer(bytes, false);
            batch.held += bytes.length() as usize;
            batch.word(Kind::Frame as u32 | (kind as u32) << 8);
            batch.word(number);
            batch.long(long);
            batch.word(buffer);
        });
    }

    /// Adds to what will be told.
    pub(super) fn tell(&self, tell: impl FnOnce(&mut Batch)) {
        tell(&mut self.batch.borrow_mut());
    }
}

impl Observer for Teller {
    fn event(&self, event: Event<'_>, now: Instant) {
        let batch = &mut *self.batch.borrow_mut();
        match event {
            Event::Message(_) => {}
            Event::State(state) => {
                let (number, retry_in) = state_of(&state, now);
                batch.begin(Kind::State, number);
                batch.word(retry_in);
            }
            Event::Connected(server) => batch.server(server),
            Event::Disconnected(error) => {
                batch.begin(Kind::Disconnected, 0);
                batch.error(error);
            }
            Event::Completed { token, outcome } => {
                let (kind, number, properties) = completed(outcome);
                batch.begin(kind, token.get());
                batch.word(number);
                batch.properties(properties);
            }
            Event::Failed { token, error } => {
                batch.begin(Kind::Failed, token.get());
                batch.error(error);
            }
            Event::SessionLost { republished } => {
                batch.begin(Kind::SessionLost, republished.len() as u32);
                for publish in republished {
                    batch.word(publish.qos as u32);
                    batch.block(publish.topic.as_bytes());
                }
            }
            Event::Stored { tokens } if STORES => {
                batch.begin(Kind::Stored, tokens.len() as u32);
                batch.words.extend(tokens.iter().map(|token| token.get()));
            }
            Event::Restored(restored) if STORES => {
                batch.begin(Kind::Restored, restored.token.get());
                batch.word(restored.qos as u32);
                batch.long(restored.since);
                batch.block(restored.topic.as_bytes());
                batch.word(restored.label.is_some().into());
                batch.block(restored.label.as_deref().unwrap_or_default().as_bytes());
            }
            Event::Stored { .. } | Event::Restored(_) => {}
            Event::SubscriptionLost { id, error } => {
                batch.begin(Kind::SubscriptionLost, id.get());
                batch.error(error);
            }
        }
    }

    fn message(&self, message: &Message<'_>, payload: &Place<'_>, generation: u32) -> bool {
        let batch = &mut *self.batch.borrow_mut();
        let memory = &mut *self.memory.borrow_mut();
        if STORES && message.ahead_of_store {
            // What was told before may be known.
            let waiting = &mut *self.waiting.borrow_mut();
            if !core::mem::replace(&mut waiting.ahead, true) && !batch.words.is_empty() {
                memory.frame = None;
                waiting.batches.push_back((0, core::mem::take(batch)));
            }
        }
        let again = payload.frame.is_some() && memory.frame == payload.frame;
        memory.frame = payload.frame;
        let buffer = batch.buffer(payload.bytes, again);
        batch.held += payload.len as usize;
        let identifier = message.packet_identifier.map_or(0, PacketIdentifier::get);
        let flags = message.qos as u32
            | u32::from(message.retain) << 2
            | u32::from(message.duplicate) << 3
            | u32::from(identifier) << 4;
        memory.identifiers.clear();
        memory.identifiers.extend(message.properties.subscription_identifiers());
        let slot = memory.topics.slot(message.topic, &memory.identifiers, generation);
        let (Slot::Known(number) | Slot::Stale(number)) = slot;
        let words = [
            Kind::Message as u32 | flags << 8,
            number,
            buffer,
            payload.begin,
            payload.len,
            message.delivery.map_or(0, DeliveryId::get),
        ];
        if let Slot::Stale(_) = slot {
            let properties = message.properties.as_bytes().into();
            memory.unrouted = Some(Unrouted { topic: message.topic.into(), words, properties });
            return true;
        }
        batch.words.extend_from_slice(&words);
        batch.properties(message.properties);
        false
    }

    fn routes(&self, engine: &mut Client) {
        let batch = &mut *self.batch.borrow_mut();
        let memory = &mut *self.memory.borrow_mut();
        let Some(Unrouted { topic, words, properties }) = memory.unrouted.take() else { return };
        memory.subscriptions.clear();
        if let Ok(topic) = TopicName::new(&topic) {
            engine.routes(topic, &memory.identifiers, &mut memory.subscriptions);
        }
        let [_, slot, ..] = words;
        batch.begin(Kind::Route, slot);
        batch.block(topic.as_bytes());
        batch.word(memory.subscriptions.len() as u32);
        batch.words.extend(memory.subscriptions.iter().map(|id| id.get()));
        batch.words.extend_from_slice(&words);
        batch.block(&properties);
    }

    fn authorize(&self, attempt: u32, reason: AuthorizeReason) {
        self.tell(|batch| {
            batch.begin(Kind::Authorize, attempt);
            batch.word(reason as u32);
        });
    }

    fn authenticate(&self, step: Authentication<'_>) {
        let (number, data) = match step {
            Authentication::Start { again } => (u32::from(again), &[][..]),
            Authentication::Challenge(data) => (2, data),
            Authentication::Success(data) => (3, data),
        };
        self.tell(|batch| {
            batch.begin(Kind::Authenticate, number);
            batch.block(data);
        });
    }

    fn persist(&self, changes: &Changes) {
        if !STORES {
            return;
        }
        let waiting = &mut *self.waiting.borrow_mut();
        waiting.asked += 1;
        waiting.ahead = false;
        if changes.holds_told() {
            self.memory.borrow_mut().frame = None;
            waiting.batches.push_back((waiting.asked, self.batch.take()));
        }
        // At once, and apart from the rest, which may have to wait for it.
        let mut batch = Batch::default();
        batch.begin(Kind::Persist, changes.iter().count() as u32);
        for (key, value) in changes.iter() {
            batch.long(key.get());
            match value {
                Some(bytes) => batch.block(bytes),
                None => batch.word(REMOVED),
            }
        }
        self.sink.batch(&batch.words, Some(&batch.bytes), None, None);
    }

    fn stored(&self, done: bool) {
        if !STORES {
            return;
        }
        let waiting = &mut *self.waiting.borrow_mut();
        waiting.done = if done { waiting.done + 1 } else { waiting.asked };
    }

    fn noted(&self) -> usize {
        let waiting = self.waiting.borrow();
        let told: usize = waiting.batches.iter().map(|(_, batch)| batch.len()).sum();
        self.batch.borrow().len() + told
    }

    fn tap(&self, unread: Option<(u8, usize, &[u8])>) {
        self.tapped.set(unread.map(|(level, missing, head)| {
            self.tell_frame(Tapped::Begin, level.into(), missing as u64, &head.into());
            date_now() - performance_now()
        }));
    }

    fn sent(&self, connection: u32, frame: &[u8]) {
        self.frame(Tapped::Sent, connection, || frame.into());
    }

    fn received(&self, connection: u32, frame: &Uint8Array) {
        self.frame(Tapped::Received, connection, || frame.clone());
    }

    fn turn_end(&self, ahead: bool) {
        if STORES && self.waits(ahead) {
            return;
        }
        let mut batch = self.batch.take();
        if batch.words.is_empty() {
            self.batch.replace(batch);
            return;
        }
        self.memory.borrow_mut().frame = None;
        self.hand_over(&batch);
        let mut next = self.batch.borrow_mut();
        // The memory is used again, unless something was told meanwhile, or it was a great deal.
        if next.words.is_empty()
            && batch.words.capacity() < MOST_KEPT
            && batch.bytes.capacity() < MOST_KEPT
        {
            batch.clear();
            *next = batch;
        }
    }
}

fn completed(outcome: Outcome<'_>) -> (Kind, u32, Properties<'_>) {
    match outcome {
        Outcome::Published { reason_code, properties } => {
            (Kind::Published, reason_code.value().into(), properties)
        }
        Outcome::Subscribed { qos, properties } => (Kind::Subscribed, qos as u32, properties),
        Outcome::Unsubscribed { reason_code, properties } => {
            (Kind::Unsubscribed, reason_code.value().into(), properties)
        }
        Outcome::Pong { round_trip } => (Kind::Pong, millis(round_trip) as u32, Properties::EMPTY),
        Outcome::Flushed | Outcome::Reauthenticated | Outcome::Done => {
            (Kind::Done, 0, Properties::EMPTY)
        }
    }
}

/// Its place among the names of TypeScript's `State`, and the milliseconds to the next attempt.
fn state_of(state: &State, now: Instant) -> (u32, u32) {
    let number = match state {
        State::Idle => 0,
        State::Connecting => 1,
        State::Connected => 2,
        State::Waiting { until } => {
            let left = until.as_millis().saturating_sub(now.as_millis());
            return (3, left.min(u64::from(NEVER - 1)) as u32);
        }
        State::Closing => 4,
        State::Closed => 5,
    };
    (number, NEVER)
}

/// Noted bytes from which frames are not told on.
const FULL: usize = 1 << 25;

/// Words, or bytes, of a batch whose memory is kept for the next one.
const MOST_KEPT: usize = 1 << 16;
