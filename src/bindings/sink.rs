//! The JavaScript object that is told what happens. It knows the calls of that object; it does not
//! know what becomes of them.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::record;
use super::topics::{Slot, Topics};
use crate::browser::{Frame, Observer, payload, redirected};
use crate::client::{
    Authentication, AuthorizeReason, Client, DeliveryId, Event, Instant, Message, Outcome, State,
    SubscriptionId,
};
use crate::codec::TopicName;

#[wasm_bindgen]
extern "C" {
    /// `Sink` of `src/npm/sink.ts`. None of its methods throws, and only `turn_end` calls back.
    pub type Sink;

    #[wasm_bindgen(method, structural)]
    fn route(this: &Sink, slot: u32, topic: &str, subscriptions: Vec<u32>);
    #[wasm_bindgen(method, structural)]
    fn message(
        this: &Sink,
        slot: u32,
        payload: &Uint8Array,
        flags: u32,
        properties: &JsValue,
        delivery: Option<u32>,
    );
    #[wasm_bindgen(method, structural)]
    fn published(
        this: &Sink,
        token: u32,
        reason_code: u8,
        reason_string: Option<&str>,
        user_properties: Option<Vec<JsValue>>,
    );
    #[wasm_bindgen(method, structural)]
    fn subscribed(
        this: &Sink,
        token: u32,
        qos: u8,
        reason_string: Option<&str>,
        user_properties: Option<Vec<JsValue>>,
    );
    #[wasm_bindgen(method, structural)]
    fn unsubscribed(
        this: &Sink,
        token: u32,
        reason_code: u8,
        reason_string: Option<&str>,
        user_properties: Option<Vec<JsValue>>,
    );
    #[wasm_bindgen(method, structural)]
    fn pong(this: &Sink, token: u32, round_trip_ms: f64);
    #[wasm_bindgen(method, structural)]
    fn flushed(this: &Sink, token: u32);
    #[wasm_bindgen(method, structural)]
    fn failed(this: &Sink, token: u32, error: JsValue);
    #[wasm_bindgen(method, structural)]
    fn subscription_lost(this: &Sink, id: u32, error: JsValue);
    #[wasm_bindgen(method, structural)]
    fn state(this: &Sink, state: u32, retry_in_ms: f64);
    #[wasm_bindgen(method, structural)]
    fn connected(this: &Sink, server: JsValue);
    #[wasm_bindgen(method, structural)]
    fn disconnected(this: &Sink, error: JsValue);
    #[wasm_bindgen(method, structural)]
    fn authorize(this: &Sink, attempt: u32, reason: u32);
    #[wasm_bindgen(method, structural)]
    fn authenticate(this: &Sink, step: u32, data: &Uint8Array);
    #[wasm_bindgen(method, structural)]
    fn reauthenticated(this: &Sink, token: u32);
    #[wasm_bindgen(method, structural)]
    fn turn_end(this: &Sink);
}

/// Tells a [`Sink`], without a string for a topic it knows.
pub(super) struct Teller {
    sink: Sink,
    urls: Vec<String>,
    topics: RefCell<Topics>,
    unrouted: RefCell<Option<Unrouted>>,
    subscriptions: RefCell<Vec<SubscriptionId>>,
    /// Subscription Identifiers of the last message.
    identifiers: RefCell<Vec<u32>>,
    /// Something was told in this turn.
    told: Cell<bool>,
}

/// A message whose topic JavaScript does not know yet.
struct Unrouted {
    slot: u32,
    topic: Rc<str>,
    payload: Uint8Array,
    flags: u32,
    properties: JsValue,
    delivery: Option<u32>,
}

impl Teller {
    pub(super) fn new(sink: Sink, urls: Vec<String>) -> Self {
        Self {
            sink,
            urls,
            topics: RefCell::default(),
            unrouted: RefCell::default(),
            subscriptions: RefCell::default(),
            identifiers: RefCell::default(),
            told: Cell::new(false),
        }
    }

