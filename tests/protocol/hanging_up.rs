//! Servers that answer what they do not allow by closing the connection: the one to blame is found and
//! fails, and all others live.

use core::time::Duration;

use wasmqtt::client::{Config, ErrorCode, State};
use wasmqtt::codec::{Disconnect, Packet, PacketType, Properties, Property, QoS, ReasonCode};

use crate::support::{Told, V4, V5, World, config, lost};

/// A server that closes the connection over some packets and answers all others.
struct Server {
    world: World,
    /// Whether it keeps the session.
    keeps: bool,
    hates: fn(&str) -> bool,
    /// What it says before it closes the connection, if it says anything.
    says: Option<ReasonCode>,
    connections: u32,
}

impl Server {
    fn new(config: Config, keeps: bool, hates: fn(&str) -> bool) -> Self {
        let world = World::connecting(config);
        Self { world, keeps, hates, says: None, connections: 0 }
    }

    /// Serves until nothing happens any more without the application, or for that many connections.
    fn run(&mut self, most: u32) {
        for _ in 0..most {
            if self.world.client.state() == State::Closed {
                return;
            }
            if self.world.client.state() != State::Connected {
                while self.world.socket.is_none() {
                    let at = self.world.deadline.expect("another attempt");
                    self.world.advance(at - self.world.now);
                }
                self.world.open();
                let present = self.keeps && self.connections > 0;
                self.connections += 1;
                self.world.accept(present, &[]);
            }
            if !self.serve() {
                return;
            }
        }
    }

    /// Answers what was sent. True when it closed the connection.
    fn serve(&mut self) -> bool {
        loop {
            let sent = self.world.sent();
            if sent.is_empty() {
                return false;
            }
            for line in sent {
                if (self.hates)(&line) {
                    match self.says {
                        Some(reason_code) => {
                            let properties = Properties::EMPTY;
                            let packet = Disconnect { reason_code, properties };
                            self.world.serve(&[Packet::Disconnect(packet)]);
                        }
                        None => self.world.drop_socket(),
                    }
                    self.world.sent();
                    return true;
                }
                self.answer(&line);
            }
        }
    }

    fn answer(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let id = || words[1].parse().unwrap();
        let success = ReasonCode::SUCCESS;
        match words[0] {
            "SUBSCRIBE" => self.world.suback(id(), &vec![0; (words.len() - 2) / 2]),
            "UNSUBSCRIBE" => self.world.unsuback(id(), &vec![0; words.len() - 2]),
            "PUBLISH" if line.contains(" q1 ") => self.world.ack(PacketType::Puback, id(), success),
            "PUBLISH" if line.contains(" q2 ") => self.world.ack(PacketType::Pubrec, id(), success),
            "PUBREL" => self.world.ack(PacketType::Pubcomp, id(), success),
            _ => {}
        }
    }

    fn granted(&self, id: u32) -> bool {
        self.world.told.iter().any(|it| matches!(it, Told::Subscribed(other, _) if *other == id))
    }

    fn published(&self, token: u32) -> bool {
        matches!(self.world.outcome(token), Some(Told::Published(..)))
    }
}

fn kept(config: Config) -> Config {
    Config { clean_start: false, session_expiry_interval: 3600, ..config }
}

#[test]
fn a_forbidden_subscription_is_refused_and_the_others_live() {
    for version in [V4, V5] {
        for says in [None, Some(ReasonCode::NOT_AUTHORIZED)] {
            if says.is_some() && version == V4 {
                continue;
            }
            let mut server = Server::new(config(version), false, |line| line.contains("forbidden"));
            server.says = says;
            let good = server.world.subscribe("good/a", QoS::AtMostOnce).get();
            let bad = server.world.subscribe("forbidden/#", QoS::AtMostOnce).get();
            let publish = server.world.publish("a", "", QoS::AtLeastOnce);
            server.run(100);
            assert_eq!(server.connections, 6, "five that ended, and the one that stays");
            assert_eq!(server.world.client.state(), State::Connected);
            assert!(server.granted(good) && server.published(publish));
            let error = server.world.failure(bad);
            assert_eq!(
                (error.code, error.reason_code, error.retryable),
                (ErrorCode::HungUp, says, false)
            );
            assert_eq!(error.close, says.is_none().then(lost));
        }
    }
}

