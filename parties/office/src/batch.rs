//! Which refusals a batch consists of, kept from before it is sent until it is thrown away: the chain holds the root alone, and without every digest
//! nobody finds it again.

use sealroot_parties_ports::HostError;
use sealroot_protocol::{
    canonical::Suite,
    field::Digest,
    refusals::{BatchError, BatchRoot, RefusalBatch},
};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Where one batch is kept: a file beside its output, or a service's row.
pub trait BatchStore: Sync {
    /// The batch that an earlier run began.
    fn begun(&self) -> impl Future<Output = Result<Option<BegunBatch>, HostError>> + Send;

    /// Keeps a batch that begins now. It must outlive a crash from the moment at which this returns.
    fn begin(&self, batch: &BegunBatch) -> impl Future<Output = Result<(), HostError>> + Send;
}

/// A batch that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BegunBatch {
    suite: Suite,
    root: BatchRoot,
    /// Digests of the bundles, ascending.
    refusals: Vec<Digest>,
}

impl BegunBatch {
    /// Begins a batch.
    pub(crate) fn new(mut refusals: Vec<Digest>) -> Result<Self, BatchError> {
        refusals.sort_unstable();
        let root = RefusalBatch::new(&refusals)?.root();
        Ok(Self { suite: Suite, root, refusals })
    }

    /// The root that the chain holds, or will.
    pub fn root(&self) -> BatchRoot {
        self.root
    }

    /// Its tree; none if it was changed since it began.
    pub(crate) fn tree(&self) -> Option<RefusalBatch> {
        RefusalBatch::new(&self.refusals).ok().filter(|batch| batch.root() == self.root)
    }

    /// Whether a bundle is in it.
    pub(crate) fn holds(&self, bundle: &Digest) -> bool {
        self.refusals.binary_search(bundle).is_ok()
    }

    /// How many it dates.
    pub fn count(&self) -> usize {
        self.refusals.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// An attacker who can change the store could make the office date other refusals than it verified.
    #[test]
    fn a_batch_that_was_changed_has_no_tree() {
        let begun = BegunBatch::new(vec![Digest([2; 32]), Digest([1; 32])]).unwrap();
        assert!(begun.holds(&Digest([1; 32])) && begun.holds(&Digest([2; 32])) && !begun.holds(&Digest([3; 32])));
        assert_eq!(begun.tree().unwrap().root(), begun.root);
        for refusals in [vec![], vec![Digest([1; 32])], vec![Digest([1; 32]), Digest([3; 32])]] {
            let changed = BegunBatch { refusals, ..begun.clone() };
            assert!(changed.tree().is_none());
        }
    }
}
