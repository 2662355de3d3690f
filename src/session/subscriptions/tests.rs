//! Subscriptions by themselves.

use alloc::string::String;
use alloc::vec;

use super::*;
use crate::codec::{ReasonCodes, TopicName};

fn filter(text: &str) -> TopicFilter<'_> {
    TopicFilter::new(text).unwrap()
}

fn id(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).unwrap()
}

const AT_MOST: SubscriptionOptions = SubscriptionOptions::new(QoS::AtMostOnce);
const EXACTLY: SubscriptionOptions = SubscriptionOptions::new(QoS::ExactlyOnce);

fn subscribe(
    subscriptions: &mut Subscriptions,
    id: u32,
    filter: TopicFilter<'_>,
    options: SubscriptionOptions,
) {
    subscriptions.subscribe(id, filter, options, false, PropertiesBuf::new());
}

fn asked(list: Vec<(Box<str>, SubscriptionOptions)>) -> Request {
    Request { subscribe: true, identifier: 1, properties: PropertiesBuf::new(), list }
}

fn send(subscriptions: &mut Subscriptions, identifier: u16) -> Request {
    let request = subscriptions.next_request(true).unwrap();
    subscriptions.requested(id(identifier), &request, 0);
    request
}

fn answer(
    subscriptions: &mut Subscriptions,
    identifier: u16,
    subscribe: bool,
    codes: &[u8],
) -> Vec<Answer> {
    let mut answers = vec![];
    assert!(subscriptions.answered(id(identifier), subscribe, ReasonCodes(codes), &mut answers));
    answers
}

#[test]
fn filters_are_asked_for_together_and_answered_one_by_one() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    subscribe(&mut subscriptions, 2, filter("b"), EXACTLY);
    assert_eq!(
        send(&mut subscriptions, 1),
        asked(vec![("a".into(), AT_MOST), ("b".into(), EXACTLY)])
    );
    assert_eq!(subscriptions.next_request(true), None);
    let mut answers = vec![];
    assert!(!subscriptions.answered(id(1), true, ReasonCodes(&[0]), &mut answers));
    assert!(!subscriptions.answered(id(2), true, ReasonCodes(&[0, 0]), &mut answers));
    let answers = answer(&mut subscriptions, 1, true, &[0x87, 1]);
    assert_eq!(
        answers,
        [
            Answer::Refused(1, Some(ReasonCode::NOT_AUTHORIZED)),
            Answer::Subscribed(2, QoS::AtLeastOnce)
        ]
    );
    assert_eq!(routes(&mut subscriptions, "a", &[]), []);
    assert_eq!(routes(&mut subscriptions, "b", &[]), [2]);
}

#[test]
fn the_last_subscription_of_a_filter_unsubscribes() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    subscribe(&mut subscriptions, 2, filter("a"), EXACTLY);
    assert_eq!(send(&mut subscriptions, 1), asked(vec![("a".into(), EXACTLY)]));
    assert_eq!(answer(&mut subscriptions, 1, true, &[2]).len(), 2);
    let mut answers = vec![];
    assert!(subscriptions.unsubscribe(1, 3, PropertiesBuf::new(), &mut answers));
    assert_eq!(answers, [Answer::Unsubscribed(3, ReasonCode::SUCCESS)]);
    assert_eq!(subscriptions.next_request(true), None);
    answers.clear();
    assert!(subscriptions.unsubscribe(2, 4, PropertiesBuf::new(), &mut answers));
    assert!(
        answers.is_empty() && !subscriptions.unsubscribe(2, 5, PropertiesBuf::new(), &mut answers)
    );
    assert_eq!(
        send(&mut subscriptions, 2),
        Request { subscribe: false, identifier: 0, ..asked(vec![("a".into(), EXACTLY)]) }
    );
    assert_eq!(
        answer(&mut subscriptions, 2, false, &[]),
        [Answer::Unsubscribed(4, ReasonCode::SUCCESS)]
    );
    assert!(subscriptions.entries.is_empty());
}

#[test]
fn what_was_never_sent_ends_at_once() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    let mut answers = vec![];
    subscriptions.unsubscribe(1, 2, PropertiesBuf::new(), &mut answers);
    assert_eq!(answers, [Answer::Aborted(1), Answer::Unsubscribed(2, ReasonCode::SUCCESS)]);
    assert_eq!(subscriptions.next_request(true), None);
}

