//! The driver and the Rust API in a real browser. The broker is a scripted one behind the sockets'
//! factory, since a page can start no server; real brokers are the end-to-end tests' matter.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use wasmqtt::client::{DisconnectOptions, Phase, Reconnect};
use wasmqtt::{
    Client, ClientEvent, Config, ErrorCode, Login, Options, Property, QoS, RecordChange, RecordKey,
    SessionStore, State, StoreFailed, Stored,
};

#[wasm_bindgen(module = "/tests/browser_support/broker.js")]
extern "C" {
    type Broker;

    #[wasm_bindgen(js_name = newBroker)]
    fn new_broker(synchronous: bool, split: u32) -> Broker;
    #[wasm_bindgen(js_name = newForeignBroker)]
    fn new_foreign_broker() -> Broker;
    #[wasm_bindgen(method)]
    fn factory(this: &Broker) -> Function;
    #[wasm_bindgen(method)]
    fn refuse(this: &Broker, count: u32);
    #[wasm_bindgen(method)]
    fn drop(this: &Broker);
    #[wasm_bindgen(method, js_name = sendText)]
    fn send_text(this: &Broker, text: &str);
    #[wasm_bindgen(method)]
    fn publish(this: &Broker, topic: &str, payload: &[u8], qos: u8);
    #[wasm_bindgen(method)]
    fn received(this: &Broker) -> String;
    #[wasm_bindgen(method, js_name = receivedFrames)]
    fn received_frames(this: &Broker) -> u32;
    #[wasm_bindgen(method)]
    fn attempts(this: &Broker) -> u32;
    #[wasm_bindgen(method)]
    fn users(this: &Broker) -> String;
    #[wasm_bindgen(js_name = nextTask)]
    fn next_task() -> js_sys::Promise;
}

fn at_once() -> Config {
    let reconnect = Reconnect {
        min: Duration::from_millis(1),
        max: Duration::from_millis(1),
        ..Reconnect::default()
    };
    Config { reconnect: Some(reconnect), ..Config::default() }
}

fn options(broker: &Broker, config: Config) -> Options {
    Options { config, factory: Some(broker.factory()), ..Options::default() }
}

async fn connected(broker: &Broker) -> Client {
    let client = Client::connect("ws://scripted", options(broker, at_once())).unwrap();
    client.ready().await.unwrap();
    client
}

/// Until the broker has received a packet of that name.
async fn received(broker: &Broker, name: &str) {
    while !broker.received().split(' ').any(|packet| packet == name) {
        JsFuture::from(next_task()).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn messages_go_and_come_with_every_qos() {
    for (synchronous, split) in [(false, 0), (true, 0), (false, 1), (true, 3)] {
        let broker = new_broker(synchronous, split);
        let client = connected(&broker).await;
        let mut messages = client.subscribe("a/+").qos(QoS::ExactlyOnce).await.unwrap();
        assert_eq!(messages.qos(), QoS::ExactlyOnce);
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            client.publish("a/b", vec![qos as u8, 0, 255]).qos(qos).await.unwrap();
            let message = messages.next().await.unwrap();
            assert_eq!((message.topic.as_str(), message.qos), ("a/b", qos));
            assert_eq!(message.payload, [qos as u8, 0, 255]);
        }
        client.close().await.unwrap();
        assert!(messages.next().await.is_none());
    }
}

#[wasm_bindgen_test]
async fn frames_may_be_buffers_and_views_of_another_realm() {
    let broker = new_foreign_broker();
    let client = connected(&broker).await;
    let mut messages = client.subscribe("a").qos(QoS::AtLeastOnce).await.unwrap();
    for number in 0..6 {
        client.publish("a", vec![number, 0, 255]).qos(QoS::AtLeastOnce).await.unwrap();
        assert_eq!(messages.next().await.unwrap().payload, [number, 0, 255]);
    }
    let mut events = client.events();
    broker.send_text("text stays text");
    let error = loop {
        if let ClientEvent::Disconnected(error) = events.next().await.unwrap() {
            break error;
        }
    };
    assert_eq!(error.code, ErrorCode::ProtocolError);
}

#[wasm_bindgen_test]
async fn a_client_is_usable_at_once_and_each_subscription_gets_its_own() {
    let broker = new_broker(false, 0);
    let client = Client::connect("ws://scripted", options(&broker, at_once())).unwrap();
    assert_eq!(client.state(), State::Connecting);
    let mut one = client.subscribe("one").await.unwrap();
    let mut all = client.subscribe("#").await.unwrap();
    client.publish("two", "2").await.unwrap();
    client.publish("one", "1").await.unwrap();
    assert_eq!(one.next().await.unwrap().text(), Some("1"));
    assert_eq!(all.next().await.unwrap().text(), Some("2"));
    assert_eq!(all.next().await.unwrap().text(), Some("1"));
}

#[wasm_bindgen_test]
async fn a_lost_connection_comes_back_with_its_subscriptions_and_what_was_queued() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let mut messages = client.subscribe("a").qos(QoS::AtLeastOnce).await.unwrap();
    let mut events = client.events();
    broker.refuse(2);
    broker.drop();
    client.publish("a", "queued").qos(QoS::AtLeastOnce).await.unwrap();
    assert_eq!(messages.next().await.unwrap().text(), Some("queued"));
    assert_eq!(broker.attempts(), 4);
    let mut phases = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            ClientEvent::Disconnected(error) => phases.push((error.phase, error.retryable)),
            ClientEvent::Connected(_) => break,
            _ => {}
        }
    }
    assert_eq!(phases[0], (Phase::Connected, true));
    assert_eq!(phases[1..], [(Phase::Opening, true); 2]);
}

