//! What the clones of a client share. It does not know what they do with it.

use alloc::rc::Rc;

use super::desk::Desk;
use crate::browser::driver::Driver;
use crate::client::{DisconnectOptions, Error, ErrorCode};

/// What the clones of a client share.
pub(super) struct Shared {
    pub(super) driver: Rc<Driver<Desk>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Fails only from inside the application's own socket.
        let _ = self
            .driver
            .command_now(|client, now| client.disconnect(DisconnectOptions::default(), now));
    }
}

pub(super) fn closed() -> Error {
    Error::new(ErrorCode::Closed, "the client is closed")
}
