//! One client as a state machine, without input and output: the driver hands it bytes, times and
//! commands, and does what it says. It knows MQTT and policy; it knows no socket, timer or page.
//!
//! ```text
//! handle_open, handle_bytes, handle_text, handle_close      what the network did
//! handle_timeout, handle_wake                               what the clock and the page did
//! connect, publish, subscribe, ..., disconnect              what the application wants
//! ─────────────────────────────────────────────────────────
//! poll_output    until Output::Timeout, after each call above
//! poll_transmit  while the socket takes bytes; then poll_output again
//! ```
//!
//! ```
//! use wasmqtt::client::{Client, Config, Instant, Output, State};
//!
//! let now = Instant::from_millis(0);
//! let mut client = Client::new(Config::default(), 7)?;
//! client.connect(now)?;
//! while !matches!(client.poll_output(), Output::Timeout(_)) {}
//! assert_eq!(client.state(), State::Connecting); // it has asked for a WebSocket
//! # Ok::<(), wasmqtt::client::Error>(())
//! ```

mod acknowledging;
mod aliases;
mod authentication;
mod backoff;
mod commands;
mod config;
mod connecting;
mod connection;
mod core;
mod ending;
mod error;
mod exchange;
mod handshake;
mod inbox;
mod incoming;
mod instant;
mod liveness;
mod login;
mod outbox;
mod outgoing;
mod output;
mod policy;
mod random;
mod reading;
mod redirect;
mod requests;
mod server_info;
mod silence;
mod stats;
mod store;
mod storing;
mod timing;
mod token;
mod trial;
mod utf8;

use alloc::vec::Vec;

pub use self::config::{
    Config, Credentials, OfflineQos0, QueueLimits, Reconnect, Resubscribe, VersionPolicy,
    WillConfig,
};
pub use self::error::{CloseInfo, Error, ErrorCode, ErrorDetails, Phase};
pub use self::instant::Instant;
#[cfg(all(feature = "bindings", target_arch = "wasm32"))]
pub(crate) use self::instant::millis;
pub use self::output::{
    Acknowledge, Authentication, AuthorizeReason, Backlog, DisconnectOptions, Event, Message,
    Outcome, Output, PublishRequest, Republished, Restored, State, SubscribeRequest, Wake,
};
pub use self::server_info::ServerInfo;
pub use self::stats::Stats;
pub use self::token::{DeliveryId, SubscriptionId, Token};
pub use crate::session::{Changes, Damaged, RecordKey, RecordKind};

use self::core::Core;
use self::inbox::Inbox;
use crate::codec::{PropertiesBuf, TopicName};

/// The engine of one client.
///
/// ```
/// use wasmqtt::client::{Client, Config, Event, Instant, Output, PublishRequest, State};
/// use wasmqtt::codec::{PropertiesBuf, QoS};
///
/// /// What a driver does after each call: it obeys. This one only notes what it was told.
/// fn drain(client: &mut Client) -> Vec<String> {
///     let mut told = Vec::new();
///     loop {
///         match client.poll_output() {
///             Output::Open { version, .. } => told.push(format!("open {version:?}")),
///             Output::Event(Event::Completed { .. }) => told.push("completed".to_string()),
///             Output::Timeout(_) => return told,
///             _ => {}
///         }
///     }
/// }
///
/// let now = Instant::from_millis(0);
/// let mut client = Client::new(Config::default(), 7)?;
/// client.connect(now)?;
/// assert_eq!(drain(&mut client), ["open V5_0"]);
///
/// client.handle_open(now); // the WebSocket is open
/// let sent = client.poll_transmit(now, 65_536).map(<[u8]>::to_vec);
/// assert_eq!(sent.and_then(|bytes| bytes.first().copied()), Some(0x10)); // CONNECT
/// client.handle_bytes(&[0x20, 3, 0, 0, 0], now); // CONNACK
/// drain(&mut client);
/// assert_eq!(client.state(), State::Connected);
///
/// client.publish(
///     PublishRequest {
///         topic: "plant/1/target",
///         payload: b"21.5".to_vec(),
///         qos: QoS::AtLeastOnce,
///         retain: true,
///         properties: PropertiesBuf::new(),
///     },
///     now,
/// )?;
/// drain(&mut client);
/// assert!(client.poll_transmit(now, 65_536).is_some()); // PUBLISH
/// client.handle_bytes(&[0x40, 2, 0, 1], now); // PUBACK
/// assert_eq!(drain(&mut client), ["completed"]);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    inbox: Inbox,
    core: Core,
}

