//! Which of the things that a client sends makes a server hang up. What was sent shortly before a
//! connection ended and was not answered is suspected, and from then on sent by itself: see
//! [`Suspicion`](crate::session::Suspicion). It does not know what a server has against it.

use super::instant::Millis;
use super::policy;
use super::{Error, ErrorCode, Instant};
use crate::codec::PacketIdentifier;

/// Something suspected was sent: nothing else is, until it is answered or its time is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    identifier: PacketIdentifier,
    until: Instant,
}

impl Trial {
    pub(super) fn new(identifier: PacketIdentifier, now: Instant) -> Self {
        Self { identifier, until: now.plus(SOON) }
    }

    /// Under which it was sent.
    pub(super) fn identifier(&self) -> PacketIdentifier {
        self.identifier
    }

    /// When what waits for it waits no longer.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

/// Whether what was sent on a connection may be what ended it.
pub(super) fn may_blame(error: &Error) -> bool {
    match error.code {
        ErrorCode::ConnectionLost => {
            !error.close.as_ref().is_some_and(|close| policy::explains_close(close.code))
        }
        // Without a reason code it is this client that went.
        ErrorCode::Disconnected | ErrorCode::Auth => {
            error.reason_code.is_some_and(|code| !policy::explains_disconnect(code))
        }
        ErrorCode::ProtocolError => true,
        _ => false,
    }
}

/// What is told of the publish, subscription or end of one that a server hangs up on, with how the
/// last connection ended.
pub(super) fn hung_up(error: &Error) -> Error {
    let text = "each connection ended soon after this was sent";
    error.clone().told_as(ErrorCode::HungUp, text).retryable(false)
}

/// The same for AUTH.
pub(super) fn hung_up_over_authentication(error: &Error) -> Error {
    let text = "the server closed the connection over the authentication";
    hung_up(error).told_as(ErrorCode::Auth, text)
}

/// A connection that ended before that without an answer may have been ended by what was sent on it.
pub(super) const SOON: Millis = 10_000;
