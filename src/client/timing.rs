//! What the clock and the page bring about: time-outs, pings, attempts. It does not know how a
//! connection begins or ends: that is `core`.

use core::time::Duration;

use super::core::{Core, Phase};
use super::liveness::Due;
use super::policy::Verdict;
use super::{Error, ErrorCode, Instant, Wake};

impl Core {
    pub(super) fn timeout(&mut self) {
        let now = self.now;
        self.expire();
        match self.phase {
            Phase::Opening { since } | Phase::AwaitConnack { since, .. }
                if since + self.config.connect_timeout <= now =>
            {
                self.give_attempt_up(
                    "the server did not accept the connection in time",
                    Verdict::Retry,
                );
            }
            Phase::Connected { .. } => match self.liveness.check(now) {
                Due::Nothing => {}
                Due::Ping => self.send_ping(None, self.liveness.patience()),
                Due::PingAgain => self.send_ping(None, self.liveness.short_patience()),
                Due::Dead => {
                    self.pending.clear();
                    self.close_socket();
                    let text = "the server gave no sign of life";
                    self.lost(Error::new(ErrorCode::KeepAlive, text), Verdict::Retry);
                }
            },
            Phase::Waiting { until } if until <= now => self.attempt(),
            _ => {}
        }
        self.authentication_timeout();
        if self.closing.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.finish();
        }
    }

    /// When the clock matters next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Opening { since } | Phase::AwaitConnack { since, .. } => {
                Some(since + self.config.connect_timeout)
            }
            Phase::Waiting { until } => Some(until),
            Phase::Connected { .. } => self.liveness.deadline(),
            Phase::Idle | Phase::Authorizing | Phase::Authenticating => None,
            Phase::Closed => return None,
        };
        let closing = self.closing.as_ref().map(|(_, until)| *until);
        let expiry = self.outbound.next_expiry().map(Instant::from_millis);
        let trial = self.trial_deadline().filter(|until| *until > self.now);
        let authentication = self.authentication_deadline();
        let others = [closing, expiry, trial, authentication];
        others.into_iter().fold(phase, |first, other| match (first, other) {
            (Some(first), Some(other)) => Some(first.min(other)),
            (first, other) => first.or(other),
        })
    }

    pub(super) fn wake(&mut self, wake: Wake) {
        self.offline = wake == Wake::Offline;
        if wake != Wake::Visible {
            // A network that comes and goes is no other client.
            self.evictions = 0;
        }
        self.woken = (!self.offline).then_some(self.now);
        match (self.phase, wake) {
            (Phase::Connected { .. }, _) => {
                if let Some(limit) = self.liveness.woken(self.now) {
                    self.send_ping(None, limit);
                }
            }
            (
                Phase::Opening { since } | Phase::AwaitConnack { since, .. },
                Wake::Online | Wake::Visible,
            ) if self.now - since >= STALE => {
                self.give_attempt_up("the page or the network is back", Verdict::Again);
            }
            (Phase::Waiting { until }, Wake::Offline) => {
                let pause = self.config.reconnect.as_ref().map_or(Duration::ZERO, |it| it.max);
                self.enter(Phase::Waiting { until: until.max(self.now + pause) });
            }
            (Phase::Waiting { until }, Wake::Online | Wake::Visible) => {
                let soon = self.now + self.wake_pause();
                self.enter(Phase::Waiting { until: until.min(soon) });
            }
            _ => {}
        }
    }

    fn give_attempt_up(&mut self, text: &'static str, verdict: Verdict) {
        self.pending.clear();
        self.close_socket();
        self.lost(Error::new(ErrorCode::ConnectTimeout, text), verdict);
    }

    /// The pause before the next attempt where the page or the network has just come back: nobody wants
    /// to wait for what was lost meanwhile. Once.
    pub(super) fn pause_after_wake(&mut self) -> Option<Duration> {
        let woken = self.woken.take()?;
        (self.now - woken <= WAKE).then(|| self.wake_pause())
    }

    fn wake_pause(&mut self) -> Duration {
        Duration::from_millis(self.random.up_to(WAKE_JITTER))
    }
}

/// An attempt that is older when the page or the network comes back was probably begun without it.
const STALE: Duration = Duration::from_secs(2);

/// A connection that is lost within that time of the page or the network coming back was lost before.
const WAKE: Duration = Duration::from_secs(6);

/// Milliseconds over which pages spread that all heard of the network at once.
const WAKE_JITTER: u64 = 250;