impl Client {
    /// `seed` makes the client identifier and the jitter: it must differ from client to client.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] or [`ErrorCode::Unsupported`] for what no CONNECT can say.
    pub fn new(config: Config, seed: u64) -> Result<Self, Error> {
        config.check()?;
        Ok(Self { inbox: Inbox::default(), core: Core::new(config, seed) })
    }

    /// The WebSocket asked for by [`Output::Open`] is open.
    pub fn handle_open(&mut self, now: Instant) {
        self.inbox.clear();
        self.core.now = now;
        self.core.opened();
    }

    /// A text message of the WebSocket, which MQTT forbids [MQTT-6.0.0-1].
    pub fn handle_text(&mut self, now: Instant) {
        self.core.now = now;
        self.core
            .broken(crate::codec::ReasonCode::PROTOCOL_ERROR, "the server sent a text message");
    }

    /// The WebSocket is closed, or could not be opened.
    pub fn handle_close(&mut self, close: CloseInfo, now: Instant) {
        self.core.now = now;
        self.core.socket_closed(close);
    }

    /// The WebSocket asked for cannot be made, now or later: the host does not allow that. The next
    /// server is tried; a client that has no other ends with the error, and so does any whose error has no
    /// [`CloseInfo`]: no socket was made, and none will be.
    pub fn handle_refused(&mut self, error: Error, now: Instant) {
        self.core.now = now;
        self.core.socket_refused(error);
    }

