//! Whether something that is sent ends the connections it is sent on: some servers answer what they
//! do not allow by hanging up. It counts; it knows neither packets nor connections.

/// Connections in a row that ended soon after something was sent on them, and before its answer.
///
/// ```
/// use wasmqtt::session::Suspicion;
///
/// let mut suspicion = Suspicion::default();
/// let to_blame = (1..=5).map(|_| suspicion.lost(true)).last();
/// assert_eq!(to_blame, Some(true)); // five connections in a row ended soon after it was sent
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Suspicion(u8);

impl Suspicion {
    /// Whether that is more than an accident. What is suspected is tried apart, so that the next
    /// connection that ends is put down to it alone.
    #[must_use]
    pub fn exists(self) -> bool {
        self.0 > ACCIDENTS
    }

    /// Whether it is to be asked for without others in its packet.
    pub(super) fn is_alone(self) -> bool {
        self.0 > ACCIDENTS + 1
    }

    /// Whether both can go into one packet.
    pub(super) fn is_like(self, other: Self) -> bool {
        self == other || !self.exists() && !other.exists()
    }

    /// A connection ended before the answer. True when it is to blame.
    pub fn lost(&mut self, soon: bool) -> bool {
        self.0 = if soon { self.0 + 1 } else { 0 };
        self.0 >= TO_BLAME
    }

    /// The answer came.
    pub fn clear(&mut self) {
        self.0 = 0;
    }
}

/// Connections in a row that may end so by themselves: what follows is not slowed down by them.
const ACCIDENTS: u8 = 1;

/// Connections in a row that must have ended soon after something was sent before it is given up.
pub(super) const TO_BLAME: u8 = 5;
