//! What the application gives to be let in, and when it is asked anew. It does not know how it is sent.

use alloc::string::String;
use alloc::vec::Vec;

use super::exchange::Renewal;
use super::{AuthorizeReason, Instant, Token};

/// User name and password.
pub(super) type Pair = (Option<String>, Option<Vec<u8>>);

/// From one attempt to the next.
#[derive(Default, Debug)]
pub(super) struct Login {
    credentials: Option<Pair>,
    authentication_data: Option<Vec<u8>>,
    /// Times that credentials were asked for.
    asked: u32,
    /// Credentials were refused since the last connection.
    rejected: bool,
    renewal: Option<Renewal>,
    renew_at: Option<Instant>,
}

impl Login {
    /// Credentials are asked for: how many times with this one, and why.
    pub(super) fn ask(&mut self) -> (u32, AuthorizeReason) {
        self.asked = self.asked.saturating_add(1);
        let reason = match (self.rejected, self.asked) {
            (true, _) => AuthorizeReason::Rejected,
            (false, 1) => AuthorizeReason::First,
            _ => AuthorizeReason::Reconnect,
        };
        (self.asked, reason)
    }

    /// For the next CONNECT.
    pub(super) fn give(&mut self, credentials: Pair) {
        self.credentials = Some(credentials);
    }

    /// For the next CONNECT.
    pub(super) fn give_data(&mut self, data: Option<Vec<u8>>) {
        self.authentication_data = data;
    }

    /// What was given for this CONNECT. It is not kept.
    pub(super) fn take(&mut self) -> (Option<Pair>, Option<Vec<u8>>) {
        (self.credentials.take(), self.authentication_data.take())
    }

    /// The server refused the credentials. True the first time since a connection.
    pub(super) fn refused(&mut self) -> bool {
        !core::mem::replace(&mut self.rejected, true)
    }

    /// The server took them.
    pub(super) fn accepted(&mut self) {
        self.rejected = false;
    }

    /// An authentication anew begins. False where one is under way.
    pub(super) fn renew(&mut self, token: Option<Token>, deadline: Instant) -> bool {
        if self.renewal.is_some() {
            return false;
        }
        self.renew_at = None;
        self.renewal = Some(Renewal { token, deadline });
        true
    }

    /// That one is over. Who waits for it.
    pub(super) fn renewed(&mut self) -> Option<Token> {
        self.renewal.take()?.token
    }

    /// By when the one under way has to be over.
    pub(super) fn renewal_deadline(&self) -> Option<Instant> {
        self.renewal.as_ref().map(|renewal| renewal.deadline)
    }

    /// When the next is to begin by itself.
    pub(super) fn renew_at(&self) -> Option<Instant> {
        self.renew_at
    }

    pub(super) fn set_renew_at(&mut self, at: Option<Instant>) {
        self.renew_at = at;
    }
}
