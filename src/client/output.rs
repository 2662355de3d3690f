//! What the engine says to its driver and, through it, to the application. It knows no one who
//! listens.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::time::Duration;

use super::{DeliveryId, Error, Instant, ServerInfo, SubscriptionId, Token};
use crate::codec::{
    PacketIdentifier, Properties, PropertiesBuf, ProtocolVersion, QoS, ReasonCode,
    SubscriptionOptions,
};
use crate::session::Changes;

/// The answer to `Client::poll_output`.
///
/// ```
/// use wasmqtt::client::{Client, Config, Instant, Output};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// client.connect(Instant::from_millis(0))?;
/// let timer = loop {
///     match client.poll_output() {
///         Output::Open { server, .. } => println!("open the WebSocket of server {server}"),
///         Output::Close { .. } => println!("send what poll_transmit has, and close it"),
///         Output::Timeout(at) => break at,
///         _ => {}
///     }
/// };
/// assert!(timer.is_some()); // the attempt must not take for ever
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Debug)]
pub enum Output<'a> {
    /// Ask the application for credentials; answered by `provide_credentials` or
    /// `refuse_credentials`.
    Authorize {
        /// 1 for the first CONNECT.
        attempt: u32,
        /// Why now.
        reason: AuthorizeReason,
    },
    /// Ask the application for authentication data (5.0, 4.12), or tell it of the server's; answered
    /// by `provide_authentication` or `refuse_authentication`.
    Authenticate(Authentication<'a>),
    /// Open a WebSocket; answered by `handle_open` or `handle_close`.
    Open {
        /// Which of the servers.
        server: usize,
        /// `host` or `host:port` in its place: a server said so (5.0, 4.11).
        reference: Option<&'a str>,
        /// The version that will be spoken, for the subprotocol.
        version: ProtocolVersion,
    },
    /// Send what `poll_transmit` has, close the WebSocket and forget it: no `handle_close`.
    Close {
        /// Of the WebSocket.
        code: u16,
        /// Of the WebSocket.
        reason: &'static str,
    },
    /// Store these changes, all of them or none, after those before; answered by `Client::handle_stored` or
    /// `Client::handle_store_failed`. Only after `Client::keep_session`.
    Persist(&'a Changes),
    /// For the application.
    Event(Event<'a>),
    /// Nothing more to say. Call `handle_timeout` at that time, if there is one.
    Timeout(Option<Instant>),
}

/// Why credentials are asked for.
///
/// ```
/// use wasmqtt::client::{AuthorizeReason, Client, Config, Credentials, Instant, Output};
///
/// let now = Instant::from_millis(0);
/// let mut client = Client::new(Config { credentials: Credentials::Ask, ..Config::default() }, 7)?;
/// client.connect(now)?;
/// let mut asked = None;
/// loop {
///     match client.poll_output() {
///         Output::Authorize { reason, .. } => asked = Some(reason),
///         Output::Timeout(_) => break,
///         _ => {}
///     }
/// }
/// assert_eq!(asked, Some(AuthorizeReason::First));
/// client.provide_credentials(Some("dashboard".into()), Some(b"token".to_vec()), now);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthorizeReason {
    /// The first CONNECT.
    First = 0,
    /// Another one.
    Reconnect = 1,
    /// The server refused the last ones.
    Rejected = 2,
}

/// What the application is asked to do, or told, in an exchange.
///
/// ```
/// use wasmqtt::client::{Authentication, Client, Config, Instant, Output};
///
/// let now = Instant::from_millis(0);
/// let config =
///     Config { authentication_method: Some("SCRAM-SHA-256".into()), ..Config::default() };
/// let mut client = Client::new(config, 7)?;
/// client.connect(now)?;
/// let mut begins = false;
/// loop {
///     match client.poll_output() {
///         Output::Authenticate(Authentication::Start { again }) => begins = !again,
///         Output::Timeout(_) => break,
///         _ => {}
///     }
/// }
/// assert!(begins);
/// client.provide_authentication(Some(b"n,,n=user,r=nonce".to_vec()), now);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Authentication<'a> {
    /// Begin: what CONNECT, or the first AUTH of an authentication anew, shall carry.
    Start {
        /// Whether the connection stands already.
        again: bool,
    },
    /// The server continues (AUTH 0x18): its data.
    Challenge(&'a [u8]),
    /// The server is content (CONNACK or AUTH 0x00): its last data, for those who check the server
    /// as well. Not to be answered; `disconnect` is what ends a connection that is not trusted.
    Success(&'a [u8]),
}

/// Something for the application to know.
///
/// ```
/// use wasmqtt::client::{Client, Config, Event, Instant, Output, State};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// client.connect(Instant::from_millis(0))?;
/// let mut states = Vec::new();
/// loop {
///     match client.poll_output() {
///         Output::Event(Event::State(state)) => states.push(state),
///         Output::Event(Event::Disconnected(error)) => println!("{error}"),
///         Output::Timeout(_) => break,
///         _ => {}
///     }
/// }
/// assert_eq!(states, [State::Connecting]);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Debug)]
pub enum Event<'a> {
    /// The state changed.
    State(State),
    /// CONNACK accepted the connection.
    Connected(&'a ServerInfo),
    /// A connection, or an attempt at one, ended. `retryable` says whether another follows.
    Disconnected(&'a Error),
    /// A message came.
    Message(Message<'a>),
    /// A command is done.
    Completed {
        /// The one it gave.
        token: Token,
        /// What came of it.
        outcome: Outcome<'a>,
    },
    /// A command failed.
    Failed {
        /// The one it gave.
        token: Token,
        /// Why.
        error: &'a Error,
    },
    /// The server has lost the session that it was to keep (3.2.2.1.1). Told after [`Event::Connected`].
    SessionLost {
        /// Publishes that it had not acknowledged. They are published anew and may arrive a second time.
        republished: &'a [Republished],
    },
    /// Publishes are stored: they will be sent, if not on this page, then on one that comes after it. Of none it is
    /// told once all that was restored is.
    Stored {
        /// Of each.
        tokens: &'a [Token],
    },
    /// A publish of an earlier page, which is not complete yet; it is told of as any other from now on.
    Restored(&'a Restored),
    /// The server refused, after a reconnect, a subscription that it had granted before.
    SubscriptionLost {
        /// Which.
        id: SubscriptionId,
        /// Why.
        error: &'a Error,
    },
}

/// A publish that an earlier page has stored.
///
/// ```
/// use wasmqtt::client::{Event, Output};
///
/// fn tell(output: &Output<'_>) {
///     if let Output::Event(Event::Restored(publish)) = output {
///         println!("{} of {} waits still", publish.topic, publish.since);
///     }
/// }
/// # tell(&Output::Timeout(None));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// The one that it has now.
    pub token: Token,
    /// Topic Name.
    pub topic: Box<str>,
    /// Quality of Service.
    pub qos: QoS,
    /// When it was published, in milliseconds since 1970.
    pub since: u64,
    /// The word that was given to [`Client::label_next`](super::Client::label_next).
    pub label: Option<Box<str>>,
}

/// A publish that was in flight when the server lost the session.
///
/// ```
/// use wasmqtt::client::{Event, Output};
///
/// fn tell(output: &Output<'_>) {
///     if let Output::Event(Event::SessionLost { republished }) = output {
///         for publish in republished.iter() {
///             println!("{} may arrive a second time", publish.topic);
///         }
///     }
/// }
/// # tell(&Output::Timeout(None));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Republished {
    /// That of the publish.
    pub token: Token,
    /// Topic Name.
    pub topic: Box<str>,
    /// Quality of Service.
    pub qos: QoS,
}

/// A message that was received.
///
/// ```
/// use wasmqtt::client::{Client, Event, Instant, Output};
/// use wasmqtt::codec::SubscriptionOptions;
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
/// client.subscribe("a", SubscriptionOptions::default(), now)?;
/// drain(&mut client);
/// client.handle_bytes(&[0x30, 6, 0, 1, b'a', 0, b'h', b'i'], now); // a PUBLISH of 5.0
/// let (topic, len) = loop {
///     match client.poll_output() {
///         Output::Event(Event::Message(message)) => break (message.topic.to_owned(), message.payload_len),
///         Output::Timeout(_) => panic!("it came"),
///         _ => {}
///     }
/// };
/// assert_eq!((topic.as_str(), len), ("a", 2)); // the driver has the bytes
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message<'a> {
    /// Topic Name, also where an alias stood for it.
    pub topic: &'a str,
    /// Where the publisher's bytes begin, among all bytes received on this connection: the driver has
    /// them.
    pub payload_offset: u64,
    /// How many they are.
    pub payload_len: usize,
    /// Quality of Service it came with.
    pub qos: QoS,
    /// RETAIN (3.3.1.3).
    pub retain: bool,
    /// DUP (3.3.1.1).
    pub duplicate: bool,
    /// Packet Identifier (2.2.1); `None` with QoS 0.
    pub packet_identifier: Option<PacketIdentifier>,
    /// Properties (5.0), as they came.
    pub properties: Properties<'a>,
    /// Where subscriptions that it goes to acknowledge by hand: each of them owes one
    /// `Client::acknowledge`.
    pub delivery: Option<DeliveryId>,
    /// It, and what is told after it, may not be known before the next changes are stored:
    /// [`Client::is_ahead_of_store`](super::Client::is_ahead_of_store).
    pub ahead_of_store: bool,
}

/// What came of a command.
///
/// ```
/// use wasmqtt::client::Outcome;
///
/// fn tell(outcome: &Outcome<'_>) -> String {
///     match outcome {
///         Outcome::Published { reason_code, .. } => format!("published: {}", reason_code.name()),
///         Outcome::Subscribed { qos, .. } => format!("granted: {qos:?}"),
///         other => format!("{other:?}"),
///     }
/// }
/// assert_eq!(tell(&Outcome::Flushed), "Flushed");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome<'a> {
    /// QoS 0: handed to the WebSocket. QoS 1 and 2: the server has taken it over.
    Published {
        /// Of PUBACK or PUBREC; success for QoS 0 and in 3.x.
        reason_code: ReasonCode,
        /// Of PUBACK or PUBREC.
        properties: Properties<'a>,
    },
    /// Granted.
    Subscribed {
        /// With that greatest QoS.
        qos: QoS,
        /// Of SUBACK.
        properties: Properties<'a>,
    },
    /// Ended.
    Unsubscribed {
        /// Of UNSUBACK; success where none was needed, and in 3.x.
        reason_code: ReasonCode,
        /// Of UNSUBACK.
        properties: Properties<'a>,
    },
    /// The server answered.
    Pong {
        /// From PINGREQ to PINGRESP.
        round_trip: Duration,
    },
    /// Every publish before is complete.
    Flushed,
    /// The server accepted the new authentication.
    Reauthenticated,
    /// The connection was ended, or other options were taken.
    Done,
}

/// Where the client stands.
///
/// ```
/// use wasmqtt::client::{Client, Config, State};
///
/// assert_eq!(Client::new(Config::default(), 7)?.state(), State::Idle);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum State {
    /// Not begun.
    #[default]
    Idle,
    /// From the first step of an attempt to CONNACK.
    Connecting,
    /// CONNACK came.
    Connected,
    /// For the next attempt.
    Waiting {
        /// Its time.
        until: Instant,
    },
    /// What is queued is sent before the end.
    Closing,
    /// For good.
    Closed,
}

