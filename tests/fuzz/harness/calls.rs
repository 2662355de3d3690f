//! What the network, the clock, the page and the application do next: one call, made of the fuzzer's choices. It does not
//! know what has to come of it, but for what the call itself answers.

use core::time::Duration;

use wasmqtt::client::{
    Acknowledge, DeliveryId, DisconnectOptions, ErrorCode, PublishRequest, State, SubscribeRequest,
    SubscriptionId, Token, Wake,
};
use wasmqtt::codec::{
    PropertiesBuf, Property, ProtocolVersion, QoS, ReasonCode, RetainHandling, SubscriptionOptions,
    TopicName,
};

use super::engine::Run;
use super::input::Input;
use super::packets::{self, TOPICS};
use super::tokens::{Kind, Publish};
use super::trace::trace;

const FILTERS: [&str; 12] = [
    "a",
    "plant/+/temperature",
    "#",
    "$share/g/a",
    "b/c",
    "reply/#",
    "$share/g/#",
    "+",
    "plant/#",
    "a/#/b",
    "",
    "$share//a",
];

/// Numbers that are given away to nothing do what happens most; they are for calls to come.
pub fn step(run: &mut Run, input: &mut Input<'_>) {
    let now = run.now;
    let number = input.u8() & 0x3F;
    trace(|| format!("call {number}"));
    match number {
        0 => {
            let _ = run.client.connect(now);
        }
        1 => run.opened(),
        2 => run.feed_foreign(input.bytes()),
        3 => {
            run.transmit(usize::from(input.u16()));
        }
        4 | 5 => server_packet(run, input),
        6 => run.lose(),
        7 => {
            run.now = now + Duration::from_millis(input.u8().into());
            run.client.handle_timeout(run.now);
        }
        8 => {
            run.now = now + Duration::from_millis(u64::from(input.u16()) * 10);
            run.client.handle_timeout(run.now);
        }
        9 => {
            run.now = now + Duration::from_secs(input.u32().into());
            run.client.handle_timeout(run.now);
        }
        10 => run.due(),
        11 => {
            let wake = input.pick(&[Wake::Online, Wake::Offline, Wake::Visible]);
            run.client.handle_wake(wake, now);
        }
        12..=15 => publish(run, input),
        16 | 17 => subscribe(run, input),
        18 => unsubscribe(run, input),
        19 => {
            if let Some(token) = run.ledger.nth(usize::from(input.u8())) {
                let taken = run.client.cancel(token);
                run.ledger.cancelled(token, taken);
            }
        }
        20 => match run.client.ping(now) {
            Ok(token) => run.ledger.asked(token, Kind::Ping),
            Err(error) => assert_ne!(error.code, ErrorCode::InvalidArgument),
        },
        21 => {
            let token = run.client.flush(now);
            run.ledger.asked(token, Kind::Flush);
        }
        22 => {
            run.authorize = false;
            let username = (input.u8() & 1 == 0).then(|| "user".into());
            run.client.provide_credentials(username, None, now);
        }
        23 => {
            run.authorize = false;
            run.client.refuse_credentials(now);
        }
        24 => {
            run.authenticate = false;
            let data = (input.u8() & 1 == 0).then(|| vec![7; 5]);
            run.client.provide_authentication(data, now);
        }
        25 => {
            run.authenticate = false;
            run.client.refuse_authentication(now);
        }
        26 => {
            if let Ok(token) = run.client.reauthenticate(now) {
                run.ledger.asked(token, Kind::Reauthenticate);
            }
        }
        27 => {
            let at = now + Duration::from_secs(input.u16().into());
            run.client.authentication_expires(at, now);
        }
        28 => disconnect(run, input),
        29 => {
            if input.u8() == 0 {
                run.client.abandon(now);
            }
        }
        30 => run.client.handle_text(now),
        31 => routes(run, input),
        32 => unasked(run, input),
        33 => {
            // A burst, for windows and queues.
            for _ in 0..input.u8() % 32 {
                publish(run, &mut input.clone());
                run.settle();
            }
        }
        34..=39 => answer(run, usize::MAX),
        40..=43 => answer(run, usize::from(input.u8()) + 1),
        44 => {
            // All at once: connected, as far as it goes.
            let _ = run.client.connect(now);
            run.settle();
            run.client.provide_credentials(Some("user".into()), None, now);
            run.settle();
            run.client.provide_authentication(None, now);
            run.settle();
            run.opened();
            while run.transmit(1 << 16) {}
        }
        46..=48 => acknowledge(run, input),
        45 => {
            // As it was lost: what is due comes again.
            run.lose();
            run.due();
            run.opened();
            while run.transmit(1 << 16) {}
        }
        _ => while run.transmit(1 << 16) {},
    }
}

