//! Blocks, transactions and state on disk: SQLite in WAL mode with synchronous FULL, one database transaction per block.
//!
//! Guarantee: after `kill -9` or power loss at any point, the file holds exactly the acknowledged blocks and possibly the one
//! in flight, never half of one. State rows are append-only by block, so any past state can be read and proven.
//! Non-guarantee: what is read here is what the file says. [`super::trusted`] recomputes it before anything acts on it.

mod read;
mod schema;

pub(super) use read::StoredHeader;

use super::{
    error::EmbeddedError,
    state::{AccountFields, Changes},
};
use alloy_primitives::{B256, Bytes};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteQueryResult, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

/// A stored block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub number: u64,
    pub hash: B256,
    pub time: u64,
    pub header: Bytes,
    pub transactions: Vec<StoredTransaction>,
}

/// A transaction of a block, and what it did.
#[derive(Debug, Clone)]
pub(super) struct StoredTransaction {
    pub hash: B256,
    pub raw: Bytes,
    pub receipt: Bytes,
}

/// The clock's setting, and the sealer's signature over it at the newest block.
pub(super) struct SealedClock {
    pub text: String,
    pub seal: String,
}

pub(super) struct Store(SqliteConnection);

impl Store {
    /// Opens for this process alone.
    pub(super) async fn open(path: &Path, create: bool) -> Result<Self, EmbeddedError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .locking_mode(SqliteLockingMode::Exclusive)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What a file says in its schema runs no function; sizes of cells are checked before they are used.
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .busy_timeout(Duration::from_secs(10));
        let mut connection = SqliteConnection::connect_with(&options).await?;
        // WAL with synchronous NORMAL may lose an acknowledged block: believe what the database says, not what was asked.
        let journal: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut connection).await?.try_get(0)?;
        let synchronous: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut connection).await?.try_get(0)?;
        if journal != "wal" || synchronous != 2 {
            return Err(EmbeddedError::NotDurable { journal, synchronous });
        }
        if create {
            schema::create(&mut connection).await?;
        }
        Ok(Self(connection))
    }

    /// Whether nothing was ever made in it.
    pub(super) async fn is_empty(&mut self) -> Result<bool, EmbeddedError> {
        schema::is_empty(&mut self.0).await
    }

    /// That it has this version's tables and indices, nothing else, and is sound as a database: damage of free pages shows in no row, and destroys others later.
    pub(super) async fn check(&mut self) -> Result<(), EmbeddedError> {
        schema::check(&mut self.0).await?;
        let found: String = sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut self.0).await?.try_get(0)?;
        if found == "ok" { Ok(()) } else { Err(EmbeddedError::Damaged(found)) }
    }

    /// Closes the file and waits until it is closed.
    pub(super) async fn close(self) -> Result<(), EmbeddedError> {
        Ok(self.0.close().await?)
    }

    /// Keeps the clock's setting.
    pub(super) async fn set_clock(&mut self, clock: &SealedClock) -> Result<(), EmbeddedError> {
        let mut transaction = self.0.begin().await?;
        put_clock(&mut transaction, clock).await?;
        Ok(transaction.commit().await?)
    }

    /// One block, all or nothing, with what it changed and the clock's setting at it; and `meta` rows that must come with it.
    pub(super) async fn append(
        &mut self,
        block: &Block,
        changes: &Changes,
        clock: &SealedClock,
        meta: &[(&str, String)],
    ) -> Result<(), EmbeddedError> {
        let number = number(block.number)?;
        let mut transaction = self.0.begin().await?;
        let done = sqlx::query("INSERT INTO blocks (number, hash, time, header) VALUES ($1, $2, $3, $4)")
            .bind(number)
            .bind(block.hash.as_slice())
            .bind(self::number(block.time)?)
            .bind(block.header.as_ref())
            .execute(&mut *transaction)
            .await?;
        one(done)?;
        for (position, StoredTransaction { hash, raw, receipt }) in block.transactions.iter().enumerate() {
            let done = sqlx::query(
                "INSERT INTO transactions (block, position, hash, raw, receipt) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(number)
            .bind(position as i64)
            .bind(hash.as_slice())
            .bind(raw.as_ref())
            .bind(receipt.as_ref())
            .execute(&mut *transaction)
            .await?;
            one(done)?;
        }
        for (hash, code) in &changes.codes {
            sqlx::query("INSERT INTO codes (hash, code) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING")
                .bind(hash.as_slice())
                .bind(code.as_ref())
                .execute(&mut *transaction)
                .await?;
        }
        // A block may touch an account or a slot several times: the last row stands.
        for (address, _, AccountFields { nonce, balance, code_hash }) in &changes.accounts {
            let done = sqlx::query("INSERT OR REPLACE INTO accounts (address, block, nonce, balance, code_hash) VALUES ($1, $2, $3, $4, $5)")
                .bind(address.as_slice())
                .bind(number)
                .bind(self::number(*nonce)?)
                .bind(&balance.to_be_bytes::<32>()[..])
                .bind(code_hash.as_slice())
                .execute(&mut *transaction)
                .await?;
            one(done)?;
        }
        for (address, slot, _, value) in &changes.words {
            let done =
                sqlx::query("INSERT OR REPLACE INTO storage (address, slot, block, value) VALUES ($1, $2, $3, $4)")
                    .bind(address.as_slice())
                    .bind(&slot.to_be_bytes::<32>()[..])
                    .bind(number)
                    .bind(&value.to_be_bytes::<32>()[..])
                    .execute(&mut *transaction)
                    .await?;
            one(done)?;
        }
        for (key, value) in meta {
            put_meta(&mut transaction, key, value).await?;
        }
        put_clock(&mut transaction, clock).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn put_clock(connection: &mut SqliteConnection, clock: &SealedClock) -> Result<(), EmbeddedError> {
    put_meta(connection, read::CLOCK, &clock.text).await?;
    put_meta(connection, read::CLOCK_SEAL, &clock.seal).await
}

async fn put_meta(connection: &mut SqliteConnection, key: &str, value: &str) -> Result<(), EmbeddedError> {
    let sql = "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    one(sqlx::query(sql).bind(key).bind(value).execute(connection).await?)
}

/// That a row was written: an acknowledged block must be there.
fn one(done: SqliteQueryResult) -> Result<(), EmbeddedError> {
    if done.rows_affected() == 1 { Ok(()) } else { Err(EmbeddedError::Damaged("a row wasn't written".into())) }
}

fn number(value: u64) -> Result<i64, EmbeddedError> {
    i64::try_from(value).map_err(|_| EmbeddedError::TooLarge(value))
}

impl From<Block> for sealroot_protocol::snapshot::BlockRef {
    fn from(block: Block) -> Self {
        Self { number: block.number, hash: block.hash, time: block.time }
    }
}
