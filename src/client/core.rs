//! The state of a client and what ends or begins a connection. It does not know packets: those are
//! `handshake`, `incoming` and `outgoing`.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use super::aliases;
use super::backoff::Backoff;
use super::deliveries::Deliveries;
use super::exchange::{Exchange, Renewal};
use super::liveness::Liveness;
use super::output::Queued;
use super::random::Random;
use super::redirect::Redirect;
use super::trial::Trial;
use super::{
    AuthorizeReason, Config, Credentials, DisconnectOptions, Error, Instant, Outcome, ServerInfo,
    State, Stats, Token, VersionPolicy,
};
use crate::codec::{Connack, Properties, PropertiesBuf, ProtocolVersion, ReasonCode};
use crate::session::{Inbound, Outbound, PacketIdentifiers, Subscriptions, Suspicion};

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

    // What outlives a connection.
    pub(super) outbound: Outbound,
    pub(super) inbound: Inbound,
    pub(super) deliveries: Deliveries,
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
    /// Of the next CONNECT.
    pub(super) authentication_data: Option<Vec<u8>>,
    pub(super) renewal: Option<Renewal>,
    pub(super) renew_at: Option<Instant>,
    authorizations: u32,
    /// Credentials were refused since the last connection.
    pub(super) rejected: bool,
    pub(super) backoff: Backoff,
    /// Attempts since the last connection.
    pub(super) failed: u32,
    /// Servers tried since the last pause.
    pub(super) tried: usize,
    pub(super) redirect: Redirect,
    pub(super) offline: bool,
    /// When the page or the network last came back.
    pub(super) woken: Option<Instant>,
    /// See [`policy::Takeover`](super::policy::Takeover).
    pub(super) evictions: u8,
    /// Of the authentication that CONNECT begins.
    pub(super) exchange_suspicion: Suspicion,
    pub(super) connections: u32,

    // The connection.
    pub(super) server_info: ServerInfo,
    pub(super) liveness: Liveness,
    pub(super) exchange: Exchange,
    pub(super) received_aliases: aliases::Received,
    pub(super) sent_aliases: aliases::Sent,
    /// PINGREQs sent and not answered, and who waits for the answer.
    pub(super) pings: VecDeque<(Instant, Option<Token>)>,
    /// A publish was completed on this connection.
    pub(super) completed: bool,
    /// Something that may end the connection is in flight.
    pub(super) trial: Option<Trial>,
    /// Packets to be sent.
    pub(super) pending: Vec<u8>,
    /// Lent to the driver.
    pub(super) frame: Vec<u8>,
    /// Of the publish that is being written.
    pub(super) properties: PropertiesBuf,
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
            deliveries: Deliveries::default(),
            subscriptions: Subscriptions::default(),
            identifiers: PacketIdentifiers::default(),
            client_identifier,
            flushes: Vec::new(),
            next_token: 0,
            server: 0,
            version,
            version_settled: config.version != VersionPolicy::Auto,
            credentials: None,
            authentication_data: None,
            renewal: None,
            renew_at: None,
            authorizations: 0,
            rejected: false,
            backoff: Backoff::default(),
            failed: 0,
            tried: 0,
            redirect: Redirect::default(),
            offline: false,
            woken: None,
            evictions: 0,
            exchange_suspicion: Suspicion::default(),
            connections: 0,
            liveness: Liveness::default(),
            exchange: Exchange::None,
            received_aliases: aliases::Received::default(),
            sent_aliases: aliases::Sent::default(),
            pings: VecDeque::new(),
            completed: false,
            trial: None,
            pending: Vec::new(),
            frame: Vec::new(),
            properties: PropertiesBuf::new(),
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
        self.queue.push_back(Queued::Failed(token, error));
    }

    /// Begins an attempt.
    pub(super) fn attempt(&mut self) {
        self.renew_at = None;
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
            self.authenticate_or_open();
        }
    }

    pub(super) fn open(&mut self) {
        self.enter(Phase::Opening { since: self.now });
        self.queue.push_back(Queued::Open {
            server: self.server,
            reference: self.redirect.reference.clone(),
            version: self.version,
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

    /// A connection was accepted.
    pub(super) fn accepted(&mut self) {
        self.rejected = false;
        self.version_settled = true;
        self.exchange_suspicion.clear();
        self.failed = 0;
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
