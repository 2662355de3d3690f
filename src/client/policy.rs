//! What is done about a reason code: one table for CONNACK, one for DISCONNECT. It does not know
//! when or how it is done.

use super::instant::Millis;
use crate::codec::ReasonCode;

/// What a refused or ended connection means for the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// It may work later, here or at the next server.
    Retry,
    /// It may work at once, at another server.
    Elsewhere,
    /// It is to be tried at once, without being a failure: the server said where, or the application
    /// wants it.
    Again,
    /// It may work with other credentials.
    Credentials,
    /// It may work with an older version.
    OlderVersion,
    /// It will not work however often it is tried.
    Fatal,
}

/// Of a CONNACK (3.2.2.2).
pub(super) fn of_connack(code: ReasonCode) -> Verdict {
    match code {
        ReasonCode::UNSUPPORTED_PROTOCOL_VERSION => Verdict::OlderVersion,
        ReasonCode::BAD_USER_NAME_OR_PASSWORD | ReasonCode::NOT_AUTHORIZED => Verdict::Credentials,
        ReasonCode::USE_ANOTHER_SERVER | ReasonCode::SERVER_MOVED => Verdict::Elsewhere,
        ReasonCode::UNSPECIFIED_ERROR
        | ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR
        | ReasonCode::SERVER_UNAVAILABLE
        | ReasonCode::SERVER_BUSY
        | ReasonCode::QUOTA_EXCEEDED
        | ReasonCode::CONNECTION_RATE_EXCEEDED => Verdict::Retry,
        _ => Verdict::Fatal,
    }
}

/// Of a server's DISCONNECT (3.14.2.1).
pub(super) fn of_disconnect(code: ReasonCode) -> Verdict {
    match code {
        ReasonCode::SESSION_TAKEN_OVER => Verdict::Fatal,
        ReasonCode::NOT_AUTHORIZED => Verdict::Credentials,
        ReasonCode::USE_ANOTHER_SERVER | ReasonCode::SERVER_MOVED => Verdict::Elsewhere,
        _ => Verdict::Retry,
    }
}

/// Whether the server has too much to do just now (5.0, 3.2.2.2, 3.14.2.1; for 3.x return code 3).
pub(super) fn is_busy(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::SERVER_UNAVAILABLE
            | ReasonCode::SERVER_BUSY
            | ReasonCode::QUOTA_EXCEEDED
            | ReasonCode::CONNECTION_RATE_EXCEEDED
    )
}

/// Whether a server's DISCONNECT has a reason of its own: it was not what the client had sent.
pub(super) fn explains_disconnect(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::SERVER_BUSY
            | ReasonCode::SERVER_SHUTTING_DOWN
            | ReasonCode::KEEP_ALIVE_TIMEOUT
            | ReasonCode::SESSION_TAKEN_OVER
            | ReasonCode::USE_ANOTHER_SERVER
            | ReasonCode::SERVER_MOVED
            | ReasonCode::CONNECTION_RATE_EXCEEDED
            | ReasonCode::MAXIMUM_CONNECT_TIME
    )
}

/// The same of a close code of the WebSocket: going away, service restart, try again later (RFC 6455,
/// 7.4.1, and its registry).
pub(super) fn explains_close(code: u16) -> bool {
    matches!(code, 1001 | 1012 | 1013)
}

/// When a client whose identifier the application has chosen takes another client to have the same:
/// some servers close the connection of the one that came first without a word, and the two throw
/// each other out for ever.
pub(super) struct Takeover {
    /// Connections in a row that were accepted, had all of their requests answered, and were closed
    /// without a reason. An attempt that fails, or a network that goes, begins the count anew.
    pub(super) rounds: u8,
    /// Each of them within that time of CONNACK.
    pub(super) within: Millis,
}

/// With the pauses of the default, two clients come to that in 25 to 60 s.
pub(super) const TAKEOVER: Takeover = Takeover { rounds: 8, within: 10_000 };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_attempt_cannot_change_is_fatal() {
        for code in [
            ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
            ReasonCode::BANNED,
            ReasonCode::BAD_AUTHENTICATION_METHOD,
            ReasonCode::TOPIC_NAME_INVALID,
            ReasonCode::PACKET_TOO_LARGE,
            ReasonCode::RETAIN_NOT_SUPPORTED,
            ReasonCode::QOS_NOT_SUPPORTED,
        ] {
            assert_eq!(of_connack(code), Verdict::Fatal);
        }
        assert_eq!(of_disconnect(ReasonCode::SESSION_TAKEN_OVER), Verdict::Fatal);
        assert_eq!(of_disconnect(ReasonCode::SERVER_SHUTTING_DOWN), Verdict::Retry);
        assert_eq!(of_connack(ReasonCode::SERVER_MOVED), Verdict::Elsewhere);
    }
}
