//! The tables as data. It does not know what is done with a row.

use wasmqtt::codec::ProtocolVersion;

use crate::support::{V4, V5};

/// A row with bytes.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) versions: Vec<ProtocolVersion>,
    pub(crate) setup: &'static str,
    /// Each has the same outcome.
    pub(crate) bytes: Vec<Vec<u8>>,
    pub(crate) kind: &'static str,
    /// Reason codes that are right; none where any of 0x81 and 0x82 is.
    pub(crate) codes: Vec<u8>,
    /// What the application is told and the server sent, where that is looked at.
    pub(crate) comes: &'static str,
}

/// All rows with bytes.
pub(crate) fn rows() -> Vec<Row> {
    let tables = [
        include_str!("framing.tsv"),
        include_str!("strings.tsv"),
        include_str!("connack.tsv"),
        include_str!("publish.tsv"),
        include_str!("acknowledgements.tsv"),
        include_str!("subscriptions.tsv"),
        include_str!("ping.tsv"),
        include_str!("disconnect.tsv"),
        include_str!("authentication.tsv"),
    ];
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    lines.map(row).filter(|row| !row.bytes.is_empty()).collect()
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split('\t').collect();
    let [id, versions, _what, setup, bytes, kind, codes, comes, _note] = cells[..] else {
        panic!("nine cells: {line}")
    };
    let versions = versions.split(',').map(|name| if name == "5.0" { V5 } else { V4 });
    let bytes = bytes.split('|').filter(|one| !one.is_empty()).map(hex);
    let codes = codes.split(',').filter(|one| !one.is_empty()).map(|one| hex(one)[0]);
    Row {
        id,
        versions: versions.collect(),
        setup,
        bytes: bytes.collect(),
        kind,
        codes: codes.collect(),
        comes,
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// The same bytes in one piece, in two pieces cut at every place, and one by one.
pub(crate) fn cuts(bytes: &[u8]) -> Vec<Vec<&[u8]>> {
    let halves = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]);
    let mut all = vec![vec![bytes], bytes.chunks(1).collect()];
    all.extend(halves);
    all
}
