//! The client of the Rust API.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use futures_core::Stream;

use super::desk::{ClientEvent, Desk, Done};
use super::inbox::Inbox;
use super::options::Options;
use super::pending::Pending;
use super::publish::Publish;
use super::restored::RestoredPublish;
use super::shared::{Shared, closed};
use super::store::{SessionStore, StoreFailed};
use super::subscription::Subscribe;
use crate::browser::driver::Driver;
use crate::browser::host::date_now;
use crate::client::{DisconnectOptions, Error, ErrorCode, ServerInfo, State, Stats};
use crate::codec::{PropertiesBuf, QoS};

/// An MQTT client in a web page or a worker. Clones are the same client; when the last of them and
/// of its subscriptions is dropped, it disconnects.
///
/// ```no_run
/// # async fn example() -> Result<(), wasmqtt::Error> {
/// use wasmqtt::{Client, Options, QoS};
///
/// let client = Client::connect("wss://broker.example/mqtt", Options::default())?;
/// let mut readings = client.subscribe("plant/+/temperature").qos(QoS::AtLeastOnce).await?;
/// client.publish("plant/1/target", "21.5").qos(QoS::AtLeastOnce).retain(true).await?;
/// while let Some(reading) = readings.next().await {
///     assert!(reading.topic.starts_with("plant/"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Rc<Shared>,
}

impl Client {
    /// Begins to connect and returns at once: publishes queue, subscriptions register. Several
    /// addresses, as a slice or an array of them, are tried in turn.
    ///
    /// # Errors
    /// `ErrorCode::InvalidArgument` for an address or an option that cannot be.
    pub fn connect(urls: impl Urls, options: Options) -> Result<Self, Error> {
        let servers = options.servers(urls.urls());
        let desk = Desk::new(&options);
        let driver = Driver::new(options.config, servers, desk)?;
        driver.observer().attach(&driver);
        driver.command_now(|client, now| client.connect(now))??;
        Ok(Self { shared: Rc::new(Shared { driver }) })
    }

    /// As [`Client::connect`], with a session that is stored: it goes on where the last page with that store left off. What is
    /// published with QoS 1 and 2 is stored before it is sent, and what is received with QoS 2 before it is told. Clean Start
    /// is 0 then, but for the first connection of a session in 5.0, where `session_expiry_interval` says how long a server
    /// keeps its half: give one.
    ///
    /// ```no_run
    /// use std::rc::Rc;
    /// use wasmqtt::{Client, Config, Options, SessionStore};
    ///
    /// # async fn example(store: Rc<dyn SessionStore>) -> Result<(), wasmqtt::Error> {
    /// let config = Config {
    ///     client_identifier: Some("till-7".into()),
    ///     session_expiry_interval: 86_400,
    ///     ..Config::default()
    /// };
    /// let options = Options { config, ..Options::default() };
    /// let client = Client::connect_stored("wss://broker.example/mqtt", options, store).await?;
    /// for publish in client.restored() {
    ///     publish.done().await?; // of an earlier page; sent whether or not anybody waits
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::connect`]; `ErrorCode::InvalidArgument` where the stored session is of another client identifier;
    /// `ErrorCode::Unsupported` where the store cannot be read, or without the feature `session-store`.
    pub async fn connect_stored(
        urls: impl Urls,
        options: Options,
        store: Rc<dyn SessionStore>,
    ) -> Result<Self, Error> {
        let servers = options.servers(urls.urls());
        let desk = Desk::new(&options);
        let driver = Driver::new(options.config, servers, desk)?;
        driver.observer().attach(&driver);
        let mut records = store.read().await.map_err(|StoreFailed| {
            Error::new(ErrorCode::Unsupported, "the stored session cannot be read")
        })?;
        records.sort_by_key(|(key, _)| *key);
        driver.observer().keeper.begin(store);
        driver.command_now(|client, now| {
            let wall = date_now() as u64;
            for (key, value) in &records {
                // What is damaged is left out.
                let _ = client.restore(*key, value, wall, now);
            }
            client.keep_session(wall, now)?;
            client.connect(now)
        })??;
        Ok(Self { shared: Rc::new(Shared { driver }) })
    }

    /// The publishes of earlier pages that were not complete, with a session that is stored; once. They are sent, whether or
    /// not anybody asks for them.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) {
    /// for publish in client.restored() {
    ///     println!("{} waits since {}", publish.topic, publish.since);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn restored(&self) -> Vec<RestoredPublish> {
        let restored = self.shared.driver.observer().restored().into_iter();
        let publishes = restored.map(|(restored, ticket)| RestoredPublish {
            topic: restored.topic.into(),
            qos: restored.qos,
            since: restored.since,
            label: restored.label.map(Into::into),
            shared: Rc::clone(&self.shared),
            token: restored.token,
            ticket,
        });
        publishes.collect()
    }

    /// What CONNACK said, once there is a connection.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let server = client.ready().await?;
    /// assert!(server.keep_alive > 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What closed the client for good; an attempt that is repeated is no error.
    pub async fn ready(&self) -> Result<Rc<ServerInfo>, Error> {
        let mut events = self.events();
        while !matches!(self.state(), State::Connected | State::Closed) {
            if events.next().await.is_none() {
                break;
            }
        }
        let desk = self.shared.driver.observer();
        match desk.server() {
            Some(server) if matches!(self.state(), State::Connected) => Ok(server),
            _ => Err(desk.error().unwrap_or_else(closed)),
        }
    }

    /// A publish; await it to queue it. It is ready when the server has taken it over.
    ///
    /// ```no_run
    /// use wasmqtt::{Property, QoS};
    ///
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// client.publish("plant/1/target", "21.5").await?; // QoS 0: handed to the socket
    /// let code = client
    ///     .publish("plant/1/target", "22")
    ///     .qos(QoS::ExactlyOnce)
    ///     .property(Property::MessageExpiryInterval(60))
    ///     .await?; // the server has taken it over
    /// assert!(!code.is_error());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Awaited: of the arguments, of the limits of the server and of the queue, of the server.
    pub fn publish(&self, topic: impl Into<String>, payload: impl Into<Vec<u8>>) -> Publish {
        Publish {
            shared: Rc::clone(&self.shared),
            topic: topic.into(),
            payload: payload.into(),
            qos: QoS::AtMostOnce,
            retain: false,
            properties: Some(PropertiesBuf::new()),
            label: None,
        }
    }

