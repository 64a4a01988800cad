//! The access log in SQLite: a file of its own, so that a long import doesn't keep disclosures waiting.

use super::{LOG_FILE, Pools, fixed, reached, row::tag, schema::check_indices, signed, unsigned};
use crate::{
    log::merkle::Subtree,
    store::{EntriesOf, Log, ReleaseRow, StoreError, Stored},
};
use sealroot_handover::access_log::SealedEntry;
use sealroot_protocol::field::Digest;
use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};
use std::sync::Arc;
use tokio::sync::Mutex;

const ENTRY: &str = "SELECT position, at, subject, to_holder, sealed FROM entries";

/// A condition on the third bound value.
fn condition(of: EntriesOf) -> (&'static str, Vec<u8>) {
    match of {
        EntriesOf::All => ("length($3) = 0", Vec::new()),
        EntriesOf::One(reference) => ("subject = $3", reference.to_vec()),
        EntriesOf::Others(reference) => ("subject <> $3", reference.to_vec()),
    }
}

/// `log.db`.
#[derive(Debug, Clone)]
pub struct SqliteLog {
    pools: Pools,
    appending: Arc<Mutex<()>>,
}

impl SqliteLog {
    pub(super) fn new(pools: Pools) -> Self {
        Self { pools, appending: Arc::default() }
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }
}

impl Log for SqliteLog {
    fn appending(&self) -> &Mutex<()> {
        &self.appending
    }

    async fn check_indices(&self) -> Stored<()> {
        check_indices(&mut *self.pools.readers.acquire().await?, LOG_FILE, None).await
    }

    async fn size(&self) -> Stored<u64> {
        let row = sqlx::query("SELECT COALESCE(MAX(position) + 1, 0) AS n FROM entries")
            .fetch_one(&self.pools.readers)
            .await?;
        unsigned(&row, "n")
    }

    async fn append(&self, entry: &SealedEntry, completed: &[(Subtree, Digest)]) -> Stored<()> {
        let mut tx = self.pools.writer.begin_with("BEGIN IMMEDIATE").await?;
        let done =
            sqlx::query("INSERT INTO entries (position, at, subject, to_holder, sealed) VALUES ($1, $2, $3, $4, $5)")
                .bind(signed(entry.position))
                .bind(entry.at)
                .bind(&entry.subject.0[..])
                .bind(i64::from(entry.to_holder))
                .bind(&entry.sealed[..])
                .execute(&mut *tx)
                .await
                .map_err(|error| taken(error, entry.position))?;
        reached(&done, 1, "entries")?;
        for (subtree, hash) in completed {
            let done = sqlx::query("INSERT INTO subtrees (level, position, hash) VALUES ($1, $2, $3)")
                .bind(i64::from(subtree.level))
                .bind(signed(subtree.position))
                .bind(&hash.0[..])
                .execute(&mut *tx)
                .await
                // The entry's place was free, and its hashes are there: an entry was taken out of the log.
                .map_err(|error| if is_unique(&error) { StoreError::LogCut } else { error.into() })?;
            reached(&done, 1, "subtrees")?;
        }
        tx.commit().await?;
        // No entry, no disclosure: the entry is what is found, not what a statement said. Another process's next one may stand behind it already.
        match self.entries(EntriesOf::All, entry.position, 1).await?.as_slice() {
            [found] if found == entry => Ok(()),
            found => Err(StoreError::Lost { table: "entries", wanted: 1, reached: found.len() as u64 }),
        }
    }

    async fn subtrees(&self, which: &[Subtree]) -> Stored<Vec<Digest>> {
        let mut out = Vec::with_capacity(which.len());
        for subtree in which {
            let row = sqlx::query("SELECT hash FROM subtrees WHERE level = $1 AND position = $2")
                .bind(i64::from(subtree.level))
                .bind(signed(subtree.position))
                .fetch_optional(&self.pools.readers)
                .await?
                .ok_or(StoreError::LogCut)?;
            out.push(Digest(fixed(&row, "hash")?));
        }
        Ok(out)
    }

    async fn entries(&self, of: EntriesOf, from: u64, limit: u32) -> Stored<Vec<SealedEntry>> {
        let (condition, reference) = condition(of);
        let sql = format!("{ENTRY} WHERE position >= $1 AND {condition} ORDER BY position LIMIT $2");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(signed(from)).bind(i64::from(limit)).bind(reference);
        query.fetch_all(&self.pools.readers).await?.iter().map(entry).collect()
    }

    async fn entries_before(&self, of: EntriesOf, before: Option<u64>, limit: u32) -> Stored<Vec<SealedEntry>> {
        let (condition, reference) = condition(of);
        let sql = format!("{ENTRY} WHERE position < $1 AND {condition} ORDER BY position DESC LIMIT $2");
        let before = before.map_or(i64::MAX, signed);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(before).bind(i64::from(limit)).bind(reference);
        query.fetch_all(&self.pools.readers).await?.iter().rev().map(entry).collect()
    }

    async fn release(&self, release: &[u8; 32]) -> Stored<Option<ReleaseRow>> {
        let row = sqlx::query("SELECT release, expires, tag FROM releases WHERE release = $1")
            .bind(&release[..])
            .fetch_optional(&self.pools.readers)
            .await?;
        row.as_ref().map(release_row).transpose()
    }

    async fn add_release(&self, row: &ReleaseRow) -> Stored<bool> {
        let sql = "INSERT INTO releases (release, expires, tag) VALUES ($1, $2, $3) ON CONFLICT (release) DO NOTHING";
        let query = sqlx::query(sql).bind(&row.release[..]).bind(row.expires).bind(&row.tag.0[..]);
        let added = query.execute(&self.pools.writer).await?.rows_affected() == 1;
        // A signature lets a record out once: the mark must be there, no matter by which run it was made.
        match self.release(&row.release).await? {
            Some(found) if !added || found == *row => Ok(added),
            _ => Err(StoreError::Lost { table: "releases", wanted: 1, reached: 0 }),
        }
    }

    async fn releases_before(&self, time: i64, limit: u32) -> Stored<Vec<ReleaseRow>> {
        let rows = sqlx::query("SELECT release, expires, tag FROM releases WHERE expires < $1 LIMIT $2")
            .bind(time)
            .bind(i64::from(limit))
            .fetch_all(&self.pools.readers)
            .await?;
        rows.iter().map(release_row).collect()
    }

    async fn forget_releases(&self, rows: &[ReleaseRow]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.pools.writer.begin_with("BEGIN IMMEDIATE").await?;
        for row in rows {
            // Another clerk may have forgotten it meanwhile.
            sqlx::query("DELETE FROM releases WHERE release = $1 AND expires = $2")
                .bind(&row.release[..])
                .bind(row.expires)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The position is the key of the table: another process, which reads the vault beside the one that writes, was first.
fn taken(error: sqlx::Error, position: u64) -> StoreError {
    if is_unique(&error) { StoreError::Taken(position) } else { error.into() }
}

fn is_unique(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn release_row(row: &SqliteRow) -> Stored<ReleaseRow> {
    Ok(ReleaseRow { release: fixed(row, "release")?, expires: row.try_get("expires")?, tag: tag(row)? })
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
