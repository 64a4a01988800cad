//! The records store in SQLite. The SQL uses `$n` and `ON CONFLICT` only, which PostgreSQL understands as well.

use super::{
    Pools, fixed,
    row::{element, enrolment, look, membership, record, root, state_text},
    signed, unsigned,
};
use crate::store::{
    DataKeyId, EnrolmentRow, Epoch, ImportRow, LookRow, MembershipRow, NodeRow, RecordCounts, RecordId, RecordRow,
    Records, RecordsTx, Reference, RootRow, SchemaRow, Stored,
};
use sealroot_protocol::{field, schema::SchemaId, tree::LeafIndex};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, Transaction};
use std::collections::HashSet;

/// `records.db`.
#[derive(Debug, Clone)]
pub struct SqliteRecords(pub(super) Pools);

/// A transaction on `records.db`; dropped without commit it leaves no trace.
pub struct SqliteRecordsTx(Transaction<'static, Sqlite>);

/// Rows per statement: well below SQLite's 32,766 bound values.
const CHUNK: usize = 500;

const RECORD: &str =
    "id, version, schema_id, period, lookup, serial, subject, leaf_index, leaf, since_epoch, until_epoch, sealed";

impl Records for SqliteRecords {
    type Tx = SqliteRecordsTx;

    async fn read(&self) -> Stored<SqliteRecordsTx> {
        Ok(SqliteRecordsTx(self.0.readers.begin().await?))
    }

    async fn write(&self) -> Stored<SqliteRecordsTx> {
        Ok(SqliteRecordsTx(self.0.writer.begin_with("BEGIN IMMEDIATE").await?))
    }
}

impl SqliteRecordsTx {
    /// Live rows whose `column` (one of two constants) is in the list.
    async fn live_where(&mut self, column: &'static str, values: &[Reference]) -> Stored<Vec<RecordRow>> {
        let mut out = Vec::new();
        for chunk in values.chunks(CHUNK) {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "SELECT {RECORD} FROM records WHERE until_epoch IS NULL AND {column} IN ("
            ));
            let mut list = query.separated(", ");
            for value in chunk {
                list.push_bind(&value[..]);
            }
            list.push_unseparated(")");
            for row in query.build().fetch_all(&mut *self.0).await? {
                out.push(record(&row)?);
            }
        }
        Ok(out)
    }

    /// Memberships whose `column` (one of two constants) is in the list.
    async fn memberships_where(
        &mut self,
        column: &'static str,
        and: &'static str,
        values: &[Reference],
    ) -> Stored<Vec<MembershipRow>> {
        let mut out = Vec::new();
        for chunk in values.chunks(CHUNK) {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "SELECT member, household, since_epoch, until_epoch FROM memberships WHERE {and} {column} IN ("
            ));
            let mut list = query.separated(", ");
            for value in chunk {
                list.push_bind(&value[..]);
            }
            list.push_unseparated(")");
            for row in query.build().fetch_all(&mut *self.0).await? {
                out.push(membership(&row)?);
            }
        }
        Ok(out)
    }

    /// Rows of a fixed query with one reference.
    async fn rows_of(&mut self, condition: &'static str, value: &[u8]) -> Stored<Vec<RecordRow>> {
        let sql = format!("SELECT {RECORD} FROM records WHERE {condition} ORDER BY leaf_index, version");
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_all(&mut *self.0).await?;
        rows.iter().map(record).collect()
    }
}

impl RecordsTx for SqliteRecordsTx {
    async fn commit(self) -> Stored<()> {
        Ok(self.0.commit().await?)
    }

