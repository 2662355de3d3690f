//! Matching, beside the plain matcher of the codec.

use alloc::string::{String, ToString};
use alloc::vec;
use core::fmt::Write;

use proptest::prelude::*;

use super::routing::sort;
use super::*;
use crate::codec::TopicName;

const OPTIONS: SubscriptionOptions = SubscriptionOptions::new(QoS::AtMostOnce);

fn subscribe(subscriptions: &mut Subscriptions, id: u32, text: &str) {
    let filter = TopicFilter::checked(text);
    assert!(TopicFilter::new(text).is_ok(), "{text}");
    subscriptions.subscribe(id, filter, OPTIONS, id % 2 == 1, PropertiesBuf::new());
}

fn unsubscribe(subscriptions: &mut Subscriptions, id: u32) {
    assert!(subscriptions.unsubscribe(id, 0, PropertiesBuf::new(), &mut vec![]));
}

fn routes(subscriptions: &mut Subscriptions, topic: &str) -> Vec<u32> {
    let mut routes = vec![];
    subscriptions.routes(TopicName::checked(topic), &[], |id| routes.push(id));
    routes
}

/// What is subscribed to, without a tree.
#[derive(Default)]
struct Plain(Vec<(String, Vec<u32>)>);

impl Plain {
    fn subscribe(&mut self, id: u32, text: &str) {
        match self.0.iter_mut().find(|(filter, _)| filter == text) {
            Some((_, members)) => members.push(id),
            None => self.0.push((text.to_string(), vec![id])),
        }
    }

    fn unsubscribe(&mut self, id: u32) {
        self.0.iter_mut().for_each(|(_, members)| members.retain(|it| *it != id));
        self.0.retain(|(_, members)| !members.is_empty());
    }

    fn routes(&self, topic: &str) -> Vec<u32> {
        let topic = TopicName::checked(topic);
        let matches = |filter: &str| TopicFilter::checked(filter).matches(topic);
        let matching = self.0.iter().filter(|(filter, _)| matches(filter));
        matching.flat_map(|(_, members)| members.iter().copied()).collect()
    }
}

fn topic() -> impl Strategy<Value = String> {
    let level = prop_oneof![4 => "[ab]", 1 => Just(String::new()), 1 => Just("$".into())];
    let not_empty = |it: &String| !it.is_empty();
    prop::collection::vec(level, 1..6)
        .prop_map(|levels| levels.join("/"))
        .prop_filter("", not_empty)
}

fn filter() -> impl Strategy<Value = String> {
    let end = prop_oneof![2 => Just(""), 1 => Just("/#"), 1 => Just("/+")];
    let share = prop_oneof![4 => Just(""), 1 => Just("$share/g/"), 1 => Just("$share/h/")];
    (share, topic(), any::<[bool; 6]>(), end).prop_map(|(share, topic, wild, end)| {
        let levels = topic.split('/').zip(wild);
        let levels: Vec<_> = levels.map(|(it, wild)| if wild { "+" } else { it }).collect();
        let filter = alloc::format!("{}{end}", levels.join("/"));
        alloc::format!("{share}{}", if filter == "+/#" { "#" } else { &filter })
    })
}

proptest! {
    #[test]
    fn a_topic_goes_where_the_plain_matcher_says_and_in_the_order_of_the_filters(
        steps in prop::collection::vec((filter(), any::<prop::sample::Index>(), 0..3), 1..40),
        topics in prop::collection::vec(topic(), 1..20),
    ) {
        let (mut subscriptions, mut plain) = (Subscriptions::default(), Plain::default());
        let mut ids = vec![];
        for (id, (filter, index, leave)) in (1..).zip(&steps) {
            subscribe(&mut subscriptions, id, filter);
            plain.subscribe(id, filter);
            ids.push(id);
            if *leave == 0 {
                let id = ids.swap_remove(index.index(ids.len()));
                unsubscribe(&mut subscriptions, id);
                plain.unsubscribe(id);
            }
            for topic in &topics {
                let expected = plain.routes(topic);
                prop_assert_eq!(&routes(&mut subscriptions, topic), &expected, "{}", topic);
                let manual = expected.iter().filter(|id| *id % 2 == 1).count();
                let topic = TopicName::new(topic).unwrap();
                prop_assert_eq!(subscriptions.manual_routes(topic, &[]) as usize, manual);
            }
        }
        for id in ids {
            unsubscribe(&mut subscriptions, id);
        }
        prop_assert!(subscriptions.entries.is_empty());
        prop_assert_eq!(subscriptions.trie.len(), 0);
    }

    #[test]
    fn places_are_sorted(mut list in prop::collection::vec(0..99_u32, 0..99)) {
        let mut expected = list.clone();
        expected.sort_unstable();
        sort(&mut list);
        prop_assert_eq!(list, expected);
    }
}

