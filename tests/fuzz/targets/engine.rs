//! The engine under libFuzzer. What is checked is in the harness, which also runs without it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wasmqtt_fuzz::engine(data));