    async fn value(&mut self, name: &'static str) -> Stored<Option<Vec<u8>>> {
        let row = sqlx::query("SELECT value FROM vault_values WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *self.0)
            .await?;
        Ok(row.map(|row| row.try_get("value")).transpose()?)
    }

    async fn set_value(&mut self, name: &'static str, value: &[u8]) -> Stored<()> {
        sqlx::query("INSERT INTO vault_values (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn schemas(&mut self) -> Stored<Vec<SchemaRow>> {
        let rows = sqlx::query("SELECT id, name, json FROM schemas ORDER BY name, id").fetch_all(&mut *self.0).await?;
        rows.iter()
            .map(|row| {
                Ok(SchemaRow {
                    id: SchemaId(element(row, "id")?),
                    name: row.try_get("name")?,
                    json: row.try_get("json")?,
                })
            })
            .collect()
    }

    async fn add_schema(&mut self, schema: &SchemaRow) -> Stored<()> {
        sqlx::query("INSERT INTO schemas (id, name, json) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
            .bind(&field::to_bytes(schema.id.0)[..])
            .bind(&schema.name)
            .bind(&schema.json)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn enrolments(&mut self, subjects: &[Reference]) -> Stored<Vec<EnrolmentRow>> {
        let mut out = Vec::new();
        for chunk in subjects.chunks(CHUNK) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT subject, version, anchor_by, epoch, sealed FROM enrolments WHERE subject IN (",
            );
            let mut list = query.separated(", ");
            for subject in chunk {
                list.push_bind(&subject[..]);
            }
            list.push_unseparated(")");
            for row in query.build().fetch_all(&mut *self.0).await? {
                out.push(enrolment(&row)?);
            }
        }
        Ok(out)
    }

    async fn enrolments_after(&mut self, after: Option<&Reference>, limit: u32) -> Stored<Vec<EnrolmentRow>> {
        let rows = sqlx::query(
            "SELECT subject, version, anchor_by, epoch, sealed FROM enrolments WHERE subject > $1 ORDER BY subject LIMIT $2",
        )
        .bind(after.map_or(&[][..], |after| &after[..]))
        .bind(limit)
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter().map(enrolment).collect()
    }

    async fn add_known_key(&mut self, fingerprint: &Reference, subject: &Reference) -> Stored<()> {
        sqlx::query("INSERT INTO known_keys (fingerprint, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(&fingerprint[..])
            .bind(&subject[..])
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn subjects_of_key(&mut self, fingerprint: &Reference) -> Stored<Vec<Reference>> {
        let rows = sqlx::query("SELECT subject FROM known_keys WHERE fingerprint = $1")
            .bind(&fingerprint[..])
            .fetch_all(&mut *self.0)
            .await?;
        rows.iter().map(|row| fixed(row, "subject")).collect()
    }

    async fn add_looks(&mut self, rows: &[LookRow]) -> Stored<()> {
        for chunk in rows.chunks(CHUNK) {
            QueryBuilder::<Sqlite>::new("INSERT INTO looks (skeleton, subject, ascii, small, capital, line) ")
                .push_values(chunk, |mut b, row| {
                    b.push_bind(row.skeleton.to_vec())
                        .push_bind(row.subject.to_vec())
                        .push_bind(i64::from(row.ascii))
                        .push_bind(i64::from(row.small))
                        .push_bind(i64::from(row.capital))
                        .push_bind(row.line.map(signed));
                })
                .push(" ON CONFLICT DO NOTHING")
                .build()
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn looks(&mut self, skeletons: &[Reference], foreign: bool) -> Stored<Vec<LookRow>> {
        let mut out = Vec::new();
        for chunk in skeletons.chunks(CHUNK) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT skeleton, subject, ascii, small, capital, line FROM looks WHERE ");
            query.push(if foreign { "ascii = 0 AND skeleton IN (" } else { "skeleton IN (" });
            let mut list = query.separated(", ");
            for skeleton in chunk {
                list.push_bind(&skeleton[..]);
            }
            list.push_unseparated(")");
            for row in query.build().fetch_all(&mut *self.0).await? {
                out.push(look(&row)?);
            }
        }
        Ok(out)
    }

    async fn move_looks(&mut self, from: &Reference, to: &Reference) -> Stored<()> {
        sqlx::query("UPDATE OR REPLACE looks SET subject = $2, small = 0, capital = 0 WHERE subject = $1")
            .bind(&from[..])
            .bind(&to[..])
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn forget_looks(&mut self, subject: &Reference) -> Stored<()> {
        sqlx::query("DELETE FROM looks WHERE subject = $1").bind(&subject[..]).execute(&mut *self.0).await?;
        Ok(())
    }

    async fn forget_lines(&mut self) -> Stored<()> {
        sqlx::query("UPDATE looks SET line = NULL WHERE line IS NOT NULL").execute(&mut *self.0).await?;
        Ok(())
    }

    async fn ids_in_other_case(&mut self, upper: bool) -> Stored<u64> {
        let sql = if upper {
            "SELECT COUNT(*) AS ids FROM looks WHERE small = 1"
        } else {
            "SELECT COUNT(*) AS ids FROM looks WHERE capital = 1"
        };
        unsigned(&sqlx::query(sql).fetch_one(&mut *self.0).await?, "ids")
    }

    async fn put_enrolment(&mut self, row: &EnrolmentRow) -> Stored<()> {
        sqlx::query(
            "INSERT INTO enrolments (subject, version, anchor_by, epoch, sealed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (subject) DO UPDATE SET
                 version = excluded.version, anchor_by = excluded.anchor_by, epoch = excluded.epoch, sealed = excluded.sealed",
        )
        .bind(&row.subject[..])
        .bind(signed(row.version))
        .bind(row.anchor_by)
        .bind(signed(row.epoch))
        .bind(&row.sealed[..])
        .execute(&mut *self.0)
        .await?;
        Ok(())
    }

    async fn waiting_enrolments(&mut self) -> Stored<Vec<EnrolmentRow>> {
        let rows = sqlx::query(
            "SELECT subject, version, anchor_by, epoch, sealed FROM enrolments WHERE anchor_by IS NOT NULL ORDER BY anchor_by",
        )
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter().map(enrolment).collect()
    }

    async fn add_nonce(&mut self, nonce: &[u8; 32], subject: &Reference, expires: i64) -> Stored<()> {
        sqlx::query("INSERT INTO nonces (nonce, subject, expires) VALUES ($1, $2, $3)")
            .bind(&nonce[..])
            .bind(&subject[..])
            .bind(expires)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }

    async fn take_nonce(&mut self, nonce: &[u8; 32], subject: &Reference, now: i64) -> Stored<bool> {
        sqlx::query("DELETE FROM nonces WHERE expires < $1").bind(now).execute(&mut *self.0).await?;
        let taken = sqlx::query("DELETE FROM nonces WHERE nonce = $1 AND subject = $2")
            .bind(&nonce[..])
            .bind(&subject[..])
            .execute(&mut *self.0)
            .await?;
        Ok(taken.rows_affected() == 1)
    }

    async fn add_records(&mut self, rows: &[RecordRow]) -> Stored<()> {
        for chunk in rows.chunks(CHUNK) {
            QueryBuilder::<Sqlite>::new(format!("INSERT INTO records ({RECORD}) "))
                .push_values(chunk, |mut b, row| {
                    b.push_bind(&row.id[..])
                        .push_bind(signed(row.version))
                        .push_bind(field::to_bytes(row.schema.0).to_vec())
                        .push_bind(i64::from(row.period))
                        .push_bind(&row.lookup[..])
                        .push_bind(&row.serial[..])
                        .push_bind(&row.subject[..])
                        .push_bind(i64::from(row.index.0))
                        .push_bind(field::to_bytes(row.leaf.0).to_vec())
                        .push_bind(signed(row.since))
                        .push_bind(row.until.map(signed))
                        .push_bind(&row.sealed[..]);
                })
                .build()
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn live_by_lookup(&mut self, lookups: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.live_where("lookup", lookups).await
    }

    async fn live_by_serial(&mut self, serials: &[Reference]) -> Stored<Vec<RecordRow>> {
        self.live_where("serial", serials).await
    }

    async fn live_periods(&mut self, schema: SchemaId) -> Stored<Vec<u32>> {
        let rows = sqlx::query("SELECT DISTINCT period FROM records WHERE until_epoch IS NULL AND schema_id = $1")
            .bind(&field::to_bytes(schema.0)[..])
            .fetch_all(&mut *self.0)
            .await?;
        rows.iter().map(|row| unsigned(row, "period")).collect()
    }

    async fn live_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.rows_of("subject = $1 AND until_epoch IS NULL", subject).await
    }

    async fn versions_of_subject(&mut self, subject: &Reference) -> Stored<Vec<RecordRow>> {
        self.rows_of("subject = $1", subject).await
    }

    async fn record_at(&mut self, lookup: &Reference, epoch: Epoch) -> Stored<Option<RecordRow>> {
        // Two branches, each on its own partial index.
        let sql = format!(
            "SELECT {RECORD} FROM records WHERE lookup = $1 AND until_epoch IS NULL AND since_epoch <= $2
             UNION ALL
             SELECT {RECORD} FROM records WHERE lookup = $1 AND until_epoch IS NOT NULL AND since_epoch <= $2 AND until_epoch > $2"
        );
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(&lookup[..]).bind(signed(epoch)).fetch_optional(&mut *self.0).await?;
        row.as_ref().map(record).transpose()
    }

    async fn live_records(&mut self, after: Option<LeafIndex>, limit: u32) -> Stored<Vec<RecordRow>> {
        let sql = format!(
            "SELECT {RECORD} FROM records WHERE until_epoch IS NULL AND leaf_index > $1 ORDER BY leaf_index LIMIT $2"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(after.map_or(-1, |i| i64::from(i.0)))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await?;
        rows.iter().map(record).collect()
    }

    async fn end_records(&mut self, rows: &[(RecordId, u64)], epoch: Epoch) -> Stored<()> {
        for (id, version) in rows {
            sqlx::query("UPDATE records SET until_epoch = $1 WHERE id = $2 AND version = $3")
                .bind(signed(epoch))
                .bind(&id[..])
                .bind(signed(*version))
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn delete_records(&mut self, rows: &[(RecordId, u64)]) -> Stored<()> {
        for (id, version) in rows {
            sqlx::query("DELETE FROM records WHERE id = $1 AND version = $2")
                .bind(&id[..])
                .bind(signed(*version))
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn ended_before(&mut self, epoch: Epoch, limit: u32) -> Stored<Vec<(RecordId, u64)>> {
        let rows =
            sqlx::query("SELECT id, version FROM records WHERE until_epoch IS NOT NULL AND until_epoch <= $1 LIMIT $2")
                .bind(signed(epoch))
                .bind(i64::from(limit))
                .fetch_all(&mut *self.0)
                .await?;
        rows.iter().map(|row| Ok((fixed(row, "id")?, unsigned(row, "version")?))).collect()
    }

    async fn memberships(&mut self, members: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.memberships_where("member", "", members).await
    }

    async fn members_of(&mut self, households: &[Reference]) -> Stored<Vec<MembershipRow>> {
        self.memberships_where("household", "until_epoch IS NULL AND", households).await
    }

    async fn put_memberships(&mut self, rows: &[MembershipRow]) -> Stored<()> {
        for row in rows {
            sqlx::query(
                "INSERT INTO memberships (member, household, since_epoch, until_epoch) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (member, household) DO UPDATE SET until_epoch = excluded.until_epoch",
            )
            .bind(&row.member[..])
            .bind(&row.household[..])
            .bind(signed(row.since))
            .bind(row.until.map(signed))
            .execute(&mut *self.0)
            .await?;
        }
        Ok(())
    }

    async fn end_memberships(&mut self, rows: &[(Reference, Reference)], epoch: Epoch) -> Stored<()> {
        for (member, household) in rows {
            for sql in [
                "DELETE FROM memberships WHERE member = $1 AND household = $2 AND since_epoch = $3",
                "UPDATE memberships SET until_epoch = $3 WHERE member = $1 AND household = $2 AND until_epoch IS NULL",
            ] {
                let query = sqlx::query(sql).bind(&member[..]).bind(&household[..]).bind(signed(epoch));
                query.execute(&mut *self.0).await?;
            }
        }
        Ok(())
    }

    async fn mark_seen(&mut self, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
        let mut fresh = HashSet::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let rows = QueryBuilder::<Sqlite>::new("INSERT INTO seen (id) ")
                .push_values(chunk, |mut row, id| {
                    row.push_bind(&id[..]);
                })
                .push(" ON CONFLICT (id) DO NOTHING RETURNING id")
                .build()
                .fetch_all(&mut *self.0)
                .await?;
            for row in &rows {
                fresh.insert(fixed::<16>(row, "id")?);
            }
        }
        Ok(ids.iter().filter(|id| !fresh.contains(*id)).copied().collect())
    }

    async fn unseen(
        &mut self,
        schema: SchemaId,
        period: Option<u32>,
        after: Option<LeafIndex>,
        limit: u32,
    ) -> Stored<Vec<RecordRow>> {
        let sql = format!(
            "SELECT {RECORD} FROM records
             WHERE until_epoch IS NULL AND leaf_index > $1 AND schema_id = $2 AND ($3 < 0 OR period = $3)
               AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.id = records.id)
             ORDER BY leaf_index LIMIT $4"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(after.map_or(-1, |i| i64::from(i.0)))
            .bind(&field::to_bytes(schema.0)[..])
            .bind(period.map_or(-1, i64::from))
            .bind(i64::from(limit))
            .fetch_all(&mut *self.0)
            .await?;
        rows.iter().map(record).collect()
    }

    async fn live_in(&mut self, schema: SchemaId, period: u32) -> Stored<u64> {
        let sql = "SELECT COUNT(*) AS live FROM records WHERE until_epoch IS NULL AND schema_id = $1 AND period = $2";
        let row = sqlx::query(sql)
            .bind(&field::to_bytes(schema.0)[..])
            .bind(i64::from(period))
            .fetch_one(&mut *self.0)
            .await?;
        unsigned(&row, "live")
    }

    async fn clear_seen(&mut self) -> Stored<()> {
        sqlx::query("DELETE FROM seen").execute(&mut *self.0).await?;
        Ok(())
    }

    async fn nodes(&mut self, level: u32, positions: &[u32], epoch: Epoch) -> Stored<Vec<NodeRow>> {
        let mut out = Vec::with_capacity(positions.len());
        for chunk in positions.chunks(CHUNK) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT n.position, n.epoch, n.children FROM nodes n WHERE n.level = ");
            query.push_bind(i64::from(level)).push(" AND n.position IN (");
            let mut list = query.separated(", ");
            for position in chunk {
                list.push_bind(i64::from(*position));
            }
            list.push_unseparated(")");
            query
                .push(" AND n.epoch = (SELECT MAX(m.epoch) FROM nodes m WHERE m.level = n.level AND m.position = n.position AND m.epoch <= ")
                .push_bind(signed(epoch))
                .push(")");
            for row in query.build().fetch_all(&mut *self.0).await? {
                out.push(NodeRow {
                    level,
                    position: unsigned(&row, "position")?,
                    epoch: unsigned(&row, "epoch")?,
                    children: fixed(&row, "children")?,
                });
            }
        }
        Ok(out)
    }

    async fn put_nodes(&mut self, rows: &[NodeRow]) -> Stored<()> {
        for chunk in rows.chunks(CHUNK) {
            QueryBuilder::<Sqlite>::new("INSERT INTO nodes (level, position, epoch, children) ")
                .push_values(chunk, |mut b, row| {
                    b.push_bind(i64::from(row.level))
                        .push_bind(i64::from(row.position))
                        .push_bind(signed(row.epoch))
                        .push_bind(&row.children[..]);
                })
                .push(" ON CONFLICT (level, position, epoch) DO UPDATE SET children = excluded.children")
                .build()
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn prune_nodes(&mut self, epoch: Epoch) -> Stored<u64> {
        let pruned = sqlx::query(
            "DELETE FROM nodes WHERE epoch < $1 AND EXISTS (
                 SELECT 1 FROM nodes n WHERE n.level = nodes.level AND n.position = nodes.position
                 AND n.epoch > nodes.epoch AND n.epoch <= $1)",
        )
        .bind(signed(epoch))
        .execute(&mut *self.0)
        .await?;
        Ok(pruned.rows_affected())
    }

    async fn roots(&mut self) -> Stored<Vec<RootRow>> {
        let rows = sqlx::query(
            "SELECT epoch, root, log_size, log_head, state, anchor_by, sequence, block, anchored_at, superseded_at
             FROM roots ORDER BY epoch",
        )
        .fetch_all(&mut *self.0)
        .await?;
        rows.iter().map(root).collect()
    }

    async fn put_root(&mut self, row: &RootRow) -> Stored<()> {
        sqlx::query(
            "INSERT INTO roots (epoch, root, log_size, log_head, state, anchor_by, sequence, block, anchored_at, superseded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (epoch) DO UPDATE SET
                 root = excluded.root, log_size = excluded.log_size, log_head = excluded.log_head, state = excluded.state,
                 anchor_by = excluded.anchor_by, sequence = excluded.sequence, block = excluded.block,
                 anchored_at = excluded.anchored_at, superseded_at = excluded.superseded_at",
        )
        .bind(signed(row.epoch))
        .bind(&field::to_bytes(row.root.0)[..])
        .bind(signed(row.log_size))
        .bind(&row.log_head.0[..])
        .bind(state_text(row.state))
        .bind(row.anchor_by)
        .bind(row.sequence.map(signed))
        .bind(row.block.map(signed))
        .bind(row.anchored_at)
        .bind(row.superseded_at)
        .execute(&mut *self.0)
        .await?;
        Ok(())
    }

    async fn owe_destruction(&mut self, keys: &[DataKeyId]) -> Stored<()> {
        for key in keys {
            sqlx::query("INSERT INTO owed_destructions (key_id) VALUES ($1) ON CONFLICT (key_id) DO NOTHING")
                .bind(&key[..])
                .execute(&mut *self.0)
                .await?;
        }
        Ok(())
    }

    async fn owed_destructions(&mut self) -> Stored<Vec<DataKeyId>> {
        let rows = sqlx::query("SELECT key_id FROM owed_destructions").fetch_all(&mut *self.0).await?;
        rows.iter().map(|row| Ok(row.try_get("key_id")?)).collect()
    }

    async fn settle_destructions(&mut self) -> Stored<()> {
        sqlx::query("DELETE FROM owed_destructions").execute(&mut *self.0).await?;
        Ok(())
    }

    async fn add_import(&mut self, row: &ImportRow) -> Stored<()> {
        sqlx::query(
            "INSERT INTO imports (id, schema_id, at, added, changed, unchanged, removed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&row.id[..])
        .bind(&field::to_bytes(row.schema.0)[..])
        .bind(row.at)
        .bind(signed(row.added))
        .bind(signed(row.changed))
        .bind(signed(row.unchanged))
        .bind(signed(row.removed))
        .execute(&mut *self.0)
        .await?;
        Ok(())
    }

    async fn imports(&mut self) -> Stored<Vec<ImportRow>> {
        let rows =
            sqlx::query("SELECT id, schema_id, at, added, changed, unchanged, removed FROM imports ORDER BY at, id")
                .fetch_all(&mut *self.0)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(ImportRow {
                    id: fixed(row, "id")?,
                    schema: SchemaId(element(row, "schema_id")?),
                    at: row.try_get("at")?,
                    added: unsigned(row, "added")?,
                    changed: unsigned(row, "changed")?,
                    unchanged: unsigned(row, "unchanged")?,
                    removed: unsigned(row, "removed")?,
                })
            })
            .collect()
    }

    async fn commit_batch(&mut self, batch: &[u8; 16]) -> Stored<()> {
        sqlx::query("INSERT INTO batches (batch) VALUES ($1)").bind(&batch[..]).execute(&mut *self.0).await?;
        Ok(())
    }

    async fn has_batch(&mut self, batch: &[u8; 16]) -> Stored<bool> {
        let row =
            sqlx::query("SELECT 1 FROM batches WHERE batch = $1").bind(&batch[..]).fetch_optional(&mut *self.0).await?;
        Ok(row.is_some())
    }

    async fn forget_batch(&mut self, batch: &[u8; 16]) -> Stored<()> {
        sqlx::query("DELETE FROM batches WHERE batch = $1").bind(&batch[..]).execute(&mut *self.0).await?;
        Ok(())
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