#[test]
fn many_filters_with_one_that_is_forbidden_are_told_apart() {
    let mut server = Server::new(config(V5), false, |line| line.contains("forbidden"));
    let mut good = vec![];
    let mut bad = vec![];
    for number in 0..40 {
        let name = if number % 20 == 7 { "forbidden" } else { "good" };
        let id = server.world.subscribe(&format!("{name}/{number}"), QoS::AtMostOnce).get();
        if name == "good" { good.push(id) } else { bad.push(id) }
    }
    server.run(100);
    assert!(good.iter().all(|id| server.granted(*id)));
    for id in bad {
        assert_eq!(server.world.failure(id).code, ErrorCode::HungUp);
    }
    assert!(server.connections <= 12, "{}", server.connections);
}

#[test]
fn what_is_subscribed_meanwhile_does_not_share_the_blame() {
    let mut server = Server::new(config(V4), false, |line| line.contains("forbidden"));
    let bad = server.world.subscribe("forbidden", QoS::AtMostOnce).get();
    server.run(2);
    let good = server.world.subscribe("good", QoS::AtMostOnce).get();
    server.run(1);
    assert!(server.granted(good), "asked for first");
    server.run(100);
    assert_eq!(server.world.failure(bad).code, ErrorCode::HungUp);
    assert_eq!(server.world.outcome(good), Some(&Told::Subscribed(good, QoS::AtMostOnce)));
}

#[test]
fn a_filter_that_was_granted_before_and_is_forbidden_now_is_lost() {
    let mut server = Server::new(config(V5), false, |_| false);
    let good = server.world.subscribe("good", QoS::AtMostOnce).get();
    let bad = server.world.subscribe("other", QoS::AtMostOnce).get();
    server.run(1);
    assert!(server.granted(good) && server.granted(bad));
    server.hates = |line| line.contains("other");
    server.world.drop_socket();
    server.run(100);
    let lost: Vec<_> = server
        .world
        .told
        .iter()
        .filter_map(|it| match it {
            Told::SubscriptionLost(id, error) => Some((*id, error.code)),
            _ => None,
        })
        .collect();
    assert_eq!(lost, [(bad, ErrorCode::HungUp)]);
    assert_eq!(server.world.client.state(), State::Connected);
}

#[test]
fn an_unsubscribe_that_the_server_hangs_up_on_fails() {
    let mut server = Server::new(kept(config(V5)), true, |line| line.starts_with("UNSUBSCRIBE"));
    let id = server.world.subscribe("a", QoS::AtMostOnce);
    server.run(1);
    let token = server.world.unsubscribe(id);
    let other = server.world.subscribe("b", QoS::AtMostOnce).get();
    server.run(100);
    assert_eq!(server.world.failure(token).code, ErrorCode::HungUp);
    assert!(server.granted(other));
    assert_eq!(server.connections, 6);
}

#[test]
fn a_publish_that_the_server_hangs_up_on_fails_and_the_others_arrive() {
    for (version, keeps) in [(V5, true), (V5, false), (V4, true), (V4, false)] {
        for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
            let settings = if keeps && version == V5 {
                kept(config(version))
            } else {
                Config { clean_start: !keeps, ..config(version) }
            };
            let mut server = Server::new(settings, keeps, |line| line.contains("poison"));
            // What is granted on each connection does not clear the publish.
            let subscription = server.world.subscribe("s", QoS::AtMostOnce).get();
            let before = server.world.publish("a", "before", qos);
            let poison = server.world.publish("a", "poison", qos);
            let after = server.world.publish("a", "after", qos);
            server.run(100);
            assert!(server.published(before) && server.published(after));
            assert_eq!(server.world.failure(poison).code, ErrorCode::HungUp);
            assert!(server.granted(subscription));
            assert!(server.connections <= 10, "{version:?} {keeps} {qos:?}");
        }
    }
}

#[test]
fn a_publish_and_a_subscription_are_told_apart() {
    let hates = |line: &str| line.contains("forbidden") || line.contains("poison");
    let mut server = Server::new(config(V4), false, hates);
    let good = server.world.subscribe("good", QoS::AtMostOnce).get();
    let bad = server.world.subscribe("forbidden", QoS::AtMostOnce).get();
    let poison = server.world.publish("a", "poison", QoS::AtLeastOnce);
    let fine = server.world.publish("a", "fine", QoS::AtLeastOnce);
    server.run(100);
    assert!(server.granted(good) && server.published(fine));
    assert_eq!(server.world.failure(bad).code, ErrorCode::HungUp);
    assert_eq!(server.world.failure(poison).code, ErrorCode::HungUp);
    assert_eq!(server.world.client.state(), State::Connected);
    assert!(server.connections <= 12, "{}", server.connections);
}

