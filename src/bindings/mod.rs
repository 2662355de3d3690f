//! The wasm exports of the npm package. It knows how values cross the boundary to JavaScript, and
//! nothing of what they mean: it converts, calls the driver, and converts back.

mod engine;
mod field;
mod options;
mod properties;
mod record;
mod sink;
mod topics;
