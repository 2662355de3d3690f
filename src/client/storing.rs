//! A session that is stored (4.1): what the driver is to store, and what waits until it has. It knows no store;
//! nothing of it happens where no session is stored.
//!
//! Changes are given to the driver in steps, one at a time. A packet that depends on a change that is not stored stays
//! in the outbox, and what follows it does, too; a message that must not be delivered a second time is told, and the
//! driver keeps it to itself until the changes are stored that come next: [`Client::is_ahead_of_store`],
//! [`Changes::holds_told`].

use alloc::vec::Vec;

use super::core::{Core, Phase};
use super::output::Queued;
use super::store::{Discard, Storing};
use super::{Client, Error, ErrorCode, Instant, Restored, Token};
use crate::codec::ProtocolVersion;
use crate::session::{Changes, Damaged, Kept, RecordKey, STORES, Wall};

impl Client {
    /// A record of the session as it was stored, in the order of their keys; before [`Client::keep_session`].
    /// `wall`: milliseconds since 1970.
    ///
    /// # Errors
    /// [`Damaged`]: the record is none of this layout, and is left out; without the feature `session-store`, each.
    pub fn restore(
        &mut self,
        key: RecordKey,
        value: &[u8],
        wall: u64,
        now: Instant,
    ) -> Result<(), Damaged> {
        if !STORES {
            return Err(Damaged);
        }
        let wall = Wall::new(wall, now.as_millis());
        self.core.storing.restoring.take(key, value, wall)
    }

    /// Before [`Client::connect`]: the session is stored from now on, and goes on where the one left off whose
    /// records were restored. Its publishes are told as [`Event::Restored`](super::Event::Restored). Clean Start
    /// is 0 then, but for the first connection of a session in 5.0.
    ///
    /// `wall`: milliseconds since 1970.
    ///
    /// ```
    /// use wasmqtt::client::{Client, Config, Instant, Output, RecordKey};
    ///
    /// let now = Instant::from_millis(0);
    /// let mut stored: Vec<(RecordKey, Vec<u8>)> = Vec::new(); // what an earlier page has stored
    /// let mut client = Client::new(Config::default(), 7)?;
    /// for (key, bytes) in &stored {
    ///     let _ = client.restore(*key, bytes, 1_700_000_000_000, now);
    /// }
    /// client.keep_session(1_700_000_000_000, now)?;
    /// client.connect(now)?;
    /// loop {
    ///     match client.poll_output() {
    ///         Output::Persist(changes) => {
    ///             for (key, bytes) in changes.iter() {
    ///                 stored.retain(|(it, _)| *it != key);
    ///                 stored.extend(bytes.map(|bytes| (key, bytes.to_vec())));
    ///             }
    ///         }
    ///         Output::Timeout(_) => break,
    ///         _ => continue,
    ///     }
    ///     client.handle_stored(now);
    /// }
    /// assert!(!stored.is_empty()); // the session itself
    /// # Ok::<(), wasmqtt::client::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::InvalidArgument`] when the client has begun, or the stored
    /// session is of another client identifier than the configuration's;
    /// [`ErrorCode::Unsupported`] without the feature `session-store`.
    pub fn keep_session(&mut self, wall: u64, now: Instant) -> Result<(), Error> {
        if !STORES {
            return Err(Error::new(ErrorCode::Unsupported, "built without session-store"));
        }
        self.core.now = now;
        self.core.keep_session(wall)
    }

    /// What [`Output::Persist`](super::Output::Persist) gave is stored.
    pub fn handle_stored(&mut self, now: Instant) {
        self.core.now = now;
        if STORES {
            self.core.stored();
        }
    }

    /// It could not be stored, or nothing can be any more: the session goes on in memory.
    pub fn handle_store_failed(&mut self, now: Instant) {
        self.core.now = now;
        if STORES {
            self.core.keep_no_longer();
        }
    }

    /// The application's word for the next publish: it is stored with it, and told when it is restored. One of more than
    /// 65,535 bytes is none.
    pub fn label_next(&mut self, label: &str) {
        self.core.storing.label =
            Some(label.into()).filter(|_| label.len() <= usize::from(u16::MAX));
    }

    /// Whether messages that were told since the last [`Output::Persist`](super::Output::Persist) have to wait for the
    /// next one and its end: the application would get them again from a server that was not told that it has them.
    /// Those told before have to wait where [`Changes::holds_told`].
    #[must_use]
    pub fn is_ahead_of_store(&self) -> bool {
        self.core.storing.is_ahead()
    }
}

