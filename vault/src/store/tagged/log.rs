//! The access log's store with authenticated marks of used releases. Entries have the log's head.

use super::columns::Tagger;
use crate::{
    log::merkle::Subtree,
    store::{Log, Reference, ReleaseRow, Store, Stored},
};
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::field::Digest;
use std::sync::Arc;

/// The access log's store with authenticated marks.
#[derive(Debug)]
pub struct TaggedLog<S> {
    store: Arc<S>,
    tagger: Tagger,
}

impl<S> TaggedLog<S> {
    pub(super) fn new(store: Arc<S>, tagger: Tagger) -> Self {
        Self { store, tagger }
    }
}

impl<S: Store> Log for TaggedLog<S> {
    async fn size(&self) -> Stored<u64> {
        self.store.log().size().await
    }

    async fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> Stored<()> {
        self.store.log().append(entry, completed).await
    }

    async fn subtrees(&self, which: &[Subtree]) -> Stored<Vec<Digest>> {
        self.store.log().subtrees(which).await
    }

    async fn entries(&self, subject: Option<&Reference>, from: u64, limit: u32) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries(subject, from, limit).await
    }

    async fn entries_before(
        &self,
        subject: Option<&Reference>,
        before: Option<u64>,
        limit: u32,
    ) -> Stored<Vec<SealedEntry>> {
        self.store.log().entries_before(subject, before, limit).await
    }

    async fn release(&self, release: &[u8; 32]) -> Stored<Option<ReleaseRow>> {
        self.store.log().release(release).await?.map(|row| self.tagger.check(row)).transpose()
    }

    async fn add_release(&self, row: &ReleaseRow) -> Stored<bool> {
        self.store.log().add_release(&self.tagger.tagged(row)).await
    }

    async fn releases_before(&self, time: i64, limit: u32) -> Stored<Vec<ReleaseRow>> {
        self.tagger.check_all(self.store.log().releases_before(time, limit).await?)
    }

    async fn forget_releases(&self, rows: &[ReleaseRow]) -> Stored<()> {
        self.store.log().forget_releases(rows).await
    }
}
