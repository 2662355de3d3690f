//! SUBSCRIBE and UNSUBSCRIBE, and what their answers mean. It does not know whose subscriptions they
//! are.

use alloc::vec::Vec;

use super::{Answer, Asked, Entry, Item, Need, Request, Subscriptions};
use crate::codec::{PacketIdentifier, QoS, ReasonCode, ReasonCodes};

impl Subscriptions {
    /// What is to be sent next: at most eight filters of one kind, those given up first. Those of one
    /// SUBSCRIBE have the same Subscription Identifier where `identified`.
    #[must_use]
    pub fn next_request(&self, identified: bool) -> Option<Request> {
        if let Some(first) = self.entries.iter().find(|it| it.need == Need::Unsubscribe) {
            let list = self.alike(first, false).map(|entry| entry.filter.clone()).collect();
            return Some(Request::Unsubscribe { properties: first.properties.clone(), list });
        }
        let first = self.entries.iter().find(|it| it.need == Need::Subscribe)?;
        let list = self.alike(first, identified).map(|it| (it.filter.clone(), it.options));
        Some(Request::Subscribe {
            identifier: first.identifier,
            properties: first.properties.clone(),
            list: list.collect(),
        })
    }

    /// Those that can go into one packet with `first`.
    fn alike(&self, first: &Entry, identified: bool) -> impl Iterator<Item = &Entry> {
        let alike = move |entry: &&Entry| {
            entry.need == first.need
                && entry.properties == first.properties
                && (!identified || entry.identifier == first.identifier)
        };
        self.entries.iter().filter(alike).take(BATCH)
    }

    /// What [`Subscriptions::next_request`] gave was sent under that identifier.
    pub fn requested(&mut self, identifier: PacketIdentifier, request: &Request) {
        let subscribe = matches!(request, Request::Subscribe { .. });
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
            Request::Subscribe { list, .. } => {
                list.iter().map(|(filter, _)| take(filter)).collect()
            }
            Request::Unsubscribe { list, .. } => list.iter().map(|filter| take(filter)).collect(),
        };
        self.requests.push_back(Asked { identifier, subscribe, items });
    }

    /// A filter cannot be asked for, or not be given up: those who wait end with that answer.
    pub fn refuse(&mut self, filter: &str, reason: ReasonCode, answers: &mut Vec<Answer>) {
        let Some(index) = self.entries.iter().position(|entry| *entry.filter == *filter) else {
            return;
        };
        let Some(entry) = self.entries.get_mut(index) else { return };
        if core::mem::replace(&mut entry.need, Need::Nothing) == Need::Unsubscribe {
            let left = entry.leaving.drain(..);
            answers.extend(left.map(|token| Answer::Unsubscribed(token, reason)));
            self.remove(index);
            return;
        }
        let waiting = core::mem::take(&mut entry.waiting);
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
            entry.overtaken(answers);
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
            if tokens.contains(&member.id) {
                answers.push(Answer::Refused(member.id, code));
            } else if all && !entry.waiting.contains(&member.id) && !asked(&member.id) {
                answers.push(Answer::Lost(member.id, code));
            } else {
                entry.members.push(member);
                continue;
            }
            self.manual -= usize::from(member.manual);
        }
        entry.overtaken(answers);
        if entry.members.is_empty() && entry.leaving.is_empty() && !entry.granted {
            self.remove(index);
        }
    }

    fn ended(&mut self, item: &Item, code: ReasonCode, answers: &mut Vec<Answer>) {
        answers.extend(item.tokens.iter().map(|token| Answer::Unsubscribed(*token, code)));
        let Some(index) = self.entries.iter().position(|entry| entry.filter == item.filter) else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(index) {
            if entry.members.is_empty() && entry.need == Need::Nothing {
                self.remove(index);
            } else if entry.need == Need::Subscribe {
                entry.granted = false;
            }
        }
    }
}

impl Entry {
    /// Those who gave the filter up have left when it is asked for again instead: no UNSUBSCRIBE will
    /// be sent for them.
    fn overtaken(&mut self, answers: &mut Vec<Answer>) {
        if self.need != Need::Unsubscribe {
            let left = self.leaving.drain(..);
            answers.extend(left.map(|token| Answer::Unsubscribed(token, ReasonCode::SUCCESS)));
        }
    }
}

impl Asked {
    pub(super) fn has(&self, filter: &str) -> bool {
        self.items.iter().any(|item| *item.filter == *filter)
    }
}

/// Filters in one packet. Packets share a frame, so several cost nothing; and some servers refuse
/// more than eight filters in one.
pub(super) const BATCH: usize = 8;
