//! What a vault asks of a database: three stores behind one trait each, so that SQLite and PostgreSQL share one test suite.
//!
//! - [`Records`]: ciphertexts, enrolments, tree, roots. Backed up as long as the agency likes.
//! - [`Keys`]: wrapped data keys. Short retention: a backup of the records without the keys brings nothing back.
//! - [`Log`]: the access log, append-only, and the releases that were used.
//!
//! Every store gives transactions: dropped without `commit`, they leave no trace; after `commit` returns, they survive a crash.
//! None of them ever sees plaintext, and none is trusted: what comes back is authenticated (`keys/seal.rs`) or hashed (`tree/`, `log/`).

mod error;

pub use error::StoreError;

use crate::{keys::KekId, merkle::Subtree};
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::{
    field::Digest,
    record::Leaf,
    schema::SchemaId,
    tree::{LeafIndex, Root},
};
use std::future::Future;

/// What a store operation gives.
pub type Stored<T> = Result<T, StoreError>;

/// The three stores of one vault.
pub trait Store: Send + Sync + 'static {
    /// Records, enrolments, tree and roots.
    type Records: Records;
    /// Wrapped data keys.
    type Keys: Keys;
    /// Access log.
    type Log: Log;
    /// Records, enrolments, tree and roots.
    fn records(&self) -> &Self::Records;
    /// Wrapped data keys.
    fn keys(&self) -> &Self::Keys;
    /// Access log.
    fn log(&self) -> &Self::Log;
}

/// Number of one state of the tree, from 1 on: what changed since root `n − 1` was prepared is written under epoch `n`.
pub type Epoch = u64;

/// A keyed reference: HMAC of what a row is found by, under a key of this vault alone.
pub type Reference = [u8; 32];

/// Id of a record: 6 bytes of time and 10 random bytes; never used twice, not even after a restored backup.
pub type RecordId = [u8; 16];

/// Id of a wrapped data key: the table's letter, the row id and the version.
pub type DataKeyId = Vec<u8>;

/// One version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Id of the record; the same for all its versions.
    pub id: RecordId,
    /// Version, from 1 on.
    pub version: u64,
    /// What the attributes mean.
    pub schema: SchemaId,
    /// `YYYYMM` or 0.
    pub period: u32,
    /// Reference of (schema, subject, period), and of the serial in a `many` schema. One live row each.
    pub lookup: Reference,
    /// Reference of (schema, serial, period). One live row each.
    pub serial: Reference,
    /// Reference of the subject.
    pub subject: Reference,
    /// Place in the tree.
    pub index: LeafIndex,
    /// The commitment.
    pub leaf: Leaf,
    /// First epoch in which this version stands in the tree.
    pub since: Epoch,
    /// First epoch in which it no longer does.
    pub until: Option<Epoch>,
    /// Nonce, ciphertext and tag of the record.
    pub sealed: Vec<u8>,
}

/// What an agency keeps about one person's key. It outlives the person's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// Reference of the subject.
    pub subject: Reference,
    /// Counts changes; bound to the ciphertext.
    pub version: u64,
    /// While a key replacement waits for its anchor: latest time, Unix seconds, at which the anchor may land.
    pub anchor_by: Option<i64>,
    /// The epoch that carries the replacement.
    pub epoch: Epoch,
    /// Ciphertext: subject, PK, holder_since, log key, proof of possession.
    pub sealed: Vec<u8>,
}

/// Somebody in a household; it outlives the household's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipRow {
    /// Reference of (schema, period, subject).
    pub member: Reference,
    /// Reference of the household's (schema, serial, period).
    pub household: Reference,
    /// First epoch in which it named him.
    pub since: Epoch,
    /// Epoch in which it named him no more.
    pub until: Option<Epoch>,
}

/// Four children of one node of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRow {
    /// Height above the leaves: 1 for parents of leaves, 16 for the root.
    pub level: u32,
    /// Position within its level.
    pub position: u32,
    /// Epoch in which it was written.
    pub epoch: Epoch,
    /// The children, 32 bytes each.
    pub children: [u8; 128],
}

/// What became of a prepared root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootState {
    /// Prepared, not known to be on chain.
    Pending,
    /// On chain.
    Anchored,
    /// Was on chain, and the agency withdrew it.
    Withdrawn,
    /// Never came on chain, or its grace has ended: nothing reads it any more.
    Retired,
}

/// One prepared root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootRow {
    /// Its number in this vault.
    pub epoch: Epoch,
    /// The root.
    pub root: Root,
    /// Entries in the access log when it was prepared.
    pub log_size: u64,
    /// Head of the access log when it was prepared.
    pub log_head: Digest,
    /// What became of it.
    pub state: RootState,
    /// Latest time, Unix seconds, at which its anchor may land.
    pub anchor_by: Option<i64>,
    /// Sequence number on chain.
    pub sequence: Option<u64>,
    /// Block number.
    pub block: Option<u64>,
    /// Block time, Unix seconds.
    pub anchored_at: Option<i64>,
    /// Block time of the anchor that replaced it, Unix seconds.
    pub superseded_at: Option<i64>,
}

