//! How a connection ends, and a client: what is told, what is tried next, what is given up. It does
//! not know how a connection begins.

use alloc::vec::Vec;
use core::time::Duration;

use super::core::{Core, Phase};
use super::exchange::{Exchange, Renewal};
use super::output::Queued;
use super::policy::{TAKEOVER, Verdict};
use super::trial::{SOON, hung_up, hung_up_over_authentication, may_blame};
use super::{CloseInfo, Credentials, Error, ErrorCode, Token, error};
use crate::codec::{Properties, ProtocolVersion};
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
        let error = Error::new(ErrorCode::ConnectionLost, text).with_close(close);
        self.lost(error, Verdict::Retry);
    }

    pub(super) fn socket_refused(&mut self, error: Error) {
        if !matches!(self.phase, Phase::Opening { .. }) {
            return;
        }
        let alone = self.config.servers == 1 && self.redirect.reference.is_none();
        self.lost(error, if alone { Verdict::Fatal } else { Verdict::Retry });
    }

    /// A connection, or an attempt at one, has ended. The WebSocket is gone, or will be by what
    /// is queued. Decides what comes next.
    pub(super) fn lost(&mut self, mut error: Error, verdict: Verdict) {
        let before = self.phase;
        error.phase = self.error_phase();
        let unexplained = verdict != Verdict::Again && may_blame(&error);
        let over_authentication = unexplained
            && self.exchange == Exchange::Answered
            && matches!(before, Phase::AwaitConnack { .. });
        if over_authentication && self.exchange_suspicion.lost(true) {
            return self.end(Some(hung_up_over_authentication(&error)));
        }
        let taken_over = self.end_connection(&error, unexplained);
        self.redirect.lost(verdict, matches!(before, Phase::Connected { .. }));
        let mut soon = false;
        match (before, &self.config.reconnect) {
            (Phase::Connected { since }, Some(reconnect)) => {
                soon = self.now - since < reconnect.stable_after;
                if !soon {
                    self.backoff.reset();
                    self.redirect.settled();
                    self.tried = 0;
                }
                self.failed = 0;
            }
            (Phase::Connected { .. }, None) => {
                soon = true;
                self.tried = self.config.servers;
            }
            _ if verdict == Verdict::Again => {}
            _ => {
                self.failed = self.failed.saturating_add(1);
                self.evictions = 0;
            }
        }
        if taken_over {
            return self.end(Some(taken_over_by_another(error)));
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
                if soon {
                    // It took the last ones, and may take the next ones no longer.
                    return self.retry(error, Verdict::Retry);
                }
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
        let Some(reconnect) = self.config.reconnect.clone() else {
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
        let mut pause = self.backoff.next(&reconnect, &mut self.random);
        if self.offline {
            pause = pause.max(reconnect.max);
        } else if let Some(soon) = self.pause_after_wake().filter(|_| was_connected) {
            pause = pause.min(soon);
        }
        self.disconnected(error, true);
        self.enter(Phase::Waiting { until: self.now + pause });
    }

    fn disconnected(&mut self, error: Error, retryable: bool) {
        self.queue.push_back(Queued::Disconnected(error.retryable(retryable)));
    }

    /// Settles what belongs to the connection and no longer. True when another client seems to have
    /// the same identifier.
    fn end_connection(&mut self, error: &Error, unexplained: bool) -> bool {
        for (_, token) in core::mem::take(&mut self.pings) {
            if let Some(token) = token {
                self.queue.push_back(Queued::Failed(token, error.clone()));
            }
        }
        self.trial = None;
        let exchange = core::mem::take(&mut self.exchange);
        let Phase::Connected { since } = self.phase else { return false };
        self.phase = Phase::Idle;
        if self.config.authentication_method.is_some() {
            if let Some(Renewal { token: Some(token), .. }) = self.renewal.take() {
                let sent = matches!(exchange, Exchange::Awaiting | Exchange::Answered);
                let hung_up = unexplained && sent;
                let error =
                    if hung_up { hung_up_over_authentication(error) } else { error.clone() };
                self.fail(token, error);
            }
        }
        let lived = self.now - since;
        let answered = !self.subscriptions.awaits_answer() && !self.outbound.awaits_answer();
        let closed = unexplained && error.code == ErrorCode::ConnectionLost;
        let taken_over = closed && answered && exchange == Exchange::None && self.evicted(lived);
        self.deliveries.connection_lost();
        let mut answers = Vec::new();
        let sent_soon =
            unexplained.then(|| self.now.as_millis().saturating_sub(SOON.as_millis() as u64));
        self.subscriptions.connection_lost(sent_soon, &mut self.identifiers, &mut answers);
        self.answer_with(answers, Properties::EMPTY, |_| hung_up(error));
        let soon = unexplained.then_some(!self.completed && lived < SOON);
        if let Some(Lost(token)) = self.outbound.connection_lost(soon, &mut self.identifiers) {
            self.fail(Token(token), hung_up(error));
            self.progressed();
        }
        taken_over
    }

    /// A connection was lost without a reason after so long. True when that has happened too often for
    /// anything but another client with the same identifier.
    fn evicted(&mut self, lived: Duration) -> bool {
        let chosen = self.config.client_identifier.as_ref().is_some_and(|it| !it.is_empty());
        let soon = chosen && lived < TAKEOVER.within;
        self.evictions = if soon { self.evictions.saturating_add(1) } else { 0 };
        self.evictions >= TAKEOVER.rounds
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

/// The client with the identifier of this one is told by no reason code, but by how often it happens.
fn taken_over_by_another(error: Error) -> Error {
    let text = "closed soon after CONNACK again and again: another client seems to have this client identifier";
    error.told_as(ErrorCode::TakenOver, text)
}