#[wasm_bindgen_test]
async fn a_text_message_is_a_breach() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let mut events = client.events();
    broker.send_text("hello");
    let error = loop {
        if let Some(ClientEvent::Disconnected(error)) = events.next().await {
            break error;
        }
    };
    assert_eq!(error.code, ErrorCode::ProtocolError);
    received(&broker, "DISCONNECT").await;
    client.ready().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_refused_subscription_is_an_error_and_a_dropped_one_unsubscribes() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let error = client.subscribe("forbidden/a").await.err().unwrap();
    assert_eq!(
        (error.code, error.reason_code.map(|code| code.value())),
        (ErrorCode::Refused, Some(0x87))
    );
    let subscription = client.subscribe("a").await.unwrap();
    std::mem::drop(subscription);
    received(&broker, "UNSUBSCRIBE").await;
}

#[wasm_bindgen_test]
async fn credentials_are_asked_for_before_every_connect() {
    let broker = new_broker(false, 0);
    let options = options(&broker, at_once()).with_credentials(|authorize| async move {
        let username = Some(format!("user{}", authorize.attempt));
        Some(Login { username, ..Login::default() })
    });
    let client = Client::connect("ws://scripted", options).unwrap();
    client.ready().await.unwrap();
    let mut events = client.events();
    broker.drop();
    while !matches!(events.next().await, Some(ClientEvent::Connected(_))) {}
    assert_eq!(broker.users(), "user1 user2");
}

#[wasm_bindgen_test]
async fn a_burst_shares_frames() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let before = broker.received_frames();
    let burst: Vec<_> =
        (0..300).map(|_| std::future::IntoFuture::into_future(client.publish("a", "1"))).collect();
    for publish in burst {
        publish.await.unwrap();
    }
    let frames = broker.received_frames() - before;
    assert!(frames <= 3, "{frames} frames");
}

#[wasm_bindgen_test]
async fn retained_messages_properties_pings_and_flush() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    client
        .publish("kept", "value")
        .retain(true)
        .qos(QoS::AtLeastOnce)
        .property(Property::ContentType("text/plain"))
        .await
        .unwrap();
    let mut messages = client.subscribe("kept").await.unwrap();
    let message = messages.next().await.unwrap();
    assert_eq!((message.text(), message.retain), (Some("value"), true));
    client.ping().await.unwrap();
    client.flush().await.unwrap();
    let stats = client.stats().unwrap();
    assert_eq!((stats.messages_sent, stats.messages_received, stats.in_flight), (1, 1, 0));
    assert!(stats.round_trip.is_some());
}

#[wasm_bindgen_test]
async fn messages_of_the_broker_are_acknowledged() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let mut messages = client.subscribe("a").qos(QoS::ExactlyOnce).await.unwrap();
    broker.publish("a", b"1", 1);
    broker.publish("a", b"2", 2);
    assert_eq!(messages.next().await.unwrap().text(), Some("1"));
    assert_eq!(messages.next().await.unwrap().text(), Some("2"));
    for name in ["PUBACK", "PUBREC", "PUBCOMP"] {
        received(&broker, name).await;
    }
}

#[wasm_bindgen_test]
async fn bad_arguments_are_refused_and_disturb_nothing() {
    let broker = new_broker(false, 0);
    assert_eq!(
        Client::connect("ftp://x", Options::default()).err().map(|it| it.code),
        Some(ErrorCode::InvalidArgument)
    );
    let client = connected(&broker).await;
    let error = client.publish("a/+", "").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let error = client.subscribe("a/#/b").await.err().unwrap();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    client.publish("a", "").qos(QoS::AtLeastOnce).await.unwrap();
}

/// It throws for a fragment, and always will.
#[wasm_bindgen_test]
async fn an_address_that_the_browser_does_not_take_is_not_tried_again() {
    let client = Client::connect("ws://127.0.0.1:1/#fragment", Options::default()).unwrap();
    let error = client.ready().await.unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::InvalidArgument, Phase::Opening));
    assert_eq!(client.state(), State::Closed);
}

