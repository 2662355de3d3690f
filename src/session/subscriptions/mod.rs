//! What the application subscribes to, and what the server has been told of it (3.8, 3.10). It
//! knows tokens, not who waits for them; and it does not know when packets are sent.

#[cfg(all(test, not(target_arch = "wasm32")))]
mod matching_tests;
mod requests;
mod routing;
mod storing;
#[cfg(test)]
mod tests;
mod trie;

use alloc::boxed::Box;
use alloc::vec::Vec;

use self::trie::Trie;
use super::journal::Journal;
use super::{PacketIdentifiers, Suspicion};
use crate::codec::{
    PacketIdentifier, PropertiesBuf, QoS, ReasonCode, SubscriptionOptions, TopicFilter,
};

/// All subscriptions. Several of the application's may have the same filter: the server sees one.
///
/// ```
/// use wasmqtt::codec::{PropertiesBuf, SubscriptionOptions, TopicFilter};
/// use wasmqtt::session::Subscriptions;
///
/// let mut subscriptions = Subscriptions::default();
/// let filter = TopicFilter::new("plant/#")?;
/// let options = SubscriptionOptions::default();
/// subscriptions.subscribe(1, filter, options, false, PropertiesBuf::new());
/// assert!(subscriptions.next_request(false).is_some_and(|request| request.subscribe));
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Default, Debug)]
pub struct Subscriptions {
    /// In the order in which their filters came. Where one has gone there is one without a filter and
    /// all else for a while.
    entries: Vec<Entry>,
    /// The filters, by their place in `entries`.
    trie: Trie,
    /// Of the places before this one the server need not be told anything.
    due_from: usize,
    /// Places in `entries` whose filter has gone.
    gone: usize,
    /// Places in `entries`, of the topic at hand.
    found: Vec<u32>,
    /// In no order; of eight filters each, so there are few.
    requests: Vec<Asked>,
    generation: u32,
    last_identifier: u32,
    /// Identifiers that no filter has any more, a few.
    given_up: Vec<u32>,
    /// Members that acknowledge by hand.
    manual: usize,
    pub(super) journal: Journal,
    /// Of the last filter that came; of each the number of its record.
    last_number: u32,
}

/// One filter.
#[derive(Clone, Default, Debug)]
struct Entry {
    /// Of its record.
    number: u32,
    filter: Box<str>,
    options: SubscriptionOptions,
    /// The Subscription Identifier it is asked for with, where the server knows them.
    identifier: u32,
    /// Of the next SUBSCRIBE or UNSUBSCRIBE.
    properties: PropertiesBuf,
    /// Subscriptions of the application's; none when it is being given up.
    members: Vec<Member>,
    /// Members that wait for the next SUBSCRIBE to be sent and answered.
    waiting: Vec<u32>,
    /// Tokens that wait for the next UNSUBSCRIBE to be sent and answered.
    leaving: Vec<u32>,
    /// What the server has to be told.
    need: Need,
    /// The server has granted it in this session.
    granted: bool,
    /// Whether what the server has to be told ends the connections on which it is told.
    suspicion: Suspicion,
}

/// A subscription of the application's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Member {
    id: u32,
    /// It acknowledges by hand.
    manual: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum Need {
    #[default]
    Nothing,
    Subscribe,
    Unsubscribe,
}

/// A packet that was sent and not answered.
#[derive(Clone, Debug)]
struct Asked {
    identifier: PacketIdentifier,
    subscribe: bool,
    items: Vec<Item>,
    /// When it was sent, in milliseconds.
    sent: u64,
}

/// One filter of a packet, with who waits for its reason code.
#[derive(Clone, Debug)]
struct Item {
    filter: Box<str>,
    tokens: Vec<u32>,
}

/// What is to be sent: filters with their options, or filters to give up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// SUBSCRIBE, or UNSUBSCRIBE.
    pub subscribe: bool,
    /// The Subscription Identifier of a SUBSCRIBE, if wanted; else 0.
    pub identifier: u32,
    /// User Properties.
    pub properties: PropertiesBuf,
    /// The filters; the options are for a SUBSCRIBE.
    pub list: Vec<(Box<str>, SubscriptionOptions)>,
}

/// What became of a subscription, or of its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The server granted it.
    Subscribed(u32, QoS),
    /// The server refused it, or its end; without a reason code by hanging up.
    Refused(u32, Option<ReasonCode>),
    /// It was ended before the server had answered.
    Aborted(u32),
    /// The server refused, in the same ways, what it had granted in an earlier session.
    Lost(u32, Option<ReasonCode>),
    /// It has ended.
    Unsubscribed(u32, ReasonCode),
}

