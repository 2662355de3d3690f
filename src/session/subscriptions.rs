//! What the application subscribes to, and what the server has been told of it (3.8, 3.10). It
//! knows tokens, not who waits for them; and it does not know when packets are sent.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::PacketIdentifiers;
use crate::codec::{
    PacketIdentifier, QoS, ReasonCode, ReasonCodes, SubscriptionOptions, TopicFilter, TopicName,
};

/// All subscriptions. Several of the application's may have the same filter: the server sees one.
#[derive(Clone, Default, Debug)]
pub struct Subscriptions {
    entries: Vec<Entry>,
    requests: VecDeque<Asked>,
    generation: u32,
}

/// One filter.
#[derive(Clone, Debug)]
struct Entry {
    filter: Box<str>,
    options: SubscriptionOptions,
    /// Subscriptions of the application's; none when it is being given up.
    members: Vec<u32>,
    /// Members that wait for the next SUBSCRIBE to be sent and answered.
    waiting: Vec<u32>,
    /// Tokens that wait for the next UNSUBSCRIBE to be sent and answered.
    leaving: Vec<u32>,
    /// What the server has to be told.
    need: Need,
    /// The server has granted it in this session.
    granted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
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
}

/// One filter of a packet, with who waits for its reason code.
#[derive(Clone, Debug)]
struct Item {
    filter: Box<str>,
    tokens: Vec<u32>,
}

/// What is to be sent: filters with their options, or filters to give up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// SUBSCRIBE.
    Subscribe(Vec<(Box<str>, SubscriptionOptions)>),
    /// UNSUBSCRIBE.
    Unsubscribe(Vec<Box<str>>),
}

/// What became of a subscription, or of its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The server granted it.
    Subscribed(u32, QoS),
    /// The server refused it.
    Refused(u32, ReasonCode),
    /// It was ended before the server had answered.
    Aborted(u32),
    /// The server refused what it had granted in an earlier session.
    Lost(u32, ReasonCode),
    /// It has ended.
    Unsubscribed(u32, ReasonCode),
}

impl Subscriptions {
    /// Adds a subscription. The server is asked again also where it has granted the filter: the new
    /// one wants the retained messages as the first did.
    pub fn subscribe(&mut self, id: u32, filter: TopicFilter<'_>, options: SubscriptionOptions) {
        self.generation = self.generation.wrapping_add(1);
        if let Some(entry) = self.entries.iter_mut().find(|entry| &*entry.filter == filter.as_str())
        {
            let qos = if entry.members.is_empty() { options.qos } else { entry.options.qos };
            entry.options = SubscriptionOptions { qos: qos.max(options.qos), ..options };
            entry.members.push(id);
            entry.waiting.push(id);
            entry.need = Need::Subscribe;
            return;
        }
        self.entries.push(Entry {
            filter: filter.as_str().into(),
            options,
            members: [id].into(),
            waiting: [id].into(),
            leaving: Vec::new(),
            need: Need::Subscribe,
            granted: false,
        });
    }

