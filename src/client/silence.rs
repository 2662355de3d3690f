//! What is between here and the server may cut connections that are silent for long: proxies do, after a time of
//! their own that nobody tells. Where connections die after the same silence again and again, the PINGREQ comes before
//! that. It knows times, not packets.

use super::instant::Millis;

/// How a connection was cut, without a word of the server's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Since the last byte, in either direction.
    pub(super) silence: Millis,
    /// The longest silence that it had lived through before.
    pub(super) survived: Millis,
    pub(super) lived: Millis,
}

/// Deaths that are alike.
#[derive(Clone, Copy, Debug)]
struct Deaths {
    /// The shortest of them.
    silence: Millis,
    /// Of the connections, where that was alike, too.
    age: Option<Millis>,
    times: u8,
}

/// Of the connections to one server.
#[derive(Default, Debug)]
pub(super) struct Silence {
    server: usize,
    /// The last ones.
    deaths: Option<Deaths>,
    /// Those that were enough to believe them.
    believed: Option<Deaths>,
    /// Connections die at that age, however much is said on them.
    fatal_age: Option<Millis>,
}

impl Silence {
    /// After so long a silence connections to that server are cut.
    pub(super) fn limit(&self, server: usize) -> Option<Millis> {
        let believed = self.believed.filter(|_| self.server == server)?;
        Some(believed.silence)
    }

    pub(super) fn cut(&mut self, server: usize, cut: Cut) {
        if self.server != server {
            *self = Self { server, ..Self::default() };
        }
        let Cut { silence, survived, lived } = cut;
        let of_age = |age: Option<Millis>| age.is_some_and(|age| alike(age, lived));
        if self.believed.is_some_and(|it| silence < it.silence && of_age(it.age)) {
            // It was pinged, and dies all the same when it is as old as those before: that is another cause.
            *self = Self { server, fatal_age: Some(lived), ..Self::default() };
        }
        // One that it had survived before is no reason to die.
        if silence < SHORTEST || silence < survived || of_age(self.fatal_age) {
            return;
        }
        let deaths = match self.deaths {
            Some(before) if alike(before.silence, silence) => Deaths {
                silence: before.silence.min(silence),
                age: before.age.filter(|age| alike(*age, lived)),
                times: before.times.saturating_add(1),
            },
            _ => Deaths { silence, age: Some(lived), times: 1 },
        };
        self.deaths = Some(deaths);
        if deaths.times >= ENOUGH {
            self.believed = Some(deaths);
        }
    }
}

/// The same, but for what the network and the clocks add.
fn alike(one: Millis, other: Millis) -> bool {
    one.abs_diff(other) <= (one.min(other) / 10).max(SLACK)
}

/// So many connections may have died by chance.
const ENOUGH: u8 = 3;

/// No proxy is that impatient, and to ping more often would cost more than to connect again.
const SHORTEST: Millis = 5_000;

const SLACK: Millis = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(silence: u32, survived: u32, lived: u32) -> Cut {
        let [silence, survived, lived] = [silence, survived, lived].map(|seconds| seconds * 1000);
        Cut { silence, survived, lived }
    }

    /// What is learnt from these, in seconds.
    fn learnt(cuts: &[(u32, u32, u32)]) -> Option<u32> {
        let mut silence = Silence::default();
        for (quiet, survived, lived) in cuts {
            silence.cut(0, cut(*quiet, *survived, *lived));
        }
        silence.limit(0).map(|limit| limit / 1000)
    }

    #[test]
    fn the_third_alike_is_believed_and_the_shortest_counts() {
        assert_eq!(learnt(&[(60, 10, 500), (60, 20, 80)]), None);
        assert_eq!(learnt(&[(60, 10, 500), (60, 20, 80), (61, 0, 61)]), Some(60));
        assert_eq!(learnt(&[(30, 0, 30), (60, 20, 80), (60, 0, 61), (60, 0, 90)]), Some(60));
    }

    #[test]
    fn what_differs_what_was_survived_and_what_is_short_says_nothing() {
        assert_eq!(learnt(&[(60, 0, 60), (50, 0, 50), (40, 0, 40), (30, 0, 30)]), None);
        assert_eq!(learnt(&[(30, 45, 300), (30, 45, 300), (30, 45, 300)]), None);
        assert_eq!(learnt(&[(4, 0, 9), (4, 0, 9), (4, 0, 9)]), None);
    }

    #[test]
    fn connections_that_die_at_an_age_are_not_silent_for_too_long() {
        let mut silence = Silence::default();
        for _ in 0..3 {
            silence.cut(0, cut(20, 0, 20));
        }
        assert_eq!(silence.limit(0), Some(20_000));
        silence.cut(0, cut(5, 15, 20));
        assert_eq!(silence.limit(0), None);
        for _ in 0..5 {
            silence.cut(0, cut(20, 0, 20));
        }
        assert_eq!(silence.limit(0), None);
        // Another cause on the way is found all the same.
        for _ in 0..3 {
            silence.cut(0, cut(40, 0, 40));
        }
        assert_eq!(silence.limit(0), Some(40_000));
    }

    #[test]
    fn a_loss_by_chance_forgets_nothing_and_a_shorter_limit_is_learnt_anew() {
        let mut silence = Silence::default();
        for lived in [60, 70, 80] {
            silence.cut(0, cut(60, 0, lived));
        }
        silence.cut(0, cut(20, 30, 400));
        assert_eq!(silence.limit(0), Some(60_000));
        for lived in [90, 400, 700] {
            silence.cut(0, cut(30, 20, lived));
        }
        assert_eq!(silence.limit(0), Some(30_000));
    }

    #[test]
    fn each_server_has_its_own() {
        let mut silence = Silence::default();
        for _ in 0..3 {
            silence.cut(0, cut(60, 0, 60));
        }
        assert_eq!(silence.limit(1), None);
        silence.cut(1, cut(60, 0, 60));
        assert_eq!(silence.limit(0), None);
    }
}
