//! The time that the engine is told, out of what the browser's clocks say. It knows that computers
//! sleep and that clocks are set; it reads no clock, and does not know what the time is used for.

use core::time::Duration;

use crate::client::Instant;

/// A clock that never goes back, that nobody sets, and that counts the sleep of the computer where
/// something depends on it.
///
/// `performance.now()` is the clock. On most systems but Windows it stands still while the computer
/// sleeps, so that a message would outlive an hour of sleep by an hour; `Date.now()` goes on. But
/// `Date.now()` gains in the same way where somebody sets it forward, or the network does, and then
/// nothing may expire. No third clock of a browser tells the two apart.
///
/// What does is whether the page ran. A clock is set under a page that runs. To sleep, a system
/// first stops all programs, then its devices, and the clock only then; it wakes in the opposite
/// order. So for some tenths of a second to some seconds the clock runs and the page does not: its
/// timers are late. While something is held that time alone ends ([`Clock::watch`]), the driver
/// therefore keeps a beat, [`BEAT`], and a gain of the wall clock is
///
/// - **sleep**, and counts, where there was a hole of more than [`HOLE`] ms between two readings;
/// - **a clock that was set**, and is nothing, where there was none.
///
/// A beat hides as much of a hole as was left until it: one of a second would see a long hole only.
/// The longest time between two readings is taken, whatever they were for, so that a page which is
/// busy with publishing is seen to run.
///
/// What stays ambiguous, and how it is decided:
///
/// - The page was held up when the clock was set: its main thread was busy, it was frozen, or it is
///   hidden and its timers are held back to a second or a minute. Sleep: computers sleep more often
///   than clocks are set, mostly with the page hidden, and an error that is told is better than a
///   stale command that is carried out.
/// - A hole too short to be seen, as when a virtual machine is paused from outside. A clock that was
///   set.
/// - A clock set back while the computer sleeps: the sleep is shorter by that.
/// - Nothing is held, so there is no beat. The time does not change; the gain is told, so that the
///   driver looks at its connection, which is right after sleep and harmless otherwise.
pub(crate) struct Clock {
    /// Milliseconds by the monotonic clock, and of sleep.
    passed: f64,
    /// A timer for that time has fired: it has come, whatever the clock says.
    reached: Instant,
    /// The latest reading of the monotonic clock.
    monotonic: f64,
    /// That reading when the clocks were last compared, and how far the other one was ahead.
    compared: (f64, f64),
    /// The longest time between two readings since then.
    hole: f64,
    watches: bool,
    /// The wall clock when it was last asked whether it ticks.
    tick: f64,
    /// `passed` when a gain was last told.
    told: f64,
}

impl Clock {
    /// Of readings in milliseconds: one that only runs, and one that may be set.
    pub(crate) fn new(monotonic: f64, wall: f64) -> Self {
        Self {
            passed: monotonic.max(0.0),
            reached: Instant::default(),
            monotonic,
            compared: (monotonic, wall - monotonic),
            hole: 0.0,
            watches: false,
            tick: f64::NAN,
            told: f64::NEG_INFINITY,
        }
    }

    /// A reading of the monotonic clock. Where tests fake it, it may stand still or go back.
    pub(crate) fn read(&mut self, monotonic: f64) -> Instant {
        let since = (monotonic - self.monotonic).max(0.0);
        self.monotonic = monotonic;
        self.passed += since;
        self.hole = self.hole.max(since);
        self.now()
    }

    /// Whether the wall clock has moved since it was last shown here. In Chromium it is read in 45 ns, the monotonic one,
    /// which tells more than milliseconds, in 170 to 350.
    pub(crate) fn ticks(&mut self, wall: f64) -> bool {
        core::mem::replace(&mut self.tick, wall) != wall
    }