    /// Ends a subscription. Counted: the last one of its filter sends UNSUBSCRIBE. What can be
    /// answered at once goes to `answers`; false when there is no such subscription.
    pub fn unsubscribe(&mut self, id: u32, token: u32, answers: &mut Vec<Answer>) -> bool {
        let Some(index) = self.entries.iter().position(|entry| entry.members.contains(&id)) else {
            return false;
        };
        let Some(entry) = self.entries.get_mut(index) else { return false };
        self.generation = self.generation.wrapping_add(1);
        entry.members.retain(|member| *member != id);
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
            entry.leaving.push(token);
        } else {
            // The server has never heard of it.
            answers.push(Answer::Unsubscribed(token, ReasonCode::SUCCESS));
            answers.extend(
                entry.leaving.iter().map(|token| Answer::Unsubscribed(*token, ReasonCode::SUCCESS)),
            );
            self.entries.remove(index);
        }
        true
    }

    /// What is to be sent next: at most eight filters of one kind, those given up first.
    #[must_use]
    pub fn next_request(&self) -> Option<Request> {
        let needing =
            |need| self.entries.iter().filter(move |entry| entry.need == need).take(BATCH);
        let given_up: Vec<_> =
            needing(Need::Unsubscribe).map(|entry| entry.filter.clone()).collect();
        if !given_up.is_empty() {
            return Some(Request::Unsubscribe(given_up));
        }
        let wanted: Vec<_> =
            needing(Need::Subscribe).map(|entry| (entry.filter.clone(), entry.options)).collect();
        (!wanted.is_empty()).then_some(Request::Subscribe(wanted))
    }

    /// What [`Subscriptions::next_request`] gave was sent under that identifier.
    pub fn requested(&mut self, identifier: PacketIdentifier, request: &Request) {
        let subscribe = matches!(request, Request::Subscribe(_));
        let entries = &mut self.entries;
        let mut take = |filter: &str| {
            let entry = entries.iter_mut().find(|entry| &*entry.filter == filter);
            let tokens = entry.map(|entry| {
                entry.need = Need::Nothing;
                core::mem::take(if subscribe { &mut entry.waiting } else { &mut entry.leaving })
            });
            Item { filter: filter.into(), tokens: tokens.unwrap_or_default() }
        };
        let items = match request {
            Request::Subscribe(list) => list.iter().map(|(filter, _)| take(filter)).collect(),
            Request::Unsubscribe(list) => list.iter().map(|filter| take(filter)).collect(),
        };
        self.requests.push_back(Asked { identifier, subscribe, items });
    }

    /// A wanted filter cannot be asked for: those who wait for it end with that answer.
    pub fn refuse(&mut self, filter: &str, reason: ReasonCode, answers: &mut Vec<Answer>) {
        let Some(entry) = self.entries.iter_mut().find(|entry| *entry.filter == *filter) else {
            return;
        };
        let waiting = core::mem::take(&mut entry.waiting);
        entry.need = Need::Nothing;
        self.refused(filter, &waiting, reason, answers);
    }

    /// SUBACK or UNSUBACK. False when it does not answer anything, or not with one reason code for
    /// each filter [MQTT-3.8.4-6] [MQTT-3.11.3-1]; an UNSUBACK of 3.x has none.
    pub fn answered(
        &mut self,
        identifier: PacketIdentifier,
        subscribe: bool,
        codes: ReasonCodes<'_>,
        answers: &mut Vec<Answer>,
    ) -> bool {
        let Some(index) = self.requests.iter().position(|asked| {
            asked.identifier == identifier
                && asked.subscribe == subscribe
                && (codes.len() == asked.items.len() || (!subscribe && codes.is_empty()))
        }) else {
            return false;
        };
        let Some(asked) = self.requests.remove(index) else { return false };
        let codes = codes.iter().chain(core::iter::repeat(ReasonCode::SUCCESS));
        for (item, code) in asked.items.iter().zip(codes) {
            match (subscribe, code.is_error()) {
                (true, false) => self.granted(item, code, answers),
                (true, true) => self.refused(&item.filter, &item.tokens, code, answers),
                (false, _) => self.ended(item, code, answers),
            }
        }
        true
    }

    fn granted(&mut self, item: &Item, code: ReasonCode, answers: &mut Vec<Answer>) {
        let qos = QoS::from_value(code.value()).unwrap_or_default();
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.filter == item.filter) {
            entry.granted = true;
            answers.extend(item.tokens.iter().map(|token| Answer::Subscribed(*token, qos)));
        }
    }

    /// What the server granted before, in the same session, stays.
    fn refused(
        &mut self,
        filter: &str,
        tokens: &[u32],
        code: ReasonCode,
        answers: &mut Vec<Answer>,
    ) {
        let Some(index) = self.entries.iter().position(|entry| *entry.filter == *filter) else {
            return;
        };
        let Some(entry) = self.entries.get_mut(index) else { return };
        self.generation = self.generation.wrapping_add(1);
        let all = !entry.granted;
        let asked = |member: &u32| {
            let mut items = self.requests.iter().flat_map(|asked| &asked.items);
            items.any(|item| item.tokens.contains(member))
        };
        for member in core::mem::take(&mut entry.members) {
            if tokens.contains(&member) {
                answers.push(Answer::Refused(member, code));
            } else if all && !entry.waiting.contains(&member) && !asked(&member) {
                answers.push(Answer::Lost(member, code));
            } else {
                entry.members.push(member);
            }
        }
        if entry.members.is_empty() && entry.leaving.is_empty() && !entry.granted {
            self.entries.remove(index);
        }
    }

    fn ended(&mut self, item: &Item, code: ReasonCode, answers: &mut Vec<Answer>) {
        answers.extend(item.tokens.iter().map(|token| Answer::Unsubscribed(*token, code)));
        let Some(index) = self.entries.iter().position(|entry| entry.filter == item.filter) else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(index) {
            if entry.members.is_empty() && entry.need == Need::Nothing {
                self.entries.remove(index);
            } else if entry.need == Need::Subscribe {
                entry.granted = false;
            }
        }
    }

    /// The connection is lost: what was not answered has to be asked again, and its identifiers are
    /// free.
    pub fn connection_lost(&mut self, identifiers: &mut PacketIdentifiers) {
        for asked in core::mem::take(&mut self.requests) {
            identifiers.release(asked.identifier);
            for item in asked.items {
                let entry = self.entries.iter_mut().find(|entry| entry.filter == item.filter);
                let Some(entry) = entry else { continue };
                if asked.subscribe {
                    entry.waiting.extend(item.tokens);
                } else {
                    entry.leaving.extend(item.tokens);
                }
                entry.need =
                    if entry.members.is_empty() { Need::Unsubscribe } else { Need::Subscribe };
            }
        }
    }

    /// The server has no session: everything has to be asked for again, and what was being given up
    /// has ended.
    pub fn session_lost(&mut self, answers: &mut Vec<Answer>) {
        self.entries.retain_mut(|entry| {
            entry.granted = false;
            entry.need = Need::Subscribe;
            let left = entry.leaving.drain(..);
            answers.extend(left.map(|token| Answer::Unsubscribed(token, ReasonCode::SUCCESS)));
            !entry.members.is_empty()
        });
    }

    /// The subscriptions that a message with that topic belongs to.
    pub fn routes(&self, topic: TopicName<'_>, into: &mut Vec<u32>) {
        for entry in &self.entries {
            if TopicFilter::checked(&entry.filter).matches(topic) {
                into.extend_from_slice(&entry.members);
            }
        }
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
}

