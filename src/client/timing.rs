//! What the clock and the page bring about: time-outs, pings, attempts. It does not know how a
//! connection begins or ends: that is `core`.

use core::time::Duration;

use super::core::{Core, Phase};
use super::liveness::{Due, SHORT_PATIENCE};
use super::policy::Verdict;
use super::{Error, ErrorCode, Instant, Wake};

impl Core {
    pub(super) fn timeout(&mut self) {
        let now = self.now;
        self.expire();
        match self.phase {
            Phase::Opening { deadline } | Phase::AwaitConnack { deadline, .. }
                if deadline <= now =>
            {
                self.pending.clear();
                self.close_socket();
                let text = "the server did not accept the connection in time";
                self.lost(Error::new(ErrorCode::ConnectTimeout, text), Verdict::Retry);
            }
            Phase::Connected { .. } => match self.liveness.check(now) {
                Due::Nothing => {}
                Due::Ping => self.send_ping(None, self.liveness.patience()),
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
            Phase::Opening { deadline } | Phase::AwaitConnack { deadline, .. } => Some(deadline),
            Phase::Waiting { until } => Some(until),
            Phase::Connected { .. } => self.liveness.deadline(),
            Phase::Idle | Phase::Authorizing | Phase::Authenticating => None,
            Phase::Closed => return None,
        };
        let closing = self.closing.as_ref().map(|(_, until)| *until);
        let expiry = self.outbound.next_expiry().map(Instant::from_millis);
        [phase, closing, expiry, self.authentication_deadline()].into_iter().flatten().min()
    }

    pub(super) fn wake(&mut self, wake: Wake) {
        self.offline = wake == Wake::Offline;
        match (self.phase, wake) {
            (Phase::Connected { .. }, _) => self.send_ping(None, SHORT_PATIENCE),
            (Phase::Waiting { .. }, Wake::Offline) => {
                let pause = self.config.reconnect.as_ref().map_or(Duration::ZERO, |it| it.max);
                self.enter(Phase::Waiting { until: self.now + pause });
            }
            (Phase::Waiting { until }, Wake::Online | Wake::Visible) => {
                let soon = self.now + Duration::from_millis(self.random.up_to(WAKE_JITTER));
                self.enter(Phase::Waiting { until: until.min(soon) });
            }
            _ => {}
        }
    }
}

/// Milliseconds over which pages spread that all heard of the network at once.
const WAKE_JITTER: u64 = 250;
