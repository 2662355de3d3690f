//! Keep-alive, dead links and waking up (3.1.2.10, 3.12).

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, Reconnect, State, Wake};
use wasmqtt::codec::{Disconnect, Packet, Properties, Property, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config, message};

fn with_keep_alive(keep_alive: u16) -> Config {
    Config { keep_alive, ..config(V4) }
}

/// [MQTT-3.1.2-23] (3.1.1)
#[test]
fn a_ping_goes_out_before_the_keep_alive_is_over() {
    let mut world = World::connected(with_keep_alive(40));
    world.seconds(37);
    assert!(world.sent().is_empty());
    world.seconds(1);
    assert_eq!(world.sent(), ["PINGREQ"]);
    world.serve(&[Packet::Pingresp]);
    world.seconds(38);
    assert_eq!(world.sent(), ["PINGREQ"]);
}

#[test]
fn an_idle_client_asks_to_be_called_once_for_each_ping_and_for_nothing_else() {
    let end = |world: &World, begin| world.now - begin < Duration::from_secs(600);
    for (keep_alive, calls) in [(5, 160), (7, 115), (12, 60), (60, 11), (600, 2)] {
        let mut world = World::connected(with_keep_alive(keep_alive));
        let begin = world.now;
        let mut called = 0;
        while end(&world, begin) {
            let due = world.deadline.unwrap();
            world.advance(due - world.now);
            assert_eq!(world.sent(), ["PINGREQ"], "{keep_alive}");
            called += 1;
            world.advance(Duration::from_millis(200));
            world.serve(&[Packet::Pingresp]);
        }
        assert_eq!(called, calls, "{keep_alive}");
    }
}

#[test]
fn a_driver_is_told_when_a_ping_is_due() {
    let mut world = World::connecting(with_keep_alive(60));
    assert_eq!(world.client.ping_due(), None);
    world.open();
    world.accept(false, &[]);
    assert_eq!(world.client.ping_due(), Some(world.now + Duration::from_secs(58)));
    world.seconds(58);
    assert_eq!(
        world.client.ping_due(),
        Some(world.now + Duration::from_secs(58)),
        "the answer is due before"
    );
    world.drop_socket();
    assert_eq!(world.client.ping_due(), None);
    assert_eq!(World::connected(with_keep_alive(0)).client.ping_due(), None);
}

#[test]
fn what_is_received_does_not_put_the_ping_off_and_what_is_sent_does() {
    let mut world = World::connected(with_keep_alive(40));
    for _ in 0..3 {
        world.seconds(10);
        world.serve(&[message("a", "", QoS::AtMostOnce, 0)]);
    }
    world.seconds(7);
    assert!(world.sent().is_empty());
    world.seconds(1);
    assert_eq!(world.sent(), ["PINGREQ"]);
    world.serve(&[Packet::Pingresp]);
    for _ in 0..3 {
        world.seconds(20);
        world.publish("a", "", QoS::AtMostOnce);
        world.serve(&[message("a", "", QoS::AtMostOnce, 0)]);
    }
    assert!(world.sent().iter().all(|packet| packet.starts_with("PUBLISH")));
}

#[test]
fn one_who_publishes_into_the_void_notices() {
    let mut world = World::connected(with_keep_alive(40));
    for _ in 0..7 {
        world.seconds(10);
        world.publish("a", "", QoS::AtMostOnce);
    }
    assert_eq!(world.disconnections()[0].code, ErrorCode::KeepAlive);
}

/// [case PNG-07]
#[test]
fn without_an_answer_the_socket_is_dropped() {
    let mut world = World::connected(with_keep_alive(40));
    world.seconds(57);
    assert_eq!(world.closed, 0);
    world.seconds(1);
    assert_eq!(world.closed, 1);
    let error = world.disconnections()[0];
    assert_eq!((error.code, error.retryable), (ErrorCode::KeepAlive, true));
    assert_eq!(world.sent(), ["PINGREQ"], "no DISCONNECT on a dead socket");
}

/// [case PNG-08]
#[test]
fn any_byte_is_a_sign_of_life() {
    let mut world = World::connected(with_keep_alive(40));
    world.seconds(43);
    // The first byte of a long message.
    world.bytes(&[0x30]);
    world.seconds(20);
    assert_eq!(world.closed, 0);
}

/// [case SES-25]
#[test]
fn keep_alive_0_sends_nothing() {
    let mut world = World::connected(with_keep_alive(0));
    world.seconds(1_000_000);
    assert!(world.sent().is_empty());
    assert_eq!(world.client.state(), State::Connected);
}

