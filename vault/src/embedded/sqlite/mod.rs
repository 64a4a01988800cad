//! The embedded store: three SQLite files in one directory.
//!
//! Guarantees: nobody but the vault's user reads a file, from its first byte on. What was committed survives a crash of process and machine. WAL with
//! synchronous = NORMAL may lose an acknowledged transaction, so WAL and FULL are set on every connection and read back; a database that refuses them isn't
//! opened.

mod keys;
mod log;
mod records;
mod row;
mod schema;

use keys::SqliteKeys;
pub use log::SqliteLog;
pub use records::{SqliteRecords, SqliteRecordsTx};

use crate::{
    embedded::private,
    store::{Store, StoreError},
};
use sealroot_files::shown;
use sqlx::{
    Connection, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// File of the records store within the vault's directory.
pub const RECORDS_FILE: &str = "records.db";
/// File of the key store.
pub const KEYS_FILE: &str = "keys.db";
/// File of the access log.
pub const LOG_FILE: &str = "log.db";

/// Migrations of one file, in order: title and SQL.
type Tables = &'static [(&'static str, &'static str)];
const RECORDS_TABLES: Tables = &[
    ("first tables", include_str!("../../../migrations/sqlite/records_0001.sql")),
    ("looks of ids", include_str!("../../../migrations/sqlite/records_0002.sql")),
];
const KEYS_TABLES: Tables = &[("first tables", include_str!("../../../migrations/sqlite/keys_0001.sql"))];
const LOG_TABLES: Tables = &[("first tables", include_str!("../../../migrations/sqlite/log_0001.sql"))];

/// How long a transaction waits for another writer.
const WAIT: Duration = Duration::from_secs(600);
/// Pages that the writer of `records.db` keeps, KiB. References are random: an import with SQLite's 2 MiB would read and write most pages of an index again and again.
/// Data keys and entries of the log come in their order, for which that suffices.
const RECORDS_CACHE_KIB: u32 = 32 * 1024;
/// Connections that read beside the writer.
const READERS: u32 = 4;

/// SQLite, three files.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    directory: PathBuf,
    records: SqliteRecords,
    keys: SqliteKeys,
    log: SqliteLog,
}

impl SqliteStore {
    /// Opens the files in `directory`, creating those that are missing, brings their tables up to date, and refuses a file that has others.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        private::directory(directory)
            .map_err(|source| StoreError::File { path: shown(directory).to_string(), source })?;
        Self::with(directory, Role::Writes).await
    }

    /// Opens the files beside a process that writes: none is made, and `records.db` is only read.
    pub async fn open_beside(directory: &Path) -> Result<Self, StoreError> {
        Self::with(directory, Role::Reads).await
    }

    async fn with(directory: &Path, role: Role) -> Result<Self, StoreError> {
        let open = |file, tables| Pools::open(directory.join(file), file, tables, role);
        Ok(Self {
            directory: directory.to_owned(),
            records: SqliteRecords::new(open(RECORDS_FILE, RECORDS_TABLES).await?, role),
            keys: SqliteKeys(open(KEYS_FILE, KEYS_TABLES).await?),
            log: SqliteLog::new(open(LOG_FILE, LOG_TABLES).await?),
        })
    }

    /// Where the files are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// From now on `records.db` is only read.
    pub(super) fn only_read(&self) {
        self.records.only_read();
    }

    /// Copies the databases, each as it is at one moment: records first, then keys, then the log. So the copy of the keys has those of every row that the copy of the records
    /// has, unless they were destroyed meanwhile, of which the log then tells.
    pub(super) async fn copy_into(&self, directory: &Path) -> Result<(), StoreError> {
        let pools = [(RECORDS_FILE, &self.records.pools), (KEYS_FILE, &self.keys.0), (LOG_FILE, self.log.pools())];
        for (file, pools) in pools {
            let path = directory.join(file);
            // Made first, so that nobody else can read it from its first byte on.
            private::file(&path).map_err(|source| StoreError::File { path: shown(&path).to_string(), source })?;
            let name = path.to_str().ok_or_else(|| StoreError::File {
                path: shown(&path).to_string(),
                source: std::io::Error::new(std::io::ErrorKind::InvalidInput, "its name is not UTF-8"),
            })?;
            sqlx::query("VACUUM INTO $1").bind(name).execute(&pools.readers).await?;
        }
        Ok(())
    }

    /// Closes all connections and folds the write-ahead logs into the files.
    pub async fn close(&self) {
        for pools in [&self.records.pools, &self.keys.0, self.log.pools()] {
            pools.readers.close().await;
            pools.writer.close().await;
        }
    }
}

impl Store for SqliteStore {
    type Records = SqliteRecords;
    type Keys = SqliteKeys;
    type Log = SqliteLog;
    fn records(&self) -> &SqliteRecords {
        &self.records
    }
    fn keys(&self) -> &SqliteKeys {
        &self.keys
    }
    fn log(&self) -> &SqliteLog {
        &self.log
    }
}