impl Asked {
    fn has(&self, filter: &str) -> bool {
        self.items.iter().any(|item| *item.filter == *filter)
    }
}

/// Filters in one packet. Packets share a frame, so several cost nothing; and some servers refuse
/// more than eight filters in one.
const BATCH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn filter(text: &str) -> TopicFilter<'_> {
        TopicFilter::new(text).unwrap()
    }

    fn id(value: u16) -> PacketIdentifier {
        PacketIdentifier::new(value).unwrap()
    }

    const AT_MOST: SubscriptionOptions = SubscriptionOptions::new(QoS::AtMostOnce);
    const EXACTLY: SubscriptionOptions = SubscriptionOptions::new(QoS::ExactlyOnce);

    fn send(subscriptions: &mut Subscriptions, identifier: u16) -> Request {
        let request = subscriptions.next_request().unwrap();
        subscriptions.requested(id(identifier), &request);
        request
    }

    fn answer(
        subscriptions: &mut Subscriptions,
        identifier: u16,
        subscribe: bool,
        codes: &[u8],
    ) -> Vec<Answer> {
        let mut answers = vec![];
        assert!(subscriptions.answered(
            id(identifier),
            subscribe,
            ReasonCodes(codes),
            &mut answers
        ));
        answers
    }

    #[test]
    fn filters_are_asked_for_together_and_answered_one_by_one() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.subscribe(1, filter("a"), AT_MOST);
        subscriptions.subscribe(2, filter("b"), EXACTLY);
        assert_eq!(
            send(&mut subscriptions, 1),
            Request::Subscribe(vec![("a".into(), AT_MOST), ("b".into(), EXACTLY)])
        );
        assert_eq!(subscriptions.next_request(), None);
        let mut answers = vec![];
        assert!(!subscriptions.answered(id(1), true, ReasonCodes(&[0]), &mut answers));
        assert!(!subscriptions.answered(id(2), true, ReasonCodes(&[0, 0]), &mut answers));
        let answers = answer(&mut subscriptions, 1, true, &[0x87, 1]);
        assert_eq!(
            answers,
            [
                Answer::Refused(1, ReasonCode::NOT_AUTHORIZED),
                Answer::Subscribed(2, QoS::AtLeastOnce)
            ]
        );
        let mut routes = vec![];
        subscriptions.routes(TopicName::new("a").unwrap(), &mut routes);
        subscriptions.routes(TopicName::new("b").unwrap(), &mut routes);
        assert_eq!(routes, [2]);
    }

    #[test]
    fn the_last_subscription_of_a_filter_unsubscribes() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.subscribe(1, filter("a"), AT_MOST);
        subscriptions.subscribe(2, filter("a"), EXACTLY);
        assert_eq!(send(&mut subscriptions, 1), Request::Subscribe(vec![("a".into(), EXACTLY)]));
        assert_eq!(answer(&mut subscriptions, 1, true, &[2]).len(), 2);
        let mut answers = vec![];
        assert!(subscriptions.unsubscribe(1, 3, &mut answers));
        assert_eq!(answers, [Answer::Unsubscribed(3, ReasonCode::SUCCESS)]);
        assert_eq!(subscriptions.next_request(), None);
        answers.clear();
        assert!(subscriptions.unsubscribe(2, 4, &mut answers));
        assert!(answers.is_empty() && !subscriptions.unsubscribe(2, 5, &mut answers));
        assert_eq!(send(&mut subscriptions, 2), Request::Unsubscribe(vec!["a".into()]));
        assert_eq!(
            answer(&mut subscriptions, 2, false, &[]),
            [Answer::Unsubscribed(4, ReasonCode::SUCCESS)]
        );
        assert!(subscriptions.entries.is_empty());
    }

    #[test]
    fn what_was_never_sent_ends_at_once() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.subscribe(1, filter("a"), AT_MOST);
        let mut answers = vec![];
        subscriptions.unsubscribe(1, 2, &mut answers);
        assert_eq!(answers, [Answer::Aborted(1), Answer::Unsubscribed(2, ReasonCode::SUCCESS)]);
        assert_eq!(subscriptions.next_request(), None);
    }

    #[test]
    fn an_unanswered_subscribe_is_repeated_and_a_granted_one_only_when_the_session_is_lost() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.subscribe(1, filter("a"), AT_MOST);
        send(&mut subscriptions, 1);
        answer(&mut subscriptions, 1, true, &[0]);
        subscriptions.subscribe(2, filter("b"), AT_MOST);
        send(&mut subscriptions, 2);
        let mut identifiers = PacketIdentifiers::default();
        assert_eq!((identifiers.take(), identifiers.take()), (Some(id(1)), Some(id(2))));
        subscriptions.connection_lost(&mut identifiers);
        assert!(identifiers.contains(id(1)) && !identifiers.contains(id(2)));
        assert_eq!(
            subscriptions.next_request(),
            Some(Request::Subscribe(vec![("b".into(), AT_MOST)]))
        );
        subscriptions.session_lost(&mut vec![]);
        send(&mut subscriptions, 3);
        let answers = answer(&mut subscriptions, 3, true, &[0x80, 0]);
        assert_eq!(
            answers,
            [
                Answer::Lost(1, ReasonCode::UNSPECIFIED_ERROR),
                Answer::Subscribed(2, QoS::AtMostOnce)
            ]
        );
    }

    #[test]
    fn subscribing_again_while_unsubscribing_ends_subscribed() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.subscribe(1, filter("a"), AT_MOST);
        send(&mut subscriptions, 1);
        answer(&mut subscriptions, 1, true, &[0]);
        subscriptions.unsubscribe(1, 2, &mut vec![]);
        send(&mut subscriptions, 2);
        subscriptions.subscribe(3, filter("a"), EXACTLY);
        assert_eq!(send(&mut subscriptions, 3), Request::Subscribe(vec![("a".into(), EXACTLY)]));
        assert_eq!(
            answer(&mut subscriptions, 2, false, &[0]),
            [Answer::Unsubscribed(2, ReasonCode::SUCCESS)]
        );
        assert_eq!(
            answer(&mut subscriptions, 3, true, &[2]),
            [Answer::Subscribed(3, QoS::ExactlyOnce)]
        );
        let mut routes = vec![];
        subscriptions.routes(TopicName::new("a").unwrap(), &mut routes);
        assert_eq!(routes, [3]);
    }
}
