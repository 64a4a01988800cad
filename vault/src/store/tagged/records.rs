//! The records store with authenticated rows: every row that is written gets its tag, every row that is read shows it.

use super::columns::Tagger;
use crate::store::{
    BatchRow, EnrolmentRow, Epoch, ImportRow, KnownKeyRow, LookRow, MembershipRow, NodeRow, NonceRow, OwedRow,
    RecordCounts, RecordId, RecordRow, Records, RecordsTx, Reference, RootRow, SchemaRow, Store, Stored, ValueRow,
};
use sealroot_protocol::{schema::SchemaId, tree::LeafIndex};
use std::sync::Arc;

/// The records store with authenticated rows.
#[derive(Debug)]
pub struct TaggedRecords<S> {
    store: Arc<S>,
    tagger: Tagger,
}

impl<S> TaggedRecords<S> {
    pub(super) fn new(store: Arc<S>, tagger: Tagger) -> Self {
        Self { store, tagger }
    }
}

/// A transaction on it.
pub struct TaggedRecordsTx<T> {
    tx: T,
    tagger: Tagger,
}

impl<S: Store> Records for TaggedRecords<S> {
    type Tx = TaggedRecordsTx<<S::Records as Records>::Tx>;

    async fn read(&self) -> Stored<Self::Tx> {
        Ok(TaggedRecordsTx { tx: self.store.records().read().await?, tagger: self.tagger.clone() })
    }

    async fn write(&self) -> Stored<Self::Tx> {
        Ok(TaggedRecordsTx { tx: self.store.records().write().await?, tagger: self.tagger.clone() })
    }
}

impl<T: RecordsTx> RecordsTx for TaggedRecordsTx<T> {
    async fn commit(self) -> Stored<()> {
        self.tx.commit().await
    }

    async fn value_row(&mut self, name: &'static str) -> Stored<Option<ValueRow>> {
        self.tx.value_row(name).await?.map(|row| self.tagger.check(row)).transpose()
    }
    async fn put_value(&mut self, row: &ValueRow) -> Stored<()> {
        self.tx.put_value(&self.tagger.tagged(row)).await
    }

    async fn schemas(&mut self) -> Stored<Vec<SchemaRow>> {
        self.tagger.check_all(self.tx.schemas().await?)
    }
    async fn add_schema(&mut self, schema: &SchemaRow) -> Stored<()> {
        self.tx.add_schema(&self.tagger.tagged(schema)).await
    }