#[test]
fn an_unanswered_subscribe_is_repeated_and_a_granted_one_only_when_the_session_is_lost() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    send(&mut subscriptions, 1);
    answer(&mut subscriptions, 1, true, &[0]);
    subscribe(&mut subscriptions, 2, filter("b"), AT_MOST);
    send(&mut subscriptions, 2);
    let mut identifiers = PacketIdentifiers::default();
    assert_eq!((identifiers.take(), identifiers.take()), (Some(id(1)), Some(id(2))));
    subscriptions.connection_lost(None, &mut identifiers, &mut vec![]);
    assert!(identifiers.contains(id(1)) && !identifiers.contains(id(2)));
    assert_eq!(subscriptions.next_request(true), Some(asked(vec![("b".into(), AT_MOST)])));
    subscriptions.session_lost(&mut vec![]);
    send(&mut subscriptions, 3);
    let answers = answer(&mut subscriptions, 3, true, &[0x80, 0]);
    assert_eq!(
        answers,
        [
            Answer::Lost(1, Some(ReasonCode::UNSPECIFIED_ERROR)),
            Answer::Subscribed(2, QoS::AtMostOnce)
        ]
    );
}

#[test]
fn subscribing_again_while_unsubscribing_ends_subscribed() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    send(&mut subscriptions, 1);
    answer(&mut subscriptions, 1, true, &[0]);
    subscriptions.unsubscribe(1, 2, PropertiesBuf::new(), &mut vec![]);
    send(&mut subscriptions, 2);
    subscribe(&mut subscriptions, 3, filter("a"), EXACTLY);
    assert_eq!(send(&mut subscriptions, 3), asked(vec![("a".into(), EXACTLY)]));
    assert_eq!(
        answer(&mut subscriptions, 2, false, &[0]),
        [Answer::Unsubscribed(2, ReasonCode::SUCCESS)]
    );
    assert_eq!(
        answer(&mut subscriptions, 3, true, &[2]),
        [Answer::Subscribed(3, QoS::ExactlyOnce)]
    );
    assert_eq!(routes(&mut subscriptions, "a", &[]), [3]);
}

#[test]
fn giving_up_ends_also_where_subscribing_again_overtakes_it() {
    for code in [0, 0x80] {
        let mut subscriptions = Subscriptions::default();
        subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
        send(&mut subscriptions, 1);
        answer(&mut subscriptions, 1, true, &[0]);
        subscriptions.unsubscribe(1, 2, PropertiesBuf::new(), &mut vec![]);
        subscribe(&mut subscriptions, 3, filter("a"), EXACTLY);
        assert_eq!(send(&mut subscriptions, 2), asked(vec![("a".into(), EXACTLY)]));
        let answers = answer(&mut subscriptions, 2, true, &[code]);
        assert!(answers.contains(&Answer::Unsubscribed(2, ReasonCode::SUCCESS)), "{answers:?}");
        assert_eq!(subscriptions.next_request(true), None);
    }
}

#[test]
fn giving_up_twice_ends_twice_though_the_connection_is_lost_between() {
    let mut subscriptions = Subscriptions::default();
    let mut identifiers = PacketIdentifiers::default();
    for (subscription, number) in [(1, 1), (3, 3)] {
        subscribe(&mut subscriptions, subscription, filter("a"), AT_MOST);
        send(&mut subscriptions, number);
        subscriptions.unsubscribe(
            subscription,
            subscription + 1,
            PropertiesBuf::new(),
            &mut vec![],
        );
        send(&mut subscriptions, number + 1);
    }
    answer(&mut subscriptions, 1, true, &[0]);
    let first = answer(&mut subscriptions, 2, false, &[0]);
    assert_eq!(first, [Answer::Unsubscribed(2, ReasonCode::SUCCESS)]);
    subscriptions.connection_lost(None, &mut identifiers, &mut vec![]);
    let mut answers = vec![];
    subscriptions.session_lost(&mut answers);
    assert_eq!(answers, [Answer::Unsubscribed(4, ReasonCode::SUCCESS)]);
}

#[test]
fn giving_up_that_cannot_be_sent_ends_and_lets_others_pass() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    send(&mut subscriptions, 1);
    answer(&mut subscriptions, 1, true, &[0]);
    subscriptions.unsubscribe(1, 2, PropertiesBuf::new(), &mut vec![]);
    subscribe(&mut subscriptions, 3, filter("b"), AT_MOST);
    let mut answers = vec![];
    subscriptions.refuse("a", Some(ReasonCode::PACKET_TOO_LARGE), &mut answers);
    assert_eq!(answers, [Answer::Refused(2, Some(ReasonCode::PACKET_TOO_LARGE))]);
    assert_eq!(send(&mut subscriptions, 2), asked(vec![("b".into(), AT_MOST)]));
}

