//! SUBSCRIBE and UNSUBSCRIBE (3.8 to 3.11).

use wasmqtt::client::{Config, ErrorCode};
use wasmqtt::codec::{Property, QoS, ReasonCode, RetainHandling, SubscriptionOptions, TopicName};

use crate::support::{Told, V4, V5, World, config};

#[test]
fn several_subscriptions_share_a_packet_and_each_has_its_result() {
    let mut world = World::connecting(config(V5));
    let a = world.subscribe("a", QoS::AtMostOnce).get();
    let b = world.subscribe("b/#", QoS::ExactlyOnce).get();
    let c = world.subscribe("c", QoS::AtLeastOnce).get();
    world.open();
    world.forget();
    world.accept(false, &[]);
    assert_eq!(world.sent(), ["SUBSCRIBE 1 a q0 b/# q2 c q1"]);
    world.suback(1, &[0, 1, 0x87]);
    assert_eq!(world.outcome(a), Some(&Told::Subscribed(a, QoS::AtMostOnce)));
    assert_eq!(world.outcome(b), Some(&Told::Subscribed(b, QoS::AtLeastOnce)));
    let error = world.failure(c);
    assert_eq!(
        (error.code, error.reason_code),
        (ErrorCode::Refused, Some(ReasonCode::NOT_AUTHORIZED))
    );
}

#[test]
fn many_subscriptions_go_in_packets_of_eight_in_one_frame() {
    let mut world = World::connecting(config(V4));
    for index in 0..20 {
        world.subscribe(&format!("t/{index}"), QoS::AtMostOnce);
    }
    world.open();
    world.forget();
    world.accept(false, &[]);
    assert_eq!((world.sent().len(), world.frames), (3, 1));
}

#[test]
fn the_last_subscription_of_a_filter_unsubscribes() {
    let mut world = World::connected(config(V5));
    let first = world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    let second = world.subscribe("a", QoS::AtLeastOnce);
    world.suback(2, &[1]);
    assert_eq!(world.sent(), ["SUBSCRIBE 1 a q0", "SUBSCRIBE 2 a q1"]);
    let mut routes = Vec::new();
    world.client.routes(TopicName::new("a").unwrap(), &[], &mut routes);
    assert_eq!(routes, [first, second]);
    let ended = world.unsubscribe(first);
    assert_eq!(world.outcome(ended), Some(&Told::Unsubscribed(ended, ReasonCode::SUCCESS)));
    assert!(world.sent().is_empty());
    let ended = world.unsubscribe(second);
    assert_eq!(world.sent(), ["UNSUBSCRIBE 3 a"]);
    assert_eq!(world.outcome(ended), None);
    world.unsuback(3, &[0x11]);
    let done = Told::Unsubscribed(ended, ReasonCode::NO_SUBSCRIPTION_EXISTED);
    assert_eq!(world.outcome(ended), Some(&done));
    assert_eq!(
        world.client.unsubscribe(second, world.now).unwrap_err().code,
        ErrorCode::InvalidArgument
    );
}

#[test]
fn an_unsuback_of_3_1_1_has_no_codes() {
    let mut world = World::connected(config(V4));
    let id = world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    let ended = world.unsubscribe(id);
    world.unsuback(2, &[]);
    assert_eq!(world.outcome(ended), Some(&Told::Unsubscribed(ended, ReasonCode::SUCCESS)));
}

/// [duty breach 2.2.1-6] [duty breach 3.8.4-6] (5.0)
#[test]
fn a_suback_that_answers_nothing_ends_the_connection() {
    for (identifier, codes) in [(9, &[0][..]), (1, &[0, 0][..])] {
        let mut world = World::connected(config(V5));
        let id = world.subscribe("a", QoS::AtMostOnce).get();
        world.sent();
        world.suback(identifier, codes);
        assert_eq!(world.sent(), ["DISCONNECT 0x82"]);
        assert_eq!(world.outcome(id), None);
        world.reconnect(false, &[]);
        assert_eq!(world.sent(), ["SUBSCRIBE 2 a q0"]);
    }
}

#[test]
fn options_of_5_0_are_sent_and_need_5_0() {
    let options = SubscriptionOptions {
        qos: QoS::AtLeastOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
    };
    let mut world = World::connected(config(V5));
    world.client.subscribe("a", options, world.now).unwrap();
    let bytes = world.client.poll_transmit(world.now, 1000).unwrap();
    assert_eq!(bytes, [0x82, 9, 0, 1, 2, 0x0B, 1, 0, 1, b'a', 0x2D]);
    let mut world = World::connected(config(V4));
    let error = world.client.subscribe("a", options, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::Unsupported);
    assert!(world.sent().is_empty());
}