    /// Compares the wall clock with the monotonic one, as it was read just before. True where the
    /// computer has slept since the last time, or may have; seldom twice within [`PAUSE`].
    pub(crate) fn compare(&mut self, wall: f64) -> bool {
        let (since, before) = self.compared;
        let ahead = wall - self.monotonic;
        self.compared = (self.monotonic, ahead);
        let hole = core::mem::take(&mut self.hole);
        let gain = ahead - before;
        let slewed = (self.monotonic - since) / SLEW;
        if !gain.is_finite() || gain <= JUMP.max(slewed) || self.watches && hole <= HOLE {
            return false;
        }
        if self.watches {
            self.passed += gain;
        }
        let tells = self.passed - self.told > PAUSE;
        if tells {
            self.told = self.passed;
        }
        tells
    }

    /// The latest reading, with what was found out since.
    pub(crate) fn now(&self) -> Instant {
        Instant::from_millis(self.passed as u64).max(self.reached)
    }

    /// Milliseconds since that was asked of `lap` before, by the latest readings.
    pub(crate) fn lap(&self, lap: &mut Lap) -> f64 {
        self.passed - lap.0.replace(self.passed).unwrap_or(f64::NEG_INFINITY)
    }

    /// A timer for that time has fired. It has come then also where a test fakes the timers and not
    /// the clock.
    pub(crate) fn reach(&mut self, at: Instant) {
        self.reached = self.reached.max(at);
    }

    /// From now on the page is read at each beat, or is not. The clocks have just been compared.
    pub(crate) fn watch(&mut self, watches: bool) {
        self.watches = watches;
    }

    pub(crate) fn watches(&self) -> bool {
        self.watches
    }

    /// The clocks are to be compared with this reading: always while something is held that time alone ends.
    pub(crate) fn is_to_be_compared(&self) -> bool {
        self.watches
            || self.monotonic - self.compared.0 >= SELDOM
            || self.monotonic < self.compared.0
    }

    /// The computer may have slept since the clocks were last compared, if the comparison says so.
    pub(crate) fn may_have_slept(&self) -> bool {
        self.watches && self.hole > HOLE
    }
}

/// When something happened last, with more than milliseconds.
#[derive(Default)]
pub(crate) struct Lap(Option<f64>);

/// Milliseconds between two beats. A page that is held up by nothing but four busy processes on two
/// processors is late by less than 30 ms.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// Milliseconds between two comparisons where no harm comes of learning of sleep so much later.
const SELDOM: f64 = 50.0;

/// Milliseconds without a reading that a page which runs does not let pass.
const HOLE: f64 = 600.0;

/// Milliseconds that are gained at once. Less than that nobody misses.
const JUMP: f64 = 3000.0;

/// A clock that gains less than one in so many is being slewed.
const SLEW: f64 = 8.0;

