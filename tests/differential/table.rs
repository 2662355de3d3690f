//! The table of disagreements: which other codec, what it does, and the clause that says why ours is right. It does not
//! know how they were found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Peer, what it does, and with what.
pub type Key = (String, String, String);

/// What was found: how often, and one case.
#[derive(Default, Debug)]
pub struct Found(pub BTreeMap<Key, (usize, String)>);

impl Found {
    pub fn add(&mut self, peer: &str, does: &str, what: &str, example: impl FnOnce() -> String) {
        let key = (peer.to_string(), does.to_string(), what.to_string());
        let (count, _) = self.0.entry(key).or_insert_with(|| (0, example()));
        *count += 1;
    }

    /// Fails where something was found that is not listed, or not found that is.
    pub fn compare(&self, peer: &str) {
        let listed = listed(peer);
        let unexplained: Vec<String> = self
            .0
            .iter()
            .filter(|(key, _)| !listed.contains(*key))
            .map(|((peer, does, what), (count, example))| {
                format!("{peer}\t{does}\t{what}\t{count} times, as: {example}")
            })
            .collect();
        assert!(unexplained.is_empty(), "no clause is given for:\n{}", unexplained.join("\n"));
        let gone: Vec<_> = listed.iter().filter(|key| !self.0.contains_key(*key)).collect();
        assert!(gone.is_empty(), "listed and not found any more: {gone:#?}");
    }
}

/// The rows of a peer; each has a clause and a reason.
fn listed(peer: &str) -> BTreeSet<Key> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/disagreements.tsv");
    let text = fs::read_to_string(path).unwrap();
    let mut rows = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, does, what, clause, why] = columns[..] else { panic!("five columns: {line}") };
        assert!(!clause.is_empty() && !why.is_empty(), "a row without a reason: {line}");
        let new = rows.insert((name.to_string(), does.to_string(), what.to_string()));
        assert!(new, "listed twice: {line}");
    }
    rows.retain(|(name, _, _)| name == peer);
    assert!(!rows.is_empty(), "{peer} has no rows");
    rows
}