#[test]
fn filters_that_are_none_are_refused() {
    let mut world = World::connected(config(V5));
    let plain = SubscriptionOptions::new(QoS::AtMostOnce);
    for filter in ["", "a/#/b", "a+", "$share/g", "a\0"] {
        let error = world.client.subscribe(filter, plain, world.now).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{filter:?}");
    }
    let no_local = SubscriptionOptions { no_local: true, ..plain };
    assert!(world.client.subscribe("$share/g/a", no_local, world.now).is_err());
    world.settle();
    assert!(world.sent().is_empty());
}

#[test]
fn a_lost_session_is_subscribed_anew_and_a_resumed_one_is_not() {
    let kept = Config { clean_start: false, session_expiry_interval: 60, ..config(V5) };
    let mut world = World::connected(kept);
    let id = world.subscribe("a", QoS::AtLeastOnce).get();
    world.suback(1, &[1]);
    world.drop_socket();
    world.reconnect(true, &[]);
    assert!(world.sent().is_empty());
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(world.sent(), ["SUBSCRIBE 2 a q1"]);
    world.suback(2, &[0x97]);
    assert!(matches!(&world.told[..], [.., Told::SubscriptionLost(lost, error)]
        if *lost == id && error.reason_code == Some(ReasonCode::QUOTA_EXCEEDED)));
}

#[test]
fn what_the_server_does_not_have_is_refused_before_it_is_sent() {
    let limits = [
        Property::WildcardSubscriptionAvailable(false),
        Property::SharedSubscriptionAvailable(false),
    ];
    let mut world = World::connecting(config(V5));
    let wildcard = world.subscribe("a/#", QoS::AtMostOnce).get();
    let plain = world.subscribe("a", QoS::AtMostOnce).get();
    world.open();
    world.forget();
    world.accept(false, &limits);
    assert_eq!(world.sent(), ["SUBSCRIBE 1 a q0"]);
    let reason = world.failure(wildcard).reason_code;
    assert_eq!(reason, Some(ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED));
    assert_eq!(world.outcome(plain), None);
    let options = SubscriptionOptions::new(QoS::AtMostOnce);
    for filter in ["+", "$share/g/a"] {
        let error = world.client.subscribe(filter, options, world.now).unwrap_err();
        assert_eq!(error.code, ErrorCode::Unsupported);
    }
}

#[test]
fn unsubscribing_while_offline_is_done_by_the_next_connection() {
    let kept = Config { clean_start: false, ..config(V4) };
    let mut world = World::connected(kept);
    let id = world.subscribe("a", QoS::AtMostOnce);
    world.suback(1, &[0]);
    world.drop_socket();
    let token = world.unsubscribe(id);
    assert_eq!(world.outcome(token), None);
    world.reconnect(true, &[]);
    assert_eq!(world.sent(), ["UNSUBSCRIBE 2 a"]);
    world.unsuback(2, &[]);
    assert!(world.outcome(token).is_some());
}

#[test]
fn whoever_unsubscribes_before_suback_is_told_at_once_and_the_others_later() {
    let mut world = World::connected(config(V5));
    let first = world.subscribe("a", QoS::AtMostOnce);
    let second = world.subscribe("a", QoS::AtLeastOnce);
    world.unsubscribe(first);
    assert_eq!(world.failure(first.get()).code, ErrorCode::Aborted);
    world.suback(1, &[0x87]);
    assert_eq!(world.outcome(second.get()), None, "its own SUBACK is still to come");
    world.suback(2, &[1]);
    assert_eq!(
        world.outcome(second.get()),
        Some(&Told::Subscribed(second.get(), QoS::AtLeastOnce))
    );
    world.unsubscribe(second);
    let third = world.subscribe("b", QoS::AtMostOnce);
    let ended = world.unsubscribe(third);
    assert_eq!(world.failure(third.get()).code, ErrorCode::Aborted);
    let expected = [
        "SUBSCRIBE 1 a q0",
        "SUBSCRIBE 2 a q1",
        "UNSUBSCRIBE 3 a",
        "SUBSCRIBE 4 b q0",
        "UNSUBSCRIBE 5 b",
    ];
    assert_eq!(world.sent(), expected);
    world.suback(4, &[0]);
    assert_eq!(world.outcome(ended), None);
    world.unsuback(5, &[0]);
    assert!(world.outcome(ended).is_some());
}