    async fn enrolments(&mut self, subjects: &[Reference]) -> Stored<Vec<EnrolmentRow>> {
        self.tagger.check_all(self.tx.enrolments(subjects).await?)
    }
    async fn put_enrolment(&mut self, row: &EnrolmentRow) -> Stored<()> {
        self.tx.put_enrolment(&self.tagger.tagged(row)).await
    }
    async fn waiting_enrolments(&mut self) -> Stored<Vec<EnrolmentRow>> {
        self.tagger.check_all(self.tx.waiting_enrolments().await?)
    }
    async fn enrolments_after(&mut self, after: Option<&Reference>, limit: u32) -> Stored<Vec<EnrolmentRow>> {
        self.tagger.check_all(self.tx.enrolments_after(after, limit).await?)
    }
    async fn put_known_key(&mut self, row: &KnownKeyRow) -> Stored<()> {
        self.tx.put_known_key(&self.tagger.tagged(row)).await
    }
    async fn known_keys(&mut self, fingerprint: &Reference) -> Stored<Vec<KnownKeyRow>> {
        self.tagger.check_all(self.tx.known_keys(fingerprint).await?)
    }
    async fn known_keys_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<KnownKeyRow>> {
        self.tagger.check_all(self.tx.known_keys_after(after, limit).await?)
    }
    async fn add_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        self.tx.add_looks(&self.tagger.all(rows)).await
    }
    async fn put_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        self.tx.put_looks(&self.tagger.all(rows)).await
    }
    async fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> Stored<Vec<LookRow>> {
        self.tagger.check_all(self.tx.looks(skeletons, foreign).await?)
    }
    async fn looks_of(&mut self, subject: &Reference) -> Stored<Vec<LookRow>> {
        self.tagger.check_all(self.tx.looks_of(subject).await?)
    }
    async fn looks_after(&mut self, after: Option<&LookRow>, limit: u32) -> Stored<Vec<LookRow>> {
        self.tagger.check_all(self.tx.looks_after(after, limit).await?)
    }
    async fn forget_looks(&mut self, subject: &Reference) -> Stored<()> {
        self.tx.forget_looks(subject).await
    }
    async fn forget_lines(&mut self) -> Stored<()> {
        self.tx.forget_lines().await
    }
    async fn ids_in_other_case(&mut self, upper: bool) -> Stored<u64> {
        self.tx.ids_in_other_case(upper).await
    }
    async fn put_nonce(&mut self, row: &NonceRow) -> Stored<()> {
        self.tx.put_nonce(&self.tagger.tagged(row)).await
    }
    async fn nonce(&mut self, nonce: &[u8; 32]) -> Stored<Option<NonceRow>> {
        self.tx.nonce(nonce).await?.map(|row| self.tagger.check(row)).transpose()
    }
    async fn delete_nonce(&mut self, nonce: &[u8; 32]) -> Stored<()> {
        self.tx.delete_nonce(nonce).await
    }
    async fn forget_nonces(&mut self, now: i64) -> Stored<()> {
        self.tx.forget_nonces(now).await
    }

    async fn add_records(&mut self, rows: &[RecordRow]) -> Stored<()> {
        self.tx.add_records(&self.tagger.all(rows)).await
    }
    async fn live_by_lookup(&mut self, lookups: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.live_by_lookup(lookups).await?)
    }
    async fn live_by_serial(&mut self, serials: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.live_by_serial(serials).await?)
    }
    async fn live_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.live_of_subject(subject).await?)
    }
    async fn versions_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.versions_of_subject(subject).await?)
    }
    async fn record_at(&mut self, lookup: &Reference, epoch: Epoch) -> Stored<Option<RecordRow>> {
        self.tx.record_at(lookup, epoch).await?.map(|row| self.tagger.check(row)).transpose()
    }
    async fn live_periods(&mut self, schema: SchemaId) -> Stored<Vec<u32>> {
        self.tx.live_periods(schema).await
    }
    async fn live_records(&mut self, after: Option<LeafIndex>, limit: u32) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.live_records(after, limit).await?)
    }
    async fn versions_after(&mut self, after: Option<(RecordId, u64)>, limit: u32) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.versions_after(after, limit).await?)
    }
    async fn versions(&mut self, which: &[(RecordId, u64)]) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.versions(which).await?)
    }
    async fn put_ends(&mut self, rows: &[RecordRow]) -> Stored<()> {
        self.tx.put_ends(&self.tagger.all(rows)).await
    }
    async fn delete_records(&mut self, rows: &[(RecordId, u64)]) -> Stored<()> {
        self.tx.delete_records(rows).await
    }
    async fn ended_before(&mut self, epoch: Epoch, limit: u32) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.ended_before(epoch, limit).await?)
    }

    async fn memberships(&mut self, members: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.tagger.check_all(self.tx.memberships(members).await?)
    }
    async fn memberships_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<MembershipRow>> {
        self.tagger.check_all(self.tx.memberships_after(after, limit).await?)
    }
    async fn members_of(&mut self, households: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.tagger.check_all(self.tx.members_of(households).await?)
    }
    async fn write_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        self.tx.write_memberships(&self.tagger.all(rows)).await
    }
    async fn delete_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        self.tx.delete_memberships(rows).await
    }

    async fn mark_seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        self.tx.mark_seen(ids).await
    }
    async fn unseen(
        &mut self,
        schema: SchemaId,
        period: Option<u32>,
        after: Option<LeafIndex>,
        limit: u32,
    ) -> Stored<Vec<RecordRow>> {
        self.tagger.check_all(self.tx.unseen(schema, period, after, limit).await?)
    }
    async fn live_in(&mut self, schema: SchemaId, period: u32) -> Stored<u64> {
        self.tx.live_in(schema, period).await
    }
    async fn clear_seen(&mut self) -> Stored<()> {
        self.tx.clear_seen().await
    }

    async fn nodes(&mut self, level: u32, positions: &[u32], epoch: Epoch) -> Stored<Vec<NodeRow>> {
        self.tx.nodes(level, positions, epoch).await
    }
    async fn put_nodes(&mut self, rows: &[NodeRow]) -> Stored<()> {
        self.tx.put_nodes(rows).await
    }
    async fn prune_nodes(&mut self, epoch: Epoch) -> Stored<u64> {
        self.tx.prune_nodes(epoch).await
    }
    async fn roots(&mut self) -> Stored<Vec<RootRow>> {
        self.tagger.check_all(self.tx.roots().await?)
    }
    async fn put_root(&mut self, row: &RootRow) -> Stored<()> {
        self.tx.put_root(&self.tagger.tagged(row)).await
    }

    async fn put_owed(&mut self, rows: &[OwedRow]) -> Stored<()> {
        self.tx.put_owed(&self.tagger.all(rows)).await
    }
    async fn owed(&mut self) -> Stored<Vec<OwedRow>> {
        self.tagger.check_all(self.tx.owed().await?)
    }
    async fn settle_destructions(&mut self) -> Stored<()> {
        self.tx.settle_destructions().await
    }
    async fn add_import(&mut self, row: &ImportRow) -> Stored<()> {
        self.tx.add_import(&self.tagger.tagged(row)).await
    }
    async fn imports(&mut self) -> Stored<Vec<ImportRow>> {
        self.tagger.check_all(self.tx.imports().await?)
    }
    async fn put_batch(&mut self, row: &BatchRow) -> Stored<()> {
        self.tx.put_batch(&self.tagger.tagged(row)).await
    }
    async fn batch(&mut self, batch: &[u8; 16]) -> Stored<Option<BatchRow>> {
        self.tx.batch(batch).await?.map(|row| self.tagger.check(row)).transpose()
    }
    async fn forget_batch(&mut self, batch: &[u8; 16]) -> Stored<()> {
        self.tx.forget_batch(batch).await
    }

    async fn counts(&mut self) -> Stored<RecordCounts> {
        self.tx.counts().await
    }
}