/// The filters that are asked for next when nothing is unanswered.
fn filters(subscriptions: &mut Subscriptions) -> Vec<Box<str>> {
    let next = subscriptions.next_request(false);
    let next = next.or_else(|| subscriptions.next_suspect(false).map(|(_, request)| request));
    next.into_iter().flat_map(|it| it.list).map(|(filter, _)| filter).collect()
}

#[test]
fn what_ends_connections_is_asked_for_apart_and_then_given_up() {
    let mut subscriptions = Subscriptions::default();
    let mut identifiers = PacketIdentifiers::default();
    for (id, name) in (1..).zip(["a", "b", "bad"]) {
        subscribe(&mut subscriptions, id, filter(name), AT_MOST);
    }
    let mut log = vec![];
    for number in 1..=5 {
        let mut answers = vec![];
        subscriptions.session_lost(&mut answers);
        loop {
            let asked = filters(&mut subscriptions);
            log.push((number, asked.join(" ")));
            let request = subscriptions.next_request(false);
            let request =
                request.or_else(|| subscriptions.next_suspect(false).map(|(_, request)| request));
            let identifier = identifiers.take().unwrap();
            subscriptions.requested(identifier, &request.unwrap(), 1000);
            if asked.iter().any(|filter| &**filter == "bad") {
                break;
            }
            let codes = vec![0; asked.len()];
            let codes = ReasonCodes(&codes);
            assert!(subscriptions.answered(identifier, true, codes, &mut answers));
        }
        let refused = [Answer::Refused(3, None)];
        let mut answers = vec![];
        subscriptions.connection_lost(Some(1000), &mut identifiers, &mut answers);
        assert_eq!(answers, if number < 5 { &refused[..0] } else { &refused[..] });
    }
    let expected = [
        (1, "a b bad"),
        (2, "a b bad"),
        (3, "a b bad"),
        (4, "a"),
        (4, "b"),
        (4, "bad"),
        (5, "a b"),
        (5, "bad"),
    ];
    assert_eq!(log, expected.map(|(number, asked)| (number, String::from(asked))));
    subscriptions.session_lost(&mut vec![]);
    assert_eq!(filters(&mut subscriptions), ["a".into(), "b".into()]);
}

#[test]
fn the_end_of_a_subscription_that_ends_connections_is_given_up_too() {
    let mut subscriptions = Subscriptions::default();
    let mut identifiers = PacketIdentifiers::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    send(&mut subscriptions, 1);
    answer(&mut subscriptions, 1, true, &[0]);
    subscriptions.unsubscribe(1, 2, PropertiesBuf::new(), &mut vec![]);
    let mut answers = vec![];
    for _ in 0..5 {
        assert!(answers.is_empty());
        assert_eq!(filters(&mut subscriptions), ["a".into()]);
        let request = subscriptions.next_request(false);
        let request = request.or_else(|| subscriptions.next_suspect(false).map(|(_, it)| it));
        subscriptions.requested(identifiers.take().unwrap(), &request.unwrap(), 1000);
        subscriptions.connection_lost(Some(1000), &mut identifiers, &mut answers);
    }
    assert_eq!(answers, [Answer::Refused(2, None)]);
    assert!(filters(&mut subscriptions).is_empty());
}

#[test]
fn a_connection_that_ends_late_or_for_another_reason_is_put_down_to_nothing() {
    let mut subscriptions = Subscriptions::default();
    let mut identifiers = PacketIdentifiers::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    let ends = [(Some(1000), false), (Some(1000), true), (None, true), (Some(1001), false)];
    for (soon, suspected) in ends {
        let suspect = subscriptions.next_suspect(true).map(|(_, request)| request);
        let request = suspect.or_else(|| subscriptions.next_request(true)).unwrap();
        subscriptions.requested(identifiers.take().unwrap(), &request, 1000);
        let mut answers = vec![];
        subscriptions.connection_lost(soon, &mut identifiers, &mut answers);
        assert!(answers.is_empty());
        assert_eq!(subscriptions.next_suspect(true).is_some(), suspected);
        assert_eq!(subscriptions.next_request(true).is_some(), !suspected);
    }
}

