//! What the application has asked for, and what it was told of it: every command is answered exactly once, with an
//! answer of its kind. It does not know what stands on the wire.

use std::collections::BTreeMap;

use wasmqtt::client::{Outcome, SubscriptionId, Token};
use wasmqtt::codec::QoS;

/// What a token stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Publish(u32),
    Subscribe,
    Unsubscribe,
    Ping,
    Flush,
    Reauthenticate,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Open,
    Done,
    /// Taken back: nothing may be told of it.
    Silent,
}

/// A publish, found again on the wire by the number at the front of its payload.
#[derive(Clone, Debug)]
pub struct Publish {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: QoS,
    pub retain: bool,
    pub expiry: Option<u32>,
    /// How often it was sent without DUP.
    pub sent: u32,
    pub token: u32,
}

#[derive(Default, Debug)]
pub struct Ledger {
    tokens: BTreeMap<u32, (Kind, Fate)>,
    pub publishes: BTreeMap<u32, Publish>,
    /// Subscriptions, and whether they still exist.
    pub subscriptions: Vec<(SubscriptionId, bool)>,
    /// Complete publishes that were not looked at yet.
    unseen: Vec<u32>,
}

impl Ledger {
    pub fn asked(&mut self, token: Token, kind: Kind) {
        let before = self.tokens.insert(token.get(), (kind, Fate::Open));
        assert_eq!(before, None, "a token was given twice");
    }

    pub fn published(&mut self, serial: u32, publish: Publish) {
        self.asked(Token::from_raw(publish.token), Kind::Publish(serial));
        self.publishes.insert(serial, publish);
    }

    pub fn subscribed(&mut self, id: SubscriptionId) {
        self.asked(id.into(), Kind::Subscribe);
        self.subscriptions.push((id, true));
    }

    /// The n-th token that was ever given.
    pub fn nth(&self, index: usize) -> Option<Token> {
        let count = self.tokens.len().max(1);
        self.tokens.keys().nth(index % count).copied().map(Token::from_raw)
    }

    pub fn cancelled(&mut self, token: Token, taken: bool) {
        let Some((kind, fate)) = self.tokens.get_mut(&token.get()) else {
            assert!(!taken, "something unknown was taken back");
            return;
        };
        assert!(!taken || *fate == Fate::Open, "what was answered cannot be taken back");
        assert!(!taken || matches!(kind, Kind::Publish(_)), "{kind:?} cannot be taken back");
        if *fate == Fate::Open && (taken || matches!(kind, Kind::Ping | Kind::Flush)) {
            *fate = Fate::Silent;
        }
    }

    pub fn completed(&mut self, token: Token, outcome: &Outcome<'_>) {
        let kind = self.ended(token);
        let fits = match (kind, outcome) {
            (Kind::Publish(serial), Outcome::Published { reason_code, .. }) => {
                self.unseen.push(serial);
                !reason_code.is_error()
            }
            (Kind::Subscribe, Outcome::Subscribed { .. })
            | (Kind::Unsubscribe, Outcome::Unsubscribed { .. })
            | (Kind::Ping, Outcome::Pong { .. })
            | (Kind::Flush, Outcome::Flushed)
            | (Kind::Reauthenticate, Outcome::Reauthenticated) => true,
            _ => false,
        };
        assert!(fits, "{kind:?} ended with {outcome:?}");
    }

    /// What is complete was sent, at the latest before the WebSocket was closed.
    pub fn look(&mut self) {
        for serial in self.unseen.drain(..) {
            let publish = &self.publishes[&serial];
            assert!(publish.sent > 0, "{publish:?} is complete and was not sent");
        }
    }

    pub fn failed(&mut self, token: Token) {
        if self.ended(token) == Kind::Subscribe {
            self.gone(token.get());
        }
    }

    pub fn lost(&mut self, id: SubscriptionId) {
        let (kind, fate) = self.tokens[&id.get()];
        assert_eq!((kind, fate), (Kind::Subscribe, Fate::Done), "it was never granted");
        assert!(self.gone(id.get()), "a subscription was lost that had ended");
    }

    /// Whether it was there.
    pub fn gone(&mut self, id: u32) -> bool {
        let found = self.subscriptions.iter_mut().find(|(other, _)| other.get() == id);
        found.is_some_and(|(_, there)| core::mem::replace(there, false))
    }

    fn ended(&mut self, token: Token) -> Kind {
        let Some((kind, fate)) = self.tokens.get_mut(&token.get()) else {
            panic!("token {} was never given", token.get());
        };
        assert_eq!(*fate, Fate::Open, "{kind:?} was answered again");
        *fate = Fate::Done;
        *kind
    }

    pub fn is_done(&self, serial: u32) -> bool {
        let publish = &self.publishes[&serial];
        self.tokens[&publish.token].1 != Fate::Open
    }

    /// What still has to be answered.
    pub fn open(&self) -> Vec<Kind> {
        self.tokens
            .values()
            .filter(|(_, fate)| *fate == Fate::Open)
            .map(|(kind, _)| *kind)
            .collect()
    }

    /// What the wire shows of a publish has to be what was asked for.
    pub fn sent(&mut self, serial: u32, again: bool) -> &Publish {
        let Some(publish) = self.publishes.get_mut(&serial) else {
            panic!("publish {serial:x} was never asked for");
        };
        let (_, fate) = self.tokens[&publish.token];
        assert_ne!(fate, Fate::Silent, "a publish was sent that had been taken back");
        if !again {
            publish.sent += 1;
        }
        assert!(publish.qos != QoS::AtMostOnce || publish.sent == 1, "QoS 0 was sent twice");
        publish
    }
}
