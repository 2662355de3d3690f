//! How a connection ends, and a client: what is told, what is tried next, what is given up. It does
//! not know how a connection begins.

use alloc::vec::Vec;

use super::connecting::Next;
use super::core::{Core, Phase};
use super::exchange::Exchange;
use super::instant::Millis;
use super::output::Queued;
use super::policy::{self, Verdict};
use super::silence::Cut;
use super::trial::{SOON, hung_up, hung_up_over_authentication, may_blame};
use super::{CloseInfo, Credentials, DisconnectOptions, Error, ErrorCode, Outcome, Token, error};
use crate::codec::Properties;
use crate::session::Lost;

impl Core {
    pub(super) fn socket_closed(&mut self, close: CloseInfo) {
        if !matches!(self.phase, Phase::Opening { .. }) && !self.listens() {
            return;
        }
        self.outbox.clear();
        if let Phase::Connected { since } = self.phase {
            let liveness = &self.connection.liveness;
            self.connecting.cut(Cut {
                silence: liveness.silence(self.now),
                survived: liveness.survived(),
                lived: self.now.millis_since(since),
            });
        }
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
        let alone = self.config.servers == 1 && self.connecting.reference().is_none();
        let nowhere = error.close.is_none();
        self.lost(error, if alone || nowhere { Verdict::Fatal } else { Verdict::Retry });
    }

    /// A connection, or an attempt at one, has ended. The WebSocket is gone, or will be by what
    /// is queued. Decides what comes next.
    pub(super) fn lost(&mut self, mut error: Error, verdict: Verdict) {
        let before = self.phase;
        error.phase = self.error_phase();
        let unexplained = verdict != Verdict::Again && may_blame(&error);
        let over_authentication = unexplained
            && self.connection.exchange == Exchange::Answered
            && matches!(before, Phase::AwaitConnack { .. });
        if over_authentication && self.connecting.authentication_cut_off() {
            return self.idle_or_end(hung_up_over_authentication(&error));
        }
        let taken_over = self.end_connection(&error, unexplained);
        let soon = match before {
            Phase::Connected { since } => {
                self.connecting.lost(verdict, self.now.millis_since(since), &self.config)
            }
            _ => {
                self.connecting.failed(verdict);
                false
            }
        };
        if taken_over {
            return self.idle_or_end(taken_over_by_another(error));
        }
        let unheard = matches!(before, Phase::AwaitConnack { .. }) && verdict == Verdict::Retry;
        if self.connecting.falls_back(verdict, unheard, self.falls_back()) {
            return self.attempt();
        }
        match verdict {
            Verdict::Credentials
                if matches!(self.config.credentials, Credentials::Ask)
                    && self.connecting.login.refused() =>
            {
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
            Verdict::Fatal | Verdict::OlderVersion | Verdict::Credentials => {
                self.idle_or_end(error)
            }
            Verdict::Retry | Verdict::Elsewhere => self.retry(error, verdict),
        }
    }

    fn retry(&mut self, error: Error, verdict: Verdict) {
        let elsewhere = verdict == Verdict::Elsewhere;
        if error.reason_code.is_some_and(policy::is_busy) {
            self.connecting.server_is_busy();
        }
        let was_connected = error.phase == error::Phase::Connected;
        let Self { connecting, config, random, now, .. } = self;
        match connecting.next(elsewhere, was_connected, config, random, *now) {
            Next::End => self.idle_or_end(error),
            Next::AtOnce => {
                self.disconnected(error, true);
                self.attempt();
            }
            Next::After(pause) => {
                self.disconnected(error, true);
                self.enter(Phase::Waiting { until: self.now + pause });
            }
        }
    }

    /// There is no next attempt by itself.
    fn idle_or_end(&mut self, error: Error) {
        if self.config.by_hand && self.closing.is_none() {
            self.disconnected(error, false);
            self.enter(Phase::Idle);
        } else {
            self.end(Some(error));
        }
    }

    /// Ends the connection with DISCONNECT, or the attempt at one, and is idle; the session stays as it is.
    pub(super) fn stop(&mut self, options: &DisconnectOptions) -> Result<Token, Error> {
        self.still_open()?;
        let token = self.token();
        if self.phase != Phase::Idle {
            self.interrupt(options);
        }
        self.complete(token, Outcome::Done);
        Ok(token)
    }

    fn interrupt(&mut self, options: &DisconnectOptions) {
        let mut error = Error::new(ErrorCode::Aborted, "the application ended the connection");
        error.phase = self.error_phase();
        self.leave(options);
        self.end_connection(&error, false);
        self.disconnected(error, false);
        self.enter(Phase::Idle);
    }

    fn disconnected(&mut self, error: Error, retryable: bool) {
        self.queue.push_back(Queued::Disconnected(error.retryable(retryable)));
    }

    /// Settles what belongs to the connection and no longer. True when another client seems to have
    /// the same identifier.
    fn end_connection(&mut self, error: &Error, unexplained: bool) -> bool {
        let connection = core::mem::take(&mut self.connection);
        for token in connection.waiting() {
            self.fail(token, error.clone());
        }
        let exchange = connection.exchange;
        let Phase::Connected { since } = self.phase else { return false };
        self.phase = Phase::Idle;
        if self.config.authentication_method.is_some() {
            if let Some(token) = self.connecting.login.renewed() {
                let sent = matches!(exchange, Exchange::Awaiting | Exchange::Answered);
                let hung_up = unexplained && sent;
                let error =
                    if hung_up { hung_up_over_authentication(error) } else { error.clone() };
                self.fail(token, error);
            }
        }
        let lived = self.now.millis_since(since);
        let answered = !self.session.awaits_answer();
        let closed = unexplained && error.code == ErrorCode::ConnectionLost;
        let taken_over = closed && answered && exchange == Exchange::None && self.evicted(lived);
        self.session.deliveries.connection_lost();
        self.session.inbound.connection_lost();
        let mut answers = Vec::new();
        let sent_soon = unexplained.then(|| self.now.as_millis().saturating_sub(SOON.into()));
        self.session.subscriptions.connection_lost(
            sent_soon,
            &mut self.session.identifiers,
            &mut answers,
        );
        self.answer_with(answers, Properties::EMPTY, |_| hung_up(error));
        let soon = unexplained.then_some(!connection.completed && lived < SOON);
        if let Some(Lost(token)) =
            self.session.outbound.connection_lost(soon, &mut self.session.identifiers)
        {
            self.fail(Token(token), hung_up(error));
            self.progressed();
        }
        taken_over
    }

    fn evicted(&mut self, lived: Millis) -> bool {
        let chosen = self.config.client_identifier.as_ref().is_some_and(|it| !it.is_empty());
        self.connecting.evicted(lived, chosen)
    }

    /// For good. Everything that waits fails, with `cause` where there is one.
    pub(super) fn end(&mut self, cause: Option<Error>) {
        if self.phase == Phase::Closed {
            return;
        }
        self.phase = Phase::Closed;
        let error = cause.clone().unwrap_or_else(Error::closed);
        self.persist_last();
        let mut tokens = self.session.clear();
        tokens.extend(core::mem::take(&mut self.connection).waiting().map(Token::get));
        tokens.extend(self.flushes.drain(..).map(Token::get));
        tokens.extend(self.connecting.login.renewed().map(Token::get));
        // Where the connection stood when that came up, which was before the end.
        for token in tokens {
            self.queue.push_back(Queued::Failed(Token(token), error.clone()));
        }
        if let Some(error) = cause {
            self.disconnected(error, false);
        }
        self.closing = None;
        self.report();
    }

    pub(super) fn error_phase(&self) -> error::Phase {
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
