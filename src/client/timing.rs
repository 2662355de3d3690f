//! What the clock and the page bring about: time-outs, pings, attempts. It does not know how a
//! connection begins or ends: that is `core`.

use core::time::Duration;

use super::connecting::wake_pause;
use super::core::{Core, Phase};
use super::instant::Millis;
use super::liveness::Due;
use super::policy::Verdict;
use super::{Client, Error, ErrorCode, Instant, Wake};

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
            Phase::Connected { .. } => match self.connection.liveness.check(now) {
                Due::Nothing => {}
                Due::Ping => self.send_ping(None, self.connection.liveness.patience()),
                Due::PingAgain => self.send_ping(None, self.connection.liveness.short_patience()),
                Due::Dead => {
                    self.outbox.clear();
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
            Phase::Connected { .. } => self.connection.liveness.deadline(),
            Phase::Idle | Phase::Authorizing | Phase::Authenticating => None,
            Phase::Closed => return None,
        };
        let closing = self.closing.as_ref().map(|(_, until)| *until);
        let expiry = self.session.outbound.next_expiry().map(Instant::from_millis);
        let trial = self.trial_deadline().filter(|until| *until > self.now);
        let authentication = self.authentication_deadline();
        let others = [closing, expiry, trial, authentication];
        others.into_iter().fold(phase, Instant::first)
    }

    pub(super) fn wake(&mut self, wake: Wake) {
        self.connecting.woken(wake, self.now);
        match (self.phase, wake) {
            (Phase::Connected { .. }, _) => {
                if let Some(limit) = self.connection.liveness.woken(self.now) {
                    self.send_ping(None, limit);
                }
            }
            (
                Phase::Opening { since } | Phase::AwaitConnack { since, .. },
                Wake::Online | Wake::Visible,
            ) if self.now.millis_since(since) >= STALE => {
                self.give_attempt_up("the page or the network is back", Verdict::Again);
            }
            (Phase::Waiting { until }, Wake::Offline) => {
                let pause = self.config.reconnect.as_ref().map_or(Duration::ZERO, |it| it.max);
                self.enter(Phase::Waiting { until: until.max(self.now + pause) });
            }
            (Phase::Waiting { until }, Wake::Online | Wake::Visible) => {
                let soon = self.now + wake_pause(&mut self.random);
                self.enter(Phase::Waiting { until: until.min(soon) });
            }
            _ => {}
        }
    }

    fn give_attempt_up(&mut self, text: &'static str, verdict: Verdict) {
        self.outbox.clear();
        self.close_socket();
        self.lost(Error::new(ErrorCode::ConnectTimeout, text), verdict);
    }
}

impl Client {
    /// When the next PINGREQ is due if nothing is sent before (3.1.2.10); `None` where there is no connection, or keep-alive
    /// is off. For a driver whose own timers are held back: it is to call [`Client::handle_timeout`] then.
    #[must_use]
    pub fn ping_due(&self) -> Option<Instant> {
        self.core.connection.liveness.next_ping()
    }
}

/// An attempt that is older when the page or the network comes back was probably begun without it.
const STALE: Millis = 2_000;