/// What happened to the page or the network.
///
/// ```
/// use wasmqtt::client::{Client, Config, Instant, Wake};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// client.handle_wake(Wake::Online, Instant::from_millis(0)); // harmless before it has begun
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// The network is back.
    Online,
    /// The network is gone, as far as the browser knows.
    Offline,
    /// The page is seen again, or the computer woke up.
    Visible,
}

/// How much of what it was told the application has not taken yet. Acknowledgements make a server stop (4.9); nothing
/// makes it stop with QoS 0.
///
/// ```
/// use wasmqtt::client::{Backlog, Client, Config, Instant};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// client.handle_backlog(Backlog::Large, Instant::from_millis(0)); // acknowledge nothing for now
/// assert_eq!(client.backlog(), Backlog::Large);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Backlog {
    /// Messages are acknowledged as they come.
    #[default]
    Small,
    /// They are acknowledged when it is small again.
    Large,
    /// Those of QoS 0 are not told any more, but counted.
    Full,
}

/// What to subscribe for.
///
/// ```
/// use wasmqtt::client::SubscribeRequest;
/// use wasmqtt::codec::{PropertiesBuf, QoS, SubscriptionOptions};
///
/// let by_hand = SubscribeRequest {
///     options: SubscriptionOptions::new(QoS::AtLeastOnce),
///     manual: true,
///     properties: PropertiesBuf::new(),
/// };
/// assert!(!SubscribeRequest::from(SubscriptionOptions::default()).manual);
/// # let _ = by_hand;
/// ```
#[derive(Clone, Debug)]
pub struct SubscribeRequest {
    /// Subscription Options (3.8.3.1).
    pub options: SubscriptionOptions,
    /// Messages of QoS 1 and 2 wait for `Client::acknowledge`. Then the server's next ones wait for
    /// it too, at the Receive Maximum of CONNECT. Default: they are acknowledged as they come.
    pub manual: bool,
    /// User Properties of SUBSCRIBE (5.0, 3.8.2.1.3).
    pub properties: PropertiesBuf,
}

