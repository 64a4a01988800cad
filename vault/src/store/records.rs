//! The records store: ciphertexts, enrolments, memberships, tree and roots, with what else must be in the same transaction.

use super::{
    DataKeyId, EnrolmentRow, Epoch, ImportRow, LookRow, MembershipRow, NodeRow, RecordCounts, RecordId, RecordRow,
    Reference, RootRow, SchemaRow, Stored,
};
use sealroot_protocol::{schema::SchemaId, tree::LeafIndex};
use std::future::Future;

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
    /// Enrolments in the order of their references, at most `limit`.
    fn enrolments_after(
        &mut self,
        after: Option<&Reference>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<EnrolmentRow>>> + Send;
    /// Remembers that a key (its fingerprint) was enrolled for a subject; twice is once.
    fn add_known_key(
        &mut self,
        fingerprint: &Reference,
        subject: &Reference,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// The subjects that a key was ever enrolled for.
    fn subjects_of_key(&mut self, fingerprint: &Reference) -> impl Future<Output = Stored<Vec<Reference>>> + Send;
    /// Remembers what ids look like; what is there already stays.
    fn add_looks(&mut self, rows: &[LookRow]) -> impl Future<Output = Stored<()>> + Send;
    /// What is remembered of ids with these skeletons; of ids that aren't in ASCII alone, where `foreign` is said.
    fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// Ids of `from` are ids of `to` from now on. How their letters are written counts no more: they are nobody's ids any longer.
    fn move_looks(&mut self, from: &Reference, to: &Reference) -> impl Future<Output = Stored<()>> + Send;
    /// Forgets what a person's ids look like.
    fn forget_looks(&mut self, subject: &Reference) -> impl Future<Output = Stored<()>> + Send;
    /// Forgets the lines that the running import noted.
    fn forget_lines(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// How many ids there are that capital letters (`upper`), or small ones, would make others of.
    fn ids_in_other_case(&mut self, upper: bool) -> impl Future<Output = Stored<u64>> + Send;
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
    /// Periods of a schema's live rows, each once.
    fn live_periods(&mut self, schema: SchemaId) -> impl Future<Output = Stored<Vec<u32>>> + Send;
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
    /// Adds memberships. Somebody who comes back keeps the epoch of the first arrival.
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
    /// How many live rows a schema and period have.
    fn live_in(&mut self, schema: SchemaId, period: u32) -> impl Future<Output = Stored<u64>> + Send;
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
