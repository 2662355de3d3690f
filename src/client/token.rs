//! Numbers by which the application and the engine name what one asked of the other. They mean nothing else.

/// Names a command until it is done.
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