/// [MQTT-3.1.2-21] (5.0)
#[test]
fn the_servers_keep_alive_counts() {
    let mut world = World::connecting(config(V5));
    world.open();
    world.accept(false, &[Property::ServerKeepAlive(20)]);
    world.sent();
    world.seconds(18);
    assert_eq!(world.sent(), ["PINGREQ"]);
}

#[test]
fn a_ping_of_the_applications_tells_the_round_trip() {
    let mut world = World::connected(with_keep_alive(60));
    let token = world.client.ping(world.now).unwrap().get();
    world.settle();
    world.advance(Duration::from_millis(42));
    world.serve(&[Packet::Pingresp]);
    assert_eq!(world.outcome(token), Some(&Told::Pong(token, Duration::from_millis(42))));
    assert_eq!(world.client.stats().round_trip, Some(Duration::from_millis(42)));
    let token = world.client.ping(world.now).unwrap().get();
    world.drop_socket();
    assert_eq!(world.failure(token).code, ErrorCode::ConnectionLost);
    assert_eq!(world.client.ping(world.now).unwrap_err().code, ErrorCode::NotConnected);
}

/// [case SES-26]
#[test]
fn a_page_that_comes_back_asks_at_once_and_waits_four_round_trips_at_most_5_seconds() {
    for wake in [Wake::Visible, Wake::Online, Wake::Offline] {
        for (round_trip, patience) in [(0, 500), (300, 1200), (4000, 5000)] {
            let mut world = World::connecting(with_keep_alive(60));
            world.open();
            world.advance(Duration::from_millis(round_trip));
            world.accept(false, &[]);
            world.forget();
            world.wake(wake);
            assert_eq!(world.sent(), ["PINGREQ"]);
            world.advance(Duration::from_millis(patience - 1));
            assert_eq!(world.closed, 0);
            world.advance(Duration::from_millis(1));
            assert_eq!(world.closed, 1);
            assert_eq!(world.disconnections()[0].code, ErrorCode::KeepAlive);
        }
    }
}

#[test]
fn a_slow_link_that_answers_is_kept() {
    let mut world = World::connected(with_keep_alive(60));
    world.client.ping(world.now).unwrap();
    world.settle();
    world.seconds(1);
    world.serve(&[Packet::Pingresp]);
    world.wake(Wake::Visible);
    world.seconds(3);
    world.serve(&[Packet::Pingresp]);
    world.seconds(10);
    assert_eq!(world.closed, 0);
}

#[test]
fn several_events_of_one_return_ask_once() {
    let mut world = World::connected(with_keep_alive(60));
    for wake in [Wake::Online, Wake::Visible, Wake::Visible] {
        world.wake(wake);
    }
    assert_eq!(world.sent(), ["PINGREQ"]);
}

/// A link that was lost while the page was away is replaced at once, whatever the pauses have grown to.
#[test]
fn a_client_is_usable_within_2_seconds_of_waking() {
    for dead in [true, false] {
        let mut world = World::connected(with_keep_alive(60));
        for _ in 0..6 {
            world.drop_socket();
            world.reconnect(false, &[]);
        }
        world.seconds(1);
        world.wake(Wake::Visible);
        let woke = world.now;
        if dead {
            world.advance(Duration::from_millis(500));
        } else {
            // What the browser tells of a socket that did not outlive the page's sleep.
            world.drop_socket();
        }
        assert_eq!(world.socket, None);
        world.advance(Duration::from_millis(250));
        assert!(world.socket.is_some());
        world.advance(Duration::from_millis(200));
        world.open();
        world.accept(false, &[]);
        assert_eq!(world.client.state(), State::Connected);
        assert!(world.now - woke < Duration::from_secs(2));
    }
}

#[test]
fn an_attempt_that_is_old_when_the_network_comes_back_is_made_anew() {
    for opened in [false, true] {
        for wake in [Wake::Online, Wake::Visible] {
            let mut world = World::connecting(with_keep_alive(60));
            if opened {
                world.open();
            }
            world.advance(Duration::from_millis(1999));
            world.wake(wake);
            assert_eq!((world.opened.len(), world.closed), (1, 0), "a young one goes on");
            world.advance(Duration::from_millis(1));
            world.wake(wake);
            assert_eq!((world.opened.len(), world.closed), (2, 1));
            let error = world.disconnections()[0];
            assert_eq!((error.code, error.retryable), (ErrorCode::ConnectTimeout, true));
            world.open();
            world.accept(false, &[]);
            assert_eq!(world.client.state(), State::Connected);
        }
    }
}

