//! What an application is told when something did not work. It does not know what is done about it:
//! that is `policy`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use crate::codec::{EncodeError, Properties, ReasonCode, TopicError};

/// What went wrong, in one word. The numbers cross the boundary to JavaScript and do not change.
///
/// ```
/// use wasmqtt::client::{Client, Config, ErrorCode};
///
/// let error = Client::new(Config { receive_maximum: 0, ..Config::default() }, 7).unwrap_err();
/// assert_eq!(error.code, ErrorCode::InvalidArgument);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorCode {
    /// An argument or option that cannot be.
    InvalidArgument = 0,
    /// The version or the server does not have what was asked for.
    Unsupported = 1,
    /// The packet is longer than the server's Maximum Packet Size.
    TooLarge = 2,
    /// The queue is at its limit of messages or bytes.
    QueueFull = 3,
    /// There is no connection, and it was not to be queued.
    NotConnected = 4,
    /// The server refused this one request; `reason_code` says why.
    Refused = 5,
    /// The server refused the connection; `reason_code` says why.
    ConnectionRefused = 6,
    /// The server refused the credentials, or the application gave none.
    Auth = 7,
    /// No CONNACK in time.
    ConnectTimeout = 8,
    /// No sign of life from the server in time.
    KeepAlive = 9,
    /// The WebSocket was closed or could not be opened; `close` has what the browser says.
    ConnectionLost = 10,
    /// The server ended the connection by DISCONNECT; `reason_code` says why (5.0).
    Disconnected = 11,
    /// Another client took the client identifier over (0x8E), or seems to: connections are closed soon after
    /// CONNACK again and again.
    TakenOver = 12,
    /// The server broke the protocol.
    ProtocolError = 13,
    /// The client is closed.
    Closed = 14,
    /// Nobody waits any more.
    Aborted = 15,
    /// It took too long; for a message: its Message Expiry Interval has passed.
    Timeout = 16,
    /// The server ended each connection on which this one request was sent; `close`, or the `reason_code`
    /// of its DISCONNECT, says how.
    HungUp = 17,
}

/// Where the connection stood.
///
/// ```
/// use wasmqtt::client::{Client, Config, Phase};
///
/// assert_eq!(Client::new(Config::default(), 7)?.phase(), Phase::Idle);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// None was wanted, or the next attempt was awaited.
    #[default]
    Idle = 0,
    /// The WebSocket was being opened.
    Opening = 1,
    /// CONNECT was sent.
    Connack = 2,
    /// It was up.
    Connected = 3,
    /// What was queued was sent before the end.
    Closing = 4,
    /// For good.
    Closed = 5,
}

/// How a WebSocket ended.
///
/// ```
/// use wasmqtt::client::{Client, CloseInfo, Config, Instant, Output, State};
///
/// let now = Instant::from_millis(0);
/// let mut client = Client::new(Config::default(), 7)?;
/// client.connect(now)?;
/// while !matches!(client.poll_output(), Output::Timeout(_)) {}
/// let lost = CloseInfo { code: 1006, reason: String::new(), was_clean: false };
/// client.handle_close(lost, now);
/// while !matches!(client.poll_output(), Output::Timeout(_)) {}
/// assert!(matches!(client.state(), State::Waiting { .. })); // for the next attempt
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseInfo {
    /// 1006 when there was no close frame.
    pub code: u16,
    /// The server's words, often none.
    pub reason: String,
    /// Whether there was a closing handshake.
    pub was_clean: bool,
}

/// An error, with all that is known behind one word: what can fail is passed on by many hands.
///
/// ```
/// use wasmqtt::client::{Client, Config, Error, Instant, PublishRequest};
/// use wasmqtt::codec::{PropertiesBuf, QoS};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// let wrong = PublishRequest {
///     topic: "plant/+",
///     payload: Vec::new(),
///     qos: QoS::AtMostOnce,
///     retain: false,
///     properties: PropertiesBuf::new(),
/// };
/// let error: Error = client.publish(wrong, Instant::from_millis(0)).unwrap_err();
/// println!("{error}: {:?}, again: {}", error.code, error.retryable);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error(Box<ErrorDetails>);

impl Deref for Error {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

/// What is known of an [`Error`]. It never holds a user name, a password or a payload.
///
/// ```
/// use wasmqtt::client::{Error, ErrorCode};
///
/// let error = Error::new(ErrorCode::QueueFull, "the queue is full");
/// assert_eq!((error.code, error.reason_code, error.retryable), (ErrorCode::QueueFull, None, true));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorDetails {
    /// What went wrong.
    pub code: ErrorCode,
    /// The same for people.
    pub message: &'static str,
    /// The server's reason code; for 3.x the one of 5.0 that says the same.
    pub reason_code: Option<ReasonCode>,
    /// The server's words (5.0, Reason String).
    pub reason_string: Option<String>,
    /// The server's User Properties (5.0).
    pub user_properties: Vec<(String, String)>,
    /// How the WebSocket ended.
    pub close: Option<CloseInfo>,
    /// Where the connection stood.
    pub phase: Phase,
    /// The same again may work. Of a lost connection: the client tries again by itself.
    pub retryable: bool,
}

impl Error {
    /// An error with nothing but a code and a text.
    // Not inlined: errors are made in many places, and none of them is in a hurry.
    #[must_use]
    #[inline(never)]
    pub fn new(code: ErrorCode, message: &'static str) -> Self {
        Self(Box::new(ErrorDetails {
            code,
            message,
            reason_code: None,
            reason_string: None,
            user_properties: Vec::new(),
            close: None,
            phase: Phase::Idle,
            retryable: matches!(code, ErrorCode::QueueFull | ErrorCode::NotConnected),
        }))
    }

    /// The same, of a WebSocket that ended so.
    pub(crate) fn with_close(mut self, close: CloseInfo) -> Self {
        self.close = Some(close);
        self
    }

    /// The same, told as another one.
    pub(super) fn told_as(mut self, code: ErrorCode, message: &'static str) -> Self {
        self.code = code;
        self.message = message;
        self
    }

    /// The same, where the connection stood so unless that is said already.
    pub(super) fn in_phase(mut self, phase: Phase) -> Self {
        if self.phase == Phase::Idle {
            self.phase = phase;
        }
        self
    }

    /// The same, saying whether the same again may work.
    pub(super) fn retryable(mut self, retryable: bool) -> Self {
        self.retryable = retryable;
        self
    }

    pub(super) fn reason(mut self, reason_code: ReasonCode, properties: Properties<'_>) -> Self {
        self.reason_code = Some(reason_code);
        self.reason_string = properties.reason_string().map(String::from);
        let pairs = properties.user_properties();
        self.user_properties = pairs.map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    pub(super) fn closed() -> Self {
        Self::new(ErrorCode::Closed, "the client is closed").in_phase(Phase::Closed)
    }

    pub(super) fn invalid(message: &'static str) -> Self {
        Self::new(ErrorCode::InvalidArgument, message)
    }

    pub(super) fn unsupported(message: &'static str) -> Self {
        Self::new(ErrorCode::Unsupported, message)
    }
}

impl From<TopicError> for Error {
    fn from(error: TopicError) -> Self {
        Self::invalid(error.as_str())
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::PacketTooLarge => Self::new(ErrorCode::TooLarge, error.as_str()),
            EncodeError::NotInThisVersion => Self::unsupported(error.as_str()),
            _ => Self::invalid(error.as_str()),
        }
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.message)
    }
}

impl core::error::Error for Error {}
