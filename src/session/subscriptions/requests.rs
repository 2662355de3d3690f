//! SUBSCRIBE and UNSUBSCRIBE, and what their answers mean. It does not know whose subscriptions they
//! are.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::Suspicion;
use super::{Answer, Asked, Entry, Item, Need, Request, Subscriptions};
use crate::codec::{PacketIdentifier, QoS, ReasonCode, ReasonCodes};

impl Subscriptions {
    /// What is to be sent next: at most eight filters of one kind, those given up first. Those of one
    /// SUBSCRIBE have the same Subscription Identifier where `identified`. What may end the connection
    /// is left out.
    #[must_use]
    pub fn next_request(&mut self, identified: bool) -> Option<Request> {
        while self.entries.get(self.due_from).is_some_and(|it| it.need == Need::Nothing) {
            self.due_from += 1;
        }
        let next = |need| self.due().find(|it| it.need == need && !it.suspicion.exists());
        let first = next(Need::Unsubscribe).or_else(|| next(Need::Subscribe))?;
        Some(self.request(first, identified))
    }

    /// What may end the connection, the least suspected first. It is to be sent when nothing else is
    /// unanswered: then the connection that ends is put down to it alone.
    #[must_use]
    pub fn next_suspect(&self, identified: bool) -> Option<(Suspicion, Request)> {
        let due = |it: &&Entry| it.need != Need::Nothing && it.suspicion.exists();
        let first = self.due().filter(due).min_by_key(|it| it.suspicion)?;
        Some((first.suspicion, self.request(first, identified)))
    }

    /// Whether something is to be asked for.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due().any(|it| it.need != Need::Nothing)
    }

    /// Whether a packet was sent and not answered.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        !self.requests.is_empty()
    }

    fn request(&self, first: &Entry, identified: bool) -> Request {
        let subscribe = first.need == Need::Subscribe;
        let list = self.alike(first, subscribe && identified);
        Request {
            subscribe,
            identifier: if subscribe { first.identifier } else { 0 },
            properties: first.properties.clone(),
            list: list.map(|it| (it.filter.clone(), it.options)).collect(),
        }
    }

    /// Those that can go into one packet with `first`.
    fn alike(&self, first: &Entry, identified: bool) -> impl Iterator<Item = &Entry> {
        let alike = move |entry: &&Entry| {
            entry.need == first.need
                && entry.suspicion.is_like(first.suspicion)
                && entry.properties == first.properties
                && (!identified || entry.identifier == first.identifier)
        };
        let most = if first.suspicion.is_alone() { 1 } else { BATCH };
        // The first of them is `first`: both go by the order of the entries.
        self.entries.iter().filter(alike).take(most)
    }

    fn due(&self) -> core::slice::Iter<'_, Entry> {
        self.entries.get(self.due_from..).unwrap_or_default().iter()
    }

    /// What [`Subscriptions::next_request`] or [`Subscriptions::next_suspect`] gave was sent under that
    /// identifier at that time, in milliseconds. True when it may end the connection.
    pub fn requested(&mut self, identifier: PacketIdentifier, request: &Request, now: u64) -> bool {
        let subscribe = request.subscribe;
        let mut suspected = false;
        let take = |(filter, _): &(Box<str>, _)| {
            let tokens = self.entry(filter).map(|entry| {
                suspected |= entry.suspicion.exists();
                entry.need = Need::Nothing;
                core::mem::take(if subscribe { &mut entry.waiting } else { &mut entry.leaving })
            });
            Item { filter: filter.clone(), tokens: tokens.unwrap_or_default() }
        };
        let items = request.list.iter().map(take).collect();
        self.requests.push(Asked { identifier, subscribe, items, sent: now });
        suspected
    }

    /// A filter cannot be asked for, or not be given up: those who wait end with that answer.
    pub fn refuse(&mut self, filter: &str, reason: Option<ReasonCode>, answers: &mut Vec<Answer>) {
        let Some(index) = self.position(filter) else { return };
        let Some(entry) = self.entries.get_mut(index) else { return };
        entry.suspicion.clear();
        if core::mem::replace(&mut entry.need, Need::Nothing) == Need::Unsubscribe {
            let left = entry.leaving.drain(..);
            answers.extend(left.map(|token| Answer::Refused(token, reason)));
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
        let last = self.requests.pop();
        let asked = match (self.requests.get_mut(index), last) {
            (Some(asked), Some(last)) => core::mem::replace(asked, last),
            (None, Some(last)) => last,
            _ => return false,
        };
        let codes = codes.iter().chain(core::iter::repeat(ReasonCode::SUCCESS));
        for (item, code) in asked.items.iter().zip(codes) {
            match (subscribe, code.is_error()) {
                (true, false) => self.granted(item, code, answers),
                (true, true) => self.refused(&item.filter, &item.tokens, Some(code), answers),
                (false, _) => self.ended(item, code, answers),
            }
        }
        true
    }

    fn granted(&mut self, item: &Item, code: ReasonCode, answers: &mut Vec<Answer>) {
        let qos = QoS::from_value(code.value()).unwrap_or_default();
        if let Some(entry) = self.entry(&item.filter) {
            entry.granted = true;
            entry.suspicion.clear();
            answers.extend(item.tokens.iter().map(|token| Answer::Subscribed(*token, qos)));
            entry.overtaken(answers);
        }
    }

    /// What the server granted before, in the same session, stays.
    fn refused(
        &mut self,
        filter: &str,
        tokens: &[u32],
        code: Option<ReasonCode>,
        answers: &mut Vec<Answer>,
    ) {
        let Some(index) = self.position(filter) else { return };
        let Some(entry) = self.entries.get_mut(index) else { return };
        self.generation = self.generation.wrapping_add(1);
        entry.suspicion.clear();
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
        let Some(index) = self.position(&item.filter) else { return };
        if let Some(entry) = self.entries.get_mut(index) {
            entry.suspicion.clear();
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
            self.leave(answers);
        }
    }

    /// Those who gave the filter up have left.
    pub(super) fn leave(&mut self, answers: &mut Vec<Answer>) {
        let left = self.leaving.drain(..);
        answers.extend(left.map(|token| Answer::Unsubscribed(token, ReasonCode::SUCCESS)));
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
