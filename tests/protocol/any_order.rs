//! Whatever happens in whatever order: no panic, and every command is answered exactly once.

use core::time::Duration;
use std::collections::BTreeMap;

use proptest::prelude::*;
use wasmqtt::client::{
    Client, Config, DisconnectOptions, Event, Instant, Output, PublishRequest, Reconnect, State,
    SubscriptionId, VersionPolicy, Wake,
};
use wasmqtt::codec::{
    Acknowledgement, Connack, Packet, Properties, PropertiesBuf, ProtocolVersion, QoS, ReasonCode,
    ReasonCodes, Suback, SubscriptionOptions, decode_from_client, locate,
};

use crate::support::lost;

#[derive(Clone, Debug)]
enum Step {
    Publish(u8),
    Subscribe(u8, u8),
    Unsubscribe(prop::sample::Index),
    Cancel(prop::sample::Index),
    Ping,
    Flush,
    /// The server's answers so far arrive, in pieces of that size.
    Answer(u8),
    /// The socket opens, if one is asked for.
    Open,
    /// The socket takes bytes.
    Transmit(u16),
    Drop,
    /// The server says something it may not.
    Breach,
    Message(u8),
    Wait(u16),
    Wake(u8),
    Disconnect(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3u8).prop_map(Step::Publish),
        3 => (0..4u8, 0..3u8).prop_map(|(filter, qos)| Step::Subscribe(filter, qos)),
        2 => any::<prop::sample::Index>().prop_map(Step::Unsubscribe),
        1 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        1 => Just(Step::Ping),
        1 => Just(Step::Flush),
        8 => (1..=255u8).prop_map(Step::Answer),
        4 => Just(Step::Open),
        6 => (1..400u16).prop_map(Step::Transmit),
        2 => Just(Step::Drop),
        1 => Just(Step::Breach),
        2 => (0..3u8).prop_map(Step::Message),
        3 => (0..60_000u16).prop_map(Step::Wait),
        1 => (0..3u8).prop_map(Step::Wake),
        1 => (0..20u8).prop_map(Step::Disconnect),
    ]
}

/// A server that answers everything, keeps its session if it is told to, and refuses now and then.
struct Run {
    client: Client,
    now: Instant,
    version: ProtocolVersion,
    keeps: bool,
    socket: Option<bool>,
    answers: Vec<u8>,
    /// How often each token was answered.
    tokens: BTreeMap<u32, u32>,
    subscriptions: Vec<SubscriptionId>,
    refusals: u32,
    connects: u32,
    identifier: u16,
}