#[wasm_bindgen_test]
async fn the_end_settles_everything_and_says_goodbye() {
    let broker = new_broker(false, 0);
    let client = connected(&broker).await;
    let waiting =
        std::future::IntoFuture::into_future(client.publish("a", "1").qos(QoS::ExactlyOnce));
    let drained =
        std::future::IntoFuture::into_future(client.publish("a", "2").qos(QoS::AtLeastOnce));
    let drain = Some(Duration::from_secs(10));
    client.close_with(DisconnectOptions { drain, ..DisconnectOptions::default() }).await.unwrap();
    assert!(waiting.await.is_ok() && drained.await.is_ok());
    assert_eq!(client.publish("a", "").await.unwrap_err().code, ErrorCode::Closed);
    assert!(broker.received().ends_with("DISCONNECT"));
    let other = new_broker(false, 0);
    std::mem::drop(connected(&other).await);
    received(&other, "DISCONNECT").await;
}

/// With the browser's own WebSocket, to a port that browsers do not connect to.
#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_an_error_of_opening() {
    let config = Config { reconnect: None, ..Config::default() };
    let client =
        Client::connect("ws://127.0.0.1:1", Options { config, ..Options::default() }).unwrap();
    let waiting = std::future::IntoFuture::into_future(client.publish("a", "1"));
    let error = client.ready().await.unwrap_err();
    assert_eq!((error.code, error.phase), (ErrorCode::ConnectionLost, Phase::Opening));
    assert_eq!(waiting.await.unwrap_err().code, ErrorCode::ConnectionLost);
    assert_eq!(client.state(), State::Closed);
}

/// A store that outlives its clients, in memory.
#[derive(Default)]
struct Memory {
    records: Rc<RefCell<BTreeMap<RecordKey, Vec<u8>>>>,
    fails: bool,
}

impl SessionStore for Memory {
    fn read(&self) -> Stored<Vec<(RecordKey, Vec<u8>)>> {
        let records = self.records.borrow().clone();
        Box::pin(async move { Ok(records.into_iter().collect()) })
    }

    fn write(&self, changes: Vec<RecordChange>) -> Stored<()> {
        let (records, fails) = (Rc::clone(&self.records), self.fails);
        Box::pin(async move {
            JsFuture::from(next_task()).await.unwrap();
            if fails {
                return Err(StoreFailed);
            }
            for (key, value) in changes {
                match value {
                    Some(value) => records.borrow_mut().insert(key, value),
                    None => records.borrow_mut().remove(&key),
                };
            }
            Ok(())
        })
    }
}

#[wasm_bindgen_test]
async fn a_stored_session_goes_on_with_the_next_client() {
    let broker = new_broker(false, 0);
    let store: Rc<Memory> = Rc::default();
    let connect = || {
        let config = Config { session_expiry_interval: 60, ..at_once() };
        Client::connect_stored("ws://scripted", options(&broker, config), Rc::clone(&store) as _)
    };
    let client = connect().await.unwrap();
    client.ready().await.unwrap();
    let mut messages = client.subscribe("a").qos(QoS::ExactlyOnce).await.unwrap();
    client.publish("a", "one").qos(QoS::ExactlyOnce).await.unwrap();
    assert_eq!(messages.next().await.unwrap().payload, b"one");

    // Queued for a connection that never comes: the page is gone before.
    broker.refuse(u32::MAX);
    broker.drop();
    let mut events = client.events();
    while !matches!(events.next().await, Some(ClientEvent::State(State::Waiting { .. }))) {}
    let publish = client.publish("b", "two").qos(QoS::AtLeastOnce).label("order 2");
    let publish = std::future::IntoFuture::into_future(publish);
    while store.records.borrow().values().all(|value| !value.ends_with(b"two")) {
        JsFuture::from(next_task()).await.unwrap();
    }
    client.close().await.unwrap();
    assert!(publish.await.is_err());
    drop((client, messages));

    broker.refuse(0);
    let client = connect().await.unwrap();
    let mut restored = client.restored();
    assert!(client.restored().is_empty());
    let publish = restored.pop().unwrap();
    assert!(restored.is_empty());
    assert_eq!((&*publish.topic, publish.qos), ("b", QoS::AtLeastOnce));
    assert_eq!(publish.label.as_deref(), Some("order 2"));
    publish.done().await.unwrap();
    client.close().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_store_that_fails_is_told_and_the_session_goes_on_in_memory() {
    let broker = new_broker(false, 0);
    let store = Rc::new(Memory { fails: true, ..Memory::default() });
    let options = options(&broker, at_once());
    let client = Client::connect_stored("ws://scripted", options, store).await.unwrap();
    let mut events = client.events();
    while !matches!(events.next().await, Some(ClientEvent::StoreFailed)) {}
    let mut messages = client.subscribe("a").qos(QoS::ExactlyOnce).await.unwrap();
    client.publish("a", "one").qos(QoS::ExactlyOnce).await.unwrap();
    assert_eq!(messages.next().await.unwrap().payload, b"one");
    client.close().await.unwrap();
}