impl From<SubscriptionOptions> for SubscribeRequest {
    fn from(options: SubscriptionOptions) -> Self {
        Self { options, manual: false, properties: PropertiesBuf::new() }
    }
}

/// What PUBACK or PUBREC says. Default: success.
///
/// ```
/// use wasmqtt::client::Acknowledge;
/// use wasmqtt::codec::ReasonCode;
///
/// assert_eq!(Acknowledge::default().reason_code, ReasonCode::SUCCESS);
/// let not_taken =
///     Acknowledge { reason_code: ReasonCode::PAYLOAD_FORMAT_INVALID, ..Acknowledge::default() };
/// assert!(not_taken.reason_code.is_error());
/// ```
#[derive(Clone, Debug)]
pub struct Acknowledge {
    /// One that PUBACK has (5.0, 3.4.2.1). An error tells the server that the message was not taken.
    pub reason_code: ReasonCode,
    /// A Reason String and User Properties (5.0). They are left out where the server's Maximum Packet
    /// Size has no room for them [MQTT-3.4.2-2].
    pub properties: PropertiesBuf,
}

impl Default for Acknowledge {
    fn default() -> Self {
        Self { reason_code: ReasonCode::SUCCESS, properties: PropertiesBuf::new() }
    }
}

/// A message to publish.
///
/// ```
/// use wasmqtt::client::{Client, Config, Instant, PublishRequest};
/// use wasmqtt::codec::{PropertiesBuf, Property, QoS};
///
/// let mut properties = PropertiesBuf::new();
/// properties.push(Property::MessageExpiryInterval(60))?;
/// let mut client = Client::new(Config::default(), 7)?;
/// client.publish(
///     PublishRequest {
///         topic: "plant/1/target",
///         payload: b"21.5".to_vec(),
///         qos: QoS::ExactlyOnce,
///         retain: true,
///         properties,
///     },
///     Instant::from_millis(0),
/// )?;
/// assert_eq!(client.stats().queued, 1); // it waits for a connection
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PublishRequest<'a> {
    /// A Topic Name, checked by `Client::publish`.
    pub topic: &'a str,
    /// Bytes.
    pub payload: Vec<u8>,
    /// Quality of Service.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Properties (5.0). A Message Expiry Interval is kept to here, in 3.x too.
    pub properties: PropertiesBuf,
}

