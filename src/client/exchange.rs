//! Where enhanced authentication (5.0, 4.12) stands. What is sent and asked is `authentication`'s matter.

use super::{Instant, Token};

/// Where an exchange stands.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum Exchange {
    #[default]
    None,
    /// The application is asked for the first data.
    Starting,
    /// The server has been sent something and answers.
    Awaiting,
    /// The application is asked for an answer.
    Answering,
    /// The server has been sent an answer and goes on.
    Answered,
}

/// An authentication on a connection that stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renewal {
    pub(super) token: Option<Token>,
    pub(super) deadline: Instant,
}
