//! A point in time. It knows no clock: the driver, or a test, says what time it is.

use core::ops::{Add, Sub};
use core::time::Duration;

/// Milliseconds since a moment that never changes while a client lives. It must not go back.
///
/// ```
/// use core::time::Duration;
/// use wasmqtt::client::Instant;
///
/// let begin = Instant::from_millis(1000);
/// let later = begin + Duration::from_secs(2);
/// assert_eq!(later.as_millis(), 3000);
/// assert_eq!(later - begin, Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(u64);

impl Instant {
    /// That many milliseconds after the moment.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds after the moment.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The first of those that there are.
    pub(crate) fn first(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// That much later.
    pub(crate) fn plus(self, millis: Millis) -> Self {
        Self(self.0.saturating_add(millis.into()))
    }

    /// Milliseconds since that; none where it is later, and 49 days where it is longer ago.
    // Inlined, it would be there twenty times.
    #[inline(never)]
    pub(crate) fn millis_since(self, earlier: Self) -> Millis {
        u32::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(Millis::MAX)
    }
}

/// Milliseconds; 49 days stand for all that is longer.
pub(crate) type Millis = u32;

impl Add<Duration> for Instant {
    type Output = Self;

    /// The last point in time there is, where the duration is longer than that.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Zero where `earlier` is later.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Milliseconds, as many as there can be where it is longer. Not `as_millis`, which counts in 128 bits.
#[inline(never)]
pub(crate) fn millis(duration: Duration) -> u64 {
    let seconds = duration.as_secs().saturating_mul(1000);
    seconds.saturating_add(duration.subsec_millis().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_duration_is_too_long() {
        let now = Instant::from_millis(1_000);
        for exponent in 0..64 {
            let later = now + Duration::from_secs(1 << exponent);
            assert!(later > now && later >= now + Duration::from_secs((1 << exponent) - 1));
        }
        assert_eq!(now + Duration::MAX, Instant::from_millis(u64::MAX));
        assert_eq!(now + Duration::from_millis(u64::MAX), Instant::from_millis(u64::MAX));
        assert_eq!(now + Duration::from_micros(2_500), Instant::from_millis(1_002));
    }
}
