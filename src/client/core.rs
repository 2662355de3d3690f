//! The state of a client and what ends or begins a connection. It does not know packets: those are
//! `handshake`, `incoming` and `outgoing`.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::connecting::Connecting;
use super::connection::Connection;
use super::outbox::Outbox;
use super::output::Queued;
use super::random::Random;
use super::store::Storing;
use super::{
    Backlog, Config, Credentials, DisconnectOptions, Error, Instant, Outcome, State, Stats, Token,
    VersionPolicy,
};
use crate::codec::PropertiesBuf;
use crate::session::Session;

/// Where the connection stands.
///
/// ```text
///        connect              credentials          handle_open            CONNACK
/// Idle ───────────▶ Authorizing ────────▶ Opening ─────────▶ AwaitConnack ───────▶ Connected
///                      ▲    │                ▲ │                    │                  │
///                      │    ▼      first data│ └──────────┬─────────┴──────────────────┘
///                      │ Authenticating ─────┘            │
///                      │  the time has come               ▼ lost
///                      └──────────────────────────── Waiting ─── fatal, disconnect ──▶ Closed
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Idle,
    /// The application is asked for credentials; skipped where they are fixed.
    Authorizing,
    /// The application is asked for its first authentication data; only where there is a method.
    Authenticating,
    Opening {
        since: Instant,
    },
    AwaitConnack {
        /// The attempt was begun.
        since: Instant,
        /// CONNECT was written.
        asked: Instant,
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

    pub(super) session: Session,
    pub(super) connecting: Connecting,
    pub(super) connection: Connection,
    pub(super) outbox: Outbox,
    pub(super) storing: Storing,
    pub(super) backlog: Backlog,
    /// Of the publish that is being written.
    pub(super) properties: PropertiesBuf,
    pub(super) flushes: Vec<Token>,
    next_token: u32,
    pub(super) stats: Stats,
}

impl Core {
    // Inlined, its fields would be moved one by one.
    #[inline(never)]
    pub(super) fn new(config: Config, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let client_identifier =
            config.client_identifier.clone().unwrap_or_else(|| random.client_identifier());
        Self {
            random,
            now: Instant::default(),
            phase: Phase::Idle,
            closing: None,
            reported: State::Idle,
            queue: VecDeque::new(),
            current: Queued::Close,
            session: Session::new(client_identifier),
            connecting: Connecting::new(config.version),
            connection: Connection::default(),
            outbox: Outbox::default(),
            storing: Storing::default(),
            backlog: Backlog::default(),
            properties: PropertiesBuf::new(),
            flushes: Vec::new(),
            next_token: 0,
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
        !self.queue.is_empty() || self.is_to_persist()
    }

    pub(super) fn name_next(&mut self, token: Token) {
        self.next_token = token.get().wrapping_sub(1);
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
            Phase::Authorizing
            | Phase::Authenticating
            | Phase::Opening { .. }
            | Phase::AwaitConnack { .. } => State::Connecting,
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
        let error = error.in_phase(self.error_phase());
        self.queue.push_back(Queued::Failed(token, error));
    }

    /// Begins an attempt.
    pub(super) fn attempt(&mut self) {
        self.connecting.login.set_renew_at(None);
        if matches!(self.config.credentials, Credentials::Ask) {
            let (attempt, reason) = self.connecting.login.ask();
            self.enter(Phase::Authorizing);
            self.queue.push_back(Queued::Authorize { attempt, reason });
        } else {
            self.authenticate_or_open();
        }
    }

    pub(super) fn open(&mut self) {
        self.enter(Phase::Opening { since: self.now });
        self.queue.push_back(Queued::Open {
            server: self.connecting.server(),
            reference: self.connecting.reference().map(Into::into),
            version: self.connecting.version(),
        });
    }

    /// Has the driver close the WebSocket, after what is pending.
    pub(super) fn close_socket(&mut self) {
        self.queue.push_back(Queued::Close);
    }

    /// Whether an older version may be tried. Not where a method was asked for that it lacks.
    pub(super) fn falls_back(&self) -> bool {
        self.config.version == VersionPolicy::Auto && self.config.authentication_method.is_none()
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            queued: self.session.outbound.queued(),
            queued_bytes: self.session.outbound.queued_bytes(),
            in_flight: self.session.outbound.inflight(),
            connections: self.connecting.connections(),
            idle_timeout: self.connecting.cut_after().map(|it| Duration::from_millis(it.into())),
            ..self.stats.clone()
        }
    }
}
