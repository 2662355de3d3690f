//! A queue between the driver and one future or stream. It knows one reader and no limit but its
//! own; it does not know what it holds.

use alloc::collections::VecDeque;
use core::cell::RefCell;
use core::task::{Context, Poll, Waker};

/// Items for one reader. It is woken by whoever put the item there, once the engine is free.
pub(super) struct Inbox<T> {
    state: RefCell<State<T>>,
}

struct State<T> {
    items: VecDeque<T>,
    limit: usize,
    dropped: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl<T> Inbox<T> {
    /// Holds at most `limit` items and drops the oldest for a newer one.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            state: RefCell::new(State {
                items: VecDeque::new(),
                limit,
                dropped: 0,
                closed: false,
                waker: None,
            }),
        }
    }

    /// The waker to call, if a reader waits.
    pub(super) fn push(&self, item: T) -> Option<Waker> {
        let mut state = self.state.borrow_mut();
        if state.items.len() >= state.limit {
            state.items.pop_front();
            state.dropped += 1;
        }
        state.items.push_back(item);
        state.waker.take()
    }

    /// No item will follow. The waker to call, if a reader waits.
    pub(super) fn close(&self) -> Option<Waker> {
        let mut state = self.state.borrow_mut();
        state.closed = true;
        state.waker.take()
    }

    /// `None` when it is empty and closed.
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.state.borrow_mut();
        if let Some(item) = state.items.pop_front() {
            return Poll::Ready(Some(item));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    pub(super) fn dropped(&self) -> u64 {
        self.state.borrow().dropped
    }
}
