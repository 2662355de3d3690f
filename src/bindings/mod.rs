//! The wasm exports of the npm package: the engine behind its port. Commands come in, batches of events
//! go out, both as numbers and bytes; what they mean is the engine's and the facade's.

mod batch;
mod command;
mod engine;
mod settings;
mod teller;
mod topics;

/// A third of the code of the standard library's allocator, for the few allocations of an engine.
#[global_allocator]
static ALLOCATOR: rlsf::GlobalTlsf<Allocation> = rlsf::GlobalTlsf::new();

struct Allocation;

impl rlsf::GlobalTlsfOptions for Allocation {
    /// To grow is to move: growing in place is rare, and costs code.
    const ENABLE_REALLOCATION: bool = false;
    /// Memory that is added is one with what was there, so that a long block finds room.
    const COALESCE_POOLS: bool = true;
}