/// What this process does with a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writes,
    Reads,
}

/// One writer and some readers of one file: SQLite has one writer at a time anyway, and a queue is fairer than its busy timeout.
#[derive(Debug, Clone)]
pub(crate) struct Pools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Pools {
    async fn open(path: PathBuf, file: &'static str, tables: Tables, role: Role) -> Result<Self, StoreError> {
        private::database(&path).map_err(|source| StoreError::File { path: shown(&path).to_string(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            // Freed pages are overwritten with zeros: erased ciphertexts and wrapped keys don't linger in the file.
            .pragma("secure_delete", "ON")
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON");
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(WAIT)
                // With neither, sqlx has no task that looks after idle connections: in sqlx 0.9 that task can spin for ever while a pool closes.
                .idle_timeout(None)
                .max_lifetime(None)
                .after_connect(|connection, _| Box::pin(async move { durable(connection).await.map_err(into_sqlx) }))
        };
        let writes = if file == RECORDS_FILE {
            options.clone().pragma("cache_size", format!("-{RECORDS_CACHE_KIB}"))
        } else {
            options.clone()
        };
        let writer = pool(1).connect_with(writes).await?;
        if role == Role::Writes {
            schema::migrate(&writer, file, tables).await?;
        }
        schema::check(&writer, file, tables).await?;
        let readers = pool(READERS).connect_lazy_with(options);
        Ok(Self { writer, readers })
    }
}

/// Reads back what durability rests on.
async fn durable(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    connection.ping().await?;
    let journal: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *connection).await?.try_get(0)?;
    if journal != "wal" {
        return Err(StoreError::Durability { pragma: "journal_mode", wanted: "wal", found: journal });
    }
    for (pragma, sql, wanted, text) in
        [("synchronous", "PRAGMA synchronous", 2, "FULL"), ("secure_delete", "PRAGMA secure_delete", 1, "ON")]
    {
        let found: i64 = sqlx::query(sql).fetch_one(&mut *connection).await?.try_get(0)?;
        if found != wanted {
            return Err(StoreError::Durability { pragma, wanted: text, found: found.to_string() });
        }
    }
    Ok(())
}

fn into_sqlx(error: StoreError) -> sqlx::Error {
    match error {
        StoreError::Database(e) => e,
        other => sqlx::Error::Configuration(Box::new(other)),
    }
}

/// A write that a promise depends on must have reached its rows: a trigger could have swallowed it.
pub(crate) fn reached(done: &SqliteQueryResult, wanted: u64, table: &'static str) -> Result<(), StoreError> {
    let reached = done.rows_affected();
    if reached == wanted { Ok(()) } else { Err(StoreError::Lost { table, wanted, reached }) }
}

/// What was deleted must be gone: a trigger could have put it back.
pub(crate) fn none_left(left: usize, table: &'static str) -> Result<(), StoreError> {
    if left == 0 { Ok(()) } else { Err(StoreError::Left { table, left: left as u64 }) }
}

/// A blob of a fixed length.
pub(crate) fn fixed<const N: usize>(
    row: &sqlx::sqlite::SqliteRow,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(|_| StoreError::Column(column))
}

/// An unsigned integer.
pub(crate) fn unsigned<T: TryFrom<i64>>(row: &sqlx::sqlite::SqliteRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Column(column))
}

/// An unsigned integer or nothing.
pub(crate) fn optional<T: TryFrom<i64>>(
    row: &sqlx::sqlite::SqliteRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?.map(|x| T::try_from(x).map_err(|_| StoreError::Column(column))).transpose()
}

/// A number of this program's own counting, far below 2^63.
pub(crate) fn signed(x: u64) -> i64 {
    i64::try_from(x).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// A connection whose settings were weakened behind our back isn't used.
    #[tokio::test]
    async fn durability_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        for pools in [&store.records.pools, &store.keys.0, store.log.pools()] {
            for pool in [&pools.writer, &pools.readers] {
                let mut connection = pool.acquire().await.unwrap();
                durable(&mut connection).await.unwrap();
                for (weaken, name) in
                    [("PRAGMA synchronous = NORMAL", "synchronous"), ("PRAGMA secure_delete = OFF", "secure_delete")]
                {
                    sqlx::query(weaken).execute(&mut *connection).await.unwrap();
                    match durable(&mut connection).await {
                        Err(StoreError::Durability { pragma, .. }) => assert_eq!(pragma, name),
                        other => panic!("{other:?}"),
                    }
                    sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await.unwrap();
                }
            }
        }
        // A database in memory has no write-ahead log.
        let mut memory = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        assert!(matches!(durable(&mut memory).await, Err(StoreError::Durability { pragma: "journal_mode", .. })));
    }
}
