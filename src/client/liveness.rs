//! Whether the server still lives (3.1.2.10, 3.12): when a PINGREQ is due and when its time is over.
//! It knows times, not packets.

use super::Instant;
use super::instant::Millis;

/// The keep-alive of one connection.
#[derive(Clone, Default, Debug)]
pub(super) struct Liveness {
    /// Zero: off.
    keep_alive: Millis,
    sent: Instant,
    received: Instant,
    /// The longest silence, in both directions, that we ended, and that something received has followed.
    ended: Millis,
    survived: Millis,
    /// After so long a silence it is cut, as those before it were.
    cut_after: Option<Millis>,
    /// By when a sign of life must come.
    limit: Option<Instant>,
    /// The limit was found passed too late to be believed.
    forgiven: bool,
    /// From a packet to its answer, as last measured; one that was longer is forgotten slowly.
    round_trip: Millis,
}

/// What the time asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Due {
    Nothing,
    Ping,
    /// Once more, where somebody waits.
    PingAgain,
    Dead,
}

impl Liveness {
    /// CONNECT was answered after `round_trip`.
    pub(super) fn new(keep_alive: u16, round_trip: Millis, now: Instant) -> Self {
        Self {
            keep_alive: Millis::from(keep_alive) * 1000,
            sent: now,
            received: now,
            round_trip,
            ..Self::default()
        }
    }

    /// A silence of that length is one too long.
    pub(super) fn cut_after(&mut self, silence: Option<Millis>) {
        self.cut_after = silence;
    }

    /// Since the last byte in either direction.
    pub(super) fn silence(&self, now: Instant) -> Millis {
        now.millis_since(self.sent.max(self.received))
    }

    /// The longest silence that something followed.
    pub(super) fn survived(&self) -> Millis {
        self.survived
    }

    /// Bytes were handed to the WebSocket.
    pub(super) fn sent(&mut self, now: Instant) {
        self.ended = self.ended.max(self.silence(now));
        self.sent = now;
    }

    /// Bytes came, whatever they say.
    pub(super) fn received(&mut self, now: Instant) {
        self.survived = self.survived.max(self.ended).max(self.silence(now));
        self.received = now;
        self.limit = None;
        self.forgiven = false;
    }

    /// A PINGREQ goes out; an answer is due in `limit` at most.
    pub(super) fn probe(&mut self, now: Instant, limit: Millis) {
        let limit = now.plus(limit);
        self.limit = Some(self.limit.map_or(limit, |earlier| earlier.min(limit)));
    }

    /// PINGREQ was answered after that.
    pub(super) fn measured(&mut self, round_trip: Millis) {
        self.round_trip = round_trip.max(self.round_trip / 2);
    }

    /// The page or the network came back, or the network went: how long an answer to a PINGREQ may take
    /// now. `None` where one is due as soon already.
    pub(super) fn woken(&mut self, now: Instant) -> Option<Millis> {
        let patience = self.short_patience();
        if self.limit.is_some_and(|limit| now <= limit && limit <= now.plus(patience)) {
            return None;
        }
        // A limit that passed while nobody looked says nothing.
        self.limit = self.limit.filter(|limit| now <= *limit);
        self.forgiven = true;
        Some(patience)
    }

    /// How long an answer may take when somebody is waiting for the page, or after a held-back timer: a
    /// few round trips, so that a slow link that lives is kept.
    pub(super) fn short_patience(&self) -> Millis {
        self.round_trip.saturating_mul(ROUND_TRIPS).clamp(SHORTEST, LEAST_PATIENCE)
    }

    /// How long an answer to a regular PINGREQ may take.
    pub(super) fn patience(&self) -> Millis {
        if self.keep_alive == 0 {
            return MOST_PATIENCE;
        }
        (self.keep_alive / 2).clamp(LEAST_PATIENCE, MOST_PATIENCE)
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.limit.or_else(|| self.next_ping())
    }

    /// A PINGREQ is due before the keep-alive ends, which counts what we send, by so much that a timer
    /// that is late does not matter; where we send all the time, when nothing has come back; and before
    /// what is on the way loses its patience. Where an answer is awaited, if that comes.
    pub(super) fn next_ping(&self) -> Option<Instant> {
        let silence = self.sent.plus(self.keep_alive - (self.keep_alive / 4).min(MARGIN));
        let deaf = self.limit.map_or(self.received.plus(self.keep_alive), |_| silence);
        let cut = self.cut_after.map(|after| self.sent.max(self.received).plus(after / 4 * 3));
        let due = silence.min(deaf).min(cut.unwrap_or(silence));
        (self.keep_alive > 0).then_some(due)
    }