/// A registered schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRow {
    /// Its id.
    pub id: SchemaId,
    /// Its name.
    pub name: String,
    /// Canonical JSON.
    pub json: String,
}

/// One finished import; a row exists exactly if the whole file is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Random id.
    pub id: [u8; 16],
    /// Schema of its rows.
    pub schema: SchemaId,
    /// When it was committed, Unix seconds.
    pub at: i64,
    /// New records.
    pub added: u64,
    /// Records with a new version.
    pub changed: u64,
    /// Records that stayed as they were.
    pub unchanged: u64,
    /// Records removed because the file lacks them.
    pub removed: u64,
}

/// Counts for `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Records in the tree.
    pub live: u64,
    /// Versions kept for roots whose grace runs.
    pub superseded: u64,
    /// Persons with an enrolment row.
    pub enrolments: u64,
    /// Versions of tree nodes.
    pub nodes: u64,
    /// Live memberships in households.
    pub memberships: u64,
}

/// Where a page of live records ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After(pub LeafIndex);

/// The records store.
pub trait Records: Send + Sync + 'static {
    /// A transaction.
    type Tx: RecordsTx;
    /// Begins a transaction that only reads: one consistent state, whatever is written meanwhile.
    fn read(&self) -> impl Future<Output = Stored<Self::Tx>> + Send;
    /// Begins a transaction that may write; waits for other writers.
    fn write(&self) -> impl Future<Output = Stored<Self::Tx>> + Send;
}

/// A transaction on the records store.
pub trait RecordsTx: Send {
    /// Makes everything durable.
    fn commit(self) -> impl Future<Output = Stored<()>> + Send;