#[test]
fn a_pubrel_that_the_server_hangs_up_on_ends_its_publish() {
    for (settings, keeps) in [(kept(config(V5)), true), (config(V4), false)] {
        let mut server = Server::new(settings, keeps, |line| line.starts_with("PUBREL"));
        let token = server.world.publish("a", "", QoS::ExactlyOnce);
        let other = server.world.publish("a", "", QoS::AtLeastOnce);
        server.run(100);
        assert_eq!(server.world.failure(token).code, ErrorCode::HungUp);
        assert!(server.published(other));
    }
}

#[test]
fn a_server_that_shuts_down_blames_nobody() {
    let mut server = Server::new(config(V5), false, |line| line.starts_with("SUBSCRIBE"));
    server.says = Some(ReasonCode::SERVER_SHUTTING_DOWN);
    let id = server.world.subscribe("a", QoS::AtMostOnce).get();
    server.run(20);
    assert_eq!((server.connections, server.world.outcome(id)), (20, None));
    server.hates = |_| false;
    server.run(1);
    assert!(server.granted(id));
}

#[test]
fn a_server_that_never_answers_a_suspect_holds_the_others_up_for_10_seconds() {
    let mut server = Server::new(config(V4), false, |line| line.contains("odd"));
    server.world.subscribe("odd", QoS::AtMostOnce);
    server.run(2);
    server.hates = |_| false;
    let mut world = server.world;
    while world.socket.is_none() {
        let at = world.deadline.expect("another attempt");
        world.advance(at - world.now);
    }
    world.open();
    world.accept(false, &[]);
    let sent = world.sent();
    assert!(sent.iter().any(|line| line.starts_with("SUBSCRIBE")), "{sent:?}");
    world.publish("a", "later", QoS::AtLeastOnce);
    world.advance(Duration::from_millis(9_999));
    assert!(world.sent().is_empty());
    world.advance(Duration::from_millis(1));
    let sent = world.sent();
    assert!(matches!(&sent[..], [one] if one.contains("later")), "{sent:?}");
}

#[test]
fn an_authentication_that_the_server_hangs_up_on_ends_the_client() {
    let settings = Config { authentication_method: Some("m".into()), ..config(V5) };
    let mut world = World::connecting(settings);
    let mut attempts = 0;
    while world.client.state() != State::Closed {
        attempts += 1;
        world.client.provide_authentication(Some(b"first".to_vec()), world.now);
        world.settle();
        world.open();
        let method = Property::AuthenticationMethod("m");
        auth(&mut world, 0x18, &[method, Property::AuthenticationData(b"?")]);
        world.client.provide_authentication(Some(b"answer".to_vec()), world.now);
        world.settle();
        world.authenticate.clear();
        world.drop_socket();
        while world.client.state() != State::Closed && world.authenticate.is_empty() {
            let at = world.deadline.expect("another attempt");
            world.advance(at - world.now);
        }
    }
    assert_eq!(attempts, 5);
    let errors = world.disconnections();
    let last = errors.last().unwrap();
    assert_eq!((last.code, last.retryable), (ErrorCode::Auth, false));
    assert_eq!(last.close, Some(lost()));
}

#[test]
fn a_renewal_that_the_server_hangs_up_on_fails_with_code_auth() {
    let settings = Config { authentication_method: Some("m".into()), ..config(V5) };
    let mut world = World::connecting(settings);
    world.client.provide_authentication(None, world.now);
    world.settle();
    world.open();
    world.accept(false, &[Property::AuthenticationMethod("m")]);
    let token = world.client.reauthenticate(world.now).unwrap().get();
    world.settle();
    world.client.provide_authentication(None, world.now);
    world.settle();
    world.drop_socket();
    assert_eq!(world.failure(token).code, ErrorCode::Auth);
    assert!(matches!(world.client.state(), State::Waiting { .. }));
}

fn auth(world: &mut World, code: u8, properties: &[Property<'_>]) {
    let mut block = wasmqtt::codec::PropertiesBuf::new();
    for property in properties {
        block.push(*property).unwrap();
    }
    let reason_code = ReasonCode::from_value(code);
    let properties = block.as_properties();
    world.serve(&[Packet::Auth(wasmqtt::codec::Auth { reason_code, properties })]);
}
