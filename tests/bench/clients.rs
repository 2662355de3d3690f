//! Three clients without a socket, each connected, behind one trait. It does not know what is measured.

use bytes::BytesMut;
use mqtt_protocol_core::mqtt::{self, common::Cursor, connection::Event as CoreEvent};
use rumqttc::v5::{MqttState, Request, mqttbytes};
use wasmqtt::client::{Config, Event, Instant, Outcome, Output, PublishRequest};
use wasmqtt::codec::{PropertiesBuf, QoS, SubscriptionOptions};
use wasmqtt_bench::connack;

pub trait Client {
    fn connected() -> Self;
    /// Publishes: the bytes to send.
    fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> &[u8];
    /// Bytes came: those to send.
    fn receive(&mut self, bytes: &[u8]) -> &[u8];
    /// Publishes that are complete since the last call.
    fn done(&mut self) -> usize;
    /// Messages that came since the last call.
    fn messages(&mut self) -> usize;
}

pub struct Wasmqtt {
    client: wasmqtt::client::Client,
    now: Instant,
    done: usize,
    messages: usize,
}

impl Wasmqtt {
    /// With that many subscriptions.
    pub fn subscribed(count: usize) -> Self {
        let mut this = Self::connected();
        for number in 0..count {
            let options = SubscriptionOptions::new(QoS::AtMostOnce);
            let filter = format!("plant/{number}/#");
            this.client.subscribe(&filter, options, this.now).expect("a subscription");
        }
        while !this.settle().is_empty() {}
        this
    }

    fn settle(&mut self) -> &[u8] {
        self.poll();
        self.client.poll_transmit(self.now, 64 * 1024).unwrap_or_default()
    }

    fn poll(&mut self) {
        loop {
            match self.client.poll_output() {
                Output::Timeout(_) => return,
                Output::Event(Event::Message(_)) => self.messages += 1,
                Output::Event(Event::Completed { outcome: Outcome::Published { .. }, .. }) => {
                    self.done += 1;
                }
                _ => {}
            }
        }
    }
}

impl Client for Wasmqtt {
    fn connected() -> Self {
        let now = Instant::from_millis(1_000_000);
        let client = wasmqtt::client::Client::new(Config::default(), 7).expect("a client");
        let mut this = Self { client, now, done: 0, messages: 0 };
        this.client.connect(now).expect("a beginning");
        this.poll();
        this.client.handle_open(now);
        assert!(!this.settle().is_empty());
        this.receive(&connack());
        assert!(this.client.server().is_some());
        this
    }

    fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> &[u8] {
        let request = PublishRequest {
            topic,
            payload: payload.into(),
            qos,
            retain: false,
            properties: PropertiesBuf::new(),
        };
        self.client.publish(request, self.now).expect("a token");
        self.settle()
    }

    fn receive(&mut self, bytes: &[u8]) -> &[u8] {
        self.client.handle_bytes(bytes, self.now);
        self.settle()
    }

    fn done(&mut self) -> usize {
        // A publish of QoS 0 is told of when it has been handed on.
        self.poll();
        std::mem::take(&mut self.done)
    }

    fn messages(&mut self) -> usize {
        std::mem::take(&mut self.messages)
    }
}

pub struct Rumqttc {
    state: MqttState,
    received: BytesMut,
    sent: BytesMut,
    published: usize,
}

impl Rumqttc {
    fn write(&mut self, packet: Option<mqttbytes::v5::Packet>) -> &[u8] {
        self.sent.clear();
        if let Some(packet) = packet {
            packet.write(&mut self.sent, None).expect("a packet");
        }
        &self.sent
    }
}

impl Client for Rumqttc {
    fn connected() -> Self {
        Self {
            state: MqttState::new(100, false),
            received: BytesMut::new(),
            sent: BytesMut::new(),
            published: 0,
        }
    }

    fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> &[u8] {
        let qos = match qos {
            QoS::AtMostOnce => mqttbytes::QoS::AtMostOnce,
            QoS::AtLeastOnce => mqttbytes::QoS::AtLeastOnce,
            QoS::ExactlyOnce => mqttbytes::QoS::ExactlyOnce,
        };
        let publish = mqttbytes::v5::Publish::new(topic, qos, payload.to_vec(), None);
        let packet = self.state.handle_outgoing_packet(Request::Publish(publish));
        self.published += 1;
        self.write(packet.expect("a packet"))
    }

    fn receive(&mut self, bytes: &[u8]) -> &[u8] {
        self.received.extend_from_slice(bytes);
        let packet = mqttbytes::v5::Packet::read(&mut self.received, None).expect("a packet");
        let answer = self.state.handle_incoming_packet(packet).expect("no error");
        self.write(answer)
    }

    fn done(&mut self) -> usize {
        self.state.events.clear();
        assert_eq!(self.state.inflight(), 0);
        std::mem::take(&mut self.published)
    }

    fn messages(&mut self) -> usize {
        let is_publish = |event: &rumqttc::v5::Event| {
            matches!(event, rumqttc::v5::Event::Incoming(mqttbytes::v5::Packet::Publish(_)))
        };
        self.state.events.drain(..).filter(is_publish).count()
    }
}

pub struct ProtocolCore {
    connection: mqtt::Connection<mqtt::role::Client>,
    sent: Vec<u8>,
    done: usize,
    messages: usize,
}

impl ProtocolCore {
    fn handle(&mut self, events: Vec<CoreEvent>, at_most_once: bool) -> &[u8] {
        self.sent.clear();
        for event in events {
            match event {
                CoreEvent::RequestSendPacket { packet, .. } => {
                    use mqtt::packet::GenericPacketTrait;
                    self.sent.extend_from_slice(&packet.to_continuous_buffer());
                    self.done += usize::from(at_most_once);
                }
                CoreEvent::NotifyPacketIdReleased(_) => self.done += 1,
                CoreEvent::NotifyPacketReceived(mqtt::packet::Packet::V5_0Publish(_)) => {
                    self.messages += 1;
                }
                CoreEvent::NotifyError(error) => panic!("{error:?}"),
                _ => {}
            }
        }
        &self.sent
    }
}

impl Client for ProtocolCore {
    fn connected() -> Self {
        let mut connection = mqtt::Connection::new(mqtt::Version::V5_0);
        connection.set_auto_pub_response(true);
        let connect = mqtt::packet::v5_0::Connect::builder().client_id("c").expect("an identifier");
        connection.send(connect.build().expect("a CONNECT").into());
        let mut this = Self { connection, sent: Vec::new(), done: 0, messages: 0 };
        this.receive(&connack());
        this
    }

    fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) -> &[u8] {
        let publish = mqtt::packet::v5_0::Publish::builder();
        let publish = publish.topic_name(topic).expect("a topic").payload(payload.to_vec());
        let publish = match qos {
            QoS::AtMostOnce => publish,
            QoS::AtLeastOnce => publish
                .qos(mqtt::packet::Qos::AtLeastOnce)
                .packet_id(self.connection.acquire_packet_id().expect("an identifier")),
            QoS::ExactlyOnce => publish
                .qos(mqtt::packet::Qos::ExactlyOnce)
                .packet_id(self.connection.acquire_packet_id().expect("an identifier")),
        };
        let events = self.connection.send(publish.build().expect("a PUBLISH").into());
        self.handle(events, qos == QoS::AtMostOnce)
    }

    fn receive(&mut self, bytes: &[u8]) -> &[u8] {
        let events = self.connection.recv(&mut Cursor::new(bytes));
        self.handle(events, false)
    }

    fn done(&mut self) -> usize {
        std::mem::take(&mut self.done)
    }

    fn messages(&mut self) -> usize {
        std::mem::take(&mut self.messages)
    }
}
