//! What the fuzzers check, as plain functions of bytes: libFuzzer calls them, and so does the replay of the corpus
//! in the tests. They do not know where the bytes come from.
#![allow(missing_docs, unreachable_pub)]

#[path = "all.rs"]
mod all;

pub use all::{chopper, decoder, engine};
