//! Events as numbers and bytes, in the order in which they were told. It knows how each is laid out,
//! which `src/npm/port/events.ts` reads; it does not know who reads it.
//!
//! An event is a row of words, the first its kind. A block of bytes is a word with its length, and the
//! bytes themselves beside the words, one block after the other. Properties are as on the wire (5.0,
//! 2.2.2.2), without a length in front.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, Uint8Array};

use crate::client::{Error, ServerInfo};
use crate::codec::{Properties, PropertiesBuf, Property};

/// What an event is; its first word.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Flags in the second byte: QoS, RETAIN, DUP. Slot of the topic, number of the buffer, where in it
    /// the payload begins, its length, number of the delivery or 0, properties.
    Message = 0,
    /// Slot, topic, how many subscriptions, their numbers.
    Route = 1,
    /// Token, reason code, properties.
    Published = 2,
    /// Token, greatest QoS, properties.
    Subscribed = 3,
    /// Token, reason code, properties.
    Unsubscribed = 4,
    /// Token, milliseconds, no properties.
    Pong = 5,
    /// Token, 0, no properties.
    Done = 6,
    /// Token, error.
    Failed = 7,
    /// Number of the subscription, error.
    SubscriptionLost = 8,
    /// 0, error.
    Disconnected = 9,
    /// State, milliseconds to the next attempt or [`NEVER`].
    State = 10,
    /// See [`Batch::server`].
    Connected = 11,
    /// Attempt, reason.
    Authorize = 12,
    /// Step, data.
    Authenticate = 13,
    /// The settings are wrong: 0, error.
    Refused = 14,
    /// How many publishes are published anew; of each its QoS and topic.
    SessionLost = 15,
    /// How many publishes are stored; the token of each.
    Stored = 16,
    /// Token, QoS, milliseconds since 1970 in two words, topic, 1 and the application's word or 0.
    Restored = 17,
    /// In a batch of its own. How many changes; of each the key in two words, and its bytes or [`REMOVED`].
    Persist = 18,
    // 19 is not of the engine.
    /// [`Tapped`] in the second byte; which connection, microseconds since 1970 in two words, buffer.
    Frame = 20,
}

/// What a frame is; it is told whole.
#[derive(Clone, Copy)]
pub(super) enum Tapped {
    Received = 0,
    Sent = 1,
    /// How to read what is received after it: in place of the connection its Protocol Level, in place of the time how many
    /// bytes are to be passed over; the buffer has what came of a packet before.
    Begin = 2,
    /// Too much waits to be told: no more is.
    Gap = 3,
}

/// Events of one turn.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) words: Vec<u32>,
    pub(super) bytes: Vec<u8>,
    /// The frames, or what was joined of several, in which payloads lie.
    pub(super) first: Option<Uint8Array>,
    pub(super) more: Option<Array>,
    /// How many they are.
    count: u32,
    /// Bytes of payloads in them.
    pub(super) held: usize,
}

impl Batch {
    /// Nothing is told, in the same memory.
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.bytes.clear();
        self.first = None;
        self.more = None;
        self.count = 0;
        self.held = 0;
    }

    /// Bytes of all of it.
    pub(super) fn len(&self) -> usize {
        self.words.len() * size_of::<u32>() + self.bytes.len() + self.held
    }

    pub(super) fn begin(&mut self, kind: Kind, number: u32) {
        self.word(kind as u32);
        self.word(number);
    }

    pub(super) fn word(&mut self, word: u32) {
        self.words.push(word);
    }

    pub(super) fn long(&mut self, long: u64) {
        self.word((long >> 32) as u32);
        self.word(long as u32);
    }

    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn properties(&mut self, properties: Properties<'_>) {
        self.block(properties.as_bytes());
    }

    /// The number of a buffer, which is the one of the last time where it is `again`.
    pub(super) fn buffer(&mut self, buffer: &Uint8Array, again: bool) -> u32 {
        if again && self.count > 0 {
            return self.count - 1;
        }
        if self.count == 0 {
            self.first = Some(buffer.clone());
        } else {
            self.more.get_or_insert_with(Array::new).push(buffer);
        }
        self.count += 1;
        self.count - 1
    }

    /// Code; phase, and above it whether it is retryable and whether the WebSocket was closed cleanly;
    /// reason code or [`NO_REASON`]; close code or 0; text, words of the close, properties.
    pub(super) fn error(&mut self, error: &Error) {
        let close = error.close.as_ref();
        let clean = close.is_some_and(|close| close.was_clean);
        let flags = error.phase as u32 | u32::from(error.retryable) << 8 | u32::from(clean) << 9;
        self.word(error.code as u32);
        self.word(flags);
        self.word(error.reason_code.map_or(NO_REASON, |code| code.value().into()));
        self.word(close.map_or(0, |close| close.code.into()));
        self.block(error.message.as_bytes());
        self.block(close.map_or("", |close| &close.reason).as_bytes());
        self.said(PropertiesBuf::new(), error.reason_string.as_deref(), &error.user_properties);
    }

    /// Which server, protocol level; flags; the numbers in the order of the fields; client identifier,
    /// host in place of that of the address or nothing, properties.
    pub(super) fn server(&mut self, server: &ServerInfo) {
        let flags = [
            server.session_present,
            server.retain_available,
            server.wildcard_subscription_available,
            server.shared_subscription_available,
            server.subscription_identifier_available,
        ];
        self.begin(Kind::Connected, server.server as u32);
        self.word(server.version.level().into());
        self.word(flags.iter().rev().fold(0, |bits, flag| bits << 1 | u32::from(*flag)));
        self.word(server.keep_alive.into());
        self.word(server.session_expiry_interval);
        self.word(server.receive_maximum.into());
        self.word(server.maximum_packet_size);
        self.word(server.maximum_qos as u32);
        self.word(server.topic_alias_maximum.into());
        self.block(server.client_identifier.as_bytes());
        self.block(server.redirected_to.as_deref().unwrap_or_default().as_bytes());
        let mut properties = PropertiesBuf::new();
        // None of them can fail: they came in a packet.
        if let Some(information) = &server.response_information {
            let _ = properties.push(Property::ResponseInformation(information));
        }
        if let Some(reference) = &server.server_reference {
            let _ = properties.push(Property::ServerReference(reference));
        }
        self.said(properties, server.reason_string.as_deref(), &server.user_properties);
    }

    fn said(
        &mut self,
        mut properties: PropertiesBuf,
        reason: Option<&str>,
        pairs: &[(String, String)],
    ) {
        // Neither can fail: they came in a packet.
        if let Some(reason) = reason {
            let _ = properties.push(Property::ReasonString(reason));
        }
        for (name, value) in pairs {
            let _ = properties.push(Property::UserProperty((name, value)));
        }
        self.properties(properties.as_properties());
    }
}

/// No further attempt is planned.
pub(super) const NEVER: u32 = u32::MAX;

/// In place of the length of a record: it is to be removed.
pub(super) const REMOVED: u32 = u32::MAX;

/// There is no reason code.
const NO_REASON: u32 = 256;
