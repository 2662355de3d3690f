//! When and where the next attempt is made, and when there is none.

use core::time::Duration;

use wasmqtt::client::{Client, Config, ErrorCode, Phase, Reconnect, State, Wake};
use wasmqtt::codec::{Disconnect, Packet, Properties, QoS, ReasonCode};

use crate::support::{V4, V5, World, config};

fn even(config: Config) -> Config {
    Config { reconnect: Some(Reconnect { jitter: false, ..Reconnect::default() }), ..config }
}

/// Milliseconds to the next attempt.
fn pause(world: &World) -> u128 {
    match world.client.state() {
        State::Waiting { until } => (until - world.now).as_millis(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pauses_grow_until_a_connection_was_stable() {
    let mut world = World::connecting(even(config(V4)));
    for expected in [500, 1000, 2000] {
        world.drop_socket();
        assert_eq!(pause(&world), expected);
        world.advance(Duration::from_millis(expected as u64));
        assert!(world.socket.is_some());
    }
    world.open();
    world.accept(false, &[]);
    world.seconds(4);
    world.drop_socket();
    assert_eq!(pause(&world), 4000, "4 seconds are not stable");
    world.reconnect(false, &[]);
    world.seconds(5);
    world.drop_socket();
    assert_eq!(pause(&world), 500);
}

#[test]
fn jitter_spreads_the_attempts() {
    let mut world = World::connected(config(V4));
    world.seconds(10);
    world.drop_socket();
    let first = pause(&world);
    assert!(first <= 500);
    world.reconnect(false, &[]);
    world.seconds(10);
    world.drop_socket();
    assert_ne!(pause(&world), first);
}

#[test]
fn servers_are_tried_in_turn_before_a_pause() {
    let mut world = World::connecting(even(Config { servers: 3, ..config(V4) }));
    world.drop_socket();
    world.drop_socket();
    assert_eq!(world.opened, [(0, V4), (1, V4), (2, V4)]);
    world.drop_socket();
    assert_eq!(pause(&world), 500);
    world.reconnect(false, &[]);
    assert_eq!(world.opened.last(), Some(&(0, V4)));
    world.drop_socket();
    world.reconnect(false, &[]);
    assert_eq!(world.opened.last(), Some(&(0, V4)), "what worked is tried first");
}

#[test]
fn the_network_coming_back_ends_the_pause() {
    for wake in [Wake::Online, Wake::Visible] {
        let mut world = World::connecting(even(config(V4)));
        for _ in 0..8 {
            world.drop_socket();
            let wait = pause(&world) as u64;
            world.advance(Duration::from_millis(wait));
        }
        world.drop_socket();
        assert_eq!(pause(&world), 30_000);
        world.wake(wake);
        assert!(pause(&world) <= 250);
    }
}

#[test]
fn without_a_network_attempts_are_rare() {
    let mut world = World::connected(even(config(V4)));
    world.wake(Wake::Offline);
    world.drop_socket();
    assert_eq!(pause(&world), 30_000);
}

/// Attempts in the first second at a server that ends each connection at once, in that way.
fn attempts(config: Config, end: impl Fn(&mut World)) -> usize {
    let mut world = World::connecting(config);
    let until = world.now + Duration::from_secs(1);
    while world.opened.len() < 100 {
        while world.socket.is_some() && world.opened.len() < 100 {
            end(&mut world);
        }
        let Some(next) = world.deadline.filter(|next| *next < until) else { break };
        world.advance(next - world.now);
    }
    world.opened.len()
}

fn ends_connection(world: &mut World, code: ReasonCode) {
    if world.client.state() == State::Connecting && world.socket.is_some() {
        world.open();
        world.accept(false, &[]);
    }
    world.serve(&[disconnect(code)]);
}

#[test]
fn no_server_is_hammered_at() {
    let at_once = |jitter| {
        let (min, max) = (Duration::ZERO, Duration::ZERO);
        Some(Reconnect { min, max, jitter, ..Reconnect::default() })
    };
    for jitter in [false, true] {
        let config = Config { reconnect: at_once(jitter), ..config(V5) };
        // After 10, 20, 40, 80 and then 100 ms.
        assert_eq!(attempts(config.clone(), World::drop_socket), 13);
        let accepted = attempts(config.clone(), |world| {
            ends_connection(world, ReasonCode::SERVER_SHUTTING_DOWN);
        });
        assert_eq!(accepted, 13);
        let busy = attempts(config.clone(), |world| {
            ends_connection(world, ReasonCode::SERVER_BUSY);
        });
        assert_eq!(busy, 11, "it begins with 80 ms");
        let mut offline = World::connected(config);
        offline.drop_socket();
        offline.wake(Wake::Offline);
        assert_eq!(pause(&offline), 10);
    }
}

#[test]
fn servers_that_send_us_to_each_other_are_not_hammered_at() {
    let config = Config { servers: 2, ..even(config(V5)) };
    let attempts = attempts(config, |world| {
        ends_connection(world, ReasonCode::USE_ANOTHER_SERVER);
    });
    assert_eq!(attempts, 4, "both, and both once more after half a second");
}

#[test]
fn min_and_max_and_factor_have_to_fit() {
    let ms = Duration::from_millis;
    let default = Reconnect::default;
    let wrong = [
        (Reconnect { min: ms(2), max: ms(1), ..default() }, "reconnect.min"),
        (Reconnect { max: ms(100), ..default() }, "reconnect.min"),
        (Reconnect { factor: 0.9, ..default() }, "reconnect.factor"),
        (Reconnect { factor: f64::NAN, ..default() }, "reconnect.factor"),
        (Reconnect { factor: f64::INFINITY, ..default() }, "reconnect.factor"),
        (Reconnect { factor: -1.0, ..default() }, "reconnect.factor"),
    ];
    for (reconnect, name) in wrong {
        let config = Config { reconnect: Some(reconnect), ..config(V5) };
        let error = Client::new(config, 1).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        assert!(error.message.starts_with(name), "{}", error.message);
    }
    let config_with = |connect_timeout| Config { connect_timeout, ..config(V5) };
    let error = Client::new(config_with(Duration::ZERO), 1).unwrap_err();
    assert_eq!(error.message, "connect_timeout must be greater than 0");
}

#[test]
fn the_longest_durations_are_long() {
    let longest = Reconnect {
        min: Duration::MAX,
        max: Duration::MAX,
        factor: f64::MAX,
        jitter: false,
        stable_after: Duration::MAX,
        ..Reconnect::default()
    };
    for seconds in [1 << 40, 1 << 61, 1 << 63, u64::MAX] {
        let connect_timeout = Duration::from_secs(seconds);
        let mut world = World::connecting(Config {
            connect_timeout,
            reconnect: Some(longest.clone()),
            ..config(V5)
        });
        world.seconds(1 << 30);
        assert_eq!(world.client.state(), State::Connecting, "{seconds} s");
        world.drop_socket();
        world.seconds(1 << 30);
        assert_eq!(world.opened.len(), 1, "{seconds} s");
    }
}

#[test]
fn without_reconnect_the_end_of_the_connection_is_the_end() {
    let mut world = World::connected(Config { reconnect: None, ..config(V4) });
    let token = world.publish("a", "", QoS::AtLeastOnce);
    world.drop_socket();
    assert_eq!(world.client.state(), State::Closed);
    assert_eq!(world.failure(token).code, ErrorCode::ConnectionLost);
    let mut world = World::connecting(Config { reconnect: None, servers: 2, ..config(V4) });
    world.drop_socket();
    assert_eq!(world.opened.len(), 2);
    world.drop_socket();
    assert_eq!(world.client.state(), State::Closed);
}

#[test]
fn attempts_are_counted_where_that_is_asked_for() {
    let reconnect = Some(Reconnect { max_attempts: Some(3), ..Reconnect::default() });
    let mut world = World::connecting(Config { reconnect, ..config(V4) });
    world.drop_socket();
    world.seconds(1);
    world.drop_socket();
    world.seconds(2);
    world.drop_socket();
    assert_eq!((world.client.state(), world.opened.len()), (State::Closed, 3));
    let last = world.disconnections()[2];
    assert_eq!((last.phase, last.retryable), (Phase::Opening, false));
}

fn disconnect(code: ReasonCode) -> Packet<'static> {
    Packet::Disconnect(Disconnect { reason_code: code, properties: Properties::EMPTY })
}

#[test]
fn taken_over_is_the_end() {
    let mut world = World::connected(config(V5));
    world.serve(&[disconnect(ReasonCode::SESSION_TAKEN_OVER)]);
    assert_eq!((world.client.state(), world.closed), (State::Closed, 1));
    let error = world.disconnections()[0];
    assert_eq!((error.code, error.retryable), (ErrorCode::TakenOver, false));
    world.seconds(100_000);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn a_disconnect_from_the_server_is_told_with_its_reason_and_tried_again() {
    let mut world = World::connected(config(V5));
    world.serve(&[disconnect(ReasonCode::SERVER_SHUTTING_DOWN)]);
    let error = world.disconnections()[0];
    assert_eq!(error.code, ErrorCode::Disconnected);
    assert_eq!(
        (error.reason_code, error.retryable),
        (Some(ReasonCode::SERVER_SHUTTING_DOWN), true)
    );
    assert!(world.sent().is_empty());
    world.reconnect(false, &[]);
    assert_eq!(world.client.state(), State::Connected);
}

#[test]
fn moved_servers_send_us_to_the_next_at_once() {
    let mut world = World::connected(Config { servers: 2, ..config(V5) });
    world.serve(&[disconnect(ReasonCode::USE_ANOTHER_SERVER)]);
    assert_eq!(world.opened, [(0, V5), (1, V5)]);
}

#[test]
fn the_reason_of_connack_decides() {
    let fatal = [
        ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
        ReasonCode::BANNED,
        ReasonCode::BAD_AUTHENTICATION_METHOD,
        ReasonCode::TOPIC_NAME_INVALID,
        ReasonCode::PACKET_TOO_LARGE,
        ReasonCode::RETAIN_NOT_SUPPORTED,
        ReasonCode::QOS_NOT_SUPPORTED,
        ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
    ];
    let retry = [
        ReasonCode::UNSPECIFIED_ERROR,
        ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
        ReasonCode::SERVER_UNAVAILABLE,
        ReasonCode::SERVER_BUSY,
        ReasonCode::QUOTA_EXCEEDED,
        ReasonCode::CONNECTION_RATE_EXCEEDED,
        ReasonCode::SERVER_MOVED,
    ];
    for (codes, closed) in [(&fatal[..], true), (&retry[..], false)] {
        for code in codes {
            let mut world = World::connecting(config(V5));
            world.open();
            world.refuse(*code);
            assert_eq!(world.client.state() == State::Closed, closed, "{code:?}");
            let error = world.disconnections()[0];
            assert_eq!(error.code, ErrorCode::ConnectionRefused);
            assert_eq!((error.reason_code, error.retryable), (Some(*code), !closed));
        }
    }
}

#[test]
fn only_the_first_connect_of_5_0_and_every_one_of_3_1_1_is_clean() {
    for (version, second) in [(V5, 0), (V4, 1)] {
        let mut world = World::connected(config(version));
        world.drop_socket();
        while world.socket.is_none() {
            world.seconds(1);
        }
        world.open();
        let level = version.level();
        assert_eq!(world.sent(), [format!("CONNECT v{level} \"c\" clean {second} keep-alive 60")]);
    }
}
