//! The state of a client and what ends or begins a connection. It does not know packets: those are
//! `handshake`, `incoming` and `outgoing`.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::backoff::Backoff;
use super::liveness::Liveness;
use super::output::Queued;
use super::policy::Verdict;
use super::random::Random;
use super::{
    AuthorizeReason, CloseInfo, Config, Credentials, DisconnectOptions, Error, ErrorCode, Instant,
    Outcome, ServerInfo, State, Stats, Token, VersionPolicy, error,
};
use crate::codec::{Connack, Properties, ProtocolVersion, ReasonCode};
use crate::session::{Inbound, Lost, Outbound, PacketIdentifiers, Subscriptions};

/// Where the connection stands.
///
/// ```text
///        connect              credentials          handle_open            CONNACK
/// Idle ───────────▶ Authorizing ────────▶ Opening ─────────▶ AwaitConnack ───────▶ Connected
///                      ▲                     │                    │                    │
///                      │                     └──────────┬─────────┴────────────────────┘
///                      │  the time has come             ▼ lost
///                      └──────────────────────────── Waiting ─── fatal, disconnect ──▶ Closed
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Idle,
    /// The application is asked for credentials; skipped where they are fixed.
    Authorizing,
    Opening {
        deadline: Instant,
    },
    AwaitConnack {
        deadline: Instant,
        clean_start: bool,
    },
    Connected {
        since: Instant,
    },
    Waiting {
        until: Instant,
    },
    Closed,
}

/// Everything of a client but its received bytes.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) config: Config,
    pub(super) random: Random,
    /// Of the call at hand.
    pub(super) now: Instant,
    pub(super) phase: Phase,
    /// The application has ended the client; what is left is sent until then.
    pub(super) closing: Option<(DisconnectOptions, Instant)>,
    reported: State,
    pub(super) queue: VecDeque<Queued>,
    /// The one that `poll_output` lends.
    pub(super) current: Queued,

    // What outlives a connection.
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) subscriptions: Subscriptions,
    pub(super) identifiers: PacketIdentifiers,
    pub(super) client_identifier: String,
    pub(super) flushes: Vec<Token>,
    next_token: u32,

    // How to connect next.
    pub(super) server: usize,
    pub(super) version: ProtocolVersion,
    /// A server has accepted `version`.
    pub(super) version_settled: bool,
    pub(super) credentials: Option<(Option<String>, Option<Vec<u8>>)>,
    authorizations: u32,
    /// Credentials were refused since the last connection.
    rejected: bool,
    backoff: Backoff,
    /// Attempts since the last connection.
    failed: u32,
    /// Servers tried since the last pause.
    tried: usize,
    pub(super) offline: bool,
    pub(super) connections: u32,

    // The connection.
    pub(super) server_info: ServerInfo,
    pub(super) liveness: Liveness,
    pub(super) aliases: Vec<Option<Box<str>>>,
    /// PINGREQs sent and not answered, and who waits for the answer.
    pub(super) pings: VecDeque<(Instant, Option<Token>)>,
    /// Something was acknowledged on this connection.
    pub(super) acknowledged: bool,
    /// Packets to be sent.
    pub(super) pending: Vec<u8>,
    /// Lent to the driver.
    pub(super) frame: Vec<u8>,
    pub(super) stats: Stats,
}

impl Core {
    pub(super) fn new(config: Config, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let version = match config.version {
            VersionPolicy::Auto => ProtocolVersion::V5_0,
            VersionPolicy::Exactly(version) => version,
        };
        let client_identifier =
            config.client_identifier.clone().unwrap_or_else(|| random.client_identifier());
        let nothing = Connack {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            return_code: 0,
            properties: Properties::EMPTY,
        };
        Self {
            server_info: ServerInfo::read(&nothing, 0, version, true, "", &config),
            random,
            now: Instant::default(),
            phase: Phase::Idle,
            closing: None,
            reported: State::Idle,
            queue: VecDeque::new(),
            current: Queued::Connected,
            outbound: Outbound::default(),
            inbound: Inbound::default(),
            subscriptions: Subscriptions::default(),
            identifiers: PacketIdentifiers::default(),
            client_identifier,
            flushes: Vec::new(),
            next_token: 0,
            server: 0,
            version,
            version_settled: config.version != VersionPolicy::Auto,
            credentials: None,
            authorizations: 0,
            rejected: false,
            backoff: Backoff::default(),
            failed: 0,
            tried: 0,
            offline: false,
            connections: 0,
            liveness: Liveness::default(),
            aliases: Vec::new(),
            pings: VecDeque::new(),
            acknowledged: false,
            pending: Vec::new(),
            frame: Vec::new(),
            stats: Stats::default(),
            config,
        }
    }