    /// A subscription; await it to have it. It is ready when the server has granted it, and it is
    /// made anew with every connection.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let mut alarms = client.subscribe("alarms/#").await?;
    /// while let Some(alarm) = alarms.next().await {
    ///     if alarm.text() == Some("over") {
    ///         break;
    ///     }
    /// }
    /// drop(alarms); // unsubscribes
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Awaited: of the filter, and `ErrorCode::Refused` with the reason code of SUBACK.
    pub fn subscribe(&self, filter: impl Into<String>) -> Subscribe {
        Subscribe::new(Rc::clone(&self.shared), filter.into())
    }

    /// Where the client stands.
    ///
    /// ```no_run
    /// # fn example(client: wasmqtt::Client) {
    /// let offline = !matches!(client.state(), wasmqtt::State::Connected);
    /// # let _ = offline;
    /// # }
    /// ```
    #[must_use]
    pub fn state(&self) -> State {
        self.shared.driver.observer().state()
    }

    /// What happens from now on, as a stream; it ends when the client is closed.
    ///
    /// ```no_run
    /// use wasmqtt::ClientEvent;
    ///
    /// # async fn example(client: wasmqtt::Client) {
    /// let mut events = client.events();
    /// while let Some(event) = events.next().await {
    ///     if let ClientEvent::Disconnected(error) = event {
    ///         assert!(error.retryable, "closed: {error}");
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn events(&self) -> Events {
        let inbox = Rc::new(Inbox::new(EVENTS));
        if matches!(self.state(), State::Closed) {
            // Nobody reads it yet.
            let _ = inbox.close();
        } else {
            self.shared.driver.observer().listen(&inbox);
        }
        Events { inbox }
    }

    /// The time to the server and back, by PINGREQ.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let round_trip = client.ping().await?;
    /// assert!(round_trip.as_secs() < 5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ErrorCode::Closed`, or the loss of the connection.
    pub fn ping(&self) -> Pending<Duration> {
        let token = self.shared.driver.command(|client, now| client.ping(now));
        Pending::new(&self.shared, token.and_then(core::convert::identity), |done| match done {
            Done::Pong(round_trip) => Some(round_trip),
            _ => None,
        })
    }

