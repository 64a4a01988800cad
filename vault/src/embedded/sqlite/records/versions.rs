//! Versions of records, and the marks of a running import.

use super::{
    super::{fixed, none_left, reached, row::record, signed, unsigned},
    CHUNK, listed, part,
};
use crate::store::{Epoch, RecordId, RecordRow, Reference, Stored};
use sealroot_protocol::{field, schema::SchemaId, tree::LeafIndex};
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};
use std::collections::HashSet;

const RECORD: &str =
    "id, version, schema_id, period, lookup, serial, subject, leaf_index, leaf, since_epoch, until_epoch, sealed, tag";

fn records(rows: Vec<SqliteRow>) -> Stored<Vec<RecordRow>> {
    rows.iter().map(record).collect()
}

pub(super) async fn add(db: &mut SqliteConnection, rows: &[RecordRow]) -> Stored<()> {
    for chunk in rows.chunks(CHUNK) {
        let done = QueryBuilder::<Sqlite>::new(format!("INSERT INTO records ({RECORD}) "))
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
                    .push_bind(&row.sealed[..])
                    .push_bind(&row.tag.0[..]);
            })
            .build()
            .execute(&mut *db)
            .await?;
        reached(&done, chunk.len() as u64, "records")?;
    }
    Ok(())
}

/// Live rows whose `column` (one of two constants) is in the list.
pub(super) async fn live_where(
    db: &mut SqliteConnection,
    column: &'static str,
    values: &[Reference],
) -> Stored<Vec<RecordRow>> {
    let mut out = Vec::new();
    for chunk in values.chunks(CHUNK) {
        let mut query = listed(format!("SELECT {RECORD} FROM records WHERE until_epoch IS NULL AND {column}"), chunk);
        out.extend(records(query.build().fetch_all(&mut *db).await?)?);
    }
    Ok(out)
}

/// Rows of a fixed condition with one reference.
pub(super) async fn of(db: &mut SqliteConnection, condition: &'static str, value: &[u8]) -> Stored<Vec<RecordRow>> {
    let sql = format!("SELECT {RECORD} FROM records WHERE {condition} ORDER BY leaf_index, version");
    records(sqlx::query(AssertSqlSafe(sql)).bind(value).fetch_all(db).await?)
}

pub(super) async fn of_part(db: &mut SqliteConnection, first: u8) -> Stored<Vec<RecordRow>> {
    let sql = format!("SELECT {RECORD} FROM records WHERE subject >= $1 AND subject < $2");
    let (from, below) = part(first);
    records(sqlx::query(AssertSqlSafe(sql)).bind(from).bind(below).fetch_all(db).await?)
}

pub(super) async fn live_periods(db: &mut SqliteConnection, schema: SchemaId) -> Stored<Vec<u32>> {
    let rows = sqlx::query("SELECT DISTINCT period FROM records WHERE until_epoch IS NULL AND schema_id = $1")
        .bind(&field::to_bytes(schema.0)[..])
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| unsigned(row, "period")).collect()
}

