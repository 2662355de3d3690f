//! The time and the seed, from the browser. It knows that a computer may sleep; it does not know
//! what the time is used for.

use wasm_bindgen::prelude::*;

use crate::client::Instant;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;

    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(into: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// A clock that never goes back and that counts the time a computer slept.
///
/// `performance.now()` never goes back, but on several systems it stands still while the computer
/// sleeps. `Date.now()` counts the sleep, but is set back and forth. So the first is the clock,
/// and where the second runs ahead of it by more than [`SLEEP`] at once, the difference is added.
/// A wall clock set forward by hand looks the same; all that comes of it is an early ping.
pub(crate) struct Clock {
    offset: f64,
    slept: f64,
}

/// One reading of the clock.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) now: Instant,
    /// The computer slept since the reading before this one.
    pub(crate) woke: bool,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { offset: date_now() - performance_now(), slept: 0.0 }
    }

    pub(crate) fn read(&mut self) -> Reading {
        let monotonic = performance_now();
        let offset = date_now() - monotonic;
        let gap = offset - self.offset;
        self.offset = offset;
        let woke = gap > SLEEP;
        if woke {
            self.slept += gap;
        }
        Reading { now: Instant::from_millis((monotonic + self.slept) as u64), woke }
    }
}

/// 64 bits that other pages cannot guess: for the client identifier and the jitter.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0; 8];
    if get_random_values(&mut bytes).is_err() {
        return (js_sys::Math::random() * MANTISSA) as u64;
    }
    u64::from_le_bytes(bytes)
}

/// Milliseconds between the two clocks that are taken for sleep and not for an adjustment.
const SLEEP: f64 = 3000.0;

/// 2^53.
const MANTISSA: f64 = 9_007_199_254_740_992.0;