    /// Makes the next thing to be told the one that is lent. False when there is none.
    pub(super) fn advance(&mut self) -> bool {
        match self.queue.pop_front() {
            Some(next) => {
                self.current = next;
                true
            }
            None => false,
        }
    }

    pub(super) fn has_output(&self) -> bool {
        !self.queue.is_empty()
    }

    pub(super) fn token(&mut self) -> Token {
        self.next_token = self.next_token.wrapping_add(1);
        Token(self.next_token)
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Connected { .. })
    }

    /// Whether received bytes are of interest.
    pub(super) fn listens(&self) -> bool {
        matches!(self.phase, Phase::AwaitConnack { .. } | Phase::Connected { .. })
    }

    pub(super) fn state(&self) -> State {
        match self.phase {
            Phase::Closed => State::Closed,
            _ if self.closing.is_some() => State::Closing,
            Phase::Idle => State::Idle,
            Phase::Authorizing | Phase::Opening { .. } | Phase::AwaitConnack { .. } => {
                State::Connecting
            }
            Phase::Connected { .. } => State::Connected,
            Phase::Waiting { until } => State::Waiting { until },
        }
    }

    /// Enters a phase and tells of it.
    pub(super) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.report();
    }

    pub(super) fn report(&mut self) {
        let state = self.state();
        if state != self.reported {
            self.reported = state;
            self.queue.push_back(Queued::State(state));
        }
    }

    pub(super) fn complete(&mut self, token: Token, outcome: Outcome<'static>) {
        self.queue.push_back(Queued::Completed(token, outcome));
    }

    pub(super) fn fail(&mut self, token: Token, error: Error) {
        self.queue.push_back(Queued::Failed(token, error));
    }

    /// Begins an attempt.
    pub(super) fn attempt(&mut self) {
        if matches!(self.config.credentials, Credentials::Ask) {
            self.authorizations = self.authorizations.saturating_add(1);
            let reason = match (self.rejected, self.authorizations) {
                (true, _) => AuthorizeReason::Rejected,
                (false, 1) => AuthorizeReason::First,
                _ => AuthorizeReason::Reconnect,
            };
            self.enter(Phase::Authorizing);
            self.queue.push_back(Queued::Authorize { attempt: self.authorizations, reason });
        } else {
            self.open();
        }
    }

    pub(super) fn open(&mut self) {
        self.enter(Phase::Opening { deadline: self.now + self.config.connect_timeout });
        self.queue.push_back(Queued::Open { server: self.server, version: self.version });
    }

    /// Has the driver close the WebSocket, after what is pending.
    pub(super) fn close_socket(&mut self) {
        self.queue.push_back(Queued::Close);
    }

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
        match (before, &self.config.reconnect) {
            (Phase::Connected { since }, Some(reconnect)) => {
                if self.now - since >= reconnect.stable_after {
                    self.backoff.reset();
                }
                self.failed = 0;
                self.tried = 0;
            }
            (Phase::Connected { .. }, None) => self.tried = self.config.servers,
            _ => self.failed = self.failed.saturating_add(1),
        }
        let unheard = matches!(before, Phase::AwaitConnack { .. }) && verdict == Verdict::Retry;
        if (unheard && !self.version_settled || verdict == Verdict::OlderVersion)
            && self.config.version == VersionPolicy::Auto
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
        let Phase::Connected { since } = self.phase else { return };
        self.phase = Phase::Idle;
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
            Phase::Idle | Phase::Authorizing | Phase::Waiting { .. } => error::Phase::Idle,
            Phase::Opening { .. } => error::Phase::Opening,
            Phase::AwaitConnack { .. } => error::Phase::Connack,
            Phase::Connected { .. } => error::Phase::Connected,
            Phase::Closed => error::Phase::Closed,
        }
    }

    /// A connection was accepted.
    pub(super) fn accepted(&mut self) {
        self.rejected = false;
        self.version_settled = true;
        self.failed = 0;
        self.tried = 0;
        self.connections = self.connections.saturating_add(1);
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            queued: self.outbound.queued(),
            queued_bytes: self.outbound.queued_bytes(),
            in_flight: self.outbound.inflight(),
            connections: self.connections,
            ..self.stats.clone()
        }
    }
}

/// A connection that ended before that without an acknowledgement may have been ended by what was
/// sent on it.
const SOON: Duration = Duration::from_secs(10);
