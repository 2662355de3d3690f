//! What another codec makes of bytes. It does not know which one.

use wasmqtt::codec::ProtocolVersion;

use crate::fields::Fields;

/// One question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    pub version: ProtocolVersion,
    pub bytes: Vec<u8>,
}

/// The answer to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// With these fields; and what it writes when it writes the packet again, or why it cannot.
    Accepts(Fields, Result<Vec<u8>, String>),
    /// With an error that it tells, or by waiting for more, or by throwing and panicking.
    Refuses(String),
}

/// A codec besides ours.
pub trait Peer {
    /// As the table of disagreements names it.
    fn name(&self) -> &'static str;

    /// All at once: one of them is another program.
    fn answers(&self, cases: &[Case]) -> Vec<Answer>;
}
