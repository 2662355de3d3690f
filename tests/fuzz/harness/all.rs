//! The parts of the harness. It does not know who includes it: the fuzz targets' library or a test.

pub mod calls;
pub mod chopper;
pub mod connection;
pub mod decoder;
pub mod engine;
pub mod input;
pub mod meter;
pub mod packets;
pub mod records;
pub mod server;
pub mod settings;
pub mod tokens;
pub mod trace;

pub use chopper::chopper;
pub use decoder::decoder;
pub use engine::engine;