    /// A timer that fires long after its time was held back, with the page or the computer; an
    /// answer may then wait behind it, so the server gets one more, short, chance.
    pub(super) fn check(&mut self, now: Instant) -> Due {
        match self.limit {
            Some(limit) if limit > now => Due::Nothing,
            Some(limit) if now.millis_since(limit) > HELD_BACK && !self.forgiven => {
                self.forgiven = true;
                self.limit = None;
                Due::PingAgain
            }
            Some(_) => Due::Dead,
            None if self.next_ping().is_some_and(|at| at <= now.plus(SOON)) => Due::Ping,
            None => Due::Nothing,
        }
    }
}

/// Round trips that an answer may take where somebody waits for it.
const ROUND_TRIPS: u32 = 4;

/// A quick link is not always quick: a radio wakes up, a server collects its garbage.
const SHORTEST: Millis = 500;

/// So long before the end of the keep-alive a PINGREQ is due; a quarter of one that is short.
const MARGIN: Millis = 2_000;

/// A ping that is due so soon is sent at once: the driver's timer may be set for what was due before.
const SOON: Millis = 250;

const LEAST_PATIENCE: Millis = 5_000;
const MOST_PATIENCE: Millis = 20_000;
const HELD_BACK: Millis = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }

    #[test]
    fn outbound_silence_asks_for_a_ping_and_silence_after_it_is_death() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.received(at(20));
        assert_eq!(liveness.deadline(), Some(at(58)));
        assert_eq!(liveness.check(at(57)), Due::Nothing);
        assert_eq!(liveness.check(at(58)), Due::Ping);
        liveness.probe(at(58), liveness.patience());
        assert_eq!(liveness.deadline(), Some(at(78)));
        assert_eq!(liveness.check(at(78)), Due::Dead);
        liveness.received(at(78));
        liveness.sent(at(78));
        assert_eq!(liveness.check(at(78)), Due::Nothing);
    }

    #[test]
    fn a_ping_is_due_2_s_before_the_end_of_the_keep_alive_and_a_quarter_before_that_of_a_short_one()
    {
        for (keep_alive, due) in [(1, 750), (5, 3750), (8, 6000), (9, 7000), (65_535, 65_533_000)] {
            let mut liveness = Liveness::new(keep_alive, 0, at(0));
            assert_eq!(liveness.deadline(), Some(Instant::from_millis(due)));
            assert_eq!(liveness.check(Instant::from_millis(due - 251)), Due::Nothing);
            assert_eq!(liveness.check(Instant::from_millis(due - 250)), Due::Ping, "soon is now");
        }
    }

    #[test]
    fn one_who_sends_all_the_time_asks_too() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.sent(at(59));
        assert_eq!(liveness.check(at(60)), Due::Ping);
    }

    #[test]
    fn a_timer_that_was_held_back_gives_one_more_chance() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.probe(at(58), liveness.patience());
        assert_eq!(liveness.check(at(600)), Due::PingAgain);
        liveness.probe(at(600), liveness.short_patience());
        assert_eq!(liveness.check(at(700)), Due::Dead);
    }

    #[test]
    fn somebody_who_waits_waits_a_few_round_trips() {
        for (round_trip, patience) in [(0, 500), (100, 500), (200, 800), (1000, 4000), (3000, 5000)]
        {
            let mut liveness = Liveness::new(60, round_trip, at(0));
            assert_eq!(liveness.woken(at(1)), Some(patience));
        }
        let mut liveness = Liveness::new(60, 4_000, at(0));
        for _ in 0..3 {
            liveness.measured(200);
        }
        assert_eq!(liveness.short_patience(), 2_000);
    }

    #[test]
    fn waking_twice_asks_once_and_a_limit_of_before_does_not_count() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.probe(at(58), liveness.patience());
        let patience = liveness.woken(at(600)).unwrap();
        liveness.probe(at(600), patience);
        assert_eq!(liveness.woken(at(600)), None);
        assert_eq!(liveness.check(at(600)), Due::Nothing);
        assert_eq!(liveness.check(at(601)), Due::Dead);
    }

    #[test]
    fn a_silence_is_survived_when_something_comes_after_it() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.sent(at(58));
        assert_eq!((liveness.silence(at(63)), liveness.survived()), (5_000, 0));
        liveness.received(at(59));
        assert_eq!(liveness.survived(), 58_000);
        liveness.received(at(120));
        assert_eq!(liveness.survived(), 61_000);
    }

    #[test]
    fn what_cuts_silent_connections_is_kept_from_it() {
        let mut liveness = Liveness::new(60, 0, at(0));
        liveness.cut_after(Some(30_000));
        liveness.received(at(20));
        assert_eq!(liveness.check(at(42)), Due::Nothing);
        assert_eq!(liveness.check(at(43)), Due::Ping);
        let mut off = Liveness::new(0, 0, at(0));
        off.cut_after(Some(30_000));
        assert_eq!(off.deadline(), None);
    }

    #[test]
    fn keep_alive_0_never_asks() {
        assert_eq!(Liveness::new(0, 0, at(0)).deadline(), None);
        assert_eq!(Liveness::new(0, 0, at(0)).check(at(1 << 40)), Due::Nothing);
    }
}