    fn completed(&self, token: u32, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Published { reason_code, properties, .. } => self.sink.published(
                token,
                reason_code.value(),
                properties.reason_string(),
                record::flat_user_properties(*properties),
            ),
            Outcome::Subscribed { qos, properties } => self.sink.subscribed(
                token,
                *qos as u8,
                properties.reason_string(),
                record::flat_user_properties(*properties),
            ),
            Outcome::Unsubscribed { reason_code, properties } => self.sink.unsubscribed(
                token,
                reason_code.value(),
                properties.reason_string(),
                record::flat_user_properties(*properties),
            ),
            Outcome::Pong { round_trip } => {
                self.sink.pong(token, round_trip.as_millis() as f64);
            }
            Outcome::Flushed => self.sink.flushed(token),
            Outcome::Reauthenticated => self.sink.reauthenticated(token),
        }
    }
}

impl Observer for Teller {
    fn event(&self, event: Event<'_>, now: Instant) {
        self.told.set(true);
        match event {
            Event::Message(_) => {}
            Event::State(state) => {
                let (index, retry_in) = state_of(&state, now);
                self.sink.state(index, retry_in);
            }
            Event::Connected(server) => {
                let url = self.urls.get(server.server).map_or("", String::as_str);
                match &server.redirected_to {
                    Some(host) => {
                        self.sink.connected(record::server(server, &redirected(url, host)));
                    }
                    None => self.sink.connected(record::server(server, url)),
                }
            }
            Event::Disconnected(error) => self.sink.disconnected(record::error(error)),
            Event::Completed { token, outcome } => self.completed(token.get(), &outcome),
            Event::Failed { token, error } => self.sink.failed(token.get(), record::error(error)),
            Event::SubscriptionLost { id, error } => {
                self.sink.subscription_lost(id.get(), record::error(error));
            }
        }
    }

    fn message(&self, message: &Message<'_>, frame: Option<&Frame>, generation: u32) -> bool {
        self.told.set(true);
        let payload = payload(message, frame);
        let flags = record::flags(message.qos, message.retain, message.duplicate);
        let properties = record::properties(message.properties);
        let delivery = message.delivery.map(DeliveryId::get);
        let mut identifiers = self.identifiers.borrow_mut();
        identifiers.clear();
        identifiers.extend(message.properties.subscription_identifiers());
        match self.topics.borrow_mut().slot(message.topic, &identifiers, generation) {
            Slot::Known(slot) => {
                self.sink.message(slot, &payload, flags, &properties, delivery);
                false
            }
            Slot::Stale(slot) => {
                let topic = Rc::from(message.topic);
                let unrouted = Unrouted { slot, topic, payload, flags, properties, delivery };
                self.unrouted.replace(Some(unrouted));
                true
            }
        }
    }

    fn routes(&self, engine: &Client) {
        let Some(message) = self.unrouted.take() else { return };
        let mut subscriptions = self.subscriptions.borrow_mut();
        subscriptions.clear();
        if let Ok(topic) = TopicName::new(&message.topic) {
            engine.routes(topic, &self.identifiers.borrow(), &mut subscriptions);
        }
        let ids = subscriptions.iter().map(|id| id.get()).collect();
        self.sink.route(message.slot, &message.topic, ids);
        let Unrouted { slot, payload, flags, properties, delivery, .. } = &message;
        self.sink.message(*slot, payload, *flags, properties, *delivery);
    }

    fn authorize(&self, attempt: u32, reason: AuthorizeReason) {
        self.told.set(true);
        self.sink.authorize(attempt, reason as u32);
    }

    fn authenticate(&self, step: Authentication<'_>) {
        self.told.set(true);
        let (number, data) = match step {
            Authentication::Start { again } => (u32::from(again), &[][..]),
            Authentication::Challenge(data) => (2, data),
            Authentication::Success(data) => (3, data),
        };
        self.sink.authenticate(number, &Uint8Array::from(data));
    }

    fn turn_end(&self) {
        if self.told.replace(false) {
            self.sink.turn_end();
        }
    }
}

/// Its place among the names of TypeScript's `State`, and the milliseconds to the next attempt.
fn state_of(state: &State, now: Instant) -> (u32, f64) {
    match state {
        State::Idle => (0, NEVER),
        State::Connecting => (1, NEVER),
        State::Connected => (2, NEVER),
        State::Waiting { until, .. } => {
            (3, until.as_millis().saturating_sub(now.as_millis()) as f64)
        }
        State::Closing => (4, NEVER),
        State::Closed => (5, NEVER),
    }
}

/// No further attempt is planned.
const NEVER: f64 = -1.0;
