//! Reading: what the file says, in the types that it should have.

use super::{Block, SealedClock, Store, StoredTransaction, number};
use crate::embedded::{
    error::EmbeddedError,
    state::{AccountFields, State},
};
use alloy_primitives::{Address, B256, Bytes, U256};
use sqlx::{Row, sqlite::SqliteRow};
use std::collections::BTreeMap;

pub(super) const CLOCK: &str = "clock";
pub(super) const CLOCK_SEAL: &str = "clock-seal";
/// Headers that are read at once.
const PAGE: i64 = 4096;

/// A header's row, as it stands there.
pub(in crate::embedded) struct StoredHeader {
    pub number: u64,
    pub hash: B256,
    pub time: u64,
    pub header: Bytes,
}

impl Store {
    /// The rows of `meta`, without the clock's, which stand apart.
    pub(in crate::embedded) async fn meta(&mut self) -> Result<(BTreeMap<String, String>, SealedClock), EmbeddedError> {
        let mut rows = BTreeMap::new();
        for row in sqlx::query("SELECT key, value FROM meta").fetch_all(&mut self.0).await? {
            rows.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let mut take = |key: &str| rows.remove(key).ok_or_else(|| EmbeddedError::Damaged(format!("{key} is missing")));
        let clock = SealedClock { text: take(CLOCK)?, seal: take(CLOCK_SEAL)? };
        Ok((rows, clock))
    }

    /// Height of the head; none in an empty file.
    pub(in crate::embedded) async fn height(&mut self) -> Result<Option<u64>, EmbeddedError> {
        let row = sqlx::query("SELECT max(number) FROM blocks").fetch_one(&mut self.0).await?;
        row.try_get::<Option<i64>, _>(0)?.map(natural).transpose()
    }

    /// The next headers from a height on; none after the head. From `None`, rows before block 0 come as well, to be refused.
    pub(in crate::embedded) async fn headers(&mut self, from: Option<u64>) -> Result<Vec<StoredHeader>, EmbeddedError> {
        let from = from.map(number).transpose()?.unwrap_or(i64::MIN);
        let sql = "SELECT number, hash, time, header FROM blocks WHERE number >= $1 ORDER BY number LIMIT $2";
        let rows = sqlx::query(sql).bind(from).bind(PAGE).fetch_all(&mut self.0).await?;
        let read = |row: &SqliteRow| -> Result<_, EmbeddedError> {
            let (number, time) = (natural(row.try_get(0)?)?, natural(row.try_get(2)?)?);
            Ok(StoredHeader { number, hash: hash(row, 1)?, time, header: bytes(row, 3)? })
        };
        rows.iter().map(read).collect()
    }

    pub(in crate::embedded) async fn header(&mut self, height: u64) -> Result<Option<StoredHeader>, EmbeddedError> {
        let sql = "SELECT hash, time, header FROM blocks WHERE number = $1";
        let row = sqlx::query(sql).bind(number(height)?).fetch_optional(&mut self.0).await?;
        let read = |row: SqliteRow| {
            let time = natural(row.try_get(1)?)?;
            Ok(StoredHeader { number: height, hash: hash(&row, 0)?, time, header: bytes(&row, 2)? })
        };
        row.map(read).transpose()
    }

    pub(in crate::embedded) async fn block(&mut self, height: u64) -> Result<Option<Block>, EmbeddedError> {
        let row = sqlx::query("SELECT hash, time, header FROM blocks WHERE number = $1")
            .bind(number(height)?)
            .fetch_optional(&mut self.0)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let rows =
            sqlx::query("SELECT hash, raw, receipt, position FROM transactions WHERE block = $1 ORDER BY position")
                .bind(number(height)?)
                .fetch_all(&mut self.0)
                .await?;
        let mut transactions = Vec::new();
        for (position, row) in rows.iter().enumerate() {
            if natural(row.try_get(3)?)? != position as u64 {
                return Err(EmbeddedError::Damaged(format!("block {height} lacks transaction {position}")));
            }
            transactions.push(StoredTransaction { hash: hash(row, 0)?, raw: bytes(row, 1)?, receipt: bytes(row, 2)? });
        }
        Ok(Some(Block {
            number: height,
            hash: hash(&row, 0)?,
            time: natural(row.try_get(1)?)?,
            header: bytes(&row, 2)?,
            transactions,
        }))
    }

    /// In which block a transaction is said to be, and at which place.
    pub(in crate::embedded) async fn transaction(&mut self, hash: B256) -> Result<Option<(u64, u64)>, EmbeddedError> {
        let sql = "SELECT block, position FROM transactions WHERE hash = $1";
        let row = sqlx::query(sql).bind(hash.as_slice()).fetch_optional(&mut self.0).await?;
        row.map(|row| Ok((natural(row.try_get(0)?)?, natural(row.try_get(1)?)?))).transpose()
    }

    /// The height that a block's hash is said to have.
    pub(in crate::embedded) async fn height_of(&mut self, hash: B256) -> Result<Option<u64>, EmbeddedError> {
        let sql = "SELECT number FROM blocks WHERE hash = $1";
        let row = sqlx::query(sql).bind(hash.as_slice()).fetch_optional(&mut self.0).await?;
        row.map(|row| natural(row.try_get(0)?)).transpose()
    }

    /// Heights of the blocks in whose receipts a topic stands, the first first; without one all that have a receipt. Where a receipt was changed, a block is
    /// missed: what is read of those that are found is recomputed.
    pub(in crate::embedded) async fn blocks_with(&mut self, topic: Option<&B256>) -> Result<Vec<u64>, EmbeddedError> {
        let sql = "SELECT DISTINCT block FROM transactions WHERE $1 IS NULL OR instr(receipt, $1) > 0 ORDER BY block";
        let rows = sqlx::query(sql).bind(topic.map(|topic| topic.as_slice())).fetch_all(&mut self.0).await?;
        rows.iter().map(|row| natural(row.try_get(0)?)).collect()
    }

    /// The state after block `height`, every code compared with its hash.
    pub(in crate::embedded) async fn state(&mut self, height: u64) -> Result<State, EmbeddedError> {
        let mut state = State::default();
        for row in sqlx::query("SELECT hash, code FROM codes").fetch_all(&mut self.0).await? {
            let hash = hash(&row, 0)?;
            if !state.add_code(hash, bytes(&row, 1)?) {
                return Err(EmbeddedError::Damaged(format!("the code under {hash} is another one")));
            }
        }
        // SQLite: beside max(), bare columns are those of the row with the maximum.
        let sql =
            "SELECT address, nonce, balance, code_hash, max(block) FROM accounts WHERE block <= $1 GROUP BY address";
        for row in sqlx::query(sql).bind(number(height)?).fetch_all(&mut self.0).await? {
            let (address, fields) = account(&row)?;
            if !state.has_code(fields.code_hash) {
                return Err(EmbeddedError::Damaged(format!("the code of {address} is missing")));
            }
            state.set_account(address, fields);
        }
        let sql = "SELECT address, slot, value, max(block) FROM storage WHERE block <= $1 GROUP BY address, slot";
        for row in sqlx::query(sql).bind(number(height)?).fetch_all(&mut self.0).await? {
            let (address, slot, value) = slot(&row)?;
            if !state.set_slot(address, slot, value) {
                return Err(EmbeddedError::Damaged(format!("{address} has storage and is no account")));
            }
        }
        Ok(state)
    }

    /// That no row is of a block that doesn't exist: one of a later block would be taken for that block's when it comes.
    pub(in crate::embedded) async fn check_heights(&mut self, height: u64) -> Result<(), EmbeddedError> {
        for (table, sql) in [
            ("transactions", "SELECT count(*) FROM transactions WHERE block NOT BETWEEN 0 AND $1"),
            ("accounts", "SELECT count(*) FROM accounts WHERE block NOT BETWEEN 0 AND $1"),
            ("storage", "SELECT count(*) FROM storage WHERE block NOT BETWEEN 0 AND $1"),
        ] {
            let row = sqlx::query(sql).bind(number(height)?).fetch_one(&mut self.0).await?;
            if row.try_get::<i64, _>(0)? != 0 {
                return Err(EmbeddedError::Damaged(format!("{table} has rows of a block that doesn't exist")));
            }
        }
        Ok(())
    }
}

fn account(row: &SqliteRow) -> Result<(Address, AccountFields), EmbeddedError> {
    let (nonce, balance, code_hash) = (natural(row.try_get(1)?)?, hash(row, 2)?.into(), hash(row, 3)?);
    Ok((address(row, 0)?, AccountFields { nonce, balance, code_hash }))
}

fn slot(row: &SqliteRow) -> Result<(Address, U256, U256), EmbeddedError> {
    Ok((address(row, 0)?, hash(row, 1)?.into(), hash(row, 2)?.into()))
}

fn natural(value: i64) -> Result<u64, EmbeddedError> {
    u64::try_from(value).map_err(|_| EmbeddedError::Damaged(format!("{value} stands for a height, time or count")))
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