#[test]
fn an_attempt_that_is_made_anew_is_no_failure() {
    let reconnect = Some(Reconnect { max_attempts: Some(1), ..Reconnect::default() });
    let mut world = World::connecting(Config { reconnect, ..with_keep_alive(60) });
    world.seconds(3);
    world.wake(Wake::Online);
    assert_eq!(world.opened.len(), 2);
    world.drop_socket();
    assert_eq!(world.client.state(), State::Closed);
}

/// [case SES-26]
#[test]
fn a_timer_held_back_does_not_cost_a_living_connection() {
    let mut world = World::connected(with_keep_alive(60));
    world.seconds(58);
    world.sent();
    // The page sleeps for an hour; then its timer fires, late.
    world.now = world.now + Duration::from_secs(3600);
    world.client.handle_timeout(world.now);
    world.settle();
    assert_eq!((world.sent(), world.closed), (vec!["PINGREQ".to_string()], 0));
    world.serve(&[Packet::Pingresp, Packet::Pingresp]);
    world.seconds(40);
    assert_eq!(world.client.state(), State::Connected);
}

/// A world with keep-alive 60 whose connections were cut, each after so many seconds of silence.
fn cut_after(silences: &[u64]) -> World {
    let mut world = World::connected(with_keep_alive(60));
    for silence in silences {
        world.seconds(*silence);
        world.drop_socket();
        world.reconnect(false, &[]);
    }
    world.forget();
    world
}

/// After how many seconds of silence the client asks.
fn asks_after(world: &mut World) -> u64 {
    (1..)
        .find(|_| {
            world.seconds(1);
            !world.sent().is_empty()
        })
        .unwrap()
}

#[test]
fn a_proxy_that_cuts_what_is_silent_is_pinged_past_from_the_third_time_on() {
    let mut world = cut_after(&[30, 30]);
    assert_eq!(world.client.stats().idle_timeout, None);
    assert_eq!(asks_after(&mut world), 58);

    let mut world = cut_after(&[31, 30, 31]);
    assert_eq!(world.client.stats().idle_timeout, Some(Duration::from_secs(30)));
    assert_eq!(asks_after(&mut world), 23);
    world.serve(&[Packet::Pingresp]);
    // Whatever goes either way is no silence.
    world.seconds(10);
    world.serve(&[message("a", "", QoS::AtMostOnce, 0)]);
    world.seconds(22);
    assert!(world.sent().is_empty());
    world.seconds(1);
    assert_eq!(world.sent(), ["PINGREQ"]);
}

#[test]
fn connections_that_end_for_another_reason_teach_nothing() {
    // By chance.
    assert_eq!(asks_after(&mut cut_after(&[10, 30, 20, 40, 15])), 58);

    // The server says that it goes.
    let mut world = World::connected(config(V5));
    for _ in 0..4 {
        world.seconds(30);
        world.serve(&[Packet::Disconnect(Disconnect {
            reason_code: ReasonCode::SERVER_SHUTTING_DOWN,
            properties: Properties::EMPTY,
        })]);
        world.reconnect(false, &[]);
    }
    assert_eq!(world.client.stats().idle_timeout, None);

    // A network that dies in silence is noticed after the same time each time.
    let mut world = World::connected(with_keep_alive(60));
    for _ in 0..4 {
        world.seconds(78);
        assert_eq!(world.disconnections().last().unwrap().code, ErrorCode::KeepAlive);
        world.reconnect(false, &[]);
    }
    assert_eq!(world.client.stats().idle_timeout, None);

    // A server that ends each connection when it is 124 s old, 10 s after the last PINGRESP: it was silent for 38 s before.
    let mut world = World::connected(with_keep_alive(40));
    for _ in 0..4 {
        for _ in 0..3 {
            world.seconds(38);
            world.serve(&[Packet::Pingresp]);
        }
        world.seconds(10);
        world.drop_socket();
        world.reconnect(false, &[]);
    }
    assert_eq!(world.client.stats().idle_timeout, None);

    // One that does so before the first PINGREQ is found out as soon as it is pinged.
    let mut world = cut_after(&[20, 20, 20]);
    assert_eq!(asks_after(&mut world), 15);
    world.serve(&[Packet::Pingresp]);
    world.seconds(5);
    world.drop_socket();
    world.reconnect(false, &[]);
    world.forget();
    assert_eq!(world.client.stats().idle_timeout, None);
    assert_eq!(asks_after(&mut world), 58);
}
