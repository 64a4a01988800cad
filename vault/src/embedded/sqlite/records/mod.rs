//! The records store in SQLite, a module for each group of tables. The SQL uses `$n` and `ON CONFLICT` only, which PostgreSQL understands as well.

mod looks;
mod memberships;
mod people;
mod tree;
mod upkeep;
mod values;
mod versions;

use super::{Pools, RECORDS_FILE, Role, schema::check_indices, unsigned};
use crate::log::LogHead;
use crate::store::{
    BatchRow, EnrolmentRow, Epoch, ImportRow, KnownKeyRow, LookKey, LookRow, MembershipRow, NodeRow, NonceRow, OwedRow,
    RecordCounts, RecordId, RecordRow, Records, RecordsTx, Reference, RootRow, SchemaRow, StoreError, Stored, ValueRow,
};
use sealroot_protocol::{schema::SchemaId, tree::LeafIndex};
use sqlx::{QueryBuilder, Sqlite, Transaction};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// `records.db`.
#[derive(Debug, Clone)]
pub struct SqliteRecords {
    pub(super) pools: Pools,
    reads: Arc<AtomicBool>,
}

impl SqliteRecords {
    pub(super) fn new(pools: Pools, role: Role) -> Self {
        Self { pools, reads: Arc::new(AtomicBool::new(role == Role::Reads)) }
    }

    pub(super) fn only_read(&self) {
        self.reads.store(true, Ordering::SeqCst);
    }
}

/// A transaction on `records.db`; dropped without commit it leaves no trace.
pub struct SqliteRecordsTx(Transaction<'static, Sqlite>);

/// Rows per statement: well below SQLite's 32,766 bound values.
const CHUNK: usize = 500;

/// A query that ends with a list of values.
fn listed<const N: usize>(sql: String, values: &[[u8; N]]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(sql);
    query.push(" IN (");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value.to_vec());
    }
    list.push_unseparated(")");
    query
}

/// Bounds of the references that begin with a byte: from the first, and below the second.
fn part(first: u8) -> (Vec<u8>, Vec<u8>) {
    // Longer than a reference, and so above all of them.
    (vec![first], first.checked_add(1).map_or_else(|| vec![u8::MAX; 33], |next| vec![next]))
}

impl Records for SqliteRecords {
    type Tx = SqliteRecordsTx;

    async fn read(&self) -> Stored<SqliteRecordsTx> {
        Ok(SqliteRecordsTx(self.pools.readers.begin().await?))
    }

    async fn write(&self) -> Stored<SqliteRecordsTx> {
        // Two processes that write would prepare different roots.
        if self.reads.load(Ordering::SeqCst) {
            return Err(StoreError::Reading);
        }
        Ok(SqliteRecordsTx(self.pools.writer.begin_with("BEGIN IMMEDIATE").await?))
    }
}

impl RecordsTx for SqliteRecordsTx {
    async fn commit(self) -> Stored<()> {
        Ok(self.0.commit().await?)
    }

    async fn begin(&mut self) -> Stored<()> {
        values::begin(&mut self.0).await
    }
    async fn sealed_state(&mut self) -> Stored<Option<Vec<u8>>> {
        values::state(&mut self.0).await
    }
    async fn put_sealed_state(&mut self, sealed: &[u8]) -> Stored<()> {
        values::put_state(&mut self.0, sealed).await
    }
    async fn note_erased(&mut self, _: &[Reference]) -> Stored<()> {
        Ok(())
    }
    async fn note_renamed(&mut self, _: &Reference) -> Stored<()> {
        Ok(())
    }
    async fn log_then(&mut self) -> Stored<Option<LogHead>> {
        Ok(None)
    }
    async fn check_rows(&mut self) -> Stored<()> {
        Ok(())
    }
    async fn check_indices(&mut self, table: Option<&'static str>) -> Stored<()> {
        check_indices(&mut self.0, RECORDS_FILE, table).await
    }

    async fn values(&mut self) -> Stored<Vec<ValueRow>> {
        values::all(&mut self.0).await
    }
    async fn value_row(&mut self, name: &'static str) -> Stored<Option<ValueRow>> {
        values::get(&mut self.0, name).await
    }
    async fn put_value(&mut self, row: &ValueRow) -> Stored<()> {
        values::put(&mut self.0, row).await
    }
    async fn schemas(&mut self) -> Stored<Vec<SchemaRow>> {
        values::schemas(&mut self.0).await
    }
    async fn add_schema(&mut self, schema: &SchemaRow) -> Stored<()> {
        values::add_schema(&mut self.0, schema).await
    }
    async fn add_import(&mut self, row: &ImportRow) -> Stored<()> {
        values::add_import(&mut self.0, row).await
    }
    async fn imports(&mut self) -> Stored<Vec<ImportRow>> {
        values::imports(&mut self.0).await
    }