pub(super) async fn at(db: &mut SqliteConnection, lookup: &Reference, epoch: Epoch) -> Stored<Option<RecordRow>> {
    // Two branches, each on its own partial index.
    let sql = format!(
        "SELECT {RECORD} FROM records WHERE lookup = $1 AND until_epoch IS NULL AND since_epoch <= $2
         UNION ALL
         SELECT {RECORD} FROM records WHERE lookup = $1 AND until_epoch IS NOT NULL AND since_epoch <= $2 AND until_epoch > $2"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(&lookup[..]).bind(signed(epoch)).fetch_optional(db).await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn live(db: &mut SqliteConnection, after: Option<LeafIndex>, limit: u32) -> Stored<Vec<RecordRow>> {
    let sql = format!(
        "SELECT {RECORD} FROM records WHERE until_epoch IS NULL AND leaf_index > $1 ORDER BY leaf_index LIMIT $2"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(after.map_or(-1, |i| i64::from(i.0))).bind(i64::from(limit));
    records(query.fetch_all(db).await?)
}

pub(super) async fn after(
    db: &mut SqliteConnection,
    after: Option<(RecordId, u64)>,
    limit: u32,
) -> Stored<Vec<RecordRow>> {
    let sql = format!("SELECT {RECORD} FROM records WHERE (id, version) > ($1, $2) ORDER BY id, version LIMIT $3");
    let (id, version) = after.map_or((Vec::new(), 0), |(id, version)| (id.to_vec(), version));
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id).bind(signed(version)).bind(i64::from(limit));
    records(query.fetch_all(db).await?)
}

pub(super) async fn get(db: &mut SqliteConnection, which: &[(RecordId, u64)]) -> Stored<Vec<RecordRow>> {
    let mut out = Vec::with_capacity(which.len());
    for chunk in which.chunks(CHUNK) {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT {RECORD} FROM records WHERE (id, version) IN (VALUES "));
        let mut list = query.separated(", ");
        for (id, version) in chunk {
            list.push("(").push_bind_unseparated(id.to_vec());
            list.push_unseparated(", ").push_bind_unseparated(signed(*version)).push_unseparated(")");
        }
        query.push(")");
        out.extend(records(query.build().fetch_all(&mut *db).await?)?);
    }
    Ok(out)
}

pub(super) async fn put_ends(db: &mut SqliteConnection, rows: &[RecordRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query("UPDATE records SET until_epoch = $1, tag = $2 WHERE id = $3 AND version = $4")
            .bind(row.until.map(signed))
            .bind(&row.tag.0[..])
            .bind(&row.id[..])
            .bind(signed(row.version))
            .execute(&mut *db)
            .await?;
        reached(&done, 1, "records")?;
    }
    Ok(())
}

pub(super) async fn delete(db: &mut SqliteConnection, rows: &[(RecordId, u64)]) -> Stored<()> {
    for (id, version) in rows {
        let done = sqlx::query("DELETE FROM records WHERE id = $1 AND version = $2")
            .bind(&id[..])
            .bind(signed(*version))
            .execute(&mut *db)
            .await?;
        reached(&done, 1, "records")?;
    }
    none_left(get(db, rows).await?.len(), "records")
}

pub(super) async fn ended_before(db: &mut SqliteConnection, epoch: Epoch, limit: u32) -> Stored<Vec<RecordRow>> {
    let sql = format!("SELECT {RECORD} FROM records WHERE until_epoch IS NOT NULL AND until_epoch <= $1 LIMIT $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(signed(epoch)).bind(i64::from(limit));
    records(query.fetch_all(db).await?)
}

pub(super) async fn live_in(db: &mut SqliteConnection, schema: SchemaId, period: u32) -> Stored<u64> {
    let sql = "SELECT COUNT(*) AS live FROM records WHERE until_epoch IS NULL AND schema_id = $1 AND period = $2";
    let row = sqlx::query(sql).bind(&field::to_bytes(schema.0)[..]).bind(i64::from(period)).fetch_one(db).await?;
    unsigned(&row, "live")
}

pub(super) async fn mark_seen(db: &mut SqliteConnection, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
    let mut fresh = HashSet::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = QueryBuilder::<Sqlite>::new("INSERT INTO seen (id) ")
            .push_values(chunk, |mut row, id| {
                row.push_bind(&id[..]);
            })
            .push(" ON CONFLICT (id) DO NOTHING RETURNING id")
            .build()
            .fetch_all(&mut *db)
            .await?;
        for row in &rows {
            fresh.insert(fixed::<16>(row, "id")?);
        }
    }
    Ok(ids.iter().filter(|id| !fresh.contains(*id)).copied().collect())
}

pub(super) async fn seen(db: &mut SqliteConnection, ids: &[RecordId]) -> Stored<Vec<RecordId>> {
    let mut out = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let mut query = listed("SELECT id FROM seen WHERE id".to_owned(), chunk);
        for row in query.build().fetch_all(&mut *db).await? {
            out.push(fixed::<16>(&row, "id")?);
        }
    }
    Ok(out)
}

pub(super) async fn unseen(
    db: &mut SqliteConnection,
    schema: SchemaId,
    period: u32,
    after: Option<LeafIndex>,
    below: u64,
    limit: u32,
) -> Stored<Vec<RecordRow>> {
    let sql = format!(
        "SELECT {RECORD} FROM records
         WHERE until_epoch IS NULL AND leaf_index > $1 AND leaf_index < $5 AND schema_id = $2 AND period = $3
           AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.id = records.id)
         ORDER BY leaf_index LIMIT $4"
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(after.map_or(-1, |i| i64::from(i.0)))
        .bind(field::to_bytes(schema.0).to_vec())
        .bind(i64::from(period))
        .bind(i64::from(limit))
        .bind(signed(below));
    records(query.fetch_all(db).await?)
}

pub(super) async fn clear_seen(db: &mut SqliteConnection) -> Stored<()> {
    sqlx::query("DELETE FROM seen").execute(db).await?;
    Ok(())
}