/// The answers of a good server, of which the last may be cut.
fn answer(run: &mut Run, len: usize) {
    let mut answers = core::mem::take(&mut run.answers);
    let rest = answers.split_off(len.min(answers.len()));
    run.feed(&answers);
    if run.connection.is_some() {
        run.answers = rest;
    }
}

fn server_packet(run: &mut Run, input: &mut Input<'_>) {
    let version = match &run.connection {
        Some(connection) => connection.version,
        None => ProtocolVersion::V5_0,
    };
    let mut bytes = Vec::new();
    packets::packet(input, version, &run.config, &mut bytes);
    run.feed_foreign(&bytes);
}

fn publish(run: &mut Run, input: &mut Input<'_>) {
    let flags = input.u8();
    let how = input.u8();
    let qos = QoS::from_value(flags & 3).unwrap_or(QoS::AtLeastOnce);
    let retain = flags & 4 != 0;
    let topic = match flags >> 3 & 15 {
        15 => "a/+",
        14 => "",
        index => TOPICS[usize::from(index) % TOPICS.len()],
    };
    run.serial += 1;
    let mut payload = format!("{:08x}", run.serial).into_bytes();
    let room = run.connection.as_ref().and_then(|it| it.limits.as_ref()).map(|it| it.packet_size);
    let filler = match (flags & 0x80, how & 0x0F, room) {
        (0, length, _) => usize::from(length),
        // About as long as the server takes, to the byte.
        (_, 0x0F, Some(room)) if room < 2_000 => {
            room.saturating_sub(payload.len() + topic.len() + usize::from(how >> 4))
        }
        _ => usize::from(how) * 8,
    };
    payload.resize(payload.len() + filler, if how & 1 == 0 { b'x' } else { 0xFF });
    let mut properties = PropertiesBuf::new();
    let mut expiry = None;
    if how & 0xC0 == 0xC0 {
        expiry = Some(u32::from(input.u8()));
        let _ = properties.push(Property::MessageExpiryInterval(expiry.unwrap_or(0)));
    }
    let extra = if how & 0x20 == 0 { 0 } else { input.u8() };
    let more = [
        Property::UserProperty(("k", "v")),
        Property::ContentType("text/plain"),
        Property::ResponseTopic("reply/1"),
        Property::CorrelationData(&[1, 2, 3]),
        Property::PayloadFormatIndicator(true),
        Property::ResponseTopic("reply/+"),
        Property::TopicAlias(1),
        Property::ReasonString("no"),
    ];
    for (bit, property) in more.into_iter().enumerate() {
        if extra & 1 << bit != 0 {
            let _ = properties.push(property);
        }
    }
    run.moved += payload.len() + properties.len() + topic.len();
    let request = PublishRequest { topic, payload: payload.clone(), qos, retain, properties };
    // The second Response Topic is not taken where there is a first.
    let wrong = extra & 0xC0 != 0 || extra & 0x24 == 0x20;
    match run.client.publish(request, run.now) {
        Ok(token) => {
            assert!(TopicName::new(topic).is_ok() && !wrong, "{topic:?} {extra:x}");
            let topic = topic.to_string();
            let token = token.get();
            let publish = Publish { topic, payload, qos, retain, expiry, sent: 0, token };
            run.ledger.published(run.serial, publish);
        }
        Err(error) => assert!(
            error.code != ErrorCode::InvalidArgument
                || TopicName::new(topic).is_err()
                || wrong
                || extra & 0x10 != 0,
            "{error:?}"
        ),
    }
}

fn subscribe(run: &mut Run, input: &mut Input<'_>) {
    let flags = input.u8();
    let filter = FILTERS[usize::from(flags >> 4) % FILTERS.len()];
    let mut options =
        SubscriptionOptions::new(QoS::from_value(flags & 3).unwrap_or(QoS::ExactlyOnce));
    if flags & 4 != 0 {
        options.no_local = flags & 8 != 0;
        options.retain_as_published = true;
        options.retain_handling = RetainHandling::from_value(flags & 3).unwrap_or_default();
    }
    let mut request = SubscribeRequest::from(options);
    request.manual = flags & 0x0C == 0x08;
    if flags & 0x0F == 0x0F {
        request.properties = pair();
    }
    run.moved += 300;
    if let Ok(id) = run.client.subscribe(filter, request, run.now) {
        run.ledger.subscribed(id);
    }
}

