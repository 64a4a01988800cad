//! What a transaction of the guarded store answers and writes, method by method: rows are checked as they are read, get their tag as they are written, and change their part's sum.

use super::{super::state::State, TaggedRecordsTx, known::Of};
use crate::{
    log::{LogHead, head_now},
    store::{
        BatchRow, EnrolmentRow, Epoch, ImportRow, KnownKeyRow, LookKey, LookRow, MembershipRow, NodeRow, NonceRow,
        OwedRow, RecordCounts, RecordId, RecordRow, RecordsTx, Reference, RootRow, SchemaRow, Store, StoreError,
        Stored, ValueRow,
    },
};
use sealroot_protocol::{field::Digest, schema::SchemaId, tree::LeafIndex};
use std::collections::HashSet;

impl<S: Store> RecordsTx for TaggedRecordsTx<S> {
    /// Writes the state that follows, and tells the log once it is durable. Nothing of it happens where no row came or went.
    async fn commit(mut self) -> Stored<()> {
        if self.changes.is_empty() && self.follows.is_none() {
            return self.tx.commit().await;
        }
        let store = self.store.clone();
        let guard = self.guard.clone();
        let log = head_now(store.log()).await?;
        let state = self.state().await?;
        let before = if state.number == 0 { Digest([0; 32]) } else { guard.keys.digest(state) };
        let mut state = self.state.take().ok_or(StoreError::State)?.after(&self.changes, before, log);
        (state.erased, state.renamed) = (self.erased, self.renamed);
        if let Some(lost) = self.follows {
            (state.number, state.before) = (lost.number + 1, lost.digest);
        }
        self.tx.put_sealed_state(&guard.keys.seal(&state)?).await?;
        if self.quiet {
            return self.tx.commit().await;
        }
        let telling = guard.commits(store.log()).await?;
        self.tx.commit().await?;
        guard.committed(store.log(), telling, &state).await
    }

    async fn begin(&mut self) -> Stored<()> {
        self.tx.begin().await?;
        self.state = Some(State::empty(head_now(self.store.log()).await?));
        self.quiet = true;
        Ok(())
    }
    async fn sealed_state(&mut self) -> Stored<Option<Vec<u8>>> {
        self.tx.sealed_state().await
    }
    async fn put_sealed_state(&mut self, sealed: &[u8]) -> Stored<()> {
        self.tx.put_sealed_state(sealed).await
    }
    async fn note_erased(&mut self, people: &[Reference]) -> Stored<()> {
        self.erased.extend_from_slice(people);
        Ok(())
    }
    async fn note_renamed(&mut self, person: &Reference) -> Stored<()> {
        self.renamed.push(*person);
        Ok(())
    }
    async fn log_then(&mut self) -> Stored<Option<LogHead>> {
        Ok(Some(self.state().await?.log))
    }
    async fn check_rows(&mut self) -> Stored<()> {
        self.check_indices(None).await?;
        self.all_records().await?;
        self.all_enrolments().await?;
        self.all_known_keys().await?;
        self.all_memberships().await?;
        self.all_looks().await?;
        self.values().await?;
        self.schemas().await?;
        self.nonces().await?;
        self.roots().await?;
        self.owed().await?;
        self.batches().await?;
        self.imports().await.map(drop)
    }

    /// The sums are over rows: one that a table has and an index lacks would have its sum, and not be found.
    async fn check_indices(&mut self, table: Option<&'static str>) -> Stored<()> {
        self.tx.check_indices(table).await?;
        self.indices |= table.is_none();
        Ok(())
    }

    async fn values(&mut self) -> Stored<Vec<ValueRow>> {
        let rows = self.tx.values().await?;
        self.whole(rows).await
    }
    async fn value_row(&mut self, name: &'static str) -> Stored<Option<ValueRow>> {
        Ok(self.values().await?.into_iter().find(|row| row.name == name))
    }
    async fn put_value(&mut self, row: &ValueRow) -> Stored<()> {
        let there = self.values().await?.into_iter().find(|there| there.name == row.name);
        let row = self.guard.tagger.tagged(row);
        self.tx.put_value(&row).await?;
        self.went(there.as_slice());
        self.came(&[row]);
        Ok(())
    }