impl Subscriptions {
    /// Adds a subscription. The server is asked again also where it has granted the filter: the new
    /// one wants the retained messages as the first did.
    pub fn subscribe(
        &mut self,
        id: u32,
        filter: TopicFilter<'_>,
        options: SubscriptionOptions,
        manual: bool,
        properties: PropertiesBuf,
    ) {
        let member = Member { id, manual };
        self.manual += usize::from(manual);
        self.generation = self.generation.wrapping_add(1);
        if let Some(index) = self.position(filter.as_str()) {
            let Some(entry) = self.entries.get_mut(index) else { return };
            self.due_from = self.due_from.min(index);
            let qos = if entry.members.is_empty() { options.qos } else { entry.options.qos };
            entry.options = SubscriptionOptions { qos: qos.max(options.qos), ..options };
            entry.members.push(member);
            entry.properties = properties;
            entry.waiting.push(id);
            entry.need = Need::Subscribe;
            self.journal.note_first(entry.number.into());
            return;
        }
        self.insert(
            filter,
            Entry {
                options,
                properties,
                members: [member].into(),
                waiting: [id].into(),
                need: Need::Subscribe,
                ..Entry::default()
            },
        );
    }

    /// Ends a subscription. Counted: the last one of its filter sends UNSUBSCRIBE. What can be
    /// answered at once goes to `answers`; false when there is no such subscription.
    pub fn unsubscribe(
        &mut self,
        id: u32,
        token: u32,
        properties: PropertiesBuf,
        answers: &mut Vec<Answer>,
    ) -> bool {
        let Some(index) = self.entries.iter().position(|entry| entry.has(id)) else {
            return false;
        };
        let Some(entry) = self.entries.get_mut(index) else { return false };
        self.generation = self.generation.wrapping_add(1);
        entry.members.retain(|member| {
            let other = member.id != id;
            self.manual -= usize::from(!other && member.manual);
            other
        });
        let waits = |tokens: &mut Vec<u32>| {
            let before = tokens.len();
            tokens.retain(|token| *token != id);
            tokens.len() < before
        };
        let mut asked = self.requests.iter_mut().flat_map(|asked| &mut asked.items);
        let asked = asked.any(|item| waits(&mut item.tokens));
        if waits(&mut entry.waiting) || asked {
            answers.push(Answer::Aborted(id));
        }
        if !entry.members.is_empty() {
            answers.push(Answer::Unsubscribed(token, ReasonCode::SUCCESS));
            return true;
        }
        let asked = self.requests.iter().any(|asked| asked.subscribe && asked.has(&entry.filter));
        if entry.granted || asked {
            entry.need = Need::Unsubscribe;
            self.due_from = self.due_from.min(index);
            entry.properties = properties;
            entry.leaving.push(token);
        } else {
            // The server has never heard of it.
            answers.push(Answer::Unsubscribed(token, ReasonCode::SUCCESS));
            entry.leave(answers);
            self.remove(index);
        }
        true
    }

    /// Gives up a filter that an earlier client of this session may have subscribed to. False where this one
    /// subscribes to it.
    pub fn unsubscribe_filter(
        &mut self,
        filter: TopicFilter<'_>,
        token: u32,
        properties: PropertiesBuf,
    ) -> bool {
        let Some(index) = self.position(filter.as_str()) else {
            self.insert(
                filter,
                Entry {
                    properties,
                    leaving: [token].into(),
                    need: Need::Unsubscribe,
                    ..Entry::default()
                },
            );
            return true;
        };
        let Some(entry) = self.entries.get_mut(index) else { return false };
        if !entry.members.is_empty() {
            return false;
        }
        self.due_from = self.due_from.min(index);
        entry.need = Need::Unsubscribe;
        entry.properties = properties;
        entry.leaving.push(token);
        true
    }

    /// A filter that there was none of.
    fn insert(&mut self, filter: TopicFilter<'_>, entry: Entry) {
        let identifier = self.identify(filter);
        self.last_number += 1;
        self.journal.note_first(self.last_number.into());
        self.trie.insert(filter.inner(), self.entries.len() as u32);
        let number = self.last_number;
        self.entries.push(Entry { number, filter: filter.as_str().into(), identifier, ..entry });
    }