    /// A value of the vault's own (agency, next index, …).
    fn value(&mut self, name: &'static str) -> impl Future<Output = Stored<Option<Vec<u8>>>> + Send;
    /// Sets such a value.
    fn set_value(&mut self, name: &'static str, value: &[u8]) -> impl Future<Output = Stored<()>> + Send;

    /// All schemas.
    fn schemas(&mut self) -> impl Future<Output = Stored<Vec<SchemaRow>>> + Send;
    /// Registers a schema; one that is there already stays.
    fn add_schema(&mut self, schema: &SchemaRow) -> impl Future<Output = Stored<()>> + Send;

    /// Enrolments of the subjects that have one.
    fn enrolments(&mut self, subjects: &[Reference]) -> impl Future<Output = Stored<Vec<EnrolmentRow>>> + Send;
    /// Writes an enrolment in place of the older version.
    fn put_enrolment(&mut self, row: &EnrolmentRow) -> impl Future<Output = Stored<()>> + Send;
    /// Enrolments with a key replacement that no anchor carries yet.
    fn waiting_enrolments(&mut self) -> impl Future<Output = Stored<Vec<EnrolmentRow>>> + Send;
    /// Remembers a nonce (32 bytes) until it is taken or expires (Unix seconds).
    fn add_nonce(
        &mut self,
        nonce: &[u8; 32],
        subject: &Reference,
        expires: i64,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Takes a nonce: true exactly once per issued nonce, for its subject, before it expires. Forgets all expired ones.
    fn take_nonce(
        &mut self,
        nonce: &[u8; 32],
        subject: &Reference,
        now: i64,
    ) -> impl Future<Output = Stored<bool>> + Send;

    /// Adds versions.
    fn add_records(&mut self, rows: &[RecordRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Live rows by lookup reference.
    fn live_by_lookup(&mut self, lookups: &[Reference]) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// Live rows by serial reference.
    fn live_by_serial(&mut self, serials: &[Reference]) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// Live rows of a subject.
    fn live_of_subject(&mut self, subject: &Reference) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// All versions, live or not, of a subject's records.
    fn versions_of_subject(&mut self, subject: &Reference) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// The row that stood in the tree of `epoch`.
    fn record_at(&mut self, lookup: &Reference, epoch: Epoch)
    -> impl Future<Output = Stored<Option<RecordRow>>> + Send;
    /// Live rows in the order of their index, at most `limit`.
    fn live_records(
        &mut self,
        after: Option<LeafIndex>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// Ends versions with `epoch`. Those that began in it were never under a root: they are deleted, and returned as keys to destroy.
    fn end_records(&mut self, rows: &[(RecordId, u64)], epoch: Epoch) -> impl Future<Output = Stored<()>> + Send;
    /// Deletes versions.
    fn delete_records(&mut self, rows: &[(RecordId, u64)]) -> impl Future<Output = Stored<()>> + Send;
    /// Versions that ended at or before `epoch`, at most `limit`.
    fn ended_before(&mut self, epoch: Epoch, limit: u32) -> impl Future<Output = Stored<Vec<(RecordId, u64)>>> + Send;

    /// All memberships, live or not, of these members.
    fn memberships(&mut self, members: &[Reference]) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// Live memberships in these households.
    fn members_of(&mut self, households: &[Reference]) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// Adds memberships. Somebody who comes back keeps the epoch in which he first came.
    fn put_memberships(&mut self, rows: &[MembershipRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Ends memberships (member and household) with `epoch`. Those that began in it were never under a root and are deleted.
    fn end_memberships(
        &mut self,
        rows: &[(Reference, Reference)],
        epoch: Epoch,
    ) -> impl Future<Output = Stored<()>> + Send;

    /// Marks records as seen by the update that runs in this transaction; returns those that were seen before.
    fn mark_seen(&mut self, ids: &[RecordId]) -> impl Future<Output = Stored<Vec<RecordId>>> + Send;
    /// Live rows of a schema (and period, if given) that were not seen, in the order of their index, at most `limit`.
    fn unseen(
        &mut self,
        schema: SchemaId,
        period: Option<u32>,
        after: Option<LeafIndex>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// Forgets all marks.
    fn clear_seen(&mut self) -> impl Future<Output = Stored<()>> + Send;

    /// The newest versions, at `epoch` or before, of some nodes of a level; positions without one are left out.
    fn nodes(
        &mut self,
        level: u32,
        positions: &[u32],
        epoch: Epoch,
    ) -> impl Future<Output = Stored<Vec<NodeRow>>> + Send;
    /// Writes nodes, in place of those of the same epoch.
    fn put_nodes(&mut self, rows: &[NodeRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Deletes versions of nodes that have a newer one at `epoch` or before.
    fn prune_nodes(&mut self, epoch: Epoch) -> impl Future<Output = Stored<u64>> + Send;

    /// All roots, oldest first.
    fn roots(&mut self) -> impl Future<Output = Stored<Vec<RootRow>>> + Send;
    /// Writes a root in place of the one with its epoch.
    fn put_root(&mut self, row: &RootRow) -> impl Future<Output = Stored<()>> + Send;

    /// Remembers that data keys must be destroyed, so that a crash can't forget it.
    fn owe_destruction(&mut self, keys: &[DataKeyId]) -> impl Future<Output = Stored<()>> + Send;
    /// Data keys that must be destroyed.
    fn owed_destructions(&mut self) -> impl Future<Output = Stored<Vec<DataKeyId>>> + Send;
    /// They are destroyed.
    fn settle_destructions(&mut self) -> impl Future<Output = Stored<()>> + Send;

    /// Records a finished import.
    fn add_import(&mut self, row: &ImportRow) -> impl Future<Output = Stored<()>> + Send;
    /// Finished imports, oldest first.
    fn imports(&mut self) -> impl Future<Output = Stored<Vec<ImportRow>>> + Send;
    /// Marks the batch of data keys that this transaction uses as committed.
    fn commit_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send;
    /// Whether the batch was committed.
    fn has_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<bool>> + Send;
    /// Forgets a batch that the key store has settled.
    fn forget_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send;

    /// Counts.
    fn counts(&mut self) -> impl Future<Output = Stored<RecordCounts>> + Send;
}

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
    /// Destroys keys: overwrites their pages, and the write-ahead log with them.
    fn destroy(&self, ids: &[DataKeyId]) -> impl Future<Output = Stored<()>> + Send;
    /// Keys that are not under `kek`, at most `limit`.
    fn not_under(&self, kek: KekId, limit: u32) -> impl Future<Output = Stored<Vec<WrappedKey>>> + Send;
    /// Replaces wrapped forms; keys that were destroyed meanwhile stay so.
    fn rewrap(&self, keys: &[WrappedKey]) -> impl Future<Output = Stored<()>> + Send;
    /// How many keys there are.
    fn count(&self) -> impl Future<Output = Stored<u64>> + Send;
}

/// The access log's store, and what was let out by a signature: neither waits for a long import.
pub trait Log: Send + Sync + 'static {
    /// Number of entries.
    fn size(&self) -> impl Future<Output = Stored<u64>> + Send;
    /// Appends an entry at its position with the subtrees that it completes, in one transaction; fails if the position is taken.
    fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> impl Future<Output = Stored<()>> + Send;
    /// Hashes of complete subtrees, in the order asked for.
    fn subtrees(&self, which: &[Subtree]) -> impl Future<Output = Stored<Vec<Digest>>> + Send;
    /// Entries from a position on, at most `limit`; of one subject if given.
    fn entries(
        &self,
        subject: Option<&Reference>,
        from: u64,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<SealedEntry>>> + Send;
    /// Whether a release (its digest) was used or withdrawn.
    fn is_used(&self, release: &[u8; 32]) -> impl Future<Output = Stored<bool>> + Send;
    /// Marks a release as used: true exactly once per digest. Forgets those that expired before `forget` (Unix seconds).
    fn use_release(&self, release: &[u8; 32], expires: i64, forget: i64) -> impl Future<Output = Stored<bool>> + Send;
}