/// Milliseconds in which a gain is told once: it may be a clock that does not run as it should.
const PAUSE: f64 = 10_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: f64 = 3_600_000.0;
    const DAY: f64 = 24.0 * HOUR;

    #[test]
    fn a_lap_is_the_time_since_the_one_before() {
        let (mut clock, mut lap) = (Clock::new(5000.0, 1.7e12), Lap::default());
        assert!(clock.lap(&mut lap).is_infinite());
        clock.read(5000.25);
        assert!((clock.lap(&mut lap) - 0.25).abs() < 1e-9);
        assert!(clock.lap(&mut lap).abs() < 1e-9, "no time has passed");
        assert!(clock.lap(&mut Lap::default()).is_infinite(), "of another one");
    }

    #[test]
    fn a_tick_is_any_move_of_the_wall_clock() {
        let mut clock = Clock::new(5000.0, 1.7e12);
        let shown = [1.7e12, 1.7e12, 1.7e12 + 1.0, 1.7e12, f64::NAN, f64::NAN];
        assert_eq!(shown.map(|wall| clock.ticks(wall)), [true, false, true, true, true, true]);
    }

    /// A page whose clocks a test moves.
    struct Page {
        clock: Clock,
        monotonic: f64,
        wall: f64,
        told: u32,
    }

    impl Page {
        fn new(watches: bool) -> Self {
            let (monotonic, wall) = (5000.0, 1.7e12);
            let mut clock = Clock::new(monotonic, wall);
            clock.watch(watches);
            Self { clock, monotonic, wall, told: 0 }
        }

        /// Both clocks go on by that much, and the page runs again: a beat, or another signal.
        fn signal(&mut self, monotonic: f64, wall: f64) {
            let before = self.clock.now();
            self.monotonic += monotonic;
            self.wall += wall;
            self.clock.read(self.monotonic);
            if self.clock.is_to_be_compared() {
                self.told += u32::from(self.clock.compare(self.wall));
            }
            assert!(self.clock.now() >= before, "time went back");
        }

        /// Milliseconds that passed for the engine and not by the monotonic clock.
        fn slept(&self) -> f64 {
            self.clock.now().as_millis() as f64 - self.monotonic.trunc()
        }
    }

    #[test]
    fn sleep_between_two_signals_close_to_each_other_is_seen_soon_and_at_once_while_something_is_held()
     {
        for (watches, told) in [(false, 0), (true, 1)] {
            let mut page = Page::new(watches);
            page.signal(100.0, 100.0);
            page.clock.hole = HOLE + 1.0;
            page.signal(1.0, HOUR);
            assert_eq!(page.told, told);
            page.signal(SELDOM, SELDOM);
            assert_eq!(page.told, 1);
        }
    }

    /// What is seen between two signals: milliseconds by the monotonic clock and by the wall clock.
    type Steps = &'static [(f64, f64)];

    #[test]
    fn what_is_sleep_and_what_is_a_clock_that_was_set() {
        #[rustfmt::skip]
        let table: [(&str, Steps, f64); 22] = [
            ("nothing happens", &[(250.0, 250.0); 8], 0.0),
            ("set forward", &[(250.0, 250.0), (250.0, HOUR), (250.0, 250.0)], 0.0),
            ("set forward by days", &[(260.0, 400.0 * DAY), (250.0, 250.0)], 0.0),
            ("set forward under a busy page", &[(599.0, HOUR), (250.0, 250.0)], 0.0),
            ("set back", &[(250.0, -HOUR), (250.0, 250.0)], 0.0),
            ("set back and forward again", &[(250.0, -DAY), (250.0, DAY), (250.0, 250.0)], 0.0),
            ("set forward in many small steps", &[(250.0, 2250.0); 1000], 0.0),
            ("set forward in many large steps", &[(250.0, 10_250.0); 1000], 0.0),
            ("slewed by 500 ppm", &[(250.0, 250.125); 4000], 0.0),
            ("slewed by a tenth, seen each minute", &[(60_000.0, 66_000.0); 60], 0.0),
            ("asleep", &[(250.0, 250.0), (1000.0, 1000.0 + HOUR), (250.0, 250.0)], HOUR),
            ("asleep twice", &[(1000.0, 1000.0 + HOUR), (900.0, 900.0 + HOUR)], 2.0 * HOUR),
            ("asleep, and the clock counts it", &[(250.0, 250.0), (HOUR, HOUR), (250.0, 250.0)], 0.0),
            ("asleep, and no hole is seen", &[(250.0, 250.0 + HOUR)], 0.0),
            ("asleep while set forward by as much", &[(1000.0, 1000.0 + 2.0 * HOUR)], 2.0 * HOUR),
            ("asleep while set back by as much", &[(1000.0, 1000.0)], 0.0),
            ("set back while asleep, then set right", &[(1000.0, -HOUR), (250.0, 2.0 * HOUR)], 0.0),
            ("blocked for 3 s", &[(250.0, 250.0), (3000.0, 3000.0), (250.0, 250.0)], 0.0),
            ("frozen for an hour", &[(250.0, 250.0), (HOUR, HOUR), (250.0, 250.0)], 0.0),
            ("frozen, and asleep meanwhile", &[(HOUR, 3.0 * HOUR), (250.0, 250.0)], 2.0 * HOUR),
            ("hidden, timers held back", &[(1000.0, 1000.0), (60_000.0, 60_000.0)], 0.0),
            ("set forward while hidden: in doubt", &[(60_000.0, HOUR + 60_000.0)], HOUR),
        ];
        for (name, steps, slept) in table {
            let mut page = Page::new(true);
            for (monotonic, wall) in steps {
                page.signal(*monotonic, *wall);
            }
            assert!((page.slept() - slept).abs() < 1.0, "{name}: {}", page.slept());
            assert_eq!(page.told > 0, slept > 0.0, "{name}: told");
        }
    }

    #[test]
    fn without_a_beat_a_gain_is_told_and_no_time_passes() {
        for steps in [(250.0, HOUR), (45_000.0, 45_000.0 + HOUR), (45_000.0, DAY)] {
            let mut page = Page::new(false);
            page.signal(steps.0, steps.1);
            assert_eq!((page.slept(), page.told), (0.0, 1));
            page.signal(250.0, 250.0);
            assert_eq!((page.slept(), page.told), (0.0, 1), "and once");
        }
    }

    #[test]
    fn a_wall_clock_that_runs_wild_is_told_of_now_and_then() {
        let mut page = Page::new(false);
        for _ in 0..250 {
            page.signal(100.0, 10_000.0);
        }
        assert_eq!((page.slept(), page.told), (0.0, 3), "in 25 s");
    }

    #[test]
    fn what_was_before_the_beat_does_not_count() {
        let mut page = Page::new(false);
        page.signal(45_000.0, 45_000.0 + HOUR);
        page.clock.watch(true);
        assert!(page.clock.watches());
        page.signal(250.0, 250.0);
        assert_eq!((page.slept(), page.told), (0.0, 1));
        page.signal(1000.0, 1000.0 + HOUR);
        assert_eq!((page.slept(), page.told), (HOUR, 2));
        page.clock.watch(false);
        page.signal(1000.0, 1000.0 + HOUR);
        assert_eq!((page.slept(), page.told), (HOUR, 2), "and what is after it does not");
    }

    #[test]
    fn a_long_task_that_publishes_is_awake() {
        let mut page = Page::new(true);
        for _ in 0..50 {
            page.monotonic += 100.0;
            page.clock.read(page.monotonic);
            assert!(!page.clock.may_have_slept());
        }
        page.signal(100.0, 5100.0 + HOUR);
        assert_eq!((page.slept(), page.told), (0.0, 0));
    }

    #[test]
    fn a_command_that_is_the_first_thing_after_sleep_notices_it() {
        let mut page = Page::new(true);
        page.monotonic += 1000.0;
        page.clock.read(page.monotonic);
        assert!(page.clock.may_have_slept());
        assert!(page.clock.compare(page.wall + 1000.0 + HOUR));
        assert!(!page.clock.may_have_slept());
        assert_eq!(page.slept(), HOUR);
    }

    #[test]
    fn a_timer_that_fires_has_come_though_the_clock_is_faked() {
        let mut page = Page::new(true);
        let start = page.clock.now();
        for count in 1..=100 {
            let at = start + BEAT * count;
            page.clock.reach(at);
            page.signal(0.0, 250.0);
            assert_eq!(page.clock.now(), at);
        }
        // The real clock again: it catches up and is never added to what the timers said.
        page.signal(20_000.0, 20_000.0);
        assert_eq!(page.clock.now(), start + BEAT * 100);
        page.signal(10_000.0, 10_000.0);
        assert_eq!(page.clock.now(), start + Duration::from_secs(30));
    }

    #[test]
    fn clocks_that_are_faked_do_no_harm() {
        let mut page = Page::new(true);
        let faked = [(0.0, 0.0), (f64::NAN, f64::NAN), (7.0, 1e12), (-5.0, f64::INFINITY)];
        for (monotonic, wall) in faked {
            let before = page.clock.now();
            page.clock.read(monotonic);
            page.clock.compare(wall);
            assert!(page.clock.now() >= before && page.clock.now().as_millis() < 6000);
        }
        let before = page.clock.now();
        page.clock.read(1000.0);
        page.clock.read(1250.0);
        assert_eq!(page.clock.now(), before + Duration::from_millis(1255), "and then it goes on");
    }
}