/// The identifiers under which all that is wanted is asked for.
fn identifiers(subscriptions: &mut Subscriptions) -> Vec<(u32, usize)> {
    let mut asked = vec![];
    for number in 1.. {
        let Some(request) = subscriptions.next_request(true) else { break };
        subscriptions.requested(id(number), &request, 0);
        if request.subscribe {
            asked.push((request.identifier, request.list.len()));
        }
    }
    asked
}

fn routes(subscriptions: &mut Subscriptions, topic: &str, identifiers: &[u32]) -> Vec<u32> {
    let mut routes = vec![];
    subscriptions.routes(TopicName::new(topic).unwrap(), identifiers, |id| routes.push(id));
    routes
}

/// [MQTT-3.3.4-3] (5.0)
#[test]
fn filters_that_overlap_have_identifiers_of_their_own() {
    let mut subscriptions = Subscriptions::default();
    for (id, text) in [(1, "a/b"), (2, "c"), (3, "a/#"), (4, "d")] {
        subscribe(&mut subscriptions, id, filter(text), AT_MOST);
    }
    assert_eq!(identifiers(&mut subscriptions), [(1, 2), (2, 2)]);
    assert_eq!(routes(&mut subscriptions, "a/b", &[1]), [1]);
    assert_eq!(routes(&mut subscriptions, "a/b", &[2]), [3]);
    assert_eq!(routes(&mut subscriptions, "a/b", &[2, 1]), [1, 3]);
    assert_eq!(routes(&mut subscriptions, "a/b", &[]), [1, 3]);
    assert_eq!(
        routes(&mut subscriptions, "a/b", &[99]),
        [1, 3],
        "of an earlier life of the session"
    );
}

#[test]
fn more_filters_than_a_packet_takes_have_another_identifier() {
    let mut subscriptions = Subscriptions::default();
    for id in 1..=10 {
        let text = alloc::format!("a/{id}");
        subscribe(&mut subscriptions, id, filter(&text), AT_MOST);
    }
    assert_eq!(identifiers(&mut subscriptions), [(1, 8), (2, 2)]);
}

#[test]
fn what_still_comes_for_a_filter_that_was_given_up_is_for_nobody_else() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a/b"), AT_MOST);
    subscribe(&mut subscriptions, 2, filter("a/#"), AT_MOST);
    identifiers(&mut subscriptions);
    answer(&mut subscriptions, 1, true, &[0]);
    answer(&mut subscriptions, 2, true, &[0]);
    subscriptions.unsubscribe(1, 3, PropertiesBuf::new(), &mut vec![]);
    send(&mut subscriptions, 3);
    assert_eq!(routes(&mut subscriptions, "a/b", &[1]), []);
    answer(&mut subscriptions, 3, false, &[0]);
    assert_eq!(routes(&mut subscriptions, "a/b", &[1]), []);
    assert_eq!(routes(&mut subscriptions, "a/b", &[2]), [2]);
}

#[test]
fn user_properties_are_of_their_own_packet() {
    let mut subscriptions = Subscriptions::default();
    subscribe(&mut subscriptions, 1, filter("a"), AT_MOST);
    let mut properties = PropertiesBuf::new();
    properties.push(crate::codec::Property::UserProperty(("k", "v"))).unwrap();
    subscriptions.subscribe(2, filter("b"), AT_MOST, false, properties.clone());
    let first = send(&mut subscriptions, 1);
    assert!(first.subscribe && first.list.len() == 1);
    let second = send(&mut subscriptions, 2);
    assert!(second.subscribe);
    assert_eq!(second.properties, properties);
}

#[test]
fn subscriptions_that_acknowledge_by_hand_are_counted_as_they_come_and_go() {
    let mut subscriptions = Subscriptions::default();
    subscriptions.subscribe(1, filter("a/#"), AT_MOST, true, PropertiesBuf::new());
    subscribe(&mut subscriptions, 2, filter("a/b"), AT_MOST);
    let topic = TopicName::new("a/b").unwrap();
    assert_eq!(subscriptions.manual_routes(topic, &[]), 1);
    subscriptions.unsubscribe(1, 3, PropertiesBuf::new(), &mut vec![]);
    assert!(!subscriptions.has_manual());
    assert_eq!(subscriptions.manual_routes(topic, &[]), 0);
}
