//! The access log's store with authenticated marks of used releases. Entries have the log's head.

use super::guard::Guard;
use crate::{
    log::merkle::Subtree,
    store::{EntriesOf, Log, ReleaseRow, Store, Stored},
};
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::field::Digest;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The access log's store with authenticated marks.
#[derive(Debug)]
pub struct TaggedLog<S> {
    store: Arc<S>,
    guard: Arc<Guard>,
}

impl<S> TaggedLog<S> {
    pub(super) fn new(store: Arc<S>, guard: Arc<Guard>) -> Self {
        Self { store, guard }
    }
}

impl<S: Store> Log for TaggedLog<S> {
    fn appending(&self) -> &Mutex<()> {
        self.store.log().appending()
    }

    async fn check_indices(&self) -> Stored<()> {
        self.store.log().check_indices().await
    }

    async fn size(&self) -> Stored<u64> {
        self.store.log().size().await
    }

    async fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> Stored<()> {
        self.store.log().append(entry, completed).await
    }

    async fn subtrees(&self, which: &[Subtree]) -> Stored<Vec<Digest>> {
        self.store.log().subtrees(which).await
    }

    async fn entries(&self, of: EntriesOf, from: u64, limit: u32) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries(of, from, limit).await
    }

    async fn entries_before(&self, of: EntriesOf, before: Option<u64>, limit: u32) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries_before(of, before, limit).await
    }

    async fn release(&self, release: &[u8; 32]) -> Stored<Option<ReleaseRow>> {
        self.store.log().release(release).await?.map(|row| self.guard.tagger.check(row)).transpose()
    }

    async fn add_release(&self, row: &ReleaseRow) -> Stored<bool> {
        self.store.log().add_release(&self.guard.tagger.tagged(row)).await
    }

    async fn releases_before(&self, time: i64, limit: u32) -> Stored<Vec<ReleaseRow>> {
        self.guard.tagger.check_all(self.store.log().releases_before(time, limit).await?)
    }

    async fn forget_releases(&self, rows: &[ReleaseRow]) -> Stored<()> {
        self.store.log().forget_releases(rows).await
    }
}
