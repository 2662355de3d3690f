//! How much memory a piece of code takes: a global allocator that counts, for each thread by itself. It does not know
//! what is measured.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes in use that this thread has asked for, less what it has given back.
    static LIVE: Cell<isize> = const { Cell::new(0) };
    /// The most of them since it was last looked at.
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// All bytes ever asked for.
    static TOTAL: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(more: usize, less: usize) {
    // A thread that ends has no counters any more.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + more as isize - less as isize);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
    let _ = TOTAL.try_with(|total| total.set(total.get() + more));
}

// SAFETY: everything is passed on to the system's allocator; counting touches no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The value, and all bytes that were asked for on the way, given back or not.
pub fn allocated<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = TOTAL.get();
    let value = work();
    (value, TOTAL.get() - before)
}

/// Bytes in use on this thread, and the most there were since the last call.
pub fn in_use() -> (isize, isize) {
    let live = LIVE.get();
    (live, PEAK.replace(live).max(live))
}