impl Core {
    fn keep_session(&mut self, wall: u64) -> Result<(), Error> {
        if self.phase != Phase::Idle {
            return Err(Error::invalid("the client has begun without a stored session"));
        }
        let restoring = core::mem::take(&mut self.storing.restoring);
        let chosen = self.config.client_identifier.as_deref().filter(|it| !it.is_empty());
        if let (Some(stored), Some(chosen)) = (restoring.client_identifier(), chosen) {
            if stored != chosen {
                return Err(Error::invalid("the stored session is of another client identifier"));
            }
        }
        self.storing.wanted = true;
        self.storing.kept = true;
        self.storing.wall = Wall::new(wall, self.now.as_millis());
        restoring.finish(&mut self.session);
        for index in 0..self.session.outbound.len() {
            let token = self.token();
            let Some(message) = self.session.outbound.name(index, token.get()) else { continue };
            let kept = message.kept();
            let told = Restored {
                token,
                topic: message.topic.as_str().into(),
                qos: message.qos,
                since: kept.map_or(0, |kept| kept.since),
                label: kept.and_then(|kept| kept.label.clone()),
            };
            self.queue.push_back(Queued::Restored(told));
        }
        self.queue.push_back(Queued::Stored(Vec::new()));
        self.session.keep();
        // Whose session it is has to be known before a server keeps it.
        self.hold(0);
        Ok(())
    }

    /// Clean Start of the next CONNECT, where the session is stored. [MQTT-3.2.2-4] (5.0): a session of which nothing is
    /// known here is not wanted. 3.x has no way to say that and keep the one that begins.
    pub(super) fn begins_clean(&self) -> bool {
        match self.connecting.version().is_v5() {
            true => !self.session.known,
            false => self.config.session_ends || self.storing.discard == Discard::Asked,
        }
    }

    /// Whether a connection of 3.x serves to be rid of a session, or has to be followed by one that does.
    pub(super) fn discards(&mut self, session_present: bool, clean_start: bool) -> bool {
        let storing = &mut self.storing;
        let version = self.connecting.version();
        let keeps = storing.is_wanted() && !self.config.session_ends;
        if !keeps || self.session.known || version.is_v5() {
            return false;
        }
        // 3.1 has no Session Present.
        let may_be_there = session_present || version == ProtocolVersion::V3_1;
        storing.discard = match storing.discard {
            _ if clean_start => Discard::Done,
            Discard::No if may_be_there => Discard::Asked,
            _ => return false,
        };
        true
    }

    /// What a publish is stored with, where it is.
    pub(super) fn kept(&mut self) -> Option<Kept> {
        if !self.storing.is_kept() {
            return None;
        }
        let label = self.storing.label.take();
        let since = self.storing.wall.shown(self.now.as_millis());
        Some(Kept::new(since, label))
    }

    /// What was written since there were `before` bytes may not leave before what changed is stored.
    #[inline]
    pub(super) fn hold(&mut self, before: usize) {
        if self.storing.is_kept() {
            self.hold_urgent(before);
        }
    }

    #[inline(never)]
    fn hold_urgent(&mut self, before: usize) {
        if self.session.take_urgent() {
            self.outbox.hold(before);
        }
    }

    /// A message is told that may not be known before what changed is stored.
    pub(super) fn told_ahead(&mut self) {
        if self.storing.is_kept() {
            self.storing.ahead = true;
        }
    }

    /// Whether there may be something for the driver to store.
    pub(super) fn is_to_persist(&self) -> bool {
        self.storing.is_kept() && !self.storing.under_way && self.session.has_changes()
    }

    /// Collects what is to be stored, and what can be sent once it is. False when it came to nothing.
    #[inline(never)]
    pub(super) fn persist(&mut self) -> bool {
        if self.is_connected() {
            self.fill(PREPARED);
            self.progressed();
            if !self.storing.is_kept() {
                // That was the end.
                return false;
            }
        }
        // What is written later may depend on it.
        self.hold(self.outbox.len());
        self.collect();
        if self.storing.changes.is_empty() {
            self.outbox.release();
            self.storing.ahead = false;
            return false;
        }
        self.outbox.begin();
        let ahead = core::mem::take(&mut self.storing.ahead);
        self.storing.changes.hold_told(ahead);
        self.storing.under_way = true;
        true
    }

    fn collect(&mut self) {
        let Self { session, storing, .. } = self;
        let mut tokens = Vec::new();
        storing.changes.clear();
        session.changes(storing.wall, &mut storing.changes, &mut tokens);
        storing.tokens.extend(tokens.into_iter().map(Token));
    }

    /// What was collected.
    pub(super) fn changes(&self) -> &Changes {
        &self.storing.changes
    }

    fn stored(&mut self) {
        if !core::mem::take(&mut self.storing.under_way) {
            return;
        }
        self.outbox.stored();
        if !self.storing.tokens.is_empty() {
            let tokens = core::mem::take(&mut self.storing.tokens);
            self.queue.push_back(Queued::Stored(tokens));
        }
    }

    fn keep_no_longer(&mut self) {
        let Storing { wanted, discard, .. } = self.storing;
        self.storing = Storing { wanted, discard, ..Storing::default() };
        self.session.keep_no_longer();
        self.outbox.release();
    }

    /// The client ends, and the session stays: the last changes, which wait for nothing.
    pub(super) fn persist_last(&mut self) {
        if self.storing.is_kept() {
            self.storing.kept = false;
            self.collect();
            let ahead = core::mem::take(&mut self.storing.ahead);
            self.storing.changes.hold_told(ahead);
            if !self.storing.changes.is_empty() {
                self.queue.push_back(Queued::Persist);
            }
        }
    }
}

/// Bytes of packets that are written before what they depend on is stored, so that it is stored at once.
const PREPARED: usize = 64 * 1024;
