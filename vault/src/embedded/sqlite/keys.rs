//! The key store in SQLite: a file of its own, so that its backups can be short-lived.

use super::{KEYS_FILE, Pools, fixed, none_left, reached, schema::check_indices};
use crate::{
    keys::KekId,
    store::{DataKeyId, Keys, StoreError, Stored, WrappedKey},
};
use sqlx::{QueryBuilder, Row, Sqlite, SqlitePool, sqlite::SqliteRow};

/// `keys.db`.
#[derive(Debug, Clone)]
pub struct SqliteKeys(pub(super) Pools);

/// Rows per statement.
const CHUNK: usize = 500;

impl Keys for SqliteKeys {
    async fn add(&self, batch: &[u8; 16], keys: &[WrappedKey]) -> Stored<()> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO open_batches (batch) VALUES ($1) ON CONFLICT (batch) DO NOTHING")
            .bind(&batch[..])
            .execute(&mut *tx)
            .await?;
        for chunk in keys.chunks(CHUNK) {
            let done = QueryBuilder::<Sqlite>::new("INSERT INTO data_keys (id, kek, wrapped, batch) ")
                .push_values(chunk, |mut row, key| {
                    row.push_bind(&key.id[..])
                        .push_bind(&key.kek.0[..])
                        .push_bind(&key.wrapped[..])
                        .push_bind(&batch[..]);
                })
                // A restored keys.db may be newer than the records, and have keys of versions that are written again now.
                .push(
                    " ON CONFLICT (id) DO UPDATE SET kek = excluded.kek, wrapped = excluded.wrapped, batch = excluded.batch",
                )
                .build()
                .execute(&mut *tx)
                .await?;
            reached(&done, chunk.len() as u64, "data_keys")?;
        }
        Ok(tx.commit().await?)
    }

    async fn settle(&self, batch: &[u8; 16]) -> Stored<()> {
        sqlx::query("DELETE FROM open_batches WHERE batch = $1").bind(&batch[..]).execute(&self.0.writer).await?;
        Ok(())
    }

    async fn drop_batch(&self, batch: &[u8; 16]) -> Stored<()> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM data_keys WHERE batch = $1").bind(&batch[..]).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM open_batches WHERE batch = $1").bind(&batch[..]).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    async fn open_batches(&self) -> Stored<Vec<[u8; 16]>> {
        let rows = sqlx::query("SELECT batch FROM open_batches").fetch_all(&self.0.readers).await?;
        rows.iter().map(|row| fixed(row, "batch")).collect()
    }

    async fn get(&self, ids: &[DataKeyId]) -> Stored<Vec<WrappedKey>> {
        let mut out = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            out.extend(found(&self.0.readers, chunk).await?);
        }
        Ok(out)
    }

    async fn destroy(&self, ids: &[DataKeyId]) -> Stored<()> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        for chunk in ids.chunks(CHUNK) {
            let mut query = QueryBuilder::<Sqlite>::new("DELETE FROM data_keys WHERE id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(&id[..]);
            }
            list.push_unseparated(")");
            query.build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
        // Destroyed is what isn't found any more, not what a statement said. Read on the writer's connection, which sees every commit.
        for chunk in ids.chunks(CHUNK) {
            none_left(found(&self.0.writer, chunk).await?.len(), "data_keys")?;
        }
        // The log still holds frames with the key; fold it into the file (whose freed pages are zeroed) and cut it to nothing.
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.0.writer).await?;
        if row.try_get::<i64, _>(0)? == 0 {
            Ok(())
        } else {
            Err(StoreError::Unavailable(
                "keys.db is read by somebody else, so that destroyed keys are still in its log".into(),
            ))
        }
    }

    async fn not_under(&self, kek: KekId, limit: u32) -> Stored<Vec<WrappedKey>> {
        let rows = sqlx::query("SELECT id, kek, wrapped FROM data_keys WHERE kek <> $1 LIMIT $2")
            .bind(&kek.0[..])
            .bind(i64::from(limit))
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter().map(key).collect()
    }

    async fn rewrap(&self, keys: &[WrappedKey]) -> Stored<()> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        for key in keys {
            let done = sqlx::query("UPDATE data_keys SET kek = $1, wrapped = $2 WHERE id = $3")
                .bind(&key.kek.0[..])
                .bind(&key.wrapped[..])
                .bind(&key.id[..])
                .execute(&mut *tx)
                .await?;
            // One that was destroyed meanwhile stays so.
            if done.rows_affected() > 0 {
                reached(&done, 1, "data_keys")?;
            }
        }
        Ok(tx.commit().await?)
    }

    async fn check_indices(&self) -> Stored<()> {
        check_indices(&mut *self.0.readers.acquire().await?, KEYS_FILE, None).await
    }

    async fn settled_after(&self, after: Option<&[u8]>, limit: u32) -> Stored<Vec<DataKeyId>> {
        let sql = "SELECT id FROM data_keys WHERE id > $1 AND batch NOT IN (SELECT batch FROM open_batches) ORDER BY id LIMIT $2";
        let query = sqlx::query(sql).bind(after.unwrap_or_default()).bind(i64::from(limit));
        query.fetch_all(&self.0.readers).await?.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }

    async fn count(&self) -> Stored<u64> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM data_keys").fetch_one(&self.0.readers).await?;
        super::unsigned(&row, "n")
    }
}

/// The keys of some ids, no more than a statement takes.
async fn found(pool: &SqlitePool, ids: &[DataKeyId]) -> Stored<Vec<WrappedKey>> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT id, kek, wrapped FROM data_keys WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(&id[..]);
    }
    list.push_unseparated(")");
    query.build().fetch_all(pool).await?.iter().map(key).collect()
}

fn key(row: &SqliteRow) -> Stored<WrappedKey> {
    Ok(WrappedKey { id: row.try_get("id")?, kek: KekId(fixed(row, "kek")?), wrapped: row.try_get("wrapped")? })
}