    /// The connection is lost: what was not answered has to be asked again, and its identifiers are
    /// free. What was sent at `soon` or later, in milliseconds, may be why; `None` where there is
    /// another reason. What has been sent on five such connections in a row is given up.
    pub fn connection_lost(
        &mut self,
        soon: Option<u64>,
        identifiers: &mut PacketIdentifiers,
        answers: &mut Vec<Answer>,
    ) {
        let mut blamed = Vec::new();
        self.due_from = 0;
        for asked in core::mem::take(&mut self.requests) {
            identifiers.release(asked.identifier);
            for item in asked.items {
                let Some(entry) = self.entry(&item.filter) else { continue };
                if asked.subscribe {
                    entry.waiting.extend(item.tokens);
                } else {
                    entry.leaving.extend(item.tokens);
                }
                entry.need =
                    if entry.members.is_empty() { Need::Unsubscribe } else { Need::Subscribe };
                if soon.is_some_and(|soon| entry.suspicion.lost(asked.sent >= soon)) {
                    blamed.push(item.filter);
                }
            }
        }
        for filter in blamed {
            self.refuse(&filter, None, answers);
        }
    }

    /// The server has no session: everything has to be asked for again, and what was being given up
    /// has ended.
    pub fn session_lost(&mut self, answers: &mut Vec<Answer>) {
        self.due_from = 0;
        // Nothing comes any more of what was given up.
        self.given_up.clear();
        for entry in &mut self.entries {
            entry.leave(answers);
            if entry.members.is_empty() {
                self.journal.note(entry.number.into());
                *entry = Entry::default();
            } else {
                entry.granted = false;
                entry.need = Need::Subscribe;
            }
        }
        self.tidy();
    }

    /// The server has the session and may have other retained messages by now: what it has granted is asked for
    /// again.
    pub fn again(&mut self) {
        self.due_from = 0;
        for entry in &mut self.entries {
            if entry.granted && entry.need == Need::Nothing {
                entry.need = Need::Subscribe;
            }
        }
    }

    /// Whether somebody waits for a SUBACK or an UNSUBACK.
    #[must_use]
    pub fn awaited(&self) -> bool {
        self.entries.iter().any(|entry| !entry.waiting.is_empty() || !entry.leaving.is_empty())
            || self.requests.iter().flat_map(|asked| &asked.items).any(|it| !it.tokens.is_empty())
    }

    /// Changes when the routes of a topic may have changed.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Forgets everything; all tokens that waited.
    pub fn clear(&mut self) -> Vec<u32> {
        let mut tokens = Vec::new();
        for entry in &mut self.entries {
            tokens.append(&mut entry.waiting);
            tokens.append(&mut entry.leaving);
        }
        for item in self.requests.iter_mut().flat_map(|asked| &mut asked.items) {
            tokens.append(&mut item.tokens);
        }
        *self = Self { generation: self.generation.wrapping_add(1), ..Self::default() };
        tokens
    }

    fn remove(&mut self, index: usize) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        if self.requests.iter().any(|asked| asked.has(&entry.filter)) {
            // It goes with the answer: where the connection is lost before, those who wait for it are
            // found by it.
            entry.need = Need::Nothing;
            return;
        }
        let Entry { identifier, number, .. } = core::mem::take(entry);
        self.journal.note(number.into());
        self.give_up(identifier);
        self.gone += 1;
        if self.gone > self.entries.len() / 2 {
            self.tidy();
        }
    }

    /// Forgets the places of filters that have gone.
    fn tidy(&mut self) {
        self.gone = 0;
        self.due_from = 0;
        self.trie = Trie::default();
        self.entries.retain(|entry| !entry.filter.is_empty());
        for (entry, index) in self.entries.iter().zip(0..) {
            self.trie.insert(TopicFilter::checked(&entry.filter).inner(), index);
        }
    }

    fn position(&mut self, filter: &str) -> Option<usize> {
        // Shared subscriptions may have the same filter and another name.
        let mut alike = self.trie.same(TopicFilter::checked(filter).inner()).iter();
        let is_it =
            |it: &&u32| self.entries.get(**it as usize).is_some_and(|it| *it.filter == *filter);
        alike.find(is_it).map(|it| *it as usize)
    }

    fn entry(&mut self, filter: &str) -> Option<&mut Entry> {
        let index = self.position(filter)?;
        self.entries.get_mut(index)
    }
}

impl Entry {
    fn has(&self, id: u32) -> bool {
        self.members.iter().any(|member| member.id == id)
    }
}
