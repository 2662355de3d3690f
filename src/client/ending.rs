//! How a connection ends, and a client: what is told, what is tried next, what is given up. It does
//! not know how a connection begins.

use core::time::Duration;

use super::authentication::{Exchange, Renewal};
use super::core::{Core, Phase};
use super::output::Queued;
use super::policy::Verdict;
use super::{CloseInfo, Credentials, Error, ErrorCode, Token, error};
use crate::codec::ProtocolVersion;
use crate::session::Lost;

impl Core {
    pub(super) fn socket_closed(&mut self, close: CloseInfo) {
        if !matches!(self.phase, Phase::Opening { .. }) && !self.listens() {
            return;
        }
        self.pending.clear();
        let text = match self.phase {
            Phase::Opening { .. } => "the WebSocket could not be opened",
            Phase::Connected { .. } => "the connection was lost",
            _ => "the connection was closed before CONNACK",
        };
        let error = Error { close: Some(close), ..Error::new(ErrorCode::ConnectionLost, text) };
        self.lost(error, Verdict::Retry);
    }

    /// A connection, or an attempt at one, has ended. The WebSocket is gone, or will be by what
    /// is queued. Decides what comes next.
    pub(super) fn lost(&mut self, mut error: Error, verdict: Verdict) {
        let before = self.phase;
        error.phase = self.error_phase();
        self.end_connection(&error);
        self.redirect.lost(verdict, matches!(before, Phase::Connected { .. }));
        match (before, &self.config.reconnect) {
            (Phase::Connected { since }, Some(reconnect)) => {
                if self.now - since >= reconnect.stable_after {
                    self.backoff.reset();
                    self.redirect.settled();
                }
                self.failed = 0;
                self.tried = 0;
            }
            (Phase::Connected { .. }, None) => self.tried = self.config.servers,
            _ => self.failed = self.failed.saturating_add(1),
        }
        let unheard = matches!(before, Phase::AwaitConnack { .. }) && verdict == Verdict::Retry;
        if (unheard && !self.version_settled || verdict == Verdict::OlderVersion)
            && self.falls_back()
            && self.version == ProtocolVersion::V5_0
        {
            // A part of the same attempt: the application hears of it by the version in use.
            self.failed = self.failed.saturating_sub(1);
            self.version = ProtocolVersion::V3_1_1;
            return self.attempt();
        }
        if unheard && !self.version_settled {
            self.version = ProtocolVersion::V5_0;
        }
        match verdict {
            Verdict::Credentials
                if matches!(self.config.credentials, Credentials::Ask) && !self.rejected =>
            {
                self.rejected = true;
                self.disconnected(error, true);
                self.attempt();
            }
            Verdict::Again => {
                self.disconnected(error, true);
                self.attempt();
            }
            Verdict::Fatal | Verdict::OlderVersion | Verdict::Credentials => self.end(Some(error)),
            Verdict::Retry | Verdict::Elsewhere => self.retry(error, verdict),
        }
    }

    fn retry(&mut self, error: Error, verdict: Verdict) {
        let elsewhere = verdict == Verdict::Elsewhere;
        self.tried += 1;
        let was_connected = error.phase == error::Phase::Connected;
        if !was_connected || elsewhere {
            self.server = (self.server + 1) % self.config.servers.max(1);
        }
        let round_over = self.tried >= self.config.servers;
        let Some(reconnect) = &self.config.reconnect else {
            if round_over || was_connected {
                return self.end(Some(error));
            }
            self.disconnected(error, true);
            return self.attempt();
        };
        if reconnect.max_attempts.is_some_and(|most| self.failed > 0 && self.failed >= most) {
            return self.end(Some(error));
        }
        if !round_over && (!was_connected || elsewhere) {
            self.disconnected(error, true);
            return self.attempt();
        }
        self.tried = 0;
        let mut pause = self.backoff.next(reconnect, &mut self.random);
        if self.offline {
            pause = reconnect.max;
        }
        self.disconnected(error, true);
        self.enter(Phase::Waiting { until: self.now + pause });
    }

    fn disconnected(&mut self, error: Error, retryable: bool) {
        self.queue.push_back(Queued::Disconnected(Error { retryable, ..error }));
    }

    /// Settles what belongs to the connection and no longer.
    fn end_connection(&mut self, error: &Error) {
        for (_, token) in core::mem::take(&mut self.pings) {
            if let Some(token) = token {
                self.queue.push_back(Queued::Failed(token, error.clone()));
            }
        }
        self.exchange = Exchange::None;
        let Phase::Connected { since } = self.phase else { return };
        self.phase = Phase::Idle;
        if self.config.authentication_method.is_some() {
            if let Some(Renewal { token: Some(token), .. }) = self.renewal.take() {
                self.fail(token, error.clone());
            }
        }
        self.deliveries.connection_lost();
        let identifiers = &mut self.identifiers;
        self.subscriptions.connection_lost(identifiers);
        let soon = !self.acknowledged && self.now - since < SOON;
        if let Some(Lost(token)) = self.outbound.connection_lost(soon, &mut self.identifiers) {
            let text = "each connection ended soon after the message was sent on it";
            self.fail(Token(token), Error { message: text.into(), ..error.clone() });
            self.progressed();
        }
    }

    /// For good. Everything that waits fails, with `cause` where there is one.
    pub(super) fn end(&mut self, cause: Option<Error>) {
        if self.phase == Phase::Closed {
            return;
        }
        self.phase = Phase::Closed;
        let error = cause.clone().unwrap_or_else(Error::closed);
        let mut tokens = self.outbound.clear();
        tokens.append(&mut self.subscriptions.clear());
        tokens.extend(self.pings.drain(..).filter_map(|(_, token)| token.map(Token::get)));
        tokens.extend(self.flushes.drain(..).map(Token::get));
        tokens.extend(self.renewal.take().and_then(|renewal| renewal.token).map(Token::get));
        for token in tokens {
            self.fail(Token(token), error.clone());
        }
        if let Some(error) = cause {
            self.disconnected(error, false);
        }
        self.closing = None;
        self.report();
    }

    fn error_phase(&self) -> error::Phase {
        match self.phase {
            _ if self.closing.is_some() => error::Phase::Closing,
            Phase::Idle | Phase::Authorizing | Phase::Authenticating | Phase::Waiting { .. } => {
                error::Phase::Idle
            }
            Phase::Opening { .. } => error::Phase::Opening,
            Phase::AwaitConnack { .. } => error::Phase::Connack,
            Phase::Connected { .. } => error::Phase::Connected,
            Phase::Closed => error::Phase::Closed,
        }
    }
}

/// A connection that ended before that without an acknowledgement may have been ended by what was
/// sent on it.
const SOON: Duration = Duration::from_secs(10);
