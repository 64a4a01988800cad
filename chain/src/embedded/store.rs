//! Blocks, transactions and state on disk: SQLite in WAL mode with synchronous FULL, one database transaction per block.
//!
//! Guarantee: after `kill -9` or power loss at any point, the file holds exactly the acknowledged blocks and possibly the one
//! in flight, never half of one. State rows are append-only by block, so any past state can be read and proven.

use super::{
    error::EmbeddedError,
    state::{Changes, State},
};
use alloy_primitives::{Address, B256, Bytes};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, time INTEGER NOT NULL,
    header BLOB NOT NULL, seal BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS transactions (block INTEGER NOT NULL REFERENCES blocks, position INTEGER NOT NULL,
    hash BLOB NOT NULL UNIQUE, raw BLOB NOT NULL, receipt BLOB NOT NULL, PRIMARY KEY (block, position)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (address BLOB NOT NULL, block INTEGER NOT NULL REFERENCES blocks, nonce INTEGER NOT NULL,
    balance BLOB NOT NULL, code_hash BLOB NOT NULL, PRIMARY KEY (address, block)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS storage (address BLOB NOT NULL, slot BLOB NOT NULL, block INTEGER NOT NULL REFERENCES blocks,
    value BLOB NOT NULL, PRIMARY KEY (address, slot, block)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS codes (hash BLOB PRIMARY KEY, code BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// A stored block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub number: u64,
    pub hash: B256,
    pub time: u64,
    pub header: Bytes,
    pub seal: Bytes,
    /// Hash, raw transaction, receipt.
    pub transactions: Vec<(B256, Bytes, Bytes)>,
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
            .busy_timeout(Duration::from_secs(10));
        let mut connection = SqliteConnection::connect_with(&options).await.map_err(busy)?;
        // WAL with synchronous NORMAL may lose an acknowledged block: believe what the database says, not what was asked.
        let journal: String =
            sqlx::query("PRAGMA journal_mode").fetch_one(&mut connection).await.map_err(busy)?.try_get(0)?;
        let synchronous: i64 =
            sqlx::query("PRAGMA synchronous").fetch_one(&mut connection).await.map_err(busy)?.try_get(0)?;
        if journal != "wal" || synchronous != 2 {
            return Err(EmbeddedError::NotDurable { journal, synchronous });
        }
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await.map_err(busy)?;
        Ok(Self(connection))
    }

    /// Closes the file and waits until it is closed.
    pub(super) async fn close(self) -> Result<(), EmbeddedError> {
        Ok(self.0.close().await?)
    }

    pub(super) async fn meta(&mut self, key: &str) -> Result<Option<String>, EmbeddedError> {
        let row = sqlx::query("SELECT value FROM meta WHERE key = $1").bind(key).fetch_optional(&mut self.0).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(super) async fn set_meta(&mut self, key: &str, value: &str) -> Result<(), EmbeddedError> {
        let sql =
            "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(key).bind(value).execute(&mut self.0).await?;
        Ok(())
    }

    /// One block, all or nothing, with what it changed; and `meta` rows that must come with it.
    pub(super) async fn append(
        &mut self,
        block: &Block,
        changes: &Changes,
        meta: &[(&str, String)],
    ) -> Result<(), EmbeddedError> {
        let number = number(block.number)?;
        let mut transaction = self.0.begin().await?;
        sqlx::query("INSERT INTO blocks (number, hash, time, header, seal) VALUES ($1, $2, $3, $4, $5)")
            .bind(number)
            .bind(block.hash.as_slice())
            .bind(self::number(block.time)?)
            .bind(block.header.as_ref())
            .bind(block.seal.as_ref())
            .execute(&mut *transaction)
            .await?;
        for (position, (hash, raw, receipt)) in block.transactions.iter().enumerate() {
            sqlx::query("INSERT INTO transactions (block, position, hash, raw, receipt) VALUES ($1, $2, $3, $4, $5)")
                .bind(number)
                .bind(position as i64)
                .bind(hash.as_slice())
                .bind(raw.as_ref())
                .bind(receipt.as_ref())
                .execute(&mut *transaction)
                .await?;
        }
        for (hash, code) in &changes.codes {
            sqlx::query("INSERT INTO codes (hash, code) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING")
                .bind(hash.as_slice())
                .bind(code.as_ref())
                .execute(&mut *transaction)
                .await?;
        }
        // A block may touch an account or a slot several times: the last row stands.
        for (address, nonce, balance, code_hash) in &changes.accounts {
            sqlx::query("INSERT OR REPLACE INTO accounts (address, block, nonce, balance, code_hash) VALUES ($1, $2, $3, $4, $5)")
                .bind(address.as_slice())
                .bind(number)
                .bind(self::number(*nonce)?)
                .bind(&balance.to_be_bytes::<32>()[..])
                .bind(code_hash.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        for (address, slot, value) in &changes.storage {
            sqlx::query("INSERT OR REPLACE INTO storage (address, slot, block, value) VALUES ($1, $2, $3, $4)")
                .bind(address.as_slice())
                .bind(&slot.to_be_bytes::<32>()[..])
                .bind(number)
                .bind(&value.to_be_bytes::<32>()[..])
                .execute(&mut *transaction)
                .await?;
        }
        for (key, value) in meta {
            sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2)")
                .bind(*key)
                .bind(value)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Height of the head; none in an empty file.
    pub(super) async fn height(&mut self) -> Result<Option<u64>, EmbeddedError> {
        let row = sqlx::query("SELECT max(number) FROM blocks").fetch_one(&mut self.0).await.map_err(busy)?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(|height| height.unsigned_abs()))
    }

    pub(super) async fn block(&mut self, height: u64) -> Result<Option<Block>, EmbeddedError> {
        let row = sqlx::query("SELECT hash, time, header, seal FROM blocks WHERE number = $1")
            .bind(number(height)?)
            .fetch_optional(&mut self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let transactions =
            sqlx::query("SELECT hash, raw, receipt FROM transactions WHERE block = $1 ORDER BY position")
                .bind(number(height)?)
                .fetch_all(&mut self.0)
                .await?;
        Ok(Some(Block {
            number: height,
            hash: hash(&row, 0)?,
            time: row.try_get::<i64, _>(1)?.unsigned_abs(),
            header: bytes(&row, 2)?,
            seal: bytes(&row, 3)?,
            transactions: transactions
                .iter()
                .map(|row| Ok((hash(row, 0)?, bytes(row, 1)?, bytes(row, 2)?)))
                .collect::<Result<_, EmbeddedError>>()?,
        }))
    }

    /// The state after block `height`.
    pub(super) async fn state(&mut self, height: u64) -> Result<State, EmbeddedError> {
        let mut state = State::default();
        for row in sqlx::query("SELECT hash, code FROM codes").fetch_all(&mut self.0).await? {
            state.add_code(hash(&row, 0)?, bytes(&row, 1)?);
        }
        for row in sqlx::query("SELECT number, hash FROM blocks WHERE number <= $1")
            .bind(number(height)?)
            .fetch_all(&mut self.0)
            .await?
        {
            state.add_hash(row.try_get::<i64, _>(0)?.unsigned_abs(), hash(&row, 1)?);
        }
        // SQLite: beside max(), bare columns are those of the row with the maximum.
        let sql =
            "SELECT address, nonce, balance, code_hash, max(block) FROM accounts WHERE block <= $1 GROUP BY address";
        for row in sqlx::query(sql).bind(number(height)?).fetch_all(&mut self.0).await? {
            let nonce = row.try_get::<i64, _>(1)?.unsigned_abs();
            state.set_account(address(&row, 0)?, nonce, hash(&row, 2)?.into(), hash(&row, 3)?);
        }
        let sql = "SELECT address, slot, value, max(block) FROM storage WHERE block <= $1 GROUP BY address, slot";
        for row in sqlx::query(sql).bind(number(height)?).fetch_all(&mut self.0).await? {
            state.set_slot(address(&row, 0)?, hash(&row, 1)?.into(), hash(&row, 2)?.into());
        }
        state.refresh_all();
        Ok(state)
    }
}

fn number(value: u64) -> Result<i64, EmbeddedError> {
    i64::try_from(value).map_err(|_| EmbeddedError::TooLarge(value))
}

fn bytes(row: &SqliteRow, column: usize) -> Result<Bytes, EmbeddedError> {
    Ok(row.try_get::<Vec<u8>, _>(column)?.into())
}

fn hash(row: &SqliteRow, column: usize) -> Result<B256, EmbeddedError> {
    let value: Vec<u8> = row.try_get(column)?;
    B256::try_from(value.as_slice())
        .map_err(|_| EmbeddedError::Damaged("a value of another length than 32 bytes".into()))
}

fn address(row: &SqliteRow, column: usize) -> Result<Address, EmbeddedError> {
    let value: Vec<u8> = row.try_get(column)?;
    Address::try_from(value.as_slice())
        .map_err(|_| EmbeddedError::Damaged("an address of another length than 20 bytes".into()))
}

fn busy(error: sqlx::Error) -> EmbeddedError {
    let locked = error.as_database_error().is_some_and(|e| e.code().is_some_and(|code| code == "5" || code == "261"));
    if locked { EmbeddedError::InUse } else { EmbeddedError::Database(error) }
}

impl From<Block> for sealroot_protocol::snapshot::BlockRef {
    fn from(block: Block) -> Self {
        Self { number: block.number, hash: block.hash, time: block.time }
    }
}