impl Run {
    fn settle(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(deadline) => {
                    if !self.client.has_output() {
                        assert!(deadline.is_none() || self.client.state() != State::Closed);
                        return;
                    }
                }
                Output::Open { .. } => {
                    assert_eq!(self.socket, None);
                    self.socket = Some(false);
                }
                Output::Close { .. } => {
                    while self.client.poll_transmit(self.now, 1 << 16).is_some() {}
                    self.socket = None;
                    self.answers.clear();
                }
                Output::Event(Event::Completed { token, .. } | Event::Failed { token, .. }) => {
                    if let Some(count) = self.tokens.get_mut(&token.get()) {
                        *count += 1;
                    }
                }
                Output::Event(Event::SessionLost { .. }) => {}
                Output::Event(Event::SubscriptionLost { id, .. }) => {
                    self.subscriptions.retain(|other| *other != id);
                }
                Output::Persist(_)
                | Output::Authorize { .. }
                | Output::Authenticate(_)
                | Output::Event(_) => {}
            }
        }
    }

    fn transmit(&mut self, max: usize) {
        if self.socket != Some(true) {
            return;
        }
        if let Some(bytes) = self.client.poll_transmit(self.now, max).map(<[u8]>::to_vec) {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let frame = locate(rest, self.version, None).unwrap().expect("whole packets");
                let packet = decode_from_client(&rest[..frame.len], self.version).unwrap();
                self.answer(&packet);
                rest = &rest[frame.len..];
            }
        }
        self.settle();
    }

    fn answer(&mut self, packet: &Packet<'_>) {
        let refuses = |run: &mut Self| {
            run.refusals += 1;
            run.refusals.is_multiple_of(7)
        };
        let out = &mut Vec::new();
        let v5 = self.version.is_v5();
        let code = |refuse: bool| match refuse {
            true if v5 => ReasonCode::NOT_AUTHORIZED,
            _ => ReasonCode::SUCCESS,
        };
        let ack = |id, code| Acknowledgement { reason_code: code, ..Acknowledgement::success(id) };
        let reply = match packet {
            Packet::Connect(connect) => {
                self.connects += 1;
                let session_present = self.keeps && !connect.clean_start && self.connects > 1;
                let (reason_code, properties) = (ReasonCode::SUCCESS, Properties::EMPTY);
                Packet::Connack(Connack {
                    session_present,
                    reason_code,
                    return_code: 0,
                    properties,
                })
            }
            Packet::Publish(publish) => match (publish.qos, publish.packet_identifier) {
                (QoS::AtLeastOnce, Some(id)) => {
                    let refuse = refuses(self);
                    Packet::Puback(ack(id, code(refuse)))
                }
                (QoS::ExactlyOnce, Some(id)) => {
                    let refuse = refuses(self);
                    Packet::Pubrec(ack(id, code(refuse)))
                }
                _ => return,
            },
            Packet::Pubrel(it) => Packet::Pubcomp(ack(it.packet_identifier, ReasonCode::SUCCESS)),
            Packet::Pubrec(it) => Packet::Pubrel(ack(it.packet_identifier, ReasonCode::SUCCESS)),
            Packet::Subscribe(it) => {
                let codes: Vec<u8> = it
                    .subscriptions
                    .iter()
                    .map(|it| if refuses(self) { 0x80 } else { it.options.qos.value() })
                    .collect();
                Packet::Suback(Suback {
                    packet_identifier: it.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(&codes),
                })
                .encode(self.version, out)
                .unwrap();
                return self.answers.append(out);
            }
            Packet::Unsubscribe(it) => {
                let count = if self.version.is_v5() { it.filters.iter().count() } else { 0 };
                Packet::Unsuback(Suback {
                    packet_identifier: it.packet_identifier,
                    properties: Properties::EMPTY,
                    reason_codes: ReasonCodes(&[0; 8][..count]),
                })
                .encode(self.version, out)
                .unwrap();
                return self.answers.append(out);
            }
            Packet::Pingreq => Packet::Pingresp,
            _ => return,
        };
        reply.encode(self.version, out).unwrap();
        self.answers.append(out);
    }

    fn feed(&mut self, bytes: &[u8]) {
        if self.socket == Some(true) {
            self.client.handle_bytes(bytes, self.now);
            self.settle();
        }
    }

    fn step(&mut self, step: &Step) {
        let now = self.now;
        match step {
            Step::Publish(qos) => {
                let properties = PropertiesBuf::new();
                let qos = QoS::from_value(*qos).unwrap();
                let request = PublishRequest {
                    topic: "a",
                    payload: vec![1; 20],
                    qos,
                    retain: false,
                    properties,
                };
                if let Ok(token) = self.client.publish(request, now) {
                    self.tokens.insert(token.get(), 0);
                }
            }
            Step::Subscribe(filter, qos) => {
                let filter = ["a", "b", "a/#", "+"][usize::from(*filter)];
                let options = SubscriptionOptions::new(QoS::from_value(*qos).unwrap());
                if let Ok(id) = self.client.subscribe(filter, options, now) {
                    self.tokens.insert(id.get(), 0);
                    self.subscriptions.push(id);
                }
            }
            Step::Unsubscribe(index) => {
                if !self.subscriptions.is_empty() {
                    let id = self.subscriptions.remove(index.index(self.subscriptions.len()));
                    if let Ok(token) = self.client.unsubscribe(id, now) {
                        self.tokens.insert(token.get(), 0);
                    }
                }
            }
            Step::Cancel(index) => {
                if !self.tokens.is_empty() {
                    let at = index.index(self.tokens.len());
                    let token = *self.tokens.keys().nth(at).unwrap();
                    let open = self.tokens[&token] == 0;
                    if self.client.cancel(wasmqtt::client::Token::from_raw(token)) {
                        assert!(open, "what was answered cannot be taken back");
                    }
                    // Nobody waits for it any more.
                    self.tokens.remove(&token);
                }
            }
            Step::Ping => {
                if let Ok(token) = self.client.ping(now) {
                    self.tokens.insert(token.get(), 0);
                }
            }
            Step::Flush => {
                let token = self.client.flush(now);
                self.tokens.insert(token.get(), 0);
            }
            Step::Answer(size) => {
                let answers = std::mem::take(&mut self.answers);
                for piece in answers.chunks(usize::from(*size)) {
                    self.feed(piece);
                }
            }
            Step::Open => {
                if self.socket == Some(false) {
                    self.socket = Some(true);
                    self.client.handle_open(now);
                }
            }
            Step::Transmit(max) => self.transmit(usize::from(*max)),
            Step::Drop => {
                if self.socket.take().is_some() {
                    self.answers.clear();
                    self.client.handle_close(lost(), now);
                }
            }
            Step::Breach => self.feed(&[0, 0]),
            Step::Message(qos) => {
                self.identifier = self.identifier % 5 + 1;
                let qos = QoS::from_value(*qos).unwrap();
                let mut bytes = vec![];
                let publish = crate::support::message("a", "x", qos, self.identifier);
                let publish = match publish {
                    Packet::Publish(mut publish) if qos == QoS::AtMostOnce => {
                        publish.packet_identifier = None;
                        Packet::Publish(publish)
                    }
                    publish => publish,
                };
                publish.encode(self.version, &mut bytes).unwrap();
                self.feed(&bytes);
            }
            Step::Wait(millis) => {
                self.now = now + Duration::from_millis((*millis).into());
                self.client.handle_timeout(self.now);
            }
            Step::Wake(wake) => {
                let wake = [Wake::Online, Wake::Offline, Wake::Visible][usize::from(*wake)];
                self.client.handle_wake(wake, now);
            }
            // Seldom, so that most runs are long.
            Step::Disconnect(0) => {
                let drain = Some(Duration::from_secs(5));
                let options = DisconnectOptions { drain, ..DisconnectOptions::default() };
                self.client.disconnect(options, now);
            }
            Step::Disconnect(_) => {}
        }
        self.settle();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_command_is_answered_exactly_once(
        steps in proptest::collection::vec(step(), 1..150),
        v5 in any::<bool>(),
        keeps in any::<bool>(),
    ) {
        let version = if v5 { ProtocolVersion::V5_0 } else { ProtocolVersion::V3_1_1 };
        let config = Config {
            version: VersionPolicy::Exactly(version),
            clean_start: !keeps,
            reconnect: Some(Reconnect::default()),
            ..Config::default()
        };
        let mut run = Run {
            client: Client::new(config, 3).unwrap(),
            now: Instant::from_millis(0),
            version, keeps,
            socket: None, answers: vec![], tokens: BTreeMap::new(), subscriptions: vec![],
            refusals: 0, connects: 0, identifier: 0,
        };
        run.client.connect(run.now).unwrap();
        run.settle();
        for step in &steps {
            run.step(step);
            for (token, count) in &run.tokens {
                prop_assert!(*count <= 1, "{token} was answered {count} times");
            }
        }
        run.client.disconnect(DisconnectOptions::default(), run.now);
        run.settle();
        prop_assert_eq!(run.client.state(), State::Closed);
        for (token, count) in &run.tokens {
            prop_assert!(*count == 1, "{token} was answered {count} times");
        }
        let stats = run.client.stats();
        prop_assert_eq!((stats.queued, stats.queued_bytes, stats.in_flight), (0, 0, 0));
    }
}
