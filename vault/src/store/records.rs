//! The records store: ciphertexts, enrolments, memberships, tree and roots, with what else must be in the same transaction.
//!
//! A database writes and reads whole rows with their tags, and changes no column by itself: a tag covers every column. What use cases ask for beyond that is
//! written once, on top of whole rows, in the methods that have a body here.

use super::{
    BatchRow, DataKeyId, EnrolmentRow, Epoch, ImportRow, KnownKeyRow, LookKey, LookRow, MembershipRow, NodeRow,
    NonceRow, OwedRow, RecordCounts, RecordId, RecordRow, Reference, RootRow, SchemaRow, StoreError, Stored, Tag,
    ValueRow,
};
use crate::log::LogHead;
use sealroot_protocol::{schema::SchemaId, tree::LeafIndex};
use std::{
    collections::{HashMap, HashSet},
    future::Future,
};

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

    /// Begins a store anew: values and state that an unfinished creation left go.
    fn begin(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// The sealed state; none where no transaction wrote one.
    fn sealed_state(&mut self) -> impl Future<Output = Stored<Option<Vec<u8>>>> + Send;
    /// Writes a sealed state in place of the one before.
    fn put_sealed_state(&mut self, sealed: &[u8]) -> impl Future<Output = Stored<()>> + Send;
    /// Notes that the transaction erases people, by their references: the state that it leaves names them, and so does the log, so that an older copy of the database can be
    /// brought to the same. A database by itself has no state, and notes nothing.
    fn note_erased(&mut self, people: &[Reference]) -> impl Future<Output = Stored<()>> + Send;
    /// The same for a person whose id the transaction replaces, by the reference before.
    fn note_renamed(&mut self, person: &Reference) -> impl Future<Output = Stored<()>> + Send;
    /// Size and head of the access log when the newest transaction was written; none where the store keeps no state.
    fn log_then(&mut self) -> impl Future<Output = Stored<Option<LogHead>>> + Send;
    /// Compares every row with what the vault wrote: none was changed, made up, deleted or set back. A database by itself has nothing to compare with; the guarded
    /// store does it. Cost: it reads every row.
    fn check_rows(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// Compares what the database finds rows by with the rows themselves, of a table or of all: a row that an index lacks is there, and isn't found.
    /// Cost: it reads every row of the table.
    fn check_indices(&mut self, table: Option<&'static str>) -> impl Future<Output = Stored<()>> + Send;

    /// All values of the vault's own.
    fn values(&mut self) -> impl Future<Output = Stored<Vec<ValueRow>>> + Send;

    /// A value of the vault's own (agency, next index, …), as a row.
    fn value_row(&mut self, name: &'static str) -> impl Future<Output = Stored<Option<ValueRow>>> + Send;
    /// Writes such a row in place of the one with its name.
    fn put_value(&mut self, row: &ValueRow) -> impl Future<Output = Stored<()>> + Send;
    /// A value of the vault's own.
    fn value(&mut self, name: &'static str) -> impl Future<Output = Stored<Option<Vec<u8>>>> + Send {
        async move { Ok(self.value_row(name).await?.map(|row| row.value)) }
    }
    /// Sets a value of the vault's own.
    fn set_value(&mut self, name: &'static str, value: &[u8]) -> impl Future<Output = Stored<()>> + Send {
        let row = ValueRow { name: name.to_owned(), value: value.to_vec(), tag: Tag::default() };
        async move { self.put_value(&row).await }
    }

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
    /// Enrolments whose reference begins with a byte.
    fn enrolments_in(&mut self, first: u8) -> impl Future<Output = Stored<Vec<EnrolmentRow>>> + Send;
    /// Enrolments in the order of their references, at most `limit`.
    fn enrolments_after(
        &mut self,
        after: Option<Reference>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<EnrolmentRow>>> + Send;
    /// Remembers that a key was enrolled for a subject; twice is once.
    fn put_known_key(&mut self, row: &KnownKeyRow) -> impl Future<Output = Stored<()>> + Send;
    /// For whom a key (its fingerprint) was ever enrolled.
    fn known_keys(&mut self, fingerprint: &Reference) -> impl Future<Output = Stored<Vec<KnownKeyRow>>> + Send;
    /// Known keys whose fingerprint begins with a byte.
    fn known_keys_in(&mut self, first: u8) -> impl Future<Output = Stored<Vec<KnownKeyRow>>> + Send;
    /// All known keys in the order of fingerprint and subject, at most `limit`.
    fn known_keys_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<KnownKeyRow>>> + Send;
    /// Remembers that a key (its fingerprint) was enrolled for a subject; twice is once.
    fn add_known_key(
        &mut self,
        fingerprint: &Reference,
        subject: &Reference,
    ) -> impl Future<Output = Stored<()>> + Send {
        let row = KnownKeyRow { fingerprint: *fingerprint, subject: *subject, tag: Tag::default() };
        async move { self.put_known_key(&row).await }
    }
    /// The subjects that a key was ever enrolled for.
    fn subjects_of_key(&mut self, fingerprint: &Reference) -> impl Future<Output = Stored<Vec<Reference>>> + Send {
        async move { Ok(self.known_keys(fingerprint).await?.into_iter().map(|row| row.subject).collect()) }
    }
    /// Adds what ids look like; fails where a row is there.
    fn insert_looks(&mut self, rows: &[LookRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Deletes what ids look like; fails if one isn't there.
    fn delete_looks(&mut self, rows: &[LookRow]) -> impl Future<Output = Stored<()>> + Send;
    /// What is remembered under these keys.
    fn looks_at(&mut self, keys: &[LookKey]) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// What is remembered of ids with these skeletons; of ids that aren't in ASCII alone, where `foreign` is said.
    fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// What a person's ids look like.
    fn looks_of(&mut self, subject: &Reference) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// What the ids of people look like whose reference begins with a byte.
    fn looks_in(&mut self, first: u8) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// What all ids look like, in the order of skeleton, subject and ASCII, at most `limit`.
    fn looks_after(&mut self, after: Option<LookRow>, limit: u32) -> impl Future<Output = Stored<Vec<LookRow>>> + Send;
    /// Remembers what ids look like; what is there already stays.
    fn add_looks(&mut self, rows: &[LookRow]) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let keys: Vec<LookKey> = rows.iter().map(LookRow::key).collect();
            let mut there: HashSet<LookKey> = self.looks_at(&keys).await?.iter().map(LookRow::key).collect();
            let fresh: Vec<LookRow> = rows.iter().filter(|row| there.insert(row.key())).copied().collect();
            self.insert_looks(&fresh).await
        }
    }
    /// Ids of `from` are ids of `to` from now on. How their letters are written counts no more: they are nobody's ids any longer.
    fn move_looks(&mut self, from: &Reference, to: &Reference) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let rows = self.looks_of(from).await?;
            self.delete_looks(&rows).await?;
            let moved = |row: LookRow| LookRow { subject: *to, small: false, capital: false, ..row };
            let moved: Vec<LookRow> = rows.into_iter().map(moved).collect();
            let there = self.looks_at(&moved.iter().map(LookRow::key).collect::<Vec<_>>()).await?;
            self.delete_looks(&there).await?;
            self.insert_looks(&moved).await
        }
    }
    /// Forgets what a person's ids look like.
    fn forget_looks(&mut self, subject: &Reference) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let rows = self.looks_of(subject).await?;
            self.delete_looks(&rows).await
        }
    }
    /// Forgets the lines that the running import noted.
    fn forget_lines(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// How many ids there are that capital letters (`upper`), or small ones, would make others of.
    fn ids_in_other_case(&mut self, upper: bool) -> impl Future<Output = Stored<u64>> + Send;
    /// Remembers a nonce until it is taken or expires.
    fn put_nonce(&mut self, row: &NonceRow) -> impl Future<Output = Stored<()>> + Send;
    /// Nonces that were issued, and neither taken nor forgotten.
    fn nonces(&mut self) -> impl Future<Output = Stored<Vec<NonceRow>>> + Send;
    /// Deletes nonces; fails if one isn't there.
    fn delete_nonces(&mut self, rows: &[NonceRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Remembers a nonce (32 bytes) until it is taken or expires (Unix seconds).
    fn add_nonce(
        &mut self,
        nonce: &[u8; 32],
        subject: &Reference,
        expires: i64,
    ) -> impl Future<Output = Stored<()>> + Send {
        let row = NonceRow { nonce: *nonce, subject: *subject, expires, tag: Tag::default() };
        async move { self.put_nonce(&row).await }
    }
    /// Takes a nonce: true exactly once per issued nonce, for its subject, before it expires. Forgets all expired ones.
    fn take_nonce(
        &mut self,
        nonce: &[u8; 32],
        subject: &Reference,
        now: i64,
    ) -> impl Future<Output = Stored<bool>> + Send {
        async move {
            let mut rows = self.nonces().await?;
            let good = rows.iter().any(|row| row.nonce == *nonce && row.subject == *subject && row.expires >= now);
            rows.retain(|row| row.expires < now || good && row.nonce == *nonce);
            self.delete_nonces(&rows).await?;
            Ok(good)
        }
    }

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
    /// All versions of records of people whose reference begins with a byte.
    fn versions_in(&mut self, first: u8) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
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
    /// All versions, live or not, in the order of their ids, at most `limit`.
    fn versions_after(
        &mut self,
        after: Option<(RecordId, u64)>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// The versions that are there.
    fn versions(&mut self, which: &[(RecordId, u64)]) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;
    /// Writes `until` and tag of versions that are there; fails if one isn't.
    fn put_ends(&mut self, rows: &[RecordRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Ends versions with `epoch`; fails if one isn't there.
    fn end_records(&mut self, which: &[(RecordId, u64)], epoch: Epoch) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let mut rows = self.versions(which).await?;
            if rows.len() != which.len() {
                let (wanted, reached) = (which.len() as u64, rows.len() as u64);
                return Err(StoreError::Lost { table: "records", wanted, reached });
            }
            rows.iter_mut().for_each(|row| row.until = Some(epoch));
            self.put_ends(&rows).await
        }
    }
    /// Deletes versions; fails if one isn't there.
    fn delete_records(&mut self, rows: &[(RecordId, u64)]) -> impl Future<Output = Stored<()>> + Send;
    /// Versions that ended at or before `epoch`, at most `limit`.
    fn ended_before(&mut self, epoch: Epoch, limit: u32) -> impl Future<Output = Stored<Vec<RecordRow>>> + Send;

    /// All memberships, live or not, of these members.
    fn memberships(&mut self, members: &[Reference]) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// Memberships whose member's reference begins with a byte.
    fn memberships_in(&mut self, first: u8) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// All memberships in the order of member and household, at most `limit`.
    fn memberships_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// Live memberships in these households.
    fn members_of(&mut self, households: &[Reference]) -> impl Future<Output = Stored<Vec<MembershipRow>>> + Send;
    /// Writes memberships in place of those with their member and household.
    fn write_memberships(&mut self, rows: &[MembershipRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Deletes memberships; fails if one isn't there.
    fn delete_memberships(&mut self, rows: &[MembershipRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Adds memberships. Somebody who comes back keeps the epoch of the first arrival.
    fn put_memberships(&mut self, rows: &[MembershipRow]) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let members: Vec<Reference> = rows.iter().map(|row| row.member).collect();
            let there = self.memberships(&members).await?;
            let since: HashMap<_, _> = there.iter().map(|row| ((row.member, row.household), row.since)).collect();
            let kept = |row: &MembershipRow| {
                let first = since.get(&(row.member, row.household)).copied();
                MembershipRow { since: first.unwrap_or(row.since), ..*row }
            };
            self.write_memberships(&rows.iter().map(kept).collect::<Vec<_>>()).await
        }
    }
    /// Ends memberships (member and household) with `epoch`. Those that began in it were never under a root and are deleted.
    fn end_memberships(
        &mut self,
        rows: &[(Reference, Reference)],
        epoch: Epoch,
    ) -> impl Future<Output = Stored<()>> + Send {
        async move {
            let members: Vec<Reference> = rows.iter().map(|(member, _)| *member).collect();
            let wanted: HashSet<_> = rows.iter().copied().collect();
            let there = self.memberships(&members).await?.into_iter();
            let (fresh, older): (Vec<_>, Vec<_>) =
                there.filter(|row| wanted.contains(&(row.member, row.household))).partition(|row| row.since == epoch);
            self.delete_memberships(&fresh).await?;
            let live = older.into_iter().filter(|row| row.until.is_none());
            let ended: Vec<_> = live.map(|row| MembershipRow { until: Some(epoch), ..row }).collect();
            self.write_memberships(&ended).await
        }
    }

    /// Marks records as seen by the update that runs in this transaction; returns those that were seen before.
    fn mark_seen(&mut self, ids: &[RecordId]) -> impl Future<Output = Stored<Vec<RecordId>>> + Send;
    /// Those that are marked.
    fn seen(&mut self, ids: &[RecordId]) -> impl Future<Output = Stored<Vec<RecordId>>> + Send;
    /// Live rows of a schema and period that were not seen and whose index is less than `below`, in the order of their index, at most `limit`.
    fn unseen(
        &mut self,
        schema: SchemaId,
        period: u32,
        after: Option<LeafIndex>,
        below: u64,
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

    /// Writes which data keys must be destroyed; twice is once.
    fn put_owed(&mut self, rows: &[OwedRow]) -> impl Future<Output = Stored<()>> + Send;
    /// Which data keys must be destroyed.
    fn owed(&mut self) -> impl Future<Output = Stored<Vec<OwedRow>>> + Send;
    /// Remembers that data keys must be destroyed, so that a crash can't forget it.
    fn owe_destruction(&mut self, keys: &[DataKeyId]) -> impl Future<Output = Stored<()>> + Send {
        let rows: Vec<OwedRow> = keys.iter().map(|key| OwedRow { key: key.clone(), tag: Tag::default() }).collect();
        async move { self.put_owed(&rows).await }
    }
    /// Data keys that must be destroyed.
    fn owed_destructions(&mut self) -> impl Future<Output = Stored<Vec<DataKeyId>>> + Send {
        async move { Ok(self.owed().await?.into_iter().map(|row| row.key).collect()) }
    }
    /// They are destroyed.
    fn settle_destructions(&mut self) -> impl Future<Output = Stored<()>> + Send;

    /// Records a finished import.
    fn add_import(&mut self, row: &ImportRow) -> impl Future<Output = Stored<()>> + Send;
    /// Finished imports, oldest first.
    fn imports(&mut self) -> impl Future<Output = Stored<Vec<ImportRow>>> + Send;
    /// Writes that a batch of data keys is committed.
    fn put_batch(&mut self, row: &BatchRow) -> impl Future<Output = Stored<()>> + Send;
    /// Batches that are committed, and that the key store hasn't settled.
    fn batches(&mut self) -> impl Future<Output = Stored<Vec<BatchRow>>> + Send;
    /// Marks the batch of data keys that this transaction uses as committed.
    fn commit_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send {
        let row = BatchRow { batch: *batch, tag: Tag::default() };
        async move { self.put_batch(&row).await }
    }
    /// Whether the batch was committed.
    fn has_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<bool>> + Send {
        async move { Ok(self.batches().await?.iter().any(|row| row.batch == *batch)) }
    }
    /// Forgets a batch that the key store has settled.
    fn forget_batch(&mut self, batch: &[u8; 16]) -> impl Future<Output = Stored<()>> + Send;

    /// Counts.
    fn counts(&mut self) -> impl Future<Output = Stored<RecordCounts>> + Send;
}
