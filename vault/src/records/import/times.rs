//! Where an import's time goes.

use std::time::{Duration, Instant};

/// How long each part of an import took. What is read ahead is parsed and hashed beside the parts after it; those come one after the other, and are the import's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Reading and parsing the file, its people's references included. Beside the rest.
    pub parse: Duration,
    /// Hashing their attributes, on all cores. Beside the rest.
    pub hash_beside: Duration,
    /// Waiting for rows that weren't read yet.
    pub wait: Duration,
    /// Comparing rows with the vault's and with each other.
    pub compare: Duration,
    /// Hashing leaves, as far as they aren't hashed yet, on all cores.
    pub hash: Duration,
    /// Sealing records and wrapping their keys, on all cores.
    pub seal: Duration,
    /// Writing rows and keys into the databases.
    pub insert: Duration,
    /// Bringing the tree up to date: reading, hashing and writing its nodes.
    pub tree: Duration,
    /// What comes after the last row: missing records, marks, the commit.
    pub commit: Duration,
}

impl Times {
    /// Adds what was measured of versions that were written.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { parse, hash_beside, wait, compare, hash, seal, insert, tree, commit } = other;
        let pairs = [
            (&mut self.parse, parse),
            (&mut self.hash_beside, hash_beside),
            (&mut self.wait, wait),
            (&mut self.compare, compare),
            (&mut self.hash, hash),
            (&mut self.seal, seal),
            (&mut self.insert, insert),
            (&mut self.tree, tree),
            (&mut self.commit, commit),
        ];
        pairs.into_iter().for_each(|(sum, more)| *sum += *more);
    }

    /// The parts that come one after the other.
    pub(crate) fn written(&self) -> Duration {
        self.hash + self.seal + self.insert + self.tree
    }
}

/// Time since the last look at it.
pub(crate) struct Lap(Instant);

impl Lap {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn take(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}
