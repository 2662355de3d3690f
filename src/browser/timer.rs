//! The one timer of a client. It knows when it is due; it does not know what for.

use alloc::rc::Rc;

use gloo_timers::callback::Timeout;

use super::signal::{Notify, Signal};
use crate::client::Instant;

/// A coarse timer.
///
/// The engine's deadline moves with every packet, mostly to a later time. Setting and clearing a
/// browser timer costs about 1 µs, so one that is armed for a moment before it stays: when it fires a
/// PINGREQ is near enough to be sent, and for all else it is armed again. Where that would be long before it
/// is set anew, at most four times a second: an idle page is woken once for each PINGREQ.
#[derive(Default)]
pub(crate) struct Timer {
    armed: Option<(Instant, Timeout)>,
}

impl Timer {
    /// Makes sure that [`Signal::Timer`] is given at the deadline or before.
    pub(crate) fn arm(&mut self, deadline: Option<Instant>, now: Instant, notify: &Notify) {
        let Some(deadline) = deadline else { return };
        let delay = deadline.millis_since(now).min(LONGEST);
        let at = now.plus(delay);
        let early = |armed: Instant| armed <= at && at.millis_since(armed) < EARLY;
        if self.armed.as_ref().is_some_and(|(armed, _)| early(*armed)) {
            return;
        }
        let notify = Rc::clone(notify);
        let fire = move || notify(Signal::Timer(at));
        self.armed = Some((at, Timeout::new(delay, fire)));
    }

    /// The timer has fired, or is not wanted any more.
    pub(crate) fn clear(&mut self) {
        self.armed = None;
    }
}

/// Milliseconds that it may fire before the deadline.
const EARLY: u32 = 250;

/// `setTimeout` takes 31 bits; a longer delay would fire at once.
const LONGEST: u32 = i32::MAX as u32;
