//! A store of the application's for the session of a client, and what waits for it. It does not know what is stored.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::Pin;

use super::inbox::Inbox;
use super::message::Message;
use crate::client::{Changes, RecordKey};

/// Where the session of a client is stored, for [`Client::connect_stored`](super::Client::connect_stored). One client has
/// it at a time: that is the store's to see to, by a Web Lock or a lease.
///
/// No user name, password or authentication data is in what it is given; payloads are.
///
/// ```no_run
/// use std::cell::RefCell;
/// use std::collections::BTreeMap;
/// use std::rc::Rc;
/// use wasmqtt::{RecordChange, RecordKey, SessionStore, Stored};
///
/// /// In memory: a real one writes to IndexedDB, or what the host has.
/// #[derive(Default)]
/// struct InMemory(Rc<RefCell<BTreeMap<u64, Vec<u8>>>>);
///
/// impl SessionStore for InMemory {
///     fn read(&self) -> Stored<Vec<(RecordKey, Vec<u8>)>> {
///         let records = self.0.borrow();
///         let all: Vec<_> =
///             records.iter().map(|(key, bytes)| (RecordKey::from_raw(*key), bytes.clone())).collect();
///         Box::pin(async { Ok(all) })
///     }
///
///     fn write(&self, changes: Vec<RecordChange>) -> Stored<()> {
///         let mut records = self.0.borrow_mut();
///         for (key, bytes) in changes {
///             match bytes {
///                 Some(bytes) => records.insert(key.get(), bytes),
///                 None => records.remove(&key.get()),
///             };
///         }
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
pub trait SessionStore {
    /// All records that were written and not removed, in any order.
    ///
    /// # Errors
    /// [`StoreFailed`]: the client is not made.
    fn read(&self) -> Stored<Vec<(RecordKey, Vec<u8>)>>;

    /// Makes all of these changes or none, after those before: `None` removes a record, which may not be there. Ready when
    /// they outlive the page. It is called again only when it is.
    ///
    /// # Errors
    /// [`StoreFailed`]: nothing more is stored, and the session goes on in memory.
    fn write(&self, changes: Vec<RecordChange>) -> Stored<()>;
}

/// A record, and its bytes or `None` where it is removed.
pub type RecordChange = (RecordKey, Option<Vec<u8>>);

/// What a store gives.
pub type Stored<T> = Pin<Box<dyn Future<Output = Result<T, StoreFailed>>>>;

/// A store could not do what it was asked to.
///
/// ```no_run
/// use wasmqtt::{StoreFailed, Stored};
///
/// fn full() -> Stored<()> {
///     Box::pin(async { Err(StoreFailed) })
/// }
/// # let _ = full;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreFailed;

/// A message and who it is for.
type Told = (Rc<Inbox<Rc<Message>>>, Rc<Message>);

/// The store of one client, and messages that may not be known before it has answered.
#[derive(Default)]
pub(super) struct Keeper {
    store: RefCell<Option<Rc<dyn SessionStore>>>,
    writes: Rc<RefCell<VecDeque<Vec<RecordChange>>>>,
    writing: Rc<Cell<bool>>,
    /// With the number of the changes that they wait for.
    waiting: RefCell<VecDeque<(u32, Told)>>,
    /// Since the last changes.
    since: RefCell<Vec<Told>>,
    ahead: Cell<bool>,
    asked: Cell<u32>,
    done: Cell<u32>,
}

impl Keeper {
    pub(super) fn begin(&self, store: Rc<dyn SessionStore>) {
        self.store.replace(Some(store));
    }

    /// What is told from now on may not be known before the next changes are stored.
    pub(super) fn get_ahead(&self) {
        self.ahead.set(true);
    }

    /// Keeps a message that is not to be known yet; gives back one that may be.
    pub(super) fn keep(&self, told: Told) -> Option<Told> {
        if self.ahead.get() || !self.waiting.borrow().is_empty() {
            self.since.borrow_mut().push(told);
            return None;
        }
        Some(told)
    }

    /// Has changes stored, one after the other; `answered` is told of each whether it is.
    pub(super) fn persist(&self, changes: &Changes, answered: impl Fn(bool) + 'static) {
        self.asked.set(self.asked.get() + 1);
        self.ahead.set(false);
        let since = self.since.take().into_iter().map(|told| (self.asked.get(), told));
        self.waiting.borrow_mut().extend(since);
        let list = changes.iter().map(|(key, value)| (key, value.map(Vec::from))).collect();
        self.writes.borrow_mut().push_back(list);
        let store = self.store.borrow().clone();
        let Some(store) = store.filter(|_| !self.writing.replace(true)) else { return };
        let (writes, writing) = (Rc::clone(&self.writes), Rc::clone(&self.writing));
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                let next = writes.borrow_mut().pop_front();
                let Some(changes) = next else { break };
                let done = store.write(changes).await.is_ok();
                answered(done);
                if !done {
                    writes.borrow_mut().clear();
                    break;
                }
            }
            writing.set(false);
        });
    }

    pub(super) fn stored(&self, done: bool) {
        self.done.set(if done { self.done.get() + 1 } else { self.asked.get() });
    }

    /// The next message that may be known now.
    pub(super) fn known(&self, ahead: bool) -> Option<Told> {
        let mut waiting = self.waiting.borrow_mut();
        if let Some((changes, _)) = waiting.front() {
            if *changes > self.done.get() {
                return None;
            }
            return waiting.pop_front().map(|(_, told)| told);
        }
        if !ahead && !self.since.borrow().is_empty() {
            self.ahead.set(false);
            waiting.extend(self.since.take().into_iter().map(|told| (0, told)));
            return waiting.pop_front().map(|(_, told)| told);
        }
        None
    }
}
