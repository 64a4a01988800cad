//! What a crash must not forget: data keys that must be destroyed, and batches of data keys that are committed.

use super::super::{fixed, none_left, reached, row::tag};
use crate::store::{BatchRow, OwedRow, Stored};
use sqlx::{Row, SqliteConnection};

pub(super) async fn put_owed(db: &mut SqliteConnection, rows: &[OwedRow]) -> Stored<()> {
    for row in rows {
        let done = sqlx::query(
            "INSERT INTO owed_destructions (key_id, tag) VALUES ($1, $2) ON CONFLICT (key_id) DO UPDATE SET tag = excluded.tag",
        )
        .bind(&row.key[..])
        .bind(&row.tag.0[..])
        .execute(&mut *db)
        .await?;
        reached(&done, 1, "owed_destructions")?;
    }
    Ok(())
}

pub(super) async fn owed(db: &mut SqliteConnection) -> Stored<Vec<OwedRow>> {
    let rows = sqlx::query("SELECT key_id, tag FROM owed_destructions").fetch_all(db).await?;
    rows.iter().map(|row| Ok(OwedRow { key: row.try_get("key_id")?, tag: tag(row)? })).collect()
}

pub(super) async fn settle(db: &mut SqliteConnection) -> Stored<()> {
    sqlx::query("DELETE FROM owed_destructions").execute(&mut *db).await?;
    none_left(owed(db).await?.len(), "owed_destructions")
}

pub(super) async fn put_batch(db: &mut SqliteConnection, row: &BatchRow) -> Stored<()> {
    let done = sqlx::query("INSERT INTO batches (batch, tag) VALUES ($1, $2)")
        .bind(&row.batch[..])
        .bind(&row.tag.0[..])
        .execute(db)
        .await?;
    reached(&done, 1, "batches")
}

pub(super) async fn batches(db: &mut SqliteConnection) -> Stored<Vec<BatchRow>> {
    let rows = sqlx::query("SELECT batch, tag FROM batches").fetch_all(db).await?;
    rows.iter().map(|row| Ok(BatchRow { batch: fixed(row, "batch")?, tag: tag(row)? })).collect()
}

pub(super) async fn forget_batch(db: &mut SqliteConnection, batch: &[u8; 16]) -> Stored<()> {
    sqlx::query("DELETE FROM batches WHERE batch = $1").bind(&batch[..]).execute(db).await?;
    Ok(())
}
