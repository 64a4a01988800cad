//! The log's store.

use super::{Reference, ReleaseRow, Stored, Tag};
use crate::log::merkle::Subtree;
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::field::Digest;
use std::future::Future;

/// Whose entries are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntriesOf {
    /// Everybody's.
    All,
    /// Those with this reference.
    One(Reference),
    /// All but those with this reference.
    Others(Reference),
}

/// The access log's store, and what was let out by a signature: neither waits for a long import.
pub trait Log: Send + Sync + 'static {
    /// Held from the moment when a position is taken until its entry is there.
    fn appending(&self) -> &tokio::sync::Mutex<()>;
    /// Compares what the database finds entries and marks by with them themselves.
    fn check_indices(&self) -> impl Future<Output = Stored<()>> + Send;
    /// Number of entries.
    fn size(&self) -> impl Future<Output = Stored<u64>> + Send;
    /// Appends an entry at its position with the subtrees that it completes, in one transaction; fails if the position is taken.
    fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> impl Future<Output = Stored<()>> + Send;
    /// Hashes of complete subtrees, in the order asked for.
    fn subtrees(&self, which: &[Subtree]) -> impl Future<Output = Stored<Vec<Digest>>> + Send;
    /// Entries from a position on, at most `limit`.
    fn entries(&self, of: EntriesOf, from: u64, limit: u32) -> impl Future<Output = Stored<Vec<SealedEntry>>> + Send;
    /// The newest entries before a position (all, if none is given), at most `limit`, oldest first.
    fn entries_before(
        &self,
        of: EntriesOf,
        before: Option<u64>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<SealedEntry>>> + Send;
    /// The row of a release (its digest) that was used or withdrawn.
    fn release(&self, release: &[u8; 32]) -> impl Future<Output = Stored<Option<ReleaseRow>>> + Send;
    /// Adds such a row: true exactly once per digest.
    fn add_release(&self, row: &ReleaseRow) -> impl Future<Output = Stored<bool>> + Send;
    /// Releases that expired before a time (Unix seconds), at most `limit`.
    fn releases_before(&self, time: i64, limit: u32) -> impl Future<Output = Stored<Vec<ReleaseRow>>> + Send;
    /// Forgets releases; one that isn't there is forgotten already.
    fn forget_releases(&self, rows: &[ReleaseRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Whether a release (its digest) was used or withdrawn.
    fn is_used(&self, release: &[u8; 32]) -> impl Future<Output = Stored<bool>> + Send {
        async move { Ok(self.release(release).await?.is_some()) }
    }
    /// Marks a release as used: true exactly once per digest. Forgets those that expired before `forget` (Unix seconds). Every mark is read first: one that was
    /// changed is an error.
    fn use_release(&self, release: &[u8; 32], expires: i64, forget: i64) -> impl Future<Output = Stored<bool>> + Send {
        let row = ReleaseRow { release: *release, expires, tag: Tag::default() };
        async move {
            // All of them, because a mark that was changed isn't found by its release.
            let mut marks = self.releases_before(i64::MAX, u32::MAX).await?;
            marks.retain(|mark| mark.expires < forget);
            self.forget_releases(&marks).await?;
            self.add_release(&row).await
        }
    }
}
