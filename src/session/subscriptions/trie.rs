//! Topic Filters as a tree of topic levels (4.7), so that a topic meets only filters that begin as it
//! does. It knows filters by number, and not whose they are.
//!
//! ```text
//! a/b    0        (root) ── a ── b  [0]
//! a/+/c  1          │       └─── + ── c  [1]
//! #      2          └────── #  [2]
//! ```
//!
//! The nodes lie in one list and are found by parent and level in one table. Nothing is recursive,
//! and a node is met at most once for a topic: it has one place in the tree. What is taken away goes
//! when the tree is planted anew.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::codec::levels;
use crate::session::fnv::{hash, mix};

/// The tree.
#[derive(Clone, Default, Debug)]
pub(super) struct Trie {
    /// The first is the root, which is nobody's child: 0 as a child means that there is none.
    nodes: Vec<Node>,
    /// The first node of each bucket; their number is a power of two.
    buckets: Vec<u32>,
}

#[derive(Clone, Default, Debug)]
struct Node {
    parent: u32,
    level: Box<[u8]>,
    /// The next node of the bucket.
    chain: u32,
    /// The child `+`.
    single: u32,
    /// The child `#`.
    multi: u32,
    /// The filters that end here.
    filters: Vec<u32>,
    /// The next node that the levels so far have led to, while a topic is matched.
    next: u32,
}

impl Trie {
    /// Adds a filter, without `$share/name/`.
    pub(super) fn insert(&mut self, filter: &str, number: u32) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let at = self.end_of(filter, true);
        if let Some(node) = self.node(at) {
            node.filters.push(number);
        }
    }

    /// The numbers of exactly that filter, without `$share/name/`.
    pub(super) fn same(&mut self, filter: &str) -> &[u32] {
        let at = self.end_of(filter, false);
        self.filters(at)
    }

    /// The numbers of the filters that match, in no order.
    pub(super) fn matching(&mut self, topic: &str, into: &mut Vec<u32>) {
        let mut levels = levels(topic);
        // [MQTT-4.7.2-1]
        let mut wild = !topic.starts_with('$');
        let mut reached = 0;
        loop {
            let level = levels.next();
            let hash = level.map(hash).unwrap_or_default();
            let mut at = core::mem::take(&mut reached);
            while let Some(&Node { single, multi, next, .. }) = self.nodes.get(at as usize) {
                if wild {
                    // `#` is also the level above it (4.7.1.2).
                    self.report(multi, into);
                }
                match level {
                    Some(level) => {
                        let literal = self.child(at, level, hash);
                        for child in [literal, if wild { single } else { 0 }] {
                            if let Some(node) = self.node(child).filter(|_| child > 0) {
                                node.next = core::mem::replace(&mut reached, child);
                            }
                        }
                    }
                    None => self.report(at, into),
                }
                at = next;
                if at == 0 {
                    break;
                }
            }
            if reached == 0 {
                return;
            }
            wild = true;
        }
    }

    /// The filters that end in a node; in the root there are none.
    #[inline(never)]
    fn report(&self, at: u32, into: &mut Vec<u32>) {
        into.extend_from_slice(self.filters(at));
    }

    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&mut self, at: u32) -> Option<&mut Node> {
        self.nodes.get_mut(at as usize)
    }

    fn filters(&self, at: u32) -> &[u32] {
        self.nodes.get(at as usize).map_or(&[], |node| &node.filters)
    }

    /// The node where a filter ends. Where there is none it is made, or it is the root, where none ends.
    fn end_of(&mut self, filter: &str, make: bool) -> u32 {
        let mut at = 0;
        for level in levels(filter) {
            at = match self.child(at, level, hash(level)) {
                0 if make => self.add(at, level),
                0 => return 0,
                child => child,
            };
        }
        at
    }

    /// The child of that level, with its hash; 0 when there is none.
    fn child(&self, parent: u32, level: &[u8], hash: u32) -> u32 {
        let bucket = mix(hash, parent) as usize & self.buckets.len().wrapping_sub(1);
        let mut at = self.buckets.get(bucket).copied().unwrap_or_default();
        while let Some(node) = self.nodes.get(at as usize).filter(|_| at > 0) {
            if node.parent == parent && *node.level == *level {
                break;
            }
            at = node.chain;
        }
        at
    }

    fn add(&mut self, parent: u32, level: &[u8]) -> u32 {
        let at = self.nodes.len() as u32;
        self.nodes.push(Node { parent, level: level.into(), ..Node::default() });
        if let Some(parent) = self.node(parent) {
            match level {
                b"+" => parent.single = at,
                b"#" => parent.multi = at,
                _ => {}
            }
        }
        let mut from = at;
        if self.nodes.len() > self.buckets.len() {
            let size = (self.buckets.len() * 2).max(16);
            self.buckets.clear();
            self.buckets.resize(size, 0);
            from = 1;
        }
        let mask = self.buckets.len() - 1;
        for (node, at) in self.nodes.iter_mut().skip(from as usize).zip(from..) {
            let bucket = mix(hash(&node.level), node.parent) as usize & mask;
            if let Some(first) = self.buckets.get_mut(bucket) {
                node.chain = core::mem::replace(first, at);
            }
        }
        at
    }
}