/// How to end.
///
/// ```
/// use core::time::Duration;
/// use wasmqtt::client::DisconnectOptions;
/// use wasmqtt::codec::ReasonCode;
///
/// let with_will = DisconnectOptions {
///     reason_code: ReasonCode::DISCONNECT_WITH_WILL_MESSAGE,
///     drain: Some(Duration::from_secs(2)),
///     ..DisconnectOptions::default()
/// };
/// # let _ = with_will;
/// ```
#[derive(Clone, Debug)]
pub struct DisconnectOptions {
    /// 0x04 makes the server publish the will (5.0); in 3.x that is done by sending no DISCONNECT.
    pub reason_code: ReasonCode,
    /// Seconds, in place of those of CONNECT (5.0).
    pub session_expiry_interval: Option<u32>,
    /// A Reason String and User Properties (5.0, 3.14.2.2). They are left out where the server's Maximum
    /// Packet Size has no room for them [MQTT-3.14.2-3].
    pub properties: PropertiesBuf,
    /// How long to wait for what is queued and unacknowledged: publishes, SUBSCRIBE and UNSUBSCRIBE.
    /// Default: not at all.
    pub drain: Option<Duration>,
}

impl Default for DisconnectOptions {
    fn default() -> Self {
        Self {
            reason_code: ReasonCode::SUCCESS,
            session_expiry_interval: None,
            properties: PropertiesBuf::new(),
            drain: None,
        }
    }
}