    /// The time of [`Output::Timeout`] has come. Early or late calls do no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.core.now = now;
        self.core.timeout();
    }

    /// The page or the network came back, or the network went.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Config, Instant, Output, State, Wake};
    ///
    /// let mut client = Client::new(Config::default(), 7)?;
    /// client.connect(Instant::from_millis(0))?;
    /// while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// client.handle_wake(Wake::Visible, Instant::from_millis(60_000)); // the computer slept meanwhile
    /// while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// assert_eq!(client.state(), State::Connecting); // an attempt of old is made anew
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    pub fn handle_wake(&mut self, wake: Wake, now: Instant) {
        self.core.now = now;
        self.core.wake(wake);
    }

    /// What was said of that last.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        self.core.backlog
    }

    /// How much of what was told the application has not taken. Unless it is said, that is little.
    pub fn handle_backlog(&mut self, backlog: Backlog, now: Instant) {
        self.core.now = now;
        self.core.backlog = backlog;
        if self.core.is_connected() {
            let before = self.core.outbox.len();
            self.core.answer_deliveries();
            self.core.hold(before);
        }
    }

    /// Bytes for one message of the WebSocket: whole packets, about `max` bytes unless one is
    /// longer. To be called while the socket takes more; then `poll_output` has to be called again.
    pub fn poll_transmit(&mut self, now: Instant, max: usize) -> Option<&[u8]> {
        self.core.now = now;
        self.core.transmit(max)
    }

    /// Whether `poll_transmit` may have bytes, or say in `poll_output` why it has none. Never false where it has.
    #[must_use]
    pub fn has_transmit(&self) -> bool {
        self.core.has_transmit()
    }

    /// Whether `poll_output` has more to say than when to call again. After `poll_transmit` it does
    /// also where that had no bytes: a message may have failed when its turn came.
    #[must_use]
    pub fn has_output(&self) -> bool {
        self.core.has_output()
    }

    /// Whether something is held that time alone ends: a message that expires, or the end itself, for
    /// which [`DisconnectOptions::drain`] gave time. While so, a driver whose clock stands still while
    /// the computer sleeps has to find that out.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        self.core.closing.is_some() || self.core.session.outbound.expires()
    }

    /// The next command that gives a token gives that one. For a driver whose application names its
    /// commands itself: each name is to be another one as long as something waits for it.
    pub fn name_next(&mut self, token: Token) {
        self.core.name_next(token);
    }

    /// Begins to connect, where it is [`State::Idle`]: at first, and after [`Client::stop`] or, with
    /// [`Config::by_hand`], a connection that is lost.
    ///
    /// # Errors
    /// [`ErrorCode::Closed`].
    pub fn connect(&mut self, now: Instant) -> Result<(), Error> {
        self.core.now = now;
        self.core.connect()
    }

    /// Queues a message. It is [`Outcome::Published`] when it has been handed to the WebSocket
    /// (QoS 0) or the server has taken it over (QoS 1 and 2), over as many connections as it takes.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Instant, Output, PublishRequest};
    /// use wasmqtt::codec::{PropertiesBuf, QoS};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// let request = PublishRequest {
    ///     topic: "a",
    ///     payload: b"hi".to_vec(),
    ///     qos: QoS::AtMostOnce,
    ///     retain: false,
    ///     properties: PropertiesBuf::new(),
    /// };
    /// client.publish(request, now)?;
    /// drain(&mut client);
    /// assert_eq!(client.poll_transmit(now, 65_536), Some([0x30, 6, 0, 1, b'a', 0, b'h', b'i'].as_slice()));
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the arguments, of the queue's bounds, and of the server's limits where they are known.
    pub fn publish(&mut self, request: PublishRequest<'_>, now: Instant) -> Result<Token, Error> {
        self.core.now = now;
        let done = self.core.publish(request);
        self.placed(done)
    }

    /// Subscribes, on this connection and all that follow.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Event, Instant, Output};
    /// use wasmqtt::codec::{QoS, SubscriptionOptions};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// let id = client.subscribe("plant/+/temperature", SubscriptionOptions::new(QoS::AtLeastOnce), now)?;
    /// drain(&mut client);
    /// assert!(client.poll_transmit(now, 65_536).is_some()); // SUBSCRIBE
    /// client.handle_bytes(&[0x90, 4, 0, 1, 0, 1], now); // SUBACK: QoS 1
    /// let granted = loop {
    ///     match client.poll_output() {
    ///         Output::Event(Event::Completed { token, .. }) => break token,
    ///         Output::Timeout(_) => panic!("it was answered"),
    ///         _ => {}
    ///     }
    /// };
    /// assert_eq!(granted, id.into());
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the filter and the options, and of the server's limits where they are known.
    pub fn subscribe(
        &mut self,
        filter: &str,
        request: impl Into<SubscribeRequest>,
        now: Instant,
    ) -> Result<SubscriptionId, Error> {
        self.core.now = now;
        let done = self.core.subscribe(filter, request.into());
        self.placed(done)
    }

    /// Ends a subscription; the last one of its filter sends UNSUBSCRIBE.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when there is none with that number.
    pub fn unsubscribe(&mut self, id: SubscriptionId, now: Instant) -> Result<Token, Error> {
        self.unsubscribe_with(id, PropertiesBuf::new(), now)
    }

    /// As [`Client::unsubscribe`], with User Properties for the UNSUBSCRIBE (5.0, 3.10.2.1.2).
    ///
    /// # Errors
    /// As [`Client::unsubscribe`].
    pub fn unsubscribe_with(
        &mut self,
        id: SubscriptionId,
        properties: PropertiesBuf,
        now: Instant,
    ) -> Result<Token, Error> {
        self.core.now = now;
        let done = self.core.unsubscribe(id, properties);
        self.placed(done)
    }

    /// One subscription that acknowledges by hand is done with a message. PUBACK or PUBREC is sent
    /// when all are to which it went, and all that came before are answered [MQTT-4.6.0-2]. False when
    /// the message does not wait for it any more: the connection was lost, and it comes again.
    ///
    /// ```
    /// use wasmqtt::client::{Acknowledge, Client, Event, Instant, Output, SubscribeRequest};
    /// use wasmqtt::codec::{PropertiesBuf, QoS, SubscriptionOptions};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// let by_hand = SubscribeRequest {
    ///     options: SubscriptionOptions::new(QoS::AtLeastOnce),
    ///     manual: true,
    ///     properties: PropertiesBuf::new(),
    /// };
    /// client.subscribe("a", by_hand, now)?;
    /// drain(&mut client);
    /// while client.poll_transmit(now, 65_536).is_some() {}
    /// client.handle_bytes(&[0x32, 6, 0, 1, b'a', 0, 9, 0], now); // PUBLISH, QoS 1, identifier 9
    /// let delivery = loop {
    ///     match client.poll_output() {
    ///         Output::Event(Event::Message(message)) => break message.delivery,
    ///         Output::Timeout(_) => panic!("it came"),
    ///         _ => {}
    ///     }
    /// };
    /// drain(&mut client);
    /// assert_eq!(client.poll_transmit(now, 65_536), None); // nothing is acknowledged yet
    /// let waits = client.acknowledge(delivery.expect("it waits"), Acknowledge::default(), now)?;
    /// drain(&mut client);
    /// assert!(waits);
    /// assert_eq!(client.poll_transmit(now, 65_536), Some([0x40, 2, 0, 9].as_slice())); // PUBACK
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] for a reason code that PUBACK does not have or a property that is
    /// no User Property or Reason String; [`ErrorCode::Unsupported`] for either in 3.x.
    pub fn acknowledge(
        &mut self,
        id: DeliveryId,
        answer: Acknowledge,
        now: Instant,
    ) -> Result<bool, Error> {
        self.core.now = now;
        let done = self.core.acknowledge_by_hand(id, answer);
        self.placed(done)
    }

    /// Nobody waits for that token any more. True when it was a publish that had not been sent and
    /// now never will; nothing is told of it then, nor of a ping or a flush. What was sent is still
    /// told of when it ends.
    pub fn cancel(&mut self, token: Token) -> bool {
        self.core.cancel(token)
    }

    /// Sends a PINGREQ.
    ///
    /// ```
    /// use wasmqtt::client::{Client, ErrorCode, Instant, Output};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// client.ping(now)?;
    /// drain(&mut client);
    /// assert_eq!(client.poll_transmit(now, 65_536), Some([0xC0, 0].as_slice()));
    ///
    /// let mut idle = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// assert_eq!(idle.ping(now).unwrap_err().code, ErrorCode::NotConnected);
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::NotConnected`], [`ErrorCode::Closed`].
    pub fn ping(&mut self, now: Instant) -> Result<Token, Error> {
        self.core.now = now;
        let done = self.core.ping();
        self.placed(done)
    }

    /// A token that is complete when every publish before it is, one way or the other.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Event, Instant, Output};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let mut client = connected()?;
    /// let token = client.flush(Instant::from_millis(0));
    /// let done = loop {
    ///     match client.poll_output() {
    ///         Output::Event(Event::Completed { token, .. }) => break token,
    ///         Output::Timeout(_) => panic!("nothing was published before"),
    ///         _ => {}
    ///     }
    /// };
    /// assert_eq!(done, token);
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    pub fn flush(&mut self, now: Instant) -> Token {
        self.core.now = now;
        self.core.flush()
    }

    /// Answers [`Output::Authorize`]; ignored when nothing was asked.
    pub fn provide_credentials(
        &mut self,
        username: Option<alloc::string::String>,
        password: Option<Vec<u8>>,
        now: Instant,
    ) {
        self.core.now = now;
        self.core.provide_credentials(username, password);
    }

    /// Answers [`Output::Authorize`]: there are none. The attempt fails with [`ErrorCode::Auth`].
    pub fn refuse_credentials(&mut self, now: Instant) {
        self.core.now = now;
        self.core.refuse_credentials();
    }

    /// Answers [`Output::Authenticate`] with the data to send; ignored when nothing was asked. More
    /// than 65,535 bytes are a refusal.
    pub fn provide_authentication(&mut self, data: Option<Vec<u8>>, now: Instant) {
        self.core.now = now;
        self.core.provide_authentication(data);
    }

    /// Answers [`Output::Authenticate`]: there is nothing to send. The attempt, or the authentication
    /// anew, fails with [`ErrorCode::Auth`].
    pub fn refuse_authentication(&mut self, now: Instant) {
        self.core.now = now;
        self.core.refuse_authentication();
    }

    /// Authenticates anew: by AUTH where the configuration has a method (5.0, 4.12.1), else with a
    /// new connection, for which credentials are asked. [`Outcome::Reauthenticated`] when done.
    ///
    /// # Errors
    /// [`ErrorCode::NotConnected`]; [`ErrorCode::Unsupported`] while one is under way.
    pub fn reauthenticate(&mut self, now: Instant) -> Result<Token, Error> {
        self.core.now = now;
        let done = self.core.reauthenticate();
        self.placed(done)
    }

    /// What was authenticated with expires at that time: shortly before, the client does by itself
    /// what [`Client::reauthenticate`] does. Asked for again with each [`Output::Authorize`].
    pub fn authentication_expires(&mut self, at: Instant, now: Instant) {
        self.core.now = now;
        self.core.authentication_expires(at);
    }

    /// Has the server end what an earlier client of this session subscribed to; answered as
    /// [`Client::unsubscribe`] is.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] for what is no filter, or one that this client subscribes to.
    pub fn unsubscribe_filter(
        &mut self,
        filter: &str,
        properties: PropertiesBuf,
        now: Instant,
    ) -> Result<Token, Error> {
        self.core.now = now;
        self.core.unsubscribe_filter(filter, properties)
    }

    /// Takes other options in place of those it has, for the connections that follow; [`Outcome::Done`].
    ///
    /// # Errors
    /// Of [`Client::new`]; [`ErrorCode::Unsupported`] unless it is [`State::Idle`];
    /// [`ErrorCode::InvalidArgument`] for another client identifier.
    pub fn configure(&mut self, config: Config, now: Instant) -> Result<Token, Error> {
        self.core.now = now;
        self.core.configure(config)
    }

    /// Ends the connection with DISCONNECT, so that there is no will, or the attempt at one. The client is
    /// [`State::Idle`] then, with its session, until [`Client::connect`]; [`Outcome::Done`]. Of the options `drain` has no meaning.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Config, DisconnectOptions, Instant, Output, State};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// client.stop(&DisconnectOptions::default(), now)?;
    /// drain(&mut client);
    /// assert_eq!(client.state(), State::Idle);
    /// client.configure(Config { keep_alive: 30, ..Config::default() }, now)?;
    /// client.connect(now)?; // with the same session
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::Closed`].
    pub fn stop(&mut self, options: &DisconnectOptions, now: Instant) -> Result<Token, Error> {
        self.core.now = now;
        self.core.stop(options)
    }

    /// Ends the connection with DISCONNECT, so that there is no will, and the client for good.
    /// What can be sent at once is; what is not complete after `drain` fails with
    /// [`ErrorCode::Closed`].
    ///
    /// ```
    /// use wasmqtt::client::{Client, DisconnectOptions, Instant, Output, State};
    ///
    /// # fn connected() -> Result<Client, wasmqtt::client::Error> {
    /// #     let now = Instant::from_millis(0);
    /// #     let mut client = Client::new(wasmqtt::client::Config::default(), 7)?;
    /// #     client.connect(now)?;
    /// #     drain(&mut client);
    /// #     client.handle_open(now);
    /// #     while client.poll_transmit(now, 65_536).is_some() {}
    /// #     client.handle_bytes(&[0x20, 3, 0, 0, 0], now);
    /// #     drain(&mut client);
    /// #     Ok(client)
    /// # }
    /// # fn drain(client: &mut Client) {
    /// #     while !matches!(client.poll_output(), Output::Timeout(_)) {}
    /// # }
    /// let now = Instant::from_millis(0);
    /// let mut client = connected()?;
    /// client.disconnect(DisconnectOptions::default(), now);
    /// drain(&mut client);
    /// assert_eq!(client.state(), State::Closed);
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    pub fn disconnect(&mut self, options: DisconnectOptions, now: Instant) {
        self.core.now = now;
        self.core.disconnect(options);
    }

    /// Ends the client without a DISCONNECT, so that the server publishes the will.
    pub fn abandon(&mut self, now: Instant) {
        self.core.now = now;
        self.core.abandon();
    }

    /// Where the client stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.core.state()
    }

    /// The same in the words of errors: what an error that is made now says of where the connection stood.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.core.error_phase()
    }

    /// What the last CONNACK said; `None` while there is no connection.
    #[must_use]
    pub fn server(&self) -> Option<&ServerInfo> {
        self.core.connection.server_info.as_deref()
    }

    /// The client identifier in use; empty until the server has assigned one.
    #[must_use]
    pub fn client_identifier(&self) -> &str {
        &self.core.session.client_identifier
    }

    /// The subscriptions that a message with that topic and those Subscription Identifiers belongs to,
    /// those of the filter first that was subscribed to first.
    pub fn routes(
        &mut self,
        topic: TopicName<'_>,
        identifiers: &[u32],
        into: &mut Vec<SubscriptionId>,
    ) {
        self.core.routes(topic, identifiers, into);
    }

    /// Changes when the routes of a topic may have changed.
    #[must_use]
    pub fn routes_generation(&self) -> u32 {
        self.core.session.subscriptions.generation()
    }

    /// Counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.stats()
    }

    /// An error says where the connection stood.
    fn placed<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        done.map_err(|error| error.in_phase(self.phase()))
    }
}
