//! Which subscriptions a message belongs to: by its Subscription Identifiers where it has any (5.0,
//! 3.3.4), else by its topic. It does not know who subscribed.

use alloc::vec::Vec;

use super::requests::BATCH;
use super::{Entry, Subscriptions};
use crate::codec::{TopicFilter, TopicName};

impl Subscriptions {
    /// The subscriptions that a message with that topic and those identifiers belongs to. A server
    /// may send a message once for each filter that matches: the identifier says for which.
    pub fn routes(&self, topic: TopicName<'_>, identifiers: &[u32], into: &mut Vec<u32>) {
        self.matching(topic, identifiers, |entry| {
            into.extend(entry.members.iter().map(|member| member.id));
        });
    }

    /// How many of them acknowledge by hand.
    #[must_use]
    pub fn manual_routes(&self, topic: TopicName<'_>, identifiers: &[u32]) -> u32 {
        let mut count = 0;
        if self.manual > 0 {
            self.matching(topic, identifiers, |entry| {
                count += entry.members.iter().filter(|member| member.manual).count();
            });
        }
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Whether a subscription acknowledges by hand.
    #[must_use]
    pub fn has_manual(&self) -> bool {
        self.manual > 0
    }

    fn matching(&self, topic: TopicName<'_>, identifiers: &[u32], mut found: impl FnMut(&Entry)) {
        let by_topic = |entry: &&Entry| TopicFilter::checked(&entry.filter).matches(topic);
        let mut any = false;
        for entry in self.entries.iter().filter(|it| identifiers.contains(&it.identifier)) {
            if by_topic(&entry) {
                any = true;
                found(entry);
            }
        }
        // What is unknown may be of an earlier life of the session, and must not get lost; what was
        // given up here was meant for nobody else.
        let given_up = |it: &u32| self.given_up.contains(it);
        if any || !identifiers.is_empty() && identifiers.iter().all(given_up) {
            return;
        }
        self.entries.iter().filter(by_topic).for_each(found);
    }

    /// The identifier of a new filter. Filters of which no topic matches two share one: one packet
    /// can ask for all of them.
    pub(super) fn identify(&mut self, filter: TopicFilter<'_>) -> u32 {
        let mut sharing =
            self.entries.iter().filter(|entry| entry.identifier == self.last_identifier);
        let alone = |entry: &Entry| overlap(TopicFilter::checked(&entry.filter), filter);
        let shared =
            self.last_identifier > 0 && sharing.clone().count() < BATCH && !sharing.any(alone);
        if !shared {
            self.last_identifier = self.last_identifier % LAST_IDENTIFIER + 1;
            self.given_up.retain(|it| *it != self.last_identifier);
        }
        self.last_identifier
    }

    /// A filter has gone that had that identifier.
    pub(super) fn give_up(&mut self, identifier: u32) {
        if self.entries.iter().any(|entry| entry.identifier == identifier) {
            return;
        }
        if self.given_up.len() >= GIVEN_UP {
            self.given_up.pop_front();
        }
        self.given_up.push_back(identifier);
    }
}

/// Whether there is a topic that both match. A shared subscription is what it matches.
fn overlap(a: TopicFilter<'_>, b: TopicFilter<'_>) -> bool {
    let mut left = a.inner().split('/');
    let mut right = b.inner().split('/');
    loop {
        match (left.next(), right.next()) {
            (Some("#"), _) | (_, Some("#")) | (None, None) => return true,
            (Some(a), Some(b)) if a == b || a == "+" || b == "+" => {}
            _ => return false,
        }
    }
}

/// Greatest Subscription Identifier (3.8.2.1.2).
const LAST_IDENTIFIER: u32 = 268_435_455;

/// Identifiers given up that are remembered.
const GIVEN_UP: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_overlap_where_one_topic_matches_both() {
        let overlaps = |a, b| overlap(TopicFilter::new(a).unwrap(), TopicFilter::new(b).unwrap());
        for (a, b) in [
            ("a", "a"),
            ("#", "a/b"),
            ("a/+", "+/b"),
            ("a/#", "a"),
            ("a/+/c", "a/b/#"),
            ("$share/g/a/+", "a/b"),
        ] {
            assert!(overlaps(a, b) && overlaps(b, a), "{a} {b}");
        }
        for (a, b) in [("a", "b"), ("a/+", "a"), ("a/b", "a/b/c"), ("a/+/c", "a/b/d/#")] {
            assert!(!overlaps(a, b) && !overlaps(b, a), "{a} {b}");
        }
    }
}