    async fn schemas(&mut self) -> Stored<Vec<SchemaRow>> {
        let rows = self.tx.schemas().await?;
        self.whole(rows).await
    }
    async fn add_schema(&mut self, schema: &SchemaRow) -> Stored<()> {
        if self.schemas().await?.iter().any(|there| there.id == schema.id) {
            return Ok(());
        }
        let row = self.guard.tagger.tagged(schema);
        self.tx.add_schema(&row).await?;
        self.came(&[row]);
        Ok(())
    }

    async fn enrolments(&mut self, subjects: &[Reference]) -> Stored<Vec<EnrolmentRow>> {
        self.enrolments_of(subjects).await?;
        let subjects = self.inhabited::<EnrolmentRow>(subjects).await?;
        self.guard.tagger.check_all(self.tx.enrolments(&subjects).await?)
    }
    async fn put_enrolment(&mut self, row: &EnrolmentRow) -> Stored<()> {
        let there = self.enrolments(&[row.subject]).await?;
        let row = self.guard.tagger.tagged(row);
        self.tx.put_enrolment(&row).await?;
        self.went(&there);
        self.came(&[row]);
        Ok(())
    }
    async fn waiting_enrolments(&mut self) -> Stored<Vec<EnrolmentRow>> {
        self.all_enrolments().await?;
        self.guard.tagger.check_all(self.tx.waiting_enrolments().await?)
    }
    async fn enrolments_in(&mut self, first: u8) -> Stored<Vec<EnrolmentRow>> {
        self.guard.tagger.check_all(self.tx.enrolments_in(first).await?)
    }
    async fn enrolments_after(&mut self, after: Option<Reference>, limit: u32) -> Stored<Vec<EnrolmentRow>> {
        self.guard.tagger.check_all(self.tx.enrolments_after(after, limit).await?)
    }
    async fn put_known_key(&mut self, row: &KnownKeyRow) -> Stored<()> {
        if self.known_keys(&row.fingerprint).await?.iter().any(|there| there.subject == row.subject) {
            return Ok(());
        }
        let row = self.guard.tagger.tagged(row);
        self.tx.put_known_key(&row).await?;
        self.came(&[row]);
        Ok(())
    }
    async fn known_keys(&mut self, fingerprint: &Reference) -> Stored<Vec<KnownKeyRow>> {
        self.keys_of(&[*fingerprint]).await?;
        self.guard.tagger.check_all(self.tx.known_keys(fingerprint).await?)
    }
    async fn known_keys_in(&mut self, first: u8) -> Stored<Vec<KnownKeyRow>> {
        self.guard.tagger.check_all(self.tx.known_keys_in(first).await?)
    }
    async fn known_keys_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<KnownKeyRow>> {
        self.guard.tagger.check_all(self.tx.known_keys_after(after, limit).await?)
    }
    async fn insert_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        let rows = self.guard.tagger.all(rows);
        self.tx.insert_looks(&rows).await?;
        rows.iter().for_each(|row| self.known.add_look(row));
        self.came(&rows);
        Ok(())
    }
    async fn delete_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        self.tx.delete_looks(rows).await?;
        self.went(rows);
        Ok(())
    }
    async fn looks_at(&mut self, keys: &[LookKey]) -> Stored<Vec<LookRow>> {
        let subjects: Vec<Reference> = keys.iter().map(|(_, subject, _)| *subject).collect();
        self.looks_by(&subjects).await?;
        let keys: Vec<LookKey> =
            keys.iter().filter(|(_, subject, _)| self.known.may_have(Of::Looks, subject)).copied().collect();
        self.guard.tagger.check_all(self.tx.looks_at(&keys).await?)
    }
    async fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> Stored<Vec<LookRow>> {
        self.all_looks().await?;
        let skeletons = if foreign { self.known.among(Of::Looks, skeletons) } else { skeletons.to_vec() };
        self.guard.tagger.check_all(self.tx.looks(&skeletons, foreign).await?)
    }
    async fn looks_of(&mut self, subject: &Reference) -> Stored<Vec<LookRow>> {
        self.looks_by(&[*subject]).await?;
        self.guard.tagger.check_all(self.tx.looks_of(subject).await?)
    }
    async fn looks_in(&mut self, first: u8) -> Stored<Vec<LookRow>> {
        self.guard.tagger.check_all(self.tx.looks_in(first).await?)
    }
    async fn looks_after(&mut self, after: Option<LookRow>, limit: u32) -> Stored<Vec<LookRow>> {
        self.guard.tagger.check_all(self.tx.looks_after(after, limit).await?)
    }
    async fn forget_lines(&mut self) -> Stored<()> {
        self.tx.forget_lines().await
    }
    async fn ids_in_other_case(&mut self, upper: bool) -> Stored<u64> {
        self.all_looks().await?;
        self.tx.ids_in_other_case(upper).await
    }
    async fn nonces(&mut self) -> Stored<Vec<NonceRow>> {
        let rows = self.tx.nonces().await?;
        self.whole(rows).await
    }
    async fn put_nonce(&mut self, row: &NonceRow) -> Stored<()> {
        let row = self.guard.tagger.tagged(row);
        self.tx.put_nonce(&row).await?;
        self.came(&[row]);
        Ok(())
    }
    async fn delete_nonces(&mut self, rows: &[NonceRow]) -> Stored<()> {
        self.tx.delete_nonces(rows).await?;
        self.went(rows);
        Ok(())
    }

    async fn add_records(&mut self, rows: &[RecordRow]) -> Stored<()> {
        let rows = self.guard.tagger.all(rows);
        self.tx.add_records(&rows).await?;
        rows.iter().for_each(|row| self.known.add_record(row));
        self.came(&rows);
        Ok(())
    }
    async fn live_by_lookup(&mut self, lookups: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.all_records().await?;
        self.guard.tagger.check_all(self.tx.live_by_lookup(&self.known.among(Of::Records, lookups)).await?)
    }
    async fn live_by_serial(&mut self, serials: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.all_records().await?;
        self.guard.tagger.check_all(self.tx.live_by_serial(&self.known.among(Of::Records, serials)).await?)
    }
    async fn live_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.records_of(&[*subject]).await?;
        self.guard.tagger.check_all(self.tx.live_of_subject(subject).await?)
    }
    async fn versions_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.records_of(&[*subject]).await?;
        self.guard.tagger.check_all(self.tx.versions_of_subject(subject).await?)
    }
    async fn versions_in(&mut self, first: u8) -> Stored<Vec<RecordRow>> {
        self.guard.tagger.check_all(self.tx.versions_in(first).await?)
    }
    async fn record_at(&mut self, lookup: &Reference, epoch: Epoch) -> Stored<Option<RecordRow>> {
        self.tx.record_at(lookup, epoch).await?.map(|row| self.guard.tagger.check(row)).transpose()
    }
    async fn live_periods(&mut self, schema: SchemaId) -> Stored<Vec<u32>> {
        self.tx.live_periods(schema).await
    }
    async fn live_records(&mut self, after: Option<LeafIndex>, limit: u32) -> Stored<Vec<RecordRow>> {
        self.guard.tagger.check_all(self.tx.live_records(after, limit).await?)
    }
    async fn versions_after(&mut self, after: Option<(RecordId, u64)>, limit: u32) -> Stored<Vec<RecordRow>> {
        self.guard.tagger.check_all(self.tx.versions_after(after, limit).await?)
    }
    async fn versions(&mut self, which: &[(RecordId, u64)]) -> Stored<Vec<RecordRow>> {
        self.guard.tagger.check_all(self.tx.versions(which).await?)
    }
    async fn put_ends(&mut self, rows: &[RecordRow]) -> Stored<()> {
        let which: Vec<_> = rows.iter().map(|row| (row.id, row.version)).collect();
        let there = self.versions(&which).await?;
        let rows = self.guard.tagger.all(rows);
        self.tx.put_ends(&rows).await?;
        self.went(&there);
        self.came(&rows);
        Ok(())
    }
    async fn delete_records(&mut self, which: &[(RecordId, u64)]) -> Stored<()> {
        let there = self.versions(which).await?;
        self.tx.delete_records(which).await?;
        self.went(&there);
        Ok(())
    }
    async fn ended_before(&mut self, epoch: Epoch, limit: u32) -> Stored<Vec<RecordRow>> {
        self.guard.tagger.check_all(self.tx.ended_before(epoch, limit).await?)
    }

    async fn memberships(&mut self, members: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.memberships_of(members).await?;
        self.guard.tagger.check_all(self.tx.memberships(members).await?)
    }
    async fn memberships_in(&mut self, first: u8) -> Stored<Vec<MembershipRow>> {
        self.guard.tagger.check_all(self.tx.memberships_in(first).await?)
    }
    async fn memberships_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<MembershipRow>> {
        self.guard.tagger.check_all(self.tx.memberships_after(after, limit).await?)
    }
    async fn members_of(&mut self, households: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.all_memberships().await?;
        self.guard.tagger.check_all(self.tx.members_of(households).await?)
    }
    async fn write_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        let members: Vec<Reference> = rows.iter().map(|row| row.member).collect();
        let written: HashSet<_> = rows.iter().map(|row| (row.member, row.household)).collect();
        let mut there = self.memberships(&members).await?;
        there.retain(|row| written.contains(&(row.member, row.household)));
        let rows = self.guard.tagger.all(rows);
        self.tx.write_memberships(&rows).await?;
        self.went(&there);
        self.came(&rows);
        Ok(())
    }
    async fn delete_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        self.tx.delete_memberships(rows).await?;
        self.went(rows);
        Ok(())
    }

    async fn mark_seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        self.tx.mark_seen(ids).await
    }
    async fn seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        self.tx.seen(ids).await
    }
    async fn unseen(
        &mut self,
        schema: SchemaId,
        period: u32,
        after: Option<LeafIndex>,
        below: u64,
        limit: u32,
    ) -> Stored<Vec<RecordRow>> {
        self.all_records().await?;
        self.guard.tagger.check_all(self.tx.unseen(schema, period, after, below, limit).await?)
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
        let rows = self.tx.roots().await?;
        self.whole(rows).await
    }
    async fn put_root(&mut self, row: &RootRow) -> Stored<()> {
        let there = self.roots().await?.into_iter().find(|there| there.epoch == row.epoch);
        let row = self.guard.tagger.tagged(row);
        self.tx.put_root(&row).await?;
        self.went(there.as_slice());
        self.came(&[row]);
        Ok(())
    }

    async fn put_owed(&mut self, rows: &[OwedRow]) -> Stored<()> {
        let there: HashSet<_> = self.owed().await?.into_iter().map(|row| row.key).collect();
        let rows: Vec<OwedRow> = rows.iter().filter(|row| !there.contains(&row.key)).cloned().collect();
        let rows = self.guard.tagger.all(&rows);
        self.tx.put_owed(&rows).await?;
        self.came(&rows);
        Ok(())
    }
    async fn owed(&mut self) -> Stored<Vec<OwedRow>> {
        let rows = self.tx.owed().await?;
        self.whole(rows).await
    }
    async fn settle_destructions(&mut self) -> Stored<()> {
        let there = self.owed().await?;
        self.tx.settle_destructions().await?;
        self.went(&there);
        Ok(())
    }
    async fn add_import(&mut self, row: &ImportRow) -> Stored<()> {
        let row = self.guard.tagger.tagged(row);
        self.tx.add_import(&row).await?;
        self.came(&[row]);
        Ok(())
    }
    async fn imports(&mut self) -> Stored<Vec<ImportRow>> {
        let rows = self.tx.imports().await?;
        self.whole(rows).await
    }
    async fn put_batch(&mut self, row: &BatchRow) -> Stored<()> {
        let row = self.guard.tagger.tagged(row);
        self.tx.put_batch(&row).await?;
        self.came(&[row]);
        Ok(())
    }
    async fn batches(&mut self) -> Stored<Vec<BatchRow>> {
        let rows = self.tx.batches().await?;
        self.whole(rows).await
    }
    async fn forget_batch(&mut self, batch: &[u8; 16]) -> Stored<()> {
        let mut there = self.batches().await?;
        there.retain(|row| row.batch == *batch);
        self.tx.forget_batch(batch).await?;
        self.went(&there);
        Ok(())
    }

    async fn counts(&mut self) -> Stored<RecordCounts> {
        self.tx.counts().await
    }
}
