//! What happens, for those who replay a seed. It costs nothing for the others.

use std::cell::RefCell;
use std::fmt::Display;

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// From now on lines are kept.
pub(crate) fn begin() {
    LINES.set(Some(Vec::new()));
}

pub(crate) fn end() -> Vec<String> {
    LINES.take().unwrap_or_default()
}

pub(crate) fn line<T: Display>(make: impl FnOnce() -> T) {
    LINES.with_borrow_mut(|lines| {
        if let Some(lines) = lines {
            lines.push(make().to_string());
        }
    });
}