/// As long as a Topic Name can be [MQTT-4.7.3-3].
const LONGEST: usize = 65_535;

#[test]
fn the_deepest_topic_meets_the_deepest_filters() {
    let slashes = "/".repeat(LONGEST);
    let single = alloc::format!("+{}", "/+".repeat(LONGEST / 2));
    let half = "/".repeat(LONGEST / 2);
    let multi = alloc::format!("{}/#", "/".repeat(LONGEST - 2));
    let mut subscriptions = Subscriptions::default();
    for (id, filter) in (1..).zip([&slashes, &single, &half, &multi, "#"]) {
        subscribe(&mut subscriptions, id, filter);
    }
    assert_eq!(routes(&mut subscriptions, &slashes), [1, 4, 5]);
    assert_eq!(routes(&mut subscriptions, &half), [2, 3, 5]);
    for id in 1..=5 {
        unsubscribe(&mut subscriptions, id);
    }
    assert_eq!(subscriptions.trie.len(), 0);
}

/// Levels that a literal and `+` both take: two to the power of their number are the ways through them,
/// but only those are gone that lead to a filter.
#[test]
fn ways_that_lead_to_no_filter_are_not_gone() {
    let depth = 10_000;
    let topic = alloc::format!("a{}", "/a".repeat(depth));
    let mut subscriptions = Subscriptions::default();
    let mut expected = vec![];
    for id in 0..64 {
        let mut filter = String::from(if id % 2 == 0 { "a" } else { "+" });
        for level in 0..depth {
            filter.push_str(if id * level % 7 < 3 { "/a" } else { "/+" });
        }
        if id % 4 < 2 {
            expected.push(id as u32);
        } else {
            filter.push_str("/b");
        }
        // Of the same filter there is one more, which comes after it.
        subscribe(&mut subscriptions, id as u32, &filter);
    }
    let mut found = routes(&mut subscriptions, &topic);
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn every_way_is_gone_where_each_leads_to_a_filter() {
    let mut subscriptions = Subscriptions::default();
    for id in 0..4096_u32 {
        let mut filter = String::from("x");
        for bit in 0..12 {
            write!(filter, "/{}", if id >> bit & 1 == 1 { '+' } else { 'a' }).unwrap();
        }
        subscribe(&mut subscriptions, id, &filter);
    }
    let all: Vec<u32> = (0..4096).collect();
    assert_eq!(routes(&mut subscriptions, "x/a/a/a/a/a/a/a/a/a/a/a/a"), all);
    assert_eq!(routes(&mut subscriptions, "x/b/a/a/a/a/a/a/a/a/a/a/a").len(), 2048);
    assert_eq!(routes(&mut subscriptions, "x/a/a/a/a/a/a/a/a/a/a/a/a/a"), []);
}

#[test]
fn what_has_gone_takes_no_more_room_than_what_is_there() {
    let mut subscriptions = Subscriptions::default();
    let filter = |id: u32| alloc::format!("a/b{id}/c");
    for id in 1..=10_000 {
        subscribe(&mut subscriptions, id, &filter(id));
        if id > 10 {
            unsubscribe(&mut subscriptions, id - 10);
        }
        assert!(subscriptions.entries.len() <= 24 && subscriptions.trie.len() <= 2 + 2 * 24);
        assert_eq!(routes(&mut subscriptions, "a/b1/c"), if id <= 10 { vec![1] } else { vec![] });
    }
    assert_eq!(routes(&mut subscriptions, "a/b10000/c"), [10_000]);
}
