//! What a client knows of the store of its session. It does not know what is done with it: that is `storing`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Token;
use crate::session::{Changes, Restoring, STORES, Wall};

/// What is known of the store.
#[derive(Default, Debug)]
pub(super) struct Storing {
    pub(super) wanted: bool,
    pub(super) kept: bool,
    pub(super) wall: Wall,
    pub(super) restoring: Restoring,
    /// Of the next publish.
    pub(super) label: Option<Box<str>>,
    pub(super) changes: Changes,
    /// Publishes that are stored when the changes are.
    pub(super) tokens: Vec<Token>,
    /// Changes were given to the driver, and it has not said what became of them.
    pub(super) under_way: bool,
    /// Messages were told, since changes were given to the driver, that must not be known before the next ones are
    /// stored.
    pub(super) ahead: bool,
    pub(super) discard: Discard,
}

/// Of a session that a server of 3.x keeps, and of which nothing is known here.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) enum Discard {
    #[default]
    No,
    /// The next CONNECT discards it, by Clean Session 1.
    Asked,
    /// Such a CONNECT was accepted.
    Done,
}

impl Storing {
    pub(super) fn is_ahead(&self) -> bool {
        STORES && self.ahead
    }

    /// There is a store, and it works.
    pub(super) fn is_kept(&self) -> bool {
        STORES && self.kept
    }

    /// The session goes on from one connection to the next, by what is known of it.
    pub(super) fn is_wanted(&self) -> bool {
        STORES && self.wanted
    }
}
