//! Which refusals a batch consists of, kept beside its output from before it is sent until it is thrown away: the chain holds the root alone, and whoever
//! doesn't know every digest can't find it again.

use crate::{
    failure::{Failure, OrBadInput, Outcome},
    files,
};
use sealroot_protocol::{
    canonical::Suite,
    field::Digest,
    refusals::{BatchRoot, RefusalBatch},
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The file, in the output directory.
const FILE: &str = "batch";

/// A batch that was begun.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begun {
    suite: Suite,
    root: BatchRoot,
    /// Digests of the bundles, ascending.
    refusals: Vec<Digest>,
}

impl Begun {
    /// The batch that an earlier run began in this output directory.
    pub(super) fn read(out: &Path) -> Outcome<Option<Self>> {
        let path = path(out);
        if !path.exists() {
            return Ok(None);
        }
        let begun: Self = files::read_document(&path)?;
        let whole = RefusalBatch::new(&begun.refusals).is_ok_and(|batch| batch.root() == begun.root);
        if whole {
            return Ok(Some(begun));
        }
        let message = format!("{}: its root is not that of its refusals", path.display());
        Err(Failure::bad_input("bad-batch", message).advice("choose another --out"))
    }

    /// Begins a batch: written, and on disk, before anything is sent.
    pub(super) fn write(out: &Path, mut refusals: Vec<Digest>) -> Outcome<Self> {
        refusals.sort_unstable();
        let root = RefusalBatch::new(&refusals).or_bad_input("bad-batch")?.root();
        let begun = Self { suite: Suite, root, refusals };
        files::write_document(&path(out), &begun)?;
        Ok(begun)
    }

    /// Its tree.
    pub(super) fn batch(&self) -> Outcome<RefusalBatch> {
        RefusalBatch::new(&self.refusals).or_bad_input("bad-batch")
    }

    /// Whether a bundle is in it.
    pub(super) fn holds(&self, bundle: &Digest) -> bool {
        self.refusals.binary_search(bundle).is_ok()
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.refusals.len()
    }
}

fn path(out: &Path) -> PathBuf {
    out.join(FILE)
}