    /// Ready when every publish made before it is complete.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// client.flush().await?;
    /// client.close().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ErrorCode::Closed`.
    pub fn flush(&self) -> Pending<()> {
        let token = self.shared.driver.command(|client, now| client.flush(now));
        Pending::new(&self.shared, token, |done| matches!(done, Done::Flushed).then_some(()))
    }

    /// Authenticates anew: by AUTH where there is a method (5.0, 4.12.1), else with a new connection,
    /// for which credentials are asked.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// client.reauthenticate().await?; // the user has logged in anew
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ErrorCode::NotConnected`; the server's refusal.
    pub fn reauthenticate(&self) -> Pending<()> {
        let token = self.shared.driver.command(|client, now| client.reauthenticate(now));
        Pending::new(&self.shared, token.and_then(core::convert::identity), |done| {
            matches!(done, Done::Reauthenticated).then_some(())
        })
    }

    /// Counters.
    ///
    /// ```no_run
    /// # fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let stats = client.stats()?;
    /// println!("{} wait, {} are on their way", stats.queued, stats.in_flight);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ErrorCode::InvalidArgument` from inside the application's own socket.
    pub fn stats(&self) -> Result<Stats, Error> {
        self.shared.driver.look(|core| core.engine.stats())
    }

    /// Disconnects for good, for all clones: DISCONNECT is sent, so there is no will.
    ///
    /// ```no_run
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// client.close().await?;
    /// assert!(matches!(client.state(), wasmqtt::State::Closed));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `ErrorCode::InvalidArgument` from inside the application's own socket.
    pub async fn close(&self) -> Result<(), Error> {
        self.close_with(DisconnectOptions::default()).await
    }

    /// As [`Client::close`], with a reason code or time for what is still queued.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use wasmqtt::client::DisconnectOptions;
    ///
    /// # async fn example(client: wasmqtt::Client) -> Result<(), wasmqtt::Error> {
    /// let drain = DisconnectOptions { drain: Some(Duration::from_secs(2)), ..Default::default() };
    /// client.close_with(drain).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Client::close`].
    pub async fn close_with(&self, options: DisconnectOptions) -> Result<(), Error> {
        let mut events = self.events();
        self.shared.driver.command_now(|client, now| client.disconnect(options, now))?;
        while events.next().await.is_some() {}
        Ok(())
    }
}

/// What happens to a client; see [`Client::events`].
///
/// ```no_run
/// # async fn example(client: wasmqtt::Client) {
/// let mut events = client.events();
/// while let Some(event) = events.next().await {
///     drop(event);
/// }
/// # }
/// ```
pub struct Events {
    inbox: Rc<Inbox<ClientEvent>>,
}

impl Events {
    /// The next event; `None` once the client is closed.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        core::future::poll_fn(|context| self.inbox.poll(context)).await
    }
}

impl Stream for Events {
    type Item = ClientEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inbox.poll(context)
    }
}

/// One address or several.
///
/// ```no_run
/// use wasmqtt::{Client, Options};
///
/// # fn example() -> Result<(), wasmqtt::Error> {
/// let one = Client::connect("wss://a.example/mqtt", Options::default())?;
/// let tried_in_turn =
///     Client::connect(["wss://a.example/mqtt", "wss://b.example/mqtt"], Options::default())?;
/// # let _ = (one, tried_in_turn);
/// # Ok(())
/// # }
/// ```
pub trait Urls {
    /// The addresses in the order in which they are tried.
    fn urls(&self) -> Vec<String>;
}

impl Urls for &str {
    fn urls(&self) -> Vec<String> {
        [self.to_string()].into()
    }
}

impl Urls for String {
    fn urls(&self) -> Vec<String> {
        [self.clone()].into()
    }
}

impl<S: AsRef<str>> Urls for &[S] {
    fn urls(&self) -> Vec<String> {
        self.iter().map(|url| url.as_ref().to_string()).collect()
    }
}

impl<S: AsRef<str>, const N: usize> Urls for [S; N] {
    fn urls(&self) -> Vec<String> {
        self.as_slice().urls()
    }
}

/// Events held while nobody reads.
const EVENTS: usize = 100;
