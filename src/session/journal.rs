//! Which records of a part of the session differ from what is stored. It knows their numbers, not what
//! is in them, and nothing where no session is stored.

use alloc::vec::Vec;

/// Whether a session can be stored at all.
pub const STORES: bool = cfg!(feature = "session-store");

/// Records that have changed since they were last taken.
#[derive(Clone, Default, Debug)]
pub(super) struct Journal {
    kept: bool,
    changed: Vec<u64>,
    urgent: bool,
}

impl Journal {
    /// From now on, all is noted.
    pub(super) fn begin(&mut self) {
        self.kept = true;
    }

    fn is_kept(&self) -> bool {
        STORES && self.kept
    }

    /// A record changed. Nothing that is sent depends on its being stored.
    pub(super) fn note(&mut self, number: u64) {
        if self.is_kept() && self.changed.last() != Some(&number) {
            self.changed.push(number);
        }
    }

    /// A record changed, and has to be stored before what is sent because of that.
    pub(super) fn note_first(&mut self, number: u64) {
        self.note(number);
        self.hurry();
    }

    /// Something that has changed has to be stored before what is sent from now on.
    pub(super) fn hurry(&mut self) {
        self.urgent = self.is_kept();
    }

    /// Whether something that is sent from now on depends on a change; once.
    pub(super) fn take_urgent(&mut self) -> bool {
        STORES && core::mem::take(&mut self.urgent)
    }

    pub(super) fn has_changes(&self) -> bool {
        STORES && !self.changed.is_empty()
    }

    /// The numbers; one that changed again may be there twice.
    pub(super) fn take(&mut self) -> Vec<u64> {
        core::mem::take(&mut self.changed)
    }
}
