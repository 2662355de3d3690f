//! Says which input it was when a check fails, in the form that the corpus has. It does not know what is checked.

/// Prints the input where the target panics.
pub fn run(target: fn(&[u8]), input: &[u8]) {
    let note = Note(input);
    target(input);
    core::mem::forget(note);
}

struct Note<'a>(&'a [u8]);

impl Drop for Note<'_> {
    fn drop(&mut self) {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        eprintln!("the input, for tests/fuzz/corpus: {hex}");
    }
}
