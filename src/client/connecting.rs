//! How to connect next: where, with which version, and after what pause. It knows what became of the
//! connections before; it does not know what is said on one.

use core::time::Duration;

use super::backoff::Backoff;
use super::instant::Millis;
use super::login::Login;
use super::policy::{TAKEOVER, Verdict};
use super::random::Random;
use super::redirect::Redirect;
use super::silence::{Cut, Silence};
use super::{Config, Instant, Reconnect, VersionPolicy, Wake};
use crate::codec::{ProtocolVersion, ReasonCode};
use crate::session::Suspicion;

/// What is carried from one attempt to the next.
#[derive(Debug)]
pub(super) struct Connecting {
    pub(super) login: Login,
    server: usize,
    version: ProtocolVersion,
    /// A server has accepted `version`, or it was asked for.
    version_settled: bool,
    redirect: Redirect,
    backoff: Backoff,
    /// Attempts since the last connection.
    failed: u32,
    /// Servers tried since the last pause.
    tried: usize,
    /// Connections so far.
    connections: u32,
    offline: bool,
    /// When the page or the network last came back.
    woken: Option<Instant>,
    /// See [`policy::Takeover`](super::policy::Takeover).
    evictions: u8,
    /// Of the authentication that CONNECT begins.
    authentication: Suspicion,
    silence: Silence,
}

/// What follows a connection, or an attempt at one, that ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    /// Nothing.
    End,
    AtOnce,
    After(Duration),
}

impl Connecting {
    #[inline(never)]
    pub(super) fn new(policy: VersionPolicy) -> Self {
        let version = match policy {
            VersionPolicy::Auto => ProtocolVersion::V5_0,
            VersionPolicy::Exactly(version) => version,
        };
        Self {
            login: Login::default(),
            server: 0,
            version,
            version_settled: policy != VersionPolicy::Auto,
            redirect: Redirect::default(),
            backoff: Backoff::default(),
            failed: 0,
            tried: 0,
            connections: 0,
            offline: false,
            woken: None,
            evictions: 0,
            authentication: Suspicion::default(),
            silence: Silence::default(),
        }
    }

    /// The application begins again with other options. What was found out holds where it asks for the same.
    pub(super) fn configure(&mut self, policy: VersionPolicy, before: VersionPolicy) {
        let fresh = Self::new(policy);
        self.server = 0;
        if policy != before {
            (self.version, self.version_settled) = (fresh.version, fresh.version_settled);
        }
    }

    /// Of the connection, or of the next.
    pub(super) fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// Which of the servers, or of the connection which.
    pub(super) fn server(&self) -> usize {
        self.server
    }

    /// Where a server sent the client in place of that one.
    pub(super) fn reference(&self) -> Option<&str> {
        self.redirect.reference.as_deref()
    }

    /// Connections that were accepted.
    pub(super) fn connections(&self) -> u32 {
        self.connections
    }

    /// A server names another one. True when that is where to go, at once.
    pub(super) fn follow(&mut self, code: ReasonCode, references: Option<&str>) -> bool {
        self.redirect.follow(code, references)
    }

    /// A connection was accepted.
    pub(super) fn accepted(&mut self) {
        self.login.accepted();
        self.version_settled = true;
        self.authentication.clear();
        self.failed = 0;
        self.connections = self.connections.saturating_add(1);
    }

    /// An attempt was cut off after the client's answer in its authentication. True when that has happened too
    /// often for anything but the answer.
    pub(super) fn authentication_cut_off(&mut self) -> bool {
        self.authentication.lost(true)
    }

    /// A connection ended. True when it did soon: the pauses go on to grow.
    pub(super) fn lost(&mut self, verdict: Verdict, lived: Millis, config: &Config) -> bool {
        self.redirect.lost(verdict, true);
        let Some(Reconnect { stable_after, .. }) = config.reconnect else {
            self.tried = config.servers;
            return true;
        };
        self.failed = 0;
        if Duration::from_millis(lived.into()) < stable_after {
            return true;
        }
        self.backoff.reset();
        self.redirect.settled();
        self.tried = 0;
        false
    }