    async fn enrolments(&mut self, subjects: &[Reference]) -> Stored<Vec<EnrolmentRow>> {
        people::enrolments(&mut self.0, subjects).await
    }
    async fn enrolments_in(&mut self, first: u8) -> Stored<Vec<EnrolmentRow>> {
        people::enrolments_in(&mut self.0, first).await
    }
    async fn enrolments_after(&mut self, after: Option<Reference>, limit: u32) -> Stored<Vec<EnrolmentRow>> {
        people::enrolments_after(&mut self.0, after, limit).await
    }
    async fn put_enrolment(&mut self, row: &EnrolmentRow) -> Stored<()> {
        people::put_enrolment(&mut self.0, row).await
    }
    async fn waiting_enrolments(&mut self) -> Stored<Vec<EnrolmentRow>> {
        people::waiting(&mut self.0).await
    }
    async fn put_known_key(&mut self, row: &KnownKeyRow) -> Stored<()> {
        people::put_known_key(&mut self.0, row).await
    }
    async fn known_keys(&mut self, fingerprint: &Reference) -> Stored<Vec<KnownKeyRow>> {
        people::known_keys(&mut self.0, fingerprint).await
    }
    async fn known_keys_in(&mut self, first: u8) -> Stored<Vec<KnownKeyRow>> {
        people::known_keys_in(&mut self.0, first).await
    }
    async fn known_keys_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<KnownKeyRow>> {
        people::known_keys_after(&mut self.0, after, limit).await
    }
    async fn insert_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        looks::insert(&mut self.0, rows).await
    }
    async fn delete_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        looks::delete(&mut self.0, rows).await
    }
    async fn looks_at(&mut self, keys: &[LookKey]) -> Stored<Vec<LookRow>> {
        looks::at(&mut self.0, keys).await
    }
    async fn looks_in(&mut self, first: u8) -> Stored<Vec<LookRow>> {
        looks::of_part(&mut self.0, first).await
    }
    async fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> Stored<Vec<LookRow>> {
        looks::like(&mut self.0, skeletons, foreign).await
    }
    async fn looks_of(&mut self, subject: &Reference) -> Stored<Vec<LookRow>> {
        looks::of(&mut self.0, subject).await
    }
    async fn looks_after(&mut self, after: Option<LookRow>, limit: u32) -> Stored<Vec<LookRow>> {
        looks::after(&mut self.0, after, limit).await
    }
    async fn forget_lines(&mut self) -> Stored<()> {
        looks::forget_lines(&mut self.0).await
    }
    async fn ids_in_other_case(&mut self, upper: bool) -> Stored<u64> {
        looks::in_other_case(&mut self.0, upper).await
    }
    async fn put_nonce(&mut self, row: &NonceRow) -> Stored<()> {
        people::put_nonce(&mut self.0, row).await
    }
    async fn nonces(&mut self) -> Stored<Vec<NonceRow>> {
        people::nonces(&mut self.0).await
    }
    async fn delete_nonces(&mut self, rows: &[NonceRow]) -> Stored<()> {
        people::delete_nonces(&mut self.0, rows).await
    }

    async fn add_records(&mut self, rows: &[RecordRow]) -> Stored<()> {
        versions::add(&mut self.0, rows).await
    }
    async fn live_by_lookup(&mut self, lookups: &[Reference]) -> Stored<Vec<RecordRow>> {
        versions::live_where(&mut self.0, "lookup", lookups).await
    }
    async fn live_by_serial(&mut self, serials: &[Reference]) -> Stored<Vec<RecordRow>> {
        versions::live_where(&mut self.0, "serial", serials).await
    }
    async fn live_periods(&mut self, schema: SchemaId) -> Stored<Vec<u32>> {
        versions::live_periods(&mut self.0, schema).await
    }
    async fn live_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        versions::of(&mut self.0, "subject = $1 AND until_epoch IS NULL", subject).await
    }
    async fn versions_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        versions::of(&mut self.0, "subject = $1", subject).await
    }
    async fn versions_in(&mut self, first: u8) -> Stored<Vec<RecordRow>> {
        versions::of_part(&mut self.0, first).await
    }
    async fn record_at(&mut self, lookup: &Reference, epoch: Epoch) -> Stored<Option<RecordRow>> {
        versions::at(&mut self.0, lookup, epoch).await
    }
    async fn live_records(&mut self, after: Option<LeafIndex>, limit: u32) -> Stored<Vec<RecordRow>> {
        versions::live(&mut self.0, after, limit).await
    }
    async fn versions_after(&mut self, after: Option<(RecordId, u64)>, limit: u32) -> Stored<Vec<RecordRow>> {
        versions::after(&mut self.0, after, limit).await
    }
    async fn versions(&mut self, which: &[(RecordId, u64)]) -> Stored<Vec<RecordRow>> {
        versions::get(&mut self.0, which).await
    }
    async fn put_ends(&mut self, rows: &[RecordRow]) -> Stored<()> {
        versions::put_ends(&mut self.0, rows).await
    }
    async fn delete_records(&mut self, rows: &[(RecordId, u64)]) -> Stored<()> {
        versions::delete(&mut self.0, rows).await
    }
    async fn ended_before(&mut self, epoch: Epoch, limit: u32) -> Stored<Vec<RecordRow>> {
        versions::ended_before(&mut self.0, epoch, limit).await
    }
    async fn mark_seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        versions::mark_seen(&mut self.0, ids).await
    }
    async fn seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        versions::seen(&mut self.0, ids).await
    }
    async fn unseen(
        &mut self,
        schema: SchemaId,
        period: u32,
        after: Option<LeafIndex>,
        below: u64,
        limit: u32,
    ) -> Stored<Vec<RecordRow>> {
        versions::unseen(&mut self.0, schema, period, after, below, limit).await
    }
    async fn live_in(&mut self, schema: SchemaId, period: u32) -> Stored<u64> {
        versions::live_in(&mut self.0, schema, period).await
    }
    async fn clear_seen(&mut self) -> Stored<()> {
        versions::clear_seen(&mut self.0).await
    }

    async fn memberships(&mut self, members: &[Reference]) -> Stored<Vec<MembershipRow>> {
        memberships::of_members(&mut self.0, members).await
    }
    async fn memberships_in(&mut self, first: u8) -> Stored<Vec<MembershipRow>> {
        memberships::of_part(&mut self.0, first).await
    }
    async fn memberships_after(
        &mut self,
        after: Option<(Reference, Reference)>,
        limit: u32,
    ) -> Stored<Vec<MembershipRow>> {
        memberships::after(&mut self.0, after, limit).await
    }
    async fn members_of(&mut self, households: &[Reference]) -> Stored<Vec<MembershipRow>> {
        memberships::live_in(&mut self.0, households).await
    }
    async fn write_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        memberships::write(&mut self.0, rows).await
    }
    async fn delete_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        memberships::delete(&mut self.0, rows).await
    }

    async fn nodes(&mut self, level: u32, positions: &[u32], epoch: Epoch) -> Stored<Vec<NodeRow>> {
        tree::nodes(&mut self.0, level, positions, epoch).await
    }
    async fn put_nodes(&mut self, rows: &[NodeRow]) -> Stored<()> {
        tree::put_nodes(&mut self.0, rows).await
    }
    async fn prune_nodes(&mut self, epoch: Epoch) -> Stored<u64> {
        tree::prune_nodes(&mut self.0, epoch).await
    }
    async fn roots(&mut self) -> Stored<Vec<RootRow>> {
        tree::roots(&mut self.0).await
    }
    async fn put_root(&mut self, row: &RootRow) -> Stored<()> {
        tree::put_root(&mut self.0, row).await
    }

    async fn put_owed(&mut self, rows: &[OwedRow]) -> Stored<()> {
        upkeep::put_owed(&mut self.0, rows).await
    }
    async fn owed(&mut self) -> Stored<Vec<OwedRow>> {
        upkeep::owed(&mut self.0).await
    }
    async fn settle_destructions(&mut self) -> Stored<()> {
        upkeep::settle(&mut self.0).await
    }
    async fn put_batch(&mut self, row: &BatchRow) -> Stored<()> {
        upkeep::put_batch(&mut self.0, row).await
    }
    async fn batches(&mut self) -> Stored<Vec<BatchRow>> {
        upkeep::batches(&mut self.0).await
    }
    async fn forget_batch(&mut self, batch: &[u8; 16]) -> Stored<()> {
        upkeep::forget_batch(&mut self.0, batch).await
    }

    async fn counts(&mut self) -> Stored<RecordCounts> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM records WHERE until_epoch IS NULL) AS live,
                    (SELECT COUNT(*) FROM records WHERE until_epoch IS NOT NULL) AS superseded,
                    (SELECT COUNT(*) FROM enrolments) AS enrolments,
                    (SELECT COUNT(*) FROM nodes) AS nodes,
                    (SELECT COUNT(*) FROM memberships WHERE until_epoch IS NULL) AS memberships",
        )
        .fetch_one(&mut *self.0)
        .await?;
        Ok(RecordCounts {
            live: unsigned(&row, "live")?,
            superseded: unsigned(&row, "superseded")?,
            enrolments: unsigned(&row, "enrolments")?,
            nodes: unsigned(&row, "nodes")?,
            memberships: unsigned(&row, "memberships")?,
        })
    }
}
