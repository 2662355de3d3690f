//! Where a server has sent the client (5.0, 4.11). It knows how long that holds; it does not know what
//! an address looks like to the driver.

use alloc::boxed::Box;

use super::policy::Verdict;
use crate::codec::ReasonCode;

/// The server to use in place of the configured ones.
#[derive(Clone, Default, Debug)]
pub(super) struct Redirect {
    /// `host` or `host:port`.
    pub(super) reference: Option<Box<str>>,
    permanent: bool,
    hops: u8,
}

impl Redirect {
    /// A server names another one. True when that is where to go, at once.
    pub(super) fn follow(&mut self, code: ReasonCode, references: Option<&str>) -> bool {
        let mut all = references.unwrap_or_default().as_bytes().split(u8::is_ascii_whitespace);
        let first = all.find(|it| is_host(it)).and_then(|it| core::str::from_utf8(it).ok());
        let Some(first) = first.filter(|_| self.hops < MOST_HOPS) else { return false };
        self.reference = Some(first.into());
        self.permanent = code == ReasonCode::SERVER_MOVED;
        self.hops += 1;
        true
    }

    /// A connection, or an attempt at one, has ended. What a server said for now holds for one
    /// connection; what it said for good, until it does not work.
    pub(super) fn lost(&mut self, verdict: Verdict, was_connected: bool) {
        if verdict != Verdict::Again && !(was_connected && self.permanent) {
            self.reference = None;
        }
    }

    /// A connection has lived long enough: servers do not send the client around in a ring.
    pub(super) fn settled(&mut self) {
        self.hops = 0;
    }
}

/// A name or an address, with a port or without: nothing that an address of a WebSocket would read
/// as a path, a user or another scheme.
fn is_host(reference: &[u8]) -> bool {
    !reference.is_empty()
        && reference.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'[' | b']' | b'_')
        })
}

/// Servers in a row that name another one.
const MOST_HOPS: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reference_that_is_a_host_is_taken() {
        let mut redirect = Redirect::default();
        let references = "wss://x/y user@host b.example:8080 c.example";
        assert!(redirect.follow(ReasonCode::USE_ANOTHER_SERVER, Some(references)));
        assert_eq!(redirect.reference.as_deref(), Some("b.example:8080"));
        assert!(redirect.follow(ReasonCode::USE_ANOTHER_SERVER, Some("[::1]:1884")));
        assert!(!redirect.follow(ReasonCode::USE_ANOTHER_SERVER, None));
    }

    #[test]
    fn a_ring_of_servers_is_left() {
        let mut redirect = Redirect::default();
        for _ in 0..MOST_HOPS {
            assert!(redirect.follow(ReasonCode::SERVER_MOVED, Some("a")));
        }
        assert!(!redirect.follow(ReasonCode::SERVER_MOVED, Some("a")));
        redirect.settled();
        assert!(redirect.follow(ReasonCode::SERVER_MOVED, Some("a")));
    }

    #[test]
    fn what_holds_for_now_is_forgotten_with_the_connection() {
        let mut redirect = Redirect::default();
        redirect.follow(ReasonCode::USE_ANOTHER_SERVER, Some("a"));
        redirect.lost(Verdict::Again, false);
        assert!(redirect.reference.is_some());
        redirect.lost(Verdict::Retry, true);
        assert!(redirect.reference.is_none());
        redirect.follow(ReasonCode::SERVER_MOVED, Some("a"));
        redirect.lost(Verdict::Retry, true);
        assert!(redirect.reference.is_some());
        redirect.lost(Verdict::Retry, false);
        assert!(redirect.reference.is_none());
    }
}
