//! What the application was told, as values of its own, and what a test asks of it. It does not know what was asked for.

use core::time::Duration;

use wasmqtt::client::{Error, Event, Outcome, Restored, ServerInfo, State};
use wasmqtt::codec::{QoS, ReasonCode};

use super::world::World;

/// What the application was told.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Told {
    State(State),
    Connected(ServerInfo),
    Disconnected(Error),
    Message {
        topic: String,
        payload: Vec<u8>,
        qos: QoS,
        retain: bool,
        duplicate: bool,
        at: u64,
    },
    Published(u32, ReasonCode),
    Subscribed(u32, QoS),
    Unsubscribed(u32, ReasonCode),
    Pong(u32, Duration),
    Flushed(u32),
    Reauthenticated(u32),
    Done(u32),
    Failed(u32, Error),
    SubscriptionLost(u32, Error),
    /// The topics of what is published anew.
    SessionLost(Vec<String>),
    Stored(Vec<u32>),
    Restored(Restored),
}

/// What the application was asked for, or told, of enhanced authentication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    Start { again: bool },
    Challenge(Vec<u8>),
    Success(Vec<u8>),
}

impl World {
    /// What became of a token.
    pub(crate) fn outcome(&self, wanted: u32) -> Option<&Told> {
        self.told.iter().find(|told| match told {
            Told::Published(token, _)
            | Told::Subscribed(token, _)
            | Told::Unsubscribed(token, _)
            | Told::Pong(token, _)
            | Told::Flushed(token)
            | Told::Reauthenticated(token)
            | Told::Done(token)
            | Told::Failed(token, _) => *token == wanted,
            _ => false,
        })
    }

    pub(crate) fn failure(&self, token: u32) -> &Error {
        match self.outcome(token) {
            Some(Told::Failed(_, error)) => error,
            other => panic!("{token} has not failed but is {other:?}"),
        }
    }

    pub(crate) fn disconnections(&self) -> Vec<&Error> {
        let errors = self.told.iter().filter_map(|told| match told {
            Told::Disconnected(error) => Some(error),
            _ => None,
        });
        errors.collect()
    }

    /// Payloads of the messages delivered, as text.
    pub(crate) fn messages(&self) -> Vec<String> {
        let payloads = self.told.iter().filter_map(|told| match told {
            Told::Message { payload, .. } => Some(String::from_utf8_lossy(payload).into_owned()),
            _ => None,
        });
        payloads.collect()
    }
}

/// `received` are all bytes of the connection.
pub(super) fn own(event: Event<'_>, received: &[u8]) -> Told {
    match event {
        Event::State(state) => Told::State(state),
        Event::Connected(server) => Told::Connected(server.clone()),
        Event::Disconnected(error) => Told::Disconnected(error.clone()),
        Event::Message(message) => Told::Message {
            topic: message.topic.into(),
            payload: {
                let begin = message.payload_offset as usize;
                received[begin..begin + message.payload_len].into()
            },
            qos: message.qos,
            retain: message.retain,
            duplicate: message.duplicate,
            at: message.payload_offset,
        },
        Event::Completed { token, outcome } => match outcome {
            Outcome::Published { reason_code, .. } => Told::Published(token.get(), reason_code),
            Outcome::Subscribed { qos, .. } => Told::Subscribed(token.get(), qos),
            Outcome::Unsubscribed { reason_code, .. } => {
                Told::Unsubscribed(token.get(), reason_code)
            }
            Outcome::Pong { round_trip } => Told::Pong(token.get(), round_trip),
            Outcome::Flushed => Told::Flushed(token.get()),
            Outcome::Reauthenticated => Told::Reauthenticated(token.get()),
            Outcome::Done => Told::Done(token.get()),
        },
        Event::Failed { token, error } => Told::Failed(token.get(), error.clone()),
        Event::SessionLost { republished } => {
            Told::SessionLost(republished.iter().map(|it| it.topic.to_string()).collect())
        }
        Event::Stored { tokens } => Told::Stored(tokens.iter().map(|it| it.get()).collect()),
        Event::Restored(restored) => Told::Restored(restored.clone()),
        Event::SubscriptionLost { id, error } => Told::SubscriptionLost(id.get(), error.clone()),
    }
}