/// What waits to be told of an exchange.
#[derive(Debug)]
pub(super) enum Told {
    Start { again: bool },
    Challenge(Box<[u8]>),
    Success(Box<[u8]>),
}

impl Told {
    pub(super) fn lend(&self) -> Authentication<'_> {
        match self {
            Self::Start { again } => Authentication::Start { again: *again },
            Self::Challenge(data) => Authentication::Challenge(data),
            Self::Success(data) => Authentication::Success(data),
        }
    }
}

/// What waits to be told.
#[derive(Debug)]
pub(super) enum Queued {
    Authorize {
        attempt: u32,
        reason: AuthorizeReason,
    },
    Authenticate(Told),
    Open {
        server: usize,
        reference: Option<Box<str>>,
        version: ProtocolVersion,
    },
    Close,
    State(State),
    Connected(Rc<ServerInfo>),
    Disconnected(Error),
    Completed(Token, Outcome<'static>),
    /// A publish of QoS 0 was handed to the driver.
    Sent(Token),
    Subscribed(Token, QoS, PropertiesBuf),
    Unsubscribed(Token, ReasonCode, PropertiesBuf),
    Failed(Token, Error),
    SessionLost(Vec<Republished>),
    Stored(Vec<Token>),
    Restored(Restored),
    /// The last changes; nothing follows them but what was to be told.
    Persist,
    SubscriptionLost(SubscriptionId, Error),
}

impl Queued {
    pub(super) fn lend(&self) -> Output<'_> {
        Output::Event(match self {
            Self::Authorize { attempt, reason } => {
                return Output::Authorize { attempt: *attempt, reason: *reason };
            }
            Self::Authenticate(told) => return Output::Authenticate(told.lend()),
            Self::Open { server, reference, version } => {
                let (server, version) = (*server, *version);
                return Output::Open { server, reference: reference.as_deref(), version };
            }
            Self::Close | Self::Persist => return Output::Close { code: 1000, reason: "" },
            Self::State(state) => Event::State(*state),
            Self::Connected(server) => Event::Connected(server),
            Self::Disconnected(error) => Event::Disconnected(error),
            Self::Completed(token, outcome) => {
                Event::Completed { token: *token, outcome: *outcome }
            }
            Self::Sent(token) => {
                let (reason_code, properties) = (ReasonCode::SUCCESS, Properties::EMPTY);
                let outcome = Outcome::Published { reason_code, properties };
                Event::Completed { token: *token, outcome }
            }
            Self::Subscribed(token, qos, properties) => {
                let (qos, properties) = (*qos, properties.as_properties());
                let outcome = Outcome::Subscribed { qos, properties };
                Event::Completed { token: *token, outcome }
            }
            Self::Unsubscribed(token, reason_code, properties) => {
                let (reason_code, properties) = (*reason_code, properties.as_properties());
                let outcome = Outcome::Unsubscribed { reason_code, properties };
                Event::Completed { token: *token, outcome }
            }
            Self::Failed(token, error) => Event::Failed { token: *token, error },
            Self::Stored(tokens) => Event::Stored { tokens },
            Self::Restored(restored) => Event::Restored(restored),
            Self::SessionLost(republished) => Event::SessionLost { republished },
            Self::SubscriptionLost(id, error) => Event::SubscriptionLost { id: *id, error },
        })
    }
}
