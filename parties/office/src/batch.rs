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

    /// Its tree; none if it was changed since it began.
    pub(crate) fn tree(&self) -> Option<RefusalBatch> {
        RefusalBatch::new(&self.refusals).ok().filter(|batch| batch.root() == self.root)
    }

    /// Whether a bundle is in it.
    pub(crate) fn holds(&self, bundle: &Digest) -> bool {
        self.refusals.binary_search(bundle).is_ok()
    }

    /// How many it dates.
    pub(crate) fn count(&self) -> usize {
        self.refusals.len()
    }
}
