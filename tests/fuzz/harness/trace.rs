//! What a run does, line by line, for whoever looks into a finding: written to standard error where FUZZ_TRACE is set. It
//! does not know what the lines say.

use std::sync::LazyLock;

static WANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("FUZZ_TRACE").is_some());

pub fn trace(line: impl FnOnce() -> String) {
    if *WANTED {
        eprintln!("{}", line());
    }
}
