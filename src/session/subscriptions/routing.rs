//! Which subscriptions a message belongs to: by its Subscription Identifiers where it has any (5.0,
//! 3.3.4), else by its topic. It does not know who subscribed.

use core::cell::Cell;

use super::requests::BATCH;
use super::{Entry, Subscriptions};
use crate::codec::{TopicFilter, TopicName, levels};

impl Subscriptions {
    /// The subscriptions that a message with that topic and those identifiers belongs to, those of the
    /// filter first that came first. A server may send a message once for each filter that matches:
    /// the identifier says for which.
    pub fn routes(&mut self, topic: TopicName<'_>, identifiers: &[u32], mut to: impl FnMut(u32)) {
        let entries = self.matching(topic, identifiers);
        entries.flat_map(|entry| &entry.members).for_each(|member| to(member.id));
    }

    /// How many of them acknowledge by hand.
    #[must_use]
    pub fn manual_routes(&mut self, topic: TopicName<'_>, identifiers: &[u32]) -> u32 {
        if self.manual == 0 {
            return 0;
        }
        let members = self.matching(topic, identifiers).flat_map(|entry| &entry.members);
        members.filter(|member| member.manual).count() as u32
    }

    /// Whether a subscription acknowledges by hand.
    #[must_use]
    pub fn has_manual(&self) -> bool {
        self.manual > 0
    }

    fn matching(
        &mut self,
        topic: TopicName<'_>,
        identifiers: &[u32],
    ) -> impl Iterator<Item = &Entry> {
        self.found.clear();
        self.trie.matching(topic.as_str(), &mut self.found);
        sort(&mut self.found);
        let entry = |place: &u32| self.entries.get(*place as usize);
        let named = |entry: &Entry| identifiers.contains(&entry.identifier);
        let any = !identifiers.is_empty() && self.found.iter().filter_map(entry).any(named);
        // What is unknown may be of an earlier life of the session, and must not get lost; what was
        // given up here was meant for nobody else.
        let given_up = |it: &u32| self.given_up.contains(it);
        if !any && !identifiers.is_empty() && identifiers.iter().all(given_up) {
            self.found.clear();
        }
        let entries = self.found.iter().filter_map(|place| self.entries.get(*place as usize));
        entries.filter(move |entry| !any || identifiers.contains(&entry.identifier))
    }

    /// The identifier of a new filter. Filters of which no topic matches two share one: one packet
    /// can ask for all of them.
    pub(super) fn identify(&mut self, filter: TopicFilter<'_>) -> u32 {
        // They came last; where a filter has gone there is no identifier.
        let last = self.entries.iter().rev().filter(|it| it.identifier > 0);
        let mut sharing = last.take_while(|it| it.identifier == self.last_identifier);
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
            self.given_up.remove(0);
        }
        self.given_up.push(identifier);
    }
}

/// Sorts as a bubble sort does, but over gaps that shrink to one: a comb sort. It is a tenth of the code
/// of the library's.
pub(super) fn sort(list: &mut [u32]) {
    let list = Cell::from_mut(list).as_slice_of_cells();
    let mut gap = list.len();
    let mut again = gap > 1;
    while again {
        gap = (gap * 10 / 13).max(1);
        again = gap > 1;
        for (left, right) in list.iter().zip(list.iter().skip(gap)) {
            if left > right {
                left.swap(right);
                again = true;
            }
        }
    }
}

/// Whether there is a topic that both match. A shared subscription is what it matches.
fn overlap(a: TopicFilter<'_>, b: TopicFilter<'_>) -> bool {
    let mut left = levels(a.inner());
    let mut right = levels(b.inner());
    loop {
        match (left.next(), right.next()) {
            (Some(b"#"), _) | (_, Some(b"#")) | (None, None) => return true,
            (Some(a), Some(b)) if a == b || a == b"+" || b == b"+" => {}
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
