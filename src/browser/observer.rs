//! Who is told what the engine says: the JavaScript classes or the Rust API.

use js_sys::Uint8Array;

use super::frame::Place;
use crate::client::{Authentication, AuthorizeReason, Changes, Client, Event, Instant, Message};

/// The calls come while the engine is borrowed: an implementation notes what it is told and
/// returns. Code of the application runs in [`Observer::turn_end`], when the engine is free.
pub(crate) trait Observer: 'static {
    /// Any event but a message.
    fn event(&self, event: Event<'_>, now: Instant);

    /// A message, and where its payload lies. `generation` changes when the routes of a
    /// topic may have changed. True asks for a call of [`Observer::routes`] at once.
    fn message(&self, message: &Message<'_>, payload: &Place<'_>, generation: u32) -> bool;

    /// The engine can be asked for the routes of the last message.
    fn routes(&self, engine: &mut Client);

    /// The application is asked for credentials.
    fn authorize(&self, attempt: u32, reason: AuthorizeReason);

    /// The application is asked for authentication data, or told of the server's.
    fn authenticate(&self, step: Authentication<'_>);

    /// These changes are to be stored; only after `Client::keep_session`.
    fn persist(&self, changes: &Changes);

    /// They are stored, or cannot be, and nothing will be.
    fn stored(&self, done: bool);

    /// Bytes that are noted and not told yet, about.
    #[cfg(feature = "bindings")]
    fn noted(&self) -> usize {
        0
    }

    /// Asks for frames as they are sent and received, or for no more. A reader of what is received begins as
    /// [`Client::unread`] says.
    #[cfg(feature = "bindings")]
    fn tap(&self, _unread: Option<(u8, usize, &[u8])>) {}

    /// A frame was sent on that connection.
    fn sent(&self, _connection: u32, _frame: &[u8]) {}

    /// A frame was received on that connection.
    fn received(&self, _connection: u32, _frame: &Uint8Array) {}

    /// The turn is over. What was told since the last changes waits for the next ones where it is `ahead`; what was told
    /// before waits for those where they say so.
    fn turn_end(&self, ahead: bool);
}
