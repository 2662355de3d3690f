//! How long to wait before the next attempt. It does not know why the last one failed.

use core::time::Duration;

use super::Reconnect;
use super::instant::millis;
use super::random::Random;

/// Counts failures since the last stable connection.
#[derive(Clone, Default, Debug)]
pub(super) struct Backoff {
    failures: u32,
    /// Milliseconds of the pauses so far.
    waited: u64,
}

impl Backoff {
    /// A connection was stable.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The server has too much to do: the next pause is one of those after some failures, of full length.
    pub(super) fn server_is_busy(&mut self) {
        self.failures = self.failures.max(BUSY);
        self.waited = u64::MAX;
    }

    /// The pause after one more failure: `min · factor^n`, at most `max`, and with jitter a random
    /// part of that, so that a thousand pages do not come back at once; with jitter not more than all pauses before, either: after
    /// a short outage nobody waits for long. Never less than [`LEAST`], and [`ENOUGH`] after some failures: whatever was asked
    /// for, no server is hammered at.
    pub(super) fn next(&mut self, config: &Reconnect, random: &mut Random) -> Duration {
        let most = millis(config.max) as f64;
        let mut pause = (millis(config.min) as f64).max(LEAST as f64);
        for _ in 0..self.failures.min(64) {
            pause = (pause * config.factor).min(most);
        }
        let floor = (LEAST << self.failures.min(8)).min(ENOUGH);
        self.failures = self.failures.saturating_add(1);
        let over = (pause.min(most) as u64).saturating_sub(floor);
        let first = millis(config.min);
        let pause = match config.jitter {
            true => floor + random.up_to(over.min(self.waited.max(first))),
            false => floor + over,
        };
        self.waited = self.waited.saturating_add(pause);
        Duration::from_millis(pause)
    }
}

/// Milliseconds before the first retry, at least; twice as many before each that follows.
const LEAST: u64 = 10;

/// Failures that a busy server counts for: with the defaults up to 4 s.
const BUSY: u32 = 3;

/// Milliseconds that are enough of that.
const ENOUGH: u64 = 100;

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_greatest_and_begin_anew() {
        let config = Reconnect { jitter: false, ..Reconnect::default() };
        let (mut backoff, mut random) = (Backoff::default(), Random::new(1));
        for expected in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            assert_eq!(backoff.next(&config, &mut random), Duration::from_millis(expected));
        }
        backoff.reset();
        assert_eq!(backoff.next(&config, &mut random), Duration::from_millis(500));
    }

    #[test]
    fn jitter_takes_a_part_of_the_pause() {
        let (config, mut random) = (Reconnect::default(), Random::new(1));
        let pauses: alloc::vec::Vec<_> =
            (0..50).map(|_| Backoff::default().next(&config, &mut random).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (10..=500).contains(pause)));
        assert!(pauses.iter().any(|pause| *pause < 100) && pauses.iter().any(|pause| *pause > 400));
    }

    /// When, in milliseconds after the server is there again, each of so many clients comes that lost it `outage` ago.
    fn crowd(clients: u64, outage: u64) -> alloc::vec::Vec<u64> {
        let config = Reconnect::default();
        let back = |seed| {
            let (mut backoff, mut random) = (Backoff::default(), Random::new(seed));
            let mut now = 0;
            while now < outage {
                now += backoff.next(&config, &mut random).as_millis() as u64;
            }
            now - outage
        };
        let mut all: alloc::vec::Vec<_> = (0..clients).map(back).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn after_a_short_outage_half_of_a_crowd_is_back_within_two_seconds_and_all_within_ten() {
        for outage in [100, 500, 1_000, 2_000] {
            let back = crowd(1_000, outage);
            assert!(back[500] < 2_000, "{outage}: {} ms", back[500]);
            assert!(back[999] < 10_000, "{outage}: {} ms", back[999]);
        }
    }

    #[test]
    fn a_busy_server_is_left_alone_for_longer() {
        let pause = |busy, seed| {
            let (mut backoff, mut random) = (Backoff::default(), Random::new(seed));
            if busy {
                backoff.server_is_busy();
            }
            backoff.next(&Reconnect::default(), &mut random).as_millis()
        };
        let mean = |busy| (0..1_000).map(|seed| pause(busy, seed)).sum::<u128>() / 1_000;
        assert!((200..300).contains(&mean(false)) && (1_900..2_200).contains(&mean(true)));
    }

    #[test]
    fn after_minutes_a_crowd_of_a_million_does_not_come_in_a_burst() {
        let back = crowd(1_000_000, 180_000);
        let mut seconds = [0_u32; 31];
        for at in back {
            seconds[(at / 1_000) as usize] += 1;
        }
        // Spread evenly over the half of a minute that pauses last on average, it were 66 667 a second.
        assert!(seconds.iter().all(|count| *count < 2 * 66_667), "{seconds:?}");
    }

    /// Seven pauses in a row.
    fn pauses(min: u64, max: u64, jitter: bool, seed: u64) -> [u128; 7] {
        let (min, max) = (Duration::from_millis(min), Duration::from_millis(max));
        let config = Reconnect { min, max, jitter, ..Reconnect::default() };
        let (mut backoff, mut random) = (Backoff::default(), Random::new(seed));
        [(); 7].map(|()| backoff.next(&config, &mut random).as_millis())
    }

    #[test]
    fn no_pause_is_so_short_that_a_server_is_hammered_at() {
        const FLOOR: [u128; 7] = [10, 20, 40, 80, 100, 100, 100];
        for (min, max) in [(0, 0), (0, 1), (1, 1), (1, 5), (10, 20)] {
            assert_eq!(pauses(min, max, false, 1), FLOOR, "{min} to {max}");
            assert_eq!(pauses(min, max, true, 1), FLOOR, "{min} to {max}, with jitter");
        }
        for seed in 0..1000 {
            let pauses = pauses(0, 30_000, true, seed);
            assert!(pauses.iter().zip(FLOOR).all(|(pause, floor)| *pause >= floor), "{pauses:?}");
        }
    }

    #[test]
    fn pauses_grow_from_0_and_up_to_the_longest_there_is() {
        assert_eq!(pauses(0, 30_000, false, 1), [10, 20, 40, 80, 160, 320, 640]);
        assert_eq!(pauses(20, 100, false, 1), [20, 40, 80, 100, 100, 100, 100]);
        let config = Reconnect {
            min: Duration::MAX,
            max: Duration::MAX,
            factor: f64::MAX,
            jitter: false,
            ..Reconnect::default()
        };
        let mut backoff = Backoff::default();
        for _ in 0..100 {
            let pause = backoff.next(&config, &mut Random::new(1));
            assert_eq!(pause, Duration::from_millis(u64::MAX));
        }
    }
}