fn pair() -> PropertiesBuf {
    let mut properties = PropertiesBuf::new();
    let _ = properties.push(Property::UserProperty(("key", "value")));
    properties
}

/// One subscription is done with a message: mostly one that waits, else one that never was.
fn acknowledge(run: &mut Run, input: &mut Input<'_>) {
    let flags = input.u8();
    let mut answer = Acknowledge::default();
    if flags & 0x80 != 0 {
        answer.reason_code = ReasonCode::from_value(input.u8());
    }
    if flags & 0x40 != 0 {
        answer.properties = pair();
    }
    let index = usize::from(flags & 0x3F);
    let id = match run.deliveries.len() {
        0 => DeliveryId::from_raw(u32::from(flags)),
        count => run.deliveries[index % count],
    };
    if let Ok(true) = run.client.acknowledge(id, answer, run.now) {
        assert!(run.deliveries.contains(&id), "what was not delivered is acknowledged");
    }
}

fn unsubscribe(run: &mut Run, input: &mut Input<'_>) {
    let index = usize::from(input.u8());
    let count = run.ledger.subscriptions.len();
    let (id, there) = match run.ledger.subscriptions.get(index % count.max(1)) {
        Some(found) if index < 200 => *found,
        _ => (SubscriptionId::from_raw(u32::from(input.u16()) + (1 << 20)), false),
    };
    let ending = matches!(run.client.state(), State::Closing | State::Closed);
    let result = match index & 7 {
        7 => run.client.unsubscribe_with(id, pair(), run.now),
        _ => run.client.unsubscribe(id, run.now),
    };
    match result {
        Ok(token) => {
            assert!(there && !ending, "what is not there cannot be ended");
            run.ledger.gone(id.get());
            run.ledger.asked(token, Kind::Unsubscribe);
        }
        Err(error) if ending => assert_eq!(error.code, ErrorCode::Closed),
        Err(error) if index & 7 == 7 && error.code == ErrorCode::Unsupported => {}
        Err(error) => assert!(!there && error.code == ErrorCode::InvalidArgument, "{error:?}"),
    }
}

fn disconnect(run: &mut Run, input: &mut Input<'_>) {
    let flags = input.u8();
    // Seldom, so that most runs are long.
    if flags & 0x0F != 0 {
        return;
    }
    let options = DisconnectOptions {
        reason_code: ReasonCode::from_value(if flags & 0x10 == 0 { 0 } else { input.u8() }),
        session_expiry_interval: (flags & 0x20 != 0).then(|| input.u32()),
        properties: if flags & 0x80 == 0 { PropertiesBuf::new() } else { pair() },
        drain: (flags & 0x40 != 0).then(|| Duration::from_secs(input.u8().into())),
    };
    run.client.disconnect(options, run.now);
}

/// The subscriptions of a topic are some that are there, each once.
fn routes(run: &mut Run, input: &mut Input<'_>) {
    let Ok(topic) = TopicName::new(input.pick(&TOPICS)) else { return };
    let mut found = Vec::new();
    let numbers = [u32::from(input.u8() & 7), u32::from(input.u8() & 7)];
    run.client.routes(topic, &numbers[..usize::from(input.u8() % 3)], &mut found);
    let before = found.len();
    for id in &found {
        let there = run.ledger.subscriptions.iter().any(|(other, there)| other == id && *there);
        assert!(there, "a message is routed to what is not there");
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), before, "a message is routed twice to one subscription");
}

/// What a driver would not do: late, early, or for something else.
fn unasked(run: &mut Run, input: &mut Input<'_>) {
    let now = run.now;
    match input.u8() % 6 {
        0 if run.connection.is_none() => run.client.handle_open(now),
        1 if run.connection.is_none() => run.lose(),
        2 if !run.open => run.client.handle_bytes(input.bytes(), now),
        3 if !run.open => assert!(run.client.poll_transmit(now, 100).is_none()),
        4 => run.client.handle_timeout(now),
        _ => {
            // A token that was never given.
            let unknown = Token::from_raw(u32::from(input.u16()) + (1 << 20));
            assert!(!run.client.cancel(unknown));
        }
    }
}