    /// A connection was cut, without a word of the server's.
    pub(super) fn cut(&mut self, cut: Cut) {
        self.silence.cut(self.server, cut);
    }

    /// After so long a silence connections to this server are cut, as was seen.
    pub(super) fn cut_after(&self) -> Option<Millis> {
        self.silence.limit(self.server)
    }

    /// An attempt ended without a connection.
    pub(super) fn failed(&mut self, verdict: Verdict) {
        self.redirect.lost(verdict, false);
        if verdict != Verdict::Again {
            self.failed = self.failed.saturating_add(1);
            self.evictions = 0;
        }
    }

    /// Whether the attempt goes on with an older version, which `may` say that there is. `unheard`: the
    /// server answered CONNECT by nothing.
    pub(super) fn falls_back(&mut self, verdict: Verdict, unheard: bool, may: bool) -> bool {
        let unheard = unheard && !self.version_settled;
        if (unheard || verdict == Verdict::OlderVersion)
            && may
            && self.version == ProtocolVersion::V5_0
        {
            // A part of the same attempt: the application hears of it by the version in use.
            self.failed = self.failed.saturating_sub(1);
            self.version = ProtocolVersion::V3_1_1;
            return true;
        }
        if unheard {
            self.version = ProtocolVersion::V5_0;
        }
        false
    }

    /// See [`Backoff::server_is_busy`].
    pub(super) fn server_is_busy(&mut self) {
        self.backoff.server_is_busy();
    }

    /// What follows, where it may work later or at another server.
    pub(super) fn next(
        &mut self,
        elsewhere: bool,
        was_connected: bool,
        config: &Config,
        random: &mut Random,
        now: Instant,
    ) -> Next {
        self.tried += 1;
        let moves = !was_connected || elsewhere;
        if moves {
            self.server = (self.server + 1) % config.servers.max(1);
        }
        let round_over = self.tried >= config.servers;
        let Some(reconnect) = &config.reconnect else {
            if round_over || was_connected {
                self.tried = 0;
                return Next::End;
            }
            return Next::AtOnce;
        };
        if reconnect.max_attempts.is_some_and(|most| self.failed > 0 && self.failed >= most) {
            return Next::End;
        }
        if !round_over && moves {
            return Next::AtOnce;
        }
        self.tried = 0;
        let pause = self.backoff.next(reconnect, random);
        if self.offline {
            return Next::After(pause.max(reconnect.max));
        }
        // Nobody wants to wait for what was lost while the page or the network was away. Once.
        let woken = self.woken.take().filter(|woken| now.millis_since(*woken) <= WAKE);
        let soon = woken.map(|_| wake_pause(random)).filter(|_| was_connected);
        Next::After(soon.map_or(pause, |soon| pause.min(soon)))
    }

    /// A connection was lost without a reason after so long; of a client whose identifier was chosen by the
    /// application or not. True when that has happened too often for anything but another client with
    /// the same identifier.
    pub(super) fn evicted(&mut self, lived: Millis, chosen: bool) -> bool {
        let soon = chosen && lived < TAKEOVER.within;
        self.evictions = if soon { self.evictions.saturating_add(1) } else { 0 };
        self.evictions >= TAKEOVER.rounds
    }

    /// The page or the network came back, or the network went.
    pub(super) fn woken(&mut self, wake: Wake, now: Instant) {
        self.offline = wake == Wake::Offline;
        if wake != Wake::Visible {
            // A network that comes and goes is no other client.
            self.evictions = 0;
        }
        self.woken = (!self.offline).then_some(now);
    }
}

/// The pause before an attempt where the page or the network has just come back.
pub(super) fn wake_pause(random: &mut Random) -> Duration {
    Duration::from_millis(random.up_to(WAKE_JITTER))
}

/// A connection that is lost within that time of the page or the network coming back was lost before.
const WAKE: Millis = 6_000;

/// Milliseconds over which pages spread that all heard of the network at once.
const WAKE_JITTER: u64 = 250;
