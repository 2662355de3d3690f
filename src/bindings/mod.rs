//! The wasm exports of the npm package: the engine behind its port. Commands come in, batches of events
//! go out, both as numbers and bytes; what they mean is the engine's and the facade's.

mod batch;
mod command;
mod engine;
mod settings;
mod teller;
mod topics;
