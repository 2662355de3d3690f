//! Numbers by which the application and the engine name what one asked of the other. They mean nothing else.

/// Names a command until it is done.
///
/// ```
/// use wasmqtt::client::{Client, Config, Instant, Token};
///
/// let mut client = Client::new(Config::default(), 7)?;
/// let token = client.flush(Instant::from_millis(0));
/// assert_eq!(Token::from_raw(token.get()), token);
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Token(pub(super) u32);

impl Token {
    /// From a number that [`Token::get`] gave.
    #[must_use]
    pub const fn from_raw(token: u32) -> Self {
        Self(token)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Names a subscription of the application's; it is also the token of its SUBSCRIBE.
///
/// ```
/// use wasmqtt::client::{Client, Config, Instant, Token};
/// use wasmqtt::codec::SubscriptionOptions;
///
/// let now = Instant::from_millis(0);
/// let mut client = Client::new(Config::default(), 7)?;
/// let id = client.subscribe("a/#", SubscriptionOptions::default(), now)?;
/// let granted: Token = id.into(); // which SUBACK completes
/// client.unsubscribe(id, now)?;
/// # let _ = granted;
/// # Ok::<(), wasmqtt::client::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SubscriptionId(pub(super) u32);

impl SubscriptionId {
    /// From a number that [`SubscriptionId::get`] gave.
    #[must_use]
    pub const fn from_raw(id: u32) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<SubscriptionId> for Token {
    fn from(id: SubscriptionId) -> Self {
        Self(id.0)
    }
}

/// Names a message that waits for its acknowledgement.
///
/// ```
/// use wasmqtt::client::{Acknowledge, Client, DeliveryId, Error, Instant};
///
/// /// Of a message that it was told with, when the application is done with it.
/// fn done(client: &mut Client, id: DeliveryId, now: Instant) -> Result<bool, Error> {
///     client.acknowledge(id, Acknowledge::default(), now)
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DeliveryId(pub(super) u32);

impl DeliveryId {
    /// From a number that [`DeliveryId::get`] gave.
    #[must_use]
    pub const fn from_raw(id: u32) -> Self {
        Self(id)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}
