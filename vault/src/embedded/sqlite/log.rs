//! The access log in SQLite: a file of its own, so that a long import doesn't keep disclosures waiting.

use super::{Pools, fixed, signed, unsigned};
use crate::{
    log::merkle::Subtree,
    store::{Log, Reference, StoreError, Stored},
};
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::field::Digest;
use sqlx::{Row, sqlite::SqliteRow};

/// `log.db`.
#[derive(Debug, Clone)]
pub struct SqliteLog(pub(super) Pools);

impl Log for SqliteLog {
    async fn size(&self) -> Stored<u64> {
        let row =
            sqlx::query("SELECT COALESCE(MAX(position) + 1, 0) AS n FROM entries").fetch_one(&self.0.readers).await?;
        unsigned(&row, "n")
    }

    async fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> Stored<()> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO entries (position, at, subject, to_holder, sealed) VALUES ($1, $2, $3, $4, $5)")
            .bind(signed(entry.position))
            .bind(entry.at)
            .bind(&entry.subject.0[..])
            .bind(i64::from(entry.to_holder))
            .bind(&entry.sealed[..])
            .execute(&mut *tx)
            .await?;
        for (subtree, hash) in completed {
            sqlx::query("INSERT INTO subtrees (level, position, hash) VALUES ($1, $2, $3)")
                .bind(i64::from(subtree.level))
                .bind(signed(subtree.position))
                .bind(&hash.0[..])
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn subtrees(&self, which: &[Subtree]) -> Stored<Vec<Digest>> {
        let mut out = Vec::with_capacity(which.len());
        for subtree in which {
            let row = sqlx::query("SELECT hash FROM subtrees WHERE level = $1 AND position = $2")
                .bind(i64::from(subtree.level))
                .bind(signed(subtree.position))
                .fetch_optional(&self.0.readers)
                .await?
                .ok_or(StoreError::Column("subtrees.hash"))?;
            out.push(Digest(fixed(&row, "hash")?));
        }
        Ok(out)
    }

    async fn entries(&self, subject: Option<&Reference>, from: u64, limit: u32) -> Stored<Vec<SealedEntry>> {
        let query = match subject {
            Some(subject) => sqlx::query(
                "SELECT position, at, subject, to_holder, sealed FROM entries
                 WHERE position >= $1 AND subject = $3 ORDER BY position LIMIT $2",
            )
            .bind(signed(from))
            .bind(i64::from(limit))
            .bind(&subject[..]),
            None => sqlx::query(
                "SELECT position, at, subject, to_holder, sealed FROM entries
                 WHERE position >= $1 ORDER BY position LIMIT $2",
            )
            .bind(signed(from))
            .bind(i64::from(limit)),
        };
        query.fetch_all(&self.0.readers).await?.iter().map(entry).collect()
    }

    async fn entries_before(
        &self,
        subject: Option<&Reference>,
        before: Option<u64>,
        limit: u32,
    ) -> Stored<Vec<SealedEntry>> {
        let before = before.map_or(i64::MAX, signed);
        let query = match subject {
            Some(subject) => sqlx::query(
                "SELECT position, at, subject, to_holder, sealed FROM entries
                 WHERE position < $1 AND subject = $3 ORDER BY position DESC LIMIT $2",
            )
            .bind(before)
            .bind(i64::from(limit))
            .bind(&subject[..]),
            None => sqlx::query(
                "SELECT position, at, subject, to_holder, sealed FROM entries
                 WHERE position < $1 ORDER BY position DESC LIMIT $2",
            )
            .bind(before)
            .bind(i64::from(limit)),
        };
        query.fetch_all(&self.0.readers).await?.iter().rev().map(entry).collect()
    }

    async fn is_used(&self, release: &[u8; 32]) -> Stored<bool> {
        let row = sqlx::query("SELECT 1 FROM releases WHERE release = $1")
            .bind(&release[..])
            .fetch_optional(&self.0.readers)
            .await?;
        Ok(row.is_some())
    }

    async fn use_release(&self, release: &[u8; 32], expires: i64, forget: i64) -> Stored<bool> {
        let mut tx = self.0.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM releases WHERE expires < $1").bind(forget).execute(&mut *tx).await?;
        let sql = "INSERT INTO releases (release, expires) VALUES ($1, $2) ON CONFLICT (release) DO NOTHING";
        let used = sqlx::query(sql).bind(&release[..]).bind(expires).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(used.rows_affected() == 1)
    }
}

fn entry(row: &SqliteRow) -> Stored<SealedEntry> {
    let to_holder: i64 = row.try_get("to_holder")?;
    Ok(SealedEntry {
        position: unsigned(row, "position")?,
        at: row.try_get("at")?,
        subject: Digest(fixed(row, "subject")?),
        to_holder: match to_holder {
            0 => false,
            1 => true,
            _ => return Err(StoreError::Column("to_holder")),
        },
        sealed: row.try_get("sealed")?,
    })
}
