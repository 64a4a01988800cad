//! The key store: wrapped data keys, nothing else.

use super::Stored;
use crate::keys::KekId;
use std::future::Future;

/// Id of a wrapped data key: the table's letter, the row id and the version.
pub type DataKeyId = Vec<u8>;

/// A data key, wrapped.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose key it is.
    pub id: DataKeyId,
    /// Under which key-encryption key.
    pub kek: KekId,
    /// Nonce, ciphertext and tag.
    pub wrapped: Vec<u8>,
}

/// The key store. Operations are transactions of their own.
pub trait Keys: Send + Sync + 'static {
    /// Adds keys under a batch that is open until [`Keys::settle`] or [`Keys::drop_batch`].
    fn add(&self, batch: &[u8; 16], keys: &[WrappedKey]) -> impl Future<Output = Stored<()>> + Send;
    /// The batch was committed in the records store.
    fn settle(&self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send;
    /// The batch was not: its keys go.
    fn drop_batch(&self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send;
    /// Batches whose fate a crash left open.
    fn open_batches(&self) -> impl Future<Output = Stored<Vec<[u8; 16]>>> + Send;
    /// The keys that are there.
    fn get(&self, ids: &[DataKeyId]) -> impl Future<Output = Stored<Vec<WrappedKey>>> + Send;
    /// Destroys keys: overwrites their pages, and the write-ahead log with them. Fails if one is there afterwards.
    fn destroy(&self, ids: &[DataKeyId]) -> impl Future<Output = Stored<()>> + Send;
    /// Keys that are not under `kek`, at most `limit`.
    fn not_under(&self, kek: KekId, limit: u32) -> impl Future<Output = Stored<Vec<WrappedKey>>> + Send;
    /// Replaces wrapped forms; keys that were destroyed meanwhile stay so.
    fn rewrap(&self, keys: &[WrappedKey]) -> impl Future<Output = Stored<()>> + Send;
    /// Compares what the database finds keys by with the keys themselves.
    fn check_indices(&self) -> impl Future<Output = Stored<()>> + Send;
    /// Ids of keys whose batch is settled, in their order, at most `limit`.
    fn settled_after(&self, after: Option<&[u8]>, limit: u32) -> impl Future<Output = Stored<Vec<DataKeyId>>> + Send;
    /// How many keys there are.
    fn count(&self) -> impl Future<Output = Stored<u64>> + Send;
}
