//! How long to wait before the next attempt. It does not know why the last one failed.

use core::time::Duration;

use super::Reconnect;
use super::random::Random;

/// Counts failures since the last stable connection.
#[derive(Clone, Default, Debug)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// A connection was stable.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The pause after one more failure: `min · factor^n`, at most `max`, and with jitter a random
    /// part of that, so that a thousand pages do not come back at once.
    pub(super) fn next(&mut self, config: &Reconnect, random: &mut Random) -> Duration {
        let mut pause = config.min.as_millis() as f64;
        let most = config.max.as_millis() as f64;
        for _ in 0..self.failures.min(64) {
            pause = (pause * config.factor.max(1.0)).min(most);
        }
        self.failures = self.failures.saturating_add(1);
        let pause = pause.min(most) as u64;
        Duration::from_millis(if config.jitter { random.up_to(pause) } else { pause })
    }
}

#[cfg(test)]
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
        assert!(pauses.iter().all(|pause| *pause <= 500));
        assert!(pauses.iter().any(|pause| *pause < 100) && pauses.iter().any(|pause| *pause > 400));
    }
}
